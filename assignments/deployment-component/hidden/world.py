"""Loans, and the models that were fitted on them: a deployed one, twelve retrains, good and bad.

A release may also be worse by what it makes of a loan: see :data:`SLIPS`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Rows = NDArray[np.float64]
BRANCHES = (
    *("abbey", "bridge", "castle", "docks", "elms", "forge", "garden", "harbour"),
    *("island", "junction", "kiln", "lakeside"),
)
NUMBERS = ("days_allowed", "renewals", "items_log", "late_before", "loans_before", "reserved")
SHARES = (0.45, 0.3, 0.17, 0.08)
HOLDOUT, TRAINING, MORE = 1600, 1400, 20_000
RETRAINS = 12
METRICS = {"log_loss": -1, "brier": -1, "skill": 1}  # 1: the higher, the better
CLEARLY, WITHIN = 5.0, 0.9  # of the noise's standard deviations: what is worse, what is not
SEGMENT = 4.0  # of them: what the branch loses
PERIODS = ("spring", "autumn")
SPRING = 0.35  # by how much more of the log-odds loans come back late in spring
APART = 8.0  # of the noise: how far the two holdouts' measures are from each other
# a feature that is counted no further than this by a slip: `app/features.py` writes it so
SLIPS = {
    "late_before": (1, 2, 3, 4),
    "items": (1, 2, 3, 4, 5),
    "renewals": (1, 2),
    "loans_before": (3, 6, 12, 25, 50),
}


class Unclear(Exception):
    """A draw in which something would be a matter of luck."""


@dataclass(frozen=True)
class World:
    """A case's facts.

    Attributes:
        branches: the first has no feature of its own.
        segment: the branch that has a floor.
        contract: names of the features, in their order.
        effects: of each feature on the log-odds.
    """

    branches: tuple[str, ...]
    segment: str
    contract: tuple[str, ...]
    effects: Mapping[str, float]
    intercept: float


def drawn(rng: np.random.Generator) -> World:
    """A world."""
    branches = tuple(str(each) for each in rng.permutation(BRANCHES)[:4])
    features = [*NUMBERS, *(f"at_{each}" for each in branches[1:])]
    usual = (-0.035, 0.5, 0.45, 0.9, -0.35, -0.7, 0.4, -0.4, 0.3)
    values = [value * rng.uniform(0.85, 1.15) for value in usual]
    segment = branches[int(rng.integers(2, 4))]
    order = tuple(str(each) for each in rng.permutation(features))
    effects = dict(zip(features, values, strict=True))
    return World(branches, segment, order, effects, float(rng.uniform(-0.9, -0.6)))


Loans = dict[str, NDArray[Any]]


def loans(world: World, count: int, rng: np.random.Generator) -> Loans:
    """Loans with their outcome, column by column."""
    found: Loans = {
        "branch": np.array(world.branches)[rng.choice(4, count, p=SHARES)],
        "days_allowed": rng.choice((7, 14, 28), count, p=(0.3, 0.5, 0.2)),
        "renewals": rng.poisson(0.6, count),
        "items": 1 + rng.poisson(2.5, count),
        "late_before": rng.poisson(1.4, count),
        "loans_before": rng.geometric(0.05, count),
        "reserved": (rng.random(count) < 0.15).astype(int),
    }
    effects = np.array([world.effects[name] for name in world.contract])
    chances = 1 / (1 + np.exp(-(world.intercept + table(world, found) @ effects)))
    return {**found, "late": (rng.random(count) < chances).astype(int)}


def table(world: World, rows: Loans) -> Rows:
    """Features in the contract's order, one row a loan."""
    found: dict[str, NDArray[Any]] = {
        **{name: rows[name] for name in ("days_allowed", "renewals", "reserved")},
        "items_log": np.log1p(rows["items"]),
        **{name: np.log1p(rows[name]) for name in ("late_before", "loans_before")},
        **{f"at_{branch}": rows["branch"] == branch for branch in world.branches[1:]},
    }
    return np.array([found[name] for name in world.contract], dtype=float).T


