"""The year of a plan, five hundred times: people's days, skills, needs, money, adoption, events.

Everything is done for many rows at once: a row is one plan in one drawn world. A sprint is two
weeks. In each sprint the owners' days go to the plan's initiatives in the plan's order: to the
first that can be worked on, what is left to the next. An initiative can be worked on when all it
needs was done before this sprint and, to begin, its price is left in the budget. Work by somebody
without the skill counts half. What is done is adopted bit by bit, and takes away as much of its
target as is adopted; what several take away of one target is multiplied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .firm import EVENTS, HORIZONS, SKILLS, SPRINTS, TARGETS, WEIGHTS, Firm
from .plans import Plan

MONTHS = 12 / SPRINTS  # in a sprint
UNSKILLED = 0.5
COACHING = 1.3  # times the effort of an initiative whose users are coached
HANDOVER = 3  # sprints until somebody takes over what a leaver had
SIZES = {"price": 1.4, "incident": 0.25, "freeze": 0.3, "resistance": 2.5}
LENGTHS = {"owner": 7, "vendor": 7, "incident": 3}
EARLIER = 3  # sprints by which the audit may come earlier
LEAVER, AUDIT, PRICE, OWNER, VENDOR, INCIDENT, FREEZE, RESISTANCE = range(len(EVENTS))
NEVER = 10 * SPRINTS


@dataclass(frozen=True)
class Assumed:
    """What is assumed of the firm; the defaults are what its papers say.

    Attributes:
        stakes: target -> thousand euro a month that it costs today.
        overrun: skill -> days that work really takes, over those estimated.
        adoption: sprints until about two thirds use what is new: (with coaching, without).
        also_needs: pairs (initiative, what it is worth nothing without), beyond the table.
        chances: event -> probability that it happens in the year.
    """

    stakes: Mapping[str, float]
    overrun: Mapping[str, float]
    adoption: tuple[float, float]
    also_needs: Sequence[tuple[str, str]]
    chances: Mapping[str, float]


@dataclass(frozen=True)
class Worlds:
    """Drawn years; each array has one entry a world.

    Attributes:
        effort: days that each initiative takes, (n, initiatives).
        cut: share that it takes away of its target once all use it, (n, initiatives).
        adoption: sprints, (n, 2): with coaching, without.
        at: sprint in which each event happens, NEVER if it does not, (n, events).
    """

    effort: np.ndarray
    cut: np.ndarray
    adoption: np.ndarray
    at: np.ndarray

    def __len__(self) -> int:
        return len(self.at)

    def rows(self, places: np.ndarray) -> Worlds:
        """These worlds, in this order."""
        return Worlds(*(getattr(self, name)[places] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Course:
    """What became of each row.

    Attributes:
        done: sprint at whose end an initiative was done, NEVER if it was not, (n, initiatives).
        benefit: thousand euro that each sprint brought, (n, SPRINTS).
        passed: whether all that the audit wants was there when it came, (n,).
        left: share of each target that is left at the end, (n, targets).
        spent: thousand euro, (n,).
    """

    done: np.ndarray
    benefit: np.ndarray
    passed: np.ndarray
    left: np.ndarray
    spent: np.ndarray

    def up_to(self, month: str) -> np.ndarray:
        """Thousand euro up to a month's end, (n,)."""
        return np.asarray(self.benefit[:, : HORIZONS[month]].sum(axis=1))

    @property
    def value(self) -> np.ndarray:
        """What a plan is judged by, (n,): early benefit counts several times."""
        return np.asarray(sum(weight * self.up_to(name) for name, weight in WEIGHTS.items()))


def draw_worlds(firm: Firm, assumed: Assumed, rng: np.random.Generator, count: int) -> Worlds:
    """Years as they may come by what is assumed."""
    size = (count, len(firm.ids))
    low, likely, high = firm.effort.T
    effort = rng.triangular(low, likely, high, size)
    effort *= np.array([assumed.overrun[skill] for skill in SKILLS])[firm.skill]
    cut = rng.uniform(firm.cut[:, 0], firm.cut[:, 1], size)
    adoption = np.array(assumed.adoption) * rng.uniform(0.8, 1.25, (count, 2))
    happens = rng.random((count, len(EVENTS))) < [assumed.chances[name] for name in EVENTS]
    at = np.where(happens, rng.integers(4, 20, (count, len(EVENTS))), NEVER)
    return Worlds(effort, cut, adoption, at)


