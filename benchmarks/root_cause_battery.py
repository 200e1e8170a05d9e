"""How far programs come that know nothing of a case of the root-cause analysis.

    python benchmarks/root_cause_battery.py --level standard --seeds 36
    python benchmarks/root_cause_battery.py --changes 500

*The battery* knows the schema of the public files and the list of hypotheses: one test for each of
them, the first three weeks against the last eleven days, and it names the hypothesis whose signal
is largest in standard errors (at senior level the two largest). Printed is the share of the causes
that it names. *The reader of the change log* sees ``change_log.csv`` and nothing else; printed is
in which share of the cases its day is within one of the onset. Cases are drawn in memory.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from worksample.assignments import modules as _modules
from worksample.kit import draws

FOLDER = Path(__file__).parents[1] / "assignments" / "root-cause-analysis"
BEFORE, LATELY = 21, 11  # days at either end of the log
FED = ("temp_c", "wind_kmh", "precip_mm", "visibility_km", "pressure_hpa", "queue_len")
FED += ("inbound_delay_min",)
QUANTILES = np.linspace(0.05, 0.95, 19)
TIMEOUT_MS, HOURS = 300, 19


def rise(now: pd.Series, before: pd.Series) -> float:
    """By how many standard errors a rate rose; never below 0. Either may be empty."""
    if len(now) < 30 or len(before) < 30:
        return 0.0
    a, b = before.mean(), now.mean()
    pooled = np.clip(np.r_[now, before].mean(), 1 / len(now), 1 - 1 / len(now))
    error = np.sqrt(pooled * (1 - pooled) * (1 / len(now) + 1 / len(before)))
    return max(0.0, float((b - a) / error))


def apart(a: pd.Series, b: pd.Series) -> float:
    """Kolmogorov-Smirnov distance of two samples in units of its standard error."""
    a, b = a.dropna(), b.dropna()
    if min(len(a), len(b)) < 30:
        return 0.0
    return float(ks_2samp(a, b).statistic * np.sqrt(len(a) * len(b) / (len(a) + len(b))))


class Battery:
    """One test for each hypothesis on the public tables of one case."""

    def __init__(
        self, public: Mapping[str, pd.DataFrame], models: Any, threshold: float, joined: Any
    ) -> None:
        log = joined(public["predictions.csv"], public["outcomes.csv"])
        log["client"] = log["client"].astype(str)
        served = pd.to_datetime(log["served_at"])
        self.models, self.threshold = models, threshold
        self.log, self.training = log, public["training.csv"]
        self.days = (served.dt.normalize() - served.min().normalize()).dt.days
        self.last = self.days.max()
        self.before, self.now = self.days < BEFORE, self.days > self.last - LATELY
        self.ripe = self.days < self.last - 1
        again = pd.Series(models.score(log), index=log.index)
        self.slow = log["latency_ms"] >= TIMEOUT_MS
        self.off = (again - log["score"]).abs() > 2e-4

    def changed(self, flag: pd.Series, part: pd.Series | None = None) -> float:
        """Rise of a yes/no series, in all rows or a part of them."""
        part = pd.Series(True, index=flag.index) if part is None else part
        return rise(flag[part & self.now], flag[part & self.before])

    def worst(self, flag: pd.Series, by: str, part: pd.Series | None = None) -> float:
        """The largest rise in a group of a column."""
        part = pd.Series(True, index=flag.index) if part is None else part
        groups = self.log[by]
        return max(self.changed(flag, part & (groups == g)) for g in groups.unique())

    def signals(self) -> dict[str, float]:
        """Hypothesis -> strength of its signal in standard errors, 0 or more."""
        log = self.log
        mismatch = self.off & ~self.slow
        constant = self.off & self.slow
        overdue = log["late"].notna() & ~(log["label_age_days"] <= 2)
        foreign = log["reported_trip_key"].notna() & (log["reported_trip_key"] != log["trip_key"])
        unfollowed = (log["flagged"] == 0) & (log["arm"] == "main") & self.ripe
        found = {
            "duplicated_events": self.changed(log["prediction_id"].duplicated()),
            "label_join": self.worst(foreign, "origin"),
            "partial_batch": self.worst(overdue, "origin", self.ripe),
            "censored_labels": self.changed(log["late"].isna(), unfollowed),
            "wrong_threshold": self.changed(log["flagged"] != (log["score"] >= self.threshold)),
            "fallback_at_timeout": self.worst(constant, "host"),
            "segment_nulls": max(self.worst(log[c].isna(), "client") for c in FED),
            "recoded_category": max(
                self.worst(~log[c].isin(self.training[c].unique()), "feed")
                for c in ("carrier", "region")
            ),
            "swapped_codes": self.distances(),
            "stale_feature": self.lagged(),
            "mix_shift": self.mix(),
            **self.inputs(),
            **self.world(),
        }
        return found | self.versions(mismatch)

    def versions(self, mismatch: pd.Series) -> dict[str, float]:
        """Parity with the logged versions: which file and step give the score, and where?"""
        log, strength = self.log, self.changed(mismatch)
        rows = log[mismatch & self.now].tail(600)
        if not len(rows):
            return {}
        fits = {
            (m, s): np.mean(
                np.abs(
                    self.models.score(rows.assign(model_version=m, prep_version=s)) - rows["score"]
                )
                < 2e-4
            )
            for m in self.models.models
            for s in self.models.preprocessing
        }
        _, step = max(fits, key=lambda pair: fits[pair])
        by_host = mismatch[self.now].groupby(log.loc[self.now, "host"]).mean()
        if step not in set(log["prep_version"]):
            return {"transform_skew": strength}
        everywhere = by_host.min() > 0.3 * by_host.max()
        return {"wrong_model" if everywhere else "old_version_on_part_of_fleet": strength}

    def inputs(self) -> dict[str, float]:
        """Spikes where missing values became fewer; straight lines between quantiles."""
        log, spikes, units = self.log, [0.0], [0.0]
        for column in FED:
            for feed in log["feed"].unique():
                mine = log["feed"] == feed
                top = log.loc[self.now & mine, column].mode()
                if len(top):
                    spike = self.changed(log[column] == top[0], mine)
                    gone = rise(
                        log.loc[mine & self.before, column].isna(),
                        log.loc[mine & self.now, column].isna(),
                    )
                    spikes.append(spike if gone > 2 else 0.0)
                parts = [log.loc[self.now & m, column].dropna() for m in (mine, ~mine)]
                step = apart(*parts) - apart(
                    *(log.loc[self.before & m, column] for m in (mine, ~mine))
                )
                own = apart(log.loc[mine & self.before, column], parts[0])
                other = apart(log.loc[~mine & self.before, column], parts[1])
                x, y = (np.quantile(p, QUANTILES) for p in parts[::-1])
                if own > other and x.std() > 0:
                    slope, constant = np.polyfit(x, y, 1)
                    straight = 1 - (y - slope * x - constant).var() / max(y.var(), 1e-9)
                    units.append(max(0.0, step) * max(0.0, straight) ** 4)
        return {"default_on_failed_fetch": max(spikes), "unit_change": max(units)}

    def distances(self) -> float:
        """Regions whose trips are longer or shorter in one feed than in the other."""
        log, found = self.log, [0.0]
        for region in log["region"].unique():
            here = log["region"] == region
            feeds = [log["feed"] == f for f in log["feed"].unique()]
            step = [
                apart(*(log.loc[here & when & f, "distance_km"] for f in feeds))
                for when in (self.now, self.before)
            ]
            found.append(step[0] - step[1])
        return max(found)

    def lagged(self) -> float:
        """Does one feed show what the other one showed hours before, more often than by chance?"""
        log, column, best = self.log, "queue_len", 0.0
        hour = HOURS * self.days + log["hour"]
        for feed in log["feed"].unique():
            other = log[log["feed"] != feed].groupby(["origin", hour])[column].first()
            mine = log[(log["feed"] == feed) & log[column].notna() & self.now]

            def agrees(lag: int, mine=mine, other=other) -> pd.Series:
                key = pd.MultiIndex.from_arrays([mine["origin"], hour[mine.index] - lag])
                then = other.reindex(key).to_numpy()
                return pd.Series((mine[column] == then)[np.isfinite(then)])

            usual = agrees(30)
            best = max(best, *(rise(agrees(lag), usual) for lag in range(3, 16)))
        return best

    def mix(self) -> float:
        """The largest change of a region's share, by how much days differ."""
        share = pd.crosstab(self.days, self.log["region"], normalize="index")
        a, b = share[share.index < BEFORE], share[share.index > self.last - LATELY]
        error = np.sqrt(a.var() / len(a) + b.var() / len(b)) + 1e-3
        return float(((b.mean() - a.mean()) / error).abs().max())

    def world(self) -> dict[str, float]:
        """Residuals within regions; the newest version against the one before it."""
        log = self.log
        known = self.now & log["late"].notna()
        p = log["score"].clip(1e-3, 1 - 1e-3)
        odds, slopes = np.log(p / (1 - p)), [0.0]
        for region in log["region"].unique():
            part = known & (log["region"] == region)
            q, x = p[part], odds[part] - odds[part].mean()
            spread = np.sqrt((q * (1 - q) * x**2).sum())
            slopes.append(-float(((log.loc[part, "late"] - q) * x).sum() / max(spread, 1e-9)))
        names = log.groupby("model_version")["served_at"].min().sort_values().index
        since = known & (log["model_version"] == names[-1])
        gain = 0.0
        if len(names) > 1 and since.sum() > 100:
            rows, late = log[since], log.loc[since, "late"]

            def bits(version: str) -> np.ndarray:
                s = np.clip(self.models.score(rows.assign(model_version=version)), 1e-3, 1 - 1e-3)
                return late * np.log(s) + (1 - late) * np.log(1 - s)

            more = bits(names[-2]) - bits(names[-1])
            gain = max(0.0, float(more.mean() / (more.std() / np.sqrt(len(more)))))
        return {"concept_change": max(slopes), "retrained_on_bad_data": gain}


