"""A loan as numbers, by the names of contract/features.json."""

from math import log1p

BRANCHES = ("@BRANCH0@", "@BRANCH1@", "@BRANCH2@", "@BRANCH3@")


class BadLoan(ValueError):
    """What is wrong with a loan that was sent."""


def number(loan, name, least=0.0, most=1e6):
    """A number of a loan; a blank one is 0."""
    value = loan.get(name, 0)
    if value in ("", None):
        return 0.0
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise BadLoan(f"{name} has to be a number") from None
    if not least <= value <= most:
        raise BadLoan(f"{name} has to be between {least:g} and {most:g}")
    return value


def features(loan):
    """Name -> number."""
    if loan.get("branch") not in BRANCHES:
        raise BadLoan("branch is not known")
    found = {
        "days_allowed": number(loan, "days_allowed", 1, 90),
        "renewals": number(loan, "renewals", 0, 20),
        "items_log": log1p(number(loan, "items", 0, 500)),
        "late_before": log1p(number(loan, "late_before", 0, 500)),
        "loans_before": log1p(number(loan, "loans_before", 0, 5000)),
        "reserved": number(loan, "reserved", 0, 1),
    }
    for branch in BRANCHES[1:]:
        found[f"at_{branch}"] = float(loan["branch"] == branch)
    return found
