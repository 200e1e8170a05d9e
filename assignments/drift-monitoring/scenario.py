"""Draws a case: reference, recent past, requirements, alerts; hidden streams and the truth."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from worksample.kit.draws import LEVELS
from worksample.kit.files import json_text, write_text

from .hidden import (
    faults,
    incidents,
    late_outcomes,
    plan,
    proof,
    retraining,
    seasons,
    separable,
    streams,
)
from .hidden.proof import Planted
from .hidden.streams import Plan
from .hidden.world import Unfit, model_spec, names_of
from .judging import scoring
from .toolkit.model import Model
from .toolkit.schema import COLUMNS, ENTITY, KNOWN_AFTER, OUTCOME

VERSION = 5


#: how often a case is drawn until one is fit to be given; one in some three draws is
DRAWS = 40


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case; the same bytes for the same seed and level.

    Raises:
        ValueError: none of many draws was fit to be given.
    """
    for draw in range(DRAWS):
        rng = np.random.default_rng([seed, LEVELS.index(level), draw])
        try:
            days = _days(level, rng)
        except Unfit:
            continue
        _write(days, level, rng, public, private)
        return
    raise ValueError("no draw gave a case in which faults can be told from sound windows")


@dataclass(frozen=True)
class _Days:
    """The rows of a case and what is true of them."""

    year: int
    names: dict[str, dict[str, str]]
    arrival: late_outcomes.Arrival
    recent: Plan
    spoiled: list[dict[int, tuple[faults.Fault, ...]]]
    hidden: list[tuple[Plan, Planted | None]]
    history_rows: pd.DataFrame
    hidden_rows: pd.DataFrame
    costs: dict[str, float]


def _days(level: str, rng: np.random.Generator) -> _Days:
    """History, recent past and hidden streams.

    Raises:
        Unfit: they are harder to tell apart than in other cases, or don't go together.
    """
    names, year = names_of(rng), streams.new_key(rng)
    arrival, costs = late_outcomes.drawn(level, rng), _costs(level, rng)
    reference, others = seasons.blocks(year, rng)
    spared = seasons.Spared(year, reference, others)
    recent = Plan(
        others.pop(int(rng.integers(len(others)))),
        _recent_fault(rng),
        4,
        key=streams.new_key(rng),
        year=year,
        arrival=arrival,
    )
    calm = [Plan(day, key=streams.new_key(rng), year=year, arrival=arrival) for day in reference]
    spoiled = incidents.drawn(level, len(calm), rng, spared)
    sound = [streams.stream(each, names) for each in calm]
    usual = proof.Usual([window for each in sound for window in each])
    history = streams.table(
        [streams.spoiled(*each, names) for each in zip(calm, spoiled, sound, strict=True)]
    )
    days = [others[i] for i in rng.permutation(len(others))]
    stable = streams.stable(year, days, rng, arrival)
    proved = proof.all_planted(level, year, days[::-1], usual, names, rng, arrival)
    hidden = [*((p, None) for p in stable), *((each.plan, each) for each in proved)]
    hidden = [hidden[i] for i in rng.permutation(len(hidden))]
    rows = streams.table([streams.stream(p, names, e.windows if e else ()) for p, e in hidden])
    gone = [(run, number) for run, each in enumerate(spoiled) for number in each]
    onsets = [p.onset for p, _ in hidden]
    separable.proved(
        separable.windows(history, gone, rows),
        onsets,
        (costs["false_alarm"], costs["unnoticed_window"]),
        scoring.good(level, _sound(onsets), len(proved), costs),
    )
    return _Days(year, names, arrival, recent, spoiled, hidden, history, rows, costs)


def _sound(onsets: Sequence[int | None]) -> int:
    """Windows of the streams in which nothing is wrong yet."""
    return sum(streams.WINDOWS if onset is None else onset for onset in onsets)