def named(
    public: Mapping[str, pd.DataFrame], models: Any, threshold: float, joined: Any, count: int
) -> list[str]:
    """The ``count`` hypotheses with the largest signals, the largest first."""
    signals = Battery(public, models, threshold, joined).signals()
    return sorted(signals, key=lambda name: -signals[name])[:count]


# -- who reads the change log only ----------------------------------------------------------------


def crowded(days: np.ndarray) -> float:
    """The middle of the three days with most entries."""
    counts = [((days >= d) & (days < d + 3)).sum() for d in days]
    first = days[int(np.argmax(counts))]
    return float(np.median(days[(days >= first) & (days < first + 3)]))


Entries = list[tuple[float, str]]  # (day, component), in order


def rest(days: np.ndarray) -> np.ndarray:
    """The entries but those of the busiest three days."""
    others = days[np.abs(days - crowded(days)) > 2.5]
    return others if len(others) else days


def at(entries: Entries) -> np.ndarray:
    """The days alone."""
    return np.array([day for day, _ in entries])


def last_of(component: str) -> Callable[[Entries], float]:
    """The day of a component's last entry, else the middle of all."""

    def reader(entries: Entries) -> float:
        days = [day for day, part in entries if part == component]
        return days[-1] if days else float(np.median(at(entries)))

    return reader


