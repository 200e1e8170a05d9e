"""What 1 means: the best plan that a search finds for the true firm, over drawn years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..toolkit.firm import Firm
from ..toolkit.plans import plan_of
from ..toolkit.scheduler import Assumed, Worlds, run
from ..toolkit.staffing import Work, effort, gains, staffed, with_needs

WORLDS = 12  # years on which plans are compared
ROUNDS, WIDTH, KEPT = 14, 48, 6


@dataclass(frozen=True)
class Reference:
    """The best plan.

    Attributes:
        work: as plain data.
        value: mean of its value over the years it was judged on.
        looked_at: how many plans.
    """

    work: Work
    value: float
    looked_at: int


def values(firm: Firm, works: Sequence[Work], worlds: Worlds, assumed: Assumed) -> np.ndarray:
    """Mean value of each plan over the same worlds, (plans,)."""
    plans = [plan_of(work, firm) for work in works]
    which = np.repeat(np.arange(len(plans)), len(worlds))
    rows = worlds.rows(np.tile(np.arange(len(worlds)), len(plans)))
    course = run(firm, plans, rows, assumed, which)
    return np.asarray(course.value.reshape(len(plans), len(worlds)).mean(axis=1))


def find(firm: Firm, assumed: Assumed, worlds: Worlds, rng: np.random.Generator) -> Reference:
    """The best of plans by rule and their changed descendants."""
    few = worlds.rows(np.arange(WORLDS))
    works = list(starts(firm, assumed))
    found = values(firm, works, few, assumed)
    looked_at = len(works)
    for _ in range(ROUNDS):
        best = np.argsort(-found, kind="stable")[:KEPT]
        parents = [works[i] for i in best]
        fresh = [_changed(parents[n % len(parents)], firm, assumed, rng) for n in range(WIDTH)]
        works = parents + fresh
        found = np.concatenate([found[best], values(firm, fresh, few, assumed)])
        looked_at += len(fresh)
    best = np.argsort(-found, kind="stable")[:KEPT]
    parents = [works[i] for i in best]
    judged = values(firm, parents, worlds, assumed)
    top = int(np.argmax(judged))
    return Reference(parents[top], float(judged[top]), looked_at)


# -- plans by rule ---------------------------------------------------------------------------------


def starts(firm: Firm, assumed: Assumed) -> Iterator[Work]:
    """By what a day brings; the audit early or late, with or without coaching."""
    for audit_place in (0, 3, 6):
        for power in (0.6, 1.0):
            for coached in (True, False):
                yield by_rule(firm, assumed, audit_place, power, coached)
    for wins in (1, 2, 3, 4):
        for audit_late in (True, False):
            yield by_quarters(firm, assumed, wins, audit_late)


def by_quarters(firm: Firm, assumed: Assumed, wins: int, audit_late: bool) -> Work:
    """Small things that bring much for a day; then the dearest target and the audit; then all."""
    gain = gains(firm, assumed)
    bundles = {name: with_needs(firm, assumed, name) for name in firm.ids}

    def per_day(name: str) -> float:
        days = sum(effort(firm, assumed, each) for each in bundles[name])
        return sum(gain[each] for each in bundles[name]) / days

    worthy = sorted((n for n in firm.ids if gain[n] > 0), key=per_day, reverse=True)
    small = [name for name in worthy if len(bundles[name]) == 1]
    audit = [name for name in firm.ids if firm.audited[firm.ids.index(name)]]
    dearest = max(worthy, key=lambda name: gain[name])
    middle = [dearest, *audit] if audit_late else [*audit, dearest]
    order: list[str] = []
    for name in [*small[:wins], *middle, *worthy]:
        order += [each for each in bundles[name] if each not in order]
    return staffed(firm, assumed, order, {name for name in order if gain[name] > 0})


def by_rule(firm: Firm, assumed: Assumed, audit_place: int, power: float, coached: bool) -> Work:
    """First what brings most for its days, with all that it needs; the audit's at a place."""
    gain = gains(firm, assumed)
    audit = [name for name in firm.ids if firm.audited[firm.ids.index(name)]]
    order: list[str] = []
    bundles: dict[str, list[str]] = {n: with_needs(firm, assumed, n) for n in firm.ids}
    left = {name for name in firm.ids if gain[name] > 0}
    while left or audit:
        if audit and (len(order) >= audit_place or not left):
            for name in audit:
                order += [n for n in bundles[name] if n not in order]
            audit = []
            continue
        fresh = {name: [n for n in bundles[name] if n not in order] for name in sorted(left)}
        name = max(
            fresh,
            key=lambda name: (
                sum(gain[n] for n in fresh[name])
                / max(1.0, sum(effort(firm, assumed, n) for n in fresh[name])) ** power
            ),
        )
        order += fresh[name]
        left -= set(order)
    return staffed(firm, assumed, order, {n for n in order if coached and gain[n] > 0})


# -- changes ---------------------------------------------------------------------------------------


def _changed(work: Work, firm: Firm, assumed: Assumed, rng: np.random.Generator) -> Work:
    """A plan with one to three changes: order, owners, coaching, one more or less."""
    made = [dict(row) for row in work]
    for _ in range(rng.integers(1, 4)):
        _change(made, firm, rng)
    if rng.random() < 0.4:  # and people anew, by rule
        return staffed(
            firm, assumed, [r["id"] for r in made], {r["id"] for r in made if r["coached"]}
        )
    return made


def _change(work: Work, firm: Firm, rng: np.random.Generator) -> None:
    what, place = rng.random(), int(rng.integers(len(work)))
    if what < 0.45:
        work.insert(int(rng.integers(len(work))), work.pop(place))
    elif what < 0.6:
        work[place]["coached"] = not work[place]["coached"]
    elif what < 0.8:
        work[place]["owners"] = _owners(work[place]["id"], firm, rng)
    elif what < 0.9 and len(work) > 4:
        work.pop(place)
    else:
        missing = [name for name in firm.ids if name not in {row["id"] for row in work}]
        if missing:
            name = missing[rng.integers(len(missing))]
            row = {"id": name, "owners": _owners(name, firm, rng), "coached": False, "from": 0}
            work.insert(place, row)


def _owners(name: str, firm: Firm, rng: np.random.Generator) -> list[str]:
    able = [p for i, p in enumerate(firm.people) if firm.able[i, firm.ids.index(name)]]
    return [str(p) for p in rng.permutation(able)[: rng.integers(1, 3)]]
