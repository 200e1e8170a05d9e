"""Which files of a candidate's own go into the zip that is handed in, and which do not.

The same limits hold where it is taken back (``submissions/collecting.py``): nothing that
was packed is left out later.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from worksample.workbook.tasks import text_of

MAX_FILES = 500
MAX_BYTES = 64 * 2**20  # all own files together
MAX_DEPTH = 8  # folders in folders
MAX_LOOKED_AT = 5000  # names; a notebook may lie in somebody's home folder
NAME_BYTES = 200  # of a file's name

# given out or made by the notebook, and what tools leave
NOT_OWN = {
    *("case", "answers", "feedback", "feedback.html", "feedback.ipynb", "worksample.json"),
    *("timestamp.txt", "submission_secret.txt"),
    *("__pycache__", "__MACOSX", "node_modules", "site-packages", "Thumbs.db", "desktop.ini"),
}
TREE = "work"  # beside the notebook: part of the answer, where an assignment declares it
# never part of a tree: git's folder, and what tools leave in one
NOT_OF_A_TREE = {
    *(
        "",
        ".git",
        ".ipynb_checkpoints",
        "__pycache__",
        "__macosx",
        "node_modules",
        "site-packages",
    ),
    *(".ds_store", ".venv", ".cache", ".pytest_cache", ".mypy_cache", ".ruff_cache"),
    *(".nox", ".tox", "thumbs.db", "desktop.ini"),
}
_SHORT_GIT = re.compile(r"git~\d+")  # what Windows calls it where names are short
PACKED = "-submission.zip"
WHEEL = "worksample_candidate-"  # what the wheel in a package is called, whatever its version
_USUAL = re.compile(r"[\w. ()+,&'@#~=%\[\]-]+")  # can be kept anywhere, and shown in a line


@dataclass
class Own:
    """The files to pack, relative to the folder, and what is left out with the reason."""

    files: list[Path] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def own_files(folder: Path, given: Collection[str]) -> Own:
    """Everything below ``folder`` that is the candidate's, the nearest and smallest first.

    Args:
        given: names in ``folder`` that came with the package.
    """
    own = Own()
    found = _found(folder, given, own)
    found.sort(key=lambda path: (path.suffix not in (".ipynb", ".py"), _size(folder / path), path))
    room = MAX_BYTES
    for path in found:
        size = _size(folder / path)
        if not _is_plain(folder / path):
            own.left_out.append((path.as_posix(), "a link, or not a file that can be read"))
        elif not all(is_usual(part) for part in path.parts):
            own.left_out.append((path.as_posix(), "rename it: letters and digits"))
        elif len(own.files) >= MAX_FILES:
            own.left_out.append((path.as_posix(), f"more than {MAX_FILES} files"))
        elif size > room:
            own.left_out.append((path.as_posix(), f"more than {MAX_BYTES // 2**20} MB in all"))
        else:
            room -= size
            own.files.append(path)
    return own


def is_usual(part: str) -> bool:
    """Whether a file may have this name: it can be kept on any system, and shown in a line."""
    fits = len(unicodedata.normalize("NFC", part).encode("utf-8", "replace")) <= NAME_BYTES
    return fits and bool(_USUAL.fullmatch(part))


def is_left_behind(name: PurePosixPath | Path) -> bool:
    """Hidden, a cache, or ours: part of nobody's work.

    In ``work/``, a tree of its own, files of a hidden name may be: a workflow, what git ignores.
    Git's own folder never is.
    """
    at = name.parts.index(TREE) + 1 if TREE in name.parts[:-1] else 0
    around, within = name.parts[:at], name.parts[at:] if at else ()
    return any(
        part in NOT_OWN or part.startswith((".", "~$", WHEEL)) for part in (around or name.parts)
    ) or any(_is_of_no_tree(part) for part in within)


def _is_of_no_tree(part: str) -> bool:
    """By a name as file systems take it: some know no capitals, and no dots at the end.

    Some see no characters that nobody sees, and take what follows a colon for a part of the file.
    """
    seen = "".join(each for each in part if unicodedata.category(each) != "Cf")
    meant = seen.partition(":")[0].casefold().rstrip(". ")
    return meant in NOT_OF_A_TREE or meant.startswith("~$") or bool(_SHORT_GIT.fullmatch(meant))


def fingerprint(
    notebooks: Iterable[bytes | Sequence[Mapping[str, Any]]], others: Mapping[str, bytes]
) -> str:
    """Twelve characters for what is handed in: the same wherever it is packed, and by whom.

    Of a notebook the kinds and texts of its cells count: it is saved again with other outputs and
    under other names. Of other files the name and every byte do.

    Args:
        notebooks: the bytes or the cells of those right in the folder.
        others: name -> bytes; ``/`` between folders.
    """
    lines = [f"notebook {_digest(_texts(each))}" for each in notebooks]
    lines += [
        f"{unicodedata.normalize('NFC', name)}\0{_digest(data)}" for name, data in others.items()
    ]
    return _digest("\n".join(sorted(lines)).encode("utf-8", "replace"))[:12]


def is_notebook(path: Path | PurePosixPath) -> bool:
    """Whether a file counts as a notebook: right in the folder, by its ending."""
    return path.suffix == ".ipynb" and len(path.parts) == 1


def cells_of(notebook: bytes) -> list[Mapping[str, Any]] | None:
    """The cells of a notebook's bytes; None if it is not one of format 4."""
    try:
        cells = json.loads(notebook.decode("utf-8-sig"))["cells"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return [cell for cell in cells if isinstance(cell, Mapping)] if isinstance(cells, list) else []


def _texts(notebook: bytes | Sequence[Mapping[str, Any]]) -> bytes:
    if isinstance(notebook, bytes):
        cells = cells_of(notebook)
        return notebook if cells is None else _texts(cells)
    kept = [[cell.get("cell_type"), text_of(cell), _pictures(cell)] for cell in notebook]
    return json.dumps([each for each in kept if each[1]], sort_keys=True).encode()


def _pictures(cell: Mapping[str, Any]) -> dict[str, str]:
    """What was put into a text: name -> all of its data, in one text."""
    found = cell.get("attachments")
    return {str(k): repr(v) for k, v in found.items()} if isinstance(found, Mapping) else {}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _found(folder: Path, given: Collection[str], own: Own) -> list[Path]:
    found: list[Path] = []
    level, looked_at = [Path()], 0
    while level:  # by depth: what lies nearest is looked at before the limit is met
        here, level = level, []
        for below in here:
            for entry in _entries(folder / below, own):
                looked_at += 1
                path = below / entry.name
                if looked_at > MAX_LOOKED_AT:
                    own.left_out.append((f"{below}/…", f"more than {MAX_LOOKED_AT} files here"))
                    return found
                if is_left_behind(path) or path.parts[0] in given or path.name.endswith(PACKED):
                    continue
                if not entry.is_dir(follow_symlinks=False):
                    found.append(path)
                elif len(path.parts) > MAX_DEPTH:
                    own.left_out.append((f"{path}/", f"more than {MAX_DEPTH} folders deep"))
                elif not (folder / path / "pyvenv.cfg").exists():
                    level.append(path)
    return found


def _entries(folder: Path, own: Own) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        own.left_out.append((f"{folder.as_posix()}/", "it cannot be read"))
        return []


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and os.access(path, os.R_OK)
