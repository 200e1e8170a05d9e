"""Checks of pipeline-troubleshooting. Messages help and give away no hidden value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worksample.checks import CheckResult, Part, answer, nothing

from worksample.kit.scoring import credit

from .judging import days, naming

if TYPE_CHECKING:
    from worksample.case import Case
    from worksample.run import Run

WORTH = {
    "data": 8,
    "training": 8,
    "deployment": 8,
    "silent": 16,
}  # what no line of code tells, twice
SLOTS = {
    "data": "what kept the exports from being read",
    "training": "what was wrong with the configuration",
    "deployment": "what kept the model from being deployed",
    "silent": "what ruined the model and failed nothing",
}
NO_TREE = "Nothing of work/ could be taken, so nothing of it was run."
GUARD_FULL = 0.9  # share found plus share left in peace, less 1
REPAIRS_FOR_ALL = 2  # from so many on, what was kept counts in full


def check_repairs(run: Run, case: Case) -> CheckResult:
    """Each fault by itself: in a repository that is right but for what they made of its files."""
    if run.tree.refused:
        return nothing("work/", 40, NO_TREE)
    shares = _repairs(run, case)
    parts = []
    for slot, words in SLOTS.items():
        state = "repaired" if shares[slot] >= 0.95 else "not repaired yet"
        state = "repaired in part" if 0.02 < shares[slot] < 0.95 else state
        parts.append(
            Part(
                words,
                round(WORTH[slot] * shares[slot], 2),
                WORTH[slot],
                f"Looked at by itself, on hidden days, this is {state}.",
                missing="Compare what a run writes with docs/EXPECTED.md, line by line.",
            )
        )
    done = sum(share >= 0.95 for share in shares.values())
    return CheckResult(tuple(parts), {"repaired": done}, {"shares": shares})


def _repairs(run: Run, case: Case) -> dict[str, float]:
    """Slot -> 0 to 1, the best of three repositories: a repair may lie in another file."""
    truth = case.truth()
    whole = days.repaired(run.trials.get("whole"), truth)
    return {
        slot: max(
            whole,
            days.repaired(run.trials.get(f"only/{slot}"), truth),
            days.repaired(run.trials.get(f"others/{slot}"), truth),
        )
        for slot in SLOTS
    }


def check_whole(run: Run, case: Case) -> CheckResult:
    """Their repository as it came, on three hidden nights."""
    if run.tree.refused:
        return nothing("work/", 15, NO_TREE)
    found = days.days(run.trials.get("whole"), case.truth())
    names = {
        "a1": "a night after which a model has to be published",
        "a2": "the same night again",
        "b1": "a night after which the current model has to stay",
    }
    parts = []
    for key, words in names.items():
        day = found[key]
        failed = (
            "It did not end well."
            if not day.ended
            else "It did not learn from the rows that count."
            if not day.rows
            else "It did not serve the version that has to be served."
            if not day.version
            else "It ended, with the right rows and the right version."
        )
        missing = "" if day.quality >= 0.9 else "The predictions fall short of what is possible."
        parts.append(Part(words, round(5 * day.right, 2), 5, failed, missing=missing))
    right = sum(day.right > 0.95 for day in found.values())
    return CheckResult(tuple(parts), {"nights": right})


def check_kept(run: Run, case: Case) -> CheckResult:
    """What was right before still is, and their tests still catch what they caught."""
    if run.tree.refused:
        return nothing("work/", 10, NO_TREE)
    shares = _repairs(run, case)
    counts = min(1.0, sum(shares.values()) / REPAIRS_FOR_ALL)
    refused = _refuses(run, "rubbish"), _refuses(run, "missing")
    suite = [run.trials[name] for name in run.trials if name.startswith("suite/mutant")]
    caught = sum(each.ok and each.codes != (0,) for each in suite) / max(len(suite), 1)
    passes = any(run.trials[n].passed for n in ("suite/own", "suite/right") if n in run.trials)
    few = "" if counts == 1 else "It counts as far as something was repaired."
    return CheckResult(
        (
            Part(
                "bad exports",
                round(counts * (3 * refused[0] + 2 * refused[1]), 2),
                5,
                "Days of bad rows and an export that is not there "
                + ("end a run" if all(refused) else "do not all end a run")
                + f", before anything is published. {few}".rstrip(),
                missing="docs/EXPECTED.md says what ends a run.",
            ),
            Part(
                "the suite",
                round(counts * 5 * caught * passes, 2),
                5,
                f"Your tests {'pass' if passes else 'do not pass'} with correct code, and "
                f"{caught:.0%} of the faults that were put in make them fail. {few}".rstrip(),
                missing="A test that is taken away protects nobody; a wrong one is put right.",
            ),
        ),
        {"caught": 100 * caught},
    )


def _refuses(run: Run, name: str) -> bool:
    """Whether a run ended by itself, not with 0, and published nothing."""
    result = run.trials.get(name)
    published = result is not None and any(each.startswith("models-a/") for each in result.files)
    return result is not None and result.ok and result.codes != (0,) and not published


def check_guard(run: Run, case: Case) -> CheckResult:
    """Hidden exports: share of the bad ones found plus share of the good ones passed, less 1."""
    if run.tree.refused:
        return nothing("work/", 20, NO_TREE)
    hits = quiet = bad = good = 0
    for number, about in enumerate(case.truth()["guard"]):
        result = run.trials.get(f"guard/{number}")
        code = result.codes[0] if result is not None and result.ok and result.codes else None
        if about["bad"]:
            bad, hits = bad + 1, hits + (code == 2)
        else:
            good, quiet = good + 1, quiet + (code == 0)
    found, passed = hits / bad, quiet / good
    share = credit(found + passed - 1, 0, GUARD_FULL)
    return CheckResult(
        (
            Part(
                "guard",
                round(20 * share, 2),
                20,
                f"It found {found:.0%} of the exports that should not be used and let {passed:.0%} "
                "of the others pass.",
                missing="Compare a day with the nights before it, and with days that are only odd.",
            ),
        ),
        {"found": 100 * found, "passed": 100 * passed},
    )


def check_diagnosis(run: Run, case: Case) -> CheckResult:
    """Causes with their first bad run, versions to withdraw, and the test that fails."""
    truth = case.truth()
    given = answer(run, "diagnosis")
    given = given if isinstance(given, dict) else {}
    share, recall, named = naming.naming(given.get("issues"), truth["faults"])
    withdraw = naming.withdrawn(given.get("withdraw"), truth)
    # a coin decides the test; so it counts with the cause behind it only
    known = {
        str(each.get("mechanism")) for each in naming.issues_of(given.get("issues"))[: naming.MOST]
    }
    understood = truth["faults"]["deployment"]["id"] in known and share > 0
    test = given.get("test") == truth["test"] and understood
    return CheckResult(
        (
            Part(
                "causes",
                round(9 * share, 2),
                9,
                f"{named} issues are named, and {recall:.0%} of the causes are among them.",
                missing="A true cause counts in full with its first bad run, and less "
                "among others that are none.",
            ),
            Part(
                "versions to withdraw",
                round(4 * withdraw, 2),
                4,
                "The list is right."
                if withdraw == 1
                else "The list is not yet that of the versions that have to go.",
                missing="Which nights fitted on wrong bookings, and not only held them out?",
            ),
            Part(
                "the test that fails",
                2.0 * test,
                2,
                "You say rightly whether it is the test or the code."
                if test
                else "Whether test or code is wrong was not said rightly, or the cause was not.",
            ),
        ),
        {"named": named, "causes": 100 * recall},
    )
