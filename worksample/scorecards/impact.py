"""Adverse impact: selection rates by group, from a file kept apart and joined by pseudonym.

Nothing of the file is stored, no group is ever shown beside a candidate, and what comes out is
about groups that are large enough. It is a screen that tells where to look closer.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from worksample.errors import WorksampleError
from worksample.scorecards.statistics import Ratio, four_fifths

CANDIDATE = "candidate"


def screen(groups: Path, selected: Mapping[str, bool]) -> dict[str, list[Ratio]]:
    """Question (a column of the file) -> its groups' rates.

    Args:
        groups: CSV with a column ``candidate`` and one for each question, as sex or age band. An
            empty answer is a group of its own, "not said".
        selected: pseudonym -> whether they were selected; those who are in no file count nowhere.

    Raises:
        WorksampleError: the file cannot be read, or says two things of one candidate.
    """
    try:
        with groups.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WorksampleError(f"it cannot be read: {error}", where=str(groups)) from None
    names = list(rows[0]) if rows else []
    if CANDIDATE not in names or len(names) < 2:
        raise WorksampleError(
            "it has to have a column `candidate` and at least one more",
            where=str(groups),
            do="name its columns in the first line, as in candidate,sex",
        )
    twice = [name for name, n in Counter(row[CANDIDATE] for row in rows).items() if n > 1]
    if twice:
        raise WorksampleError(f"{len(twice)} candidates stand in it twice", where=str(groups))
    known = [row for row in rows if row[CANDIDATE] in selected]
    return {
        question: four_fifths(_counts(known, question, selected))
        for question in names
        if question and question != CANDIDATE
    }


def _counts(
    rows: list[dict[str, str]], question: str, selected: Mapping[str, bool]
) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        group = (row[question] or "").strip() or "not said"
        hits, all_of = found.get(group, (0, 0))
        found[group] = (hits + selected[row[CANDIDATE]], all_of + 1)
    return found


def words(ratio: Ratio) -> str:
    """A group in one line."""
    if ratio.rate is None or ratio.ratio is None:
        return f"{ratio.group}: {ratio.number} people; {ratio.note}"
    said = f"{ratio.group}: {ratio.rate:.0%} of {ratio.number} people, ratio {ratio.ratio:.2f}"
    if ratio.interval:
        said += f" (95 % interval {ratio.interval[0]:.2f} to {ratio.interval[1]:.2f})"
    return f"{said}{f'; {ratio.note}' if ratio.note else ''}"
