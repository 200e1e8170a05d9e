"""One function for each check cell: ``check_<cell>(run, case) -> CheckResult``.

Everything in ``run`` comes from the candidate: data to judge, of any shape. A message helps and
gives away no hidden value.
"""

from worksample.checks import CheckResult, Part


def check_middle(run, case):
    """Full within 0.5 of the truth, half within 2."""
    value = run.answers.get("middle")
    if not isinstance(value, int | float):
        return CheckResult((Part("recorded", 0, 40, "No number was recorded."),))
    off = abs(value - case.truth()["middle"])
    earned = 40 if off <= 0.5 else 20 if off <= 2 else 0
    message = "Close." if earned == 40 else "Faulty readings may have moved it."
    return CheckResult((Part("close", earned, 40, message),), {"middle": value}, {"off": off})


def check_faults(run, case):
    """60 points times hit rate less false-alarm rate, on hidden readings."""
    results = run.calls.get("faults", ())
    if not results or not results[0].ok:
        return CheckResult((Part("answered", 0, 60, "faults gave no usable answer."),))
    given, faulty = list(results[0].value), case.truth()["faulty"]
    hits = _share(given, faulty, True)
    alarms = _share(given, faulty, False)
    earned = 60 * max(0.0, hits - alarms)
    message = f"It found {hits:.0%} of the faults and flagged {alarms:.0%} of the other readings."
    return CheckResult((Part("found", earned, 60, message),), {"hits": hits, "alarms": alarms})


def _share(given, faulty, kind):
    chosen = [bool(g) for g, f in zip(given, faulty, strict=True) if f == kind]
    return sum(chosen) / len(chosen)
