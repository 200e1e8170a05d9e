"""Pictures: threshold explorer, live dashboard, and the description of a figure for its check."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worksample.workbook import plots

from .windows import Window


def describe(figure: Any) -> dict:
    """Panels of a matplotlib figure: title, axis labels, number of points drawn; and its PNG.

    The check reads this, so keep the figure in a variable: ``record("dashboard", describe(fig))``.
    """
    panels = [
        {
            "title": axes.get_title() or axes.get_title("left"),
            "points": _points(axes),
            "x": axes.get_xlabel(),
            "y": axes.get_ylabel(),
        }
        for axes in figure.axes
    ]
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=60, metadata={"Software": None})
    return {"panels": panels, "png": base64.b64encode(picture.getvalue()).decode()}


def _points(axes: Any) -> int:
    """Points of data that a panel shows; a missing value shows nothing."""
    drawn = [line.get_xydata() for line in axes.lines]
    drawn += [c.get_offsets() for c in axes.collections if hasattr(c, "get_offsets")]
    points = sum(_shown(pairs) for pairs in drawn)
    return points + len(axes.patches) + sum(int(np.size(i.get_array())) for i in axes.images)


def _shown(pairs: Any) -> int:
    numbers = np.ma.filled(np.ma.asarray(pairs, dtype=float), np.nan).reshape(-1, 2)
    return int(np.isfinite(numbers).all(axis=1).sum())


def panels_problem(figure: Any, wanted: int = 3, least: int = 5) -> str:
    """Whether the figure has as many panels with data as wanted; what is missing, or nothing."""
    if not hasattr(figure, "axes"):
        return f"dashboard should be a matplotlib figure, not {type(figure).__name__}"
    filled = sum(_points(axes) >= least for axes in figure.axes)
    if filled >= wanted:
        return ""
    return (
        f"at least {wanted} panels with {least} points of data or more; of the "
        f"{len(figure.axes)} panels, {filled} hold that much"
    )


def save_dashboard(figure: Any, path: str = "dashboard.png") -> dict:
    """Save the figure as an image beside the notebook and return its description."""
    figure.savefig(Path(path), dpi=100)
    return describe(figure)


def threshold_explorer(
    figures: Callable[[Window], float], case: Any, limit: float | None = None
) -> Any:
    """False alarms and example faults found against the threshold of one figure.

    The line of code that does the same: ``threshold_explorer(figure, case, limit=0.3)``.

    Args:
        figures: window -> one number, larger when more has changed.
        case: the case.
        limit: draw for this threshold; None: a slider (arrow keys move it).

    Returns:
        A view: a picture, and ``.table`` with the share of sound windows that raise a false alarm
        and the share of the examples found, by threshold. With a slider, what shows that view.
    """
    calm, after = _tried(figures, case)

    def draw(limit: float) -> plots.View:
        grid = np.unique([*_grid(calm, after), limit])
        table = pd.DataFrame(_shares(calm, after, grid), index=grid).rename_axis("threshold")
        here = table.loc[limit]
        alt = (
            f"At a threshold of {_short(limit)} there are {here['false alarms']:.2f} false alarms "
            f"per window and {here['examples found']:.2f} of the examples are found; left the two "
            "shares by threshold, right how many windows the alarm takes."
        )
        png = plots.as_png(lambda two: _draw_price(two, calm, after, limit), panels=2)
        line = f"threshold_explorer(figure, case, limit={_short(limit)})"
        return plots.View(table, line, alt, png, folded=True)

    if limit is not None:
        return draw(limit)
    import ipywidgets

    from worksample.workbook import Explored

    top = float(max(calm.max(), np.median(after)) * 1.2)
    slider = ipywidgets.FloatSlider(
        value=float(np.quantile(calm, 0.95)),
        min=0.0,
        max=top,
        step=top / 60,
        description="threshold",
        continuous_update=False,
        readout_format=".3r",
    )
    return Explored(draw, {"limit": slider})


def _short(number: float) -> str:
    """Three digits that count, without a power of ten: 0.123, 1010.

    >>> _short(1012.3), _short(0.12345)
    ('1010', '0.123')
    """
    return f"{float(f'{number:.3g}'):g}"


def _tried(figures: Callable[[Window], float], case: Any) -> tuple[Any, Any]:
    """The figure in every second run: of sound windows (n,), and after an example (examples, 5)."""
    from .harness import EXAMPLES, _parts, _windows, drifted

    table = case.history
    runs = sorted(table["run"].unique())[::2]
    calm, hurt = [], []
    for number, run in enumerate(runs):
        parts = _parts(table, run)
        calm += [figures(w) for w in _windows(parts)]
        for example in list(EXAMPLES)[number % 2 :: 2]:
            changed = [
                p if i < 2 else drifted(p, example, case.model, i) for i, p in enumerate(parts)
            ]
            hurt.append([figures(w) for w in _windows(changed)[2:7]])
    return np.nan_to_num(calm), np.nan_to_num(hurt)


def _grid(calm: Any, after: Any) -> Any:
    return np.linspace(min(calm.min(), after.min()), max(calm.max(), np.median(after)), 60)


def _shares(calm: Any, after: Any, grid: Any) -> dict[str, list[float]]:
    """Name -> share for each threshold of the grid, (len(grid),) between 0 and 1."""
    return {
        "false alarms": [(calm > g).mean() for g in grid],
        "examples found": [(after > g).any(1).mean() for g in grid],
    }


def _draw_price(two: Any, calm: Any, after: Any, limit: float) -> None:
    _price(two[0], calm, after, limit)
    _delays(two[1], calm, after, limit)


def _price(axes: Any, calm: Any, after: Any, limit: float) -> None:
    grid = _grid(calm, after)
    for place, (name, values) in enumerate(_shares(calm, after, grid).items()):
        axes.plot(grid, values, label=name, **plots.line(place, marker=""))
    axes.axvline(limit, color=plots.INK, lw=1, label="_")
    axes.set(xlabel="threshold", ylabel="share", title="Price of a threshold")
    plots.name_lines(axes)


def _delays(axes: Any, calm: Any, after: Any, limit: float) -> None:
    over = after > limit
    delays = np.where(over.any(1), over.argmax(1), 5)
    axes.bar(range(6), np.bincount(delays, minlength=6), **plots.area(1))
    axes.set(
        xlabel="windows until the alarm (5: not found)",
        ylabel="examples",
        title=f"Delay at {_short(limit)}; false alarms {(calm > limit).mean():.2f}",
    )
    axes.yaxis.get_major_locator().set_params(integer=True)


def watch(case: Any, columns: Sequence[str] = ("score",), upto: int | None = None) -> Any:
    """Live dashboard: recent windows against the range of the reference windows.

    The line of code that does the same: ``watch(case, ["wind_kmh"], upto=5)``.

    Args:
        case: the case.
        columns: numbers whose means are drawn, in the column's own unit.
        upto: the last recent window drawn; None: fields to choose by keyboard.

    Returns:
        A view: a picture, and ``.table`` with the mean of each column by recent window, below it
        the least and the largest mean of a reference window. With fields, what shows that view.

    Raises:
        ValueError: one of the columns is no number.
    """
    from .schema import NUMERIC, SCORE

    known = (SCORE, *NUMERIC)

    def draw(columns: Sequence[str], upto: int) -> plots.View:
        columns = list(columns) or [SCORE]
        if unknown := [name for name in columns if name not in known]:
            raise ValueError(f"no number {unknown[0]!r}; there are: {', '.join(known)}")
        usual = pd.DataFrame([w.rows[columns].mean() for w in case.reference])
        shown = pd.DataFrame([w.rows[columns].mean() for w in case.recent[: upto + 1]])
        ends = pd.DataFrame({"least usual": usual.min(), "largest usual": usual.max()}).T
        table = pd.concat([shown, ends]).rename_axis("recent window")
        alt = "Means of the recent windows, and the range of the reference windows: " + "; ".join(
            f"{name} {', '.join(f'{value:.3g}' for value in shown[name])}, usual "
            f"{usual[name].min():.3g} to {usual[name].max():.3g}"
            for name in columns
        )
        png = plots.as_png(
            lambda axes: _draw_watched(axes, shown, usual), panels=len(columns), across=3
        )
        line = f"watch(case, {columns}, upto={upto})".replace("'", '"')
        return plots.View(table, line, alt, png, folded=True)

    last = len(case.recent) - 1
    if upto is not None:
        return draw(columns, upto)
    import ipywidgets

    from worksample.workbook import Explored

    return Explored(
        draw,
        {
            "columns": ipywidgets.SelectMultiple(
                options=known, value=tuple(columns), description="columns", rows=6
            ),
            "upto": ipywidgets.IntSlider(
                value=last, min=0, max=last, description="up to", continuous_update=False
            ),
        },
    )


def _draw_watched(panels: Any, shown: pd.DataFrame, usual: pd.DataFrame) -> None:
    for axes, name in zip(np.atleast_1d(panels), shown.columns, strict=True):
        axes.axhspan(
            usual[name].min(), usual[name].max(), label="reference windows", **plots.band()
        )
        axes.plot(range(len(shown)), shown[name], label="recent", **plots.line(0))
        axes.set(xlabel="recent window", ylabel=f"mean of {name}")
        axes.set_title(name, pad=20)
        axes.xaxis.get_major_locator().set_params(integer=True)
        plots.key(axes)
