"""The dashboard: any column of the tables by minute, with the change log over it."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import pandas as pd
from IPython.display import SVG
from pandas.io.formats.style import Styler

from worksample.workbook import Explored
from worksample.workbook.plots import View, as_png, code_line, line, name_lines

from .case import load

TABLES = ("gateway", "replicas", "features", "audit")


def watch(table: str = "gateway", column: str = "answered", by: str = "", smooth: int = 3) -> View:
    """A column by minute, one line for each value of ``by``; dotted: changes of the last hours.

    Args:
        table: ``gateway``, ``replicas``, ``features`` or ``audit``.
        column: of that table; of the audit ``wrong_pct``, over ten minutes.
        by: ``replica``, or of the audit also ``from_cache``.
        smooth: minutes that are averaged.

    Raises:
        ValueError: no such table or column.
    """
    if table not in TABLES:
        raise ValueError(f"tables: {', '.join(TABLES)}")
    shown = _audited(by) if table == "audit" else _by_minute(table, column, by, smooth)
    name = "wrong_pct" if table == "audit" else column
    entries = load().changes
    entries = entries[entries["minute"] > shown.index.min()]

    def draw(axes: Any) -> None:
        for place, each in enumerate(shown.columns):
            axes.plot(shown.index, shown[each], label=str(each), **line(place, markevery=15))
        axes.set(xlabel="minute (0 is now)", ylabel=name)
        for at in entries["minute"]:
            axes.axvline(at, lw=0.7, ls=":", color="0.5")
        name_lines(axes)

    alt = f"{table}: {name} by minute. " + "; ".join(
        f"{name}: first {values.dropna().iloc[0]:.0f}, last {values.dropna().iloc[-1]:.0f}"
        for name, values in shown.items()
    )
    code = code_line("watch", table, name, by=by or None)
    return View(shown.round(1), code, alt, as_png(draw), folded=True)


def _by_minute(table: str, column: str, by: str, smooth: int) -> pd.DataFrame:
    rows: pd.DataFrame = getattr(load(), table)
    able = [name for name in rows.columns if name not in ("minute", "replica")]
    if column not in able:
        raise ValueError(f"columns of {table}: {', '.join(able)}")
    if table == "replicas":
        shown = rows.pivot(index="minute", columns="replica", values=column)
    else:
        shown = rows.set_index("minute")[[column]]
    return shown.rolling(smooth, min_periods=1).mean()


def _audited(by: str) -> pd.DataFrame:
    rows = load().audit
    keys = [by] if by in ("replica", "from_cache") else []
    counts = rows.groupby(["minute", *keys])[["checked", "wrong"]].sum()
    counts = counts.unstack(fill_value=0) if keys else counts
    summed = counts.rolling(10, min_periods=5).sum()
    share = 100 * summed["wrong"] / summed["checked"]
    if not keys:
        return pd.DataFrame({"all": share})
    if by == "from_cache":
        share.columns = [f"from cache: {value}" for value in share.columns]
    return pd.DataFrame(share)


def explore() -> Explored:
    """The dashboard behind fields: Tab goes in and on, Escape leaves."""
    names = [
        f"{table} · {column}"
        for table in TABLES[:3]
        for column in getattr(load(), table).columns
        if column not in ("minute", "replica")
    ]
    names += [
        "audit · wrong_pct",
        "audit · wrong_pct by replica",
        "audit · wrong_pct by from_cache",
    ]

    def draw(figure: str) -> View:
        table, _, rest = figure.partition(" · ")
        column, _, by = rest.partition(" by ")
        return watch(table, column, by)

    return Explored(draw, {"figure": widgets.Dropdown(description="Figure", options=names)})


def architecture() -> SVG:
    """How the parts hang together."""
    return SVG(filename=str(load().folder / "architecture.svg"))


def changes() -> Styler:
    """The change log, its words in full; ``case.changes`` is the table."""
    left = {"text-align": "left"}
    heads = [{"selector": "th", "props": list(left.items())}]
    return load().changes.style.hide(axis="index").set_properties(**left).set_table_styles(heads)


def logs(word: str = "", since: int = -180, until: int = 0) -> None:
    """Print the log lines that hold a word, between two minutes."""
    for each in load().logs:
        if since <= int(each[:5]) <= until and word.lower() in each.lower():
            print(each)
