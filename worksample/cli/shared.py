"""What commands share: options, words, progress, errors."""

from __future__ import annotations

import difflib
import errno
import os
import shutil
import sys
import tempfile
import textwrap
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worksample.errors import WorksampleError

if TYPE_CHECKING:
    from worksample.assignments.model import Assignment
    from worksample.batch.outcomes import Batch, Outcome
    from worksample.course import Course
    from worksample.kit.readers import Question
    from worksample.submissions.collecting import Receipt


LINE_SECONDS = 5.0  # between two lines that say how far a command is, where nobody sees a bar
UNGRADABLE = 3  # exit status: something was graded, something could not be


def example(*lines: str) -> str:
    """The example that ends a command's help."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


UNSAFE = click.option(
    "--unsafe-no-sandbox",
    "unsafe",
    is_flag=True,
    help="Run candidates' code as yourself, where there is no sandbox. The evidence says so.",
)
SCHEDULER = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Let the workers of this Dask scheduler do it, as in tcp://host:8786.",
)
SKIN = click.option("--skin", default="", help="In the words of this skin (another trade).")
ONLY = click.option("--candidate", "-c", "candidates", multiple=True, help="Only this one.")
INTO = click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to, instead of the course's own.",
)
BY = click.option("--by", default="", envvar="WORKSAMPLE_ACTOR", help="Who you are.")


def say(words: str, err: bool = False) -> None:
    """Print; file names and errors may hold what candidates wrote, and a terminal would obey it."""
    from worksample.grading import clean

    click.echo(clean.screen(words), err=err)


def the_course() -> Course:
    from worksample.course import Course

    return Course.locate()


def the_assignment(course: Course, assignment_id: str) -> Assignment:
    from worksample import assignments

    return assignments.find(course, assignment_id)


def one_assignment(course: Course, words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Which of the words names an assignment, and the others; no candidate is called like one.

    Raises:
        WorksampleError: none of them is one.
    """
    from worksample import assignments

    known = assignments.ids(course)
    meant = [word for word in words if base(word) in known] or [
        word for word in words if difflib.get_close_matches(base(word), known)
    ]
    found = meant[0] if meant else words[-1]
    the_assignment(course, base(found))
    return found, tuple(word for word in words if word != found)


def several(course: Course, assignment_id: str) -> bool:
    """Whether several people rate an attempt independently of one another."""
    from worksample.scorecards import settings

    return settings.of(course).graders_of(assignment_id) > 1


def base(assignment_id: str) -> str:
    return assignment_id.removesuffix("-revision")


def shown(course: Course, path: Path) -> str:
    """A path as a person would type it from where they are."""
    return os.path.relpath(path) if path.is_relative_to(course.root) else str(path)


def then(*commands: str) -> None:
    for command in commands:
        click.secho(f"next: {command}", dim=True)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int | None, str], None]]:
    """A bar on standard error; where that is no terminal, a line now and then."""
    from tqdm import tqdm

    from worksample.grading import clean

    shown = sys.stderr.isatty()
    tqdm.monitor_interval = 0  # no thread: workers are forked after this
    with tqdm(desc=label, disable=not shown, leave=False, dynamic_ncols=True) as bar:
        done, told = 0, time.monotonic()
        if not shown:
            say(f"{label}: begun …", err=True)

        def step(total: int | None, name: str) -> None:
            nonlocal done, told
            done += 1
            if not shown and time.monotonic() - told >= LINE_SECONDS:
                told = time.monotonic()
                say(f"{label}: {done}{f' of {total}' if total else ''} ({name})", err=True)
            bar.total = total
            bar.set_postfix_str(clean.terminal(name), refresh=False)
            bar.update()

        yield step


def errors(heading: str, errors: Sequence[Exception]) -> list[str]:
    return [f"{heading}:", *(f"  {error}" for error in errors)] if errors else []


def receipt_lines(receipt: Receipt) -> str:
    state = "" if receipt.new else ", received before"
    counts = "" if receipt.current else ", not the one that counts"
    lines = [
        f"{receipt.candidate}: {receipt.assignment}, attempt file {receipt.number}, "
        f"receipt, fingerprint {receipt.code}{state}{counts}",
        *(f"    {note}" for note in receipt.notes),
    ]
    return "\n".join(lines)


