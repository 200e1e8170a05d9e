"""An attempt as a page for graders: every cell and what it put out, and nothing that acts.

The page has an origin of its own (a sandbox without ``allow-same-origin``) and runs one script of
ours, named by a nonce: whatever a candidate managed to put into it could read nothing of the
rating screen around it and ask nothing as its reader. What they wrote is cleaned once more, in a
child with limits, whatever grading has made of it.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from worksample.assignments.model import Assignment
from worksample.course import Course
from worksample.errors import FeedbackError
from worksample.exchange.asking import Ask, Reply
from worksample.feedback import markup
from worksample.feedback import record as building
from worksample.feedback.changes import compare
from worksample.feedback.schema import CellChange, Changes
from worksample.feedback.text import cut, line
from worksample.grading import clean
from worksample.grading.bounded import Budget, Helper, TooCostly
from worksample.grading.cleaner import Cleaner

JSON = Mapping[str, Any]
Kind = Literal["answer", "added", "given", "check"]

#: CPU seconds of all prose of a page, and of one cell's
PROSE_SECONDS, PROSE_SECONDS_ONE = 3.0, 0.75
PROSE_LENGTH = 40_000  # characters of a text that is formatted
MOST_KEPT = 8  # attempts as drawn, of some megabytes at the most
LONGEST = 100_000  # characters of a cell, or of one output, that are shown

_renderer = Helper("worksample.grading.prose")


@dataclass(frozen=True)
class Output:
    """One output; exactly one of these holds something. ``figure`` counts the pictures."""

    text: str = ""
    html: str = ""
    picture: str = ""
    alt: str = ""
    figure: int = 0


@dataclass(frozen=True)
class Shown:
    """A cell as the page shows it.

    Attributes:
        anchor: its place on the page.
        prose: a text cell, formatted; empty for code, and where that takes too long.
        changed: on a revision, lines with their signs; empty where nothing changed.
    """

    id: str
    anchor: str
    kind: Kind
    title: str
    prose: Markup
    source: str
    ended: str
    outputs: tuple[Output, ...]
    changed: str = ""


@dataclass(frozen=True)
class Drawn:
    """An attempt as its page shows it; ``task`` is what a revision was to do."""

    cells: tuple[Shown, ...]
    task: str = ""


def policy(nonce: str, *, framed: bool) -> str:
    """What a page with one script of ours may do: the attempt in its frame, or the screen."""
    said = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-scripts"
    )
    if framed:
        return said
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def page(ask: Ask, drawn: Drawn, title: str) -> Reply:
    """The attempt's page."""
    nonce = secrets.token_urlsafe(16)
    groups = [
        (given, list(group))
        for given, group in itertools.groupby(drawn.cells, lambda c: c.kind == "given")
    ]
    text = ask.service.pages.draw(
        "rating-attempt", title, ask, groups=groups, task=drawn.task, nonce=nonce
    )
    return Reply(text.encode("utf-8"), policy=policy(nonce, framed=True))


def shown(
    assignment: Assignment,
    level: str,
    notebook: JSON,
    status: Mapping[str, str],
    changes: Changes | None = None,
) -> Drawn:
    """The cells of an executed notebook.

    Those that are checked automatically are left out: points are for after the rating. So is the
    feedback that a revision begins with, which tells what others gave and how long this candidate
    has; what it asked for is said instead.
    """
    titles = building.cell_titles(assignment, level)
    kinds = {cell.id: cell.kind for cell in assignment.cells_of(level)}
    changed = {each["id"]: each for each in changes["cells"]} if changes else {}
    cleaner, prose = Cleaner(), Budget(PROSE_SECONDS, PROSE_SECONDS_ONE)
    figures = 0
    found: list[Shown] = []
    for raw in notebook["cells"]:
        name = str(raw["id"])
        kind = _kind(kinds.get(name, ""), name, titles)
        if kind == "check" or name in UNSEEN:
            continue
        cell = cleaner.cell(raw)
        source = cut("".join(cell["source"]), LONGEST)
        is_text = cell["cell_type"] != "code"
        outputs = tuple(_outputs(cell.get("outputs", ()), figures))
        figures += sum(bool(each.picture) for each in outputs)
        found.append(
            Shown(
                id=name,
                anchor=markup.anchor_id(name),
                kind=kind,
                title=_title(titles, kind, name, len(found)),
                prose=_prose(prose, source) if is_text else Markup(),
                source=source,
                ended=_ENDED.get(status.get(name, ""), ""),
                outputs=outputs,
                changed=_changed(changed.get(name)),
            )
        )
    return Drawn(tuple(found), changes["task"] if changes else "")


