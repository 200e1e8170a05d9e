"""The rule by which one strength and one improvement are proposed.

In words, with the reasons, in ``docs/feedback-rule.md``. A grader may choose others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worksample.errors import FeedbackError
from worksample.feedback.schema import Cell, Ended, Remark
from worksample.feedback.text import excerpt, line, number

Cells = Mapping[str, Cell]

#: from this share of a check's points on, an author's words of praise are true of the work
GOOD = 0.8
#: from this share on, an author's next step fits better than words about what is missing
WHOLE = 0.99
STATUS = {
    "error": "stopped with an error",
    "timeout": "ran out of time",
    "crashed": "ended the kernel",
    "not_run": "was not run",
    "completed": "ran",
}


@dataclass(frozen=True)
class Item:
    """A check or a rated criterion, as the rule sees it.

    Attributes:
        id: its grade id.
        cell: the candidate's cell that it is about.
        title: its name in words.
        share: what was earned of what could be, 0 to 1; a rating of 1–4 is (rating − 1) / 3.
        weight: points possible; a criterion weighs as much as the average check.
        number: the result in words, as "20 of 40 points".
        person: whether a person judged it.
        good: whether the author's words of praise are true of it.
        strength: the author's words for a strength, empty where there are none.
        improvement: the author's words for an improvement.
        revision: the author's revision task.
        next_step: the author's words for going further where nothing, or next to nothing, was lost.
    """

    id: str
    cell: str
    title: str
    share: float
    weight: float
    number: str
    person: bool = False
    good: bool = False
    strength: str = ""
    improvement: str = ""
    revision: str = ""
    next_step: str = ""

    @property
    def loss(self) -> float:
        """Points that were not earned."""
        return (1 - self.share) * self.weight

    @property
    def whole(self) -> bool:
        """Whether words about what is missing would be untrue of it."""
        unseen = self.loss < 0.005  # results are told to two decimals
        return unseen or bool(self.next_step and self.share >= WHOLE)


@dataclass(frozen=True)
class Proposal:
    """Exactly one strength, exactly one improvement, and the revision that follows from it."""

    strength: Remark
    improvement: Remark
    task: str


def propose(
    items: Sequence[Item],
    cells: Sequence[Cell],
    ended: Ended,
    strength: str | None = None,
    improvement: str | None = None,
) -> Proposal:
    """One strength and one improvement for any attempt, blank, crashed and perfect ones too.

    Args:
        items: checks and rated criteria in the order of the notebook.
        cells: the candidate's cells in the order of the notebook; at least one.
        ended: how the run ended.
        strength: a grade id or a cell that a grader chose; None leaves it to the rule.
        improvement: the same for the improvement.

    Raises:
        FeedbackError: a chosen cell is none of this notebook's, or has no result.
    """
    known = {cell["id"]: cell for cell in cells}
    best = _chosen(items, strength, best=True) if strength else _strongest(items)
    praise = _praise(best, known, bool(strength)) if best else _ran(cells)
    stop = None if improvement else _stopped(cells, ended)
    if stop:
        remark, task = _make_it_run(stop, ended)
        return Proposal(praise, remark, task)
    chosen = _chosen(items, improvement, best=False) if improvement else None
    weakest = chosen or _weakest(items, praise)
    if weakest is None:
        raise FeedbackError("there is no check and no rating to draw an improvement from")
    remark, task = _advice(weakest, known, bool(improvement))
    return Proposal(praise, remark, task)


def _strongest(items: Sequence[Item]) -> Item | None:
    """Highest share to a tenth; then a person's judgement, then weight, then order."""
    earned = [item for item in items if item.share > 0]
    return max(earned, key=lambda i: (round(i.share, 1), i.person, i.weight), default=None)


def _weakest(items: Sequence[Item], praise: Remark) -> Item | None:
    """Greatest loss in points; another cell than the strength's where there is one with a loss."""
    others = [item for item in items if item.id != praise["about"]] or list(items)
    elsewhere = [i for i in others if i.loss > 0 and i.cell != praise["cell"]]
    return max(elsewhere or others, key=lambda i: (i.loss, i.weight), default=None)


