"""A design's quarter, hour by hour: how old features are, what models are worth, what it costs.

Rows wait before two steps, loading and making features, which is walked through hour by hour for
many designs at once. All else (models, faults, what is owed to people and auditors, money) follows
in closed form from what the design has and where that stands. Nothing is left to chance: a check
sees a fault that is large enough for it, always.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from worksample.workbook.design.pipeline import DAY, Facts, Line, Stage

HOURS = 91 * DAY
MONTH = 30 * DAY
NOBODY = ""
ALARM_HOLDS = 3  # hours that rows wait for a person after a false alarm
TINY = 1e-9
ASPECTS = {
    "platform": "the platform",
    "over": "what is above the budget",
    "stale": "features that are too old",
    "errors": "ordinary errors of the model",
    "faults": "answers spoiled by faults",
    "outage": "requests without an answer",
    "erasure": "people who were not erased in time",
    "audit": "questions that could not be answered",
    "backfill": "old features that came too late",
    "alarms": "alarms that were looked at",
}
RESOURCES = ("compute", "managed", "storage")
_RESOURCE = {
    "batch_load": "compute", "batch_features": "compute", "stream_load": "compute",
    "stream_features": "compute", "managed_load": "managed", "feature_store": "managed",
}  # fmt: skip


@dataclass(frozen=True)
class Event:
    """Something that happens.

    Attributes:
        kind: a key of :data:`HAPPENINGS`, or ``audit``, ``erasure``, ``backfill``, ``price``.
        at: hour of the quarter.
        hours: how long it lasts, or takes to be mended; of ``doubled``, until rows come again.
        size: of a value and of doubled rows, in standard deviations; of outcomes and code, a share;
            of a price, a factor; of questions and of old features, days back; of erasures, people.
        what: which resource's price.
        out: kind of a part that is out of order when it happens, and sees nothing; not the kinds
            without which nothing works.
    """

    kind: str
    at: int
    hours: float = 0.0
    size: float = 0.0
    what: str = ""
    out: str = ""


@dataclass(frozen=True)
class Quarter:
    """91 days.

    Attributes:
        rows: million that happen in each hour, (HOURS,).
        growth: of the daily rows, a day.
        late: share of rows that come late; late_h: by how many hours on average.
        happens: in any order.
    """

    rows: np.ndarray
    growth: float
    late: float
    late_h: float
    happens: tuple[Event, ...] = ()

    def only(self, *kinds: str) -> Quarter:
        """The same with events of these kinds and no others."""
        return replace(self, happens=tuple(each for each in self.happens if each.kind in kinds))


@dataclass(frozen=True)
class Outcome:
    """What became of a design.

    Attributes:
        money: aspect -> what it cost or lost in the quarter, in the order of :data:`ASPECTS`.
        caught: kind of event -> id of the component that caught it, empty for nobody.
        age: hours that the served features are old, (HOURS,).
        error: share of a right answer's worth that the model's errors cost, (HOURS,).
        spent: money of the platform in each hour, (HOURS,).
        rows_day: million rows a day that were taken in in the last week.
        stored_tb: that lie in all stores at the end.
        train_rows: million rows with outcomes in the last training.
        worst_age_h: of served features.
        cost_month: money of the platform in the last 30 days.
        backfill_h: hours until old features were worked out; infinite for never.
    """

    money: dict[str, float]
    caught: dict[str, str]
    age: np.ndarray
    error: np.ndarray
    spent: np.ndarray
    rows_day: float
    stored_tb: float
    train_rows: float
    worst_age_h: float
    cost_month: float
    backfill_h: float

    @property
    def loss(self) -> float:
        """All of the money."""
        return sum(self.money.values())


def simulate(lines: Sequence[Line], quarters: Sequence[Quarter], facts: Facts) -> list[Outcome]:
    """What becomes of each design in the quarter at the same place."""
    runs = [_Run(each, quarter, facts) for each, quarter in zip(lines, quarters, strict=True)]
    for run in runs:
        for event in run.quarter.happens:
            if event.kind in HAPPENINGS:
                run.caught[event.kind] = run.happen(event)
        run.false_alarms()
    flow = _flow(runs)
    return [run.outcome(flow, place) for place, run in enumerate(runs)]


# -- what happens, and who catches it ----------------------------------------------------------


@dataclass
class _Run:
    """One design in one quarter; events leave their marks here."""

    line: Line
    quarter: Quarter
    facts: Facts
    come: np.ndarray = field(init=False)  # million rows that come in each hour
    complete: np.ndarray = field(init=False)  # hour up to which all of them have come
    held: np.ndarray = field(init=False)  # rows wait before the stores
    down: np.ndarray = field(init=False)  # nothing works
    spoiled: float = 0.0  # hours of right answers that faults cost
    money: float = 0.0  # that people cost
    untrained: list[tuple[float, float]] = field(default_factory=list)  # from, to
    caught: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.come = self.quarter.rows.copy()
        self.complete = np.arange(1.0, HOURS + 1)
        self.held = np.zeros(HOURS, dtype=bool)
        self.down = np.zeros(HOURS, dtype=bool)

    def happen(self, event: Event) -> str:
        """Who catches it; a part that is out of order is back when it is over."""
        whole, self.line = self.line, self.line.without(event.out)
        try:
            return HAPPENINGS[event.kind](self, event)
        finally:
            self.line = whole

    @property
    def people(self) -> dict[str, float]:
        people: dict[str, float] = self.facts.data["people"]
        return people

    def hold(self, at: float, hours: float) -> None:
        self.held[int(at) : int(np.ceil(at + hours))] = True

    def spoil(self, at: float, hours: float, size: float) -> None:
        self.spoiled += size * max(0.0, min(hours, HOURS - at))

    def monitored(self, *looks: str) -> tuple[str, float]:
        """(who notices a fault that got through, after how many hours)."""
        ways = [(self.people["by_hand_h"], NOBODY)]
        told = self.facts.of("monitor")
        if "serving to monitor" in self.line.guards:
            name, every = self.line.names["monitor"], self.line.of("monitor", "every_h")
            for look in self.line.of("monitor", "looks_at"):
                if look == "outcomes" and "labels to monitor" in self.line.guards and look in looks:
                    ways.append((every + DAY * known_after(self.facts, 0.5), name))
                elif look in looks and look != "outcomes":
                    ways.append((every + told[f"{look}_h"], name))
        hours, name = min(ways)
        return name, hours

    def taken_back(self) -> float:
        """Hours from noticing a bad model to the one before."""
        if self.line.of("registry", "versions", 0) < 2 or "registry" not in self.line.guards:
            return self.people["retrain_h"]
        automatic = self.line.of("monitor", "action") == "roll_back"
        return 1.0 if automatic else self.people["roll_back_h"]

    def next_training(self, at: float) -> float:
        every = self.line.of("trainer", "every_h")
        return float(np.ceil(at / every) * every)

    def false_alarms(self) -> None:
        """The narrower the checks, the more often nothing was wrong."""
        if "checks" not in self.line.guards:
            return
        told, limit = self.facts.of("checks"), self.line.of("checks", "threshold")
        count = told["false_a_week"] * np.exp(-limit / told["false_sd"]) * HOURS / (7 * DAY)
        self.money += count * self.people["alarm"]
        if self.line.of("checks", "on_fail") == "hold":
            for place in range(round(count)):
                self.hold(HOURS * (place + 0.37) / max(1, round(count)), ALARM_HOLDS)

    # -- after the walk ------------------------------------------------------------------------

    def outcome(self, flow: _Flow, place: int) -> Outcome:
        age, rows = flow.age[:, place], flow.loaded[:, place]
        error, train_rows = self._models()
        stored = self._stored()
        spent = self._spent(flow, place, stored)
        needs, worth = self.facts.data["needs"], self.facts.data["model"]["worth_hour"]
        answered = self._answered()
        over = max(0.0, float(spent.sum()) - needs["budget"]) * needs["above"]
        back = flow.backfilled[place]
        money = {
            "platform": float(spent.sum()),
            "over": over,
            "stale": float(needs["stale_hour"] * _beyond(age, needs["freshness_h"]).sum()),
            "errors": float(worth * (error * answered).sum()),
            "faults": float(worth * self.spoiled),
            "outage": float(worth * (1 - answered).sum()),
            "erasure": self._not_erased(),
            "audit": self._unanswered(),
            "backfill": self._late_backfill(back),
            "alarms": float(self.money),
        }  # fmt: skip
        return Outcome(
            money, self.caught, age, error, spent, float(rows[-7 * DAY :].sum() / 7),
            sum(stored.values()), train_rows, float(age.max()), float(spent[-MONTH:].sum()), back,
        )  # fmt: skip

    def _answered(self) -> np.ndarray:
        able = self.line.of("serving", "replicas") * self.facts.of("serving")["rows"]
        return np.minimum(1.0, able / self.quarter.rows) * ~self.down

    def _models(self) -> tuple[np.ndarray, float]:
        """(error in each hour, million rows with outcomes in the last training)."""
        told, given = self.facts.data["model"], self.line.settings["trainer"]
        wait = given["wait_days"]
        window = max(0.0, min(given["window_days"], self.line.raw_days - wait))
        known = known_share(self.facts, wait, window) if window else 0.0
        rows_day = float(self.quarter.rows.sum()) * DAY / HOURS
        labelled = max(window * rows_day * known, 0.01)
        lost = self.quarter.late * np.exp(-self.line.lateness / self.quarter.late_h)
        fixed = told["noise"] / np.sqrt(labelled / 100) + told["immature"] * (1 - known)
        fixed += told["lost"] * lost + told["drift_day"] * (wait + window / 2)
        published, trained = self._published(window * rows_day)
        newest = np.maximum(np.searchsorted(published, np.arange(HOURS), "right") - 1, 0)
        age = np.maximum(np.arange(HOURS) - trained[newest], 0.0)
        error = np.minimum(1.0, fixed + told["drift_day"] * age / DAY)
        late = float(self.quarter.rows[-7 * DAY :].sum() / 7) / max(rows_day, TINY)
        return error, labelled * late

    def _published(self, rows: float) -> tuple[np.ndarray, np.ndarray]:
        """(hours at which models come to work, hours at which they were begun), the first at 0."""
        times = np.arange(0, HOURS, self.line.of("trainer", "every_h") * self._repeats())
        for begin, end in self.untrained:
            times = times[(times < begin) | (times >= end) | (times == 0)]
        told = self.facts.of("trainer")[self.line.of("trainer", "machine")]
        delay = rows / told["speed"] + self.line.of("serving", "watch_h")
        published = times + delay
        published[0] = 0.0
        return published, times

    def _repeats(self) -> float:
        """Factor on the hours between trainings that come through."""
        told, factor = self.facts.of("trainer")[self.line.of("trainer", "machine")], 1.0
        if self.line.of("orchestrator", "retries", 0) < 1:
            factor /= 1 - told["lost"]
        if "gate" in self.line.guards:
            refused = np.exp(-self.line.of("gate", "margin") / self.facts.of("gate")["noise"])
            factor /= max(0.02, 1 - refused)
        return factor

    def _stored(self) -> dict[str, float]:
        """Store's kind -> terabytes at the end of the quarter."""
        rows = float(self.quarter.rows[-7 * DAY :].sum() / 7)
        found = {}
        for kind, (days, all_states) in self.line.keep.items():
            told = self.facts.of(kind)
            growth = max(self.quarter.growth, TINY)
            grown = -np.expm1(-growth * days) / growth
            each = told["tb_row"] * (1 + told.get("states", 0.0) * all_states)
            if kind == "snapshots":  # each training's rows, not each row once
                given = self.line.settings["trainer"]
                trainings = grown * DAY / given["every_h"]
                each *= min(given["window_days"], self.line.raw_days) * trainings / max(grown, TINY)
            found[kind] = float(rows * grown * each)
        return found

    def _spent(self, flow: _Flow, place: int, stored: dict[str, float]) -> np.ndarray:
        """Money of the platform in each hour, (HOURS,)."""
        line, facts, rows = self.line, self.facts, self.quarter.rows
        hourly = {name: np.zeros(HOURS) for name in RESOURCES}
        for kind in line.names:
            told = facts.of(kind)
            if kind in _RESOURCE:
                spent = flow.load[:, place] if kind.endswith("load") else flow.features[:, place]
                hourly[_RESOURCE[kind]] += spent
            elif kind not in ("trainer", "serving"):
                hourly["compute"] += told.get("price", 0.0) + told.get("price_row", 0.0) * rows
        hourly["compute"] += line.lateness * facts.data["model"]["lateness_price"]
        hourly["compute"] += self._machines() + self._other()
        level = self._level()
        for kind, size in stored.items():
            hourly["storage"] += size * level * facts.of(kind)["price_tb"] / DAY
        hourly["storage"] += self._erasing(stored) * level
        for event in self.quarter.happens:
            if event.kind == "price":
                hourly[event.what][event.at :] *= event.size
        return np.asarray(sum(hourly.values()))

    def _level(self) -> np.ndarray:
        """What lies in stores in each hour, as a share of what does at the end."""
        return np.exp(self.quarter.growth * (np.arange(HOURS) - HOURS) / DAY)

    def _machines(self) -> np.ndarray | float:
        """Trainings and serving, money an hour."""
        given, told = self.line.settings["trainer"], self.facts.of("trainer")
        machine = told[given["machine"]]
        rows = min(given["window_days"], self.line.raw_days) * float(self.quarter.rows.mean()) * DAY
        hours = rows / machine["speed"] + machine["start_h"]
        trainings = hours * machine["price"] / given["every_h"] / (1 - machine["lost"])
        return (
            float(trainings)
            + self.line.of("serving", "replicas") * self.facts.of("serving")["price"]
        )

    def _other(self) -> float:
        """What hangs on settings of parts that stand aside, money an hour."""
        line, facts, found = self.line, self.facts, 0.0
        found += (
            line.of("label_audit", "looked_at", 0) * facts.of("label_audit").get("each", 0) / DAY
        )
        found += line.of("registry", "versions", 0) * facts.of("registry").get("version", 0)
        found += line.of("dedup", "window_h", 0) * facts.of("dedup").get("window", 0)
        if line.has("monitor"):
            looks = len(line.of("monitor", "looks_at"))
            found += looks * facts.of("monitor")["look"] / line.of("monitor", "every_h") ** 0.5
        for kind, name in (("code", "tests"), ("standby", "mode"), ("gate", "holdout")):
            if line.has(kind):
                found += facts.of(kind)[line.of(kind, name)]
        return float(found)

    def _erasing(self, stored: dict[str, float]) -> float:
        """Runs of the erasure job and keys, money an hour at the end's size."""
        found = 0.0
        for kind, size in stored.items():
            if f"eraser to {kind}" in self.line.guards:
                each = self.facts.of(kind).get("rewrite", 0.0) * size
                found += each / (DAY * self.line.of("eraser", "every_days"))
            if f"vault to {kind}" in self.line.guards:
                found += self.facts.of("vault")["price_tb"] * size / DAY
        return found

    def _not_erased(self) -> float:
        """Fines for people who are in any store for longer than is allowed.

        Half of the fine is for that, the other half by the share of the stores.
        """
        needs, stores = self.facts.data["needs"], self.line.erased
        late = sum(days > needs["erase_days"] for days in stores.values()) / max(1, len(stores))
        people = needs["erase_a_day"] * HOURS / DAY
        people += sum(each.size for each in self.quarter.happens if each.kind == "erasure")
        return float(people * needs["erase_fine"] * (0.5 * (late > 0) + 0.5 * late))

    def _unanswered(self) -> float:
        """Fines for questions about old answers; half of each for any gap at all."""
        fine, total = self.facts.data["needs"]["audit_fine"], 0.0
        for event in self.quarter.happens:
            if event.kind == "audit":
                missing = [not there for there in traced(self.line, event.size).values()]
                total += fine * (0.5 * any(missing) + 0.5 * float(np.mean(missing)))
        return float(total)

    def _late_backfill(self, hours: float) -> float:
        needs = self.facts.data["needs"]
        asked = [each for each in self.quarter.happens if each.kind == "backfill"]
        if not asked:
            return 0.0
        have = self.line.old_days >= max(each.size for each in asked)
        late = _beyond(np.array([hours]), needs["backfill_h"])[0] if have else 2.0
        return float(needs["backfill_fine"] * late * len(asked))


