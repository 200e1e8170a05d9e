"""The service under traffic with faults, its metrics on a clock, and what its rules make of it."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from worksample.grading.repository import Trial
from worksample.grading.services import (
    Ask,
    Pause,
    Phase,
    Place,
    Read,
    Ready,
    Request,
    Send,
    Service,
    ServiceResult,
    Start,
)
from worksample.workbook.metrics import promtool

from .judging import measuring
from .judging.reading import ROUTES, RULES
from .scenario import directory
from .toolkit import clock
from .toolkit.traffic import World

if TYPE_CHECKING:
    from worksample.case import Case
    from worksample.probe import Call

CLIENTS = 6
MOST, LITTLE = 1 << 19, 4096  # bytes of a scrape, and of an answer
START = Start(("sh", "run.sh"))
UP = (START, Ready("/health", seconds=30))
ASK_ROUTES = f"""from worksample.workbook.metrics import promtool
promtool.ask_routes({ROUTES!r})
""".encode()
SCRAPE = (Request("/metrics"),)


def calls(case: Case) -> tuple[Call, ...]:
    """No function of the notebook is called."""
    return ()


def services(case: Case, tree: Mapping[str, bytes]) -> Iterator[Service]:
    """One that is recorded; one whose labels are rubbish; one that cannot write."""
    truth = case.truth()
    files = {**tree, "upstream/directory.json": directory(truth["slow_for"]).encode()}
    files["feed/labels.jsonl"] = b""
    yield Service("recorded", files, (*UP, *_recording(case)), seconds=600)
    ten = tuple(Request("/score", body) for body in measuring.sample(case))
    rubbish = (
        b"\xff\xfe{]\n" * 50
        + b'{"id": 3}\n[]\n{"id": "x", "score": "y", "label": [], "age_days": {}}\n'
    )
    yield Service(
        "labels",
        files,
        (
            Place({"feed/labels.jsonl": None}),
            *UP,
            Ask("gone", (*ten, *SCRAPE), most=MOST),
            Place({"feed/labels.jsonl": rubbish}),
            Ask("rubbish", (*ten, *SCRAPE), most=MOST),
        ),
        seconds=60,
    )
    yield Service(
        "sealed", files, (Place(modes={"var": 0o555}), *UP, Ask("sealed", ten)), seconds=60
    )


def _recording(case: Case) -> Iterator[Phase]:
    world = World(*measuring.hidden_world(case))
    kinds = clock.conditions(case.truth()["sizes"])
    yield Ask("scrape/0", SCRAPE, most=MOST)
    for number, name in enumerate(clock.recording()):
        sent = world.block(kinds[name])
        requests = tuple(
            Request(path, body) for path, body in zip(sent.paths, sent.bodies, strict=True)
        )
        yield Ask(f"block/{number}", requests, clients=CLIENTS, most=LITTLE)
        yield Place({"feed/labels.jsonl": world.labels(kinds[name].wrong)})
        if number == measuring.KILLED:  # a worker is replaced, and nothing that it counted is lost
            yield Read("workers")
            yield Send(signal.SIGKILL, to="worker")
            yield Pause(0.7)
        again = 3 if number in measuring.LOOKED else 1  # by whichever worker
        yield Ask(f"scrape/{number + 1}", SCRAPE * again, most=MOST)


def measures(
    case: Case, tree: Mapping[str, bytes], services: Mapping[str, ServiceResult]
) -> Iterator[Trial]:
    """Their queries on the scrapes as they were, and queries and rules on days made of them."""
    laid = measuring.Laid.of(case, tree, services)
    if laid is None:
        return
    files = {name: data for name, data in tree.items() if name.startswith("monitoring/")}
    for name, test in laid.tests().items():
        put = {**files, promtool.TEST: test}
        commands, fetch = (promtool.command(RULES),), (promtool.FOUND,)
        if name == "days":
            put["worksample_routes.py"] = ASK_ROUTES
            commands += (("python", "worksample_routes.py"),)
            fetch += (promtool.ROUTED,)
        yield Trial(name, put, commands, fetch, seconds=600)
