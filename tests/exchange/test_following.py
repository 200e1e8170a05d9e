"""The live form: who looks on sees what was saved, is seen, and stops the clock for both."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.exchange.afar import PASSWORD, TINY, invited, notebook_of, open_now
from tests.exchange.served import candidate, member, served
from worksample.course import Course
from worksample.exchange import people, presence, sittings
from worksample.exchange.presence import Presence
from worksample.exchange.versions import Folder

HOSTILE = "<script>alert('cell')</script>"
# one black pixel
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
HUGE = base64.b64encode(
    base64.b64decode(PNG)[:16] + (30_000).to_bytes(4, "big") * 2 + base64.b64decode(PNG)[24:]
).decode()


def saved(course: Course, source: str, *pictures: str, ran: int | None = None) -> None:
    """Ada saved her notebook, with this in one of its cells."""
    book: dict[str, Any] = json.loads(notebook_of(course, "ada"))
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": each}}
        for each in pictures
    ]
    book["cells"][3] |= {"source": source, "outputs": outputs, "execution_count": ran}
    Folder.of(course, TINY, "ada").keep({f"{TINY}.ipynb": json.dumps(book).encode()})


@pytest.mark.parametrize("live", [True, False])
def test_the_notice_says_whether_somebody_may_look_on(built: Course, live: bool) -> None:
    open_now(built, live=live)
    ada, _ = invited(built, "ada", "bob")
    with served(built) as base:
        own = candidate(base, built, ada)
        page = own.get("candidates/ada/").text
    assert ("Somebody of the team is there while you work" in page) == live


def test_who_looks_on_sees_what_was_saved_and_is_seen(built: Course) -> None:
    open_now(built, live=True)
    ada, _ = invited(built, "ada", "bob")
    sittings.start(built, ada, TINY)
    people.add(built, "ines", "interviewer", PASSWORD)
    place, asked = f"team/ada/{TINY}/live", f"api/team/ada/{TINY}/live"
    with served(built) as base:
        own, team = candidate(base, built, ada), member(base, "ines")
        assert "Nothing has been saved yet" in team.get(place).text
        assert place in team.get("team/ada/").text
        before = team.get(asked).json()["at"]
        assert own.get("api/candidates/ada/").json()["attempts"][0]["looking_on"] == ["ines"]
        assert "Here with you: ines" in own.get(f"candidates/ada/{TINY}/").text
        saved(built, "SLOPE = None")
        saved(built, f"SLOPE = {HOSTILE!r}", PNG, HUGE, ran=3)
        assert team.get(asked).json()["at"] != before
        page = team.get(place)
        assert "changed in this version; run 3, in this version" in page.text
        assert page.text.count("&lt;script&gt;") == 1
        assert "alert('cell')</script>" not in page.text
        assert page.text.count("data:image/png;base64,") == 1, "the other has no room in a browser"
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert team.post(f"{place}/pause").status_code == 303
        assert "Paused" in own.get(f"candidates/ada/{TINY}/").text
        assert team.post(f"{place}/resume").status_code == 303
        assert sittings.find(built, ada, TINY).state == "running"


def test_where_the_opening_does_not_say_so_nobody_looks_on(built: Course) -> None:
    open_now(built)
    ada, _ = invited(built, "ada", "bob")
    sittings.start(built, ada, TINY)
    people.add(built, "ines", "interviewer", PASSWORD)
    place = f"team/ada/{TINY}/live"
    with served(built) as base:
        team = member(base, "ines")
        assert place not in team.get("team/ada/").text
        for refused in (team.get(place), team.get(f"api/{place}"), team.post(f"{place}/pause")):
            assert refused.status_code == 409
            assert "obody looks on" in refused.text
    assert sittings.find(built, ada, TINY).state == "running"


def test_who_no_longer_asks_is_no_longer_there() -> None:
    time = [0.0]
    there = Presence(clock=lambda: time[0])
    assert there.note(TINY, "ada", "ines")
    assert not there.note(TINY, "ada", "ines")
    assert there.note(TINY, "ada", "gus")
    assert (there.who(TINY, "ada"), there.who(TINY, "bob")) == (["gus", "ines"], [])
    time[0] = presence.SECONDS / 2
    there.note(TINY, "ada", "gus")
    time[0] = presence.SECONDS
    assert there.who(TINY, "ada") == ["gus"]
    assert there.note(TINY, "ada", "ines"), "she has come again"
