"""What is done with files everywhere: find those that count, write one at a stroke, keep it."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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


@contextmanager
def scratch(purpose: str) -> Iterator[Path]:
    """A folder for the time of one piece of work, of this account alone, gone afterwards.

    What people handed in is unpacked in such folders. So what a killed process could not remove is
    removed by whoever needs one next; that a process lives is seen by its lock, not by its number.

    Args:
        purpose: begins the folder's name, for who looks at the disk.
    """
    with _alone(_scratch_root()) as root:
        _sweep(root)
        folder = Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=root))
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def sweep_scratch() -> None:
    """Remove what killed processes left of their :func:`scratch` folders."""
    with _alone(_scratch_root()) as root:
        _sweep(root)


def _scratch_root() -> Path:
    """Ours in the temporary folder; another one where somebody else made that before us."""
    for number in range(100):
        root = Path(
            tempfile.gettempdir(), f"worksample-{os.getuid()}" + f"-{number}" * bool(number)
        )
        with suppress(FileExistsError):
            root.mkdir(mode=0o700)
        found = root.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
            root.chmod(0o700)
            return root
    raise FileExistsError(f"every name tried for a scratch folder is taken: {root}")


@contextmanager
def _alone(root: Path) -> Iterator[Path]:
    """Nobody else makes or sweeps folders there meanwhile."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield root
    finally:
        os.close(descriptor)


def _sweep(root: Path) -> None:
    for folder in root.iterdir():
        try:
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # its owner has just removed it, or it is none of ours
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass  # somebody works in it
        finally:
            os.close(held)