READERS: dict[str, Callable[[Entries], float]] = {
    "the middle of the busiest three days": lambda entries: crowded(at(entries)),
    "the middle of the second busiest": lambda entries: crowded(rest(at(entries))),
    "the median of the entries after day 20": lambda entries: float(
        np.median(at(entries)[at(entries) > 20])
    ),
    "always day 34": lambda entries: 34.0,
    "the entry after the longest pause": lambda entries: float(
        at(entries)[1:][np.argmax(np.diff(at(entries)))]
    ),
    **{
        f"the last entry of {part}": last_of(part)
        for part in ("feeds", "client", "scoring service", "hosts", "loaders")
    },
}


def of_changes(count: int, level: str) -> dict[str, float]:
    """Share of cases in which a reader's day is within one of the onset's; drawing no rows."""
    causes, world, materials, drawing = (
        _modules.load(FOLDER, f"hidden.{name}")
        for name in ("causes", "world", "materials", "drawing")
    )
    hits: Counter[str] = Counter()
    for number in range(count):
        seed = (number % 2) << 32 | number
        main = causes.chosen(seed, level)[0]
        streams = draws.streams(drawing.STREAMS, seed, level)
        triggered = drawing.has_trigger(main, streams["cause"])
        line = world.draw_timeline(streams["timeline"], main.kind, triggered)
        kinds = [*((t, k) for k, t in line.at.items()), (line.early_release, "scoring")]
        kinds += [(t, k) for t, k in line.others if k in materials.TEXTS]
        entries = [(t, materials.COMPONENTS[k][1]) for t, k in sorted(kinds)]
        for name, reader in READERS.items():
            hits[name] += abs(np.floor(reader(entries)) - np.floor(line.onset)) <= 1
    return {name: hits[name] / count for name in READERS}


def of_case(seed: int, level: str) -> tuple[list[str], list[str], float]:
    """(the causes, what the battery names, its seconds) of one case."""
    scenario = _modules.load(FOLDER, "scenario")
    model = _modules.load(FOLDER, "toolkit.model")
    case = scenario.draw(seed, level)
    made = scenario.files(case)
    public = {n: made.public[n] for n in ("predictions.csv", "outcomes.csv", "training.csv")}
    truth = sorted(case.causes, key=lambda cause: -case.proof.shares[cause.id])
    began = time.process_time()
    models = case.log.models
    said = named(public, models, models.threshold, model.joined, len(truth))
    return [cause.id for cause in truth], said, time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--level", default="standard", choices=("junior", "standard", "senior"))
    parser.add_argument("--seeds", type=int, default=36, help="cases, both tiers by turns")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--changes", type=int, default=0, help="only the change logs of so many")
    options = parser.parse_args()
    if options.changes:
        for name, share in of_changes(options.changes, options.level).items():
            print(f"| {name} | {share:.3f} |")
        return
    hits = total = 0
    first, seconds = 0, []
    for number in range(options.first, options.first + options.seeds):
        seed = (number % 2) << 32 | number
        if options.level == "junior":
            seed = number
        truth, said, took = of_case(seed, options.level)
        hits, total = hits + len(set(truth) & set(said)), total + len(truth)
        first += said[0] == truth[0]
        seconds.append(took)
        print(f"| {seed} | {', '.join(truth)} | {', '.join(said)} |", flush=True)
    print(
        f"\n{options.level}: {hits} of {total} causes named ({hits / total:.0%}); the largest "
        f"signal is the largest cause in {first / options.seeds:.0%}; "
        f"{np.median(seconds):.1f} s a case"
    )


if __name__ == "__main__":
    main()
