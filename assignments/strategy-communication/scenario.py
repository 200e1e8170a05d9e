"""Draws a case: a firm's year of incidents, what monitoring would have changed, who is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worksample.kit.draws import LEVELS, first_good
from worksample.kit.files import json_text, write_csv, write_text

from .hidden import claims, events, texts
from .hidden.proof import Proved, as_truth, proved
from .hidden.world import ALERTS, OPTIONS, PLAN, World, drawn

VERSION = 1
TRIES = 1000  # about one in seven draws is fair
EVENT_NOISE = {"junior": 0.6, "standard": 1.0, "senior": 1.3}


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case; the same bytes for the same seed and level."""
    found, said, rang, rng = _found(seed, level)
    world = found.world
    write_text(public / "monitoring.md", texts.description(world, level))
    write_text(public / "listeners.md", texts.audience())
    for name, rows in _tables(world, rng).items():
        write_csv(pd.DataFrame(rows), public / f"{name}.csv")
    write_csv(
        pd.DataFrame([{k: each[k] for k in ("claim", "sentence")} for each in said]),
        public / "claims.csv",
    )
    for name, rows in _of_events(rang).items():
        write_csv(pd.DataFrame(rows), public / f"{name}.csv")
    facts = {
        "hour": world.price,
        "plan": PLAN,
        "outcome_days": 0 if level == "junior" else world.outcome_days,
    }
    write_text(public / "facts.json", json_text(facts))
    truth = {
        **as_truth(found),
        "level": level,
        "claims": claims.as_mapping(said),
        "events": rang,
        "kinds": list(texts.KINDS),
        "model": dict(
            zip(
                ("scored", "stalled", "flagged", "both"),
                map(sum, zip(*world.nights, strict=True)),
                strict=True,
            )
        ),
    }
    write_text(private / "truth.json", json_text(truth))
    write_text(private / "listeners.json", json_text(texts.beliefs(found)))
    write_text(private / "truth_card.md", texts.truth_card(found, said, rang))


def _found(
    seed: int, level: str
) -> tuple[Proved, list[dict[str, Any]], dict[str, Any], np.random.Generator]:
    """The first draw of this seed that makes a fair case."""
    entropy = [seed >> 32, seed & 0xFFFFFFFF, LEVELS.index(level)]
    wanted = OPTIONS[int(np.random.default_rng([*entropy, 0]).integers(len(OPTIONS)))]

    def draw(attempt: int) -> Any:
        rng = np.random.default_rng([*entropy, attempt, 1])
        world = drawn(level, rng, wanted)
        if (found := proved(world, wanted, rng)) is None:
            return None
        said, rang = claims.drawn(world, rng), events.drawn(rng, EVENT_NOISE[level])
        return None if said is None else (found, said, rang, rng)

    return first_good(draw, lambda each: each is not None, TRIES)  # type: ignore[no-any-return]


def _tables(world: World, rng: np.random.Generator) -> dict[str, list[dict[str, Any]]]:
    rows, replay = [], []
    for each in world.incidents:
        for team, range_ in (("platform", each.range), ("field service", each.twin)):
            if range_ is None:
                continue
            by = each.ended - each.began if each.daily else 1
            rows.append(
                {
                    "kind": each.kind,
                    "began": texts.day(each.began),
                    "noticed": texts.day(each.noticed),
                    "ended": texts.day(each.ended),
                    "cost_low": round(range_[0] / by, 2),
                    "cost_high": round(range_[1] / by, 2),
                    "cost_is": "a day" if each.daily else "in all",
                    "team": team if each.twin else str(rng.choice(["platform", "field service"])),
                }
            )
            wait = world.outcome_days if world.outcome_days_in_replay else 0
            rang = {a: each.rang.get(a) for a in ALERTS}
            if rang["outcomes"] is not None:
                rang["outcomes"] = round(rang["outcomes"] + wait, 1)
            replay.append(rang)
    names = [f"i{number:02}" for number in range(1, len(rows) + 1)]
    return {
        "incidents": [{"incident": name, **row} for name, row in zip(names, rows, strict=True)],
        "replay": [{"incident": name, **row} for name, row in zip(names, replay, strict=True)],
        "alerts": [
            {
                "alert": a,
                "weeks": weeks,
                "rang": false + right,
                "right": right,
                "minutes_each": world.minutes[a],
            }
            for a, (weeks, false, right) in world.counts.items()
        ],
        "responses": [
            {"alert": alert, "office": office, "duty": duty}
            for alert in ALERTS
            for office, duty in zip(
                world.responses["office"][alert], world.responses["duty"][alert], strict=True
            )
        ],
        "options": [
            {
                "option": name,
                "what": texts.OPTION_WORDS[name],
                "alerts": " ".join(option["alerts"]),
                "answered": option["regime"],
                "build_low": round(option["build_range"][0], 1),
                "build_high": round(option["build_range"][1], 1),
                "running_a_month": option["running"],
                "upkeep_hours": option["upkeep"],
            }
            for name, option in world.options.items()
        ],
        "nights": [
            dict(
                zip(
                    ("quarter", "scored", "stalled", "flagged", "flagged_and_stalled"),
                    (i + 1, *row),
                    strict=True,
                )
            )
            for i, row in enumerate(world.nights)
        ],
    }


def _of_events(rang: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    measures = rang["measures"]
    return {
        "events": [
            {
                "event": f"e{number}",
                "when": event["when"],
                "office": event["office"],
                "alert": event["alert"],
                "lifts_pct": event["lifts_pct"],
                **event["readings"],
                "version_as_released": not event["other_version"],
            }
            for number, event in enumerate(rang["events"], 1)
        ],
        "past": [
            {
                "alert": event["alert"],
                **event["readings"],
                "version_as_released": not event["other_version"],
                "it_was": event["kind"],
            }
            for event in rang["past"]
        ],
        "measures": [
            {
                "measure": name,
                **{k: round(v, 2) for k, v in each.items()},
                **{
                    kind: stops.get(name, 0.0)
                    for kind, stops in rang["stops"].items()
                    if kind != "nothing"
                },
            }
            for name, each in measures.items()
        ],
        "people": [
            {
                "person": name,
                "can": " ".join(each["can"]),
                **{k: v for k, v in each.items() if k != "can"},
            }
            for name, each in rang["people"].items()
        ],
        "harm": [
            {"kind": kind, "a_day_all_lifts": round(harm, 1)}
            for kind, harm in rang["harms"].items()
            if kind != "nothing"
        ],
    }
