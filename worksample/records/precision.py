"""How sure a score is: components of variance of persons and forms, and what follows from them.

Every person of a panel has worked on every form once (persons × forms, crossed, one score a cell).
Formulas: Brennan, R. L. (2001), *Generalizability Theory*, Springer: mean squares and components in
chapter 2.3, the dependability index Φ and the absolute error in 2.3 and 4.1, the error conditional
on a person in 5.4 (after Brennan, 1998). Scores and errors are in points, variances in points².
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

MIN_FORMS, MIN_PEOPLE = 10, 10  # below either, an error's own error is a third of it and more
GROUPS = 3  # of persons by their mean score, in which errors are pooled


@dataclass(frozen=True)
class Components:
    """Variance of persons, of forms, and of the rest: a person's luck with one form."""

    person: float
    form: float
    residual: float

    @property
    def dependability(self) -> float:
        """Φ of one form: the share of a score's variance between candidates that is the person."""
        total = self.person + self.form + self.residual
        return self.person / total if total else 0.0

    @property
    def sem(self) -> float:
        """Standard error of measurement of one score on one form (absolute), in points."""
        return float(np.sqrt(self.form + self.residual))


@dataclass(frozen=True)
class Precision:
    """How sure one score is.

    Attributes:
        forms, people: how many of each it was estimated from.
        components: of the variance.
        groups: (highest score of the group, standard error in it), from low to high scores.
    """

    forms: int
    people: int
    components: Components
    groups: tuple[tuple[float, float], ...]

    @property
    def known(self) -> bool:
        """Whether it rests on enough to be shown."""
        return self.forms >= MIN_FORMS and self.people >= MIN_PEOPLE

    def at(self, points: float) -> float:
        """The standard error of a score of so many points."""
        for highest, error in self.groups:
            if points <= highest:
                return error
        return self.groups[-1][1]

    def to_json(self) -> dict[str, Any]:
        """Plain data, with the figures that follow."""
        figures = {"dependability": self.components.dependability, "sem": self.components.sem}
        return {**asdict(self), **figures}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Precision:
        """What :meth:`to_json` gave."""
        groups = tuple((float(highest), float(error)) for highest, error in value["groups"])
        return cls(value["forms"], value["people"], Components(**value["components"]), groups)


def components(scores: np.ndarray) -> Components:
    """Components of variance of ``scores`` (persons × forms, at least two of each).

    Estimates from expected mean squares; one that comes out below 0 is 0 (Brennan, 2001, 3.4).
    """
    people, forms = scores.shape
    by_person, by_form, all_of = scores.mean(axis=1), scores.mean(axis=0), scores.mean()
    ms_person = forms * ((by_person - all_of) ** 2).sum() / (people - 1)
    ms_form = people * ((by_form - all_of) ** 2).sum() / (forms - 1)
    rest = scores - by_person[:, None] - by_form[None, :] + all_of
    ms_rest = (rest**2).sum() / ((people - 1) * (forms - 1))
    return Components(
        person=float(max(0.0, (ms_person - ms_rest) / forms)),
        form=float(max(0.0, (ms_form - ms_rest) / people)),
        residual=float(ms_rest),
    )


def conditional(scores: np.ndarray, groups: int = GROUPS) -> tuple[tuple[float, float], ...]:
    """Standard errors by level of score: persons in equal groups by their mean.

    A person's error variance is the variance of their scores over forms; its mean over all persons
    is ``form + residual``. It is pooled within a group. Between two groups the limit is half-way.
    """
    means, errors = scores.mean(axis=1), scores.var(axis=1, ddof=1)
    parts = np.array_split(np.argsort(means, kind="stable"), min(groups, len(means)))
    limits = [(means[part[-1]] + means[after[0]]) / 2 for part, after in itertools.pairwise(parts)]
    pooled = [float(np.sqrt(errors[part].mean())) for part in parts]
    return tuple(zip([*map(float, limits), 100.0], pooled, strict=True))


def precision(scores: np.ndarray) -> Precision | None:
    """Everything about ``scores`` (persons × forms); None where there are not two of each."""
    if min(scores.shape) < 2:
        return None
    people, forms = scores.shape
    return Precision(forms, people, components(scores), conditional(scores))


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Rank correlation, ties at their mean rank; None where one side is all the same."""
    ones, others = (_ranks(np.asarray(each, dtype=np.float64)) for each in (first, second))
    if np.ptp(ones) == 0 or np.ptp(others) == 0:
        return None
    return float(np.corrcoef(ones, others)[0, 1])


def _ranks(values: np.ndarray) -> list[float]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return [float(rank) for rank in (np.cumsum(counts) - (counts - 1) / 2)[place]]


def words(points: float, error: float | None) -> str:
    """A score with how sure it is, as it may be read: ``61 ± 5``; without decimals it has not."""
    if error is None:
        return f"{points:.1f}"
    if error >= 1:
        return f"{points:.0f} ± {error:.0f}"
    return f"{points:.1f} ± {max(error, 0.1):.1f}"
