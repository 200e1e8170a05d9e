"""A design as a picture: containers of the C4 model, in layers, readable in grey.

A component's place follows from its layer and from those written before it in the same layer, and
from nothing else: what is changed or added below leaves everything above where it was.
"""

from __future__ import annotations

import io
import textwrap
from dataclasses import dataclass
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from worksample.workbook import plots
from worksample.workbook.design.catalogue import Catalogue
from worksample.workbook.design.reading import Component, Design

WIDE, HIGH = 2.75, 1.4  # inches of a box
APART, BETWEEN = 0.35, 0.5  # inches between boxes, and between layers
ACROSS = 3  # boxes in a line, at least so wide is the picture
CLEAR = (0.62, 0.16)  # inches from the middle of one label to that of another
LETTERS, LINES = 39, 5  # of the small print in a box
SALT = "design"  # so that the same design gives the same file


@dataclass(frozen=True)
class Drawing:
    """A design's picture.

    Attributes:
        png, svg: the picture.
        alt: what it shows, in words.
        table: components, one a row.
    """

    png: bytes
    svg: str
    alt: str
    table: pd.DataFrame

    def view(self, line: str) -> plots.View:
        """The picture with its text and its table behind a summary."""
        return plots.View(self.table, line, self.alt, self.png, folded=True)


def drawing(design: Design, catalogue: Catalogue) -> Drawing:
    """The picture of a design that was read without a mistake."""
    places = layout(design, catalogue)
    with plots.style(), matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": SALT}):
        figure = _figure(design, catalogue, places)
        png = plots.png(figure, plots.DPI)
        svg = _svg(figure)
    alt = in_words(design, catalogue)
    return Drawing(png, svg, alt, table(design, catalogue))


def layout(design: Design, catalogue: Catalogue) -> dict[str, tuple[int, int]]:
    """Id -> (layer, place in it), both from 0."""
    taken: dict[int, int] = {}
    places = {}
    for each in design.components.values():
        layer = catalogue.kinds[each.kind].layer
        places[each.id] = (layer, taken.get(layer, 0))
        taken[layer] = taken.get(layer, 0) + 1
    return places


def in_words(design: Design, catalogue: Catalogue) -> str:
    """What the picture shows: every component with its kind, and whom it asks."""
    told = []
    for each in design.components.values():
        kind = catalogue.kinds[each.kind].title.lower()
        asks = f", {catalogue.joins} {', '.join(each.to)}" if each.to else ""
        told.append(f"{each.id} ({kind}{asks})")
    return f"Diagram of {len(told)} components: {'; '.join(told)}."


def table(design: Design, catalogue: Catalogue) -> pd.DataFrame:
    """Components, one a row: kind, whom they ask or lead to, settings, reason."""
    rows = {
        each.id: {
            "kind": catalogue.kinds[each.kind].title,
            catalogue.joins: ", ".join(each.to),
            "settings": ", ".join(_settings(each, catalogue)),
            "because": each.because,
        }
        for each in design.components.values()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("component")


def _settings(part: Component, catalogue: Catalogue) -> list[str]:
    """Settings as ``name value unit``; what is left at its default is left out."""
    told = []
    for name, setting in catalogue.kinds[part.kind].settings.items():
        value = part.settings[name]
        if value != setting.default:
            shown = " ".join(map(str, value)) if isinstance(value, (list, tuple)) else _short(value)
            told.append(f"{name.removesuffix(f'_{setting.unit}')} {shown} {setting.unit}".strip())
    return told


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _figure(design: Design, catalogue: Catalogue, places: dict[str, tuple[int, int]]) -> Figure:
    across = max(ACROSS, 1 + max(place for _, place in places.values()))
    layers = sorted({layer for layer, _ in places.values()})
    rows = {layer: row for row, layer in enumerate(layers)}
    wide = across * (WIDE + APART) + APART
    high = len(layers) * (HIGH + BETWEEN) + BETWEEN
    figure = Figure(figsize=(wide, high))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, wide), ylim=(high, 0))
    axes.axis("off")
    corners = {
        name: (APART + place * (WIDE + APART), BETWEEN + rows[layer] * (HIGH + BETWEEN))
        for name, (layer, place) in places.items()
    }
    for each in design.components.values():
        up = [n for n in each.to if rows[places[n][0]] < rows[places[each.id][0]]]
        _box(axes, each, catalogue, corners[each.id], up)
    labels: list[tuple[float, float]] = []
    for each in design.components.values():
        for number, name in enumerate(each.to):
            asked = catalogue.kinds[design.components[name].kind].asked
            begin = WIDE * (number + 1) / (len(each.to) + 1)
            between = rows[places[name][0]] - rows[places[each.id][0]] - 1
            if between < -1:
                continue  # upwards: told in the box
            if between < 0:
                _beside(axes, corners[each.id], corners[name], asked)
            else:
                _arrow(axes, corners[each.id], corners[name], begin, asked, between, labels)
    return figure