def _write(days: _Days, level: str, rng: np.random.Generator, public: Path, private: Path) -> None:
    """Everything that a case consists of."""
    names, year, costs, hidden = days.names, days.year, days.costs, days.hidden
    _json(public / "model.json", model_spec(names, year))
    model = Model.load(public / "model.json")
    _table(public / "reference.parquet", days.history_rows)
    _table(public / "recent.parquet", streams.table([streams.stream(days.recent, names)]))
    _table(private / "hidden.parquet", days.hidden_rows)
    shown, alerts = plan.drawn(model, names, costs, year, rng)
    _json(public / "alerts.json", shown)
    _json(public / "costs.json", costs)
    storm = int(rng.choice(retraining.STORMS))
    practice, histories = (retraining.drawn(count, storm, rng) for count in (24, 16))
    if level == "senior":
        _json(public / "retraining_practice.json", practice)
    if level == "junior":
        shutil.copyfile(Path(__file__).parent / "hidden" / "supplied.py", public / "monitors.py")
    (public / "requirements.md").write_text(_requirements(level, costs), "utf-8")
    (public / "data_dictionary.md").write_text(_dictionary(), "utf-8")
    truth = {
        "streams": [_told(p, names, each) for p, each in hidden],
        "recent": _told(days.recent, names),
        "alerts": alerts,
        "costs": costs,
        "arrival": asdict(days.arrival),
        "spoiled": [
            {"run": run, "windows": sorted(each), "what": _columns_of(each)}
            for run, each in enumerate(days.spoiled)
            if each
        ],
        "histories": histories,
        "stable_windows": _sound([p.onset for p, _ in hidden]),
    }
    _json(private / "truth.json", truth)
    (private / "truth_card.md").write_text(_card(truth), "utf-8")


def _recent_fault(rng: np.random.Generator) -> faults.Fault:
    options = [
        faults.Fault(
            "unit",
            "clear",
            "unit",
            "distance_km",
            0.6214,
            share=0.5,
            text="distance_km of half the rows arrives in miles",
        ),
        faults.Fault(
            "missing",
            "clear",
            "default",
            "queue_len",
            0,
            share=0.3,
            text="queue_len is 0 in 30 % of the rows",
        ),
        faults.Fault(
            "missing",
            "clear",
            "gap",
            "humidity_pct",
            share=0.25,
            text="humidity_pct missing in 25 % of the rows",
        ),
    ]
    return options[rng.integers(len(options))]


#: a false alarm in windows with a fault that nobody noticed, each as often. Where one costs as much
#: as many such windows, a calmer monitor is the cheaper one
RATIOS = {"junior": (4.0,), "standard": (4.0, 5.0, 6.0), "senior": (4.0, 5.0, 6.0)}


def _costs(level: str, rng: np.random.Generator) -> dict[str, float]:
    factor = float(rng.choice([0.8, 1.0, 1.2]))
    ratio = float(rng.choice(RATIOS[level]))
    base = {
        "false_alarm": 4800,
        "unnoticed_window": 4800 / ratio,
        "bad_week": 12000,
        "retraining": 6000,
        "repair": 1500,
        "fallback_week": 4500,
        "watch": 200,
    }
    return {name: round(value * factor) for name, value in base.items()}


def _table(path: Path, rows: pd.DataFrame) -> None:
    arrow = pa.Table.from_pandas(rows, preserve_index=False)
    arrow = arrow.replace_schema_metadata(None)
    pq.write_table(arrow, path, compression="zstd", store_schema=False)


def _json(path: Path, value: Any) -> None:
    write_text(path, json_text(value, sort_keys=False))


def _told(p: Plan, names: dict, proved: Planted | None = None) -> dict[str, Any]:
    proved_by = {"figure": proved.figure, "moved": round(proved.moved, 1)} if proved else {}
    return {
        "onset": p.onset,
        "block": p.block,
        "volume": p.volume,
        "mix": p.mix,
        "fault": p.fault.as_dict(names) | proved_by if p.fault else None,
    }


def _columns_of(incident: Mapping[int, Sequence[faults.Fault]]) -> list[str]:
    """What is wrong, kind and column, in the order of the columns' names."""
    found = next(iter(incident.values()))
    return sorted(f"{each.kind}: {each.column}" for each in found)


PRICES = {
    "false_alarm": "a false alarm: people called in, the fallback rule until they looked",
    "unnoticed_window": "a window in which a fault goes unnoticed",
    "bad_week": "a bad week that nobody noticed",
    "retraining": "a retraining (one week)",
    "repair": "a repair of code of our own (two days)",
    "fallback_week": "a week on the fallback rule instead of the model",
    "watch": "watching one more window",
}


