"""The profile as a picture: every rating, the median, the range; readable in grey and by its text.

Each dimension has a line from 1 to 4. A letter in a ring is a grader's rating, the bar behind the
rings is the range, the diamond below the line the median, a triangle the median after the revision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib.figure import Figure

from worksample.debrief.schema import DimensionRow
from worksample.feedback.text import number
from worksample.scorecards.rule import LINE
from worksample.workbook import plots
from worksample.workbook.plots import ACCENT, INK, MUTED, PALE, SOFT

WIDTH, DPI = 4.3, 220  # inches, dots
NAME, TRACK, GAP, AXIS = 0.24, 0.36, 0.13, 0.3
LEFT, STEP = 0.3, 0.93  # inches: where 1 is, and how far it is to the next level
RING = 11.5  # points
MANY = 6  # dimensions that fit on the first page with room between them


def profile(rows: Sequence[DimensionRow]) -> tuple[bytes, str]:
    """PNG of the profile, and the text that replaces it; closer where there are many dimensions."""
    line = NAME + TRACK + (GAP if len(rows) <= MANY else 0.0)
    height = AXIS + len(rows) * line + 0.1
    with plots.style():
        figure = Figure(figsize=(WIDTH, max(height, 0.8)))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, WIDTH), ylim=(max(height, 0.8), 0))
        axes.set_axis_off()
        for level in (1, 2, 3, 4):
            axes.text(_x(level), AXIS / 2, str(level), ha="center", va="center", fontweight="bold")
        bottom = AXIS + len(rows) * line
        axes.plot([_x(LINE)] * 2, [AXIS * 0.8, bottom], ls=(0, (2, 2)), lw=1, color=MUTED, zorder=0)
        at = AXIS
        for row in rows:
            _row(axes, at, row)
            at += line
        picture = plots.png(figure, DPI)
    return picture, "Profile, each dimension from 1 to 4. " + " ".join(map(words, rows))


def words(row: DimensionRow) -> str:
    """One dimension in words."""
    if row["median"] is None:
        return f"{row['name']}: not enough information."
    given = ", ".join(f"{r['letter']} {r['value']}" for r in row["ratings"] if r["value"])
    spread = f"from {row['low']} to {row['high']}" if row["low"] != row["high"] else "all the same"
    if len([r for r in row["ratings"] if r["value"]]) == 1:
        spread = "one rating"
    later = f", {number(row['later'])} after the revision" if row["later"] else ""
    discuss = ", to discuss" if row["discuss"] else ""
    return f"{row['name']}: median {number(row['median'])}{later}, {spread} ({given}){discuss}."


def _row(axes: Any, at: float, row: DimensionRow) -> None:
    middle = at + NAME + TRACK / 2
    mark = "  ◂ discuss" if row["discuss"] else ""
    axes.text(
        0.02, at + NAME / 2, row["name"] + mark, va="center", fontweight="bold", fontsize=9.5,
        bbox={"boxstyle": "square,pad=0.05", "fc": "white", "ec": "none"},
    )  # fmt: skip
    axes.plot([_x(1), _x(4)], [middle] * 2, color=SOFT, lw=1, zorder=1)
    for level in (1, 2, 3, 4):
        axes.plot([_x(level)] * 2, [middle - 0.05, middle + 0.05], color=SOFT, lw=1, zorder=1)
    if row["median"] is None:
        axes.text(
            _x(LINE), middle, "not enough information", ha="center", va="center", fontsize=9,
            bbox={"boxstyle": "square,pad=0.15", "fc": "white", "ec": MUTED, "ls": ":"},
        )  # fmt: skip
        return
    low, high = row["low"] or 1, row["high"] or 4
    if low != high:
        axes.plot(
            [_x(low), _x(high)], [middle] * 2, color=PALE, lw=15, solid_capstyle="round", zorder=1
        )
    axes.plot(_x(row["median"]), middle + 0.2, "D", ms=6, mfc=INK, mec=INK, zorder=4)
    axes.text(_x(4) + 0.22, middle, f"◆ {number(row['median'])}", va="center", fontsize=10)
    if row["later"] is not None:
        # beside the diamond where both are the same
        x = _x(row["later"]) + (0.13 if abs(row["later"] - row["median"]) < 0.2 else 0.0)
        axes.plot(x, middle + 0.2, "^", ms=7, mfc="white", mec=ACCENT, mew=1.4)
        said = f"△ {number(row['later'])}"
        axes.text(_x(4) + 0.72, middle, said, va="center", fontsize=10, color=ACCENT)
    _rings(axes, middle, row)


def _rings(axes: Any, middle: float, row: DimensionRow) -> None:
    """The graders' letters, beside one another where they gave the same."""
    for level in (1, 2, 3, 4):
        letters = [r["letter"] for r in row["ratings"] if r["value"] == level]
        width = min(0.19, 0.8 / max(1, len(letters)))
        for place, letter in enumerate(letters):
            x = _x(level) + (place - (len(letters) - 1) / 2) * width
            axes.plot(x, middle, "o", ms=RING, mfc="white", mec=INK, mew=1, zorder=3 + place / 100)
            axes.text(x, middle + 0.005, letter, ha="center", va="center", fontsize=7.5, zorder=4)


def _x(level: float) -> float:
    return LEFT + (level - 1) * STEP


def small(name: str, rows: Sequence[DimensionRow]) -> tuple[bytes, str]:
    """One candidate among others: medians and ranges, the dimensions by their numbers."""
    height = 0.62 + 0.2 * len(rows)
    with plots.style():
        figure = Figure(figsize=(2.4, height))
        axes = figure.add_axes((0.08, 0.24 / height, 0.9, (height - 0.52) / height))
        _small(axes, name, rows)
        picture = plots.png(figure, 160)
    said = "; ".join(f"{row['name']} {_median(row)}" for row in rows)
    return picture, f"Profile of {name}: {said}."


def _small(axes: Any, name: str, rows: Sequence[DimensionRow]) -> None:
    axes.set(xlim=(0.7, 4.3), ylim=(len(rows) - 0.5, -0.5), xticks=(1, 2, 3, 4))
    axes.set_yticks(range(len(rows)), [str(n + 1) for n in range(len(rows))], fontsize=8)
    axes.tick_params("x", labelsize=8, length=2)
    axes.tick_params("y", length=0)
    axes.set_title(name, fontsize=9.5)
    axes.axvline(LINE, color=MUTED, lw=0.8, ls=(0, (2, 2)))
    for place, row in enumerate(rows):
        if row["median"] is None:
            axes.text(LINE, place, "?", ha="center", va="center", fontsize=9)
            continue
        axes.plot([row["low"], row["high"]], [place] * 2, color=SOFT, lw=4, solid_capstyle="round")
        axes.plot(row["median"], place, "D", ms=5, mfc=INK, mec=INK)


def _median(row: DimensionRow) -> str:
    return "not enough information" if row["median"] is None else number(row["median"])