def _box(
    axes: Any, part: Component, catalogue: Catalogue, corner: tuple[float, float], up: list[str]
) -> None:
    """A box with its small print; ``up`` are those above it that it leads to."""
    kind = catalogue.kinds[part.kind]
    left, top = corner
    aside = kind.layer >= catalogue.aside
    axes.add_patch(
        FancyBboxPatch(
            (left, top), WIDE, HIGH, boxstyle="round,pad=0,rounding_size=0.06",
            fc="white" if aside else plots.PALE, ec=plots.INK, lw=1.0, ls="--" if aside else "-",
        )
    )  # fmt: skip
    middle = left + WIDE / 2
    look = {"ha": "center", "va": "top", "color": plots.INK}
    axes.text(middle, top + 0.08, _plain(part.id), weight="bold", fontsize=10.5, **look)
    axes.text(middle, top + 0.28, f"[{kind.title}]", fontsize=plots.SMALL, **look)
    told = _settings(part, catalogue) + ([f"{catalogue.joins} {', '.join(up)}"] if up else [])
    small = textwrap.wrap(" · ".join(told) or kind.text, LETTERS)
    small += textwrap.wrap(part.because, LETTERS)[:2]
    kept = small[:LINES] if len(small) <= LINES else [*small[: LINES - 1], "…"]
    axes.text(
        middle, top + 0.5, _plain("\n".join(kept)), fontsize=plots.SMALL, linespacing=1.15, **look
    )


def _arrow(
    axes: Any,
    start: tuple[float, float],
    end: tuple[float, float],
    begin: float,
    asked: str,
    between: int,
    labels: list[tuple[float, float]],
) -> None:
    """From the lower edge to the upper one, past the layers between in the gap beside the target.

    Args:
        start, end: upper left corners of the boxes.
        begin: inches from the first box's left edge, as several arrows leave side by side.
        between: layers that are passed.
        labels: where words stand already; these are added.
    """
    # arrows that come from different boxes end at different places of the edge
    drift = max(-0.4, min(0.4, (start[0] - end[0]) / (4 * WIDE)))
    points = [(start[0] + begin, start[1] + HIGH)]
    if between > 0:
        lane = end[0] - APART / 2
        points += [
            (lane, start[1] + HIGH + BETWEEN),
            (lane, end[1] - BETWEEN),
        ]
    points.append((end[0] + WIDE * (0.5 + drift), end[1]))
    look = {"color": plots.INK, "lw": 1.0, "zorder": 0.5, "solid_joinstyle": "round"}
    axes.plot([x for x, _ in points[:-1]], [y for _, y in points[:-1]], **look)
    style = {"arrowstyle": "-|>", "color": plots.INK, "lw": 1.0, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", points[-1], points[-2], arrowprops=style, zorder=0.5)
    if asked:
        place = _free(points[-2], points[-1], labels)
        labels.append(place)
        axes.text(
            *place, asked, fontsize=plots.SMALL, ha="center", va="center", color=plots.INK,
            bbox={"fc": "white", "ec": "none", "pad": 0.8},
        )  # fmt: skip


def _free(
    start: tuple[float, float], end: tuple[float, float], labels: list[tuple[float, float]]
) -> tuple[float, float]:
    """Where on an arrow its words touch no others: near its tip, as arrows begin side by side."""
    places = [
        (start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
        for part in (0.45, 0.62, 0.3, 0.75, 0.18)
    ]

    def nearest(place: tuple[float, float]) -> float:
        gaps = (max(abs(place[0] - x) / CLEAR[0], abs(place[1] - y) / CLEAR[1]) for x, y in labels)
        return min(gaps, default=1.0)

    return next((each for each in places if nearest(each) >= 1), max(places, key=nearest))


def _beside(axes: Any, start: tuple[float, float], end: tuple[float, float], asked: str) -> None:
    """To a box of the same layer: straight to a neighbour, else below those between."""
    style = {"arrowstyle": "-|>", "color": plots.INK, "lw": 1.0, "shrinkA": 0, "shrinkB": 0}
    right = end[0] > start[0]
    if abs(end[0] - start[0]) <= WIDE + 2 * APART and right and end[1] == start[1]:
        middle = start[1] + HIGH / 2
        tip = (end[0], middle), (start[0] + WIDE, middle)
    else:
        below = max(start[1], end[1]) + HIGH + BETWEEN * 0.4
        out, into = start[0] + WIDE * 0.85, end[0] + WIDE * 0.15
        axes.plot([out, out, into], [start[1] + HIGH, below, below], color=plots.INK, lw=1.0)
        tip = (into, end[1] + HIGH), (into, below)
        if asked:
            axes.text(
                (out + into) / 2, below, asked, fontsize=plots.SMALL, ha="center", va="center",
                color=plots.INK, bbox={"fc": "white", "ec": "none", "pad": 0.8},
            )  # fmt: skip
    axes.annotate("", *tip, arrowprops=style, zorder=0.5)


def _plain(text: str) -> str:
    """Text that matplotlib does not read as a formula."""
    return text.replace("$", r"\$")


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
