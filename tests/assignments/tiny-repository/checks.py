"""Checks of the small repository."""

from worksample.checks import CheckResult, Part


def check_repairs(run, case):
    """Half of the points for each of the two files."""
    if run.tree.refused:
        return CheckResult((Part("repairs", 0, 100, "Nothing of the tree was taken."),))
    wanted = str(sum(case.truth()["hidden"])).encode()
    done = {name: each.files.get("out.txt") == wanted for name, each in run.trials.items()}
    parts = [
        Part(name, 50 * right, 50, "It sums." if right else "It does not sum yet.")
        for name, right in done.items()
    ]
    return CheckResult(tuple(parts))
