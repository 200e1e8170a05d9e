"""Kits and the profile, read from TOML and held against the scorecards.

The package brings a file for each (``worksample/kits/data``). A course that has one of its own,
``kits/NAME.toml`` or ``profile.toml``, uses that instead, whole: nothing is mixed. Every
mistake is one :class:`CourseError` with file, line and what to do.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from worksample.assignments.scorecard import OUTCOMES, RATINGS, STAGES
from worksample.assignments.toml import Table, place, read_text
from worksample.course import Course
from worksample.disk import replace
from worksample.errors import CourseError
from worksample.kits import fields
from worksample.kits.model import Anchors, Kit, Profile, Question, Step, Value

DATA = Path(__file__).parent / "data"
DEBRIEF = "debrief"
UNRECOMMENDED = "reference check"  # its anchors say what others saw; nobody recommends by it

#: file name -> stage, in the order in which a candidate meets them
NAMES: Mapping[str, str] = {
    "screening": "screening",
    "work-sample": "work sample",
    "technical-interview": "technical interview",
    "applied-ml-interview": "applied ML interview",
    "team-and-culture": "team and culture",
    "debrief": DEBRIEF,
    "reference-check": UNRECOMMENDED,
}
PROFILE, OUTCOME_ANCHORS = "profile", "outcomes"
FILES = (*NAMES, OUTCOME_ANCHORS, PROFILE)


def known(name: str) -> str:
    """The name of the file that ``name`` means: it is one, or the name of a stage.

    Raises:
        CourseError: it is neither.
    """
    stages = {stage.lower(): each for each, stage in NAMES.items()}
    found = stages.get(name.lower(), name.lower())
    if found not in FILES:
        close = difflib.get_close_matches(found, FILES, n=1)
        raise CourseError(
            f"there is no kit {name!r}",
            do=f'did you mean "{close[0]}"?' if close else f"there are: {', '.join(FILES)}",
        )
    return found


def path(course: Course, name: str) -> Path:
    """The file that is used: the course's own, else the package's.

    Raises:
        CourseError: nothing is called ``name``.
    """
    own_file = _own_path(course, known(name))
    return own_file if own_file.is_file() else DATA / own_file.name


def own(course: Course, name: str) -> tuple[Path, bool]:
    """The course's own file, copied from the package's if there was none; and whether it is new.

    Raises:
        CourseError: nothing is called ``name``.
    """
    used, own_file = path(course, name), _own_path(course, known(name))
    if used == own_file:
        return own_file, False
    replace(own_file, used.read_bytes())
    return own_file, True


def kit(course: Course, name: str) -> Kit:
    """The kit of a stage, by its file's name or the stage's: ``"technical interview"``.

    Raises:
        CourseError: there is no such kit, or its file has a mistake.
    """
    wanted = known(name)
    if wanted not in NAMES:
        raise CourseError(f"{wanted} is no kit of a stage", do=f"there are: {', '.join(NAMES)}")
    with fields.as_course_error():
        table = Table.read(path(course, wanted), "is the interview kit of that stage")
        return _kit(course, wanted, table)


def profile(course: Course) -> Profile:
    """The job description and the ideal profile.

    Raises:
        CourseError: the file has a mistake.
    """
    file = path(course, PROFILE)
    with fields.as_course_error():
        text = read_text(file, "describes the role")
        read = _profile(Table.parse(text, file))
    return dataclasses.replace(read, blanks=fields.blanks(text))


def whose(course: Course, name: str) -> str:
    """Where the file in use lies, in words: the package's is not for editing."""
    file = path(course, name)
    return "the package's" if file.is_relative_to(DATA) else place(file)


def _own_path(course: Course, name: str) -> Path:
    """The profile lies beside the course's other settings, kits in a folder of theirs."""
    return (course.root if name == PROFILE else course.root / "kits") / f"{name}.toml"


# ---- a kit ----


def _kit(course: Course, name: str, table: Table) -> Kit:
    stage = NAMES[name]
    written = table.take("stage", str)
    if written != stage:
        raise table.mistake(
            f'`stage` should be "{stage}", it is "{written}"',
            "stage",
            do="the names of stages are fixed; the title is yours",
        )
    rated = stage in STAGES
    read = Kit(
        name=name,
        stage=stage,
        title=fields.text(table, "title"),
        minutes=_minutes(table),
        opening=fields.whole(table, "opening", least=0),
        closing=fields.whole(table, "closing", 0, least=0),
        purpose=fields.text(table, "purpose"),
        directions=fields.texts(table, "directions"),
        to_candidate=table.take("to_candidate", str, ""),
        questions=_questions(table.table("questions")),
        dimensions=_anchors(table.table("dimensions"), STAGES[stage]) if rated else {},
        outcomes=_outcomes(course, table) if rated else {},
        recommends=stage != UNRECOMMENDED,
    )
    table.finish()
    _check_time(table, read)
    return read


