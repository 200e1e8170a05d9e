"""Views of the case: a table, a picture, and the one line of code that made them.

They are drawn in the style of the package (``worksample.workbook.plots``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from worksample.workbook.plots import (
    ACCENT,
    INK,
    View,
    area,
    as_png,
    band,
    code_line,
    key,
    name_lines,
    name_places,
    name_times,
)
from worksample.workbook.plots import (
    line as line_style,
)

from .incident import load
from .metrics import METRICS, estimate, one_of

MATURE = 0.95  # a day is complete when this part of the usual share of outcomes is reported
GROUPS = 12  # at most so many groups in one view; the smaller ones are put together


def _rows(rows: pd.DataFrame | None) -> pd.DataFrame:
    if rows is None:
        return load().log
    if not isinstance(rows, pd.DataFrame):
        kind = type(rows).__name__
        raise ValueError(f'rows is a part of the log, as in log[log["host"] == "h1"], not a {kind}')
    if not len(rows):
        raise ValueError("there is nothing to see: no row of the log is in what you gave as rows")
    return rows


def by_day(metric: str, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a day: value, 90 % interval, rows, share of outcomes reported, complete or not."""
    days = {}
    for day, part in rows.groupby(pd.to_datetime(rows["served_at"]).dt.normalize()):
        value, low, high = estimate(part, metric)
        days[day] = (value, low, high, len(part), part["label_age_days"].notna().mean())
    table = pd.DataFrame.from_dict(
        days, orient="index", columns=["value", "low", "high", "rows", "reported"]
    )
    usual = table["reported"].median()
    table["complete"] = table["reported"] >= MATURE * usual
    table.index.name = "day"
    return table


def performance(metric: str = "auc", rows: pd.DataFrame | None = None) -> View:
    """A metric by day, with bootstrap intervals and with the days whose outcomes are incomplete.

    Args:
        metric: ``auc``, ``log_loss``, ``calibration``, ``precision``, ``recall``, ``late_rate``,
            ``flag_rate``, ``mean_score``, ``cost``, ``latency``, ``reported`` or ``rows``.
        rows: part of the log; all of it if not given.

    Raises:
        ValueError: no such metric, or ``rows`` is no part of the log or an empty one.
    """
    return timeline(metric, rows=rows, changes=False, line=code_line("performance", metric))


def timeline(
    metric: str = "auc",
    rows: pd.DataFrame | None = None,
    changes: bool = True,
    line: str | None = None,
) -> View:
    """As ``performance``, with the entries of the change log over it, numbered by their id."""
    table = by_day(metric, _rows(rows))
    entries = load().changes if changes else load().changes.iloc[:0]

    def draw(axes: Any) -> None:
        _draw_days(axes, table, METRICS[metric].title)
        for at in entries["at"]:
            axes.axvline(at, color=INK, linewidth=0.8, linestyle=":")
        name_times(axes, entries["at"], entries["entry"])

    return View(
        table, line or code_line("timeline", metric), _describe(metric, table), as_png(draw)
    )


def _draw_days(axes: Any, table: pd.DataFrame, title: str) -> None:
    day = table.index
    axes.fill_between(day, table["low"], table["high"], label="90 % interval", **band())
    axes.plot(day, table["value"], color=ACCENT, linewidth=1.2)
    for complete, marker, filled, label in (
        (True, "o", ACCENT, "outcomes complete"),
        (False, "^", "white", "outcomes still coming in"),
    ):
        part = table[table["complete"] == complete]
        if len(part):
            axes.plot(
                part.index, part["value"], marker, color=ACCENT, mfc=filled, ms=5, label=label
            )
    axes.set_ylabel(title)
    key(axes)


