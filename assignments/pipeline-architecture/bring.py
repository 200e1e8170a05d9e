"""Make a work sample of a company's own firm: the hook of `worksample new … --from`.

``hidden/firm.toml`` is the firm: rows, parts, prices, requirements, faults. An edited copy of it,
or of as many of its tables as differ, gives a folder in which all else is as here; its papers
(``hidden/dossier.md``, ``hidden/history.md``) are text to edit. Then cases are drawn, and it is
said whether they still separate: today's design, the best, three kinds of good ones, an over-built
one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from worksample.assignments import modules
from worksample.kit.firm import FILE, copied, wrong
from worksample.kit.scoring import credit

HERE = Path(__file__).parent
CASES = 5
GOOD = 0.97  # of the points, what each kind of good design has to earn over the cases
TOLD = """\
# Does it still separate?

{cases} cases drawn at standard level; {good} of them could be used as they were. What is lost in
money, over what the best loses that a search found (full points to {full:g} times; today's design
has to lose {far:g} times):

| design | mean | least | most |
|---|---|---|---|
{rows}

{verdict}

Next: read `hidden/dossier.md` and `hidden/history.md` as your people would write them; then
`worksample verify NAME --quick` runs every solution, the assistant's among them.
"""


def bring(data: Path, into: Path, options: Mapping[str, Sequence[str]]) -> str:
    """Write an assignment's folder at ``into``; return what the author should read first.

    Raises:
        AssignmentError: the file cannot be read, has what the firm has not, or gives no cases.
    """
    copied(HERE, data, into)
    report = separation(into)
    (into / "separation.md").write_text(report, "utf-8")
    return report


def separation(folder: Path) -> str:
    """Whether cases of a folder tell good designs from others, in words.

    Raises:
        AssignmentError: its numbers give no case at all.
    """
    scenario, outcome = modules.load(folder, "scenario"), modules.load(folder, "judging.outcome")
    ratios: dict[str, list[float]] = {}
    good = 0
    for seed in range(CASES):
        try:
            drawn = scenario.draw(seed, "standard")
        except (ArithmeticError, LookupError, RuntimeError, ValueError) as error:
            raise wrong(FILE, f"no case can be drawn: {error}", HERE.name) from None
        good += drawn.good
        for name, lost in _compared(folder, drawn).items():
            ratios.setdefault(name, []).append(lost)
    rows = [
        f"| {name} | {np.mean(each):.2f} | {min(each):.2f} | {max(each):.2f} |"
        for name, each in ratios.items()
    ]
    verdict = _verdict(ratios, good, outcome.FULL, outcome.NOTHING, scenario.FAR)
    return TOLD.format(
        cases=CASES, good=good, full=outcome.FULL, far=scenario.FAR, rows="\n".join(rows),
        verdict=verdict,
    )  # fmt: skip


def _compared(folder: Path, drawn: Any) -> dict[str, float]:
    """Design -> what it loses over what the best loses, on average over the hidden quarters."""
    reference, ahead = (
        modules.load(folder, "hidden.reference"),
        modules.load(folder, "hidden.ahead"),
    )
    starts = reference.starts(drawn.firm, drawn.ahead, drawn.ahead.needs)
    many = list(ahead.quarters(drawn.firm, drawn.ahead, drawn.facts.data["needs"]).values())
    best = np.mean(list(drawn.best.losses.values()))
    found = {"today's": float(np.mean(list(drawn.naive.values())) / best)}
    for kind, designs in starts.items():
        told = reference.outcomes(designs, many, drawn.facts)
        found[f"good, {kind}"] = min(float(np.mean([o.loss for o in row])) for row in told) / best
    big = reference.outcomes([overbuilt(starts["stream"][0], drawn.facts)], many, drawn.facts)[0]
    found["over-built"] = float(np.mean([each.loss for each in big])) / best
    return found


def overbuilt(design: Any, facts: Any) -> Any:
    """Twice of everything that a careful but hurried person makes twice as large."""
    data = design.plain()
    for part in data["components"].values():
        for name, most in (
            ("partitions", 40),
            ("workers", 60),
            ("replicas", 40),
            ("keep_days", 730),
        ):
            if name in part:
                part[name] = min(most, 2 * part[name])
        if part["kind"] == "trainer":
            part["every_h"] = 24
    return facts.checked(data).design


def _verdict(
    ratios: Mapping[str, list[float]], good: int, full: float, nothing: float, far: float
) -> str:
    """What has to change, in words.

    Args:
        ratios: design -> what it loses over what the best loses, case by case.
        full, nothing: points go by the logarithm, from ``nothing`` times today's loss to ``full``
            times the best's.
    """
    wrong = []
    none = np.log(nothing * np.mean(ratios["today's"]))
    if min(ratios["today's"]) < far:
        wrong.append(
            "today's design is too near the best: make what it misses dearer, or good parts cheaper"
        )
    for name, each in ratios.items():
        shares = [credit(float(np.log(ratio)), none, np.log(full)) for ratio in each]
        if name.startswith("good") and np.mean(shares) < GOOD:
            wrong.append(f"{name}: not all points: bring its parts' prices closer to others'")
    if np.mean(ratios["over-built"]) < full:
        wrong.append(
            "an over-built design earns everything: make parts dearer, or the budget smaller"
        )
    if good < CASES / 2:
        wrong.append("most cases have to be drawn anew: hard and mild requirements are too close")
    return "\n".join(f"- {each}." for each in wrong) if wrong else "It does."
