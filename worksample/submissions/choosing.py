"""Which of several notebooks is the one to grade: the one that holds the work.

A notebook as it was given out never wins over one that somebody worked in, whatever their names.
Where several hold different work, one has to be ahead in answers and be saved last; otherwise a
person is asked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from worksample.assignments import mark
from worksample.errors import SubmissionError
from worksample.grading import clean, repair, skim
from worksample.submissions import filenames
from worksample.submissions.listing import Entry
from worksample.workbook.tasks import text_of

_SHOWN = 80  # characters of a file's name
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Notebook:
    """One that was found, without its outputs.

    Attributes:
        said: whose it says it is.
        cells: type, id, metadata, text and attached pictures of each.
        executed: when a cell of it was last run, if the editor noted it (UTC).
        fault: why it cannot be read, if it cannot.
    """

    entry: Entry
    said: mark.Mark | None = None
    cells: tuple[Mapping[str, Any], ...] = ()
    executed: datetime | None = None
    fault: SubmissionError | None = None

    @property
    def name(self) -> str:
        """For people."""
        return clean.terminal(self.entry.path.name)[:_SHOWN]


@dataclass(frozen=True)
class _Work:
    notebook: Notebook
    known: int  # cells of the assignment
    done: frozenset[str]  # answer cells with an answer, and own cells
    text: str  # of all that somebody wrote

    @property
    def rank(self) -> tuple[int, datetime]:
        return len(self.done), self.notebook.entry.modified or _LONG_AGO


def read(entry: Entry, allowance: skim.Allowance) -> Notebook:
    """A notebook, or why it is none.

    Args:
        allowance: what it and the others that were sent with it may take together.
    """
    try:
        if not entry.regular:
            raise SubmissionError(f"{entry.path.name} is not a regular file")
        most = min(repair.MAX_BYTES, allowance.next_size)
        if allowance.next_steps <= 0 or most <= 0:
            raise SubmissionError(
                f"{entry.path.name} comes after notebooks that hold far more than anybody makes",
                do="ask the candidate for the one notebook that is to be graded",
            )
        raw = repair.read(entry.read(most), allowance=allowance)[0]
    except SubmissionError as error:
        return Notebook(entry, fault=error.kept())
    cells = [cell for cell in raw["cells"][: repair.MAX_CELLS] if isinstance(cell, dict)]
    kept = ("cell_type", "id", "metadata", "source", "attachments")
    return Notebook(
        entry,
        mark.of_notebook(raw),
        tuple({name: cell[name] for name in kept if name in cell} for cell in cells),
        max((when for cell in cells if (when := _executed(cell))), default=None),
    )


def choose(
    found: Sequence[Notebook], assignment_id: str, given: Mapping[str, Any], wanted: str = ""
) -> tuple[Notebook, list[str]]:
    """The notebook to grade, and what to say of it.

    Args:
        given: the notebook that this candidate was given.
        wanted: the name of the one to take, if a person chose.

    Raises:
        SubmissionError: there is none, or several and it cannot be told which.
    """
    if wanted:
        return _wanted(found, wanted)
    own = [each for each in found if each.said and each.said.assignment == assignment_id]
    other = [each for each in found if each.said and each.said.assignment != assignment_id]
    looked_at = [each for each in found if not (own and each in other)]
    works = [_work(each, given) for each in looked_at]
    best = _best([each for each in works if each.known], assignment_id)
    if best is None:
        return _without_cells(looked_at, assignment_id), []
    return best.notebook, _notes(best, works, assignment_id)


def _wanted(found: Sequence[Notebook], wanted: str) -> tuple[Notebook, list[str]]:
    chosen = [each for each in found if wanted in (each.entry.path.name, str(each.entry.path))]
    if not chosen:
        there = ", ".join(f"“{each.name}”" for each in found)
        raise SubmissionError(f"there is no notebook {wanted!r} in it", do=f"there are: {there}")
    return chosen[0], [f"“{chosen[0].name}” was chosen by hand."]


def _best(works: Sequence[_Work], assignment_id: str) -> _Work | None:
    """The one to grade; None if none is of the assignment."""
    if not works:
        return None
    first = min(works, key=lambda each: (not _is_named(each, assignment_id), -each.known))
    done = [each for each in works if each.done]
    if not done:
        return first
    if len({each.text for each in done}) == 1:
        return first if first in done else done[0]
    best = max(done, key=lambda each: (each.rank, _is_named(each, assignment_id)))
    latest = max(each.rank[1] for each in done)
    equal = [each for each in done if each.rank == best.rank and each.text != best.text]
    if equal or best.rank[1] < latest:
        told = "; ".join(f"“{each.notebook.name}”: {len(each.done)} cells" for each in done)
        raise SubmissionError(
            f"several notebooks in it hold work, and which counts cannot be told ({told})",
            do="ask the candidate, then collect it again with --notebook NAME",
        )
    return best


def _without_cells(found: Sequence[Notebook], assignment_id: str) -> Notebook:
    """One of the right name is taken even so, or says what is wrong with it."""
    named = [each for each in found if is_named(each.entry, assignment_id)]
    for each in named or (found if len(found) == 1 else ()):
        if each.fault:
            raise each.fault
    if not named:
        raise SubmissionError(
            f"no notebook in it is of {assignment_id}",
            do=f"ask the candidate for {assignment_id}.ipynb",
        )
    return named[0]


def _notes(best: _Work, works: Sequence[_Work], assignment_id: str) -> list[str]:
    notes = []
    if best.notebook.entry.path.name != f"{assignment_id}.ipynb":
        notes.append(f"The notebook came as “{best.notebook.name}”.")
    others = [each for each in works if each is not best]
    if others:
        told = ", ".join(f"“{each.notebook.name}” ({_said(each, best)})" for each in others[:5])
        notes.append(
            f"{len(others)} more notebooks were in it: {told}. “{best.notebook.name}” was taken; "
            f"collect with --notebook NAME to take another."
        )
    return notes


def _said(work: _Work, best: _Work) -> str:
    if work.notebook.fault:
        return "cannot be read"
    if not work.known:
        return "nothing of this assignment"
    if not work.done:
        return "as it was given out"
    return "the same" if work.text == best.text else f"work in {len(work.done)} cells, saved before"


def is_named(entry: Entry, assignment_id: str) -> bool:
    """Whether a notebook has the assignment's name."""
    return filenames.plain(entry.path.name) == f"{assignment_id}.ipynb".casefold()


