"""Checks of monitoring-implementation. Messages help and give away no hidden value."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from worksample.checks import CheckResult, Part, nothing

from worksample.kit.scoring import credit

from .judging import judged, measuring
from .judging.measuring import Laid

if TYPE_CHECKING:
    from worksample.case import Case
    from worksample.run import Run

NO_TREE = "Nothing of work/ could be taken, so nothing of it was run."
NO_METRICS = "Under the hidden traffic the service did not run to its end, or told no metrics."
PARTS = {
    "counts": ("answered, rejected, failed", ("answered", "rejected", "failed"), 6),
    "slow": ("share of slow answers", ("slow",), 3),
    "score": ("mean score, values filled in", ("score", "filled"), 3),
    "accuracy": ("accuracy from matured labels", ("accuracy",), 5),
}
DRIFT = 3
CONSTANT = 0.6  # of the looks: more than a number that never changes is right in
ROOM, TOO_MANY = 60, 400  # series that may come with traffic
FIRST = 6  # block after which series are counted first
MOST, FAR_TOO_MANY = 600, 3000  # series in all
WORTH = (0.5, 0.97)  # found times quiet
ALONE = 0.25  # a panel that is right in less than this is by chance


def _nothing(run: Run, case: Case, name: str, points: float) -> tuple[Laid | None, CheckResult]:
    if run.tree.refused:
        return None, nothing(name, points, NO_TREE)
    laid = Laid.of(case, run.tree.files, run.services)
    return laid, nothing(name, points, NO_METRICS)


def _numbers(run: Run, case: Case, laid: Laid) -> dict[str, float]:
    return judged.numbers(run, laid, measuring.moments(case, run.services["recorded"]))


def _told(run: Run, case: Case, laid: Laid) -> float:
    """How much is measured at all, 0 to 1: where nothing is, nothing else is worth anything."""
    shares = [credit(each, CONSTANT, 1) for each in _numbers(run, case, laid).values()]
    return min(1.0, sum(shares) / len(shares) / 0.5)


def check_truth(run: Run, case: Case) -> CheckResult:
    """Queries against the ledger at five moments, each looked at three times over."""
    laid, none = _nothing(run, case, "numbers", 20)
    if laid is None:
        return none
    shares = _numbers(run, case, laid)
    parts = []
    for name, queries, points in PARTS.values():
        got = sum(credit(shares[each], CONSTANT, 1) for each in queries) / len(queries)
        right = sum(shares[each] for each in queries) / len(queries)
        parts.append(
            Part(
                name,
                round(points * got, 2),
                points,
                f"Right in {right:.0%} of the looks, by whichever worker.",
                missing="Ask twice in a row: are both workers in it, and one that was replaced?",
            )
        )
    rises = judged.drift(run, laid)
    parts.append(
        Part(
            "drift rises",
            round(DRIFT * credit(rises, 0.6, 0.95), 2),
            DRIFT,
            f"Higher in a drift than at a usual time in {rises:.0%} of pairs.",
            missing="Which of the fields does it look at?",
            idle=0,
        )
    )
    return CheckResult(tuple(parts), {"right": 100 * sum(shares.values()) / len(shares)}, shares)


def check_cost(run: Run, case: Case) -> CheckResult:
    """Series that came with thousands of invoices and with paths that are not there."""
    laid, none = _nothing(run, case, "series", 6)
    if laid is None:
        return none
    told = _told(run, case, laid)
    early = next(i for i, block in enumerate(laid.after) if block == FIRST)
    before, after = len(laid.scrapes[early].samples), len(laid.scrapes[-1].samples)
    grown = credit(after - before, TOO_MANY, ROOM)
    few = credit(after, FAR_TOO_MANY, MOST)
    counts = "" if told == 1 else " It counts as far as the numbers are there."
    return CheckResult(
        (
            Part(
                "growth",
                round(4 * grown * told, 2),
                4,
                f"Traffic made {'few' if grown == 1 else 'many'} series more.{counts}",
                missing="What in a label is new with every invoice or path?",
            ),
            Part(
                "series",
                round(2 * few * told, 2),
                2,
                f"There are {'few' if few == 1 else 'many'} series in all.{counts}",
            ),
        ),
        {"series": after},
    )


def check_alerts(run: Run, case: Case) -> CheckResult:
    """Rules on days with faults and with what is only unusual; routes as amtool tells them."""
    laid, none = _nothing(run, case, "alerts", 52)
    if laid is None:
        return none
    made = judged.alerts(run, laid)
    worth = credit(made.worth, *WORTH)
    said = (
        f"{made.found:.0%} of the troubles were noticed in time, and {made.quiet:.0%} of the "
        "harmless stretches were left alone; both together count."
    )
    return CheckResult(
        (
            Part(
                "in time, and quiet otherwise",
                round(40 * worth, 2),
                40,
                said,
                missing="Which trouble has no rule? In which harmless stretch does one fire?",
            ),
            Part(
                "end",
                round(6 * worth * credit(made.reset, 0.5, 0.95), 2),
                6,
                f"{made.reset:.0%} of the alerts that were in time ended in time.",
                missing="How long is the window that an alert looks at?",
            ),
            Part(
                "to the right people",
                round(6 * worth * credit(made.routed, 0.5, 0.95), 2),
                6,
                f"{made.routed:.0%} of what was noticed reached those who should act.",
                missing="amtool config routes test says who gets an alert.",
            ),
        ),
        {"found": 100 * made.found, "quiet": 100 * made.quiet},
        {"kinds": made.kinds},
    )


def check_panels(run: Run, case: Case) -> CheckResult:
    """Six questions, each on the days: its own trouble is seen, and no other's."""
    laid, none = _nothing(run, case, "panels", 15)
    if laid is None:
        return none
    shares = judged.panels(run, laid)
    parts = tuple(
        Part(
            name,
            round(2.5 * credit(share, ALONE, 0.95), 2),
            2.5,
            "Its picture answers the question."
            if share >= 0.95
            else "It does not leave what it usually is in its own trouble, or does in another's.",
            missing="Look at it on a usual day, in its own trouble and in each of the others.",
        )
        for name, share in shares.items()
    )
    return CheckResult(parts, {"panels": sum(s >= 0.95 for s in shares.values())}, shares)


