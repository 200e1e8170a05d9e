"""Draw a case: real flights, a known mechanism, and what real tables suffer from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worksample.kit.files import json_text, write_csv

from .hidden import card, mess, sources, words, world
from .hidden.drawing import Drawn, baseline_columns, draw

VERSION = 5


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case. The same seed and level give the same bytes.

    Args:
        seed: 64 bits; upper 32 the opening's, lower 32 the candidate's.
        level: junior, standard or senior.
        public, private: existing folders.

    Raises:
        RuntimeError: no draw of this seed was good enough (REDRAWS were tried).
    """
    drawn = draw(seed, level)
    _write_public(drawn, public)
    _write_private(drawn, private)


# -- writing ------------------------------------------------------------------------------------


def _write_public(drawn: Drawn, public: Path) -> None:
    write_csv(drawn.train, public / "train.csv")
    write_csv(drawn.requests, public / "requests.csv")
    (public / "facts.json").write_text(json_text(facts(drawn)), encoding="utf-8")
    (public / "data_dictionary.md").write_text(card.dictionary(drawn), encoding="utf-8")
    (public / "README_template.md").write_text(card.README_TEMPLATE, encoding="utf-8")


def facts(drawn: Drawn) -> dict[str, Any]:
    """What the candidate is told in numbers."""
    return {
        "keying_mistakes": dict(mess.noise_facts(drawn.how)),
        "baseline_columns": baseline_columns(drawn.how),
        "later_weeks": world.LATER_DAYS // 7,
        "later_rows": world.LATER_ROWS,
        "budget": {"seconds_for_4000_rows": 10, "memory_mb": 2048, "model_mb": 20},
    }


def _write_private(drawn: Drawn, private: Path) -> None:
    write_csv(drawn.later, private / "later.csv")
    truth = pd.DataFrame(
        {
            "probability": drawn.probability.round(9),
            "written": drawn.written,
            "baseline": drawn.baseline.round(6),
        }
    )
    write_csv(truth, private / "later_truth.csv")
    (private / "truth.json").write_text(json_text(truth_of(drawn)), encoding="utf-8")
    (private / "truth_card.md").write_text(card.truth_card(drawn), encoding="utf-8")


def truth_of(drawn: Drawn) -> dict[str, Any]:
    """Everything that is true of a case, in numbers."""
    how, p = drawn.how, drawn.probability
    spread = np.sqrt((p * (1 - p) * np.log(p / (1 - p)) ** 2).sum()) / len(p)
    name, tag, units = how.unit_names
    return {
        "version": VERSION,
        "level": drawn.level,
        "naive_loss": round(drawn.naive_loss, 6),
        "oracle_loss": round(drawn.oracle_loss, 6),
        "oracle_se": round(float(spread), 6),
        "audit": how.audit,
        "leak": {"column": how.leak, "served": how.leak_when_served},
        "id": how.id,
        "sentinel": {"column": words.COLUMNS[how.sentinel_of], "value": how.sentinel},
        "units": {"column": name, "tag": tag, "units": units, "of": how.unit_of},
        "keying_mistakes": dict(mess.noise_facts(how)),
        "turned_airlines": [drawn.names.carrier[code] for code in drawn.world.sources.turned],
        "sent_otherwise": _sent_otherwise(drawn),
        "rushes_min": list(drawn.world.shape.rushes),
        "full_airspace_km": drawn.world.shape.full_km,
        "full_seats": drawn.world.shape.full_seats,
        "changed_on": f"{drawn.changed_on:%Y-%m-%d}",
        "repeated_rows": int(drawn.train.duplicated().sum()),
        "late_rate": {
            "as_keyed": round(float(drawn.train[words.LABEL].mean()), 4),
            "true_later": round(float(p.mean()), 4),
        },
    }


def _sent_otherwise(drawn: Drawn) -> dict[str, dict[str, Any]]:
    """Column -> the station that sends it otherwise, and by how many minutes or hours, if any."""
    return {
        sources.shown_as(sent.column): {
            "station": drawn.names.origin[sent.station],
            "amount": sent.amount,
        }
        for sent in drawn.world.sources.sent
    }
