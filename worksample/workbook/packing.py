"""Which files of a candidate's own go into the zip that is handed in, and which do not.

The same limits hold where it is taken back (``submissions/collecting.py``): nothing that
was packed is left out later.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

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
PACKED = "-submission.zip"
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
    """Hidden, a cache, or ours: part of nobody's work."""
    return any(part in NOT_OWN or part.startswith((".", "~$")) for part in name.parts)


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
