"""The world of a case before anything goes wrong: names, time line, trips, services.

Days are counted from the first day of the log (day 0); training days are negative. Everything here
is drawn from streams of its own, so that nothing depends on which cause is planted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from worksample.kit import draws, nycflights, years

from ..toolkit import model
from . import mechanism

DATA = Path(__file__).parents[1] / "data"
YEAR = years.DAYS  # 52 weeks, so that weekdays stay right when a case wraps around
TRAINING, LOG, HIDDEN = (-70, 0), (0, 56), (57, 73)  # first day and the day after the last
PER_DAY = 360
TRAINING_ROWS = 8_000
EXPLORED = 0.1  # share of trips whose outcome is followed up whatever the decision
MISSING = 0.025
WEATHER = ("temp_c", "wind_kmh", "precip_mm", "visibility_km", "pressure_hpa")
FED = (*WEATHER, "inbound_delay_min", "queue_len")  # the columns that come through a feed
DECIMALS = dict.fromkeys((*WEATHER, "inbound_delay_min", "queue_len", "distance_km"), 1)
TIMEOUT_MS = 300
FALLBACK_SCORE = 0.33
# by which a case's model weights differ from the fitted ones, and those of one version besides
WEIGHT_SD, OWN_SD = 0.03, 0.01
KINDS = ("feed", "client", "scoring", "platform", "loader")
# kinds of other entries and their chances: the more, the more often a kind sets an incident off
OTHERS = ("feed", "listing", "platform", "loader", "settings", "routine")
CHANCES = (0.26, 0.14, 0.16, 0.22, 0.14, 0.08)
MOMENTS = 16  # of the change log, from the fourth week on
GAP = (1.42, 1.7)  # days from one to the next

WORDS = {
    "region": [
        "amber",
        "birch",
        "coral",
        "dune",
        "ember",
        "fjord",
        "grove",
        "heath",
        "iris",
        "juniper",
        "kelp",
        "lagoon",
    ],
    "feed": ["alder", "basalt", "cinder", "delta", "estuary", "flint", "garnet", "harbor"],
    "model": [
        "kestrel",
        "plover",
        "heron",
        "osprey",
        "linnet",
        "dunlin",
        "curlew",
        "petrel",
        "swift",
        "wren",
    ],
    "step": ["maple", "cedar", "rowan", "hazel", "aspen", "linden"],
}


@dataclass(frozen=True)
class Names:
    """What a case calls things; a permutation of pools, so that names tell nothing."""

    carrier: list[str]
    origin: list[str]
    region: list[str]
    weekday: list[int]
    host: list[str]
    client: list[str]
    feed: list[str]
    models: dict[str, str]
    steps: dict[str, str]
    weights: int = 0  # the seed of what makes this case's models differ from another's


def draw_names(rng: np.random.Generator) -> Names:
    letters = list("ABCDEFGHKLMPRSTUVWXYZ")  # no N: "NA" would be read as missing

    def words(pool: str, count: int) -> list[str]:
        return [WORDS[pool][i] for i in rng.permutation(len(WORDS[pool]))[:count]]

    roles = sorted(p.stem for p in (DATA / "models").glob("*.json"))
    steps = sorted(p.stem for p in (DATA / "preprocessing").glob("*.json"))
    first = int(rng.integers(20, 70))
    hosts = sorted(f"{n:03x}" for n in rng.choice(4096, 4, replace=False))
    return Names(
        carrier=draws.distinct_codes(rng, letters, 10, 2),
        origin=draws.distinct_codes(rng, letters, 3, 3),
        region=words("region", 6),
        weekday=list(range(7)),
        host=[f"score-{h}" for h in hosts],
        client=[f"app-{first + i}.{int(rng.integers(0, 9))}" for i in range(4)],
        feed=words("feed", 2),
        models=dict(zip(roles, words("model", len(roles)), strict=True)),
        steps=dict(zip(steps, words("step", len(steps)), strict=True)),
        weights=int(rng.integers(2**62)),
    )


# -- time line ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Timeline:
    """When the named and the other entries of the change log happened, in days."""

    at: dict[str, float]  # of the five named entries, one of each kind
    others: list[tuple[float, str]]  # (time, kind); kinds of OTHERS
    onset: float
    trigger: str | None  # the kind of the named entry that is the trigger
    early_release: float  # a release in the reference period, for comparison


def draw_timeline(rng: np.random.Generator, kind: str | None, triggered: bool) -> Timeline:
    """Entries a day and a half apart, one of them at the onset; which one, no entry tells.

    Evenly, as a crowd of entries would tell the onset to who reads nothing else. Sixteen moments
    are drawn and one is made the onset; it and four others, in two stretches of four, become the
    named entries, and the kinds are dealt to them: so the place of an entry of any kind has the
    same distribution whatever the cause.
    """
    gaps = rng.uniform(*GAP, MOMENTS - 1)
    times = [float(t) for t in rng.uniform(21.6, 22.4) + np.concatenate([[0.0], np.cumsum(gaps)])]
    chosen = int(rng.integers(1, MOMENTS - 1))  # not at an end: entries on both sides tempt
    named_at = stretches(rng, chosen)
    named = [times[i] for i in named_at]
    fillers = [t for i, t in enumerate(times) if i not in named_at]
    dealt = [KINDS[i] for i in rng.permutation(5)]
    pause = float(rng.uniform(0.3, 0.5))
    quiet = float(rng.uniform(4.0, 16.0))
    early = float(np.floor(quiet) + rng.uniform(0.1, 0.4))
    if kind is not None and triggered:
        where = dealt.index(kind)
        dealt[0], dealt[where] = dealt[where], dealt[0]
    onset = named[0] if triggered else between(named[0], times, pause)
    spare = [float(t) for t in rng.uniform(1, 20, 2)]
    deal = [str(k) for k in rng.choice(OTHERS, 13, p=CHANCES)]
    others = list(zip([*fillers, *spare], deal, strict=True))
    others.append((early, "release"))
    return Timeline(
        at=dict(zip(dealt, named, strict=True)),
        others=others,
        onset=onset,
        trigger=kind if triggered else None,
        early_release=early,
    )


def stretches(rng: np.random.Generator, chosen: int) -> list[int]:
    """Places of the five named entries, ``chosen`` first: in two stretches of four moments."""
    first = int(np.clip(chosen - rng.integers(4), 0, MOMENTS - 4))
    starts = [s for s in range(MOMENTS - 3) if abs(s - first) >= 4]
    second = starts[int(rng.integers(len(starts)))]
    count = 3 if rng.random() < 0.6 else 2  # each of the five is as likely to be the onset
    near = [int(i) for i in rng.permutation(np.arange(first, first + 4)) if i != chosen]
    far = [int(i) for i in rng.permutation(np.arange(second, second + 4))]
    return [chosen, *near[: count - 1], *far[: 5 - count]]


def between(near: float, times: list[float], pause: float) -> float:
    """A moment some hours after ``near`` that is not within five hours of any other."""
    for step in (pause, -pause, 2 * pause, -2 * pause, 3 * pause):
        if all(abs(near + step - t) > 0.2 for t in times):
            return near + step
    return near + 0.21


# -- trips --------------------------------------------------------------------------------------


@cache
def base() -> years.Base:
    """The committed base table, weather in natural units, taken apart."""
    rows = nycflights.from_tenths(pd.read_parquet(DATA / "flights.parquet"), WEATHER)
    rows = rows.astype(dict.fromkeys(("day", "minute", "carrier", "origin", "region"), "int64"))
    return years.Base(rows, (*WEATHER, "queue_len"), own=("plane_age_y",))


@dataclass
class World:
    """One case's world. ``rows`` are canonical, right and complete; one line per trip.

    Columns of ``rows`` beside the model's inputs: ``when`` (days, moment of the prediction),
    ``day`` (of departure), ``host``, ``client``, ``feed`` (positions in the names), ``explored``,
    ``latency``, ``luck`` (uniform; the trip is late where it is below the probability), ``report``
    (days from prediction to report; NaN: never reported), ``p`` (probability of a late arrival).
    """

    names: Names
    timeline: Timeline
    level: str
    first_day: pd.Timestamp
    rows: pd.DataFrame
    hosts: tuple[int, ...]  # re-imaged by the named platform entry
    feed: int  # that the named feed entry speaks of
    releases: dict[str, str]  # model role before, between and after the two releases
    released: str | None = None  # the model of the named release, if a cause put in another

    @property
    def onset(self) -> float:
        return self.timeline.onset

    @property
    def after(self) -> np.ndarray:
        """Rows served since the onset (n,)."""
        return (self.rows["when"] >= self.onset).to_numpy()

    def date(self, day: float) -> pd.Timestamp:
        return (self.first_day + pd.Timedelta(days=float(day))).floor("min")


def draw_rows(
    rng: np.random.Generator, start: int, timeline: Timeline, surge: tuple[int, float] | None
) -> pd.DataFrame:
    """Trips of all days of a case, of a year of its own (``worksample.kit.years``).

    Args:
        start: the base day that the log starts on.
        surge: (region, share): from the onset on that region makes up that share of the trips.
    """
    year = years.Year(base(), rng)
    days = np.arange(TRAINING[0], HIDDEN[1])
    place = np.full(YEAR, -1)
    place[(start + days) % YEAR] = np.arange(len(days))
    chosen = np.flatnonzero(place[year.day] >= 0)
    at = place[year.day[chosen]]
    when = days[at] + (year.minute[chosen] - rng.uniform(60, 75, len(chosen))) / 1440
    weight = np.ones(len(chosen))
    if surge:
        region, share = surge
        here = base().table["region"].to_numpy()[chosen] == region
        now = when >= timeline.onset
        usual = here[~now].mean()
        weight = np.where(now, np.where(here, share / usual, (1 - share) / (1 - usual)), 1.0)
    wanted = np.where(days < LOG[0], TRAINING_ROWS / (LOG[0] - TRAINING[0]), PER_DAY)
    wanted = wanted * rng.normal(1.0, 0.05, len(days))
    rate = (wanted / np.bincount(at, minlength=len(days)))[at] * weight
    kept = rng.random(len(chosen)) < rate
    rows = year.rows(chosen[kept], rng).assign(day=days[at[kept]], when=when[kept])
    rows["hour"] = rows["minute"] // 60
    return rows.sort_values("when", kind="stable").reset_index(drop=True)


def jitter(rng: np.random.Generator, rows: pd.DataFrame) -> None:
    """Change the inputs a little, the same for all trips of an origin and hour."""
    slot = rows["origin"] + 3 * (rows["hour"] + 24 * (rows["day"] - TRAINING[0]))
    slots = int(slot.max()) + 1
    spread = {"temp_c": 0.4, "wind_kmh": 1.0, "pressure_hpa": 0.5, "queue_len": 0.7}
    for column, scale in spread.items():
        noise = rng.normal(0, scale, slots)
        rows[column] = rows[column] + noise[slot]
    rows["inbound_delay_min"] += (rows["inbound_delay_min"] > 0) * rng.normal(0, 1, len(rows))
    rows["distance_km"] += rng.normal(0, 8, len(rows))
    for column in ("wind_kmh", "inbound_delay_min"):
        rows[column] = rows[column].clip(lower=0)
    rows["queue_len"] = rows["queue_len"].clip(lower=1).round()
    rows["inbound_delay_min"] = rows["inbound_delay_min"].round()
    for column in (*WEATHER, "distance_km"):
        rows[column] = rows[column].round(1)


def serve(rng: np.random.Generator, rows: pd.DataFrame, timeline: Timeline) -> None:
    """Give each trip its host, client release, feed, latency and the moment of its report."""
    n = len(rows)
    rows["host"] = rng.integers(4, size=n)
    rows["feed"] = (rng.random(n) < rng.uniform(0.46, 0.54)).astype(int)
    ramp = ((rows["when"] - timeline.at["client"]) / 0.4).clip(0, 1) * 0.6
    older = rng.choice(3, size=n, p=[0.2, 0.65, 0.15])
    rows["client"] = np.where(rng.random(n) < ramp, 3, older)
    rows["explored"] = rng.random(n) < EXPLORED
    load = 1 + 0.3 * np.sin((rows["hour"] - 6) / 17 * np.pi)
    rows["latency"] = 70 * load * np.exp(rng.normal(0, 0.35, n))
    rows["report"] = 0.25 + rng.gamma(3, 0.12, n) + rows["distance_km"] / 40_000
    rows.loc[rng.random(n) < 0.008, "report"] = np.nan
    # a few reports always come days late; until then the loader assumes that the trip was on time
    rows["tardy"] = rng.random(n) < 0.004
    rows.loc[rows["tardy"], "report"] += 3.5
    rows["luck"] = rng.random(n)
    for column in FED:
        rows[f"lost_{column}"] = rng.random(n) < MISSING


def draw_world(
    streams: dict[str, np.random.Generator],
    level: str,
    kind: str | None,
    triggered: bool,
    surge: tuple[int, float] | None,
) -> World:
    """Everything but the cause. ``kind`` is the kind of entry that could trigger the cause."""
    names = draw_names(streams["names"])
    timeline = draw_timeline(streams["timeline"], kind, triggered)
    rng = streams["rows"]
    start = int(streams["season"].integers(YEAR))
    years = int(streams["season"].integers(6, 12))
    rows = draw_rows(rng, start, timeline, surge)
    rows["weekday"] = (rows["day"] + start + 1) % 7
    jitter(rng, rows)
    serve(streams["serve"], rows, timeline)
    rows["p"] = draws.logistic(mechanism.log_odds(rows))
    rng = streams["services"]
    sound = [str(r) for r in rng.permutation(["sound_a", "sound_b", "sound_c"])]
    hosts = tuple(sorted(int(h) for h in rng.permutation(4)[:2]))
    return World(
        names=names,
        timeline=timeline,
        level=level,
        first_day=pd.Timestamp("2013-01-01") + pd.Timedelta(days=YEAR * years + start),
        rows=rows,
        hosts=hosts,
        feed=int(rng.integers(2)),
        releases=dict(zip(("first", "second", "third"), sound, strict=True)),
    )


# -- models in the case's own names ---------------------------------------------------------------


def named_steps(names: Names) -> dict[str, dict]:
    """The preprocessing files of a case, by version: levels in the case's own names."""
    import json

    steps = {}
    for role, version in names.steps.items():
        content = json.loads((DATA / "preprocessing" / f"{role}.json").read_text())
        order = content.pop("order")
        levels = {c: list(getattr(names, c)) for c in model.CATEGORIES}
        if order == "sorted":
            levels = {c: sorted(v) for c, v in levels.items()}
        steps[version] = {"version": version, "levels": levels, **content}
    return steps


