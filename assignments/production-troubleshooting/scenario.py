"""Draws a case: a production with its faults and its night, the snapshot, and the truth."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from worksample.kit.draws import LEVELS, first_good, streams
from worksample.kit.files import json_text, write_csv, write_text

from .hidden import evidence, services, texts
from .hidden.cards import cards
from .hidden.proof import Proved, proved
from .hidden.world import LOUD, SILENT, SPACING, drawn

VERSION = 1
TRIES = 40
OFFERED_JUNIOR = 4


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case; the same bytes for the same seed and level."""
    found = _found(seed, level)
    rng = streams(("tables", "lines", "reports", "services", "offer"), seed, level)
    for name, table in evidence.tables(found, rng["tables"]).items():
        write_csv(table, public / f"{name}.csv")
    write_text(public / "logs.txt", "\n".join(evidence.log_lines(found, rng["lines"])) + "\n")
    write_text(public / "reports.md", evidence.reports(found, rng["reports"]))
    write_text(public / "architecture.svg", texts.picture(found))
    write_text(public / "runbook.md", texts.runbook(found, level, SPACING[level]))
    _json(public / "plant.json", replace(found.world.plant, managed=()).as_dict())
    offered = _offered(found, level, rng["offer"])
    _json(public / "questions.json", {"hypotheses": offered, "spacing": SPACING[level]})
    _json(public / "cards.json", _sealed(cards(found.world)))
    _json(private / "truth.json", _truth(found, level, services.drawn(rng["services"]), offered))
    write_text(private / "truth_card.md", texts.truth_card(found))


def _found(seed: int, level: str) -> Proved:
    """The first world of this seed that makes a fair case."""
    entropy = [seed >> 32, seed & 0xFFFFFFFF, LEVELS.index(level)]

    def draw(attempt: int) -> Proved | None:
        return proved(drawn(level, np.random.default_rng([*entropy, attempt, 77])), level)

    made = first_good(draw, lambda each: each is not None, TRIES)
    assert made is not None, "first_good gives what is good"
    return made


def _offered(found: Proved, level: str, rng: np.random.Generator) -> list[str]:
    """The mechanisms that the notebook offers, in the order of the toolkit."""
    every = [*LOUD, *SILENT]
    if level == "junior":
        true = [fault.mechanism for fault in found.world.faults]
        others = [each for each in every if each not in true]
        every = true + list(rng.permutation(others)[: OFFERED_JUNIOR - len(true)])
    return sorted(str(each) for each in every)


def _sealed(all_: list[tuple[str, str]]) -> dict[str, Any]:
    """The questions to read, the answers so that nobody reads them by accident."""
    answers = json.dumps([answer for _, answer in all_]).encode()
    packed = base64.b64encode(zlib.compress(answers, 9)).decode()
    return {"questions": [question for question, _ in all_], "answers": packed}


def _truth(
    found: Proved, level: str, hidden: list[dict[str, Any]], offered: list[str]
) -> dict[str, Any]:
    world = found.world
    return {
        "plant": world.plant.as_dict(),
        "faults": [asdict(fault) for fault in world.faults],
        "past": world.past.arrivals.tolist(),
        "tried": [asdict(action) for action in world.tried],
        "futures": [
            {"arrivals": each.arrivals.tolist(), "restarts": each.restarts}
            for each in world.futures
        ],
        "reference": [asdict(action) for action in found.reference],
        "harm": found.harm,
        "unseen": found.unseen,
        "impact": found.impact,
        "offered": offered,
        "spacing": SPACING[level],
        "services": hidden,
        "causes": [{"id": fault.mechanism} for fault in world.faults],
    }


def _json(path: Path, value: Any) -> None:
    write_text(path, json_text(value, sort_keys=False))