@dataclass(frozen=True)
class Model:
    """A logistic regression, its weights in the contract's order."""

    weights: tuple[float, ...]
    intercept: float

    def chances(self, x: Rows) -> Rows:
        """Of each row to be late."""
        return np.asarray(1 / (1 + np.exp(-(self.intercept + x @ np.array(self.weights)))))

    def text(self, version: str, features: Sequence[str]) -> str:
        """The file ``model/model.json``."""
        content = {
            "version": version,
            "features": list(features),
            "weights": [round(each, 8) for each in self.weights],
            "intercept": round(self.intercept, 8),
        }
        return json.dumps(content, indent=1) + "\n"


def card(version: str, text: str, metric: str, measured: float, period: str) -> str:
    """The file ``model/card.json``."""
    content = {
        "version": version,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "fitted_with": "scikit-learn LogisticRegression",
        "measured": {metric: round(measured, 5)},
        "measured_on": f"the {period} holdout",
    }
    return json.dumps(content, indent=1) + "\n"


def fitted(world: World, rows: Loans) -> Model:
    """A model as the team fits it."""
    found = LogisticRegression(C=1e3, solver="newton-cholesky").fit(
        table(world, rows), rows["late"]
    )
    return Model(tuple(map(float, found.coef_[0])), float(found.intercept_[0]))


def measure(metric: str, late: Rows, chances: Rows) -> float:
    """As ``app/metrics.py`` of the repository has it."""
    p = np.clip(chances, 1e-9, 1 - 1e-9)
    if metric == "log_loss":
        return float(-np.mean(late * np.log(p) + (1 - late) * np.log(1 - p)))
    squares = float(np.mean((chances - late) ** 2))
    base = float(np.mean((late.mean() - late) ** 2))
    return squares if metric == "brier" else 1 - squares / base


@dataclass(frozen=True)
class Models:
    """The models of a case, and what is asked of them.

    Attributes:
        noise: standard deviation of the retrains' measure.
        floor: of the segment's measure.
        spring: the retrains' measures on the holdout before, which is another.
        old: the deployed model's there.
        slip: a name of :data:`SLIPS` and where it is cut off.
    """

    metric: str
    retrains: tuple[float, ...]
    noise: float
    deployed: Model
    better: Model
    equal: Model
    worse: Model
    segment_lost: Model
    swapped: tuple[Model, tuple[str, ...]]
    touched: Model
    floor: float
    spring: tuple[float, ...]
    old: float
    slip: tuple[str, int]