def _describe(metric: str, table: pd.DataFrame) -> str:
    weeks = [part["value"].mean() for _, part in table.groupby(np.arange(len(table)) // 7)]
    means = ", ".join(f"{value:.3f}" for value in weeks)
    return (
        f"{METRICS[metric].title} by day from {table.index[0]:%Y-%m-%d} to "
        f"{table.index[-1]:%Y-%m-%d}. Means of its weeks: {means}. "
        f"Days whose outcomes are incomplete: {(~table['complete']).sum()}."
    )


def middle() -> str:
    """The day in the middle of the log, where before and after are split if you don't say."""
    served = load().log["served_at"]
    return str((served.min() + (served.max() - served.min()) / 2).date())


def _grouped(values: pd.Series) -> pd.Series:
    """``values`` as groups: numbers of many values in four bins, rare values put together.

    The categories are in the order of the values, "all others" and "missing" last.
    """
    numbers = pd.api.types.is_numeric_dtype(values)
    if numbers and values.nunique() > GROUPS:
        bins = pd.qcut(values, 4, duplicates="drop")
        named, order = bins.astype(object).astype(str), list(map(str, bins.cat.categories))
    else:
        frequent = values.value_counts().index[:GROUPS]
        named = values.where(values.isin(frequent) | values.isna()).astype(object)
        named = named.where(named.notna(), "all others").astype(str)
        order = [str(value) for value in sorted(frequent, key=lambda v: v if numbers else str(v))]
    named = named.where(values.notna(), "missing")
    order += [name for name in ("all others", "missing") if name not in order]
    there = set(named)
    return named.astype(pd.CategoricalDtype([name for name in order if name in there], True))


def slice_by(
    by: str, metric: str = "auc", since: str | None = None, rows: pd.DataFrame | None = None
) -> View:
    """A metric before and from ``since`` on, for each group of a column, with intervals.

    Args:
        by: any column of the log; numbers of many values are put into four equally full bins.
        metric: as in ``performance``.
        since: a date; the middle of the log if not given.
        rows: part of the log; all of it if not given.

    Raises:
        ValueError: no such column or metric, ``since`` is no date, or ``rows`` no part of the log.
    """
    since, log = since or middle(), _rows(rows)
    after = pd.to_datetime(log["served_at"]) >= pd.Timestamp(since)
    groups = _grouped(log[one_of("column", by, log.columns)])
    table = pd.DataFrame(
        {
            group: [
                *estimate(log[mask & ~after], metric),
                (mask & ~after).sum(),
                *estimate(log[mask & after], metric),
                (mask & after).sum(),
            ]
            for group in groups.cat.categories
            for mask in [groups == group]
        },
        index=pd.MultiIndex.from_product([["before", "after"], ["value", "low", "high", "rows"]]),
    ).T
    table = table.astype({("before", "rows"): int, ("after", "rows"): int})
    table.index.name = by
    title = METRICS[metric].title
    alt = f"{title} by {by}, before and from {since} on: " + "; ".join(
        f"{group} {row[('before', 'value')]:.3f} then {row[('after', 'value')]:.3f}"
        for group, row in table.iterrows()
    )
    png = as_png(lambda axes: _draw_pairs(axes, table, title, since), 2.8)
    return View(table, code_line("slice_by", by, metric, since=since), alt, png)


def _draw_pairs(axes: Any, table: pd.DataFrame, title: str, since: str) -> None:
    place = np.arange(len(table))
    for shift, side, marker, filled in ((-0.12, "before", "s", "white"), (0.12, "after", "o", INK)):
        part = table[side]
        spread = np.vstack([part["value"] - part["low"], part["high"] - part["value"]])
        axes.errorbar(
            place + shift, part["value"], np.nan_to_num(spread).clip(0), fmt=marker, mfc=filled,
            color=INK, capsize=3, ms=6, label=f"{side} {since}" if side == "before" else "after",
        )  # fmt: skip
    name_places(axes, place, list(table.index))
    axes.set_ylabel(title)
    axes.set_xlabel(table.index.name)
    key(axes)


def compare(
    column: str,
    since: str | None = None,
    by: str | None = None,
    rows: pd.DataFrame | None = None,
) -> View:
    """What is in a column before and from ``since`` on, if wanted for each group of ``by``.

    For numbers: how many rows, share missing, the most frequent value and its share, quantiles.
    For words: the share of each. The picture is the distribution, a panel for each group.

    Raises:
        ValueError: no such column, ``since`` is no date, or ``rows`` no part of the log.
    """
    since, log = since or middle(), _rows(rows)
    after = pd.to_datetime(log["served_at"]) >= pd.Timestamp(since)
    one_of("column", column, log.columns)
    groups = pd.Series("all", index=log.index, dtype="category")
    if by:
        groups = _grouped(log[one_of("column", by, log.columns)])
    numbers = pd.api.types.is_numeric_dtype(log[column])
    summary = _of_numbers if numbers else _of_words
    parts = {
        (group, side): summary(log.loc[(groups == group) & mask, column])
        for group in groups.cat.categories
        for side, mask in (("before", ~after), ("after", after))
    }
    table = pd.DataFrame(parts) if not numbers else pd.DataFrame(parts).T
    if not numbers:
        table = table.fillna(0).sort_values(table.columns[0], ascending=False).head(2 * GROUPS)
        if by:  # downwards: beside each other, a dozen groups are wider than any page
            table = pd.concat({group: table[group] for group in groups.cat.categories})
    alt = f"{column} before and from {since} on. " + _numbers_in_words(table)

    def draw(panels: Any) -> None:
        scale = _scale(log[column])
        for axes, group in zip(np.atleast_1d(panels), groups.cat.categories, strict=True):
            here = groups == group
            before, later = log.loc[here & ~after, column], log.loc[here & after, column]
            first = group == groups.cat.categories[0]
            _draw_distribution(axes, before, later, since, scale, named=first)
            if by:
                axes.set_title(f"{by}: {group}", pad=20 if first else 6)
        top = max(axes.get_ylim()[1] for axes in np.atleast_1d(panels))
        for axes in np.atleast_1d(panels):
            axes.set_ylim(0, top)

    png = as_png(draw, 2.6, panels=len(groups.cat.categories))
    return View(table, code_line("compare", column, since=since, by=by), alt, png, folded=bool(by))


def _numbers_in_words(table: pd.DataFrame) -> str:
    return " ".join(str(table.round(3).head(8).to_dict()).split())[:600]


def _of_numbers(values: pd.Series) -> pd.Series:
    known = values.dropna()
    common = known.mode()
    top = common.iloc[0] if len(common) else np.nan
    quantiles = (
        known.quantile([0.05, 0.25, 0.5, 0.75, 0.95]).to_numpy() if len(known) else [np.nan] * 5
    )
    share = (known == top).mean() if len(known) else np.nan
    names = ["rows", "missing", "most frequent", "its share", "5 %", "25 %", "50 %", "75 %", "95 %"]
    return pd.Series([len(values), values.isna().mean(), top, share, *quantiles], names)


def _of_words(values: pd.Series) -> pd.Series:
    return (
        values.astype(object)
        .where(values.notna(), "missing")
        .astype(str)
        .value_counts(normalize=True)
    )


def _scale(values: pd.Series) -> Any:
    """What all panels share: edges of 40 bins for numbers, the frequent words for words."""
    if pd.api.types.is_numeric_dtype(values):
        return np.histogram_bin_edges(values.dropna(), 40)
    return list(_of_words(values).index[: 2 * GROUPS])


def _draw_distribution(
    axes: Any, before: pd.Series, after: pd.Series, since: str, scale: Any, named: bool = True
) -> None:
    if isinstance(scale, np.ndarray):
        shares = [
            np.histogram(part.dropna(), scale)[0] / max(len(part), 1) for part in (before, after)
        ]
        place, width, labels = (scale[:-1] + scale[1:]) / 2, (scale[1] - scale[0]) * 0.46, None
    else:
        shares = [_of_words(part).reindex(scale).fillna(0).to_numpy() for part in (before, after)]
        place, width, labels = np.arange(len(scale)), 0.42, scale
    axes.bar(place - width / 2, shares[0], width, label=f"before {since}", **area(0))
    axes.bar(place + width / 2, shares[1], width, label="after", **area(1))
    if labels:
        name_places(axes, place, labels)
    axes.set_ylabel("share of rows")
    axes.set_xlabel(before.name)
    if named:
        key(axes)


def system(column: str = "p95", hosts: Iterable[str] | None = None) -> View:
    """A system metric (latency, errors, timeouts, queue, cpu) by day and host.

    Raises:
        ValueError: no such metric, or no such host.
    """
    table = load().system.assign(day=lambda frame: frame["at"].dt.normalize())
    one_of("system metric", column, table.select_dtypes("number").columns)
    table = table.pivot_table(index="day", columns="host", values=column, aggfunc="mean")
    table = table[[one_of("host", host, table.columns) for host in hosts]] if hosts else table

    def draw(axes: Any) -> None:
        for place, host in enumerate(table.columns):
            axes.plot(table.index, table[host], label=host, markevery=3, **line_style(place))
        axes.set_ylabel(f"{column}, mean of the day")
        name_lines(axes)

    alt = f"{column} by day and host. Means: " + ", ".join(
        f"{host} {value:.2f}" for host, value in table.mean().items()
    )
    return View(table, code_line("system", column), alt, as_png(draw))