def print_batch(batch: Batch) -> None:
    width = max(len(each.candidate) for each in batch.outcomes)
    for each in batch.outcomes:
        head = f"{each.candidate:{width}}  {points_of(each):>14}  "
        say(_wrapped(head, words_of(each)))
    total = len(batch.outcomes)
    new = sum(each.new for each in batch.outcomes) - len(batch.not_gradable)
    say(f"{total - len(batch.not_gradable)} of {total} have a score, {max(new, 0)} of them new")
    for why, count in batch.not_forked.items():
        say(f"slower than it could be: {count} had a bubblewrap each, because {why}")
    if batch.not_gradable:
        names = ", ".join(each.candidate for each in batch.not_gradable)
        say(f"not gradable yet, no score was written: {names}", err=True)


def _wrapped(head: str, words: str) -> str:
    """A row of a table whose last column goes on below itself, all of it."""
    columns = max(shutil.get_terminal_size((100, 24)).columns, len(head) + 30)
    return (
        textwrap.fill(
            words,
            columns,
            initial_indent=head,
            subsequent_indent=" " * len(head),
            break_long_words=False,
            break_on_hyphens=False,
        )
        or head.rstrip()
    )


def points_of(outcome: Outcome) -> str:
    if outcome.points is None:
        return "no score"
    from worksample.records.precision import words

    return f"{words(outcome.points, outcome.sem)} of {outcome.possible:g}"


def words_of(outcome: Outcome) -> str:
    words = {
        "graded": "",
        "candidate_failure": "graded on what was produced: ",
        "not_gradable_yet": "not gradable yet: ",
    }
    parts = [words[outcome.outcome] + " ".join(outcome.why.split())]
    parts += ["unchanged"] if not outcome.new else []
    parts += [f"repaired: {outcome.repairs}"] if outcome.repairs else []
    return " · ".join(part for part in parts if part)


def print_outcomes(outcomes: list[Any], done: str) -> None:
    for each in outcomes:
        say(f"{each.candidate}: {each.refused or done}")
    if any(each.refused for each in outcomes):
        fail(f"not {done}: {', '.join(e.candidate for e in outcomes if e.refused)}")


def ask(assignment: Assignment, name: str, reason: str) -> tuple[int, str, str]:
    """One criterion with its anchors, answered at the terminal."""
    from worksample.review.rating import NO_INFORMATION

    criterion = assignment.criteria[name]
    say(f"\n{name} · {criterion.dimension}\nlook at: {criterion.wanted}")
    for value, anchor in sorted(criterion.anchors.items()):
        say(f"  {value}  {anchor}")
    say("  0  not enough information")
    value = click.prompt("rating", type=click.IntRange(0, 4))
    if value == 0:
        return 0, click.prompt("why", type=click.Choice(NO_INFORMATION)), ""
    return value, reason, click.prompt("what you saw, and where", default="", show_default=False)


def ask_reader(question: Question, none: str = "the text does not say it") -> str:
    """One question for a reader, at the terminal: a letter, a number, or - for not said."""
    from worksample.kit.readers import LETTERS

    say(f"\n{question.ask}" + (f" ({question.unit})" if question.unit else ""))
    for letter, words in zip(LETTERS, question.options, strict=False):
        say(f"  {letter}  {words}")
    say(f"  -  {none}")
    return str(click.prompt("answer"))


def fail(message: str) -> None:
    say(message, err=True)
    sys.exit(1)


def of_the_disk(error: OSError) -> str | None:
    """Words for what a person can mend; None for everything else."""
    remedies = {
        errno.EROFS: "mount it writable, or move the course",
        errno.EACCES: "make it readable and writable for you",
        errno.EPERM: "make it readable and writable for you",
        errno.ENOSPC: "free some space",
        errno.EDQUOT: "free some space",
    }
    if error.errno not in remedies:
        return None
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror}\n  → {remedies[error.errno]}, then run the same command again"


def unexpected(error: Exception) -> str:
    """One line, and where the traceback went."""
    if "worksample.databases" in sys.modules:  # else no database was opened
        from worksample.databases import explained

        if known := explained(error):
            return str(known)
    text = "".join(traceback.format_exception(error))
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    try:
        folder = the_course().state / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / name
        log.write_text(text, encoding="utf-8", errors="backslashreplace")
    except (OSError, WorksampleError):
        log = Path(tempfile.gettempdir(), f"worksample-{name}")
        log.write_text(text, encoding="utf-8", errors="backslashreplace")
    said = str(error).splitlines()[0][:200] if str(error) else ""
    return (
        f"unexpected: {type(error).__name__}: {said}\n  → this is a fault of worksample; see {log}"
    )
