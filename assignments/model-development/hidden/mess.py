"""What real tables have: from canonical rows to the table that a candidate sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import mechanism, words
from .world import World

ID_LEVELS = 900
REPEATED = 0.05  # share of rows that a retry sends again, by label: the late ones more often
REPEAT_LATE = 4.0
SENTINELS = {
    "inbound_delay_min": (999.0, -1.0, 9999.0),
    "queue_len": (99.0, -1.0, 999.0),
}
SENTINEL_SHARE = {"junior": 0.08, "standard": 0.07, "senior": 0.06}
# share of late flights keyed as on time, of flights on time keyed as late; less of it where labels
# are turned: who ignores both must not be right about the loss, one error against the other
NOISE = {
    "junior": (0.06, 0.06),
    "standard": (0.03, 0.03),
    "senior": (0.04, 0.02),
}
LEAK_STRENGTH = {"junior": 2.6, "standard": 2.2, "senior": 1.5}


@dataclass(frozen=True)
class Plan:
    """What a case's table suffers from; names are those that the candidate sees.

    Attributes:
        sentinel_of: the canonical column with a sentinel.
        unit_of: the canonical column with two units.
        unit_share: share of rows in the other unit.
        leak_when_served: what the leaking column holds at serving time (None: empty).
    """

    sentinel_of: str
    sentinel: float
    sentinel_share: float
    unit_of: str
    unit_share: float
    leak: str
    leak_strength: float
    leak_when_served: float | None
    id: str
    missed: float
    invented: float

    @property
    def unit_names(self) -> tuple[str, str, tuple[str, str]]:
        """Column, tag, the two units (the canonical one first)."""
        return words.UNITS[self.unit_of]

    @property
    def audit(self) -> dict[str, list[str]]:
        """The issues that a careful audit finds; empty lists for those of the whole table."""
        return {
            "written_after_outcome": [self.leak],
            "sentinel_value": [words.COLUMNS[self.sentinel_of]],
            "mixed_units": [self.unit_names[0]],
            "rare_categories": [words.COLUMNS["carrier"]],
            "meaningless_id": [self.id],
            "repeated_rows": [],
            "changes_over_time": [],
        }


def plan(rng: np.random.Generator, level: str) -> Plan:
    """Draw what the table suffers from."""
    sentinel_of = _one(rng, list(SENTINELS))
    missed, invented = NOISE[level]
    return Plan(
        sentinel_of=sentinel_of,
        sentinel=float(_one(rng, SENTINELS[sentinel_of])),
        sentinel_share=SENTINEL_SHARE[level],
        unit_of=_one(rng, list(words.UNITS)),
        unit_share=float(rng.uniform(0.35, 0.5)),
        leak=_one(rng, list(words.LEAKS)),
        leak_strength=LEAK_STRENGTH[level],
        leak_when_served=0.0 if level == "senior" else None,
        id=_one(rng, words.IDS),
        missed=missed,
        invented=invented,
    )


def _one(rng: np.random.Generator, options):
    return options[int(rng.integers(len(options)))]


@dataclass(frozen=True)
class Names:
    """A case's codes for the categories, and its calendar."""

    first_day: pd.Timestamp
    carrier: tuple[str, ...]
    origin: tuple[str, ...]
    area: tuple[str, ...]
    crew: tuple[str, ...]


