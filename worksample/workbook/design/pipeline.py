"""Designs that bring data to a model and a model to work: their catalogue, and a design as numbers.

What parts hold, do and cost is data (:class:`Facts`): an author edits a file, not this module.
Rows are counted in millions, volumes in terabytes, time in hours where it is not said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from worksample.workbook.design import graph
from worksample.workbook.design.catalogue import Catalogue, Kind, Setting
from worksample.workbook.design.reading import Component, Design, Problem, Read, checked, read

LOADERS = ("batch_load", "stream_load", "managed_load")
GUARDS = ("contract", "dedup", "checks", "mask")
STORES = ("lake", "warehouse", "log")
NEEDED = (*LOADERS, "trainer", "serving")  # without them nothing works
MAKERS = ("batch_features", "stream_features", "feature_store")
PERSONAL = (
    *STORES,
    "feature_store",
    "online",
    "snapshots",
    "predictions",
)  # where people's data lie
WITHOUT_DELETION = ("log",)  # only its end or a lost key erases there
DAY = 24


@dataclass(frozen=True)
class Facts:
    """What is known of load, parts and prices: a document of plain data.

    Keys: ``parts`` (kind -> its numbers), ``rows`` (million a day, growth), ``labels`` (days after
    which a share of them is known), ``model`` (what errors cost, what they come from), ``needs``
    (what is required, and what it costs to miss it), ``people`` (what is done by hand, and when).
    """

    data: Mapping[str, Any]

    def of(self, kind: str) -> Mapping[str, Any]:
        """The numbers of a kind of part."""
        numbers: Mapping[str, Any] = self.data["parts"].get(kind, {})
        return numbers

    def needing(self, needs: Mapping[str, float]) -> Facts:
        """The same with other requirements, as far as they are given."""
        return Facts({**self.data, "needs": {**self.data["needs"], **needs}})

    @cached_property
    def catalogue(self) -> Catalogue:
        """The kinds of components that a design may consist of."""
        return Catalogue(_kinds(), components=26, aside=9, joins="leads to")

    def read(self, text: Any) -> Read:
        """A design from YAML that can be run, or its mistakes."""
        return _ruled(read(text, self.catalogue))

    def checked(self, data: Any) -> Read:
        """The same from plain data."""
        return _ruled(checked(data, self.catalogue))


def _kinds() -> dict[str, Kind]:
    lateness = Setting("rows that come later than this are lost", 0, 0, 240, unit="h")
    every = Setting("between two runs", None, 1, 168, True, unit="h")
    burst = Setting("workers in addition while old rows are worked out anew", 0, 0, 200, True)
    keep = Setting("how long it is kept", None, 1, 730, True, unit="days")
    states = Setting("which of its states can be read", "newest", choices=("newest", "all"))
    on_store = (*GUARDS, *STORES)
    return {
        "events": Kind("Events", "rows as they happen, people's names in them", 0,
                       to=(*LOADERS,), least=1),
        "labels": Kind("Outcomes", "what became of each row, days later", 0,
                       to=("label_audit", "trainer", "monitor"), least=1),
        "batch_load": Kind(
            "Batch loader", "takes in at intervals what has come; paid while it runs", 1,
            {
                "every_h": every,
                "machines": Setting("how many", None, 1, 20, True),
                "lateness_h": lateness,
            }, asked="events", to=on_store,
        ),
        "stream_load": Kind(
            "Stream loader", "takes in at once; paid always; may deliver twice", 1,
            {
                "partitions": Setting("how many", None, 1, 40, True),
                "lateness_h": lateness,
            }, asked="events", to=on_store,
        ),
        "managed_load": Kind(
            "Managed loader", "somebody else's; paid by rows; each row once within a day", 1,
            {"every_h": every, "lateness_h": lateness}, asked="events", to=on_store,
        ),
        "contract": Kind("Schema contract", "holds rows whose columns are not as agreed", 2,
                         asked="rows", to=(*GUARDS, *STORES)),
        "dedup": Kind(
            "Deduplication", "drops what it has seen within its window", 2,
            {"window_h": Setting("how far back it remembers", None, 1, 240, True, unit="h")},
            asked="rows", to=(*GUARDS, *STORES),
        ),
        "checks": Kind(
            "Data checks", "compares each hour's values, gaps and counts with those before", 2,
            {
                "threshold": Setting("standard deviations that are too many", None, 0.5, 12),
                "on_fail": Setting("rows wait, or somebody is told", "hold",
                                   choices=("hold", "tell")),
            }, asked="rows", to=(*GUARDS, *STORES),
        ),
        "mask": Kind("Masking", "puts tokens where names stand", 2, asked="rows",
                     to=(*GUARDS, *STORES)),
        "lake": Kind("Object store", "cheap; what is to be erased has to be rewritten", 3,
                     {"keep_days": keep, "states": states}, asked="rows",
                     to=("batch_features", "feature_store", "trainer")),
        "warehouse": Kind("Warehouse", "dearer; rows can be deleted one by one", 3,
                          {"keep_days": keep, "states": states}, asked="rows",
                          to=("batch_features", "feature_store", "trainer")),
        "log": Kind("Event log", "can be read again from any hour; nothing in it can be deleted", 3,
                    {"keep_days": keep}, asked="rows",
                    to=("stream_features", "feature_store", "trainer", "lake")),
        "batch_features": Kind(
            "Feature jobs", "work features out at intervals; paid while they run", 4,
            {"every_h": every, "machines": Setting("how many", None, 1, 40, True), "burst": burst},
            asked="rows", to=("online", "trainer"),
        ),
        "stream_features": Kind(
            "Feature stream", "works features out at once; paid always", 4,
            {"workers": Setting("how many", None, 1, 60, True), "burst": burst},
            asked="rows", to=("online", "trainer"),
        ),
        "feature_store": Kind(
            "Managed feature store", "works features out, keeps and serves them; paid by rows", 4,
            {"every_h": every, "keep_days": keep, "burst": burst},
            asked="rows", to=("serving", "trainer"),
        ),
        "online": Kind("Online store", "the newest features of everybody, by key", 5,
                       asked="features", to=("serving",)),
        "label_audit": Kind(
            "Check of outcomes", "people look at some of each day's outcomes", 4,
            {"looked_at": Setting("how many a day", None, 1, 2000, True)},
            asked="outcomes", to=("trainer", "monitor"),
        ),
        "code": Kind(
            "Code and its tests", "what runs is built and tested from here", 4,
            {"tests": Setting("before it may run", "none",
                              choices=("none", "unit", "on_data"))},
            to=("trainer",),
        ),
        "trainer": Kind(
            "Trainer", "fits a model to rows and outcomes", 5,
            {
                "every_h": Setting("between two trainings", None, 12, 2184, True, unit="h"),
                "window_days": Setting("days of rows", None, 1, 365, True, unit="days"),
                "wait_days": Setting("leaves out the newest days", 0, 0, 90, True, unit="days"),
                "machine": Setting("its sort", "small", choices=("small", "large", "spot")),
            },
            asked="data", to=("gate", "registry", "serving", "snapshots"), least=1,
        ),
        "snapshots": Kind("Data snapshots", "a copy of what each training saw", 6,
                          {"keep_days": keep}, asked="a copy"),
        "gate": Kind(
            "Quality gate", "compares a new model with the one that works", 6,
            {
                "margin": Setting("loss of quality that is too much", None, 0.005, 1),
                "holdout": Setting("on the newest rows, or on some that people have checked",
                                   "newest", choices=("newest", "checked")),
            }, asked="a model", to=("registry", "serving"),
        ),
        "registry": Kind(
            "Model registry", "keeps versions and where they come from", 6,
            {
                "versions": Setting("how many", None, 1, 1000, True),
                "lineage": Setting("what it notes of each", "none",
                                   choices=("none", "code", "code_and_data")),
            }, asked="a model", to=("serving",),
        ),
        "serving": Kind(
            "Serving", "answers with the newest model", 7,
            {
                "replicas": Setting("how many", None, 1, 40, True),
                "first": Setting("share of requests that a new model gets first", 1.0, 0.01, 1),
                "watch_h": Setting("for how long", 0, 0, 96, unit="h"),
            }, to=("predictions", "monitor"), least=1,
        ),
        "predictions": Kind("Prediction log", "every answer, with its model and features", 8,
                            {"keep_days": keep}, asked="answers"),
        "monitor": Kind(
            "Monitoring", "compares with before, and tells or takes back", 8,
            {
                "looks_at": Setting("what", None, several=True,
                                    choices=("inputs", "outputs", "outcomes")),
                "every_h": every,
                "action": Setting("somebody is told, or the model before comes back", "tell",
                                  choices=("tell", "roll_back")),
            },
        ),
        "eraser": Kind("Erasure job", "deletes people from the stores that it is joined to", 9,
                       {"every_days": Setting("between two runs", None, 1, 90, True, unit="days")},
                       to=tuple(kind for kind in PERSONAL if kind not in WITHOUT_DELETION)),
        "vault": Kind("Key vault", "a key for each person; without it nothing can be read", 9,
                      to=PERSONAL),
        "orchestrator": Kind("Orchestration", "starts runs, repeats those that were lost", 9,
                             {"retries": Setting("how often", 0, 0, 5, True)}),
        "standby": Kind("Other region", "what is left if the whole region is gone", 9,
                        {"mode": Setting("what stands there", None,
                                         choices=("cold", "warm", "hot"))}),
    }  # fmt: skip


def _ruled(found: Read) -> Read:
    """What a catalogue cannot say: no circle, one way in, and everything leads somewhere."""
    if found.design is None:
        return found
    problems = [Problem(each) for each in _broken(found.design)]
    return Read(None, tuple(problems)) if problems else found


def _broken(design: Design) -> list[str]:
    if way := graph.circle(design):
        return [f"what comes from {way[0]} goes round in a circle: {', '.join(way)}"]
    wrong = []
    for kinds, what in ((LOADERS, "loader"), (MAKERS, "maker of features")):
        if sum(len(design.of(kind)) for kind in kinds) != 1:
            wrong.append(f"a design has one {what}: {' or '.join(kinds)}")
    for start, end in (("events", "trainer"), ("events", "serving"), ("labels", "trainer"),
                       ("trainer", "serving")):  # fmt: skip
        if not graph.leads(design, start, end):
            wrong.append(f"nothing leads from {start} to {end}")
    kinds = ("eraser", "vault", "code")
    starts = [name for kind in ("events", "labels", *kinds) for name in graph.ids(design, kind)]
    reached = graph.behind(design, starts)
    for each in design.components.values():
        if each.kind in kinds and not each.to:
            wrong.append(f"{each.id}: it leads nowhere")
        elif each.kind not in ("orchestrator", "standby") and each.id not in reached:
            wrong.append(f"{each.id}: nothing leads there")
        elif each.kind in (*GUARDS, *LOADERS, *STORES, *MAKERS) and not each.to:
            wrong.append(f"{each.id}: it leads nowhere")
    return wrong


# -- a design as numbers -----------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """A step that rows go through.

    Attributes:
        every: hours between two starts.
        speed: million rows an hour.
        latency: hours that a row takes when nothing waits.
        extra: million rows an hour in addition while old rows are worked out anew.
        hour: money an hour, always; while_on: while it works; row: for a million rows; start: for
            each run; old: money an hour while old rows are worked out.
    """

    every: float
    speed: float
    latency: float
    extra: float = 0.0
    hour: float = 0.0
    while_on: float = 0.0
    row: float = 0.0
    start: float = 0.0
    old: float = 0.0


@dataclass(frozen=True)
class Line:
    """One design as numbers.

    Attributes:
        load, features: the two steps that decide how old features are.
        lateness: hours; later rows are lost.
        names: kind -> id, of what the design has.
        guards: kinds that every row passes on its way to trainings and to answers.
        keep: store's kind -> (days, whether old states of it can be read).
        raw_days: days of rows that trainings can read; old_days: that features can be made of.
        erased: store's kind -> days until somebody is gone from it; infinite for never.
        settings: kind -> its settings.
    """

    load: Stage
    features: Stage
    lateness: float
    names: Mapping[str, str]
    guards: frozenset[str]
    keep: Mapping[str, tuple[float, bool]]
    raw_days: float
    old_days: float
    erased: Mapping[str, float]
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def has(self, kind: str) -> bool:
        """Whether the design has a part of this kind that does its work."""
        return kind in self.names

    def of(self, kind: str, name: str, otherwise: Any = None) -> Any:
        """A setting, or what holds where there is no such part."""
        return self.settings[kind][name] if kind in self.settings else otherwise

    def without(self, kind: str) -> Line:
        """The same while a part is out of order; what nothing works without only sees nothing.

        So a serving shows a new model to all at once, and a loader still loads.
        """
        if kind not in self.settings:
            return self
        settings = {name: given for name, given in self.settings.items() if name != kind}
        names = {name: part for name, part in self.names.items() if name != kind}
        if kind in NEEDED:
            blind = {"first": 1.0, "watch_h": 0} if kind == "serving" else {}
            settings[kind] = {**self.settings[kind], **blind}
            names[kind] = self.names[kind]
            return replace(self, names=names, settings=settings)
        guards = frozenset(each for each in self.guards if kind not in each.split(" to "))
        return replace(self, names=names, guards=guards, settings=settings)


def line(design: Design, facts: Facts) -> Line:
    """A design that was read without a mistake, as numbers."""
    present = {each.kind: each for each in design.components.values()}
    loader = next(present[kind] for kind in LOADERS if kind in present)
    maker = next(present[kind] for kind in MAKERS if kind in present)
    keep = {
        kind: (
            float(each.settings.get("keep_days", _held_days(facts, kind))),
            each.settings.get("states") == "all" or kind == "log",
        )
        for kind, each in present.items()
        if kind in PERSONAL
    }
    raw = [each for each in design.components.values() if each.kind in STORES]
    training = [s for s in raw if "trainer" in _kinds_behind(design, s)]
    making = [s for s in raw if maker.kind in _kinds_behind(design, s)]
    return Line(
        load=_loading(loader, facts),
        features=_making(maker, facts),
        lateness=float(loader.settings["lateness_h"]),
        names={kind: each.id for kind, each in present.items()},
        guards=_guards(design),
        keep=keep,
        raw_days=max((float(s.settings["keep_days"]) for s in training), default=0.0),
        old_days=max((float(s.settings["keep_days"]) for s in making), default=0.0),
        erased={kind: _erased(design, present[kind], keep[kind][0], facts) for kind in keep},
        settings={kind: each.settings for kind, each in present.items()},
    )


def _held_days(facts: Facts, kind: str) -> float:
    """Days of rows that a store without a setting for it holds."""
    return float(facts.of(kind).get("days", 1.0))


def _kinds_behind(design: Design, part: Component) -> set[str]:
    return {design.components[name].kind for name in design.reached(part.id)}


def _guards(design: Design) -> frozenset[str]:
    """Kinds past which nothing gets: data on both ways, outcomes, models."""
    found = {
        kind
        for kind in GUARDS
        if graph.always_passes(design, "events", "trainer", kind)
        and all(
            graph.always_passes(design, "events", end, kind)
            for end in ("online", "feature_store")
            if design.of(end)
        )
    }
    found |= (
        {"label_audit"}
        if graph.always_passes(design, "labels", "trainer", "label_audit")
        else set()
    )
    found |= {
        k for k in ("gate", "registry") if graph.always_passes(design, "trainer", "serving", k)
    }
    for start, end in (("serving", "monitor"), ("serving", "predictions"), ("code", "trainer"),
                       ("trainer", "snapshots"), ("labels", "monitor")):  # fmt: skip
        if graph.leads(design, start, end):
            found.add(f"{start} to {end}")
    for kind in ("eraser", "vault"):
        for each in design.of(kind):
            found |= {f"{kind} to {design.components[name].kind}" for name in each.to}
    return frozenset(found)


def _loading(part: Component, facts: Facts) -> Stage:
    told, given = facts.of(part.kind), part.settings
    if part.kind == "batch_load":
        count = given["machines"]
        return Stage(
            given["every_h"], count * told["speed"], told["latency_h"],
            while_on=count * told["price"], start=count * told["price"] * told["start_h"],
        )  # fmt: skip
    if part.kind == "stream_load":
        count = given["partitions"]
        return Stage(1, count * told["speed"], told["latency_h"], hour=count * told["price"])
    return Stage(
        given["every_h"], told["speed"], told["latency_h"], hour=told["price"],
        row=told["price_row"], start=told["price_run"],
    )  # fmt: skip


def _making(part: Component, facts: Facts) -> Stage:
    told, given = facts.of(part.kind), part.settings
    extra = given["burst"] * told.get("speed_old", told["speed"])
    common: dict[str, float] = {
        "latency": told["latency_h"], "extra": extra,
    }  # fmt: skip
    waiting, old = (
        given["burst"] * each for each in (told["price_held"], told.get("price_old", told["price"]))
    )
    if part.kind == "batch_features":
        count = given["machines"]
        return Stage(
            given["every_h"], count * told["speed"], **common, hour=waiting, old=old,
            while_on=count * told["price"], start=count * told["price"] * told["start_h"],
        )  # fmt: skip
    if part.kind == "stream_features":
        count = given["workers"]
        return Stage(
            1, count * told["speed"], **common, hour=count * told["price"] + waiting, old=old
        )
    return Stage(
        given["every_h"], told["speed_base"], **common, hour=told["price_base"] + waiting, old=old,
        row=told["price_row"], start=told["price_run"],
    )  # fmt: skip


def _erased(design: Design, store: Component, keep: float, facts: Facts) -> float:
    """Days until a person who asked for it is gone from a store, by the quickest way."""
    ways = [keep if store.kind != "online" else float("inf")]
    for eraser in design.of("eraser"):
        if store.id in eraser.to:
            ways.append(eraser.settings["every_days"] + facts.of("eraser")["takes_days"])
    for vault in design.of("vault"):
        if store.id in vault.to:
            ways.append(facts.of("vault")["takes_days"])
    return float(min(ways))
