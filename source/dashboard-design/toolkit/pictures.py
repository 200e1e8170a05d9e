"""The mock-up and the other pictures: what a screen shows, who measures how, when alerts call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from worksample.workbook import plots

from .case import Case
from .dashboard import Alert, Panel
from .queries import ALL, DAY, WEEK, Query, fitted, side, slots, smoothed, usual, visible
from .writing import first_problems, understood

DAYS = 21  # that a panel shows
TITLE = 34  # characters of a title that fit above a panel


def mock_up(
    case: Case, panels: Any, screen: int = 1, until: str | None = None, days: int = DAYS
) -> plots.View | None:
    """What a screen of the dashboard looks like on a day of the history.

    A line is drawn with its normal band; what somebody would see outside of it is marked by
    triangles. The number above each panel is that of the last step.

    Args:
        case: the case.
        panels: as you wrote them.
        screen: 1 or 2.
        until: the day up to which it is drawn, such as "2031-04-20"; None: the last one.
        days: how many days a panel shows.

    Returns:
        A view; its ``.table`` has a line per panel. Nothing, and a sentence is printed, where a
        panel cannot be read or there is none on this screen.
    """
    board, wrong = understood(case, panels=panels)
    shown = [panel for panel in board.panels if panel.screen == screen]
    if wrong or not shown:
        print("Nothing is drawn:", first_problems(wrong) or f"screen {screen} has no panel yet.")
        return None
    ends = case.history.index[-1] if until is None else pd.Timestamp(until) + pd.Timedelta(days=1)
    part = case.history.loc[:ends].iloc[-days * DAY :]
    table, png, alt = drawn(case, shown, part, screen)
    more = ", ".join(f"{k}={v!r}" for k, v in (("screen", screen), ("until", until)) if v)
    line = f"mock_up(case, PANELS, {more})".replace("'", '"')
    return plots.View(table, line, alt, png, folded=True)


def drawn(
    case: Case, shown: Sequence[Panel], part: pd.DataFrame, screen: int = 1
) -> tuple[pd.DataFrame, bytes, str]:
    """Panels over a stretch of time: a table with a line for each, the picture, and its words.

    Args:
        case: the case; bands are those of its history.
        shown: one or more panels.
        part: steps that follow one another, with a column for every series.
        screen: as it is named in the words.
    """
    table = pd.DataFrame([_told(case, panel, part) for panel in shown]).set_index("panel")
    png = plots.as_png(
        lambda axes: [
            _draw(each, case, panel, part)
            for each, panel in zip(np.atleast_1d(axes), shown, strict=True)
        ],
        height=2.5,
        panels=len(shown),
    )
    alt = f"Screen {screen}, {len(shown)} panels over {len(part) // DAY} days. " + " ".join(
        f"{name}: now {row['now']:.4g}, normal {row['normal']}, {row['seen']}."
        for name, row in table.iterrows()
    )
    return table, png, alt


def _told(case: Case, panel: Panel, part: pd.DataFrame) -> dict[str, Any]:
    band = fitted(case.history, panel.query, panel.axis)
    out = visible(part, band)
    at = slots(part)[-1]
    ends = [f"{end:.4g}" if np.isfinite(end) else "any" for end in (band.low[at], band.high[at])]
    days = len({t.date() for t, o in zip(part.index, out, strict=True) if o})
    return {
        "panel": panel.title,
        "metric": panel.query.column.replace("|", " of "),
        "now": smoothed(part, panel.query)[-1],
        "normal": " to ".join(ends),
        "seen": f"out of its band on {days} of {len(part) // DAY} days",
    }


def _draw(axes: Any, case: Case, panel: Panel, part: pd.DataFrame) -> None:
    band = fitted(case.history, panel.query, panel.axis)
    values, at, out = smoothed(part, panel.query), slots(part), visible(part, band)
    low, high = band.axis
    axes.fill_between(
        part.index, np.clip(band.low[at], low, high), np.clip(band.high[at], low, high),
        step="mid", **plots.band(),
    )  # fmt: skip
    axes.plot(part.index, np.clip(values, low, high), **plots.line(0, marker=""))
    for sign, marker in ((1, "^"), (-1, "v")):
        shown = out == sign
        axes.plot(
            part.index[shown], np.clip(values, low, high)[shown],
            ls="", marker=marker, color=plots.ACCENT, ms=6,
        )  # fmt: skip
    axes.set_ylim(low, high)
    plots.name_days(axes, every=7)
    title = panel.title if len(panel.title) <= TITLE else panel.title[: TITLE - 1] + "…"
    # a title is text: a dollar in it begins no formula
    axes.set_title(f"{title}\n{values[-1]:.4g} {_unit(case, panel.query)}", parse_math=False)


def _unit(case: Case, query: Query) -> str:
    units = case.catalogue.set_index("metric")["unit"]
    return "" if units[query.metric] == "index" else str(units[query.metric])


def compare(case: Case, quantity: str | None = None, segment: str = ALL) -> Any:
    """What the four collectors make of one quantity, each less its own usual week.

    Args:
        quantity: such as "offers_share"; None: fields to choose by keyboard.
        segment: one of the segments, or "all".

    Returns:
        A view; its ``.table`` has what the catalogue says, the spread (half of the values lie
        within 0.67 of it) and how far a value is from the one before, in the same measure.

    Raises:
        ValueError: there is no such quantity, or it is not collected by segment.
    """
    if quantity is not None:
        return _compared(case, quantity, segment)
    import ipywidgets

    from worksample.workbook import Explored

    names = sorted({name.split(".")[0] for name in case.catalogue["metric"]})
    return Explored(
        lambda quantity, segment: _compared(case, quantity, segment),
        {
            "quantity": ipywidgets.Dropdown(options=names, description="quantity"),
            "segment": ipywidgets.Dropdown(options=[ALL, *case.segments], description="segment"),
        },
    )


def _compared(case: Case, quantity: str, segment: str) -> plots.View:
    rows = case.catalogue[case.catalogue["metric"].str.split(".").str[0] == quantity]
    if rows.empty:
        raise ValueError(f"there is no quantity {quantity!r}")
    if segment != ALL and not rows["by_segment"].all():
        raise ValueError(f"{quantity} is not collected by segment")
    series = {}
    for metric in rows["metric"]:
        query = Query(metric, segment)
        series[metric] = smoothed(case.history, query) - usual(
            case.history, query, slots(case.history)
        )
    table = pd.DataFrame(
        {
            "collected": list(rows["collected"]),
            "spread": [_spread(values) for values in series.values()],
            "step": [_spread(np.diff(values)) for values in series.values()],
        },
        index=pd.Index(list(series), name="metric"),
    )
    alt = f"{quantity} of {segment}, less its usual week, by four collectors: " + "; ".join(
        f"{name}: spread {row['spread']:.3g}, from step to step {row['step']:.3g}"
        for name, row in table.iterrows()
    )
    png = plots.as_png(
        lambda axes: [
            _draw_off(each, case, name, values)
            for each, (name, values) in zip(axes, series.items(), strict=True)
        ],
        height=2.2,
        panels=len(series),
        across=2,
    )
    line = f'compare(case, "{quantity}", "{segment}")'
    return plots.View(table, line, alt, png)


def _spread(values: np.ndarray) -> float:
    low, high = np.quantile(values, [0.25, 0.75])
    return float(high - low) / 1.349


def _draw_off(axes: Any, case: Case, name: str, values: np.ndarray) -> None:
    _shade(axes, case)
    axes.plot(case.history.index, values, **plots.line(0, marker="", lw=0.9))
    axes.set_title(name)
    plots.name_days(axes)


def _shade(axes: Any, case: Case) -> None:
    """Incidents hatched, campaigns dotted."""
    for each in case.incidents.itertuples(index=False):
        axes.axvspan(
            pd.Timestamp(each.begins), pd.Timestamp(each.ends),
            **plots.area(1, hatch="////", lw=0, ec=plots.SOFT),
        )  # fmt: skip
    for begins in case.campaigns:
        at = pd.Timestamp(begins)
        axes.axvspan(
            at, at + pd.Timedelta(days=2), **plots.area(0, hatch="....", lw=0, ec=plots.SOFT)
        )


def try_alerts(case: Case, alerts: Any) -> plots.View:
    """When the alerts would have called in the sixty days.

    Returns:
        A view; its ``.table`` has a line per alert: how often it called, how often of it in one of
        the two incidents or the eight days after it, and the pages of the busiest week.

    Raises:
        ValueError: an alert cannot be read, or there is none.
    """
    board, wrong = understood(case, alerts=alerts)
    if wrong or not board.alerts:
        raise ValueError("; ".join(wrong) or "there is no alert")
    active = {alert.name: _active(case, alert) for alert in board.alerts}
    starts = {name: on & ~np.concatenate([[False], on[:-1]]) for name, on in active.items()}
    near = np.zeros(len(case.history), dtype=bool)
    for each in case.incidents.itertuples(index=False):
        after = pd.Timestamp(each.ends) + pd.Timedelta(days=8)
        near |= (case.history.index >= pd.Timestamp(each.begins)) & (case.history.index < after)
    table = pd.DataFrame(
        {
            "severity": [alert.severity for alert in board.alerts],
            "called": [int(s.sum()) for s in starts.values()],
            "of it near an incident": [int((s & near).sum()) for s in starts.values()],
        },
        index=pd.Index(list(active), name="alert"),
    )
    pages = np.sum([starts[a.name] for a in board.alerts if a.severity == "page"], axis=0)
    busiest = int(np.convolve(np.atleast_1d(pages), np.ones(WEEK)).max())
    alt = f"Pages in the busiest week: {busiest}. " + "; ".join(
        f"{name}: {row['called']} calls" for name, row in table.iterrows()
    )
    png = plots.as_png(
        lambda axes: _draw_calls(axes, case, active), height=0.9 + 0.32 * len(active)
    )
    print(f"Pages in the busiest week: {busiest}, of {case.limits['pages_a_week']} allowed.")
    return plots.View(table, "try_alerts(case, ALERTS)", alt, png)


def _active(case: Case, alert: Alert) -> np.ndarray:
    out = side(case.history, fitted(case.history, alert.query)) != 0
    return np.asarray(
        pd.Series(out.astype(float)).rolling(alert.wait).sum().to_numpy() == alert.wait
    )


def _draw_calls(axes: Any, case: Case, active: dict[str, np.ndarray]) -> None:
    _shade(axes, case)
    times = case.history.index
    for place, on in enumerate(active.values()):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
        spans = [
            (times[a], times[min(b, len(times) - 1)] - times[a] + pd.Timedelta(hours=6))
            for a, b in zip(edges[::2], edges[1::2], strict=True)
        ]
        axes.broken_barh(spans, (place - 0.3, 0.6), fc=plots.INK)
    axes.set_yticks(range(len(active)), [name[:TITLE] for name in active], fontsize=plots.SMALL)
    axes.set_ylim(len(active) - 0.5, -0.5)
    axes.set_xlim(times[0], times[-1])
    plots.name_days(axes)


def suggest(case: Case, metric: str, segment: str = ALL, over: str = "6h", times: float = 5) -> str:
    """Lines of YAML for a panel whose band is so many spreads around what is usual."""
    query = Query(metric, segment, over)
    off = smoothed(case.history, query) - usual(case.history, query, slots(case.history))
    wide = times * _spread(off)
    lines = [
        f"- title: {metric} of {segment}", f"  metric: {metric}", f"  segment: {segment}",
        f"  over: {over}", "  around: usual", f"  band: [{-wide:.4g}, {wide:.4g}]", "  screen: 1",
    ]  # fmt: skip
    print("\n".join(lines))
    return "\n".join(lines)
