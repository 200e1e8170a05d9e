"""Which files of a folder count, and that a file is never half written."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from worksample import disk


def test_what_editors_and_python_leave_does_not_count(tmp_path: Path) -> None:
    for name in ("b.py", "a/x.csv", ".hidden", "a/.ipynb_checkpoints/x.csv", "__pycache__/b.pyc"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    found = disk.kept(tmp_path)
    assert list(found) == ["a/x.csv", "b.py"]
    assert all(path.read_text() == name for name, path in found.items())


def test_a_file_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads meanwhile has the old file whole, also where the writer is stopped."""
    target = tmp_path / "new" / "page.html"
    disk.replace(target, b"old")

    def stopped(self: Path, _: Path) -> None:
        assert self.read_bytes() == b"new"
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stopped)
        with pytest.raises(KeyboardInterrupt):
            disk.replace(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(target.parent.iterdir()) == [target]
    disk.replace(target, b"new")
    assert target.read_bytes() == b"new"


KILLED = """
import os, signal, sys
from worksample import disk
with disk.scratch("killed") as folder:
    (folder / "hand-in").write_text("somebody's work")
    print(folder, flush=True)
    if sys.argv[1:]:
        sys.stdin.read()
    else:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_leaves_is_removed_and_what_a_living_one_has_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    start = [sys.executable, "-P", "-c", KILLED]
    dead = subprocess.run(start, capture_output=True, text=True, check=False)
    left = Path(dead.stdout.strip())
    assert (left / "hand-in").exists()
    with subprocess.Popen([*start, "wait"], stdin=-1, stdout=-1, text=True) as living:
        assert living.stdout is not None
        used = Path(living.stdout.readline().strip())
        assert not left.exists()
        with disk.scratch("other") as folder:
            assert folder.parent == used.parent == left.parent
            assert folder.parent.stat().st_mode & 0o777 == 0o700
            disk.sweep_scratch()
            assert (used / "hand-in").exists()
        living.communicate()
    assert [*folder.parent.iterdir()] == []


def test_a_scratch_folder_is_never_in_what_another_has_put_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / f"worksample-{os.getuid()}").symlink_to(elsewhere)
    with disk.scratch("asked"):
        assert [*elsewhere.iterdir()] == []