def names(rng: np.random.Generator) -> Names:
    """Draw codes; none of them says anything about what it stands for."""
    letters = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZ"))
    count = mechanism.CARRIERS + mechanism.RARE + mechanism.UNSEEN
    pairs = rng.permutation(len(letters) ** 2)[:count]
    stations = rng.permutation(len(letters))[:9].reshape(3, 3)
    crews = rng.permutation(90000)[:ID_LEVELS] + 10000
    return Names(
        first_day=pd.Timestamp("2031-01-06") + pd.Timedelta(weeks=int(rng.integers(0, 200))),
        carrier=tuple(letters[p // len(letters)] + letters[p % len(letters)] for p in pairs),
        origin=tuple("".join(letters[row]) for row in stations),
        area=tuple("ABCDEF"[i] for i in rng.permutation(6)),
        crew=tuple(f"{letters[c % len(letters)]}{c}" for c in crews),
    )


def shown(rng: np.random.Generator, world: World, how: Plan, called: Names) -> pd.DataFrame:
    """Every row as the service would log it, once, with the leak as it is written later."""
    rows = world.rows
    at = called.first_day + pd.to_timedelta(rows["day"] * 1440 + rows["minute"], unit="min")
    table = pd.DataFrame({words.TIME: at})
    ids = np.array(called.crew)[rng.integers(0, ID_LEVELS, len(rows))]
    for column, name in words.COLUMNS.items():
        table[name] = rows[column].to_numpy()
    for column in ("carrier", "origin", "area"):
        table[words.COLUMNS[column]] = np.array(getattr(called, column))[rows[column]]
    table.insert(2, how.id, ids)
    _mix_units(rng, table, how)
    _fill_sentinel(rng, table, how)
    table.insert(len(table.columns) - 2, how.leak, leak(rng, world.late, how))
    return table


def leak(rng: np.random.Generator, late: np.ndarray, how: Plan) -> np.ndarray:
    """The column that is written after arrival."""
    written = rng.poisson(np.where(late == 1, how.leak_strength, 0.06)).astype(float)
    if how.leak == "crew_overtime_min":
        return written * 5
    return written


def as_served(table: pd.DataFrame, how: Plan) -> pd.DataFrame:
    """Rows as they are when the service is asked: what is written later is not there yet."""
    value = np.nan if how.leak_when_served is None else how.leak_when_served
    return table.assign(**{how.leak: value})


def recorded(rng: np.random.Generator, late: np.ndarray, how: Plan) -> np.ndarray:
    """The label as keyed in, with its mistakes."""
    wrong = rng.random(len(late)) < np.where(late == 1, how.missed, how.invented)
    return np.where(wrong, 1 - late, late)


def repeated(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Some rows again, where they stand; late ones more often."""
    weight = np.where(table[words.LABEL] == 1, REPEAT_LATE, 1.0)
    chance = REPEATED * weight / weight.mean()
    times = 1 + (rng.random(len(table)) < chance) * (1 + rng.integers(0, 2, len(table)))
    return table.loc[table.index.repeat(times)].reset_index(drop=True)


def other_unit(values: np.ndarray, unit_of: str) -> np.ndarray:
    """Canonical values in the other unit of that column."""
    return values / 1.852 if unit_of == "wind_kmh" else values * 1.8 + 32


def _mix_units(rng: np.random.Generator, table: pd.DataFrame, how: Plan) -> None:
    name, tag, units = how.unit_names
    place = table.columns.get_loc(words.COLUMNS[how.unit_of])
    values = table.pop(words.COLUMNS[how.unit_of]).to_numpy(float)
    other = rng.random(len(table)) < how.unit_share
    table.insert(place, name, np.where(other, other_unit(values, how.unit_of), values).round(1))
    table.insert(place + 1, tag, np.where(other, units[1], units[0]))


def _fill_sentinel(rng: np.random.Generator, table: pd.DataFrame, how: Plan) -> None:
    name = words.COLUMNS[how.sentinel_of]
    unknown = table[name].isna().to_numpy()
    share = how.sentinel_share / max(unknown.mean(), 1e-9)
    marked = unknown & (rng.random(len(table)) < share)
    table.loc[marked, name] = how.sentinel


def unit_swapped(
    table: pd.DataFrame, name: str, tag: str, units: Sequence[str], unit_of: str
) -> pd.DataFrame:
    """The same rows, each in its other unit, with its tag."""
    values = table[name].to_numpy(float)
    is_other = (table[tag] == units[1]).to_numpy()
    back = values * 1.852 if unit_of == "wind_kmh" else (values - 32) / 1.8
    swapped = np.where(is_other, back, other_unit(values, unit_of))
    return table.assign(**{name: swapped, tag: np.where(is_other, units[0], units[1])})


def noise_facts(how: Plan) -> Mapping[str, float]:
    """What the candidate is told about the label."""
    return {"late_keyed_as_on_time": how.missed, "on_time_keyed_as_late": how.invented}
