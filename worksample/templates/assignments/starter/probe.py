"""Which of the candidate's functions are called, on which hidden inputs. Holds no answers."""

from worksample.probe import Call


def calls(case):
    """One call of ``faults`` with readings that the candidate has not seen."""
    yield Call("faults", "faults", (case.truth()["hidden"],), "bools", seconds=10)
