"""Pictures for feedback: legible in grey, on paper, on a phone, and through their alternative text.

One column, no wider than a phone shows it at its own size. Every bar has its value written on it
and a pattern of its own, so nothing is told by colour. A picture comes with the sentence that
replaces it for whoever does not see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib

matplotlib.use("Agg")

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from worksample.feedback.schema import Check, Criterion, Record
from worksample.feedback.text import number
from worksample.workbook import plots
from worksample.workbook.plots import ACCENT, MUTED, PALE

#: inches and dots: a phone of 360 pixels shows 3.7 in a quarter larger than they are
WIDTH, DPI = 3.7, 250
ROW, TITLE, GAP = (
    0.25,
    0.27,
    0.12,
)  # inches: a bar or a rating, a competency's name, what is between
Points = tuple[float, float]


def points_by_dimension(checks: Sequence[Check]) -> dict[str, Points]:
    """Points earned and possible of each competency, in the order of the notebook."""
    totals: dict[str, Points] = {}
    for check in checks:
        earned, possible = totals.get(check["dimension"], (0.0, 0.0))
        totals[check["dimension"]] = (earned + check["points"], possible + check["possible"])
    return totals


def dimensions(record: Record) -> list[str]:
    """Every competency that a check or a criterion speaks for, in order."""
    named = [check["dimension"] for check in record["checks"]]
    named += [criterion["dimension"] for criterion in record["criteria"]]
    return list(dict.fromkeys(named))


def competencies(record: Record) -> tuple[bytes, str]:
    """PNG of the results per competency, and its alternative text."""
    names = dimensions(record)
    points = points_by_dimension(record["checks"])
    before = record["changes"]["dimensions_before"] if record["changes"] else {}
    rated = {name: [c for c in record["criteria"] if c["dimension"] == name] for name in names}
    rows = {name: max(1, (name in points) + (name in before) + len(rated[name])) for name in names}
    height = sum(TITLE + ROW * many + GAP for many in rows.values())
    with plots.style():
        figure = Figure(figsize=(WIDTH, max(height, 0.5)))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, WIDTH), ylim=(max(height, 0.5), 0))
        axes.set_axis_off()
        at = 0.0
        for name in names:
            axes.text(0, at + TITLE / 2, name, va="center", fontweight="bold")
            _rows(axes, at + TITLE, points.get(name), before.get(name), rated[name])
            at += TITLE + ROW * rows[name] + GAP
        picture = plots.png(figure, DPI)
    return picture, " ".join(_in_words(name, points, before, rated[name]) for name in names)


def _rows(
    axes: Axes, at: float, points: Points | None, before: Points | None, rated: Sequence[Criterion]
) -> None:
    """The bars and the squares of one competency, from ``at`` downwards."""
    if before is not None:
        _bar(axes, at, before, "....", "before: ")
        at += ROW
    if points is not None:
        _bar(axes, at, points, "////", "after: " if before is not None else "")
        at += ROW
    for criterion in rated:
        _steps(axes, at, criterion)
        at += ROW


def _bar(axes: Axes, at: float, points: Points, hatch: str, prefix: str) -> None:
    """A bar as wide as the share of the points, in its frame, and the points in words."""
    earned, possible = points
    whole, middle = 0.4 * WIDTH, at + ROW / 2
    share = earned / possible if possible else 0
    axes.barh(middle, whole, height=0.17, color=PALE, edgecolor=MUTED, linewidth=0.6)
    axes.barh(
        middle, whole * share, height=0.17, facecolor="white", edgecolor=ACCENT, hatch=hatch,
        linewidth=1,
    )  # fmt: skip
    words = f"{prefix}{number(earned)} of {number(possible)} points"
    axes.text(whole + 0.08, middle, words, va="center", fontsize=9)


def _steps(axes: Axes, at: float, criterion: Criterion) -> None:
    """Four squares, as many of them filled as the rating says, and the rating in words."""
    value, middle = criterion["value"], at + ROW / 2
    for step in (1, 2, 3, 4) if value else ():
        face = ACCENT if value and step <= value else "white"
        axes.plot(
            0.1 + 0.22 * (step - 1), middle, "s", ms=8, mfc=face, mec=ACCENT, clip_on=False
        )  # fmt: skip
    unrated = {"not_rated": "not rated yet"}.get(criterion["state"], "not enough information")
    words = f"{criterion['title']}: {f'{value} of 4' if value else unrated}"
    axes.text(0.95 if value else 0.0, middle, words, va="center", fontsize=9)


def _in_words(
    name: str,
    points: Mapping[str, Points],
    before: Mapping[str, Points],
    criteria: Sequence[Criterion],
) -> str:
    said = []
    if name in before:
        said.append("before {} of {}".format(*map(number, before[name])))
    if name in points:
        now = "{} of {} points".format(*map(number, points[name]))
        said.append(f"after {now}" if before else now)
    for criterion in criteria:
        value = criterion["value"]
        said.append(f"{criterion['title']} " + (f"{value} of 4" if value else "not rated"))
    return f"{name}: {', '.join(said)}."
