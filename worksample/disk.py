"""Two things that are done with files everywhere: find those that count, write one at a stroke."""

from __future__ import annotations

import os
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
