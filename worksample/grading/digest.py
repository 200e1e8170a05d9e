"""What a score depends on, as hashes: the code that grades, and the author's files."""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import worksample
from worksample import cache, disk

# the author's files that no score depends on
_UNSCORED = (
    "solutions",
    "skins",
    "panel.py",
    "panel",
    "readers.py",
    "guide.md",
    "rubric.toml",
    "README.md",
)
_OURS = re.compile(r"worksample\.\w+(\.\w+)*")


@functools.cache
def engine() -> str:
    """sha256 of the code that runs and scores attempts: all of :func:`scoring_files`."""
    root = Path(worksample.__file__).parent
    return cache.kept("engine", str(root), lambda: _digest(root, scoring_files(root)))


def scoring_files(root: Path) -> list[Path]:
    """The files of ``grading/`` and of every package or module that these name, and so on.

    What is named is read off the code: import lines, also those in functions, and strings that
    are a module's name, as when it is started as a process. Nothing is listed by hand.

    Args:
        root: folder of the package ``worksample``.
    """
    found: set[str] = set()
    new = {"grading"}
    while new:
        found |= new
        files = [path for part in new for path in _files(root, part)]
        new = {part for path in files for part in _named(path)} - found
    return sorted(path for part in found for path in _files(root, part))


def author(folder: Path) -> str:
    """sha256 of the author's files that a score may depend on."""
    found = disk.kept(folder).values()
    scoring = [path for path in found if path.relative_to(folder).parts[0] not in _UNSCORED]
    stamps = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in scoring)
    return _author(folder, stamps)


def key_of(inputs: Mapping[str, str]) -> str:
    """One sha256 for everything that a score depends on."""
    return of(json.dumps(dict(inputs), sort_keys=True).encode())


def of(*parts: bytes) -> str:
    """sha256 of some bytes; of several parts, of their hashes one after the other."""
    hashes = [hashlib.sha256(part) for part in parts]
    if len(hashes) == 1:
        return hashes[0].hexdigest()
    return hashlib.sha256(b"".join(each.digest() for each in hashes)).hexdigest()


def _files(root: Path, part: str) -> list[Path]:
    """The modules of a package of ours, or the one of that name; none for another name."""
    if (root / f"{part}.py").is_file():
        return [root / f"{part}.py"]
    return [path for path in (root / part).rglob("*.py") if "__pycache__" not in path.parts]


def _named(path: Path) -> Iterator[str]:
    """First parts of our modules that a file names."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = [node.value]
        yield from (name.split(".")[1] for name in names if _OURS.fullmatch(name))


@functools.lru_cache(maxsize=32)
def _author(folder: Path, stamps: tuple[tuple[str, int, int], ...]) -> str:
    return _digest(folder, [Path(stamp[0]) for stamp in stamps])


def _digest(root: Path, files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in files:
        total.update(f"{path.relative_to(root).as_posix()}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
