"""The faults a case plants, and what each does to a window.

Trusted side only. A fault changes the world (rows that really are different, or another mechanism
of the outcome) or only what the model sees of it (units, defaults, codes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from .toolkit.schema import OUTCOME
from .world import CARRIERS, DECIMALS, ORIGINS, REGIONS, USUAL, Mechanism

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
        text: for the truth card.
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
        if self.how == "mix":
            return together.get(self.column, (self.column,))
        if self.kind == "concept":
            return (OUTCOME, self.column)
        return (self.column,)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for ``truth.json``."""
        return asdict(self) | {"columns": list(self.columns)}


def mechanism(fault: Fault | None) -> Mechanism:
    """How outcomes come about under the fault."""
    if fault is None or fault.kind != "concept":
        return USUAL
    if fault.how == "within":
        return Mechanism(within={(fault.column, level): fault.amount for level in fault.levels})
    if fault.how == "weaker":
        return Mechanism(strength={fault.column: fault.amount})
    return Mechanism(shift=fault.amount)


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


def seen(fault: Fault | None, rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The rows as the model sees them under the fault."""
    if fault is None or fault.how in REAL or fault.kind == "concept":
        return rows
    hit = rng.random(len(rows)) < fault.share
    if fault.where is not None:
        hit &= (rows[fault.where[0]] == fault.where[1]).to_numpy()
    return rows.assign(
        **{
            fault.column: _WRONG[fault.how](rows[fault.column], fault).where(
                hit, rows[fault.column]
            )
        }
    )


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
    return values.replace({old: new})


def _swap(values: pd.Series, fault: Fault) -> pd.Series:
    one, other = fault.levels
    return values.replace({one: "\0", other: one}).replace({"\0": other})


_WRONG = {"unit": _unit, "default": _default, "gap": _gap, "rename": _rename, "swap": _swap}


def _take(rng: np.random.Generator, options: Sequence[Fault], count: int) -> list[Fault]:
    return [options[i] for i in rng.permutation(len(options))[:count]]


def drawn(level: str, rng: np.random.Generator) -> list[Fault]:
    """The faults of one case: the same number of each kind and size, other columns and levels."""
    origin = ORIGINS[rng.integers(3)]
    faults: list[Fault] = []
    for kind, (clear, subtle) in COUNTS[level].items():
        faults += _take(rng, MENU[kind](rng, origin, 1.0), clear)
        faults += _take(rng, FAINT[kind](rng, origin, FAINTNESS[level]), subtle)
    return [faults[i] for i in rng.permutation(len(faults))]


COUNTS = {
    "junior": {
        "covariate": (4, 1),
        "unit": (4, 1),
        "missing": (4, 1),
        "recoding": (3, 1),
        "concept": (4, 1),
    },
    "standard": {
        "covariate": (2, 3),
        "unit": (2, 3),
        "missing": (2, 3),
        "recoding": (2, 2),
        "concept": (2, 3),
    },
    "senior": {
        "covariate": (2, 3),
        "unit": (2, 3),
        "missing": (2, 3),
        "recoding": (2, 2),
        "concept": (2, 3),
    },
}
FAINTNESS = {"junior": 1.3, "standard": 1.0, "senior": 0.85}


def _covariate(rng: np.random.Generator, origin: str, k: float) -> list[Fault]:
    carrier = CARRIERS[rng.integers(4, 8)]
    region = REGIONS[rng.integers(6)]
    make = _maker("covariate", "clear")
    return [
        make("multiply", "distance_km", 1.3, text="routes are longer"),
        make("add", "plane_age_y", 4, text="older aircraft"),
        make("add", "departure_min", 90, text="departures moved later"),
        make("mix", "carrier", 3.5, (carrier,), text=f"far more flights of carrier {carrier}"),
        make("mix", "region", 3, (region,), text=f"far more flights to region {region}"),
    ]


def _faint_covariate(rng: np.random.Generator, origin: str, k: float) -> list[Fault]:
    carrier = CARRIERS[rng.integers(4, 7)]
    region = REGIONS[rng.integers(6)]
    make = _maker("covariate", "subtle")
    return [
        make("multiply", "distance_km", 1 + 0.13 * k, text="routes are a little longer"),
        make("add", "plane_age_y", 1.3 * k, text="somewhat older aircraft"),
        make("add", "departure_min", 45 * k, text="departures somewhat later"),
        make("mix", "carrier", 1 + 0.9 * k, (carrier,), text=f"more flights of {carrier}"),
        make("mix", "region", 1 + 0.6 * k, (region,), text=f"more flights to {region}"),
    ]


UNITS = (  # column, factor, words
    ("temp_c", 1.8, "Fahrenheit"),
    ("wind_kmh", 1 / 3.6, "metres per second"),
    ("distance_km", 0.6214, "miles"),
    ("visibility_km", 0.6214, "miles"),
    ("pressure_hpa", 0.02953, "inches of mercury"),
    ("humidity_pct", 0.01, "a fraction of one"),
    ("inbound_delay_min", 60, "seconds"),
    ("departure_min", 1 / 60, "hours"),
)


def _units(rng: np.random.Generator, origin: str, k: float) -> list[Fault]:
    make = _maker("unit", "clear")
    return [make("unit", c, f, text=f"{c} arrives in {words}") for c, f, words in UNITS]


def _faint_units(rng: np.random.Generator, origin: str, k: float) -> list[Fault]:
    make = _maker("unit", "subtle")
    return [
        make(
            "unit",
            c,
            f,
            where=("origin", origin),
            share=min(1, s * k),
            text=f"{c} of some rows from {origin} arrives in {words}",
        )
        for c, f, words, s in (
            ("wind_kmh", 0.54, "knots", 0.8),
            ("wind_kmh", 0.6214, "miles per hour", 0.8),
            ("distance_km", 0.6214, "miles", 0.6),
            ("visibility_km", 0.6214, "miles", 0.3),
            ("humidity_pct", 0.01, "a fraction of one", 0.15),
            ("temp_c", 1.8, "Fahrenheit", 0.2),
            ("inbound_delay_min", 60, "seconds", 0.2),
            ("departure_min", 1 / 60, "hours", 0.15),
        )
    ]


def _missing(rng: np.random.Generator, origin: str, k: float) -> list[Fault]:
    make = _maker("missing", "clear")
    return [
        *(
            make("gap", c, share=0.4, text=f"{c} missing in 40 % of the rows")
            for c in ("wind_kmh", "temp_c", "inbound_delay_min", "plane_age_y", "distance_km")
        ),
        *(
            make("default", c, v, share=0.4, text=f"{c} is {v} where the fetch failed (40 %)")
            for c, v in (
                ("temp_c", 0.0),
                ("humidity_pct", 0.0),
                ("pressure_hpa", 0.0),
                ("plane_age_y", -1),
                ("queue_len", 0),
            )
        ),
    ]


def _faint_missing(rng: np.random.Generator, origin: str, k: float) -> list[Fault]:
    make = _maker("missing", "subtle")
    return [
        *(
            make("gap", c, share=s * k, text=f"{c} missing in {s * k:.0%} of the rows")
            for c, s in (
                ("wind_kmh", 0.03),
                ("queue_len", 0.03),
                ("plane_age_y", 0.07),
                ("distance_km", 0.03),
            )
        ),
        *(
            make("default", c, v, share=s * k, text=f"{c} is {v} in {s * k:.0%} of the rows")
            for c, v, s in (
                ("plane_age_y", 0, 0.06),
                ("queue_len", 0, 0.06),
                ("distance_km", 1000, 0.06),
                ("departure_min", 720, 0.06),
                ("pressure_hpa", 1013.0, 0.12),
            )
        ),
    ]


SWAPS = {
    "carrier": (("UM", "AR"), ("BE", "MO"), ("DA", "MO"), ("EX", "US")),
    "region": (("lakes", "carolinas"), ("florida", "carolinas"), ("west", "carolinas")),
}
FAINT_SWAPS = {
    "carrier": (("UM", "EX"), ("BE", "DA"), ("EX", "DA"), ("AR", "US")),
    "region": (("florida", "south"), ("west", "near"), ("lakes", "south")),
}


def _recoding(rng: np.random.Generator, origin: str, k: float) -> list[Fault]:
    make = _maker("recoding", "clear")
    carrier, region = CARRIERS[rng.integers(4)], REGIONS[rng.integers(6)]
    return [
        make("rename", "carrier", levels=(carrier, "OTHER"), text=f"{carrier} arrives as OTHER"),
        make("rename", "region", levels=(region, region.upper()), text=f"{region} in capitals"),
        make("rename", "origin", levels=(origin, origin[0]), text=f"{origin} by its first letter"),
        *(
            make("swap", column, levels=pair, text=f"{pair[0]} and {pair[1]} exchanged")
            for column, pairs in SWAPS.items()
            for pair in pairs
        ),
    ]


def _faint_recoding(rng: np.random.Generator, origin: str, k: float) -> list[Fault]:
    make = _maker("recoding", "subtle")
    carrier, region = CARRIERS[rng.integers(4)], REGIONS[rng.integers(6)]
    return [
        make(
            "rename",
            "carrier",
            levels=(carrier, "OTHER"),
            share=0.06 * k,
            text=f"some {carrier} arrive as OTHER",
        ),
        make(
            "rename",
            "region",
            levels=(region, region.upper()),
            share=0.06 * k,
            text=f"some {region} in capitals",
        ),
        *(
            make("swap", column, levels=pair, text=f"{pair[0]} and {pair[1]} exchanged")
            for column, pairs in FAINT_SWAPS.items()
            for pair in pairs
        ),
    ]


def _concept(rng: np.random.Generator, origin: str, k: float) -> list[Fault]:
    make = _maker("concept", "clear")
    sign = rng.choice([-1, 1])
    return [
        make("shift", OUTCOME, 0.55 * sign, text="every flight's odds of being late change"),
        make("weaker", "inbound_delay_min", 0.2, text="inbound delay hardly matters any more"),
        make("within", "origin", 1.1 * sign, (origin,), text=f"odds change at {origin}"),
    ]


def _faint_concept(rng: np.random.Generator, origin: str, k: float) -> list[Fault]:
    make = _maker("concept", "subtle")
    sign = rng.choice([-1, 1])
    carrier = CARRIERS[rng.integers(4)]
    return [
        make("shift", OUTCOME, 0.28 * k * sign, text="every flight's odds change a little"),
        make("within", "origin", 0.65 * k * sign, (origin,), text=f"odds change at {origin}"),
        make("within", "carrier", 1.0 * k * sign, (carrier,), text=f"odds change for {carrier}"),
    ]


def _maker(kind: str, size: str) -> Any:
    def make(
        how: str,
        column: str,
        amount: float = 0.0,
        levels: tuple[str, ...] = (),
        *,
        where: tuple[str, str] | None = None,
        share: float = 1.0,
        text: str = "",
    ) -> Fault:
        return Fault(kind, size, how, column, amount, levels, where, share, text)

    return make


MENU = {
    "covariate": _covariate,
    "unit": _units,
    "missing": _missing,
    "recoding": _recoding,
    "concept": _concept,
}
FAINT = {
    "covariate": _faint_covariate,
    "unit": _faint_units,
    "missing": _faint_missing,
    "recoding": _faint_recoding,
    "concept": _faint_concept,
}
