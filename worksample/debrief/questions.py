"""Five follow-up questions, tied to this candidate's cells and numbers, by rules in the open.

Each rule looks at one kind of thing and proposes questions, best first. They take turns in the
order of :data:`RULES`, and only then of :data:`OF_ANY`; a cell is asked about once as long as there
are others. What a good answer covers comes from the author's anchors and texts, or stands with the
rule.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from worksample.assignments.model import Assignment, Texts
from worksample.debrief import choices
from worksample.debrief.schema import Place, Question
from worksample.feedback import proposal
from worksample.feedback import schema as feedback
from worksample.feedback.record import filled
from worksample.feedback.text import line, number

MANY = 5


@dataclass(frozen=True)
class Seen:
    """What the rules look at: one work sample of the candidate.

    Attributes:
        record: of the first attempt.
        details: check -> the numbers of this candidate that may be told to them.
        disputed: criterion -> what its graders gave, in words; only those to discuss.
        unseen: criteria that nobody could rate.
        changes: what the revision changed, None where there was none.
        place: a cell's id -> where the page shows it.
    """

    assignment: Assignment
    record: feedback.Record
    details: Mapping[str, Mapping[str, object]]
    disputed: Mapping[str, str]
    unseen: Sequence[str]
    changes: feedback.Changes | None
    place: Callable[[str], Place] = field(repr=False)


Rule = Callable[[Seen], Iterator[Question]]


def five(seen: Sequence[Seen]) -> list[Question]:
    """Exactly :data:`MANY` questions; fewer only where the work has no cell to ask about."""
    turns = [*_in_turn(RULES, seen), *_in_turn(OF_ANY, seen)]
    chosen: list[Question] = []
    for again in (False, True):
        for question in turns:
            places = {each["place"]["anchor"] for each in chosen}
            fresh = question["place"]["anchor"] not in places
            if len(chosen) < MANY and question not in chosen and (fresh or again):
                chosen.append(question)
    return chosen


def _in_turn(rules: Sequence[Rule], seen: Sequence[Seen]) -> Iterator[Question]:
    """Each rule's best, then each rule's second, …"""
    lists = [list(itertools.chain.from_iterable(map(rule, seen))) for rule in rules]
    return (q for turn in itertools.zip_longest(*lists) for q in turn if q)


# --- the rules -----------------------------------------------------------------------------------


def graders_differ(seen: Seen) -> Iterator[Question]:
    """Where graders read the same work differently, the candidate can tell what was meant."""
    for criterion in seen.record["criteria"]:
        if criterion["id"] in seen.disputed:
            anchors = seen.assignment.criteria[criterion["id"]].anchors
            yield Question(
                ask=f"Walk us through “{criterion['title']}”: what should a reader take from it, "
                "what did you weigh, and what is missing that you would add with another hour?",
                because=f"its graders read it differently: {seen.disputed[criterion['id']]}",
                place=seen.place(criterion["cell"]),
                covers=[_anchor(anchors[3]), f"Beyond that: {_anchor(anchors[4])}"],
            )


def most_was_lost(seen: Seen) -> Iterator[Question]:
    """The checks that lost most points: does the candidate see what was missing?"""
    lost = sorted(seen.record["checks"], key=lambda c: c["points"] - c["possible"])
    for check in lost:
        level = _level(seen, check)
        if level == 4:
            return
        texts = _texts(seen, check)
        words = filled(texts.at("improvement", level), seen.details.get(check["id"], {}))
        message = next((p["message"] for p in check["parts"] if p["earned"] < p["possible"]), "")
        yield Question(
            ask=f"In “{check['title']}”: {words or message} What would you look at first now, and "
            "which result would tell you that it is still not right?",
            because=f"{number(check['points'])} of {number(check['possible'])} points",
            place=seen.place(check["cell"]),
            covers=[
                *_some(filled(texts.at("revision", level), seen.details.get(check["id"], {}))),
                "The one observation that would decide it, named before looking.",
                "How sure they were at the time, and whether that was justified.",
            ],
        )


def code_choices(seen: Seen) -> Iterator[Question]:
    """Choices in the code that could have been made otherwise."""
    for cell in seen.record["cells"]:
        if cell["kind"] != "answer" or not cell["status"]:
            continue
        for choice in choices.found(cell["source"]):
            yield Question(
                ask=f"In “{cell['title']}”, {choice.what}. {choice.ask}",
                because=choice.what,
                place=seen.place(cell["id"]),
                covers=list(choice.covers),
            )


def feedback_taken_up(seen: Seen) -> Iterator[Question]:
    """What the revision changed, and what it left."""
    if not seen.changes:
        return
    moved = [c for c in seen.changes["checks"] if (c["before"] or 0) != (c["after"] or 0)]
    said = "; ".join(
        f"{c['title']} {number(c['before'] or 0)} → {number(c['after'] or 0)} of "
        f"{number(c['possible'])}"
        for c in moved[:3]
    )
    cells = seen.changes["cells"]
    if not cells:
        yield Question(
            ask=f"You were asked: “{line(seen.changes['task'], 400)}” Nothing changed. What stood "
            "in the way, or why do you disagree?",
            because="no cell was changed in the revision",
            place=seen.place(seen.record["improvement"]["cell"]),
            covers=["A reason that can be checked.", "What they would do with more time."],
        )
    for cell in sorted(cells, key=lambda c: -(c["added"] + c["removed"]))[:1]:
        yield Question(
            ask=f"You were asked: “{line(seen.changes['task'], 400)}” What did you change in "
            f"“{cell['title']}”, and how do you know that it is better now?",
            because=f"{cell['added']} lines put in, {cell['removed']} taken out"
            + (f"; {said}" if said else "; no check moved"),
            place=seen.place(cell["id"]),
            covers=[
                "The cause of what the feedback named, not its wording.",
                "A test of the change, and what else it could have broken.",
                "Where they disagreed with the feedback, and on what evidence.",
            ],
        )


def one_step_further(seen: Seen) -> Iterator[Question]:
    """The strongest work: how far does it carry?"""
    strong = sorted(seen.record["checks"], key=lambda c: c["points"] / (c["possible"] or 1))
    for check in reversed(strong):
        texts = _texts(seen, check)
        step = filled(texts.next_step, seen.details.get(check["id"], {}))
        if step and _level(seen, check) >= 3:
            yield Question(
                ask=f"“{check['title']}” went well. Say how you would go on: {step}",
                because=f"{number(check['points'])} of {number(check['possible'])} points",
                place=seen.place(check["cell"]),
                covers=[
                    "A way that could also come out against them.",
                    "What it costs, and what it would change in production.",
                    "How they would notice, months later, that it no longer holds.",
                ],
            )


def nobody_could_rate(seen: Seen) -> Iterator[Question]:
    """What the work did not show has to be asked for."""
    for name in seen.unseen:
        criterion = seen.assignment.criteria[name]
        cell = next((c["cell"] for c in seen.record["criteria"] if c["id"] == name), "")
        yield Question(
            ask=f"Your notebook says little about “{name.replace('_', ' ')}”. Tell us now: what "
            "would you have written there, with your own numbers?",
            because=f"nobody could rate it ({criterion.dimension})",
            place=seen.place(cell),
            covers=[line(criterion.anchors[3], 600)],
        )


def it_stopped(seen: Seen) -> Iterator[Question]:
    """A cell that did not run to its end: how do they look for a fault?"""
    for cell in seen.record["cells"]:
        if cell["status"] not in ("", "completed", "not_run"):
            yield Question(
                ask=f"“{cell['title']}” {proposal.STATUS.get(cell['status'], 'stopped')} when it "
                "was run from the top. How would you find out why, and keep it from happening?",
                because=cell["error"] or proposal.STATUS.get(cell["status"], "it stopped"),
                place=seen.place(cell["id"]),
                covers=[
                    "Running it from a fresh kernel, and narrowing it down.",
                    "What depended on a state that only their own session had.",
                    "A test or a limit that would have caught it.",
                ],
            )


def any_cell(seen: Seen) -> Iterator[Question]:
    """Where nothing else is to be asked: each cell of an answer, in order."""
    for cell in seen.record["cells"]:
        if cell["kind"] == "answer":
            rows = len(cell["source"].strip().splitlines())
            yield Question(
                ask=f"Take us through “{cell['title']}” as you would a colleague who has to run "
                "it tomorrow. What would you change first?",
                because=f"{rows} line{'' if rows == 1 else 's'} of the candidate’s own",
                place=seen.place(cell["id"]),
                covers=[
                    "What goes in, what comes out, and what it rests on.",
                    "What they know to be weak, and what it would take to mend it.",
                ],
            )


def least_sure(seen: Seen) -> Iterator[Question]:
    """And what each cell rests on."""
    for cell in seen.record["cells"]:
        if cell["kind"] == "answer":
            yield Question(
                ask=f"Which result in “{cell['title']}” are you least sure of, and what would you "
                "ask of us, or of the data, to be surer?",
                because="every result rests on something that was not looked at",
                place=seen.place(cell["id"]),
                covers=[
                    "One thing that was taken for granted, and how much hangs on it.",
                    "What it would cost to find out, and whether it would be worth it.",
                ],
            )


RULES: tuple[Rule, ...] = (
    graders_differ,
    most_was_lost,
    code_choices,
    feedback_taken_up,
    one_step_further,
    nobody_could_rate,
    it_stopped,
)
#: what can be asked about any work: only where the others have run out
OF_ANY: tuple[Rule, ...] = (any_cell, least_sure)


def _anchor(words: str) -> str:
    """An anchor that stands behind the one that it builds on, or by itself."""
    return re.sub(r"^As [123],? (and )?", "", line(words, 600))


def _texts(seen: Seen, check: feedback.Check) -> Texts:
    return seen.assignment.check_texts.get(check["id"], Texts())


def _level(seen: Seen, check: feedback.Check) -> int:
    share = check["points"] / check["possible"] if check["possible"] else 0.0
    return proposal.level(share, _texts(seen, check).idle)


def _some(words: str) -> Iterable[str]:
    return [words] if words else []
