"""One style for every picture: toolkits, feedback and benchmarks draw with it.

Nothing is told by colour alone: series differ by marker and line style, areas by hatching, and a
line's name stands at its end. Every picture comes with a text that says what it shows.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.dates import ConciseDateFormatter, DayLocator, date2num
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

INK, ACCENT, MUTED, SOFT, PALE = "#1b2733", "#0b5cad", "#5c6b7a", "#9aa5b1", "#e9edf1"
MARKERS = "osv^DP*Xd<>p"
DASHES = ("-", "--", "-.", ":")
HATCHES = ("", "////", "....", "\\\\\\\\", "xxxx")
SMALL = 9.5  # points, of names in a picture; the least that is read with ease
FONT = "DejaVu Sans"  # comes with matplotlib, so it is there in every sandbox
STYLE: Any = {
    "font.family": FONT,
    "font.size": 10,
    "hatch.linewidth": 0.8,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": PALE,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
MOST_ROWS = 24  # of a table that is shown whole; of a longer one the last week
LABEL_GAP = 0.08  # of the axes' height, between the names of two lines
LEAST = 560  # pixels, of a picture's width
DPI = 90  # a page shows a dot as a pixel


@contextmanager
def style() -> Iterator[None]:
    """Whatever is drawn within looks as all pictures do."""
    with matplotlib.rc_context(STYLE):
        yield


def as_png(
    draw: Callable[[Any], None], height: float = 3.2, panels: int = 1, across: int = 3
) -> bytes:
    """What ``draw`` puts on the axes (on a list of them, if there are several ``panels``).

    Args:
        draw: gets matplotlib's axes.
        height: of a line of panels, in inches at 90 dots an inch; a line is 9.6 wide.
        panels: how many; they share lines.
        across: how many at most in one line.
    """
    with style():
        lines = -(-panels // across)
        figure = Figure(figsize=(9.6, height * lines), layout=ConstrainedLayoutEngine(wspace=0.06))
        axes = list(figure.subplots(lines, min(panels, across), squeeze=False).flat)
        for unused in axes[panels:]:
            unused.remove()
        axes = axes[:panels]
        for each in axes:
            each.grid(axis="y")
        draw(axes[0] if panels == 1 else axes)
        return png(figure, DPI)


def png(figure: Any, dpi: int) -> bytes:
    """The figure's bytes, the same for the same figure: no name of a program in it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


def line(place: int, **more: Any) -> dict[str, Any]:
    """Marker, dashes and grey of the series at ``place``, for ``axes.plot``."""
    look = {
        "marker": MARKERS[place % len(MARKERS)],
        "ls": DASHES[place % len(DASHES)],
        "color": (INK, ACCENT, MUTED)[place % 3],
        "mfc": "white" if place % 2 else (INK, ACCENT, MUTED)[place % 3],
        "ms": 4,
        "lw": 1.2,
    }
    return look | more


def area(place: int, **more: Any) -> dict[str, Any]:
    """Hatching and grey of the bars or areas at ``place``, for ``axes.bar`` and the like."""
    face = ("white", PALE, SOFT)[place % 3]
    return {"fc": face, "ec": INK, "lw": 0.7, "hatch": HATCHES[place % len(HATCHES)]} | more


def band(**more: Any) -> dict[str, Any]:
    """Look of what is usual, behind the lines: for ``axes.fill_between`` and ``axes.axhspan``."""
    return {"color": SOFT, "alpha": 0.35, "lw": 0} | more