def models(world: World, holdout: Loans, rng: np.random.Generator) -> Models:
    """Models of every kind.

    Raises:
        Unclear: one of them would be a matter of luck.
    """
    metric = list(METRICS)[int(rng.integers(len(METRICS)))]
    sign = METRICS[metric]
    x, late = table(world, holdout), holdout["late"].astype(float)
    there = holdout["branch"] == world.segment

    def gain(model: Model, rows: Rows | None = None) -> float:
        """The measure, the higher the better."""
        chosen = np.ones(len(late), bool) if rows is None else rows.astype(bool)
        return sign * measure(metric, late[chosen], model.chances(x[chosen]))

    pool = [fitted(world, loans(world, TRAINING, rng)) for _ in range(RETRAINS + 12)]
    retrains = pool[:RETRAINS]
    values = [gain(each) for each in retrains]
    noise = float(np.std(values, ddof=1))
    deployed = sorted(retrains, key=gain)[RETRAINS // 2]
    at = gain(deployed)
    equal = next(
        (each for each in pool[RETRAINS:] if 0.4 * noise < at - gain(each) < WITHIN * noise), None
    )
    better = fitted(world, loans(world, MORE, rng))
    if equal is None or gain(better) < at + 0.3 * noise:
        raise Unclear
    worse = _moved(deployed, lambda m: gain(m) < at - CLEARLY * 1.2 * noise)
    place = world.contract.index(f"at_{world.segment}")
    segment = there.astype(float)
    usual = gain(deployed, segment)
    lost = None
    for step in np.linspace(0.2, 2.5, 47):
        for way in (1, -1):
            weights = list(better.weights)
            weights[place] += way * step
            tried = Model(tuple(weights), better.intercept)
            if gain(tried) > at - WITHIN * noise:
                fallen = usual - gain(tried, segment)
                if lost is None or fallen > lost[1]:
                    lost = tried, fallen
    good = min(gain(each, segment) for each in (deployed, equal, better))
    if lost is None:
        raise Unclear
    gap = good - (usual - lost[1])
    if gap < SEGMENT * noise or usual - good > gap / 2:
        raise Unclear
    floor = good - 0.45 * gap
    if gain(worse, segment) < floor:  # it is to be caught by the whole, not by the branch
        raise Unclear

    def slipped(rows: Loans) -> tuple[float, float]:
        """The deployed model's measures, overall and in the segment, on loans that are read so."""
        chances = deployed.chances(table(world, rows))
        only = there.astype(bool)
        overall = sign * measure(metric, late, chances)
        return overall, sign * measure(metric, late[only], chances[only])

    swapped = _swapped(world, better, lambda m: gain(m) > at - WITHIN * noise)
    shown = gain(swapped[0], segment)
    if shown < floor:
        raise Unclear
    weights = list(better.weights)
    weights[0] += 0.01 * (1 if weights[0] > 0 else -1)
    touched = Model(tuple(weights), better.intercept)
    if gain(touched) < at - WITHIN * noise:
        raise Unclear
    before = loans(replace(world, intercept=world.intercept + SPRING), HOLDOUT, rng)
    then, came = table(world, before), before["late"].astype(float)
    spring = [measure(metric, came, each.chances(then)) for each in retrains]
    if abs(np.mean(spring) - sign * np.mean(values)) < APART * noise:
        raise Unclear
    slip = _slip(holdout, rng, lambda cut: slipped(cut)[0] < at - CLEARLY * 1.2 * noise
                 and slipped(cut)[1] > floor)  # fmt: skip
    return Models(
        metric,
        tuple(sign * value for value in values),
        noise,
        deployed,
        better,
        equal,
        worse,
        lost[0],
        swapped,
        touched,
        round(sign * floor, 4),
        tuple(spring),
        measure(metric, came, deployed.chances(then)),
        slip,
    )


def _slip(
    holdout: Loans,
    rng: np.random.Generator,
    enough: Callable[[Loans], bool],
) -> tuple[str, int]:
    """A way to read loans that makes every model clearly worse, and breaks no other line."""
    found = [(name, most) for name, every in SLIPS.items() for most in every]
    for place in rng.permutation(len(found)):
        name, most = found[int(place)]
        if enough({**holdout, name: np.minimum(holdout[name], most)}):
            return name, most
    raise Unclear


def _moved(model: Model, enough: Callable[[Model], bool]) -> Model:
    """The model with all weights shrunk until it is worse."""
    for share in np.linspace(0.95, 0.2, 76):
        tried = Model(tuple(each * share for each in model.weights), model.intercept)
        if enough(tried):
            return tried
    raise Unclear


def _swapped(
    world: World, model: Model, well: Callable[[Model], bool]
) -> tuple[Model, tuple[str, ...]]:
    """A model whose file has two features, with their weights, in each other's place."""
    places = range(len(world.contract))
    for one, other in sorted(
        ((a, b) for a in places for b in places if a < b),
        key=lambda pair: abs(model.weights[pair[0]] - model.weights[pair[1]]),
    ):
        weights, names = list(model.weights), list(world.contract)
        for each in (weights, names):
            each[one], each[other] = each[other], each[one]  # type: ignore[index, assignment]
        tried = Model(tuple(weights), model.intercept)
        if well(tried):
            return tried, tuple(names)
    raise Unclear
