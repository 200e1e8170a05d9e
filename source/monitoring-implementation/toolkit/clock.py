"""What is recorded of a service, and the days that are put together from it: for both sides.

A *recording* is one service, asked block by block while something is the matter, and scraped
after each. *Days* are minutes on a clock of their own, each a recorded block: with faults in them,
and with what is only unusual.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from worksample.workbook.metrics.exposition import Block, Minute, Scrape

from .traffic import Condition

TARGET = {"instance": "scoring:8000", "job": "scoring"}
CALM, AFTER, DURING = 10, 3, 6  # blocks of a recording
QUIET = 0.15  # of the usual, at night
LEAD, ECHO, STRETCH = 40, 75, 60  # minutes
CAMPAIGN = 60  # minutes that a campaign lasts
DEPLOYS = 7  # minutes that a deploy takes
SETTLES = 45  # minutes at the beginning of all days that are not judged
PAGES = {"errors": 15, "slow": 15, "silence": 20, "down": 15}  # fault -> to be noticed within
TICKETS = {"drift": 90, "missing": 90, "quality": 90}
LASTS = {**dict.fromkeys(PAGES, 45), **dict.fromkeys(TICKETS, 120)}
RECORDED = ("errors", "slow", "drift", "missing", "quality")
HARMLESS = ("usual", "peak", "night", "campaign", "rubbish", "deploy")


def conditions(sizes: Mapping[str, float]) -> dict[str, Condition]:
    """Name -> what is the matter; sizes are those of `world.json`, or of hidden faults."""
    return {
        "calm": Condition(),
        "oops": Condition(requests=6, fail=1 / 6, slow=0.0, malformed=0),
        "errors": Condition(fail=sizes["errors"]),
        "slow": Condition(slow=sizes["slow"]),
        "drift": Condition(shift=1.0),
        "campaign": Condition(shift=sizes["campaign"]),
        "missing": Condition(missing=sizes["missing"]),
        "quality": Condition(wrong=sizes["quality"]),
        "rubbish": Condition(malformed=30, junk=30),
    }


def recording() -> list[str]:
    """The conditions of a recording, block by block; after each fault it is calm again."""
    plan = ["calm"] * (CALM + 4)
    plan += ["oops"]
    for fault in RECORDED:
        plan += [fault] * DURING + ["calm"] * AFTER
    return [*plan, *["campaign"] * DURING, *["calm"] * AFTER, "rubbish", "rubbish", "calm"]


@dataclass(frozen=True)
class Recorded:
    """Blocks by condition, in the order in which they were recorded; ``name+`` came after it."""

    blocks: Mapping[str, Sequence[Block]]

    @classmethod
    def of(
        cls, plan: Sequence[str], scrapes: Sequence[Scrape], spoilt: Collection[int] = ()
    ) -> Recorded:
        """From a plan and the scrapes: one before its first block, and one after each.

        Args:
            spoilt: blocks in which the machine was slow, which are left out where half are not.
        """
        found: dict[str, list[Block]] = {}
        sound: dict[str, list[Block]] = {}
        last = ""
        for number, name in enumerate(plan[: len(scrapes) - 1]):
            block = Block(scrapes[number], scrapes[number + 1])
            key = f"{last}+" if name == "calm" and last else name
            found.setdefault(key, []).append(block)
            sound.setdefault(key, []).extend([] if number in spoilt else [block])
            if name not in ("calm", "oops"):
                last = name
        for blocks in (found, sound):  # windows have filled by then
            blocks["calm"] = blocks.get("calm", [])[4:]
        enough = {name: 2 * len(sound[name]) >= len(every) for name, every in found.items()}
        return cls({name: sound[name] if enough[name] else every for name, every in found.items()})

    @property
    def whole(self) -> bool:
        """Whether every condition was recorded to its end."""
        return bool(self.blocks.get("rubbish+")) and 2 * len(self.blocks["calm"]) >= CALM


@dataclass(frozen=True)
class Episode:
    """A stretch of the days that is judged.

    Attributes:
        kind: the fault, or what is unusual and harmless.
        first, onset, over, last: minutes; onset and over are those of the stretch where it is calm.
    """

    kind: str
    first: int
    onset: int
    over: int
    last: int

    @property
    def fault(self) -> bool:
        return self.kind in LASTS


def days(
    recorded: Recorded, faults: Sequence[str], calm: Sequence[str], seed: int
) -> tuple[list[Minute], list[Episode]]:
    """Minutes with these faults and harmless stretches in a drawn order, and where they are."""
    rng = np.random.default_rng(seed)
    minutes = list(_usual(recorded, SETTLES, rng))
    episodes = []
    kinds = [*faults, *calm]
    for number in rng.permutation(len(kinds)):
        kind, first = kinds[int(number)], len(minutes)
        if kind in LASTS:
            minutes += _usual(recorded, LEAD, rng)
            onset = len(minutes)
            minutes += _fault(recorded, kind, LASTS[kind], rng)
            over = len(minutes)
            minutes += _after(recorded, kind, ECHO, rng)
        else:
            onset, over = first, first
            minutes += _harmless(recorded, kind, rng)
        episodes.append(Episode(kind, first, onset, over, len(minutes)))
    return minutes, episodes


def _usual(recorded: Recorded, many: int, rng: np.random.Generator) -> list[Minute]:
    calm = recorded.blocks["calm"]
    picked = [calm[int(i)] for i in rng.permutation(many) % len(calm)]
    return [Minute(each, float(rng.uniform(0.8, 1.25))) for each in picked]


def _fault(recorded: Recorded, kind: str, many: int, rng: np.random.Generator) -> list[Minute]:
    if kind == "silence":
        return [Minute(None)] * many
    if kind == "down":
        return [Minute(None, up=False)] * many
    blocks = recorded.blocks[kind]
    settled = blocks[len(blocks) // 2 :]  # first as it was recorded, then its end again and again
    order = [*blocks, *(settled[int(i)] for i in rng.permutation(many) % len(settled))][:many]
    return [Minute(each, float(rng.uniform(0.8, 1.25))) for each in order]


def _after(recorded: Recorded, kind: str, many: int, rng: np.random.Generator) -> list[Minute]:
    own = recorded.blocks.get(f"{kind}+", ())
    fresh = [Minute(recorded.blocks["calm"][0], fresh=True)] if kind == "down" else []
    return [*fresh, *(Minute(each) for each in own), *_usual(recorded, many, rng)][:many]


def _harmless(recorded: Recorded, kind: str, rng: np.random.Generator) -> list[Minute]:
    usual = _usual(recorded, STRETCH, rng)
    if kind == "peak":
        shape = 1 + 3 * np.sin(np.linspace(0, np.pi, STRETCH))
        return [Minute(m.block, m.factor * float(f)) for m, f in zip(usual, shape, strict=True)]
    if kind == "night":
        night = [Minute(each.block, QUIET * each.factor) for each in usual]
        for start in range(8, STRETCH - 15, 30):
            night[start + int(rng.integers(0, 15))] = Minute(recorded.blocks["oops"][0])
        return night
    if kind == "campaign":
        own = _fault(recorded, "campaign", CAMPAIGN, rng)
        return [*(Minute(m.block, 2 * m.factor) for m in own), *_after(recorded, kind, 30, rng)]
    if kind == "rubbish":
        odd = recorded.blocks["rubbish"]
        many = [Minute(odd[int(i)]) for i in rng.permutation(25) % len(odd)]
        return [*usual[:30], *many, *_after(recorded, kind, STRETCH - 55, rng)]
    if kind == "deploy":
        gone = [Minute(None, up=False)] * DEPLOYS
        again = [Minute(usual[30 + DEPLOYS].block, fresh=True)]
        return [*usual[:30], *gone, *again, *usual[31 + DEPLOYS :]]
    return usual


def asked_of(episodes: Sequence[Episode]) -> dict[str, list[int]]:
    """Where panels are looked at: fault -> minutes when it has settled; ``calm`` -> usual ones."""
    found: dict[str, list[int]] = {"calm": []}
    for each in episodes:
        if each.fault:
            start = each.onset + (each.over - each.onset) * 2 // 3
            found.setdefault(each.kind, []).extend(range(start, each.over, 5))
        elif each.kind in ("usual", "peak", "night"):
            found["calm"].extend(range(each.first + 20, each.last, 8))
    return found


def names_in(texts: Sequence[str], known: Sequence[str]) -> set[str]:
    """Which metrics are spoken of in queries and rules: the others need not be laid out."""
    whole = "\n".join(texts)
    if "__name__" in whole:
        return set(known)
    return {name for name in known if name in whole}
