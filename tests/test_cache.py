"""The cache between processes: what it gives is what was made, and nothing else is taken."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from worksample import assignments, cache
from worksample.assignments import reading
from worksample.course import Course


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where entries go in these tests; nothing is remembered within the process."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / ".cache"))
    reading._load.cache_clear()
    yield tmp_path / "home" / ".cache" / "worksample"
    reading._load.cache_clear()


def test_an_assignment_is_read_once_wherever_its_files_lie(
    folder: Path, course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name,) = assignments.ids(course)
    first = assignments.find(course, name)
    monkeypatch.setattr(reading, "_read", lambda _: pytest.fail("it was read before"))
    reading._load.cache_clear()
    assert assignments.find(course, name) == first
    moved = shutil.copytree(course.assignments / name, tmp_path / "elsewhere" / name)
    there = assignments.load(moved)
    assert there.folder == moved
    assert {each.path.parent for each in there.solutions} == {moved / "solutions"}
    assert all(each.path.is_file() for each in there.solutions)


def test_what_was_changed_is_read_anew(folder: Path, course: Course) -> None:
    (name,) = assignments.ids(course)
    before = assignments.find(course, name)
    path = before.folder / "assignment.toml"
    path.write_text(path.read_text().replace(f'title = "{before.title}"', 'title = "Another"'))
    assert assignments.find(course, name).title == "Another"


def test_other_code_of_ours_makes_it_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache.kept("a", "key", lambda: 1) == 1
    assert cache.kept("a", "key", lambda: 2) == 1
    monkeypatch.setattr(cache, "ours", lambda: "of another version")
    assert cache.kept("a", "key", lambda: 2) == 2


class Attack:
    """What a pickle may do when it is read by anybody else."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.place),)


def test_a_planted_entry_runs_nothing(folder: Path, tmp_path: Path) -> None:
    """An entry is data: whoever could write one could otherwise run code as the grader."""
    cache.kept("a", "key", lambda: "made")
    (entry,) = folder.iterdir()
    for planted in (pickle.dumps(Attack(tmp_path / "planted")), b"", b"half of a pickle"):
        entry.write_bytes(planted)
        assert cache.kept("a", "key", lambda: "made anew") == "made anew"
    assert not (tmp_path / "planted").exists()


def test_a_folder_that_others_can_write_is_not_used(folder: Path) -> None:
    cache.kept("a", "key", lambda: "mine")
    folder.chmod(0o777)
    assert cache.kept("a", "key", lambda: "made anew") == "made anew"
    folder.chmod(0o700)
    assert cache.kept("a", "key", lambda: "made anew") == "mine"


def test_no_home_is_no_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache.kept("a", "key", lambda: "made") == "made"


def test_it_does_not_grow_for_ever(folder: Path) -> None:
    for number in range(cache.MOST + 3):
        cache.kept("a", str(number), lambda: "made")
    assert len(list(folder.iterdir())) == cache.MOST
