"""Figures about ratings and checks, each with the floor below which it is not shown.

Below its floor a :class:`Figure` has no value and says how many are missing. Missing ratings are
``nan`` and take part in nothing. What is bootstrapped begins from a fixed seed: the same ratings
give the same interval.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

Interval = tuple[float, float]

SCALE = (1, 2, 3, 4)
DOUBLE_RATED, WITH_INTERVAL = 10, 30  # candidates: alpha provisional, alpha with its interval
SHARED = 30  # candidates that two graders both rated
DIFFICULTY, DISCRIMINATION, CONSISTENCY = 20, 50, 50  # candidates
ITEMS = 3  # items of one competency, for its consistency
AN_ARM = 30  # candidates of each variant
A_GROUP, A_CELL = 30, 5  # people in a group; fewer than this in a cell are not told
SEVERITY = 30  # candidates
FOUR_FIFTHS = 0.8
CONFIDENCE = 0.95
RESAMPLES, SEED = 1000, 20260101


@dataclass(frozen=True)
class Figure:
    """A figure that may be shown, or the reason why not.

    Attributes:
        name: what it is.
        value: None where it is not shown.
        interval: of 95 %, None where there is none.
        number: of candidates that it rests on.
        missing: how many more it needs; 0 where it is shown, or where more would not help.
        note: what has to be said beside it.
    """

    name: str
    value: float | None
    number: int
    interval: Interval | None = None
    missing: int = 0
    note: str = ""

    def __str__(self) -> str:
        if self.value is None:
            need = f"not shown: {self.missing} more needed ({self.number} so far)"
            said = need if self.missing else self.note or "cannot be said"
            more = f"; {self.note}" if self.missing and self.note else ""
            return f"{self.name}: {said}{more}"
        words = f"{self.name}: {self.value:.2f}"
        if self.interval:
            words += f" (95 % interval {self.interval[0]:.2f} to {self.interval[1]:.2f})"
        return f"{words}, {self.number} candidates{f'; {self.note}' if self.note else ''}"


# --- agreement between graders -------------------------------------------------------------------


def krippendorff(ratings: ArrayLike) -> float | None:
    """Krippendorff's alpha, ordinal; None where nothing varies or nothing was rated twice.

    Krippendorff, K. (2011), *Computing Krippendorff's alpha-reliability*, section C and, for the
    ordinal difference, section E.

    Args:
        ratings: units × graders, levels of :data:`SCALE` or any ordered numbers; nan is missing.
    """
    data = np.asarray(ratings, dtype=float)
    given = ~np.isnan(data)
    levels = np.unique(data[given])
    # units × levels: how often each unit was given each level; units rated once say nothing
    counts = np.stack([(data == level).sum(axis=1) for level in levels], axis=1) if len(
        levels
    ) else np.zeros((len(data), 0))  # fmt: skip
    counts = counts[counts.sum(axis=1) >= 2].astype(float)
    if not len(counts):
        return None
    of_unit = counts.sum(axis=1)
    pairs = (counts[:, :, None] * counts[:, None, :]).astype(float)
    for level in range(len(levels)):
        pairs[:, level, level] -= counts[:, level]  # no rating is a pair with itself
    coincidences = (pairs / (of_unit - 1)[:, None, None]).sum(axis=0)
    totals = coincidences.sum(axis=1)
    difference = _ordinal(totals)
    expected = (np.outer(totals, totals) * difference).sum() / (totals.sum() - 1)
    if not expected:
        return None
    return float(1 - (coincidences * difference).sum() / expected)


def _ordinal(totals: np.ndarray) -> np.ndarray:
    """Squared differences between levels: how many ratings lie between them, ends by half."""
    place = np.cumsum(totals) - totals / 2
    return (place[:, None] - place[None, :]) ** 2


def agreement(
    ratings: ArrayLike, name: str = "agreement (Krippendorff’s alpha, ordinal)"
) -> Figure:
    """Alpha of the graders of one criterion.

    Args:
        ratings: candidates × graders, nan where missing.
    """
    data = np.asarray(ratings, dtype=float)
    double = data[(~np.isnan(data)).sum(axis=1) >= 2]
    number = len(double)
    if number < DOUBLE_RATED:
        return Figure(name, None, number, missing=DOUBLE_RATED - number, note=counts(data))
    value = krippendorff(double)
    if value is None:
        return Figure(name, None, number, note="all ratings are the same, so nothing can agree")
    if number < WITH_INTERVAL:
        return Figure(name, value, number, note="provisional")
    return Figure(name, value, number, _bootstrap(double))


def counts(ratings: ArrayLike) -> str:
    """How often two graders gave the same, and a neighbouring, level: shown whatever the number."""
    data = np.asarray(ratings, dtype=float)
    apart = [
        abs(first - second)
        for row in data
        for first, second in itertools.combinations(row[~np.isnan(row)], 2)
    ]
    if not apart:
        return "nobody was rated by two"
    exact, adjacent = sum(gap == 0 for gap in apart), sum(gap == 1 for gap in apart)
    return f"of {len(apart)} pairs of ratings {exact} are the same and {adjacent} a level apart"


def _bootstrap(data: np.ndarray) -> Interval | None:
    draw = np.random.default_rng(SEED)
    drawn = (krippendorff(data[draw.integers(0, len(data), len(data))]) for _ in range(RESAMPLES))
    values = [value for value in drawn if value is not None]
    if len(values) < RESAMPLES / 2:
        return None
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def pairwise(first: ArrayLike, second: ArrayLike) -> Figure:
    """Cohen's kappa of two graders, quadratic weights, over candidates that both rated."""
    name = "agreement of two (kappa, quadratic weights)"
    one, other = (np.asarray(each, dtype=float) for each in (first, second))
    both = ~(np.isnan(one) | np.isnan(other))
    number = int(both.sum())
    if number < SHARED:
        return Figure(name, None, number, missing=SHARED - number)
    from sklearn.metrics import cohen_kappa_score

    if len(np.unique(np.concatenate([one[both], other[both]]))) < 2:
        return Figure(name, None, number, note="all ratings are the same")
    # without `labels` a level that nobody gave would be left out, and the weights would be others
    value = cohen_kappa_score(
        one[both].astype(int), other[both].astype(int), labels=list(SCALE), weights="quadratic"
    )
    return Figure(name, float(value), number)