def named_models(names: Names) -> dict[str, dict]:
    """The model files of a case, by version.

    Each weight differs from the fitted one by as much as a fit on some other rows would, so that
    two candidates' files are not the same but for the names: all versions of a case in nearly the
    same way, as they were fitted one after the other.
    """
    import json

    files = {}
    for role, version in names.models.items():
        content = json.loads((DATA / "models" / f"{role}.json").read_text())
        together = np.random.default_rng([names.weights, 0])
        alone = np.random.default_rng([names.weights, *role.encode()])
        shaken = draws.shaken(draws.shaken(_weights(content), together, WEIGHT_SD), alone, OWN_SD)
        # in the mean over levels and knots nothing is added to the log-odds
        content["intercept"] = round(content["intercept"] - _moved(_weights(content), shaken), 4)
        content["weights"] = shaken["weights"]
        for kind in ("curves", "curves_by_region"):
            for column, y in shaken[kind].items():
                content[kind][column]["y"] = y
        files[version] = {"version": version, **content}
    return files


def _weights(content: dict) -> dict[str, dict]:
    """What a fit has found of a model file, but for the intercept; not where the curves bend."""
    found = {"weights": content["weights"]}
    for kind in ("curves", "curves_by_region"):
        found[kind] = {column: curve["y"] for column, curve in content[kind].items()}
    return found


def _moved(before: dict[str, dict], after: dict[str, dict]) -> float:
    """By how much all weights together moved, in the mean over the levels or knots of each."""
    return float(
        sum(
            np.subtract(after[kind][column], before[kind][column]).mean()
            for kind in before
            for column in before[kind]
        )
    )
