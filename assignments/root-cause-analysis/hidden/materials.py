"""The materials of a case: tables, change log, registry, pictures and words.

Whatever is not evidence is drawn from the same pools in every case, whatever the cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..toolkit import model
from .planting import Log
from .world import FALLBACK_SCORE, HIDDEN, KINDS, LOG, TIMEOUT_MS, World

if TYPE_CHECKING:
    from .oddities import Oddity

LOGGED = (
    "prediction_id",
    "trip_key",
    "served_at",
    "host",
    "client",
    "feed",
    "arm",
    "model_version",
    "prep_version",
    "latency_ms",
    *model.FEATURES,
    "score",
    "flagged",
)
COSTS = {"needless_flag": 1, "missed_late_trip": 3}

# -- tables -------------------------------------------------------------------------------------


def identifiers(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Random prediction ids and trip keys, all different, (count,) each."""
    bits = rng.permutation(np.unique(rng.integers(2**32, 2**40, 2 * count + 4000)))
    texts = np.array([f"{b:010x}" for b in bits[: 2 * count]], dtype=object)
    return texts[:count], texts[count:]


def stamps(world: World, when: np.ndarray) -> np.ndarray:
    """Moments (days) as ISO text to the minute; NaN gives an empty cell."""
    minutes = np.floor(np.nan_to_num(when) * 1440).astype("timedelta64[m]")
    texts = np.datetime_as_string(world.first_day.to_datetime64().astype("datetime64[m]") + minutes)
    return np.where(np.isfinite(when), texts, None).astype(object)


def events(log: Log, ids: tuple[np.ndarray, np.ndarray]) -> pd.DataFrame:
    """Every event of the log in the order of serving: one line a row of the world, plus copies.

    Columns: LOGGED, and ``at`` (days), ``index`` (row of the world), ``copy``.
    """
    world, names, rows = log.world, log.world.names, log.world.rows
    table = pd.DataFrame(
        {
            "prediction_id": ids[0],
            "trip_key": ids[1],
            "host": np.array(names.host, dtype=object)[rows["host"]],
            "client": np.array(names.client, dtype=object)[rows["client"]],
            "feed": np.array(names.feed, dtype=object)[rows["feed"]],
            "arm": np.where(rows["explored"], "explore", "main"),
            "model_version": log.declared,
            "prep_version": log.declared_step,
            "latency_ms": np.round(log.latency).astype(int),
            **{c: log.seen[c] for c in model.FEATURES},
            "score": log.score,
            "flagged": log.flagged,
            "at": rows["when"],
            "index": np.arange(len(rows)),
            "copy": False,
        }
    )
    # a harmless second delivery counts as a row like any other
    twice = [(*copy, True) for copy in log.copies] + [(*copy, False) for copy in log.retries]
    for where, minutes, copy in twice:
        again = table.iloc[where].copy()
        again["at"] += minutes / 1440
        again["copy"] = copy
        table = pd.concat([table, again])
    table = table.sort_values(["at", "copy"], kind="stable").reset_index(drop=True)
    table["served_at"] = stamps(world, table["at"].to_numpy())
    return table


def reports(log: Log, ids: tuple[np.ndarray, np.ndarray], until: float) -> pd.DataFrame:
    """The outcome records known at the moment ``until``, in order of their report."""
    served = log.world.rows["when"].to_numpy()
    when = served + log.report
    come = log.recorded & (when <= until)
    assumed = log.provisional & ~come & (served + 1.0 <= until)
    known = np.flatnonzero((come | assumed) & (served >= LOG[0]) & (served < HIDDEN[1]))
    order = np.where(come, when, served + 1.0)[known]
    known = known[np.lexsort((ids[0][known].astype(str), order))]
    keys = ids[1][log.record_of[known]]
    if log.loud.any():
        keys[log.loud[known]] = [key.upper() for key in keys[log.loud[known]]]
    return pd.DataFrame(
        {
            "prediction_id": ids[0][known],
            "trip_key": keys,
            "reported_at": stamps(log.world, np.where(come, when, np.nan)[known]),
            "late": np.where(assumed, 0, log.late[log.record_of])[known],
        },
        index=known,
    )