def _is_named(work: _Work, assignment_id: str) -> bool:
    return is_named(work.notebook.entry, assignment_id)


def _work(notebook: Notebook, given: Mapping[str, Any]) -> _Work:
    known = {repair.release_id(cell): cell for cell in given["cells"]}
    done: dict[str, str] = {}
    seen = 0
    for number, cell in enumerate(notebook.cells):
        name, text = repair.cell_id(cell, known), text_of(cell)
        seen += name is not None
        if name is not None and (repair.is_locked(known[name]) or text == text_of(known[name])):
            continue
        if text:
            key = name or f" own {number}"
            done[key] = done.get(key, "") + text
    return _Work(notebook, seen, frozenset(done), json.dumps(sorted(done.values())))


def _executed(cell: Mapping[str, Any]) -> datetime | None:
    metadata = cell.get("metadata")
    noted = metadata.get("execution") if isinstance(metadata, Mapping) else None
    times = [_time(value) for value in noted.values()] if isinstance(noted, Mapping) else []
    return max((when for when in times if when), default=None)


def _time(value: object) -> datetime | None:
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else None
        return when.astimezone(UTC) if when and when.tzinfo else None
    except (ValueError, OverflowError):
        return None


def is_notebook(entry: Entry, assignments: Collection[str]) -> bool:
    """By its ending; where that was lost, by the assignment's name and its first byte."""
    if filenames.is_notebook(entry.path.name):
        return True
    if not entry.regular or not filenames.may_be_notebook(entry.path.name, assignments):
        return False
    try:
        return entry.head().lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{")
    except SubmissionError:
        return False


def of_submission(entries: Iterable[Entry], assignments: Collection[str]) -> list[Entry]:
    """What may be a notebook among a submission's files; nearest to its top first."""
    found = [each for each in entries if is_notebook(each, assignments)]
    return sorted(found, key=lambda each: (len(each.path.parts), PurePosixPath(each.path)))