def _beyond(value: np.ndarray, limit: float) -> np.ndarray:
    """How far beyond a limit, as a share of it: 0 within, 2 at most."""
    return np.clip(value / limit - 1, 0.0, 2.0)


def traced(line: Line, days: float) -> dict[str, bool]:
    """What can be shown of an answer so many days old: itself, its model, code and data."""
    every = line.of("trainer", "every_h")
    lineage = line.of("registry", "lineage", "none")
    window = line.of("trainer", "window_days") + line.of("trainer", "wait_days")
    answers = line.keep.get("predictions", (0.0, False))[0] >= days
    copies = line.keep.get("snapshots", (0.0, False))[0] >= days
    states = any(old and kept >= days + window for kept, old in line.keep.values())
    models = line.of("registry", "versions", 0) * every >= days * DAY
    return {
        "answer": answers and "serving to predictions" in line.guards,
        "model": models and "registry" in line.guards,
        "code": lineage != "none" and "code to trainer" in line.guards,
        "data": lineage == "code_and_data" and (copies or states),
    }


def known_after(facts: Facts, share: float) -> float:
    """Days after which a share of outcomes is known."""
    days, shares = facts.data["labels"]["days"], facts.data["labels"]["known"]
    return float(np.interp(share, shares, days))


def known_share(facts: Facts, wait: float, window: float) -> float:
    """Share of outcomes that are known of rows from ``wait`` to ``wait + window`` days old."""
    days, shares = facts.data["labels"]["days"], facts.data["labels"]["known"]
    return float(np.interp(np.linspace(wait, wait + window, 41), days, shares).mean())


