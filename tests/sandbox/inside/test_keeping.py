"""What was changed in a folder is put back, and what was only read is left alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from worksample.sandbox.inside import keeping
from worksample.sandbox.inside.agent import close_all_but
from worksample.sandbox.inside.keeping import Keeper, Kept

OLD = 1_000_000_000 * 10**9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files, a folder in a folder, a link, a pipe; all of long ago."""
    made = tmp_path / "ä folder"
    (made / "deep" / "deeper").mkdir(parents=True)
    (made / "kept.txt").write_text("kept")
    (made / "deep" / "deeper" / "model.bin").write_bytes(bytes(1000))
    (made / "link").symlink_to("kept.txt")
    os.mkfifo(made / "pipe")
    for path in sorted(made.rglob("*"), reverse=True):
        os.utime(path, ns=(OLD, OLD), follow_symlinks=False)
    return made


def seen(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Name -> mode, times and content of everything below; of files when they were read, too.

    To look at a folder or a link is to read it.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        link = os.fsencode(os.readlink(path)) if path.is_symlink() else b""
        regular = stat.S_ISREG(state.st_mode)
        times = (state.st_mode, state.st_atime_ns * regular, state.st_mtime_ns)
        found[str(path.relative_to(folder))] = (*times, path.read_bytes() if regular else link)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns), follow_symlinks=False)
    return found


def _replaced(folder: Path) -> None:
    (folder / "kept.txt").unlink()
    (folder / "kept.txt").mkdir()
    (folder / "kept.txt" / "word").write_text("word")


def _as_before(folder: Path) -> None:
    """Another content of the same length, and the times set back."""
    (folder / "kept.txt").write_text("tpek")
    os.utime(folder / "kept.txt", ns=(OLD, OLD))


def _gone(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def _closed(folder: Path) -> None:
    (folder / "deep" / "deeper" / "word").write_text("word")
    (folder / "deep" / "deeper").chmod(0)
    (folder / "deep").chmod(0o500)


def _deep(folder: Path) -> None:
    """Beyond what calls can nest, and what a path can name."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(2200):
        os.mkdir("x", dir_fd=here)
        below = os.open("x", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def _linked_away(folder: Path) -> None:
    """A link in place of a folder leads to files that are nobody's to be changed."""
    outside = folder.parent / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "model.bin").write_text("of somebody else")
    (folder / "deep" / "deeper" / "model.bin").unlink()
    (folder / "deep" / "deeper").rmdir()
    (folder / "deep" / "deeper").symlink_to(outside)


CHANGES: dict[str, Callable[[Path], object]] = {
    "written": lambda folder: (folder / "kept.txt").write_text("word"),
    "written, times set back": _as_before,
    "new": lambda folder: (folder / "deep" / "word").write_text("word"),
    "gone": _gone,
    "replaced by a folder": _replaced,
    "another mode": lambda folder: (folder / "kept.txt").chmod(0o755),
    "another time": lambda folder: os.utime(folder / "deep"),
    "read": lambda folder: (folder / "kept.txt").read_text(),
    "closed": _closed,
    "deeper than a call can nest": _deep,
    "a link in place of a folder": _linked_away,
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_of_a_change_is_left(folder: Path, change: str) -> None:
    before = seen(folder)
    kept = Kept([str(folder)])
    for _ in range(2):  # what was restored is what is expected from then on
        CHANGES[change](folder)
        kept.restore()
        assert seen(folder) == before
    outside = folder.parent / "outside" / "model.bin"
    assert not outside.exists() or outside.read_text() == "of somebody else"


def test_what_is_too_large_to_be_kept_may_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model's file beside the notebook was taken away by the first call that loaded it."""
    monkeypatch.setattr(keeping, "MAX_KEPT", 100)
    kept, model = Kept([str(folder)]), folder / "deep" / "deeper" / "model.bin"
    assert model.read_bytes() == bytes(1000)
    kept.restore()
    assert model.read_bytes() == bytes(1000)
    model.write_text("word")
    kept.restore()
    assert not model.exists()


def test_what_is_mounted_in_a_folder_is_not_looked_through() -> None:
    """An interpreter below /tmp was read through before every call: a second and more of CPU."""
    mounted = [f"/dev/{name}" for name in os.listdir("/dev") if os.path.ismount(f"/dev/{name}")]
    assert mounted, "every Linux mounts something in /dev"
    found = list(keeping._below("/dev", os.lstat("/dev").st_dev))
    assert "/dev/null" in found
    assert not [path for path in found if path.startswith(tuple(mounted))]


def test_a_process_of_its_own_does_it_for_as_long_as_it_lives(folder: Path) -> None:
    before = seen(folder)
    keeper = Keeper([str(folder), str(folder / "not there")], None, close_all_but)
    (folder / "word").write_text("word")
    assert keeper.restore()
    assert seen(folder) == before
    os.kill(keeper.pid, 9)
    os.waitpid(keeper.pid, 0)
    assert not keeper.restore()