def _outcomes(course: Course, table: Table) -> Mapping[str, Anchors]:
    """The kit's own anchors, else those of all kits."""
    if "outcomes" in table:
        return _anchors(table.table("outcomes"), OUTCOMES)
    shared = path(course, OUTCOME_ANCHORS)
    return _anchors(Table.read(shared, "anchors the outcomes"), OUTCOMES)


def _anchors(table: Table, names: Iterable[str]) -> dict[str, Anchors]:
    """Name -> anchors, for exactly these names, in their order."""
    read: dict[str, Anchors] = {}
    for name in names:
        if name not in table:
            raise table.mistake(
                f'the anchors of "{name}" are missing',
                do="add a table of that very name, with a text for each of 1, 2, 3 and 4",
            )
        of_one = table.table(name)
        read[name] = {rating: fields.text(of_one, str(rating)) for rating in RATINGS}
        of_one.finish()
    table.finish()
    return read


def _questions(table: Table) -> tuple[Question, ...]:
    questions = []
    for name, each in table.tables().items():
        question = Question(
            name=name,
            ask=fields.text(each, "ask"),
            minutes=fields.whole(each, "minutes", least=1),
            areas=each.texts("areas", []),
            follow_ups=each.texts("follow_ups", []),
            guidance=each.take("guidance", str, ""),
            scale=each.take("scale", str, ""),
        )
        if not (question.areas or question.guidance):
            raise each.mistake(
                "nothing says what an answer should cover", do="add `areas` or `guidance`"
            )
        each.finish()
        questions.append(question)
    if not questions:
        raise table.mistake("there are no questions", do="add tables [questions.NAME]")
    return tuple(questions)


def _minutes(table: Table) -> tuple[int, int]:
    value = table.take("minutes", list)
    if len(value) != 2 or any(type(n) is not int for n in value) or not 0 < value[0] <= value[1]:
        raise table.mistake(
            f"`minutes` should be [shortest, longest], it is {value!r}",
            "minutes",
            do="write two whole numbers, as in [30, 45]",
        )
    return value[0], value[1]


def _check_time(table: Table, read: Kit) -> None:
    """A kit that cannot be held in its time is cut short in the middle, for some and not others."""
    needed = read.opening + read.closing + sum(question.minutes for question in read.questions)
    if needed > read.minutes[1]:
        raise table.mistake(
            f"opening, questions and closing take {needed} minutes; there are {read.minutes[1]}",
            "minutes",
            do="ask less, give questions fewer minutes, or make it longer",
        )


# ---- the profile ----


def _profile(table: Table) -> Profile:
    job = table.table("job")
    read = Profile(
        company=fields.text(table, "company"),
        industry=fields.text(table, "industry"),
        location=fields.text(table, "location"),
        role=fields.text(table, "role"),
        about=fields.text(job, "about"),
        summary=fields.text(job, "summary"),
        responsibilities=fields.texts(job, "responsibilities"),
        requirements=fields.texts(job, "requirements"),
        offer=fields.texts(job, "offer"),
        process=tuple(_steps(table.table("process"))),
        competencies=_described(table.table("competencies")),
        traits=_described(table.table("traits")),
        outcomes=_exactly(OUTCOMES, table.table("outcomes")),
        values=tuple(_values(table.table("values", needed=False))),
    )
    job.finish()
    table.finish()
    return read


def _steps(table: Table) -> Iterator[Step]:
    for name, each in table.tables().items():
        yield Step(name, fields.text(each, "length"), fields.text(each, "about"))
        each.finish()


def _values(table: Table) -> Iterator[Value]:
    for name, each in table.tables().items():
        yield Value(name, fields.text(each, "text"), fields.text(each, "ask"))
        each.finish()


def _described(table: Table) -> dict[str, str]:
    """Name -> text."""
    read = {}
    for name, each in table.tables().items():
        read[name] = fields.text(each, "text")
        each.finish()
    if not read:
        raise table.mistake("nothing stands here", do='add a table with a `text = "…"`')
    return read


def _exactly(names: Sequence[str], table: Table) -> dict[str, str]:
    """Name -> text, for these names and no others, in their order."""
    read = _described(table)
    for name in read:
        if name not in names:
            raise table.mistake(
                f'"{name}" is not one of the fixed names', name, do=f"there are: {'; '.join(names)}"
            )
    for name in names:
        if name not in read:
            raise table.mistake(f'"{name}" is missing', do='add it with a `text = "…"`')
    return {name: read[name] for name in names}
