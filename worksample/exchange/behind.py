"""What lies behind a score, for the team: the attempt as it ran, its record, the truth card.

Whatever a candidate wrote is text here; of their outputs pictures are shown as pictures, as far as
grading has let them through. Who still rates sees nothing of points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from worksample.assignments import case as cases
from worksample.assignments.case import base_id
from worksample.errors import SittingError
from worksample.exchange.asking import Ask, Reply
from worksample.exchange.sittings import Sitting
from worksample.exchange.standing import Standings
from worksample.grading import clean, prose
from worksample.records import evidence

_KINDS = {"markdown": "Text", "code": "Code", "raw": "Text"}


@dataclass(frozen=True)
class Shown:
    """A cell on the page.

    Attributes:
        kind: what it is, in words.
        texts: its outputs as text.
        pictures: its outputs that are pictures, as addresses that hold them.
        hidden: its outputs are kept from who still rates.
    """

    id: str
    kind: str
    source: str
    is_code: bool
    texts: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    hidden: bool = False


def attempt(ask: Ask, sitting: Sitting) -> Reply:
    """The notebook as it ran, cell by cell."""
    record = evidence.latest(ask.course, sitting.assignment, sitting.candidate)
    if record is None:
        raise SittingError("it has not been graded", do="grade it first")
    book = evidence.notebook(ask.course, record)
    blind = _is_blind(ask, sitting)
    return ask.page(
        "attempt",
        f"Attempt of {sitting.candidate}",
        sitting=sitting,
        record=record,
        blind=blind,
        cells=[shown(cell, blind) for cell in book["cells"]],
    )


def shown(cell: Mapping[str, Any], blind: bool) -> Shown:
    """A cell of an executed notebook, of which grading has cleaned the outputs."""
    about = cell.get("metadata", {}).get("nbgrader", {})
    is_check = bool(about.get("grade")) and not about.get("solution")
    kind = _KINDS.get(cell["cell_type"], "Text")
    if about.get("solution"):
        kind = "Rated by people" if about.get("grade") else "Answer"
    if is_check:
        kind = "Check"
    outputs = [] if is_check and blind else cell.get("outputs", [])
    texts, pictures = [], []
    for output in outputs:
        data = output.get("data", {})
        found = [mime for mime in clean.PICTURES if isinstance(data.get(mime), str)]
        if found:
            pictures.append(f"data:{found[0]};base64,{data[found[0]].strip()}")
        elif words := _words(output):
            texts.append(words)
    return Shown(
        id=clean.text(cell["id"])[:100],
        kind=kind,
        source=clean.shortened(clean.text(cell["source"])),
        is_code=cell["cell_type"] == "code",
        texts=tuple(texts),
        pictures=tuple(pictures),
        hidden=is_check and blind,
    )


def _words(output: Mapping[str, Any]) -> str:
    """An output as text."""
    data = output.get("data", {})
    found = output.get("text") or data.get("text/plain") or data.get("text/html")
    found = found or "\n".join(output.get("traceback", ())) or output.get("evalue", "")
    return clean.shortened(clean.text(found)).strip()


def record(ask: Ask, sitting: Sitting) -> Reply:
    """What was run and checked, in words, and whether it is still what was written."""
    check_rated(ask, sitting)
    from worksample.review import explain as explaining

    found = explaining.explain(ask.course, sitting.assignment, sitting.candidate)
    return ask.page(
        "explain",
        f"Behind the score of {sitting.candidate}",
        sitting=sitting,
        text=explaining.text(found),
    )


def truth(ask: Ask, sitting: Sitting) -> Reply:
    """What is true in this candidate's case, for who rates; no candidate gets it."""
    bound = cases.bound(ask.course, base_id(sitting.assignment), sitting.candidate)
    card = bound.private / "truth_card.md"
    if not card.is_file():
        raise SittingError("this case has no truth card", do="ask the author of the work sample")
    text = card.read_text(encoding="utf-8")
    shown = Markup(prose.prose(text))  # ours; in a page without links all the same
    return ask.page("truth", f"Truth card of {sitting.candidate}", sitting=sitting, card=shown)


def check_rated(ask: Ask, sitting: Sitting) -> None:
    """See that this person may see points.

    Raises:
        SittingError: they still rate.
    """
    if _is_blind(ask, sitting):
        raise SittingError(
            "points are shown to you once you have rated this attempt", do="rate it first"
        )


def _is_blind(ask: Ask, sitting: Sitting) -> bool:
    standings = Standings(ask.course, ask.someone, ask.service.drawer)
    return standings.is_blind(sitting.assignment, sitting.candidate)
