"""What the ledger says, and what is asked of Prometheus' tools about the scrapes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worksample.grading.services import Exchange, ServiceResult
from worksample.kit import replies
from worksample.workbook.metrics import promtool
from worksample.workbook.metrics.exposition import Minute, Scrape, Values, name_of, parsed, spliced
from worksample.workbook.metrics.promtool import FIRING, Question

from ..toolkit import clock
from ..toolkit.clock import TARGET, Episode, Recorded
from ..toolkit.traffic import World, accuracy, expected
from . import reading

if TYPE_CHECKING:
    from worksample.case import Case

KILLED = 6  # after this block a worker is replaced
# blocks after which everything is asked three times over: a constant is right after few of them
LOOKED = (6, 29, 54, 56, 71)
MAX_LAID = 500  # series on the days' clock
EVERY = 1  # minutes between two looks at what fires
SAMPLE = 12
SPOILS = 0.05  # share of answers that are late for no reason of the traffic's


def hidden_world(case: Case) -> tuple[dict[str, Any], int]:
    """The world with the drift that nobody was told of, and the seed of its traffic."""
    truth = case.truth()
    world = json.loads((case.public / "world.json").read_text("utf-8"))
    return {**world, "drift": truth["drift"]}, truth["traffic"]


def sample(case: Case) -> list[bytes]:
    """A few requests that are all well."""
    facts, seed = hidden_world(case)
    world = World(facts, seed + 1)
    return [json.dumps(world.invoice(0.0)).encode() for _ in range(SAMPLE)]


def answered_right(exchange: Exchange, model: Mapping[str, Any]) -> bool:
    """Whether a request was answered with its prediction."""
    try:
        value = replies.parsed(exchange.body)["score"]
        right = expected(model, json.loads(exchange.request.body or b""))
        return exchange.status == 200 and math.isclose(value, right, abs_tol=1e-6)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


@dataclass(frozen=True)
class Moment:
    """What is true after a block, all of it counted on our side."""

    answered: int
    rejected: int
    failed: int
    slow: tuple[float, float]  # share known to be slow, and share that seemed so from outside
    score: float
    filled: int
    accuracy: float | None


def moments(case: Case, recorded: ServiceResult) -> dict[int, Moment]:
    """Block -> what is true after it, by the ledger."""
    facts, seed = hidden_world(case)
    truth = case.truth()
    world = World(facts, seed)
    kinds = clock.conditions(truth["sizes"])
    counts = dict.fromkeys((200, 422, 503), 0)
    scores, slow, seemed, filled = 0.0, 0, 0, 0
    found: dict[int, Moment] = {}
    for number, name in enumerate(clock.recording()):
        world.block(kinds[name])
        for each in recorded.asked(f"block/{number}"):
            if each.request.path != "/score":
                continue
            if each.status in counts:
                counts[each.status] += 1
            if each.status == 200:
                invoice = json.loads(each.request.body or b"")
                scores += expected(facts["model"], invoice)
                slow += invoice["customer"] == "c8"
                seemed += each.seconds > truth["least"]["slow"]
                filled += invoice["orders_before"] is None
        world.labels(kinds[name].wrong)
        many = max(counts[200], 1)
        known = accuracy(world.feed, facts["mature"], int(truth["least"]["last"]))
        found[number] = Moment(
            counts[200],
            counts[422],
            counts[503],
            (slow / many, seemed / many),
            scores / many,
            filled,
            known,
        )
    return found


@dataclass(frozen=True)
class Laid:
    """A recording's scrapes, as they were and laid on days.

    Attributes:
        scrapes: in the order they were made; ``after`` says after which block each was.
    """

    tree: Mapping[str, bytes]
    scrapes: tuple[Scrape, ...]
    after: tuple[int, ...]
    minutes: tuple[Minute, ...]
    episodes: tuple[Episode, ...]

    @classmethod
    def of(
        cls, case: Case, tree: Mapping[str, bytes], services: Mapping[str, ServiceResult]
    ) -> Laid | None:
        """None where there is nothing that could be laid."""
        recorded = services.get("recorded")
        if recorded is None or not recorded.ok:
            return None
        plan = clock.recording()
        last: list[Scrape] = []
        scrapes: list[Scrape] = []
        after: list[int] = []
        for number in range(len(plan) + 1):
            made = [
                parsed(each.body, TARGET) if each.status == 200 else Scrape()
                for each in recorded.asked(f"scrape/{number}")
            ]
            scrapes += made
            after += [number - 1] * len(made)
            last.append(made[-1] if made else Scrape())
        if not any(each.samples for each in last):
            return None
        truth = case.truth()
        blocks = Recorded.of(plan, last, _spoilt(recorded, truth["least"]["slow"]))
        minutes, episodes = clock.days(blocks, truth["faults"], truth["calm"], truth["days"])
        return cls(tree, tuple(scrapes), tuple(after), tuple(minutes), tuple(episodes))

    @property
    def known(self) -> list[str]:
        """The names of all metrics."""
        return sorted({name_of(each) for scrape in self.scrapes for each in scrape.samples})

    def looked(self) -> list[int]:
        """Places in ``scrapes`` at which queries are compared with the truth."""
        return [i for i, block in enumerate(self.after) if block in LOOKED]

    def tests(self) -> dict[str, bytes]:
        """What promtool is asked: name of the trial -> its test."""
        rules = [reading.RULES]
        return {
            "truth": promtool.test_file(self._series(), self.questions(), rules),
            "days": promtool.test_file(self._days(), self.day_questions(), rules),
        }

    def questions(self) -> list[Question]:
        """The queries about numbers since the start, asked at each look."""
        given = reading.queries(self.tree)["queries"]
        return [
            Question(given.get(name, "vector(0) > 1"), self.looked()) for name in reading.QUERIES
        ]

    def day_questions(self) -> list[Question]:
        """What fires; then drift, then each panel, where panels are looked at."""
        given = reading.queries(self.tree)
        minutes = sorted(set().union(*clock.asked_of(self.episodes).values()))
        shown = [given["queries"].get("drift"), *(given["panels"].get(n) for n in reading.PANELS)]
        every = Question(FIRING, range(clock.SETTLES, len(self.minutes), EVERY))
        return [every, *(Question(each or "vector(0) > 1", minutes) for each in shown)]

    def _series(self) -> dict[str, Values]:
        laid: dict[str, Values] = {}
        wanted = self._wanted()
        for number, scrape in enumerate(self.scrapes):
            for series, value in scrape.samples.items():
                if name_of(series) in wanted:
                    laid.setdefault(series, [None] * len(self.scrapes))[number] = value
        return _bounded(laid)

    def _days(self) -> dict[str, Values]:
        wanted = self._wanted()
        return _bounded(spliced(self.minutes, lambda name: name in wanted, TARGET))

    def _wanted(self) -> set[str]:
        given = reading.queries(self.tree)
        rules = self.tree.get(reading.RULES, b"")[: reading.MAX_BYTES].decode("utf-8", "replace")
        texts = [rules, *given["queries"].values(), *given["panels"].values()]
        return clock.names_in(texts, self.known)


def _spoilt(recorded: ServiceResult, slow: float) -> set[int]:
    """Blocks in which more answers were slow, seen from outside, than customers make it.

    Most often that is this machine's doing.
    """
    spoilt = set()
    for number in range(len(clock.recording())):
        asked = [e for e in recorded.asked(f"block/{number}") if e.request.path == "/score"]
        late = sum(e.seconds > slow and b'"c8"' not in (e.request.body or b"") for e in asked)
        if late > SPOILS * max(len(asked), 1):
            spoilt.add(number)
    return spoilt


def _bounded(laid: Mapping[str, Values]) -> dict[str, Values]:
    return {
        name: laid[name] for name in sorted(laid, key=lambda n: not n.startswith("up{"))[:MAX_LAID]
    }


def single(found: Sequence[tuple[dict[str, str], float]]) -> float | None:
    """The one number that a query gives; None for none, or for several."""
    return found[0][1] if len(found) == 1 and math.isfinite(found[0][1]) else None
