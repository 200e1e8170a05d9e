"""Builds, runs, asks, stops and rebuilds a candidate's image; lets commits and its guide happen."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from worksample.grading.events import Event, Happening
from worksample.grading.image import Build, Use
from worksample.grading.services import Ask, Ends, Fetch, Pause, Read, Ready, Request, Send, Start
from worksample.kit.wheels import BROKEN, wheel

from .hidden.heat import body
from .hidden.story import pins
from .judging import commits

if TYPE_CHECKING:
    from worksample.case import Case
    from worksample.probe import Call

LIBRARIES = ("json", "subprocess", "tarfile", "flask")
SECONDS = 60.0
READY = "/health/ready"
NO_ROWS: tuple[bytes, ...] = (
    b"",
    b"no json",
    b"[]",
    b"3",
    b"null",
    b"{}",
    b'{"unit": "a"}',
    b'{"unit": "a", "medium": "r32", "age_years": "old"}',
    b'{"unit": "a", "medium": "r32", "age_years": true}',
    b'{"unit": "a", "medium": "r32", "age_years": [1]}',
    b'{"unit": "a", "medium": ["r32"]}',
    b'{"unit": "a", "medium": "r32", "flow_c": {"a": 1}}',
    b'\xff\xfe{"unit"',
    b"[" * 3_000,
)
NO_BATCHES: tuple[bytes, ...] = (
    b'{"rows": 3}',
    b'{"rows": [1]}',
    b'{"rows": {"a": 1}}',
    b"[]",
    b'{"rows": [{"unit": "a", "medium": "r32"}, {"unit": "b", "medium": "r32", "flow_c": "x"}]}',
)


def calls(case: Case) -> tuple[Call, ...]:
    """No function of the notebook is called."""
    return ()


def trials(case: Case, tree: Mapping[str, bytes]) -> Iterator[Happening]:
    """Commits that happen to the repository, and the guide in a clean folder."""
    password = case.truth()["password"]
    secrets = {"REGISTRY_PASSWORD": password}
    for name, change in commits.commits(tree).items():
        events = (Event("push", change, "Change", secrets=secrets),)
        yield Happening(f"ci/{name}", tree, events, password, SECONDS)
    guide = commits.guide(tree)
    for name, port in (("usual", None), ("other", "8123")) if guide else ():
        change = {"docs/NOTES.md": "# Notes\n"} if port is None else {"guide.port": port}
        yield Happening(f"guide/{name}", guide or {}, (Event("push", change),), "", SECONDS)


def images(case: Case, tree: Mapping[str, bytes]) -> Iterator[Build]:
    """Their image: asked, loaded, stopped; after a change of the code; and built in a year."""
    truth = case.truth()
    given = truth["given"]
    memory = truth["memory_mb"]
    env = f"REGISTRY_TOKEN={truth['token']}\n".encode()
    context = {**tree, ".env": env}
    begin = (Start(()), Ready(READY, seconds=30))
    served = Use("served", (*begin, *_asks(given)), seconds=120)
    crowd = Use("crowd", (*begin, *_mass(truth)), memory_mb=memory, seconds=120)
    stopped = Use("stopped", (*begin, *_stop(given["full"])))
    yield Build("first", context, canaries=(truth["token"],), uses=(served, crowd, stopped))
    yield Build("later", {**context, **_touched(tree)})
    newer = dict(wheel(name, "99.0", BROKEN) for name in pins())
    again = Use("moved", (*begin, Ask("moved", _singles(given["moved"]))))
    yield Build("moved", context, more=newer, cached=False, uses=(again,))


def _asks(given: Mapping[str, Any]) -> tuple[Any, ...]:
    """Sound and unsound requests, one after the other; then everything that was put out."""
    return (
        Ask("single", _singles(given["single"])),
        Ask("missing", _singles(given["missing"])),
        Ask("unseen", _singles(given["unseen"])),
        Ask("batch", (_batch(given["batch"]),)),
        Pause(0.3),
        Fetch("log", ()),
        Ask("bad", tuple(Request("/predict", each) for each in NO_ROWS)),
        Ask("bad batch", tuple(Request("/predict/batch", each) for each in NO_BATCHES)),
    )


def _mass(truth: Mapping[str, Any]) -> tuple[Any, ...]:
    """Eight clients at once, and what is too large."""
    given = truth["given"]
    long = {"rows": [given["full"][0]] * (truth["rows"] + 1)}
    large = b'{"unit": "' + b"a" * 1_300_000 + b'", "medium": "r32"}'
    many = tuple(
        request
        for place, row in enumerate(given["load"])
        for request in (
            _singles([row]) if place % 4 else (_batch(given["load"][place : place + 4]),)
        )
    )
    return (
        Ask("load", many, clients=8, seconds=30),
        Ask("full", (_batch(given["full"]),), seconds=60),
        Ask("long", (Request("/predict/batch", body(long)),)),
        Ask("large", (Request("/predict", large),)),
        Ask("after", _singles(given["load"][:2])),
    )


def _stop(full: Sequence[Any]) -> tuple[Any, ...]:
    """A worker dies; then the service is told to stop while it answers a full batch."""
    draining = (Pause(0.25), Send(signal.SIGTERM), Pause(0.25), Ask("draining", (Request(READY),)))
    return (
        Ask("alive", (Request("/health/live"),)),
        Read("before"),
        Send(signal.SIGKILL, "worker"),
        Pause(1.5),
        Ask("replaced", _singles(full[:3])),
        Read("after"),
        Ask("slow", (_batch(full),), seconds=60, meanwhile=draining),
        Ends("end", 12),
    )


def _touched(tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """Every file of code, with one more line that does nothing."""
    return {
        name: data + b"\n# changed\n"
        for name, data in tree.items()
        if name.endswith(".py") and not name.startswith(("tests/", "kestrel/"))
    }


def _singles(rows: Sequence[Any]) -> tuple[Request, ...]:
    return tuple(Request("/predict", body(row)) for row in rows)


def _batch(rows: Sequence[Any]) -> Request:
    return Request("/predict/batch", body({"rows": list(rows)}))


__all__ = ["calls", "images", "trials"]
