"""Checks of the production incident. Messages help and give away no hidden value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from worksample.checks import CheckResult, Part, calls, nothing, spherical_score, why_no_answer

from worksample.kit.scoring import beyond, is_number

from .judging import scoring
from .judging.incident import harm_of, plan_given
from .toolkit.mechanisms import BY_ID

if TYPE_CHECKING:
    from worksample.case import Case
    from worksample.run import Run

PLAN_FULL, EARLY_FULL, RAILS_FULL = 0.90, 0.60, 0.85
RAILS_IDLE = 0.45
NAMED_IDLE = 0.30
IMPACT = {
    "start": ("First harm", 3),
    "failed": ("Requests without an answer", 4),
    "wrong": ("Wrong answers", 5),
    "next": ("The next half hour", 3),
}


def check_diagnosis(run: Run, case: Case) -> CheckResult:
    """Recall-gated precision over mechanisms, components and times."""
    given = run.answers.get("diagnosis")
    if given is None:
        return nothing("Issues named", 15, why_no_answer(run, "diagnosis"))
    problem = scoring.named_problem(given)
    if problem:
        return nothing("Issues named", 15, problem)
    found = scoring.diagnosis(given, case.truth()["faults"])
    part = Part(
        "Issues named",
        15 * beyond(found["value"], NAMED_IDLE),
        15,
        f"You named {len(given)} of at most {scoring.NAMED_MOST} issues. All points take every "
        "issue of "
        "the case, each with component and time, and none that is not there; points begin "
        "beyond half of it.",
        right="It agrees with the evidence.",
        missing="An issue, a component or a time is missing or is not what the evidence says.",
    )
    return CheckResult((part,), {"named": len(given)}, found)


def check_trace(run: Run, case: Case) -> CheckResult:
    """The last spread, by a proper rule; it counts from what an even spread has."""
    truth = case.truth()
    traces = run.answers.get("trace")
    if traces is None:
        return nothing("Last spread", 10, why_no_answer(run, "trace"))
    spread = _last_spread(traces)
    if not spread:
        return nothing("Last spread", 10, "There are no points in the last spread.")
    shares = {fault["mechanism"]: 1 / len(truth["faults"]) for fault in truth["faults"]}
    even = dict.fromkeys(truth["offered"], 1.0)
    share = beyond(spherical_score(spread, shares), spherical_score(even, shares))
    top = max(spread, key=lambda name: spread[name])
    top = top if top in BY_ID else "what is not in the list"
    part = Part(
        "Last spread",
        10 * share,
        10,
        f"Most of your points stand on {top}. The score is highest for points as you believe them.",
        right="That is where the evidence leads.",
        missing="Too many stand where the evidence does not lead.",
    )
    details = {"top": top}
    return CheckResult((part,), details, {"spread": spread, "truth": shares})


def _last_spread(traces: Any) -> dict[str, float]:
    last = traces[-1] if isinstance(traces, list) and traces else None
    spread = last.get("spread") if isinstance(last, Mapping) else None
    if not isinstance(spread, Mapping):
        return {}
    return {str(k): float(v) for k, v in spread.items() if is_number(v) and 0 < v <= 1e6}


def check_mitigation(run: Run, case: Case) -> CheckResult:
    """The plan in the hidden nights, on the way from doing nothing to the best that was found."""
    return _of_plan(run, case, 0, "Plan, ninety minutes", 35, PLAN_FULL)


def check_first_ten(run: Run, case: Case) -> CheckResult:
    """The same plan, its first ten minutes."""
    return _of_plan(run, case, 1, "Plan, first ten minutes", 10, EARLY_FULL)


def _of_plan(
    run: Run, case: Case, which: int, name: str, possible: float, full: float
) -> CheckResult:
    answer, truth = run.answers.get("plan"), case.truth()
    if answer is None:
        return nothing(name, possible, why_no_answer(run, "plan"))
    actions, delay, problem = plan_given(answer, truth)
    if problem:
        return nothing(name, possible, problem)
    harm = {key: each[which] for key, each in truth["harm"].items()}
    saved = _saved(harm, harm_of(actions, delay, truth)[which])
    idle = max(_saved(harm, harm[each]) for each in truth["unseen"])
    told = f"{saved:.0%} of the harm" if saved > 0 else "none of the harm"
    waited = f" Questions took {delay} of the minutes." if delay else ""
    part = Part(
        name,
        possible * beyond(saved, max(idle, 0.0), full),
        possible,
        f"Run in nights that you had not seen, your plan avoids {told} that the best plan we know "
        f"avoids (full points from {full:.0%}; a plan made without a look at the case earns "
        f"none).{waited}",
        right="It holds.",
        missing="What is still harmful, what comes back, and what your actions cost is left.",
    )
    return CheckResult(
        (part,), {"saved": round(100 * max(saved, 0.0), 1)}, {"saved": saved, "idle": idle}
    )


def _saved(harm: Mapping[str, float], given: float) -> float:
    return (harm["nothing"] - given) / (harm["nothing"] - harm["reference"])


def check_impact(run: Run, case: Case) -> CheckResult:
    """Four intervals, each by its interval score."""
    given = run.answers.get("impact")
    if not isinstance(given, Mapping):
        return nothing("Impact", 15, why_no_answer(run, "impact"))
    parts, held = [], 0
    for name, (title, possible) in IMPACT.items():
        share = scoring.interval(given.get(name), name, case.truth()["impact"][name])
        held += bool(share)
        message = (
            "No interval was given."
            if share is None
            else "Your interval was held against what happened in the run behind the evidence."
        )
        parts.append(
            Part(
                title,
                possible * (share or 0.0),
                possible,
                message,
                right="It is narrow and holds it.",
                missing="It is wider than the evidence allows, or it misses.",
            )
        )
    return CheckResult(tuple(parts), {"held": held})


def check_lasting_fix(run: Run, case: Case) -> CheckResult:
    """Guard rails of other services, each through a burst and the loss of a replica."""
    services = case.truth()["services"]
    results = [calls(run, f"rails/{number}") for number in range(len(services))]
    answers = [each[0].value if len(each) == 1 and each[0].ok else None for each in results]
    if all(each is None for each in answers):
        errors = [r.error for each in results for r in each if r.error]
        why = errors[0] if errors else "it was not defined"
        return nothing("Guard rails", 15, f"guard_rails could not be used: {why}")
    worth = scoring.rails_worth(services, answers)
    part = Part(
        "Guard rails",
        15 * beyond(worth, RAILS_IDLE, RAILS_FULL),
        15,
        f"On {len(services)} services that it had not seen, your function avoids {worth:.0%} "
        "of what "
        f"rails by arithmetic avoid in a peak (points from {RAILS_IDLE:.0%}, all from "
        f"{RAILS_FULL:.0%}).",
        right="It holds for small and large ones.",
        missing="For some of them the rails are too wide or too narrow.",
    )
    return CheckResult((part,), {"worth": round(100 * worth, 1)}, {"worth": worth})
