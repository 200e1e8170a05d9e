"""A bank as a person reads it: tables, how far a build is, a picture."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from worksample.assignments.model import Assignment
from worksample.course import Course
from worksample.records import bank as banks
from worksample.records.bank import Bank, Form, Member
from worksample.records.precision import MIN_FORMS, MIN_PEOPLE, Precision

PICTURE = "panel.svg"
DEPENDABLE, RANKED = 0.9, 0.95  # what a bank is to reach


def status(course: Course, assignment: Assignment, level: str) -> str:
    """How far a bank is, whether it is still true, and what it holds."""
    now = banks.inputs(assignment.folder)
    known = banks.forms(course, assignment.id, level)
    fresh = [form for form in known if form.inputs == now]
    bank = banks.load(course, assignment.id, level)
    lines = [f"{assignment.id}, {level}"]
    if len(fresh) < len(known):
        lines.append(f"  {len(known) - len(fresh)} forms were measured before something changed")
    if bank is None:
        lines.append(f"  no bank yet; {len(fresh)} forms are measured")
    else:
        if changed := banks.stale(bank, assignment.folder):
            lines.append(f"  STALE: changed since it was measured: {', '.join(changed)}")
        lines += [f"  {line}" for line in table(bank)]
    return "\n".join(lines)


def table(bank: Bank) -> Iterator[str]:
    """Forms, spread of every reference solution, how sure a score is."""
    rejected = len(bank.rejected)
    yield (
        f"{len(bank.kept)} forms kept, {rejected} rejected; a form took "
        f"{bank.figures['seconds']:.0f} s from its drawing to its last run"
    )
    for why, count in Counter(_short(why) for why in bank.rejected.values()).most_common():
        yield f"  {count:4} rejected for {why}"
    for which, said in (("kept", "kept forms"), ("measured", "all measured forms")):
        figures = bank.figures[which]
        yield f"{said:26} {'n':>4} {'mean':>6} {'sd':>6} {'min':>6} {'max':>6}"
        for name, row in figures["solutions"].items():
            yield f"  {name:24} {_row(row)}"
        if figures.get("people"):
            yield f"  {'simulated, mean of a form':24} {_row(figures['people'])}"
        yield from _ranks(figures)
    yield from sure(bank.precision, "kept forms")
    yield from sure(bank.unselected, "all measured forms")


def sure(known: Precision | None, of: str) -> Iterator[str]:
    """What a :class:`Precision` comes to, in words; what it lacks where it lacks something."""
    if known is None:
        yield f"{of}: how sure a score is needs two forms and two simulated candidates"
        return
    parts = known.components
    verdict = "" if parts.dependability >= DEPENDABLE else f", below {DEPENDABLE:g}"
    yield (
        f"{of}: variance of persons {parts.person:.1f}, forms {parts.form:.1f}, luck "
        f"{parts.residual:.1f} points²; the person's share {parts.dependability:.3f}{verdict}"
    )
    low = -math.inf
    ranges = []
    for highest, error in known.groups:
        start = f"{low:.0f}" if math.isfinite(low) else "0"
        ranges.append(f"{start}–{highest:.0f}: ± {error:.1f}")
        low = highest
    yield f"  standard error of a score {parts.sem:.1f} points ({'; '.join(ranges)})"
    if not known.known:
        yield (
            f"  not shown beside scores: {known.forms} forms and {known.people} persons, and it "
            f"takes {MIN_FORMS} and {MIN_PEOPLE}"
        )


def page(course: Course, assignment: Assignment, level: str) -> str:
    """The kept forms of a bank as Markdown, with what a score on them is sure by."""
    bank = banks.load(course, assignment.id, level)
    title = f"### {assignment.title}, {level}"
    return f"{title}\n\n{_markdown(bank) if bank else 'No bank yet.'}"


def _markdown(bank: Bank) -> str:
    head = ["| solution | n | mean | SD | range |", "|---|---|---|---|---|"]
    rows = [
        f"| {name} | {row['n']} | {row['mean']:.1f} | {row['sd']:.1f} "
        f"| {row['min']:.1f}–{row['max']:.1f} |"
        for name, row in bank.figures["kept"]["solutions"].items()
    ]
    said = [*_ranks(bank.figures["kept"]), *sure(bank.precision, f"{len(bank.kept)} forms")]
    return "\n".join([*head, *rows, "", *(f"- {line.strip()}" for line in said)])


def _ranks(figures: Mapping[str, Any]) -> Iterator[str]:
    if figures.get("spearman") is None:
        return
    verdict = "" if figures["spearman"] >= RANKED else f", below {RANKED:g}"
    one = figures["spearman_one_form"]
    within = (
        f"; within one form {one:.3f}, at least {figures['spearman_lowest']:.3f}" if one else ""
    )
    yield (f"  planted ability and mean score: Spearman {figures['spearman']:.3f}{verdict}{within}")


def _row(row: Mapping[str, float]) -> str:
    numbers = " ".join(f"{row[name]:6.1f}" for name in ("mean", "sd", "min", "max"))
    return f"{row['n']:4} {numbers}"


def _short(why: str) -> str:
    """Without the numbers, so that equal reasons are counted together."""
    return why.split(":")[0]


# ---- the picture ----


def draw(course: Course, assignment: Assignment, level: str, members: Sequence[Member]) -> Path:
    """Score against planted ability, a thin line a kept form; as SVG, with its words inside.

    Returns:
        the file, which lies beside the forms.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    forms = _kept(course, assignment, level)
    people = sorted((m for m in members if m.simulated), key=lambda m: m.ability or 0.0)
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    ability = [each.ability or 0.0 for each in people]
    for form in forms:
        axes.plot(ability, [form.scores[m.name] for m in people], color="0.75", lw=0.7)
    means = [sum(f.scores[m.name] for f in forms) / max(1, len(forms)) for m in people]
    axes.plot(ability, means, color="black", lw=2)
    if means:
        axes.annotate("mean", (1, means[-1]), (4, 0), textcoords="offset points", va="center")
    axes.set(xlabel="planted ability", ylabel="points", ylim=(-2, 102))
    axes.set_title(f"{assignment.id}, {level}: {len(forms)} forms, a grey line each", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    path = banks.folder(course, assignment.id, level) / PICTURE
    figure.savefig(path, metadata={"Description": words(forms, people), "Date": None})
    return path


def words(forms: Sequence[Form], people: Sequence[Member]) -> str:
    """The picture in words, for those who do not see it."""
    if not (forms and people):
        return "No form is kept yet."
    ends = [
        sum(form.scores[each.name] for form in forms) / len(forms)
        for each in (people[0], people[-1])
    ]
    return (
        f"Points against planted ability of {len(people)} simulated candidates on {len(forms)} "
        f"forms: on average {ends[0]:.0f} for the least able, {ends[1]:.0f} for the most able."
    )


def _kept(course: Course, assignment: Assignment, level: str) -> list[Form]:
    bank = banks.load(course, assignment.id, level)
    seeds = set(bank.kept) if bank else set()
    return [f for f in banks.forms(course, assignment.id, level) if f.seed in seeds]
