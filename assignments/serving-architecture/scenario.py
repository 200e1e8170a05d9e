"""Draw a case and write its public and its private part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from worksample.kit.draws import streams
from worksample.kit.files import json_text, write_csv, write_text
from worksample.workbook.design.reading import as_yaml

from .hidden import card, firm, papers, reference, tomorrow
from .hidden.firm import DAYS, Firm
from .hidden.reference import Reference
from .hidden.tomorrow import Tomorrow
from .toolkit.evening import DAY

VERSION = 3
PARTS = ("firm", "tomorrow", "search", "papers")
FIRST_DAY = "2031-03-03"


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case. The same seed and level give the same bytes.

    Args:
        seed: 64 bits; the upper 32 are the opening's, the lower 32 the candidate's.
        level: junior, standard or senior.
        public, private: existing folders.
    """
    own = streams(PARTS, seed, level)
    today = firm.draw(own["firm"], level)
    ahead = tomorrow.draw(own["tomorrow"])
    evenings = tomorrow.scenarios(today, ahead)
    facts, best = reference.find(today, ahead, evenings, own["search"])
    today = Firm(facts, *(getattr(today, n) for n in ("current", "day", "log", "limits", "drill")))
    needed = papers.requirements(own["papers"], today, ahead)
    write_public(today, ahead, needed, public)
    truth = truth_of(today, ahead, best, needed, level)
    write_text(private / "truth.json", json_text(truth))
    write_text(private / "truth_card.md", card.truth_card(today, ahead, best, truth))


def write_public(today: Firm, ahead: Tomorrow, needed: dict[str, Any], public: Path) -> None:
    """The files that a candidate gets."""
    minutes = pd.date_range(FIRST_DAY, periods=DAYS * DAY, freq="min")
    columns = {name: today.log[:, place] for place, name in enumerate(today.facts.classes)}
    write_csv(pd.DataFrame({"minute": minutes, **columns}), public / "traffic.csv")
    documents = {
        "facts.json": json_text(today.facts.data, sort_keys=False),
        "requirements.json": json_text(needed),
        "current.yaml": as_yaml(today.current.plain()),
        "history.md": papers.history(today, ahead),
        "design.schema.json": json_text(today.facts.catalogue.schema(), sort_keys=False),
    }
    for name, text in documents.items():
        write_text(public / name, text)


def truth_of(
    today: Firm, ahead: Tomorrow, best: Reference, needed: dict[str, Any], level: str
) -> dict[str, Any]:
    """The truth of a case, as checks and cards read it."""
    return {
        "version": VERSION,
        "level": level,
        "facts": today.facts.data,
        "current": today.current.plain(),
        "day": [[round(float(x), 5) for x in minute] for minute in today.day],
        "limits": [[name, rate] for name, rate in today.limits.items()],
        "restore_gb_hour": today.drill[0] / today.drill[1] * 60,
        "growth": ahead.growth,
        "forecast": list(ahead.forecast),
        "happens": ahead.happens,
        "requirements": needed,
        "reference": best.losses,
        "reference_design": best.design,
        "looked_at": best.looked_at,
    }
