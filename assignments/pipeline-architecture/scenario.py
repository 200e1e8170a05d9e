"""Draw a case and write its public and its private part."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from worksample.kit.draws import first_good, streams
from worksample.kit.files import json_text, write_csv, write_text
from worksample.workbook.design.pipeline import Facts
from worksample.workbook.design.reading import Design, as_yaml

from .hidden import ahead as coming
from .hidden import card, firm, papers, reference
from .hidden.ahead import Ahead
from .hidden.firm import Firm
from .hidden.reference import Reference

VERSION = 1
PARTS = ("firm", "ahead", "search", "papers")
FIRST_HOUR = "2031-01-06"
TRIES = 12
FAR = 2.3  # times what the best loses: so far today's design is in every quarter, at least
MISSED = 2500.0  # money: so much the best design misses what is asked for half-way, at least
MENDED = 0.15  # of that: so much is left in the best revised one, at most
# money -> the requirement that it is owed to
ASPECTS = {"freshness": "stale", "erasure": "erasure", "audit": "audit", "backfill": "backfill"}


@dataclass(frozen=True)
class Drawn:
    """A case before it is written.

    Attributes:
        facts: with next quarter's requirements; changed: with those that come half-way.
        best, revised: the best designs for both.
        naive: what today's design loses, by quarter.
        missed: money by which the best design misses what is asked for half-way; left: in the
            revised one.
    """

    firm: Firm
    ahead: Ahead
    facts: Facts
    changed: Facts
    best: Reference
    revised: Reference
    naive: dict[str, float]
    missed: float
    left: float

    @property
    def good(self) -> bool:
        """Whether today's design is far from the best, and the change can be met and is not yet."""
        far = all(self.naive[name] > FAR * loss for name, loss in self.best.losses.items())
        return far and self.missed > MISSED and self.left < MENDED * self.missed


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case. The same seed and level give the same bytes.

    Args:
        seed: 64 bits; the upper 32 are the opening's, the lower 32 the candidate's.
        level: junior, standard or senior.
        public, private: existing folders.
    """
    drawn = first_good(lambda n: draw(seed, level, n), lambda each: each.good, TRIES)
    own = streams(PARTS, seed, level)
    write_public(drawn, papers.dossier(own["papers"], drawn.facts.data["needs"]), public)
    truth = truth_of(drawn, level)
    write_text(private / "truth.json", json_text(truth))
    write_text(private / "truth_card.md", card.truth_card(drawn.ahead, truth))


def draw(seed: int, level: str, attempt: int = 0) -> Drawn:
    """A case with its best designs; whether it is good is another question."""
    own = streams(PARTS, seed, level, attempt)
    today, ahead = firm.draw(own["firm"]), coming.draw(own["ahead"], level)
    begin = reference.starts(today, ahead, ahead.needs)
    facts = reference.budgeted(today, ahead, begin)
    changed = facts.needing(ahead.change)
    best = reference.find(today, ahead, facts, _all(begin), own["search"])
    again = [
        *_all(reference.starts(today, ahead, changed.data["needs"])),
        _design(best.design, facts),
    ]
    revised = reference.find(today, ahead, changed, again, own["search"])
    current = _design(today.current, facts)
    quarters = coming.quarters(today, ahead, facts.data["needs"])
    losses = reference.outcomes([current], list(quarters.values()), facts)[0]
    naive = {name: each.loss for name, each in zip(quarters, losses, strict=True)}
    calm = [coming.quarters(today, ahead, changed.data["needs"])["calm"]]
    both = [_design(best.design, facts), _design(revised.design, facts)]
    aspect = ASPECTS[ahead.changed]
    missed, left = (row[0].money[aspect] for row in reference.outcomes(both, calm, changed))
    return Drawn(today, ahead, facts, changed, best, revised, naive, missed, left)


def _all(begin: Mapping[str, list[Design]]) -> list[Design]:
    return [design for designs in begin.values() for design in designs]


def _design(data: Any, facts: Facts) -> Design:
    read = facts.checked(data)
    if read.design is None:
        raise RuntimeError(f"a design of ours cannot be run: {read.complaint}")
    return read.design


def write_public(drawn: Drawn, dossier: str, public: Path) -> None:
    """The files that a candidate gets."""
    today, ahead = drawn.firm, drawn.ahead
    hours = pd.date_range(FIRST_HOUR, periods=len(today.log), freq="h")
    write_csv(pd.DataFrame({"hour": hours, "million_rows": today.log}), public / "rows.csv")
    known = {**today.facts.data, "rows": {"late": today.late, "late_h": today.late_h}}
    packed = base64.b64encode(zlib.compress(papers.change(ahead).encode(), 9)).decode()
    documents = {
        "facts.json": json_text(known, sort_keys=False),
        "current.yaml": as_yaml(today.current),
        "history.md": papers.history(today, ahead),
        "dossier.md": dossier,
        "change.json": json_text({"packed": packed}),
        "design.schema.json": json_text(today.facts.catalogue.schema(), sort_keys=False),
    }
    for name, text in documents.items():
        write_text(public / name, text)


def truth_of(drawn: Drawn, level: str) -> dict[str, Any]:
    """The truth of a case, as checks and cards read it."""
    today, ahead = drawn.firm, drawn.ahead
    return {
        "version": VERSION,
        "level": level,
        "facts": drawn.facts.data,
        "current": today.current,
        "week": [round(float(x), 6) for x in today.week],
        "late": today.late,
        "late_h": today.late_h,
        "growth": ahead.growth,
        "forecast": list(ahead.forecast),
        "happens": [asdict(each) for each in ahead.happens],
        "binds": list(ahead.binds),
        "changed": ahead.changed,
        "change": ahead.change,
        "aspect": ASPECTS[ahead.changed],
        "missed": drawn.missed,
        "reference": drawn.best.losses,
        "reference_design": drawn.best.design,
        "revised": drawn.revised.losses,
        "revised_design": drawn.revised.design,
        "naive": drawn.naive,
        "looked_at": drawn.best.looked_at,
    }