def _bad_rows(run: _Run, event: Event, size: float) -> str:
    """Rows that got through spoil answers until somebody notices and they are mended."""
    name, hours = run.monitored("inputs", "outputs", "outcomes")
    run.spoil(event.at, hours + event.hours, size)
    return name


def _checked(run: _Run, event: Event, deviations: float, size: float) -> str | None:
    """The data checks' name if they see so many standard deviations."""
    line = run.line
    if "checks" not in line.guards or line.of("checks", "threshold") > deviations:
        return None
    if line.of("checks", "on_fail") == "hold":
        run.hold(event.at, event.hours)
    else:
        run.spoil(event.at, run.people["tell_h"] + event.hours, size)
    run.money += run.people["alarm"]
    return line.names["checks"]


def _schema(run: _Run, event: Event) -> str:
    told = run.facts.data["model"]
    if "contract" in run.line.guards:
        run.hold(event.at, event.hours)
        return run.line.names["contract"]
    found = _checked(run, event, told["schema_sd"], told["schema"])
    return found if found is not None else _bad_rows(run, event, told["schema"])


def _doubled(run: _Run, event: Event) -> str:
    """Rows of half a day come again after ``hours``."""
    line = run.line
    again = slice(event.at, event.at + DAY // 2)
    if "dedup" in line.guards and line.of("dedup", "window_h") >= event.hours:
        return line.names["dedup"]
    if (
        line.has("managed_load")
        and event.out != "managed_load"
        and run.facts.of("managed_load")["once_h"] >= event.hours
    ):
        return line.names["managed_load"]
    mended = replace(event, hours=run.people["mend_h"])
    found = _checked(run, mended, event.size, run.facts.data["model"]["doubled"])
    if found is not None:
        return found
    run.come[again] *= 2
    return _bad_rows(run, mended, run.facts.data["model"]["doubled"])


def _value(run: _Run, event: Event) -> str:
    size = run.facts.data["model"]["value"]
    found = _checked(run, event, event.size, size)
    return found if found is not None else _bad_rows(run, event, size)


def _late(run: _Run, event: Event) -> str:
    """Nothing comes for some hours, then all at once; what is too late for the loader is lost."""
    line, end = run.line, min(HOURS - 1, int(event.at + event.hours))
    hours = slice(event.at, end)
    run.come[end] += run.come[hours].sum()
    run.come[hours] = 0
    run.complete[hours] = event.at
    loader = next(kind for kind in line.names if kind.endswith("_load"))
    lost = max(0.0, event.hours - (0.0 if event.out == loader else line.lateness))
    if not lost:
        return line.names[loader]
    gap = replace(event, at=end, hours=run.people["mend_h"])
    size = run.facts.data["model"]["gap"] * min(1.0, lost / DAY)
    if "checks" in line.guards:  # what is gone is asked for again
        run.spoil(gap.at, run.people["tell_h"] + gap.hours, size)
        run.money += run.people["alarm"]
        return line.names["checks"]
    return _bad_rows(run, gap, size)


def _labels(run: _Run, event: Event) -> str:
    """Some outcomes of some days are the wrong way round."""
    line, told = run.line, run.facts.of("label_audit")
    if "label_audit" in line.guards:
        seen = line.of("label_audit", "looked_at") * event.hours / DAY
        if event.size >= told["limit"] / np.sqrt(seen):
            return line.names["label_audit"]
    window = line.of("trainer", "window_days")
    part = event.hours / DAY / (event.hours / DAY + window)
    return _bad_model(run, event, min(0.5, 3 * event.size * part), looks=("outcomes",))


def _code(run: _Run, event: Event) -> str:
    if "code to trainer" in run.line.guards and run.line.of("code", "tests") == "on_data":
        return run.line.names["code"]
    return _bad_model(run, event, event.size, looks=("outputs", "outcomes"))


def _bad_model(run: _Run, event: Event, size: float, looks: tuple[str, ...]) -> str:
    """A model that is worse by ``size``: refused, stopped while it is watched, or taken back."""
    line, begin = run.line, run.next_training(event.at)
    mended = run.people["model_mend_h"]
    gate = "gate" in line.guards and line.of("gate", "margin") <= size
    if gate and (event.kind != "labels" or line.of("gate", "holdout") == "checked"):
        run.untrained.append((event.at, event.at + mended))
        return line.names["gate"]
    name, hours = run.monitored(*looks)
    watch, first = line.of("serving", "watch_h"), line.of("serving", "first")
    if name and hours <= watch:  # it never had more than the first share
        run.spoil(begin, hours, size * first)
        run.untrained.append((event.at, event.at + mended))
        return line.names["serving"]
    run.spoil(begin, hours - watch * (1 - first) + run.taken_back(), size)
    run.untrained.append((begin + 1, begin + hours + mended))
    return name


def _trainer(run: _Run, event: Event) -> str:
    if run.line.of("orchestrator", "retries", 0) >= 1:
        return run.line.names["orchestrator"]
    begin = run.next_training(event.at)
    run.untrained.append((begin, begin + run.people["by_hand_h"]))
    return NOBODY


def _region(run: _Run, event: Event) -> str:
    hours, name = event.hours, NOBODY
    if run.line.has("standby"):
        ready = run.facts.of("standby")[f"{run.line.of('standby', 'mode')}_h"]
        if ready < hours:
            hours, name = ready, run.line.names["standby"]
    run.down[event.at : int(np.ceil(event.at + hours))] = True
    return name


HAPPENINGS: dict[str, Callable[[_Run, Event], str]] = {
    "schema": _schema, "doubled": _doubled, "value": _value, "late": _late, "labels": _labels,
    "code": _code, "trainer": _trainer, "region": _region,
}  # fmt: skip


# -- the walk, hour by hour --------------------------------------------------------------------


@dataclass(frozen=True)
class _Flow:
    """Of each hour and run, (HOURS, B): age of features, rows taken in, money of the two steps.

    ``backfilled``, (B,): hours from the first demand for old features until all are there.
    """

    age: np.ndarray
    loaded: np.ndarray
    load: np.ndarray
    features: np.ndarray
    backfilled: np.ndarray


@dataclass
class _Step:
    """A stage of all runs: what waits, what its present run still has to do, how far it is."""

    numbers: dict[str, np.ndarray]
    rate: np.ndarray  # (B,) million rows an hour on average
    waiting: np.ndarray
    job: np.ndarray
    cutting: np.ndarray
    cut: np.ndarray
    since: np.ndarray
    owed: np.ndarray  # (B,) a run that could not start yet

    @classmethod
    def of(cls, stages: Sequence[Stage], rate: np.ndarray) -> _Step:
        names = Stage.__dataclass_fields__
        numbers = {name: np.array([float(getattr(s, name)) for s in stages]) for name in names}
        none = np.zeros(len(stages))  # steps make new arrays and change none
        since = numbers["every"]
        return cls(numbers, rate, none, none, none, none, since, none > 0)

    def begin(self, due: np.ndarray, able: np.ndarray, upto: np.ndarray) -> np.ndarray:
        """Which runs start: those that are due or late, where anything can."""
        self.owed = self.owed | due
        start = self.owed & able
        self.owed = self.owed & ~start
        self.job = np.where(start, self.waiting, self.job)
        self.cutting = np.where(start, upto, self.cutting)
        self.since = np.where(start, 0.0, self.since)
        return start

    def work(self, able: np.ndarray) -> np.ndarray:
        """Million rows that are done in this hour, oldest first."""
        done = np.minimum(self.job, self.numbers["speed"] * able)
        self.job = self.job - done
        self.waiting = self.waiting - done
        self.cut = np.maximum(self.cut, self.cutting - self.job / self.rate)
        self.since = self.since + 1
        return done

    def price(self, done: np.ndarray, start: np.ndarray) -> np.ndarray:
        n = self.numbers
        return np.asarray(
            n["hour"] + n["while_on"] * done / n["speed"] + n["row"] * done + n["start"] * start
        )


def _flow(runs: Sequence[_Run]) -> _Flow:
    come = np.array([run.come for run in runs]).T
    complete = np.array([run.complete for run in runs]).T
    down = np.array([run.down for run in runs]).T
    held = np.array([run.held for run in runs]).T | down
    old_at, old_rows = _old(runs)
    rate = np.maximum([run.quarter.rows.mean() for run in runs], TINY)
    load = _Step.of([run.line.load for run in runs], rate)
    make = _Step.of([run.line.features for run in runs], rate)
    chained = np.array([run.line.has("orchestrator") for run in runs])
    flowing = make.numbers["every"] == 1  # takes what is there, whether more waits or not
    latency = load.numbers["latency"] + make.numbers["latency"]
    half = make.numbers["every"] // 2
    old, ready = np.zeros(len(runs)), np.full(len(runs), np.inf)
    age, loaded, spent1, spent2 = (np.zeros(come.shape) for _ in range(4))
    for hour in range(HOURS):
        load.waiting = load.waiting + come[hour]
        able = ~held[hour]
        start = load.begin(hour % load.numbers["every"] == 0, able, complete[hour])
        done = load.work(able)
        loaded[hour], spent1[hour] = done, load.price(done, start)
        make.waiting = make.waiting + done
        up = ~down[hour]
        due = np.where(
            chained | flowing,
            (make.since >= make.numbers["every"]) & ((load.job <= TINY) | flowing),
            hour % make.numbers["every"] == half,
        )
        start = make.begin(due, up, load.cut)
        done = make.work(up)
        old = old + np.where(old_at == hour, old_rows, 0.0)
        spare = (make.numbers["speed"] - done + make.numbers["extra"]) * up
        anew = np.minimum(old, spare)
        old = old - anew
        ready = np.where((anew > 0) & (old <= TINY), hour + 1 - old_at, ready)
        spent2[hour] = make.price(done, start) + make.numbers["old"] * (anew > 0)
        by_base = np.minimum(anew, make.numbers["speed"] - done)
        spent2[hour] += make.numbers["while_on"] * by_base / make.numbers["speed"]
        spent2[hour] += make.numbers["row"] * anew
        age[hour] = hour + 1 - make.cut + latency
    return _Flow(age, loaded, spent1, spent2, ready)


def _old(runs: Sequence[_Run]) -> tuple[np.ndarray, np.ndarray]:
    """(hour at which old features are asked for or -1, million rows that they take), (B,)."""
    at, rows = np.full(len(runs), -1), np.zeros(len(runs))
    for place, run in enumerate(runs):
        for event in run.quarter.happens:
            if event.kind == "backfill":
                at[place] = event.at
                rows[place] = event.size * DAY * run.quarter.rows.mean()
    return at, rows