def name_lines(axes: Any) -> None:
    """Each line's name at its right end, apart from one another; no key has to be looked up."""
    low, high = axes.get_ylim()
    ends = [
        (float((each.get_ydata()[-1] - low) / (high - low or 1)), each)
        for each in axes.lines
        if not str(each.get_label()).startswith("_") and len(each.get_ydata())
    ]
    at = spread([place for place, _ in sorted(ends, key=lambda end: end[0])], LABEL_GAP)
    for place, (_, each) in zip(at, sorted(ends, key=lambda end: end[0]), strict=True):
        axes.annotate(
            str(each.get_label()),
            (1.01, place),
            xycoords="axes fraction",
            fontsize=SMALL,
            va="center",
            color=each.get_color(),
        )


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Ascending places, moved up where they are nearer than ``gap``; within 0 to 1 if they fit.

    >>> [round(place, 2) for place in spread([0.5, 0.51, 0.99], 0.1)]
    [0.5, 0.6, 0.99]
    """
    kept: list[float] = []
    for place in places:
        wanted = 0.5 if place != place else min(max(place, 0.0), 1.0)  # no number: in the middle
        kept.append(max(wanted, kept[-1] + gap) if kept else wanted)
    over = max(0.0, kept[-1] - 1.0) if kept else 0.0
    for number in range(len(kept) - 1, -1, -1):
        top = kept[number + 1] - gap if number + 1 < len(kept) else kept[number] - over
        kept[number] = min(kept[number], top)
    return kept


def name_times(axes: Any, times: Sequence[Any], names: Sequence[Any]) -> None:
    """Names of moments along the top of the picture, lower where they would lie on one another."""
    wide = axes.get_window_extent().width / axes.figure.dpi * 72  # points
    first, last = axes.get_xlim()
    ends: list[float] = []  # of each line of names, as a part of the axes' width
    for at, name in sorted(zip(date2num(times), map(str, names), strict=True)):
        left = (at - first) / (last - first)
        line = next((i for i, end in enumerate(ends) if left >= end), len(ends))
        ends[line : line + 1] = [left + (len(name) * SMALL * 0.75 + 4) / wide]
        axes.annotate(
            name, (at, 1.0 - LABEL_GAP * line), xycoords=("data", "axes fraction"),
            fontsize=SMALL, ha="left", va="top", color=INK,
            bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.8},
        )  # fmt: skip


def name_places(axes: Any, places: Sequence[float], names: Sequence[Any]) -> None:
    """Names below places on the axis, turned where they would not fit beside one another."""
    wide = axes.get_window_extent().width / axes.figure.dpi * 72  # points
    longest = max((len(str(name)) for name in names), default=0)
    turned = longest * SMALL * 0.65 * len(names) > wide
    axes.set_xticks(places, [str(name) for name in names], fontsize=SMALL)
    if turned:
        axes.tick_params("x", rotation=35)
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")


def name_days(axes: Any, every: int | None = None) -> None:
    """Short dates below the picture, one for every so many days where it is given."""
    if every is not None:
        axes.xaxis.set_major_locator(DayLocator(interval=every))
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))


def key(axes: Any, title: str = "") -> None:
    """What the signs mean, above the picture, where it covers nothing."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, title=title or None,
        borderaxespad=0.2, handlelength=1.8,
    )  # fmt: skip


def code_line(function: str, *given: Any, **named: Any) -> str:
    """The line of Python that calls ``function`` so."""
    parts = [repr(v) for v in given] + [f"{k}={v!r}" for k, v in named.items() if v is not None]
    return f"{function}({', '.join(parts)})".replace("'", '"')


@dataclass(frozen=True)
class View:
    """What a helper returns: ``table`` to work with, a picture to look at, its line of code.

    Attributes:
        alt: what the picture shows, in words.
        folded: whether the table is behind a summary.
    """

    table: pd.DataFrame
    line: str
    alt: str
    png: bytes = b""
    folded: bool = False

    def picture(self) -> str:
        """The picture as an HTML element with its text."""
        if not self.png:
            return ""
        data = base64.b64encode(self.png).decode()
        alt = html.escape(self.alt, quote=True)
        wide = int.from_bytes(self.png[16:20], "big")  # where a PNG says its width
        # no smaller than can be read: on a page that is enlarged it is moved sideways
        size = f'width="{wide}" style="max-width:100%;min-width:{min(wide, LEAST)}px"'
        return f'<img alt="{alt}" {size} src="data:image/png;base64,{data}">'

    def _repr_html_(self) -> str:
        line = f"<p><code>{html.escape(self.line, quote=False)}</code> · table: <code>.table</code>"
        if self.folded:
            table = _shown(self.table)
            return (
                f"{self.picture()}{line}</p>"
                f"<details><summary>The picture as a table</summary>{table}</details>"
            )
        small = self.table if len(self.table) <= MOST_ROWS else self.table.tail(7)
        cut = "" if len(small) == len(self.table) else f" (its last 7 of {len(self.table)} rows)"
        if small.columns.nlevels == 1 and small.index.name:
            # else the index's name takes a line of its own
            small = small.rename_axis(index=None, columns=small.index.name)
        return f"{self.picture()}{line}{cut}</p>{_shown(small)}"

    def __repr__(self) -> str:
        return f"{self.line}\n{self.alt}\n{self.table.to_string(max_rows=10)}"


def _shown(table: pd.DataFrame) -> str:
    return str(table.to_html(border=0, float_format=_number, na_rep="–"))


def _number(value: float) -> str:
    """Three decimals, none of a number of a thousand and more: a count among shares."""
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:.0f}"
