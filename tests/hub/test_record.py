"""The work record: what was saved is kept from outside, version by version, for the team to see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.afar import PASSWORD, TINY, invited, notebook_of, open_now
from tests.exchange.served import member, served
from tests.hub.test_homes import hours_ago
from worksample.course import Course
from worksample.exchange import people, sittings, versions
from worksample.exchange.versions import Folder
from worksample.hub import keeper
from worksample.hub.places import Places
from worksample.privacy import copying
from worksample.privacy import places as private
from worksample.workbook.tasks import text_of

HOSTILE = "<script>alert('cell')</script>"


@pytest.fixture
def places(built: Course) -> Iterator[Places]:
    """Ada is at work, Bob was invited; both have a folder that is called as the work."""
    found = Places(built)
    found.make()
    open_now(built)
    ada, _ = invited(built, "ada", "bob")
    sittings.start(built, ada, TINY)
    for who in ("ada", "bob"):
        home = found.homes / who / TINY
        (home / "toolkit").mkdir(parents=True)
        (home / "toolkit" / "given.py").write_text("ours")
        save(home, json.loads(notebook_of(built, "ada")))
    yield found
    found.remove_sockets()


def save(home: Path, book: dict[str, Any]) -> None:
    (home / f"{TINY}.ipynb").write_text(json.dumps(book))


def edited(home: Path, number: int, source: str, **rest: Any) -> None:
    book = json.loads((home / f"{TINY}.ipynb").read_text())
    book["cells"][number] |= {"source": source, **rest}
    save(home, book)


def test_each_save_is_kept_once_while_the_clock_runs(places: Places) -> None:
    course, home = places.course, places.homes / "ada" / TINY
    folder = Folder.of(course, TINY, "ada")
    assert keeper.record(places) == [f"ada, {TINY}: a version was kept"]
    assert keeper.record(places) == []
    edited(home, 3, "SLOPE = 2", execution_count=1)
    assert keeper.record(places)
    edited(home, 3, "SLOPE = 3", execution_count=2)
    whole = (home / f"{TINY}.ipynb").read_bytes()
    (home / f"{TINY}.ipynb").write_bytes(whole[:1000])  # JupyterLab is just saving it
    assert keeper.record(places) == []
    (home / f"{TINY}.ipynb").write_bytes(whole)
    (home / "work").mkdir()
    (home / "work" / "own.py").write_text("mine")
    assert keeper.record(places)
    first, *_, last = folder.listed()
    assert list(last.files) == ["work/own.py"], "what came with the work is no work of theirs"
    assert folder.content(last.files["work/own.py"]) == b"mine"
    assert folder.cells(last, f"{TINY}.ipynb")[3]["source"] == "SLOPE = 3"
    assert text_of(folder.cells(first, f"{TINY}.ipynb")[3]) == "SLOPE = None"
    cells = len(first.notebooks[f"{TINY}.ipynb"])
    said = [str(each) for each in versions.growth(folder, folder.listed())]
    changed = "cells: 1 changed, 1 run"
    assert said == [f"cells: {cells} new", changed, f"{changed}; 1 other file"]
    assert len(list((folder.path / "kept").iterdir())) == cells + 3, "each content once"
    hours_ago(course, start=1)
    edited(home, 3, "SLOPE = 4")
    assert keeper.record(places) == [], "the time has ended"
    assert Folder.of(course, TINY, "bob").listed() == [], "he has not begun"
    assert folder.path in private.of(course, "ada"), "erased with her"
    assert f"saved versions/{TINY}/versions.jsonl" in copying.copy(course, "ada").files


def test_what_cannot_be_a_notebook_or_is_too_much_stops_nothing(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = places.homes / "ada" / TINY
    folder = Folder.of(places.course, TINY, "ada")
    (home / f"{TINY}.ipynb").write_bytes(b"\xff{")
    assert keeper.record(places) == []
    (home / f".~{TINY}.ipynb").touch()  # nothing that is put there stops the record
    (home / "deep.ipynb").write_text('{"cells": [' + '{"a": ' * 900 + "1" + "}" * 900 + "]}")
    (home / "many.ipynb").write_text(json.dumps({"cells": [{}] * (versions.MOST_CELLS + 1)}))
    (home / "link").symlink_to(places.course.root / "nbgrader_config.py")
    assert keeper.record(places)
    (version,) = folder.listed()
    assert {f"{TINY}.ipynb", "many.ipynb"} <= set(version.files)
    assert "link" not in version.files
    with (folder.path / "versions.jsonl").open("ab") as file:
        file.write(b'{"time": "half of a li')  # a kill came between
    monkeypatch.setattr(versions, "LARGEST", 10)
    (home / "small.txt").write_text("small")
    assert keeper.record(places)
    assert [sorted(each.files) for each in folder.listed()[1:]] == [["small.txt", f"{TINY}.ipynb"]]
    monkeypatch.setattr(versions, "MOST_BYTES", 1)
    (home / "small.txt").write_text("other")
    assert keeper.record(places) == []
    assert len(folder.listed()) == 2


def test_the_team_sees_it_grow_and_nothing_of_it_is_run(places: Places) -> None:
    course, home = places.course, places.homes / "ada" / TINY
    keeper.record(places)
    output = {"output_type": "stream", "name": "stdout", "text": f"{HOSTILE}\n"}
    edited(home, 3, f"SLOPE = {HOSTILE!r}", execution_count=7, outputs=[output])
    keeper.record(places)
    people.add(course, "ines", "interviewer", PASSWORD)
    with served(course) as base:
        team = member(base, "ines")
        page = team.get(f"team/ada/{TINY}/record").text
        first = team.get(f"team/ada/{TINY}/record?at=1").text
        for strange in ("0", "99", "-1", "x" * 3000, "9" * 30):
            answer = team.get(f"team/ada/{TINY}/record?at={strange}")
            assert answer.status_code == 200, strange
        assert "Nothing of it is kept" in team.get(f"team/bob/{TINY}/record").text
    assert "Version 2 of 2" in page
    assert "changed in this version; run 7, in this version" in page
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2
    assert "SLOPE = None" in first
    assert "clock: start" in first
