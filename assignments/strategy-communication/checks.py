"""Checks of the talk's paper side. Messages help and give away no hidden value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from worksample.checks import CheckResult, Part, nothing, why_no_answer

from worksample.kit.scoring import beyond, credit

from .judging import scoring
from .toolkit.forms import WORDS

if TYPE_CHECKING:
    from worksample.case import Case
    from worksample.run import Run

NUMBERS = {
    "loss_avoided": ("Loss avoided", 8),
    "false_alarms": ("Cost of false alarms", 6),
    "detection": ("Time to act", 7),
    "break_even": ("Break-even", 7),
    "share_caught": ("Share of the loss", 7),
    "hours": ("Hours", 5),
}


def check_numbers(run: Run, case: Case) -> CheckResult:
    """Six ranges, each by its interval score."""
    given = run.answers.get("numbers")
    if not isinstance(given, Mapping):
        return nothing("Numbers", 40, why_no_answer(run, "numbers"))
    shares = scoring.number_shares(given, case.truth())
    mostly = credit(sum(each or 0.0 for each in shares.values()) / len(shares), *scoring.MOSTLY)
    parts = []
    for name, (title, possible) in NUMBERS.items():
        share = shares[name]
        message = (
            "No range was given."
            if share is None
            else "Your range was held against the truth of the firm: narrow ones earn more, misses "
            "cost. The six count in full once most of them hold."
        )
        parts.append(
            Part(
                title,
                possible * mostly * beyond(share or 0.0, scoring.NUMBERS_IDLE, 0.97),
                possible,
                message,
                right="It is narrow and holds it.",
                missing="It is wider than the evidence allows, or it misses.",
            )
        )
    held = sum(bool(each) for each in shares.values())
    return CheckResult(tuple(parts), {"held": held}, {"shares": shares})


def check_claims(run: Run, case: Case) -> CheckResult:
    """Ten sentences, each by a proper rule, from what the best single class for all of them has."""
    given, truth = run.answers.get("claims"), case.truth()["claims"]
    if not isinstance(given, Mapping):
        return nothing("Claims", 25, why_no_answer(run, "claims"))
    scores = scoring.claim_scores(given, truth)
    mean = sum(scores) / len(scores)
    share = beyond(mean, scoring.claims_idle(truth), scoring.CLAIMS_FULL)
    likely = sum(each > 0.5 for each in scores)
    part = Part(
        "Claims",
        25 * share,
        25,
        f"On {likely} of {len(scores)} sentences most of your belief is where the evidence is. "
        "The score is "
        "highest for probabilities as you believe them.",
        right="You know what can be said.",
        missing="Work the number of a sentence out, and hold it against the one that is said.",
    )
    return CheckResult((part,), {"likely": likely}, {"scores": scores})


def check_actions(run: Run, case: Case) -> CheckResult:
    """What six events cost, on the way from one action for everything to the best of each."""
    made, given = case.truth()["events"], run.answers.get("actions")
    if given is None:
        return nothing("Actions", 20, why_no_answer(run, "actions"))
    cost = scoring.acted(given, made)
    if cost is None:
        return nothing("Actions", 20, "An action is missing or cannot be read.")
    avoided = (made["idle_cost"] - cost) / (made["idle_cost"] - made["best_cost"])
    told = f"{avoided:.0%}" if avoided > 0 else "nothing"
    part = Part(
        "Actions",
        20 * credit(avoided, 0.0, scoring.ACTIONS_FULL),
        20,
        f"Of what the best six actions avoid, beyond one action for everything, yours avoid {told} "
        f"(all points from {scoring.ACTIONS_FULL:.0%}).",
        right="They are worth their price.",
        missing="What is it, how much a day does it cost at this size, and who can end it soonest?",
    )
    return CheckResult((part,), {"avoided": round(100 * max(avoided, 0.0), 1)}, {"cost": cost})


def check_page(run: Run, case: Case) -> CheckResult:
    """Numbers that are the variables, what is not seen, the decision and its options."""
    given, truth = run.answers.get("page"), case.truth()
    if not isinstance(given, Mapping) or not isinstance(given.get("text"), str):
        return nothing("Page", 15, why_no_answer(run, "page"))
    text, filled = given["text"], str(given.get("filled", ""))
    words = len(filled.split())
    shares = scoring.number_shares(run.answers.get("numbers"), truth)
    used, typed, said = scoring.page_numbers(text, shares)
    said *= 0 < words <= WORDS
    unseen = scoring.unseen_share(given.get("unseen"), truth["unseen"], truth["kinds"])
    options = scoring.option_shares(given.get("options"), truth)
    held = beyond(sum(options) / len(options), scoring.NUMBERS_IDLE, 0.95)
    asked = scoring.asked_share(given.get("ask"), truth)
    return CheckResult(
        (
            Part(
                "Its numbers",
                5 * beyond(said, scoring.NUMBERS_IDLE, 0.95),
                5,
                f"The page has {words} words, says {used} of the six quantities as ranges, and "
                f"{typed} other "
                "figures. It counts as far as those ranges are right.",
                right="They are your numbers, with how sure you are.",
                missing="Say the six quantities by their names in braces, and few other figures.",
            ),
            Part(
                "What it will not catch",
                5 * unseen,
                5,
                "The kinds that you named as not seen were held against what the plan would have "
                "saved of each.",
                right="That is what stays.",
                missing=(
                    "A kind is seen only if an alert rings, and somebody acts, sooner than people "
                    "did."
                ),
            ),
            Part(
                "Decision and options",
                held * (2 + 3 * asked),
                5,
                "What you ask for was held against the option with the largest gain in the first "
                "year, and what "
                "each option saves and costs against the firm's truth.",
                right="The decision follows from its options.",
                missing=(
                    "For each option: what it saves, what it costs in the first year, both as "
                    "ranges."
                ),
            ),
        ),
        {"words": words, "used": used},
        {"asked": given.get("ask"), "options": options},
    )
