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

#: levels of a check, from 1: the least share of what is to be had above idleness
BEGUN, MOST, NEARLY_ALL = 0.1, 0.6, 0.9
NOTHING_YET = "Nothing stands out yet."
STATUS = {
    "error": "stopped with an error",
    "timeout": "ran out of time",
    "crashed": "ended the kernel",
    "not_run": "was not run",
    "completed": "ran",
}


def above(share: float, idle: float) -> float:
    """What was earned beyond what an answer earns that says nothing, 0 to 1."""
    return max(0.0, (share - idle) / (1 - idle)) if idle < 1 else 0.0


def level(share: float, idle: float = 0.0) -> int:
    """The level that a share of the points is, 1–4, for the words that fit it.

    1: nothing, or next to nothing; 2: less than most; 3: most; 4: nearly all. Nothing is called
    good below 3 and nothing is called missing at 4. The ratings 1–4, as shares, are their levels.
    """
    if share >= NEARLY_ALL:
        return 4
    beyond = above(share, idle)
    return 3 if beyond >= MOST else 2 if beyond > BEGUN else 1


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
        idle: the share that an answer earns which says nothing.
        strength: the author's words for a strength of its level, empty where there are none.
        improvement: the author's words for an improvement of its level.
        revision: the author's revision task for its level.
        next_step: the author's words for going further from level 4.
    """

    id: str
    cell: str
    title: str
    share: float
    weight: float
    number: str
    person: bool = False
    idle: float = 0.0
    strength: str = ""
    improvement: str = ""
    revision: str = ""
    next_step: str = ""

    @property
    def loss(self) -> float:
        """Points that were not earned."""
        return (1 - self.share) * self.weight

    @property
    def above(self) -> float:
        """What was earned beyond what idleness earns, 0 to 1."""
        return above(self.share, self.idle)

    @property
    def level(self) -> int:
        """The level reached, 1–4."""
        return level(self.share, self.idle)

    @property
    def stands_out(self) -> bool:
        """Whether it may be called a strength."""
        return self.above >= MOST

    @property
    def whole(self) -> bool:
        """Whether nothing was lost that anybody could see."""
        return self.loss < 0.005  # results are told to two decimals


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
    """Highest share above idleness to a tenth; then a person's judgement, then weight, then order.

    None where nothing was earned that idleness does not earn.
    """
    earned = [item for item in items if item.above > 0]
    return max(earned, key=lambda i: (round(i.above, 1), i.person, i.weight), default=None)


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
    if not item.stands_out:
        return _start(item, known, chosen)
    much = "All, or nearly all," if item.level == 4 else "Most"
    text = item.strength or f"{much} of what was asked for here is there: {item.number}."
    meaning = (
        "Keep doing this; later steps can rest on it."
        if item.level == 4
        else "Keep doing this: more than half of what was asked for is here."
    )
    return _remark(item, known, text, meaning, chosen)


def _start(item: Item, known: Cells, chosen: bool) -> Remark:
    """Where nothing may be called a strength: what can be built on, and that it is no more."""
    text = f"{NOTHING_YET} The best start is “{item.title}”: {item.number}."
    if chosen:
        text = f"A grader named this as the place to build on: “{item.title}”, {item.number}."
    remark = _remark(item, known, text, "A start is what the next step is built on.", chosen)
    return {**remark, "stands_out": False}


def _advice(item: Item, known: Cells, chosen: bool) -> tuple[Remark, str]:
    if item.level == 4:
        return _further(item, known, chosen)
    text = item.improvement or f"This is where something was left open: {item.number}."
    meaning = f"There is room here ({item.number} so far), and it is worth the minutes."
    task = item.revision or (
        f"Go back to “{item.title}”: find out what is missing, change it, and show how you "
        "know that it is now right."
    )
    return _remark(item, known, text, meaning, chosen), task


def _further(item: Item, known: Cells, chosen: bool) -> tuple[Remark, str]:
    """Where next to nothing was lost: the author's next step, or a question that fits anywhere."""
    text = item.next_step
    task = (
        f"Take that step in “{item.title}”, and say in two sentences what you found and "
        "whether it changes your conclusion."
    )
    if not text:
        lost = "Nothing was lost here" if item.whole else "Next to nothing was lost here"
        text = (
            f"{lost} ({item.number}). To go further, say how sure you are of it, "
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
        "The best start is that the notebook runs, so what is added to it counts at once."
        if worked
        else "The best start is that the notebook was handed in and could be opened."
    )
    return Remark(
        cell=cell["id"],
        about="",
        place=cell["title"],
        title=cell["title"],
        number=count,
        text=f"{NOTHING_YET} {text}",
        meaning="Work that others can run is work that others can check and continue.",
        excerpt=excerpt(cell["source"]),
        chosen="rule",
        stands_out=False,
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


def strength_title(remark: Remark) -> str:
    """What the strength is called: a start where nothing stands out."""
    return "One strength" if remark.get("stands_out", True) else "The best start"


def of_points(points: float, possible: float) -> str:
    """A result in words."""
    return f"{number(points)} of {number(possible)} points"
