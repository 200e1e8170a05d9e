"""What is done with files everywhere: find those that count, write one at a stroke, keep it."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def kept(folder: Path) -> dict[str, Path]:
    """Relative name -> file below ``folder``, by name, without what editors and Python leave."""
    found = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in parts):
            found["/".join(parts)] = path
    return found


def replace(path: Path, data: bytes) -> None:
    """Write a file in one step, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_through(path: Path, data: bytes) -> None:
    """Write a file that is on the disk when this returns, and outlasts a loss of power."""
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Have the names in a folder on the disk: what was renamed into it is there to stay."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_through(path: Path, data: bytes) -> None:
    """As :func:`replace`, and it outlasts a loss of power. Threads may write beside each other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        write_through(beside, data)
        beside.replace(path)
        flush_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)
