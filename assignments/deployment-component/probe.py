"""What happens to a candidate's repository: commits, a stranger, releases, and a service's day."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from worksample.grading.events import Event, Happening
from worksample.grading.image import Build, Use
from worksample.grading.services import Ask, Fetch, Place, Ready, Request, Service, Start

from .hidden import changes

if TYPE_CHECKING:
    from worksample.case import Case
    from worksample.probe import Call

LIBRARIES = ("json", "yaml", "subprocess", "tarfile")
SECONDS = 120.0
BUSY = 2  # times that staging is in use at first
CLIENTS = 4
LATE = "volume/model.json"  # where the platform puts a model, once it is attached
WAITING_WARM = '''"""What a service does once before it may answer: today it takes long."""

import time
from pathlib import Path

from vendor.bookdates import due


def warm(model):
    """Fill what later requests use."""
    while not Path("calendar.ready").exists():
        time.sleep(0.05)
    return {days: due(days) for days in (7, 14, 28)}
'''
BAD = (
    b"no json",
    b"[]",
    b"{}",
    b'{"loan_id": "L1", "branch": "nowhere", "days_allowed": 7}',
    b'{"loan_id": "L1", "branch": "@BRANCH@", "days_allowed": 700}',
    b'{"loan_id": "L1", "branch": "@BRANCH@", "days_allowed": "soon"}',
)


def calls(case: Case) -> tuple[Call, ...]:
    """No function of the notebook is called."""
    return ()


def trials(case: Case, tree: Mapping[str, bytes]) -> Iterator[Happening]:
    """What `checks.py` asks about, by name."""
    truth = case.truth()
    secrets = {"REGISTRY_TOKEN": truth["token"]}
    commits = json.loads((case.private / "commits.json").read_text("utf-8"))

    def happening(name: str, *events: Event) -> Happening:
        return Happening(name, tree, events, truth["token"], SECONDS * len(events))

    yield happening("release", *releases(secrets))
    yield happening("fork", Event("fork", changes.strangers(), "Spelling", secrets=secrets))
    for number, each in enumerate(commits):
        marks = tuple(each["marks"])
        event = Event("push", each["files"], each["message"], secrets=secrets, marks=marks)
        yield happening(f"change/{number}", event)


def releases(secrets: Mapping[str, str]) -> tuple[Event, ...]:
    """A commit, the same again, another one while staging is in use, and one that fails there."""
    one, other, failing = ({f"docs/{name}.md": f"# {name}\n"} for name in ("ONE", "TWO", "THREE"))
    return (
        Event("push", one, "Docs: one", secrets=secrets),
        Event("push", again=True, secrets=secrets),
        Event("push", other, "Docs: two", secrets=secrets, busy=BUSY),
        Event("push", failing, "Docs: three", secrets=secrets, staging=False),
    )


def services(case: Case, tree: Mapping[str, bytes]) -> Iterator[Service]:
    """Their service with a model, without one, with a broken one, and with one that takes long."""
    truth = case.truth()
    port = truth["port"] + 7
    loans = [json.dumps(each).encode() for each in truth["requests"]]
    bad = [each.replace(b"@BRANCH@", truth["branches"][0].encode()) for each in BAD]
    alive = (Request("/healthz"), Request("/readyz"), _predict(loans[0], "early"))

    def start(**env: str) -> Start:
        words = ("sh", "-c", "exec python -m app.serve > service.out 2> service.err")
        return Start(words, {truth["port_name"]: str(port), **env}, port)

    log = Fetch("log", ("service.out",))
    yield Service(
        "plain",
        tree,
        (
            start(),
            Ready("/readyz"),
            Ask("alive", (Request("/healthz"),)),
            Ask("loans", tuple(_asked(each, n) for n, each in enumerate(loans)), CLIENTS),
            Ask("bad", tuple(_predict(each, f"b-{n}") for n, each in enumerate(bad))),
            log,
        ),
    )
    broken = {**tree, "broken.json": b'{"version": "2031-00", "features": ['}
    for name, file in (("missing", "nowhere.json"), ("broken", "broken.json")):
        env = {truth["model_name"]: file}
        phases = (start(**env), Ready("/healthz"), Ask("alive", alive))
        yield Service(name, broken, phases)
    slow = {**tree, "app/warm.py": WAITING_WARM.encode()}
    phases = (
        start(),
        Ready("/healthz"),
        Ask("early", alive),
        Place({"calendar.ready": b"now\n"}),
        Ready("/readyz"),
        Ask("late", (_predict(loans[0], "late"),)),
    )
    yield Service("slow", slow, phases)
    model = (case.public / "work/model/model.json").read_bytes()
    phases = (
        start(**{truth["model_name"]: LATE}),
        Ready("/healthz"),
        Ask("early", alive),
        Place({LATE: model}),
        Ready("/readyz"),
        Ask("late", (_predict(loans[0], "late"),)),
    )
    yield Service("attached", tree, phases)


def images(case: Case, tree: Mapping[str, bytes]) -> Iterator[Build]:
    """Their image, started as it is; and after a change of the code, where there is no index."""
    truth = case.truth()
    env = f"REGISTRY_TOKEN={truth['token']}\n".encode()
    holdout = (case.public / "work/data/holdout.csv").read_text("utf-8").splitlines()
    words = (truth["token"], "\n".join(holdout[1:4]), "test_what_is_blank_is_none")
    asked = tuple(
        _predict(json.dumps(each).encode(), f"i-{n}")
        for n, each in enumerate(truth["requests"][:5])
    )
    phases = (Start((), port=truth["port"]), Ready("/readyz"), Ask("loans", asked))
    uses = (Use("image", phases),)
    yield Build("first", {**tree, ".env": env}, canaries=words, uses=uses)
    features = tree.get("app/features.py", b"") + b"\n# a change of the code\n"
    yield Build("later", {**tree, ".env": env, "app/features.py": features}, index={})


def _asked(body: bytes, number: int) -> Request:
    """As a till asks, and every other time as a desk does, which says no kind of its own."""
    desk = {"Content-Type": "application/x-www-form-urlencoded"} if desks(number) else {}
    return Request("/predict", body, headers={"X-Request-ID": f"r-{number:03d}", **desk})


def desks(number: int) -> bool:
    """Whether the desk's program sends that loan."""
    return number % 2 == 1


def _predict(body: bytes, name: str) -> Request:
    return Request("/predict", body, headers={"X-Request-ID": name})
