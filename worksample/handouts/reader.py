"""The reader test on paper: the text, the questions, and a key for whoever enters the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from worksample.handouts import pages
from worksample.kit.readers import LETTERS
from worksample.review.reading import Test


def page(test: Test, cells: Sequence[Any], candidate: str, name: str) -> str:
    """Three parts to be printed and parted; only the last one names the candidate.

    Args:
        cells: what is shown, cleaned: ``prose``, ``source`` and ``outputs`` of each.
        name: nbgrader's assignment.
    """
    return pages.draw(
        "reader", test=test, cells=cells, candidate=candidate, name=name, letters=LETTERS
    )
