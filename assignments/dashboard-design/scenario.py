"""Draws a case: sixty days of sixty metrics, their catalogue, questions; hidden days, the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from worksample.kit.draws import streams
from worksample.kit.files import json_text, write_csv, write_text

from .hidden import card, customers, texts, world
from .hidden.concepts import BY_NAME, DAY, FINAL, KINDS
from .hidden.world import Stretch, World

VERSION = 1
PARTS = ("world", "history", "texts", "hidden", "twins", "prices", "customers", "asked")
LIMITS = {"panels": 12, "first_screen": 6}
PAGES_A_WEEK = {"junior": 4, "standard": 4, "senior": 2}
WEIGHTS = (1.0, 1.0, 1.5, 1.5, 2.0, 2.0, 2.5, 3.0, 3.5, 4.0)
UNIT = 6000  # euro, of a weight
TOLERANCE = 1.0  # of an answer, in noise units of what is asked for
ECHO = FINAL + 4 * DAY


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case; the same bytes for the same seed and level."""
    rng = streams(PARTS, seed, level)
    drawn = world.draw(rng["world"], level)
    past = world.history(rng["history"])
    limits = {**LIMITS, "pages_a_week": PAGES_A_WEEK[level]}
    a_day, prices = _prices(rng["prices"])
    history, _ = world.observed(drawn, past, rng["history"])
    hidden = world.episodes(rng["hidden"], level)
    seen = [world.observed(drawn, each, rng["hidden"]) for each in hidden]
    twins = world.twins(rng["twins"], level)
    looks = [world.observed(drawn, each, rng["twins"])[0] for each in twins]
    asked = texts.questions(drawn, rng["texts"])
    truth: dict[str, Any] = {
        "version": VERSION,
        "level": level,
        "segments": dict(drawn.segments),
        "retired": drawn.retired,
        "collected": {m.name: m.kind for m in drawn.collected},
        "history": [_told(past, i, a_day) for i in range(len(past.incidents))],
        "episodes": [_told(each, 0, a_day) for each in hidden],
        "twins": [_told(each, 0, a_day) for each in twins],
        "answers": _answers(drawn, asked, hidden, [e for _, e in seen], rng["asked"]),
        "limits": limits,
        "prices": prices,
    }
    catalogue = texts.catalogue(drawn, rng["texts"])
    _table(public / "history.parquet", history.reset_index())
    _table(public / "customers.parquet", customers.drawn(rng["customers"], drawn.segments, 1500))
    write_csv(catalogue, public / "catalogue.csv")
    write_csv(texts.register(drawn, a_day), public / "register.csv")
    write_csv(_asked(asked), public / "questions.csv")
    write_text(public / "facts.json", json_text(_facts(drawn, past, limits, prices)))
    write_text(public / "model.md", texts.documentation(drawn, limits, prices))
    _table(private / "hidden.parquet", world.together([table for table, _ in seen]))
    _table(private / "twins.parquet", world.together(looks))
    write_text(private / "truth.json", json_text(truth))
    write_text(private / "truth_card.md", card.truth_card(drawn, past, asked, truth, catalogue))


def _prices(rng: np.random.Generator) -> tuple[dict[str, int], dict[str, float]]:
    """Kind -> euro a day while nobody notices it; and the other prices."""
    weights = rng.permutation(WEIGHTS) * UNIT * rng.uniform(0.8, 1.2)
    a_day = {
        kind.id: int(round(weight / np.mean(kind.days), -1))
        for kind, weight in zip(KINDS, weights, strict=True)
    }
    prices = {
        "page": int(rng.integers(8, 13)) * 50,
        "ticket": int(rng.integers(8, 13)) * 10,
        "customer": int(rng.integers(20, 40)) * 10,
        "offer": int(rng.integers(10, 25)),
    }
    return a_day, prices


def _told(stretch: Stretch, which: int, a_day: dict[str, int]) -> dict[str, Any]:
    """What happens in a stretch, in plain data."""
    told: dict[str, Any] = {
        "first": world.LEAD, "steps": stretch.steps, "kind": "", "onset": None, "over": 0,
        "in_time": 0, "echo": 0, "cost": 0.0, "campaigns": list(stretch.campaigns),
    }  # fmt: skip
    if not stretch.incidents:
        return told
    incident = stretch.incidents[which]
    days = (incident.over - incident.onset) / DAY
    return told | {
        "kind": incident.kind.id,
        "onset": incident.onset,
        "over": incident.over,
        "in_time": incident.kind.in_time,
        "echo": ECHO,
        "cost": round(a_day[incident.kind.id] * days, 2),
        "size": round(incident.size, 3),
    }


def _answers(
    drawn: World,
    asked: list[texts.Question],
    hidden: list[Stretch],
    exact: list[pd.DataFrame],
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Where each question is asked, and the number: in an incident that moves it, if one does."""
    told = []
    for number, question in enumerate(asked, 1):
        concept = BY_NAME[question.concept]
        moving = [
            i
            for i, each in enumerate(hidden)
            if each.incidents and abs(each.incidents[0].kind.moves.get(concept.name, 0)) > 3
        ]
        episode = int(rng.choice(moving))
        incident = hidden[episode].incidents[0]
        last = min(incident.over + concept.late, hidden[episode].steps) - 1
        at = int(min(incident.onset + concept.late + rng.integers(6, 9), last))
        column = concept.name + ("" if question.segment == "all" else f"|{question.segment}")
        share = drawn.segments.get(question.segment, 1.0)
        told.append(
            {
                "question": f"q{number}",
                "concept": concept.name,
                "segment": question.segment,
                "read": question.read,
                "episode": episode,
                "at": at,
                "value": _read(exact[episode][column].to_numpy(), question.read, at),
                "tolerance": TOLERANCE * concept.scale / np.sqrt(share),
            }
        )
    return told


def _read(values: np.ndarray, read: str, at: int) -> float:
    """The mean of a day or a week up to a step; or of a week less that of the week before."""
    day, week = values[at - DAY + 1 : at + 1], values[at - 7 * DAY + 1 : at + 1]
    before = values[at - 14 * DAY + 1 : at - 7 * DAY + 1]
    found = {"today": day.mean(), "week": week.mean(), "change": week.mean() - before.mean()}
    return float(found[read])


def _asked(asked: list[texts.Question]) -> pd.DataFrame:
    rows = [
        {"question": f"q{i}", "who": each.who, "asks": each.text} for i, each in enumerate(asked, 1)
    ]
    return pd.DataFrame(rows)


def _facts(
    drawn: World, past: Stretch, limits: dict[str, int], prices: dict[str, float]
) -> dict[str, Any]:
    return {
        "segments": sorted(drawn.segments),
        "limits": limits,
        "prices": prices,
        "incidents": [
            {
                "kind": each.kind.id if drawn.level != "senior" else "not written down",
                "begins": _time(each.onset),
                "ends": _time(each.over),
            }
            for each in past.incidents
        ],
        "campaigns": [_time(at) for at in past.campaigns],
    }


def _time(step: int) -> str:
    return f"{world.START + pd.Timedelta(hours=6 * step):%Y-%m-%d %H:%M}"


def _table(path: Path, rows: pd.DataFrame) -> None:
    arrow = pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(arrow, path, compression="zstd", store_schema=False)