def lately(key: Hashable, draw: Callable[[], Drawn]) -> Drawn:
    """What was drawn for that key a short while ago, else drawn now.

    Whoever goes through the criteria of one attempt looks at the same page a dozen times.
    """
    with _lock:
        if key in _lately:
            _lately.move_to_end(key)
            return _lately[key]
    made = draw()
    with _lock:
        _lately[key] = made
        while len(_lately) > MOST_KEPT:
            _lately.popitem(last=False)
    return made


_lately: OrderedDict[Hashable, Drawn] = OrderedDict()
_lock = threading.Lock()
_ENDED = {
    "error": "raised an error",
    "timeout": "stopped for time",
    "crashed": "ended the kernel",
    "not_run": "was not run",
}


def _kind(of_cell: str, name: str, titles: Mapping[str, str]) -> Kind:
    if of_cell == "check":
        return "check"
    if of_cell == "answer" or name == building.NOTE:
        return "answer"
    return "given" if name in titles else "added"


UNSEEN = ("revision_feedback",)


def _title(titles: Mapping[str, str], kind: Kind, name: str, number: int) -> str:
    if name == building.NOTE:
        return "What I changed, and why"
    if kind == "added":
        return f"A cell of the candidate’s own (number {number + 1})"
    return line(titles.get(name, name), 120)


def _prose(budget: Budget, source: str) -> Markup:
    """Text as it was meant to look; empty where that takes too long."""
    if not source.strip() or len(source) > PROSE_LENGTH:
        return Markup()
    try:
        return Markup(_renderer.call(budget, "prose", source))
    except TooCostly:
        return Markup()


def _outputs(values: Iterable[JSON], before: int) -> Iterator[Output]:
    figures = before
    for raw in values:
        data: JSON = raw.get("data", {})
        picture = next((mime for mime in clean.PICTURES if mime in data), None)
        if picture:
            figures += 1
            alt = line(data.get("text/plain", ""), 200)
            encoded = "".join("".join(data[picture]).split())
            yield Output(picture=f"data:{picture};base64,{encoded}", alt=alt, figure=figures)
        elif "text/html" in data:
            yield Output(html=Markup("").join(map(Markup, data["text/html"])))
        elif words := cut(_words(raw, data), LONGEST).strip("\n"):
            yield Output(text=words)


def _words(raw: JSON, data: JSON) -> str:
    if raw["output_type"] == "error":
        told = f"{raw.get('ename', '')}: {raw.get('evalue', '')}"
        return "\n".join([*map(str, raw.get("traceback", ())), told][-30:])
    return "".join(raw.get("text") or data.get("text/plain", ""))


def _changed(change: CellChange | None) -> Markup:
    if change is None:
        return Markup()
    if change["note"]:
        return Markup("<p>{}</p>").format(change["note"])
    return Markup(markup.difference(change["lines"], f"What changed in {change['title']}"))


def changes_of(course: Course, name: str, candidate: str) -> Changes | None:
    """What a revision was to do and changed; None where attempt 1 is not known any more."""
    try:
        before = building.build(course, name.removesuffix("-revision"), candidate)
        after = building.build(course, name, candidate)
    except FeedbackError:
        return None
    return compare(before, (), after["cells"])
