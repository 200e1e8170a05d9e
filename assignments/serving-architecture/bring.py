"""Make a work sample of a company's own firm: the hook of `worksample new … --from`.

``hidden/firm.toml`` is the firm: classes, machines, prices, limits, events. An edited copy of it,
or of as many of its tables as differ, gives a folder in which all else is as here; its paper
(``hidden/history.md``) is text to edit. Then cases are drawn, and it is said whether they still
separate: today's design, the best, good ones of three kinds, one without spare, an over-built one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from worksample.assignments import modules
from worksample.kit.draws import streams
from worksample.kit.firm import FILE, copied, wrong

HERE = Path(__file__).parent
CASES = 4
SPARE = {"good": 1.9, "none to spare": 0.8, "over-built": 6.0}  # times the work at the peak
GOOD, POOR, NOTHING = 0.95, 0.75, 0.1  # share of the evenings' points: at least, at most, at most
TOLD = """\
# Does it still separate?

{cases} cases drawn at standard level. Share of the points for the six evenings (all to {full:g}
times what the best loses that a search found, none from {nothing:g} times on):

| design | mean | least | most |
|---|---|---|---|
{rows}

{verdict}

Next: read `hidden/history.md` as your people would write it; then `worksample separates NAME` runs
solutions of every quality, the assistant's among them, as they would be graded.
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
    outcome = modules.load(folder, "judging.outcome")
    shares: dict[str, list[float]] = {}
    for seed in range(CASES):
        try:
            found = _compared(folder, seed)
        except (ArithmeticError, LookupError, RuntimeError, ValueError) as error:
            raise wrong(FILE, f"no case can be drawn: {error}", HERE.name) from None
        for name, share in found.items():
            shares.setdefault(name, []).append(share)
    rows = [
        f"| {name} | {np.mean(each):.2f} | {min(each):.2f} | {max(each):.2f} |"
        for name, each in shares.items()
    ]
    return TOLD.format(
        cases=CASES, full=outcome.FULL, nothing=outcome.NOTHING, rows="\n".join(rows),
        verdict=verdict(shares),
    )  # fmt: skip


def _compared(folder: Path, seed: int) -> dict[str, float]:
    """Design -> share of the points for the six evenings."""
    scenario, outcome = (modules.load(folder, name) for name in ("scenario", "judging.outcome"))
    firm, ahead, reference = (
        modules.load(folder, f"hidden.{name}") for name in ("firm", "tomorrow", "reference")
    )
    own = streams(scenario.PARTS, seed, "standard")
    today, tomorrow = firm.draw(own["firm"], "standard"), ahead.draw(own["tomorrow"])
    evenings = ahead.scenarios(today, tomorrow)
    facts, best = reference.find(today, tomorrow, evenings, own["search"])
    rate = today.day[reference.PEAK] * tomorrow.forecast[1]
    kinds = {
        "ordinary machines": ("standard", False, True),
        "accelerators": ("accelerator", False, True),
        "ordinary machines and a cache": ("standard", True, False),
    }
    tried: dict[str, Any] = {"today's": today.current}
    for kind, (machine, cached, simple) in kinds.items():
        parts = reference.parts(today.facts, rate, machine, SPARE["good"], cached, simple)
        tried[f"good, {kind}"] = facts.checked(parts).design
    for name in ("none to spare", "over-built"):
        parts = reference.parts(today.facts, rate, "standard", SPARE[name], False, True)
        tried[name] = facts.checked(parts).design
    tried = {name: design for name, design in tried.items() if design is not None}
    zones = ahead.of_zones(today, tomorrow)
    told = reference.judged(list(tried.values()), evenings, zones, facts)
    return {
        name: outcome.share({of: float(lost[place]) / best.losses[of] for of, lost in told.items()})
        for place, name in enumerate(tried)
    }


def verdict(shares: Mapping[str, list[float]]) -> str:
    """What to change so that good designs of every kind have everything, and others have not."""
    found = []
    if max(shares["today's"]) > NOTHING:
        found.append("today's: it earns something as it is: more growth, or less room today")
    good = {name: each for name, each in shares.items() if name.startswith("good")}
    for name, each in good.items():
        if np.mean(each) < GOOD:
            found.append(f"{name}: not all points: bring its prices closer to the others'")
    if len(good) < 2:
        found.append("only one kind of design can be built at all: see quotas")
    for name, cure in (
        ("none to spare", "worse events"),
        ("over-built", "dearer machines, or a smaller budget"),
    ):
        if name in shares and np.mean(shares[name]) > POOR:
            found.append(f"{name}: it earns as much as good ones: {cure}")
    return "\n".join(f"- {each}." for each in found) if found else "It does."
