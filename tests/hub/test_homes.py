"""What lies in a candidate's home is hostile; and what becomes of it when their clock has ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.exchange.afar import TINY, answered, invited, notebook_of, open_now
from worksample.course import Course
from worksample.errors import HostingError
from worksample.exchange import sittings
from worksample.exchange.tables import ClockEvent, opened
from worksample.hub import boxes, homes, keeper
from worksample.hub.places import Places, url
from worksample.records.tables import now


@pytest.fixture
def places(built: Course) -> Iterator[Places]:
    found = Places(built)
    found.make()
    yield found
    found.remove_sockets()


def test_only_regular_files_of_a_home_are_read(tmp_path: Path) -> None:
    """A link would hand in a file of ours, and a pipe would have us wait for ever."""
    home, outside = tmp_path / "home", tmp_path / "outside"
    (home / "work" / "deep").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (home / "work" / "kept.txt").write_text("kept")
    (home / "work" / "deep" / "too.txt").write_text("too")
    (home / "work" / ".hidden").write_text("hidden")
    (home / "work" / "large").write_bytes(b"x" * 2000)
    (home / "work" / "link").symlink_to(outside / "secret")
    (home / "work" / "folder").symlink_to(outside)
    os.mkfifo(home / "work" / "pipe")
    found = dict(homes.saved(home / "work", most=1000))
    assert found == {"kept.txt": b"kept", "deep/too.txt": b"too"}
    (home / "other").symlink_to(outside)
    assert dict(homes.saved(home / "other", most=1000)) == {}
    size, entries = homes.used(home)
    assert size >= 2000
    assert entries == 10


def test_a_note_follows_no_link(tmp_path: Path) -> None:
    target = tmp_path / "target"
    home = tmp_path / "home"
    home.mkdir()
    (home / "note").symlink_to(target)
    homes.leave_note(home, "note", "text")
    assert not target.exists()
    homes.leave_note(home, "other", "text")
    homes.leave_note(home, "other", "text again")
    assert (home / "other").read_text() == "text"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give each candidate a user")
def test_each_candidate_is_a_user_of_their_own_for_good(places: Places) -> None:
    ada, first = homes.prepare(places, "ada")
    _, second = homes.prepare(places, "bob")
    assert first is not None
    assert first >= homes.FIRST_USER
    assert first != second
    assert homes.prepare(places, "ada") == (ada, first)
    # restored from a backup as somebody else's, it is given back, and links in it lead nowhere
    victim = places.course.root / "victim"
    victim.touch()
    (ada / "link").symlink_to(victim)
    for path in (ada, ada / "link"):
        os.chown(path, 0, 0, follow_symlinks=False)
    _, again = homes.prepare(places, "ada")
    assert {path.lstat().st_uid for path in (ada, ada / "link")} == {again}
    assert victim.stat().st_uid == 0
    assert again != second


def test_what_is_saved_is_handed_in_when_the_time_has_ended(places: Places) -> None:
    """The home is read from outside; nothing that the candidate does in there prevents it."""
    course = places.course
    open_now(course)
    ada, bob = invited(course, "ada", "bob")
    for person in (ada, bob):
        sittings.start(course, person, TINY)
    home = places.homes / "ada" / TINY
    home.mkdir(parents=True)
    (home / f"{TINY}.ipynb").write_bytes(answered(notebook_of(course, "ada")))
    (home / "own.txt").write_text("mine")
    assert keeper.collect(places) == []
    assert not keeper.finished(course, "ada")
    hours_ago(course, start=1)
    collected, nothing = keeper.collect(places)
    assert "ada, tiny-regression: collected, receipt" in collected
    assert nothing == "bob, tiny-regression: nothing was saved"
    (receipt,) = sittings.receipts(course, sittings.find(course, ada, TINY))
    assert not opened(course).is_late(receipt)
    assert keeper.collect(places) == []
    assert not keeper.finished(course, "ada"), "the page is to be read first"
    hours_ago(course, start=2, end=1)
    assert keeper.finished(course, "ada")
    assert keeper.finished(course, "nobody")


def hours_ago(course: Course, **hours: float) -> None:
    """Have it that the clocks' events were so long ago."""
    with opened(course).session() as session:
        for row in session.query(ClockEvent):
            row.time = now() - timedelta(hours=hours[row.action])


def test_places_are_closed_and_their_sockets_short(tmp_path: Path) -> None:
    """A socket's path may have 107 bytes and is written down in lower case by JupyterHub."""
    root = tmp_path / ("Deep Ä" * 20)
    root.mkdir()
    places = Places(Course(root))
    places.make()
    try:
        path = str(places.server_socket("a" * 63))
        longer = len("4294967294") - len(str(os.geteuid())) if os.geteuid() else 0
        assert len(path.encode()) + longer < 108, "of the user with the longest number, too"
        assert path == path.lower()
        assert url(path).isascii()
        for folder in (places.run, places.state, places.homes):
            assert folder.stat().st_mode & 0o077 == 0, folder
        secret = places.secret("proxy")
        assert places.secret("proxy") == secret
        assert (places.state / "proxy.secret").stat().st_mode & 0o777 == 0o600
    finally:
        places.remove_sockets()


def test_a_folder_for_sockets_that_is_a_link_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may write to /tmp, and could have put it there first."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "theirs")
    monkeypatch.setattr(Places, "run", property(lambda self: tmp_path / "run"))
    with pytest.raises(HostingError, match="somebody else"):
        Places(Course(tmp_path)).make()


def test_a_record_of_a_sandbox_that_is_gone_ends_nobody(tmp_path: Path) -> None:
    """Its number may be another process's by now, as ours is here."""
    box = boxes.Running("ada", os.getpid(), "1", "another start of the machine", ())
    boxes.remember(tmp_path, box)
    assert boxes.Running.read(box.record()) == box
    box.kill()
    assert boxes.remembered(tmp_path) == []
    (tmp_path / "half.json").write_text("{")
    assert boxes.remembered(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