def frozen(
    log: Log, table: pd.DataFrame, ids: tuple[np.ndarray, np.ndarray], days: tuple[float, float]
) -> pd.DataFrame:
    """Rows of some days as the dashboard froze them, with the row of the world each comes from."""
    later = table[(table["at"] >= days[0]) & (table["at"] < days[1])]
    outcomes = reports(log, ids, until=days[1] + 30)
    known = later[["prediction_id", *LOGGED[1:], "index", "copy"]].reset_index(drop=True)
    return model.joined(known, outcomes, dashboard=True)


def training(log: Log) -> pd.DataFrame:
    """The days before the log, with the outcome and the day."""
    world = log.world
    before = np.flatnonzero((world.rows["when"] < 0).to_numpy())
    table = log.seen.iloc[before].reset_index(drop=True)
    days = stamps(world, world.rows["day"].to_numpy()[before].astype(float))
    table.insert(0, "day", [day[:10] for day in days])
    table["late"] = log.training_late[before]
    return table


def daily(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """The dashboard: figures of each day as they stood two days later, with gaps."""
    lines = []
    days = rows["served_at"].str[:10]
    for day, part in rows[["late", "flagged", "score", "latency_ms"]].groupby(days):
        known = part[part["late"].notna()]
        late, flagged = known["late"].to_numpy(), known["flagged"].to_numpy()
        lines.append(
            {
                "day": day,
                "predictions": len(part),
                "labelled_share": len(known) / len(part),
                "late_rate": late.mean() if len(known) else np.nan,
                "mean_score": part["score"].mean(),
                "flagged_share": part["flagged"].mean(),
                "auc": model.auc(known["score"].to_numpy(), late),
                "precision": late[flagged == 1].mean() if (flagged == 1).any() else np.nan,
                "recall": flagged[late == 1].mean() if (late == 1).any() else np.nan,
                "p95_ms": float(np.quantile(part["latency_ms"], 0.95).round()),
            }
        )
    table = pd.DataFrame(lines).round(3)
    unlabelled = ["labelled_share", "late_rate", "auc", "precision", "recall"]
    table.loc[table.index >= len(table) - 2, unlabelled] = np.nan
    figures = table.columns[1:]
    table[figures] = table[figures].mask(rng.random((len(table), len(figures))) < 0.03)
    lost = rng.choice(np.arange(2, len(table) - 2), 2, replace=False)
    table.loc[lost, figures] = np.nan
    return table


def system(rng: np.random.Generator, log: Log) -> pd.DataFrame:
    """Latency, errors, timeouts, queue and CPU by host and hour."""
    world = log.world
    rows = world.rows[["when", "host"]].assign(latency=log.latency, errors=log.errors)
    rows["timeouts"] = (rows["latency"] >= TIMEOUT_MS).astype(int)
    rows = rows[(rows["when"] >= LOG[0]) & (rows["when"] < LOG[1])]
    hour = np.floor(rows["when"] * 24).astype(int)
    grouped = rows.groupby([hour.rename("hour"), "host"])
    table = grouped[["timeouts", "errors"]].sum()
    table["requests"] = grouped.size()
    table["p50"] = grouped["latency"].quantile(0.5)
    table["p95"] = grouped["latency"].quantile(0.95)
    table["errors"] += rng.poisson(0.05, len(table))
    table["queue"] = rng.poisson(0.15 * table["requests"] * table["p50"] / 60)
    table["cpu"] = (18 + 1.2 * table["requests"] + rng.normal(0, 3, len(table))).clip(2, 99)
    table = table.reset_index()
    table["at"] = stamps(world, table["hour"].to_numpy() / 24 + 1e-6)
    table["host"] = np.array(world.names.host, dtype=object)[table["host"]]
    columns = ["at", "host", "requests", "p50", "p95", "errors", "timeouts", "queue", "cpu"]
    return table[columns].round(0).astype(dict.fromkeys(columns[2:], int))


# -- change log ---------------------------------------------------------------------------------

TEXTS = {
    "feed": (
        "Provider of feed {feed} moved its service to a new site. Says nothing changes for us.",
        "Feed {feed}: new contract begins; delivery through the provider's second gateway.",
        "Notice from the provider of feed {feed}: maintenance of its collection system done.",
        "Feed {feed} now comes through the provider's current interface version.",
    ),
    "client": (
        "Client release {client} in the stores; updates itself on most phones within a day.",
        "Client {client} rolled out: new booking form, smaller download.",
        "Release {client} of the client: accessibility fixes, new request library.",
    ),
    "scoring": (
        "Scoring release: model {new} takes over from {old}; configuration read again.",
        "Model {new} deployed in place of {old} after four weeks in shadow, with its settings.",
        "Deployment of the scoring service: {old} retired, {new} serves; settings reloaded.",
    ),
    "platform": (
        "Hosts {hosts} rebuilt from the current base image (libraries, limits, local files).",
        "Base image rolled out to {hosts}: security patches of system and Python packages.",
        "Platform team moved {hosts} to newer machines; image and configuration set up anew.",
    ),
    "loader": (
        "Event and outcome loaders moved to the new queue; backlog worked off the same night.",
        "Loader jobs for events and outcomes rescheduled and restarted after the upgrade.",
        "Storage of events and outcomes migrated; loaders write to the new tables.",
    ),
    "listing": (
        "Client {older}: last day of support announced to its users.",
        "Store page of client {older} has new pictures; the client itself is the same.",
        "Client {older} stays in the stores for old phones; nothing in it was changed.",
    ),
    "settings": (
        "Scoring service restarted after maintenance; settings read again.",
        "Scoring service: limits of log files raised, service restarted host by host.",
        "Settings of the scoring service moved to the new store; values compared, no difference.",
    ),
    "routine": (
        "Dashboard: colours for colour-blind readers.",
        "On-call rota changed.",
        "Alert for disk space on the log store raised to 85 %.",
        "Quarterly access review done.",
        "Documentation of the scoring interface moved to the new wiki.",
        "Certificate of the internal gateway renewed.",
        "Load test on the staging environment, no production traffic.",
        "Cost report: tags added to all storage.",
    ),
}
COMPONENTS = {
    "feed": ("upstream", "feeds"),
    "client": ("release", "client"),
    "scoring": ("release", "scoring service"),
    "platform": ("infrastructure", "hosts"),
    "loader": ("migration", "loaders"),
    "listing": ("operations", "client"),
    "settings": ("operations", "scoring service"),
    "routine": ("operations", "other"),
}


def change_log(rng: np.random.Generator, world: World) -> tuple[pd.DataFrame, dict[str, str]]:
    """The change log, and the entry ids of the five named entries by kind."""
    line, names = world.timeline, world.names
    named = [(at, kind, named_fields(world, kind)) for kind, at in sorted(line.at.items())]
    roles = [names.models[world.releases[r]] for r in ("first", "second")]
    early = [(line.early_release, "scoring", {"old": roles[0], "new": roles[1]})]
    other = [(at, kind, other_fields(rng, world)) for at, kind in line.others if kind in TEXTS]
    entries = []
    for number, (at, kind, fields) in enumerate([*named, *early, *other]):
        text = TEXTS[kind][int(rng.integers(len(TEXTS[kind])))].format(**fields)
        entries.append((at, *COMPONENTS[kind], text, kind if number < len(named) else ""))
    entries.sort(key=lambda entry: entry[0])
    table = pd.DataFrame(entries, columns=["at", "kind", "component", "text", "named"])
    table["at"] = stamps(world, table["at"].to_numpy())
    table.insert(0, "entry", [f"C{i:02d}" for i in range(1, len(table) + 1)])
    by_kind = {r.named: r.entry for r in table.itertuples() if r.named}
    return table.drop(columns="named"), {k: by_kind[k] for k in KINDS}


def named_fields(world: World, kind: str) -> dict[str, str]:
    names = world.names
    return {
        "feed": names.feed[world.feed],
        "client": names.client[3],
        "old": names.models[world.releases["second"]],
        "new": world.released or names.models[world.releases["third"]],
        "hosts": " and ".join(names.host[h] for h in world.hosts),
    }


def other_fields(rng: np.random.Generator, world: World) -> dict[str, str]:
    hosts = sorted(int(h) for h in rng.permutation(4)[:2])
    return {
        "feed": world.names.feed[int(rng.integers(2))],
        "older": world.names.client[int(rng.integers(3))],
        "hosts": " and ".join(world.names.host[h] for h in hosts),
    }


NOTED_FROM = 46  # the first day on which a note is written
ON_CALL = """# Notes of the people on call

Written down at the time, in a hurry. Nobody has checked since whether they are right.
{notes}"""


def on_call(world: World, oddities: Sequence[Oddity]) -> str:
    """Notes on some of what does no harm, each of which blames it.

    They speak of nothing else: so they are wrong in every case, and leave all causes and days as
    likely as they were. They are written when every incident has begun.
    """
    notes = []
    for odd in oddities:
        since = f"{world.date(odd.begins):%Y-%m-%d}"
        written = world.date(np.floor(NOTED_FROM + odd.begins % 5) + 0.4 + odd.begins % 0.3)
        notes.append(f"\n**{written:%Y-%m-%d %H:%M}** · Since {since}: {odd.blamed()}\n")
    return ON_CALL.format(notes="".join(notes))


# -- models, pictures, words ----------------------------------------------------------------------


def registry(rng: np.random.Generator, world: World) -> pd.DataFrame:
    """Every model version: when it was trained and which step it was fitted with."""
    lines = []
    for version in sorted(world.names.models.values()):
        trained = world.date(-2 - float(rng.integers(0, 60)))
        lines.append((version, f"{trained:%Y-%m-%d}", world.names.steps["present"]))
    return pd.DataFrame(lines, columns=["model_version", "trained_to", "prep_version"])


def questions(entries: dict[str, str], offered: list[str] | None, task: dict) -> dict:
    """What the notebook asks about this case (questions.json)."""
    named = sorted(entries.values())
    return {
        "threshold": 0.25,
        "costs": COSTS,
        "named_entries": named,
        "hypotheses": offered,
        "transfer": task,
    }


BOXES = (
    (20, 40, "Passenger's client", "release in column client"),
    (20, 150, "Upstream feeds", "codes, weather, delays, queues: column feed"),
    (250, 95, "Preparation", "preprocessing/*.json: column prep_version"),
    (480, 95, "Scoring service", "four hosts, models/*.json: columns host, model_version"),
    (710, 40, "Event loader", "writes predictions.csv"),
    (710, 150, "Outcome loader", "stations report; writes outcomes.csv"),
    (940, 95, "Dashboard", "joins both by prediction_id after two days"),
)
ARROWS = (((200, 70), (250, 115)), ((200, 180), (250, 135)), ((430, 125), (480, 125)))
ARROWS += (((660, 115), (710, 75)), ((890, 70), (940, 115)), ((890, 180), (940, 135)))


def architecture() -> str:
    """The architecture picture, the same for every case."""
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1140 250" role="img" '
        'aria-label="Client and feeds go to preparation, then to scoring, which writes events; '
        'stations report outcomes; the dashboard joins both." '
        'font-family="sans-serif" font-size="13">',
        '<defs><marker id="a" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#333"/></marker></defs>',
        '<rect width="1140" height="250" fill="#fff"/>',
    ]
    for x, y, title, note in BOXES:
        parts.append(
            f'<rect x="{x}" y="{y}" width="180" height="62" rx="6" fill="#eef3f8" stroke="#345"/>'
            f'<text x="{x + 10}" y="{y + 18}" font-weight="bold">{title}</text>'
        )
        for i, line in enumerate(wrapped(note, 28)):
            parts.append(f'<text x="{x + 10}" y="{y + 35 + 14 * i}" font-size="11">{line}</text>')
    for (x1, y1), (x2, y2) in ARROWS:
        parts.append(
            f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#333" marker-end="url(#a)"/>'
        )
    return "\n".join([*parts, "</svg>", ""])


def wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


DICTIONARY = """# Data dictionary

The service answers one question, some hours before a trip's departure: *will this trip arrive late?*
A trip with a score of {threshold} or more is **flagged**: its passengers are told. A needless flag
costs {needless}, a late trip that nobody was told about costs {missed}; 0.25 is the threshold that
these costs give for honest probabilities.

## predictions.csv: one line per prediction event
| column | meaning |
|---|---|
| `prediction_id` | random id of the prediction |
| `trip_key` | random id of the trip; each trip is predicted once |
| `served_at` | when the score was given, local time; about an hour before departure |
| `host` | machine that scored; requests are spread evenly over the four |
| `client` | release of the passengers' client that asked |
| `feed` | which of two upstream feeds supplied the trip's codes, weather, delay and queue; chosen at random per request |
| `arm` | `explore` for one trip in ten, drawn at random: its outcome is followed up whatever was decided; else `main` |
| `model_version`, `prep_version` | the versions that the release configuration names for this request |
| `latency_ms` | time to answer; at {timeout} ms the service stops waiting and answers with the fallback score {fallback} |
| `carrier`, `origin`, `region` | who operates the trip, where it starts, part of the country it goes to (codes) |
| `distance_km`, `hour`, `weekday` | length; scheduled hour of departure; 0 is Monday |
| `temp_c`, `wind_kmh`, `precip_mm`, `visibility_km`, `pressure_hpa` | weather at the origin in that hour: degrees Celsius, kilometres per hour, millimetres, kilometres, hectopascal |
| `inbound_delay_min` | delay in minutes of the aircraft on its way in, 0 if on time |
| `queue_len` | vehicles waiting to leave at the origin in that hour; the same for all its trips of that hour |
| `plane_age_y` | age of the aircraft in years |
| `score` | probability of a late arrival, as answered |
| `flagged` | 1 if flagged |

Inputs stand here as the model saw them. An empty cell is a value that was missing; the preparation
fills it. A few values are always missing (two or three in a hundred, in every column of the feeds).

## outcomes.csv: one line per outcome record
| column | meaning |
|---|---|
| `prediction_id` | prediction that the loader attached the record to |
| `trip_key` | trip that the station reported |
| `reported_at` | when the station's report came; empty: no report yet, `late` is assumed to be 0 until it comes |
| `late` | 1 if the trip arrived late |

Stations report by batch, usually within a day. By agreement the report of a day is complete on the
next. Where a batch lacks a trip of a closed day, the loader assumes 0 and overwrites it when the
report comes. About one trip in a hundred never gets a record at all; it is left out.

## How the dashboard joins
`metrics_daily.csv` has one line per day: it joins predictions and outcomes by `prediction_id`, two
days after the day, with what is known by then, leaves out trips without a record, and is not
computed again. Its gaps are outages of the dashboard.

The later rows that your functions are run on come as the dashboard froze them: joined two days after
their day.

## Other files
| file | meaning |
|---|---|
| `training.csv` | a sample of the rows that the newest released model was trained on, with `late` |
| `system_metrics.csv` | per host and hour: requests, median and 95th percentile of latency (ms), errors (failed calls to other services), timeouts, queue, CPU (%) |
| `change_log.csv` | what was changed, by whom it was written down; most of it is innocent |
{on_call}| `models/` | every model version there ever was; `registry.csv` says when it was trained |
| `preprocessing/` | every preparation step there ever was: order of the levels (a code that isn't in it is read as the level at `unknown`), values for filling, limits |
| `transfer_reference.csv` | for the last task only: readings of three weather stations, healthy |
"""  # noqa: E501


def dictionary(notes: bool) -> str:
    """What the columns mean, and where there are notes of the people on call, a line on them."""
    line = "| `on_call.md` | what the people on call wrote at the time; nobody has checked it |\n"
    return DICTIONARY.format(
        on_call=line if notes else "",
        threshold=0.25,
        needless=COSTS["needless_flag"],
        missed=COSTS["missed_late_trip"],
        timeout=TIMEOUT_MS,
        fallback=FALLBACK_SCORE,
    )
