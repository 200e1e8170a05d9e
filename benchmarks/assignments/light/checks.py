"""The one check: the slope, and what ``predict`` says of hidden inputs."""

from worksample.checks import CheckResult, Part, call, is_number


def check_line(run, case):
    """40 points for the slope, 3 for each of 20 hidden inputs predicted within 0.5."""
    truth, slope, result = case.truth(), run.answers.get("slope"), call(run, "predict")
    near = is_number(slope) and abs(slope - truth["slope"]) <= 0.05
    given = list(result.value) if result and result.ok else []
    wanted = [truth["intercept"] + truth["slope"] * x for x in truth["hidden"]]
    hits = sum(abs(a - b) <= 0.5 for a, b in zip(given, wanted, strict=False))
    return CheckResult(
        (
            Part("slope", 40 if near else 0, 40, "Compare the slope with the table."),
            Part("predict", 3 * hits, 60, f"{hits} of 20 predictions are close to the line."),
        ),
        {"slope": float(slope) if is_number(slope) else "none", "hits": hits},
    )
