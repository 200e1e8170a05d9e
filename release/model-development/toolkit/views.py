"""A first look at a column: its values, how often the label is 1 along them, what weeks change.

``look(rows, "column")`` is the picture, ``browse(...)`` the same behind two fields. It is drawn in
the style of the package (``worksample.workbook.plots``), with a text and a table.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from worksample.workbook.plots import INK, View, area, as_png, name_places

from .names import LABEL, TIME

MOST = 12  # groups in one picture; the smaller ones are put together


def look(rows: pd.DataFrame, column: str, name: str = "rows") -> View:
    """Rows by value of a column (numbers in groups of equal size) and by week.

    Args:
        rows: the table, the requests, or a part of either.
        column: one of its columns.
        name: what to call ``rows`` in the line of code.

    Raises:
        ValueError: there is no such column.
    """
    if column not in rows:
        raise ValueError(f"no column {column!r}; there are: {', '.join(map(str, rows.columns))}")
    parts = {"by value": by_value(rows, column)}
    if TIME in rows and not pd.api.types.is_numeric_dtype(rows[TIME]):
        parts["by week"] = by_week(rows, column)
    table = pd.concat(parts).rename_axis(["", column])
    alt = (
        f"{column}: {len(parts['by value'])} groups of {len(rows)} rows, "
        f"{rows[column].isna().mean():.1%} missing, {rows[column].nunique()} different values; "
        f"pictures {' and '.join(parts)}."
    )
    return View(table, f'look({name}, "{column}")', alt, _drawn(parts, column), folded=True)


def by_value(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Groups of values: rows, and the rate of the label where it is there."""
    values = rows[column]
    if not pd.api.types.is_numeric_dtype(values) or values.nunique() <= MOST:
        texts = values.astype(object).where(values.notna(), "(missing)").astype(str)
        common = texts.value_counts().index[:MOST]
        kept = texts.where(texts.isin(common), "(all others)")
    else:
        parts = pd.qcut(values, 10, duplicates="drop", precision=1)
        kept = parts.astype(str).where(values.notna(), "(missing)")
        common = [str(part) for part in parts.cat.categories]
    order = [*common, *sorted(set(kept) - set(common))]
    return _summed(rows, kept).reindex(order)


def by_week(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Weeks from the first row on: rows, the label's rate, the column's mean and missing share."""
    day = (pd.to_datetime(rows[TIME]) - pd.to_datetime(rows[TIME]).min().normalize()).dt.days
    week = (day // 7 + 1).astype(str).str.zfill(2)
    out = _summed(rows, week)
    out["missing"] = rows[column].isna().groupby(week).mean()
    if pd.api.types.is_numeric_dtype(rows[column]):
        out["mean"] = rows[column].groupby(week).mean()
    return out


def _summed(rows: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    out = by.groupby(by).size().to_frame("rows")
    if LABEL in rows:
        out[f"rate of {LABEL}"] = rows[LABEL].groupby(by).mean()
    return out


def _drawn(parts: dict[str, pd.DataFrame], column: str) -> bytes:
    def draw(grid: Any) -> None:
        for axes, (way, part) in zip(grid, parts.items(), strict=True):
            axes.bar(range(len(part)), part["rows"], **area(1, hatch=""))
            name_places(axes, range(len(part)), list(part.index))
            axes.set(xlabel=f"{column} {way}", ylabel="rows (bars)")
            if f"rate of {LABEL}" in part:
                rate = axes.twinx()
                rate.plot(range(len(part)), part[f"rate of {LABEL}"], "o-", color=INK)
                rate.set(ylabel=f"rate of {LABEL} (line)", ylim=(0, None))
                rate.spines["right"].set_visible(True)

    if len(parts) == 1:
        return as_png(lambda axes: draw([axes]))
    return as_png(draw, panels=len(parts))


def browse(**tables: pd.DataFrame) -> Any:
    """``look`` behind two fields: ``browse(train=train, requests=requests)``.

    Keyboard: Tab moves between the fields, arrows change them. Every view shows its line of code.
    """
    import ipywidgets as widgets

    from worksample.workbook import Explored

    columns = list(dict.fromkeys(name for table in tables.values() for name in table.columns))
    fields = {
        "rows": widgets.Dropdown(description="Rows", options=list(tables)),
        "column": widgets.Dropdown(description="Column", options=columns, value=columns[1]),
    }

    def draw(rows: str, column: str) -> View:
        if column not in tables[rows]:
            raise ValueError(f"{rows} has no column {column}")
        return look(tables[rows], column, rows)

    return Explored(draw, fields)
