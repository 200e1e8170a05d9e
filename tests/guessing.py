"""A program that reads only the form of a case, and how often it guesses the truth of it.

Sizes, counts, orders and times go in; a forest is asked about cases that it has not seen. Where it
does better than always naming the commonest, something but the evidence gives the truth away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import KFold, cross_val_score

FOLDS = 4


def guessed(shapes: Sequence[Sequence[float]], truth: Sequence[str]) -> tuple[float, float]:
    """Share that the program gets right in folds it has not seen, and share of the commonest."""
    forest = RandomForestClassifier(60, min_samples_leaf=3, random_state=0)
    folds = KFold(FOLDS, shuffle=True, random_state=0)
    told = cross_val_score(forest, np.asarray(shapes, dtype=float), list(truth), cv=folds)
    return float(told.mean()), max(Counter(truth).values()) / len(truth)


def assert_tells_nothing(
    shapes: Sequence[Sequence[float]], truths: Mapping[str, Sequence[str]]
) -> None:
    """Of each truth the program guesses no more than chance does, to three standard deviations.

    The same program has to find what is there: the upper half of the first figure that varies.
    """
    for what, truth in truths.items():
        told, chance = guessed(shapes, truth)
        most = chance + 3 * np.sqrt(chance * (1 - chance) / len(truth))
        assert told < most, f"{what}: {told:.2f} guessed, {chance:.2f} by chance"
    table = np.asarray(shapes, dtype=float)
    first = table[:, table.std(axis=0) > 0][:, 0]
    assert guessed(shapes, [str(value > np.median(first)) for value in first])[0] > 0.9