def _requirements(level: str, costs: dict[str, float]) -> str:
    junior = level == "junior"
    prices = "\n".join(f"| {words} | {costs[name]} |" for name, words in PRICES.items())
    arrive = "one window late" if junior else "some sooner than others"
    return f"""# Monitoring requirements

1. Detect drift of the inputs: real shifts, changed units, defaults for failed fetches, missing
   values, changed codes.
2. Follow the distribution of the predictions.
3. Follow the outcomes when they come in, {arrive}: the world may change
   while every input looks the same.
4. Alert thresholds: those that cost least at the prices below. There is about one fault to ten
   sound windows of two days; after five windows a fault comes to light by itself.
5. The alarm should name the column.
6. Weekday, season, weather, holidays and the number of {ENTITY}s vary. That is not a fault:
   on sound days hardly anything happens that is nowhere in the history.
{"" if junior else HISTORY}
| what | costs |
|---|---|
{prices}
"""


HISTORY = """7. The history is the log as it was. Not all of it was sound; nobody wrote down when.
"""


def _dictionary() -> str:
    lines = [f"| `{c.name}` | {c.unit or 'category'} | {c.text} |" for c in COLUMNS]
    return "\n".join(
        [
            "# Data dictionary",
            "",
            "| column | unit | meaning |",
            "|---|---|---|",
            "| `run`, `window` |  | the run of consecutive days, and the window in it |",
            "| `date` |  | day |",
            *lines,
            "| `score` |  | the model's probability of being late |",
            f"| `{OUTCOME}` |  | 1: it was late |",
            f"| `{KNOWN_AFTER}` | windows | how long it took until `{OUTCOME}` was known |",
            "",
        ]
    )


def _arrival(arrival: dict[str, float]) -> str:
    """When they come in, as a teammate would say it."""
    if min(arrival.values()) == 1:
        return "they come in one window late, all of them."
    slow, fast = sorted(arrival, key=arrival.__getitem__)
    return (
        f"not at once; of those that were {slow.replace('_', ' ')} {arrival[slow]:.0%} are known "
        f"after one window, of the others {arrival[fast]:.0%}."
    )


def _spoiled(spoiled: list[dict[str, Any]]) -> list[str]:
    """Lines on the windows of the history that were not sound."""
    if not spoiled:
        return []
    lines = [
        f"- run {each['run']}, windows {each['windows'][0]} to {each['windows'][-1]}: "
        + ", ".join(each["what"])
        for each in spoiled
    ]
    return ["## Unsound windows of the history", "", *lines, ""]


def _card(truth: dict[str, Any]) -> str:
    lines = [
        "# Truth card",
        "",
        f"Hidden stable windows: {truth['stable_windows']}.",
        "",
        f"Recent stream: from window 4 on {truth['recent']['fault']['text']}.",
        "",
        "## Hidden faults",
        "",
        "Moves: the figure that moves most, in its standard deviations over reference windows, "
        "between the faulty windows and the same windows without the fault.",
        "",
        "| stream | onset | kind | size | what | may be named | moves |",
        "|---|---|---|---|---|---|---|",
    ]
    for number, s in enumerate(truth["streams"]):
        if s["fault"]:
            f = s["fault"]
            lines.append(
                f"| {number} | {s['onset']} | {f['kind']} | {f['size']} | {f['text']} | "
                f"{', '.join(f['columns'])} | {f['figure']}: {f['moved']:g} |"
            )
    lines += [
        "",
        *_spoiled(truth["spoiled"]),
        "Streams not listed are stable. Some streams of both sorts are quiet, busy or slightly "
        "mixed; that is benign. Weather swings are natural: they refute a plain PSI threshold.",
        "",
        "## Response plan",
        "",
        "| alert | cheapest | cost of each action |",
        "|---|---|---|",
    ]
    for letter, a in truth["alerts"].items():
        costs = ", ".join(f"{name} {value:g}" for name, value in a["costs"].items())
        lines.append(f"| {letter} | {a['best']} | {costs} |")
    lines += [
        "",
        "## What a teammate would say",
        "",
        "- Feeds are per airport; a change can reach one airport only.",
        f"- Outcomes: {_arrival(truth['arrival'])}",
        "- Nobody remembers a winter in which pressure and temperature stood still.",
    ]
    return "\n".join(lines) + "\n"
