"""The faults a case plants, and what each does to a window.

Trusted side only. A fault changes the world (rows that really are different, or another mechanism
of the outcome) or only what the model sees of it (units, defaults, codes). Which faults there are
to choose from stands in ``menu.py``; whether one is large enough is measured in ``proof.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from worksample.kit.draws import logistic

from ..toolkit.schema import OUTCOME
from .world import DECIMALS, USUAL, Mechanism

KINDS = ("covariate", "unit", "missing", "recoding", "concept")
REAL = ("multiply", "add", "mix")  # the rows really are different


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        kind: one of :data:`KINDS`.
        size: ``clear`` or ``subtle``.
        how: the function below that makes it.
        column: where it lies; the outcome's name for a concept change.
        amount: what ``how`` needs, a number.
        levels: what ``how`` needs, levels of a category.
        where: (column, level): only these rows; None for all.
        share: share of these rows, drawn at random per row.
        text: for the truth card; ``{share}`` stands for the share of the rows, ``{0}`` and
            ``{1}`` for the levels by their names in the case.
    """

    kind: str
    size: str
    how: str
    column: str
    amount: float = 0.0
    levels: tuple[str, ...] = ()
    where: tuple[str, str] | None = None
    share: float = 1.0
    text: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a monitor may name for it."""
        together = {"region": ("region", "distance_km"), "distance_km": ("distance_km", "region")}
        if self.how in ("mix", "swap"):
            return together.get(self.column, (self.column,))
        if self.kind == "concept":
            return (OUTCOME, self.column)
        return (self.column,)

    def words(self, names: Mapping[str, Mapping[str, str]]) -> str:
        """What happens, with the names of one case (see ``world.names_of``)."""
        new = names.get(self.column, {})
        levels = [new.get(level, level) for level in self.levels]
        return self.text.format(*levels, share=f"{self.share:.1%}")

    def scaled(self, factor: float) -> Fault:
        """The same fault, more or less of it; one that has no size stays as it is."""
        if self.how in ("multiply", "mix"):
            return replace(self, amount=1 + (self.amount - 1) * factor)
        if self.how in ("add", "shift", "within"):
            return replace(self, amount=self.amount * factor)
        if self.kind == "concept":
            return self
        return replace(self, share=min(1.0, self.share * factor))

    def as_dict(self, names: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        """Plain data for ``truth.json``."""
        return asdict(self) | {"columns": list(self.columns), "text": self.words(names)}


def mechanism(fault: Fault | None) -> Mechanism:
    """How outcomes come about under the fault."""
    if fault is None or fault.kind != "concept":
        return USUAL
    if fault.how == "within":
        return Mechanism(within={(fault.column, level): fault.amount for level in fault.levels})
    if fault.how == "weaker":
        return Mechanism(strength={fault.column: fault.amount})
    return Mechanism(shift=fault.amount)


def late_probability(fault: Fault | None, rows: pd.DataFrame) -> np.ndarray:
    """True probability of being late, one per row of :func:`happened`."""
    if fault is None or (fault.kind != "concept" and fault.how not in ("multiply", "add")):
        return logistic(rows["log_odds"].to_numpy())  # as it was worked out for the whole year
    return mechanism(fault).late_probability(rows)


def chances(fault: Fault | None, rows: pd.DataFrame) -> np.ndarray | None:
    """Weights with which rows are drawn when the mix of rows changes; None for equal ones."""
    if fault is None or fault.how != "mix":
        return None
    return np.where(rows[fault.column].isin(fault.levels), fault.amount, 1.0)


def happened(fault: Fault | None, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as they really are under the fault."""
    if fault is None or fault.how not in ("multiply", "add"):
        return rows
    values = rows[fault.column]
    values = values * fault.amount if fault.how == "multiply" else values + fault.amount
    if fault.column == "departure_min":
        values = values.clip(upper=1439)
    return rows.assign(**{fault.column: values.round(DECIMALS[fault.column])})


def hides(fault: Fault) -> bool:
    """Whether the model sees something else than there is."""
    return fault.how not in REAL and fault.kind != "concept"


def seen(fault: Fault, rows: pd.DataFrame, luck: np.ndarray) -> pd.DataFrame:
    """The rows as the model sees them under a fault that :func:`hides` something.

    Args:
        fault: that one.
        rows: as they are.
        luck: evenly from 0 to 1, one a row: which ones are hit.
    """
    hit = luck < fault.share
    if fault.where is not None:
        hit &= (rows[fault.where[0]] == fault.where[1]).to_numpy()
    values = rows[fault.column]
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    return rows.assign(**{fault.column: values.mask(hit, _WRONG[fault.how](values, fault))})


def rescored(fault: Fault | None) -> bool:
    """Whether the model sees rows that are not as the year has them, so that scores differ."""
    return fault is not None and fault.kind != "concept" and fault.how != "mix"


def _unit(values: pd.Series, fault: Fault) -> pd.Series:
    if fault.column == "temp_c":
        return (values * 1.8 + 32).round(1)
    decimals = max(DECIMALS[fault.column], 2 if fault.amount < 0.1 else 1)
    return (values * fault.amount).round(decimals)


def _default(values: pd.Series, fault: Fault) -> pd.Series:
    return pd.Series(fault.amount, index=values.index)


def _gap(values: pd.Series, fault: Fault) -> pd.Series:
    return pd.Series(np.nan, index=values.index)


def _rename(values: pd.Series, fault: Fault) -> pd.Series:
    old, new = fault.levels
    return values.mask(values == old, new)


def _swap(values: pd.Series, fault: Fault) -> pd.Series:
    one, other = fault.levels
    return values.map(lambda level: {one: other, other: one}.get(level, level))


_WRONG = {"unit": _unit, "default": _default, "gap": _gap, "rename": _rename, "swap": _swap}
