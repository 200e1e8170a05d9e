"""The freeze probe: what raters are asked of the candidate's own first screen on hidden days.

Two pictures, frozen in an incident each: a short one, the dearest of its sort, and one of those
that only outcomes show, nine days after it began. Perceive, comprehend, project; the answers come
from the case and from what the candidate's panels show of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from worksample.kit.draws import asking
from worksample.kit.readers import RATERS, Picture, Question

from .hidden.concepts import FINAL, KINDS
from .judging.hidden import Hidden, of_case
from .toolkit.dashboard import Panel, read
from .toolkit.queries import DAY, fitted, slots, visible

if TYPE_CHECKING:
    from worksample.case import Case

WHO = RATERS
MINUTES = 2
SHORT = 5  # days that a kind lasts at most, to be frozen early
DAYS = 21  # that a panel shows
LATER = 3 * DAY  # steps, of the last question
OFFERED = 4  # kinds of incident to choose from
NEAR = 0.1  # of an axis' height: how far off the band's end may be read
EVERYBODY = "all customers"
SINCE = ("nothing is wrong", "for up to two days", "for two to six days", "for longer")
COURSE = ("fewer than now", "as many as now", "more than now")
BY_ID = {kind.id: kind for kind in KINDS}


@dataclass(frozen=True)
class Frozen:
    """A moment of a hidden episode: the last step that is shown."""

    episode: int
    at: int


def pictures(case: Case, answers: Mapping[str, Any]) -> Sequence[Picture]:
    """The first screen at two moments; nothing where it has no panel."""
    from .toolkit.case import read_case
    from .toolkit.pictures import drawn

    shown, hidden = _shown(case, answers), _hidden(case)
    if not shown:
        return ()
    known, found = read_case(case.public), []
    for number, each in enumerate(_moments(case), 1):
        _, png, alt = drawn(known, shown, _part(hidden, each))
        found.append(Picture(f"Picture {number}", png, alt))
    return found


def questions(case: Case, answers: Mapping[str, Any]) -> Sequence[Question]:
    """Six: what is out, since when, what it is; what is normal, whom it concerns, what is next."""
    shown, hidden = _shown(case, answers), _hidden(case)
    early, late = _moments(case)
    now, later = (
        _out(shown, hidden, late),
        _out(shown, hidden, Frozen(late.episode, late.at + LATER)),
    )
    kind = BY_ID[hidden.kinds[late.episode]]
    segments = sorted(case.truth()["segments"])
    hit = list(case.truth()["segments"])[-1]
    normal, height = _normal(shown, hidden, late)
    return (
        Question(
            "out", "Picture 1: how many panels are marked as out of their band on the last day?",
            float(_out(shown, hidden, early)) if shown else float("nan"), within=0, unit="panels",
        ),
        Question(
            "since", "Picture 1: since when is something wrong?",
            SINCE[1 if _days(hidden, early) <= 2 else 2], SINCE,
        ),
        _kind(case, hidden.kinds[early.episode]),
        Question(
            "normal", "Picture 2: the panel at the top left: up to which value is it normal at the "
            "end? Where only a least value is drawn, that one.",
            normal, within=0, least=NEAR * height,
        ),
        Question(
            "whom", "Picture 2: something is wrong. With whom?",
            f"{hit} only" if kind.one_segment else EVERYBODY,
            (EVERYBODY, *(f"{each} only" for each in segments)),
        ),
        Question(
            "next", "Picture 2: if nobody does anything, how many panels are marked three days "
            "later?",
            COURSE[1 + int(np.sign(later - now))], COURSE,
        ),
    )  # fmt: skip


def _kind(case: Case, of: str) -> Question:
    """What it was, among short ones that happened at other times."""
    hit = list(case.truth()["segments"])[-1]
    others = [k.id for k in KINDS if k.id != of and k.days[1] <= SHORT]
    rng = asking(case.seed, "kinds")
    offered = sorted([of, *rng.permutation(others)[: OFFERED - 1]])
    words = {each: BY_ID[each].text.format(segment=hit) for each in offered}
    return Question("kind", "Picture 1: what has happened?", words[of], tuple(words.values()))


@lru_cache(maxsize=2)
def _hidden(case: Case) -> Hidden:
    return of_case(case)


def _shown(case: Case, answers: Mapping[str, Any]) -> tuple[Panel, ...]:
    """The panels of the first screen, within its limit."""
    board, _ = read({"panels": answers.get("panels")}, _hidden(case).known)
    return board.first[: case.truth()["limits"]["first_screen"]]


def _moments(case: Case) -> tuple[Frozen, Frozen]:
    """The same for every candidate with this case, whatever their dashboard is."""
    hidden, rng = _hidden(case), asking(case.seed, "frozen")
    short = [
        (each.cost, place)
        for place, (each, kind) in enumerate(zip(hidden.episodes, hidden.kinds, strict=True))
        if kind and BY_ID[kind].days[1] <= SHORT
    ]
    early = max(short)[1]
    first = hidden.episodes[early]
    lasts = first.over - _onset(hidden, early)
    wait = max(first.in_time + 1, int(rng.choice([5, 12])))
    slow = [
        place for place, kind in enumerate(hidden.kinds) if kind and BY_ID[kind].days[1] > SHORT
    ]
    late = int(rng.choice(slow))
    return (
        Frozen(early, _onset(hidden, early) + min(wait, lasts) - 1),
        Frozen(late, _onset(hidden, late) + FINAL + 2 * DAY),
    )


def _onset(hidden: Hidden, episode: int) -> int:
    onset = hidden.episodes[episode].onset
    assert onset is not None
    return onset


def _days(hidden: Hidden, at: Frozen) -> float:
    """Days since it began, the last step counted."""
    return (at.at + 1 - _onset(hidden, at.episode)) / DAY


def _part(hidden: Hidden, at: Frozen) -> pd.DataFrame:
    return hidden.tables[at.episode].iloc[: at.at + 1].iloc[-DAYS * DAY :]


def _out(shown: Sequence[Panel], hidden: Hidden, at: Frozen) -> int:
    """How many panels are marked on the last day."""
    part = _part(hidden, at)
    bands = [fitted(hidden.history, panel.query, panel.axis) for panel in shown]
    return sum(bool(visible(part, band)[-DAY:].any()) for band in bands)


def _normal(shown: Sequence[Panel], hidden: Hidden, at: Frozen) -> tuple[float, float]:
    """The upper end of the first panel's band (the lower one, where it is open), and the axis."""
    if not shown:
        return float("nan"), 1.0
    band = fitted(hidden.history, shown[0].query, shown[0].axis)
    place = slots(_part(hidden, at))[-1]
    ends = [float(end[place]) for end in (band.high, band.low) if np.isfinite(end[place])]
    return (ends[0] if ends else float("nan")), band.axis[1] - band.axis[0]
