"""The hidden inputs: points to the right of those the candidate saw."""

from worksample.probe import Call


def calls(case):
    """One call of ``predict`` with twenty numbers."""
    yield Call("predict", "predict", (case.truth()["hidden"],), "numbers", seconds=5)