def _chosen(items: Sequence[Item], cell: str, best: bool) -> Item:
    found = [item for item in items if cell in (item.id, item.cell)]
    if not found:
        known = ", ".join(dict.fromkeys(item.id for item in items)) or "none"
        raise FeedbackError(
            f"no check or rating of this attempt is about the cell {line(cell, 60)!r}",
            do=f"choose one of: {known}",
        )
    return max(found, key=lambda i: i.share) if best else max(found, key=lambda i: i.loss)


def _praise(item: Item, known: Cells, chosen: bool) -> Remark:
    if item.strength and item.good:
        text = item.strength
    else:
        text = (
            f"Of everything that was looked at, this came closest to what was asked: {item.number}."
        )
    return _remark(item, known, text, "Keep doing this; later steps can rest on it.", chosen)


def _advice(item: Item, known: Cells, chosen: bool) -> tuple[Remark, str]:
    if not item.whole:
        text = item.improvement or f"This is where the most was left open: {item.number}."
        meaning = f"There is room here: {item.number} so far, and a change can be checked at once."
        task = item.revision or (
            f"Go back to “{item.title}”: find out what is missing, change it, and show how you "
            "know that it is now right."
        )
        return _remark(item, known, text, meaning, chosen), task
    return _further(item, known, chosen)


def _further(item: Item, known: Cells, chosen: bool) -> tuple[Remark, str]:
    """Where nothing was lost: the author's next step, or a question that fits everywhere."""
    text = item.next_step
    task = (
        f"Take that step in “{item.title}”, and say in two sentences what you found and "
        "whether it changes your conclusion."
    )
    if not text:
        text = (
            f"Nothing was lost here ({item.number}). To go further, say how sure you are of it, "
            "and which observation would change your mind."
        )
        task = (
            f"Take “{item.title}” one step further: name the observation that would most change "
            "your conclusion, look for it on data that you have not used yet, and say what you "
            "found."
        )
    meaning = "A result is worth more once it has survived an attempt to break it."
    return _remark(item, known, text, meaning, chosen), task


def _remark(item: Item, known: Cells, text: str, meaning: str, chosen: bool) -> Remark:
    cell = known.get(item.cell)
    return Remark(
        cell=item.cell,
        about=item.id,
        place=cell["title"] if cell else item.title,
        title=item.title,
        number=item.number,
        text=text,
        meaning=meaning,
        excerpt=excerpt(cell["source"] if cell else ""),
        chosen="grader" if chosen else "rule",
    )


def _ran(cells: Sequence[Cell]) -> Remark:
    """The strength where nothing was earned: what of the notebook runs, for that is true."""
    code = [cell for cell in cells if cell["status"] and cell["kind"] == "answer"]
    worked = [cell for cell in code if cell["status"] == "completed"]
    cell = worked[-1] if worked else cells[0]
    count = f"{len(worked)} of the {len(code)} code cells for your answers ran without an error"
    text = (
        "The notebook can be run, so what is added to it counts at once."
        if worked
        else "The notebook was handed in and could be opened, so there is a base to build on."
    )
    return Remark(
        cell=cell["id"],
        about="",
        place=cell["title"],
        title=cell["title"],
        number=count,
        text=text,
        meaning="Work that others can run is work that others can check and continue.",
        excerpt=excerpt(cell["source"]),
        chosen="rule",
    )


def _stopped(cells: Sequence[Cell], ended: Ended) -> Cell | None:
    """The candidate's cell that ended the run, if one did."""
    if ended["how"] == "completed":
        return None
    return next((cell for cell in cells if cell["id"] == ended["cell"]), None)


def _make_it_run(cell: Cell, ended: Ended) -> tuple[Remark, str]:
    status = STATUS.get(cell["status"], "stopped the run")
    remark = Remark(
        cell=cell["id"],
        about="",
        place=cell["title"],
        title=cell["title"],
        number=line(ended["detail"], 200) or f"the cell {status}",
        text=f"This cell {status}: whoever runs the notebook from the top does not get past it.",
        meaning="Work is handed on by being run again; what does not run cannot be handed on.",
        excerpt=excerpt(cell["source"]),
        chosen="rule",
    )
    task = (
        f"Make “{cell['title']}” run to its end within the limits, then restart the kernel, run "
        "the whole notebook and say what had stopped it."
    )
    return remark, task


def of_points(points: float, possible: float) -> str:
    """A result in words."""
    return f"{number(points)} of {number(possible)} points"