# --- items ---------------------------------------------------------------------------------------


def difficulty(passed: Sequence[bool]) -> Figure:
    """Share of candidates who reached what an item asks for, with Wilson's interval."""
    number = len(passed)
    if number < DIFFICULTY:
        return Figure("reached by", None, number, missing=DIFFICULTY - number)
    return Figure("reached by", sum(passed) / number, number, wilson(sum(passed), number))


def wilson(hits: int, number: int) -> Interval:
    """Wilson's score interval of a proportion (Wilson, 1927)."""
    from scipy.stats import binomtest

    found = binomtest(hits, number).proportion_ci(CONFIDENCE, method="wilson")
    return float(found.low), float(found.high)


def discrimination(passed: Sequence[bool], rest: ArrayLike) -> Figure:
    """Point-biserial correlation of an item with the rest score (the total without the item)."""
    name, number = "discrimination (point-biserial)", len(passed)
    if number < DISCRIMINATION:
        return Figure(name, None, number, missing=DISCRIMINATION - number)
    item, others = np.asarray(passed, dtype=float), np.asarray(rest, dtype=float)
    if np.ptp(item) == 0 or np.ptp(others) == 0:
        return Figure(name, None, number, note="all candidates are the same here")
    from scipy.stats import pointbiserialr

    return Figure(name, float(pointbiserialr(item, others).statistic), number)


def consistency(items: ArrayLike) -> Figure:
    """Cronbach's alpha (1951) of the items of one competency; rows with a gap are left out.

    Args:
        items: candidates × items, nan where missing.
    """
    name, data = "internal consistency (Cronbach’s alpha)", np.asarray(items, dtype=float)
    whole = data[~np.isnan(data).any(axis=1)]
    number, many = whole.shape
    if many < ITEMS:
        return Figure(name, None, number, note=f"{many} items; it takes {ITEMS} of one competency")
    if number < CONSISTENCY:
        return Figure(name, None, number, missing=CONSISTENCY - number)
    of_total = whole.sum(axis=1).var(ddof=1)
    if not of_total:
        return Figure(name, None, number, note="all candidates are the same here")
    value = many / (many - 1) * (1 - whole.var(axis=0, ddof=1).sum() / of_total)
    return Figure(name, float(value), number)


def standard_error(scores: ArrayLike, reliability: Figure) -> Figure:
    """Standard error of measurement, SD·√(1−r), in the scores' unit; shown where r is."""
    name, data = "standard error of measurement", np.asarray(scores, dtype=float)
    r = reliability.value
    if r is None:
        return Figure(name, None, reliability.number, None, reliability.missing, reliability.note)
    spread = float(np.nanstd(data, ddof=1))
    return Figure(name, spread * math.sqrt(max(0.0, 1 - r)), reliability.number)


# --- groups --------------------------------------------------------------------------------------


def equivalence(first: ArrayLike, second: ArrayLike, margin: float) -> Figure:
    """Whether two variants are equally hard: two one-sided Welch tests (Schuirmann, 1987).

    Args:
        margin: the largest difference of means that would not matter, fixed in advance.

    Returns:
        The difference of the means with its 90 % interval; the note claims "equal within the
        margin" only where both tests reject at 5 %. Not significant is not equal.
    """
    from scipy.stats import ttest_ind

    name = "difference of the means"
    one, other = (_present(each) for each in (first, second))
    number = min(len(one), len(other))
    if number < AN_ARM:
        return Figure(name, None, number, missing=AN_ARM - number, note="in the smaller arm")
    gap = float(one.mean() - other.mean())
    spread = math.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    if not spread:
        equal = abs(gap) < margin
        return Figure(name, gap, number, note=_claim(equal, margin))
    above = ttest_ind(one + margin, other, equal_var=False, alternative="greater").pvalue
    below = ttest_ind(one - margin, other, equal_var=False, alternative="less").pvalue
    found = ttest_ind(one, other, equal_var=False).confidence_interval(0.90)
    note = f"{_claim(max(above, below) < 0.05, margin)}; p = {max(above, below):.3f}, interval 90 %"
    return Figure(name, gap, number, (float(found.low), float(found.high)), note=note)


