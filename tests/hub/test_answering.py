"""Time that went by while our side was away, or could not start a workspace, is nobody's."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from jupyterhub import orm
from jupyterhub.objects import Hub
from jupyterhub.spawner import SpawnException
from jupyterhub.user import User
from traitlets.config import Config

from tests.exchange.afar import TINY, invited, open_now
from worksample.course import Course
from worksample.exchange import absence, sittings
from worksample.exchange.clock import SERVICE
from worksample.exchange.people import Person
from worksample.exchange.sittings import Sitting
from worksample.exchange.tables import ClockEvent, opened
from worksample.hub import answering, work
from worksample.hub.places import Places
from worksample.hub.spawner import BoxSpawner
from worksample.records.tables import now

MINUTE = timedelta(minutes=1)


@pytest.fixture
def people(built: Course) -> dict[str, Person]:
    open_now(built)
    names = ("ada", "bob", "cleo", "dan")
    found = dict(zip(names, invited(built, *names), strict=True))
    for name in names[:3]:
        sittings.start(built, found[name], TINY)
    return found


def of(course: Course, person: Person) -> Sitting:
    return sittings.find(course, person, TINY)


def begun(course: Course, name: str, ago: timedelta, action: str = "start") -> None:
    with opened(course).session() as session:
        for row in session.query(ClockEvent).filter_by(candidate=name, action=action):
            row.time = now() - ago


def minutes(time: timedelta) -> int:
    return round(time / MINUTE)


def test_what_was_lost_while_we_were_away_is_given_back_once(
    built: Course, people: dict[str, Person]
) -> None:
    """To whom it was lost: not to who was paused, nor to who has not begun."""
    whole = of(built, people["dan"]).clock.minutes
    begun(built, "ada", 15 * MINUTE)
    begun(built, "cleo", (whole + 5) * MINUTE)  # it ran out while we were away
    sittings.pause(built, of(built, people["bob"]), "grace", "a fire drill")
    begun(built, "bob", 12 * MINUTE)
    begun(built, "bob", 11 * MINUTE, "pause")
    assert absence.answers(built, now() - 10 * MINUTE) == []
    said = absence.answers(built)
    assert [words.split(",")[0] for words in said] == ["ada", "cleo"]
    assert "did not answer" in said[0]
    ada, cleo = of(built, people["ada"]).clock, of(built, people["cleo"]).clock
    assert minutes(ada.given_back) == 10
    assert minutes(ada.left) == round(whole) - 5
    # ten minutes before now five were left of it: these, and not ten
    assert minutes(cleo.given_back) == minutes(cleo.left) == 5
    assert of(built, people["cleo"]).state == "running"
    assert of(built, people["bob"]).clock.given_back == timedelta(0)
    assert absence.answers(built) == []
    event = sittings.events(built, TINY, "ada")[-1]
    assert (event.action, event.actor) == ("extend", SERVICE)
    assert "did not answer from" in event.reason


def test_what_is_short_is_no_absence(built: Course, people: dict[str, Person]) -> None:
    """Somebody would be given time for each look that a busy machine takes longer for."""
    for ago in (12, 6, 0):
        assert absence.answers(built, now() - timedelta(seconds=ago)) == []
    assert of(built, people["ada"]).clock.given_back == timedelta(0)


async def ended(spawner: BoxSpawner) -> str:
    raise spawner._ended()


def test_a_workspace_that_cannot_be_started_stops_the_clock(
    built: Course, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said that no time passes, and time passed."""
    places = Places(built)
    places.make()
    database = orm.new_session_factory("sqlite:///:memory:")()
    database.add(orm.User(name="ada"))
    database.commit()
    c = Config()
    c.BoxSpawner.course = str(built.root)
    user = User(orm.User.find(database, "ada"), {"config": c})
    spawner = BoxSpawner(config=c, user=user, hub=Hub(), orm_spawner=orm.Spawner(name=""))
    spawner.room_mb = 1e12  # the disk is nearly full
    try:
        with pytest.raises(SpawnException, match="no time of yours"):
            asyncio.run(spawner.start())
    finally:
        places.remove_sockets()
    ada = of(built, people["ada"])
    assert ada.state == "paused"
    assert ada.clock.ours
    assert of(built, people["bob"]).state == "running"
    work.let_go(built, "ada")
    assert of(built, people["ada"]).state == "running"
    # what ends inside may be the candidate's own doing
    monkeypatch.setattr(BoxSpawner, "_started", ended)
    with pytest.raises(SpawnException, match="did not start"):
        asyncio.run(spawner.start())
    assert of(built, people["ada"]).state == "running"
    # what the team has stopped is the team's to let go on
    sittings.pause(built, of(built, people["ada"]), "grace", "a fire drill")
    work.hold(built, "ada")
    work.let_go(built, "ada")
    assert of(built, people["ada"]).state == "paused"


class Answers(BaseHTTPRequestHandler):
    """Stands for the proxy: what it knows, and what it does not."""

    down: tuple[str, ...] = ()

    def do_GET(self) -> None:
        host, known = str(self.headers["Host"]).partition(":")[0], self.down
        gone = any(each in host for each in known)
        self.send_response(503 if gone else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody wants to know."""


def test_hub_and_exchange_are_asked_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = "https://work.example.org"
        listen = f"http://127.0.0.1:{server.server_port}"
        assert answering.everything(listen, address)
        monkeypatch.setattr(Answers, "down", ("exchange--service.work",))
        assert answering.hub(listen, address)
        assert not answering.everything(listen, address)
        server.shutdown()
    assert not answering.hub(listen, address)
