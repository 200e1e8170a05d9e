"""A line; the scenario, the checks and the candidate share it."""


def height(slope, intercept, x):
    """The line's y at x."""
    return intercept + slope * x