def _claim(equal: bool, margin: float) -> str:
    return f"equal within {margin:g}" if equal else f"not shown to be equal within {margin:g}"


@dataclass(frozen=True)
class Ratio:
    """Selection rates of a group beside those of the group with the highest rate.

    ``ratio`` is None where a group is too small or a cell must not be told; ``note`` says why.
    """

    group: str
    number: int
    rate: float | None = None
    ratio: float | None = None
    interval: Interval | None = None
    p: float | None = None
    note: str = ""


def four_fifths(selected: dict[str, tuple[int, int]]) -> list[Ratio]:
    """The four-fifths screen: a reason to look closer, never a statement of compliance.

    Truly equal groups of thirty fail the bare ratio more often than not; so the ratio stands with
    its interval (Katz et al., 1978) and Fisher's exact test.

    Args:
        selected: group -> how many were selected, and of how many.
    """
    shown = {
        name: (hits, all_of)
        for name, (hits, all_of) in selected.items()
        if all_of >= A_GROUP and min(hits, all_of - hits) >= A_CELL
    }
    found = [
        Ratio(name, all_of, note=_hidden(hits, all_of))
        for name, (hits, all_of) in selected.items()
        if name not in shown
    ]
    if len(shown) < 2:
        return found + [Ratio(n, a, note="no second group to compare with") for n, (_, a) in
                        shown.items()]  # fmt: skip
    best = max(shown, key=lambda name: shown[name][0] / shown[name][1])
    return [*(_ratio(name, *shown[name], *shown[best], name == best) for name in shown), *found]


def _hidden(hits: int, all_of: int) -> str:
    if all_of < A_GROUP:
        return f"not shown: {A_GROUP - all_of} more people needed"
    return f"not shown: a number below {A_CELL} could point at a person"


def _ratio(
    group: str, hits: int, all_of: int, best_hits: int, best_all: int, is_best: bool
) -> Ratio:
    if is_best:
        return Ratio(group, all_of, hits / all_of, 1.0, note="the highest rate")
    from scipy.stats import fisher_exact
    from scipy.stats.contingency import relative_risk

    risk = relative_risk(hits, all_of, best_hits, best_all)
    low, high = risk.confidence_interval(CONFIDENCE)
    p = fisher_exact([[hits, all_of - hits], [best_hits, best_all - best_hits]]).pvalue
    ratio = float(risk.relative_risk)
    note = f"below four fifths: look closer (p = {p:.3f})" if ratio < FOUR_FIFTHS else ""
    return Ratio(group, all_of, hits / all_of, ratio, (float(low), float(high)), float(p), note)


def severity(ratings: ArrayLike, graders: Sequence[str]) -> dict[str, Figure]:
    """How many levels a grader gives above (+) or below (−) the others, for the same work.

    Least squares of an effect for each unit and one for each grader, which add up to 0. It is for
    calibrating graders and never changes a candidate's ratings.

    Args:
        ratings: units (candidate and criterion, or candidates) × graders, nan where missing.
    """
    data = np.asarray(ratings, dtype=float)
    double = data[(~np.isnan(data)).sum(axis=1) >= 2] if data.size else data.reshape(0, 0)
    number = len(double)
    name = "levels above the others"
    if number < SEVERITY:
        short = Figure(name, None, number, missing=SEVERITY - number)
        return dict.fromkeys(graders, short)
    if not _linked(double):
        alone = Figure(name, None, number, note="not all graders are linked by shared candidates")
        return dict.fromkeys(graders, alone)
    rows, columns = np.nonzero(~np.isnan(double))
    design = np.zeros((len(rows) + 1, number + double.shape[1]))
    design[np.arange(len(rows)), rows] = 1
    design[np.arange(len(rows)), number + columns] = 1
    design[-1, number:] = 1
    effects = np.linalg.lstsq(design, np.append(double[rows, columns], 0.0), rcond=None)[0]
    return {
        grader: Figure(name, float(effects[number + place]), number)
        for place, grader in enumerate(graders)
    }


def _linked(data: np.ndarray) -> bool:
    """Whether a path of shared units leads from every grader to every other."""
    given = ~np.isnan(data)
    together = (given[:, :, None] & given[:, None, :]).any(axis=0)
    reached = np.zeros(data.shape[1], dtype=bool)
    reached[:1] = True
    for _ in range(data.shape[1]):
        reached |= together[reached].any(axis=0)
    return bool(reached.all())


def _present(values: ArrayLike) -> np.ndarray:
    data = np.asarray(values, dtype=float)
    return data[~np.isnan(data)]
