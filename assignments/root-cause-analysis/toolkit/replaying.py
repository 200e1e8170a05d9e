"""``replay``: what the log would show if a remedy had been in place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from worksample.workbook.plots import ACCENT, INK, View, as_png, code_line, key

from .incident import load
from .metrics import METRICS, value_of
from .model import RETRAIN, Models, apply_remedy
from .remedies import Remedy
from .rows import in_words
from .views import by_day, middle

SHOWN = ("auc", "log_loss", "calibration", "precision", "recall", "cost", "late_rate", "rows")


def replayed(remedy: Remedy, rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` as the log would show them after the remedy; rows it leaves out are gone.

    Raises:
        ValueError: the remedy's rows cannot be scored; the text says why.
    """
    after = after_remedy(rows, remedy(rows.copy()), load().models)
    changed = rows.assign(score=after["score"], flagged=after["flagged"], late=after["late"])
    return changed[after["kept"].to_numpy(bool)].assign(
        rescored=after.loc[after["kept"].to_numpy(bool), "rescored"]
    )


def after_remedy(rows: pd.DataFrame, returned: pd.DataFrame, models: Models) -> pd.DataFrame:
    """``apply_remedy``, but no row is scored by a model that was fitted again on its own day.

    Such a model is fitted twice, on every second day each, and each scores the days of the other:
    what it has by heart would look like a remedy.

    Raises:
        ValueError: as ``apply_remedy``; a half may have too few rows with an outcome.
    """
    after = apply_remedy(rows, returned, models, rows)
    named = returned.get("model_version", pd.Series(dtype=object)).astype(str)
    if not named.str.startswith(RETRAIN).any():
        return after
    day = pd.to_datetime(rows["served_at"]).dt.normalize().rank(method="dense")
    odd = (day % 2 == 1).to_numpy()
    for here in (odd, ~odd):
        fresh = replace(models, retrained={})
        after[here] = apply_remedy(rows, returned, fresh, rows[~here])[here]
    return after


def replay(
    remedy: Remedy,
    metric: str = "auc",
    since: str | None = None,
    rows: pd.DataFrame | None = None,
) -> View:
    """Metrics before and after a remedy, with the time before ``since`` as the reference.

    The same code scores your remedy on later rows. A model that is fitted again learns from every
    second day, and is shown on the others: nothing is scored by what has learned it by heart.
    """
    since, rows = since or middle(), load().log if rows is None else rows
    after = replayed(remedy, rows)
    early, late = _split(rows, since)
    table = pd.DataFrame(
        {
            f"before {since}": [value_of(early, name) for name in SHOWN],
            f"from {since}, as logged": [value_of(late, name) for name in SHOWN],
            f"from {since}, remedied": [value_of(_split(after, since)[1], name) for name in SHOWN],
        },
        index=[METRICS[name].title for name in SHOWN],
    )
    table.index.name = (
        f"{int(after['rescored'].sum())} rows scored again, {len(rows) - len(after)} left out"
    )
    as_logged, remedied = by_day(metric, rows), by_day(metric, after)
    alt = f"{METRICS[metric].title} by day, as logged and remedied. " + "; ".join(
        f"{name}: {value:.3f}" for name, value in table.loc[METRICS[metric].title].items()
    )
    png = as_png(lambda axes: _draw(axes, as_logged, remedied, METRICS[metric].title, since), 2.8)
    name = in_words(remedy)
    given = {"since": since} | ({} if metric == "auc" else {"metric": metric})
    return View(table, code_line("replay", **given).replace("(", f"({name}, ", 1), alt, png)


def _split(rows: pd.DataFrame, since: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    late = pd.to_datetime(rows["served_at"]) >= pd.Timestamp(since)
    return rows[~late], rows[late]


def _draw(axes: Any, logged: pd.DataFrame, remedied: pd.DataFrame, title: str, since: str) -> None:
    axes.plot(
        logged.index, logged["value"], "s--", color=INK, mfc="white", ms=4, lw=1, label="as logged"
    )
    axes.plot(remedied.index, remedied["value"], "o-", color=ACCENT, ms=4, lw=1.2, label="remedied")
    axes.fill_between(
        remedied.index, remedied["low"], remedied["high"], color=ACCENT, alpha=0.15, linewidth=0
    )
    axes.axvline(np.datetime64(since), color=INK, lw=0.8, ls=":")
    axes.set_ylabel(title)
    key(axes)
