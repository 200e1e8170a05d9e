"""Hidden samples for the index, hidden streams for the monitor, hidden histories for the policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from worksample.probe import Call

from worksample.limits import Shape

from .judging import samples
from .toolkit.windows import runs

if TYPE_CHECKING:
    from worksample.case import Case

NAMES = Shape(length=100, distinct=100, text=200, depth=2)
YES_OR_NO = Shape(length=1, distinct=1, text=1, depth=1)


def calls(case: Case) -> Iterator[Call]:
    """One window at a time: a later one is made when the one before is answered.

    A monitor remembers the windows of its stream, and of no other.
    """
    history = pd.read_parquet(case.public / "reference.parquet")
    for name, reference, current in samples.pairs(history, np.random.default_rng(case.seed)):
        yield Call(f"psi/{name}", "psi", (reference, current), "number", seconds=10)
    for name, reference, current in samples.counts(case.seed):
        yield Call(f"counts/{name}", "psi_of_counts", (reference, current), "number", seconds=10)
    for number, stream in enumerate(runs(pd.read_parquet(case.private / "hidden.parquet"))):
        name = f"stream/{number}"
        yield Call(f"start/{number}", "new_stream", (), "json", seconds=90, session=name)
        for window in stream:
            arguments = (window.rows, window.outcomes)
            yield Call(name, "check_window", arguments, "json", 10, most=NAMES, session=name)
    if case.level == "senior":
        for number, history in enumerate(case.truth()["histories"]):
            for week in range(len(history["measured"])):
                seen = history["measured"][: week + 1]
                yield Call(
                    f"history/{number}", "should_retrain", (seen,), "json", 5, most=YES_OR_NO
                )
