"""Checks of dashboard-design. Messages help and give away no hidden value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from worksample.checks import CheckResult, Part, answer, calls, is_number, nothing, why_no_answer

from worksample.kit.scoring import beyond, credit

from .judging import frames, paging, seeing
from .judging.hidden import Hidden, of_case
from .toolkit.dashboard import Alert, Dashboard, Panel, read
from .toolkit.queries import reading, smoothed

if TYPE_CHECKING:
    from worksample.case import Case
    from worksample.run import Run

FULL_SEEN = 0.9  # of the incidents by cost: all points
FULL_UNDERSTOOD = 0.8
QUIET, LOUD = 0.02, 0.1  # odd days of the calm ones: all that was seen counts, nothing does
FULL_SPENT = 0.25  # of what everything costs if nobody is called: all points
FULL_RIGHT = 11  # answers of twelve
FREE_RIGHT = 2  # what one panel for all questions may happen to answer
FULL_ORDER = 0.6  # of the incidents seen: from here on order on the screen counts in full
ALIKE = 0.98  # correlation from which on two panels say the same
WORDS = 3  # of an action
MOST_ALERTS = 12


@lru_cache(maxsize=1)
def hidden_of(case: Case) -> Hidden:
    """The hidden days, read once for all checks."""
    return of_case(case)


def board_of(run: Run, case: Case) -> Dashboard:
    """What can be read of the three recorded parts; of each kind at most as many as are allowed."""
    parts = {name: answer(run, name) for name in ("panels", "alerts", "answers")}
    board, _ = read({k: v for k, v in parts.items() if v}, hidden_of(case).known)
    return board


@lru_cache(maxsize=4)
def sight_of(panels: tuple[Panel, ...], case: Case) -> seeing.Sight:
    """What the panels show, worked out once for two checks."""
    return seeing.sight(panels, hidden_of(case))


def judged(board: Dashboard, case: Case) -> tuple[Panel, ...]:
    """The panels that count: the first ones within the limits."""
    limits = case.truth()["limits"]
    kept: list[Panel] = []
    for panel in board.panels:
        full = sum(p.screen == 1 for p in kept) >= limits["first_screen"]
        if len(kept) < limits["panels"] and not (panel.screen == 1 and full):
            kept.append(panel)
    return tuple(kept)


# --- blind spots -----------------------------------------------------------------------------


def check_blind_spots(run: Run, case: Case) -> CheckResult:
    """What the first screen shows in time, and whether the panels tell what it is."""
    panels = judged(board_of(run, case), case)
    if not panels:
        return nothing("seen", 35, f"There is no panel to look at. {why_no_answer(run, 'panels')}")
    sight = sight_of(panels, case)
    quiet = credit(sight.odd, LOUD, QUIET)
    seen = 20 * quiet * credit(sight.seen, 0, FULL_SEEN)
    told = 15 * quiet * beyond(sight.understood, sight.chance, FULL_UNDERSTOOD)
    calm = f"on {sight.odd:.0%} of the calm days it showed something too"
    return CheckResult(
        (
            Part(
                "seen",
                seen,
                20,
                f"Of the hidden incidents, by cost, {sight.seen:.0%} could be seen on the first "
                f"screen in time; {calm}.",
                right="Hardly anything costly stays unseen.",
                missing="Look for the kinds of the register for which no panel leaves its band.",
            ),
            Part(
                "understood",
                told,
                15,
                f"By all panels together, {sight.understood:.0%} of them, by cost, looked like "
                "their own kind and like no other.",
                right="The panels tell the kinds apart.",
                missing="Look for two kinds that move the same panels to the same side.",
            ),
        ),
        {"seen": 100 * sight.seen, "odd": 100 * sight.odd, "understood": 100 * sight.understood},
        {"missed": list(sight.missed), "chance": sight.chance},
    )


# --- alerts ----------------------------------------------------------------------------------


def check_alerts(run: Run, case: Case) -> CheckResult:
    """By cost and within the budget: what the alerts save, and their four attributes."""
    alerts = board_of(run, case).alerts[:MOST_ALERTS]
    if not alerts:
        return nothing("saved", 25, f"There is no alert. {why_no_answer(run, 'alerts')}")
    truth = case.truth()
    budget = truth["limits"]["pages_a_week"]
    duty = paging.duty(alerts, hidden_of(case), truth["prices"], budget)
    within = 1 - duty.over
    saved = paging.saved(duty, FULL_SPENT)
    found = duty.found
    both = credit(found.recall, 0, FULL_SEEN) * credit(found.precision, 0.2, 0.9)
    reset = credit(found.recall, 0, FULL_SEEN) * credit(found.reset, 0, 0.9)
    noisy = f"In {duty.over:.0%} of the stretches there were more pages in a week than allowed."
    return CheckResult(
        (
            Part(
                "saved",
                14 * saved * within,
                14,
                f"With the alerts {duty.spent / duty.blind:.0%} is lost of what is lost without "
                f"any, calls for nothing counted. {noisy}",
                right="Little more can be saved.",
                missing="Look at what your alerts cost where nothing is wrong, and at what they "
                "are late for.",
            ),
            Part(
                "recall and precision",
                7 * both * within,
                7,
                f"By cost {found.recall:.0%} of the incidents were noticed in time; "
                f"{found.precision:.0%} of the calls were about one.",
                missing="Both count, each times the other.",
            ),
            Part(
                "reset",
                4 * reset * within,
                4,
                f"After {found.reset:.0%} of the incidents that were noticed the alerts ended "
                "within a day, or when the last outcomes of it were in.",
                missing="An alert that stays on hides the next incident.",
            ),
        ),
        {
            "lost": 100 * duty.spent / duty.blind,
            "recall": 100 * found.recall,
            "precision": 100 * found.precision,
        },
        {"pages": duty.pages, "detection": found.detection},
    )


# --- questions -------------------------------------------------------------------------------


def check_questions(run: Run, case: Case) -> CheckResult:
    """Whether the named panels, read as stated, give the numbers that were asked for."""
    board = board_of(run, case)
    panels = {panel.title: panel for panel in judged(board, case)}
    if not board.answers:
        return nothing("answers", 15, f"No question is answered. {why_no_answer(run, 'answers')}")
    hidden, truth = hidden_of(case), case.truth()["answers"]
    right = given = 0
    for told in truth:
        said = board.answers.get(told["question"])
        if said is None or said.panel not in panels:
            continue
        given += 1
        value = reading(
            hidden.tables[told["episode"]], panels[said.panel].query, said.read, told["at"]
        )
        right += bool(abs(value - told["value"]) <= told["tolerance"])
    return CheckResult(
        (
            Part(
                "answers",
                15 * beyond(right, FREE_RIGHT, FULL_RIGHT),
                15,
                f"{given} questions were answered from a panel; {right} of {len(truth)} numbers "
                "were those asked for, within what a prompt and honest collector is off by.",
                missing="Ask of each: which quantity, of whom, over which time, and who collects "
                "it promptly and of everybody.",
            ),
        ),
        {"right": float(right), "given": float(given)},
    )


# --- metrics ---------------------------------------------------------------------------------

FUNCTIONS = {
    "recall": "the share of leavers that was flagged",
    "gaps": "the gap of each segment",
    "earned": "what the offers earned",
}
FEW = "few"  # frames in which there is little or nothing to say


def check_metrics(run: Run, case: Case) -> CheckResult:
    """Each function on hidden tables: exact, and sensible where there is nothing to say."""
    parts, shares = [], {}
    for name, words in FUNCTIONS.items():
        wanted = list(frames.of_case(case, name))
        got = calls(run, name)
        good = [
            place < len(got) and got[place].ok and _same(got[place].value, frame.value)
            for place, frame in enumerate(wanted)
        ]
        usual = [ok for ok, frame in zip(good, wanted, strict=True) if not frame.few]
        edge = [ok for ok, frame in zip(good, wanted, strict=True) if frame.few]
        share = np.mean(usual) * 0.7 + np.mean(usual) * np.mean(edge) * 0.3
        shares[name] = float(share)
        parts.append(
            Part(
                name,
                5 * float(share),
                5,
                f"{sum(usual)} of {len(usual)} hidden tables gave {words}"
                + (f", and {sum(edge)} of {len(edge)} in which there is little to say."
                   if any(usual) else "."),
                missing="Work ten rows out by hand: who counts, from when on, against what.",
            )
        )  # fmt: skip
    return CheckResult(tuple(parts), {"exact": 100 * float(np.mean(list(shares.values())))}, shares)


def _same(given: Any, wanted: Any) -> bool:
    if wanted is None:
        return given is None
    if isinstance(wanted, Mapping):
        return (
            isinstance(given, Mapping)
            and given.keys() == wanted.keys()
            and all(_same(given[key], wanted[key]) for key in wanted)
        )
    return is_number(given) and abs(given - wanted) <= 1e-3 + 1e-4 * abs(wanted)


# --- attention -------------------------------------------------------------------------------


def check_attention(run: Run, case: Case) -> CheckResult:
    """Order on the screen, as far as the screen shows anything."""
    board, hidden = board_of(run, case), hidden_of(case)
    panels = judged(board, case)
    if not panels:
        return nothing("order", 10, f"There is no panel. {why_no_answer(run, 'panels')}")
    sight = sight_of(panels, case)
    counts = credit(sight.odd, LOUD, QUIET) * credit(sight.seen, 0, FULL_ORDER)
    limits = case.truth()["limits"]
    within = [
        len(board.panels) <= limits["panels"],
        len(board.first) <= limits["first_screen"],
        0 < len(board.alerts) <= MOST_ALERTS,
    ]
    unlike = _unlike(panels, hidden)
    acting = _acting(board.alerts)
    words = "This counts as far as the first screen shows incidents."
    return CheckResult(
        (
            Part(
                "limits",
                3 * counts * sum(within) / 3,
                3,
                f"{sum(within)} of 3 limits are kept: panels, first screen, alerts. {words}",
            ),
            Part(
                "no panel twice",
                3 * counts * unlike,
                3,
                f"{unlike:.0%} of the panels say something that no other panel says.",
                missing="Two panels that move together are one panel.",
            ),
            Part(
                "every threshold has an action",
                4 * counts * acting,
                4,
                f"{acting:.0%} of the alerts say in three words or more what is done then, each "
                "in words of its own.",
                missing="Write for each alert who does what.",
            ),
        ),
        {"unlike": 100 * unlike, "acting": 100 * acting},
    )


def _unlike(panels: Sequence[Panel], hidden: Hidden) -> float:
    """Share of the panels whose series goes with that of no other."""
    series = np.array([smoothed(hidden.history, panel.query) for panel in panels])
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.abs(np.atleast_2d(np.corrcoef(series)))
    np.fill_diagonal(off, 0)
    return float(np.mean(np.nan_to_num(off, nan=1.0).max(axis=1) <= ALIKE))


def _acting(alerts: Sequence[Alert]) -> float:
    said = [" ".join(each.action.lower().split()) for each in alerts]
    good = {words for words in said if len(words.split()) >= WORDS}
    return len(good) / len(said) if said else 0.0
