"""Checks of the tiny assignment."""

from worksample.checks import CheckResult, Part

from .toolkit.line import height


def check_slope(run, case):
    """Full within 0.05 of the slope, half within 0.5."""
    value = run.answers.get("slope")
    if not isinstance(value, int | float):
        return CheckResult((Part("slope", 0, 40, "No slope was recorded."),))
    off = abs(value - case.truth()["slope"])
    earned = 40 if off <= 0.05 else 20 if off <= 0.5 else 0
    message = "The slope fits the table." if earned == 40 else "Compare your line with the table."
    return CheckResult((Part("slope", earned, 40, message),), {"slope": value}, {"off": off})


def check_predict(run, case):
    """Three points for each hidden input predicted within 0.5."""
    results = run.calls.get("predict", ())
    if not results or not results[0].ok:
        return CheckResult((Part("predict", 0, 60, "predict gave no usable answer."),))
    truth = case.truth()
    expected = [height(truth["slope"], truth["intercept"], x) for x in truth["hidden"]]
    given = list(results[0].value)
    hits = sum(abs(a - b) <= 0.5 for a, b in zip(given, expected, strict=False))
    hits = hits if len(given) == len(expected) else 0
    message = f"{hits} of {len(expected)} predictions beyond the table are close to the line."
    return CheckResult((Part("predict", 3 * hits, 60, message),), {"hits": hits})