def check_harmless(run: Run, case: Case) -> CheckResult:
    """Predictions with rubbish for labels, and with nothing that can be written."""
    laid, none = _nothing(run, case, "predictions", 7)
    if laid is None:
        return none
    told = _told(run, case, laid)
    facts, _ = measuring.hidden_world(case)
    right = functools.partial(measuring.answered_right, model=facts["model"])
    labels, sealed = run.services.get("labels"), run.services.get("sealed")
    gone = 0.0
    if labels is not None:
        for name in ("gone", "rubbish"):
            made = labels.asked(name)
            asked = [each for each in made if each.request.path == "/score"]
            scraped = [each for each in made if each.request.path == "/metrics"]
            well = bool(asked) and all(map(right, asked))
            gone += 0.5 * well * (0.5 + 0.5 * any(each.status == 200 for each in scraped))
    made = sealed.asked("sealed") if sealed is not None else ()
    written = float(bool(made) and all(map(right, made)))
    counts = "" if told == 1 else " It counts as far as the numbers are there."
    usual = [
        each
        for name, ledger in run.services["recorded"].ledger.items()
        if name.startswith("block/")
        for each in ledger
        if each.status == 200 and each.request.path == "/score"
    ]
    same = bool(usual) and all(map(right, usual))
    return CheckResult(
        (
            Part(
                "labels missing or rubbish",
                round(3.5 * gone * told * same, 2),
                3.5,
                ("All is answered as ever." if gone == 1 else "Not all is answered as ever.")
                + counts,
                missing="What happens to a scrape and a prediction when a line cannot be read?",
            ),
            Part(
                "nothing can be written",
                round(3.5 * written * told * same, 2),
                3.5,
                ("Predictions are as ever." if written else "Predictions fail, or differ.")
                + counts,
                missing="Start it with var/ made read-only.",
            ),
        ),
    )
