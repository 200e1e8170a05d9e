"""Which files of a folder count, and that a file is never half written."""

from __future__ import annotations

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
