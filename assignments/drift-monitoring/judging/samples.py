"""Samples and bin counts on which the stability index has to behave. Trusted side only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd


def pairs(
    history: pd.DataFrame, rng: np.random.Generator
) -> Iterator[tuple[str, pd.Series, pd.Series]]:
    """Named pairs: reference and current, in a drawn order."""
    found = list(_pairs(history, rng))
    yield from (found[place] for place in rng.permutation(len(found)))


def _pairs(
    history: pd.DataFrame, rng: np.random.Generator
) -> Iterator[tuple[str, pd.Series, pd.Series]]:
    order = rng.permutation(len(history))
    rows = history.iloc[order].reset_index(drop=True)
    number = rows["distance_km"]
    a, b = _part(number, 0), _part(number, 1)
    yield "same", a, a.copy()
    yield "alike", a, b
    # more and more rows take the value of one of the longest third: within the same range, so that
    # every divergence of binned shares grows with it, also where bins are laid over both samples
    longest = b[b >= b.quantile(2 / 3)].to_numpy()
    moved, place = rng.choice(longest, len(b)), rng.random(len(b))
    shifted = [b.where(place > share, moved) for share in (0.3, 0.6, 0.9)]
    for step, current in enumerate(shifted):
        yield f"shift{step}", a, current
    yield "shuffled", a, shifted[1].iloc[rng.permutation(len(b))].reset_index(drop=True)
    value = float(rng.integers(2, 40))
    other = value + float(rng.integers(3, 20))
    yield "constant", pd.Series(np.full(500, value)), pd.Series(np.full(500, value))
    yield "moved_constant", pd.Series(np.full(500, value)), pd.Series(np.full(500, other))
    yield "far", a, b + float(rng.uniform(0.5e6, 2e6))
    yield "gaps", a, b.mask(rng.random(len(b)) < 0.3)
    yield "all_gaps", a, b * np.nan
    one, two = _part(rows["carrier"], 0), _part(rows["carrier"], 1)
    top = one.value_counts().index
    yield "levels_alike", one, two
    yield "levels_shift0", one, two.where(rng.random(len(two)) > 0.2, top[-1])
    yield "levels_shift1", one, two.where(rng.random(len(two)) > 0.6, top[-1])
    yield "unseen", one, two.replace({top[0]: f"new {rng.integers(1000)}"})
    yield "lost", one, two[two != top[0]].reset_index(drop=True)
    for number_, stream in enumerate(range(8)):  # ranks: stable and shifted samples
        c = _part(number, 2 + stream)
        yield f"rank_stable{number_}", a, c
        yield f"rank_shifted{number_}", a, c * 1.4


def counts(seed: int) -> Iterator[tuple[str, list[int], list[int]]]:
    """Named pairs of rows per bin, all bins filled but one of the last pair."""
    rng = np.random.default_rng([seed, 7])
    for number in range(2):
        reference, current = (rng.integers(80, 400, 5) for _ in range(2))
        yield f"full{number}", reference.tolist(), current.tolist()
    moved = reference.copy()
    moved[-1] += moved[0]
    moved[0] = 0
    yield "kept", reference.tolist(), reference.tolist()
    yield "empty", reference.tolist(), moved.tolist()


def accepted(reference: list[int], current: list[int]) -> dict[str, float]:
    """The index by every convention that is used where no bin is empty, natural logarithm but
    for the last: PSI, both directions of Kullback-Leibler, Jensen-Shannon distance."""
    p, q = (np.array(each) / sum(each) for each in (reference, current))
    middle = (p + q) / 2
    kl = float((p * np.log(p / q)).sum())
    lk = float((q * np.log(q / p)).sum())
    js = float(((p * np.log(p / middle)).sum() + (q * np.log(q / middle)).sum()) / 2)
    return {
        "PSI": kl + lk,
        "KL(reference, current)": kl,
        "KL(current, reference)": lk,
        "Jensen-Shannon": js**0.5,
        "Jensen-Shannon, base 2": (js / np.log(2)) ** 0.5,
    }


def _part(values: pd.Series, number: int, size: int = 900) -> pd.Series:
    return values.iloc[number * size : (number + 1) * size].reset_index(drop=True)