def without(worlds: Worlds, events: Sequence[str] = EVENTS) -> Worlds:
    """The same worlds, in which these events do not happen."""
    at = worlds.at.copy()
    at[:, [EVENTS.index(name) for name in events]] = NEVER
    return replace(worlds, at=at)


def run(firm: Firm, plans: Sequence[Plan], worlds: Worlds, assumed: Assumed, which: Any = None):
    """The plans' year.

    Args:
        firm: the facts.
        plans: one or more.
        worlds: one a row.
        assumed: for its stakes and needs; the worlds hold all else.
        which: the plan of each row, (n,); the first one's by default.

    Returns:
        Course.
    """
    which = np.zeros(len(worlds), dtype=int) if which is None else np.asarray(which)
    state = _Year(firm, plans, worlds, assumed, which)
    for sprint in range(SPRINTS):
        state.work(sprint)
    return state.course(assumed)


class _Year:
    """Rows on their way through the year. Column ``none`` stands for no initiative, or nobody."""

    def __init__(
        self, firm: Firm, plans: Sequence[Plan], worlds: Worlds, assumed: Assumed, which: np.ndarray
    ):
        self.firm, self.worlds, self.rows = firm, worlds, np.arange(len(worlds))
        self.none, self.nobody = len(firm.ids), len(firm.people)
        longest = max(len(plan.order) for plan in plans)
        self.order = np.stack([_filled(p.order, longest, self.none) for p in plans])[which]
        self.owners = np.stack([_filled(p.owners, longest, self.nobody) for p in plans])[which]
        self.begin = np.stack([_filled(p.begin, longest, 0) for p in plans])[which]
        coached = np.stack([_scattered(p.order, p.coached, self.none) for p in plans])[which]
        self.coached = coached[:, :-1].astype(bool)
        effort = worlds.effort * np.where(self.coached, COACHING, 1.0)
        self.left = np.pad(effort, ((0, 0), (0, 1)))
        self.left[:, self.none] = 0
        able = np.pad(firm.able, ((0, 1), (0, 1)))
        self.speed = np.where(able[self.owners, self.order[:, :, None]], 1.0, UNSKILLED)
        self.started = np.zeros_like(self.left, dtype=bool)
        self.done = np.full(self.left.shape, float(NEVER))
        self.money = np.full(len(worlds), float(firm.data["budget"]))
        self.spent = np.zeros(len(worlds))
        self.deputy = self._deputies()
        self.needed = _needs(firm, assumed)

    def _deputies(self) -> np.ndarray:
        """Who takes over each initiative of the one who may leave, (initiatives + 1,)."""
        days = np.where(np.arange(self.nobody) == self.leaver, 0.0, self.firm.days)
        best = np.argmax(self.firm.able * days[:, None], axis=0)
        return np.append(best, self.nobody)

    @property
    def leaver(self) -> int:
        return self.firm.people.index(self.firm.data["leaver"])

    def work(self, sprint: int) -> None:
        """One sprint of all rows."""
        at, firm = self.worlds.at, self.firm
        money = np.where(at[:, FREEZE] == sprint, SIZES["freeze"] * firm.data["budget"], 0.0)
        self.money = np.maximum(self.money - money, 0.0)
        self._take_over(sprint)
        left_over = np.tile(np.append(firm.days, 0.0), (len(at), 1))
        left_over[at[:, LEAVER] <= sprint, self.leaver] = 0.0
        busy = during(at[:, INCIDENT], sprint, LENGTHS["incident"])
        left_over[busy] *= SIZES["incident"]
        dearer = np.where(at[:, PRICE] <= sprint, SIZES["price"], 1.0)
        open_now = self._open(sprint)
        for place in range(self.order.shape[1]):
            item = self.order[:, place]
            active = open_now[self.rows, item] & (self.begin[:, place] <= sprint)
            if not active.any():
                continue
            fresh = active & ~self.started[self.rows, item]
            cost = np.append(firm.price, 0.0)[item] * dearer
            active &= ~fresh | (cost <= self.money)
            paid = np.where(fresh & active, cost, 0.0)
            self.money -= paid
            self.spent += paid
            self.started[self.rows, item] |= active
            self._spend(place, item, active, left_over)
            over = active & (self.left[self.rows, item] <= 1e-9)
            self.done[self.rows[over], item[over]] = sprint + 1

    def _spend(
        self, place: int, item: np.ndarray, active: np.ndarray, left_over: np.ndarray
    ) -> None:
        for slot in range(self.owners.shape[2]):
            who, speed = self.owners[:, place, slot], self.speed[:, place, slot]
            asked = self.left[self.rows, item] / speed
            days = np.where(active, np.minimum(left_over[self.rows, who], asked), 0.0)
            left_over[self.rows, who] -= days
            self.left[self.rows, item] -= days * speed

    def _open(self, sprint: int) -> np.ndarray:
        """What can be worked on, (n, initiatives + 1)."""
        missing = (self.done[:, :-1] > sprint).astype(np.float32) @ self.firm.needs.T.astype("f4")
        free = (missing == 0) & (self.left[:, :-1] > 1e-9)
        data = self.firm.data
        for event, names in ((OWNER, data["owner_holds"]), (VENDOR, data["vendor_brings"])):
            held = during(self.worlds.at[:, event], sprint, LENGTHS[EVENTS[event]])
            for name in names:
                free[held, self.firm.ids.index(name)] = False
        return np.pad(free, ((0, 0), (0, 1)))

    def _take_over(self, sprint: int) -> None:
        rows = np.flatnonzero(self.worlds.at[:, LEAVER] + HANDOVER == sprint)
        if len(rows):
            own = self.owners[rows]
            taken = self.deputy[self.order[rows]][:, :, None]
            already = (own == taken).any(axis=2, keepdims=True)
            there = own == self.leaver
            new = np.where(there & ~already, taken, np.where(there, self.nobody, own))
            self.owners[rows] = new
            able = np.pad(self.firm.able, ((0, 1), (0, 1)))
            speed = np.where(able[new, self.order[rows][:, :, None]], 1.0, UNSKILLED)
            self.speed[rows] = speed

    def course(self, assumed: Assumed) -> Course:
        """What was done, turned into benefit."""
        done = self.done[:, :-1]
        useful = np.maximum(done, np.where(self.needed, done[:, None, :], 0.0).max(axis=2))
        times = self.worlds.adoption
        slow = np.where(self.coached, times[:, :1], times[:, 1:])
        slow = slow * np.where(self.worlds.at[:, [RESISTANCE]] < NEVER, SIZES["resistance"], 1.0)
        audit = self.firm.data["audit"]["sprint"] - EARLIER * (self.worlds.at[:, AUDIT] < NEVER)
        wanted = done[:, self.firm.audited]
        cleared = wanted.max(axis=1) if wanted.shape[1] else np.zeros(len(done))
        stakes = np.array([assumed.stakes[name] for name in TARGETS])
        benefit = np.zeros((len(done), SPRINTS))
        for sprint in range(SPRINTS):
            used = 1 - np.exp(-np.maximum(sprint + 0.5 - useful, 0.0) / slow)
            left = np.exp(np.log1p(-self.worlds.cut * used) @ self.firm.target)
            stopped = (sprint >= audit) & (cleared > sprint)  # nothing may be released
            benefit[:, sprint] = np.where(stopped, 0.0, (1 - left) @ stakes * MONTHS)
        fine = self.firm.data["prices"]["fine"] * (cleared > audit)
        benefit[np.arange(len(done)), audit] -= fine
        return Course(done, benefit, cleared <= audit, left, self.spent)


def during(at: np.ndarray, sprint: int, length: int) -> np.ndarray:
    """Whether an event that began at ``at`` is under way, (n,)."""
    return np.asarray((at <= sprint) & (sprint < at + length))


def _needs(firm: Firm, assumed: Assumed) -> np.ndarray:
    """What an initiative (row) is worth nothing without, (initiatives, initiatives)."""
    pairs = set(assumed.also_needs)
    return np.array([[(a, b) in pairs for b in firm.ids] for a in firm.ids])


def _filled(values: np.ndarray, length: int, filler: int) -> np.ndarray:
    more = [(0, length - len(values))] + [(0, 0)] * (values.ndim - 1)
    return np.pad(values, more, constant_values=filler)


def _scattered(places: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    found = np.zeros(size + 1)
    found[places] = values
    return found
