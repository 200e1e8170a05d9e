"""Pictures for feedback: legible in grey, on paper and through their alternative text.

Every bar has a pattern of its own and its value written on it, so nothing is told by colour.
A picture comes with the sentence that replaces it for whoever does not see it.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from worksample.feedback.schema import Check, Criterion, Record
from worksample.feedback.text import number

INK, PALE, SOLID, MUTED = "#1b2733", "#e9edf1", "#2f5d8a", "#5c6b7a"
STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "hatch.linewidth": 0.8,
    "axes.edgecolor": MUTED,
    "text.color": INK,
    "axes.labelcolor": INK,
    "ytick.color": INK,
    "xtick.color": INK,
}
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
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7.6, 0.9 + (0.86 if before else 0.66) * len(names)))
        left, right = figure.subplots(1, 2, width_ratios=[3, 2], sharey=True)
        _checks_panel(left, names, points, before)
        _ratings_panel(right, names, rated)
        figure.tight_layout(w_pad=1.6)
        picture = _png(figure)
    return picture, " ".join(_in_words(name, points, before, rated[name]) for name in names)


def _checks_panel(
    axes: Axes, names: Sequence[str], points: Mapping[str, Points], before: Mapping[str, Points]
) -> None:
    height = 0.34 if before else 0.5
    for row, name in enumerate(names):
        if name not in points:
            axes.text(2, row, "no automatic check", va="center", color=MUTED, style="italic")
            continue
        if before:
            _bar(axes, row - 0.19, height, before.get(name), "....", "before: ")
            _bar(axes, row + 0.19, height, points[name], "////", "after: ")
        else:
            _bar(axes, row, height, points[name], "////", "")
    axes.set(xlim=(0, 100), ylim=(len(names) - 0.5, -0.5), yticks=range(len(names)))
    axes.set_yticklabels([textwrap.fill(name, 22) for name in names])
    axes.set_xticks([0, 50, 100], ["0 %", "50 %", "100 %"])
    axes.set_title("Automatic checks", loc="left", fontsize=10.5, fontweight="bold")
    _bare(axes)


def _bar(
    axes: Axes, at: float, height: float, points: Points | None, hatch: str, prefix: str
) -> None:
    if points is None:
        return
    earned, possible = points
    axes.barh(at, 100, height=height, color=PALE, edgecolor=MUTED, linewidth=0.6)
    share = 100 * earned / possible if possible else 0
    axes.barh(
        at, share, height=height, facecolor="#ffffff", edgecolor=SOLID, hatch=hatch, linewidth=1
    )
    label = f"{prefix}{number(earned)} of {number(possible)}"
    box = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 1.2}
    axes.text(3, at, label, va="center", ha="left", fontsize=9, bbox=box)


def _ratings_panel(
    axes: Axes, names: Sequence[str], rated: Mapping[str, Sequence[Criterion]]
) -> None:
    for row, name in enumerate(names):
        criteria = rated[name]
        for place, criterion in enumerate(criteria):
            at = row + (place - (len(criteria) - 1) / 2) * 0.34
            _steps(axes, at, criterion)
        if not criteria:
            axes.text(0.55, row, "not rated by people", va="center", color=MUTED, style="italic")
    axes.set(xlim=(0.4, 5.6), xticks=[1, 2, 3, 4])
    axes.set_title("Ratings by people", loc="left", fontsize=10.5, fontweight="bold")
    _bare(axes)


def _steps(axes: Axes, at: float, criterion: Criterion) -> None:
    value = criterion["value"]
    if value is None:
        words = {"not_rated": "not rated yet"}.get(criterion["state"], "not enough information")
        axes.text(0.55, at, words, va="center", color=MUTED, style="italic")
        return
    for step in (1, 2, 3, 4):
        face = SOLID if step <= value else "#ffffff"
        axes.plot(step, at, "s", markersize=9, markerfacecolor=face, markeredgecolor=SOLID)
    axes.text(4.55, at, f"{value} of 4", va="center", fontsize=9)


def _bare(axes: Axes) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)


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


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    # no software name in the file, so that the same record always gives the same bytes
    figure.savefig(buffer, format="png", dpi=170, metadata={"Software": None})
    return buffer.getvalue()
