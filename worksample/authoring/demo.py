"""The whole job on an invented cohort, from nothing, in a course folder of its own.

Everything below calls what the command line calls. The candidates are the assignments' reference
solutions under invented names, and three that nobody would write as a reference: one whose
notebook was damaged on the way, one that attacks the grader, and one that cannot be read at all.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worksample import assignments, feedback
from worksample.assignments import build, case
from worksample.assignments.case import REVISION
from worksample.assignments.model import STANDARD, TREE, Assignment, Solution
from worksample.assignments.scorecard import RECEPTIVENESS
from worksample.assignments.zips import zipped
from worksample.batch import cohort as batch
from worksample.course import Course
from worksample.debrief import drawing
from worksample.errors import CourseError, NotGradableYet
from worksample.feedback import approval, revision
from worksample.feedback.record import work_cells
from worksample.grading import trees
from worksample.records import evidence
from worksample.review import rating
from worksample.submissions import collecting as submission
from worksample.submissions import invitations

JSON = dict[str, Any]

MARK = ".made-by-worksample-demo"
NAMES = (
    *("ada", "bola", "chidi", "dana", "emre", "fatou", "goran", "hanna"),
    *("ines", "jun", "kofi", "lena", "milan", "nour", "oskar", "priya"),
)
LEAST, MOST = 9, 10
#: the demo waits less long than a real course for a cell that does not end
CELL_SECONDS = 30
#: what a fair grader would give, criterion after criterion; 0 is "not enough information"
RATINGS: Mapping[str, Sequence[int]] = {
    "strong": (4, 4, 3),
    "assistant": (3, 3, 2),
    "adequate": (3, 2, 3),
    "weak": (2, 1, 2),
    "textbook": (2, 3, 1),
    "revised": (4, 3, 3),
}
UNRATED = (0,)
#: the invented graders, and which of each ten ratings they give a level lower, or higher
GRADERS: Mapping[str, tuple[int, int]] = {
    "grader-1 (invented)": (0, 0),
    "grader-2 (invented)": (4, 0),
    "grader-3 (invented)": (0, 4),
}
#: how feedback was taken up, by what came of the points
TAKEN_UP = {True: 3, False: 2}
APPROVER = "lead-1 (invented)"
SETTINGS = f"""\
# what the demo's course says of its scorecards, before anybody is seen
[scorecards]
graders = {len(GRADERS)}
"""
NOTE = (
    "I went back to the point that the feedback names, did it again and ran the notebook from "
    "top to bottom. My conclusion holds where the checks and my own look at the data agree; I "
    "would still want a second person to look at the part that I changed."
)
TRICK = """\
get_ipython().input_transformers_post.append(lambda lines: [])
import os, socket
from IPython.display import HTML, display
display(HTML("<script>document.title = 'full marks'</script>"))
print("</pre><script>alert('full marks')</script>", os.listdir("/"))
socket.create_connection(("192.0.2.1", 80), timeout=2)
"""
LOOP = """\
while True:
    try:
        pass
    except KeyboardInterrupt:
        pass
"""


@dataclass(frozen=True)
class Player:
    """An invented candidate.

    Attributes:
        name: the candidate's id.
        quality: of the work, as the solution's header says, or ``hostile`` and the like.
        answers: answer cell -> text.
        extra_time: accommodation, a factor.
        spoil: what happens to the notebook on its way, None where nothing does.
    """

    name: str
    quality: str
    answers: Mapping[str, str]
    extra_time: float = 1.0
    spoil: Callable[[JSON], bytes] | None = None


@dataclass(frozen=True)
class Cohort:
    """What came of one assignment's cohort."""

    assignment: str
    players: tuple[Player, ...]
    refused: tuple[str, ...]
    points: Mapping[str, float | None]
    revised: Mapping[str, tuple[float | None, float | None]]
    held_back: tuple[str, ...]


def demo(
    course: Course,
    into: Path,
    say: Callable[[str], None] = print,
    only: Collection[str] = (),
) -> list[Cohort]:
    """Do everything, for every graded assignment of ``course``, in the new course ``into``.

    Args:
        course: where the assignments come from; nothing in it is changed.
        into: made anew; it is removed first if an earlier demo made it.
        say: gets the lines of the report.
        only: ids of assignments; the others are left out.

    Raises:
        AssignmentError: there is none of an id in ``only``.
        CourseError: ``into`` exists and no demo made it, or there is no graded assignment.
        SandboxUnavailable: nothing can be executed here.
    """
    from worksample.sandbox.choice import choose

    choose(False)
    for name in only:
        assignments.find(course, name)
    begin = time.monotonic()
    own = _course(course, into)
    wanted = [each for each in assignments.all_of(own) if not only or each.id in only]
    graded = [each for each in wanted if each.graded]
    if not graded:
        raise CourseError("no assignment to show is graded", where=str(course.assignments))
    cohorts = [_cohort(own, assignment, say) for assignment in graded]
    for line in summary(own, cohorts, time.monotonic() - begin):
        say(line)
    return cohorts


def _course(course: Course, into: Path) -> Course:
    """A copy of the course without any candidate's data."""
    if into.exists() and not (into / MARK).is_file():
        raise CourseError(
            "this folder exists and was not made by the demo",
            where=str(into),
            do="name another with --into, or remove it",
        )
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    (into / MARK).write_text("made by `worksample demo`; the next demo removes this folder\n")
    shutil.copy(course.root / "nbgrader_config.py", into)
    (into / "course.toml").write_text(SETTINGS, encoding="utf-8")
    hidden = shutil.ignore_patterns("__pycache__", ".*")
    for name, folder in assignments.folders(course).items():
        shutil.copytree(folder, into / "assignments" / name, ignore=hidden)
    for settings in (into / "assignments").glob("*/assignment.toml"):
        text = settings.read_text(encoding="utf-8")
        settings.write_text(_impatient(text), encoding="utf-8")
    return Course(into.resolve())


def _impatient(settings: str) -> str:
    """``assignment.toml`` with a shorter limit for a cell."""

    def shorter(found: re.Match[str]) -> str:
        return f"{found[1]}{min(CELL_SECONDS, int(found[2]))}"

    return re.sub(r"(?m)^(cell_seconds\s*=\s*)(\d+)", shorter, settings)


def _cohort(course: Course, assignment: Assignment, say: Callable[[str], None]) -> Cohort:
    step = _Steps(say)
    name = assignment.id
    say(f"{name}: {assignment.title}")
    with step("build the notebooks"):
        build.build(course, assignment)
    players = cohort(assignment)
    with step(f"invite {len(players)} candidates, each to a case of their own"):
        for player in players:
            invitations.invite(course, player.name, assignment, STANDARD, player.extra_time)
    with step("they work and send their folders back"):
        refused = _submit(course, assignment, name, players)
    with step("grade: sealed run, checks, gradebook, evidence"):
        points = _grade(course, name)
    with step(f"{len(GRADERS)} invented graders rate what only people can judge"):
        _rate(course, assignment, name, [p for p in players if p.name in points])
    with step("draw the feedback; a person approves it; release"):
        # the attack is looked at by itself, so it is left out of the batch and stays back
        apart = [p.name for p in players if p.quality == "hostile"]
        held = _feedback(course, name, apart)
    with step("two of them revise; grade; feedback with before and after"):
        revised = _revise(course, assignment, players, points)
    with step("draw a debrief, and the whole cohort's"):
        drawing.debrief(course, next(iter(revised), players[0].name), APPROVER)
        drawing.debrief_cohort(course, name)
    return Cohort(name, tuple(players), tuple(refused), points, revised, tuple(held))


class _Steps:
    """Says what is being done and how long it took."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        begin = time.monotonic()
        yield
        self.say(f"  {time.monotonic() - begin:5.1f} s  {what}")


def cohort(assignment: Assignment) -> list[Player]:
    """Who takes part: every quality there is, then more of them, then those that come to grief."""
    cells = [c for c in assignment.cells_of(STANDARD) if c.kind == "answer" and c.type == "code"]
    solutions = _by_quality(assignment.solutions)
    made = [(s.quality, _answers(s), None) for s in solutions]
    best = _answers(solutions[0]) if solutions else {}
    spoiled: list[tuple[str, Mapping[str, str], Callable[[JSON], bytes] | None]] = []
    if cells and not any(s.ended == "timeout" for s in solutions):
        spoiled.append(("endless loop", {**best, cells[-1].id: LOOP}, None))
    if cells and not any(s.quality == "hostile" for s in solutions):
        spoiled.append(("hostile", {cells[0].id: TRICK}, None))
    spoiled.append(("damaged", best, damaged))
    spoiled.append(("unreadable", best, unreadable))
    few = [*made[: MOST - len(spoiled)], *spoiled]
    while made and len(few) < LEAST:
        few.insert(len(made), made[len(few) % len(made)])
    return [
        Player(name, quality, answers, 1.5 if place == 1 else 1.0, spoil)
        for place, (name, (quality, answers, spoil)) in enumerate(zip(NAMES, few, strict=False))
    ]


def _answers(solution: Solution) -> dict[str, str]:
    """Cell -> text, and what it does to ``work/`` where there is one."""
    script = solution.script(STANDARD)
    return {**solution.sources(STANDARD), **({TREE: script} if script else {})}


def _by_quality(solutions: Sequence[Solution]) -> list[Solution]:
    """Best first, one of each quality before the second of any."""
    first = ("strong", "adequate", "weak", "hostile", "blank", "crash", "endless loop", "textbook")
    order = list(dict.fromkeys([*first, *RATINGS]))
    rank = {quality: place for place, quality in enumerate(order)}
    ranked = sorted(solutions, key=lambda s: (rank.get(s.quality, len(order)), s.name))
    seen: dict[str, int] = {}
    rounds: list[tuple[int, int, Solution]] = []
    for solution in ranked:
        seen[solution.quality] = seen.get(solution.quality, 0) + 1
        rounds.append((seen[solution.quality], len(rounds), solution))
    return [solution for *_, solution in sorted(rounds, key=lambda each: each[:2])]


def damaged(notebook: JSON) -> bytes:
    """Check cells gone, points raised, an answer twice, a foreign format: it can be repaired."""
    cells = notebook["cells"]
    graded = [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade")]
    for cell in graded[1:]:
        cell["metadata"]["nbgrader"]["points"] = 1000
    kept = [cell for cell in cells if cell is not graded[0]]
    answer = next(c for c in kept if c["metadata"].get("nbgrader", {}).get("solution"))
    kept.insert(0, {**answer, "source": "# an older copy of this cell"})
    return json.dumps({**notebook, "cells": kept, "nbformat": 4, "nbformat_minor": 1}).encode()


def unreadable(notebook: JSON) -> bytes:
    """Half of the file, as a broken upload leaves it."""
    data = json.dumps(notebook).encode()
    return data[: len(data) // 2]


def _submit(
    course: Course, assignment: Assignment, name: str, players: Sequence[Player]
) -> list[str]:
    """Each works in the package they were sent and zips the folder; returns what was refused."""
    inbox = course.root / "inbox" / name
    inbox.mkdir(parents=True)
    for player in players:
        package = case.package_path(course, name, player.name)
        with zipfile.ZipFile(package) as archive:
            files = {entry: archive.read(entry) for entry in archive.namelist()}
        path = f"{name}/{name}.ipynb"
        notebook = json.loads(files[path])
        for cell in notebook["cells"]:
            if cell["id"] in player.answers:
                cell["source"] = player.answers[cell["id"]]
        spoil = player.spoil or (lambda whole: json.dumps(whole, indent=1).encode())
        files[path] = spoil(notebook)
        public = course.cases / assignment.id / player.name / "public"
        files = _worked_on(files, name, player.answers.get(TREE, ""), public)
        (inbox / f"{player.name}.zip").write_bytes(zipped(files))
    refused = submission.collect(course, [inbox]).refused
    return [f"{Path(error.where or '').parent.stem}: {error.what}" for error in refused]


def _worked_on(
    files: Mapping[str, bytes], name: str, script: str, public: Path
) -> dict[str, bytes]:
    """The package's files with ``work/`` as a solution's script makes it of what was given out."""
    if not script:
        return dict(files)
    with tempfile.TemporaryDirectory(prefix="worksample-demo-") as folder:
        made = trees.solved(public, script, Path(folder, name))
        work = {
            f"{name}/{TREE}/{path.relative_to(made).as_posix()}": path.read_bytes()
            for path in sorted(made.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }
    head = f"{name}/{TREE}/"
    return {**{each: data for each, data in files.items() if not each.startswith(head)}, **work}


def _grade(course: Course, name: str) -> dict[str, float | None]:
    done = batch.grade(course, name)
    if len(done.not_gradable) == len(done.outcomes) > 0:
        raise NotGradableYet(
            f"nothing could be graded on this machine: {done.not_gradable[0].why}",
            do="worksample doctor says what is missing",
        )
    return {each.candidate: each.points for each in done.outcomes}


def _rate(course: Course, assignment: Assignment, name: str, players: Sequence[Player]) -> None:
    """Each invented grader by themselves, each a little off in their own way."""
    works = work_cells(assignment, STANDARD)
    for grader, (lower, higher) in GRADERS.items():
        for player in players:
            given = RATINGS.get(player.quality, UNRATED)
            for place, criterion in enumerate(assignment.criteria):
                written = works[criterion] in player.answers
                value = given[place % len(given)] if written else 0
                reason = "" if value else "not attempted"
                luck = _luck(grader, player.name, criterion)
                seen = _quoted(player.answers[works[criterion]], luck) if value else ""
                value += (luck >= 10 - higher and 0 < value < 4) - (luck < lower and value > 1)
                rating.rate(course, name, player.name, criterion, value, grader, reason, seen)
            if name.endswith(REVISION):
                _rate_receptiveness(course, name, player.name, grader)
            rating.submit(course, name, player.name, grader)


def _rate_receptiveness(course: Course, name: str, candidate: str, grader: str) -> None:
    before = evidence.latest(course, name.removesuffix(REVISION), candidate)
    after = evidence.latest(course, name, candidate)
    better = bool(before and after and (after["points"] or 0) > (before["points"] or 0))
    seen = "Invented: no person has compared the two attempts."
    rating.rate(
        course, name, candidate, RECEPTIVENESS, TAKEN_UP[better], grader, seen=seen,
        cell="revision_note",
    )  # fmt: skip


def _quoted(written: str, place: int) -> str:
    """The sentence that an invented grader marks in a cell; nobody has read it."""
    plain = re.sub(r"[*_`#]+", "", written)
    rows = [re.sub(r"\s*\|\s*", " · ", row.strip("|- ")) for row in plain.split("\n")]
    # a row of a table is a sentence of its own
    text = "\n".join(f"{row}\n\n" if " · " in row else row for row in rows if "---" not in row)
    sentences = [" ".join(s.split()) for s in re.split(r"(?<=[.!?])\s+|\n\s*\n", text)]
    long = [each for each in sentences[1:] if len(each) > 25] or [" ".join(text.split())]
    return f"“{long[place % len(long)][:160]}”"


def _luck(*words: str) -> int:
    """A digit that is the same each time."""
    return int(hashlib.sha256("|".join(words).encode()).hexdigest(), 16) % 10


def _feedback(course: Course, name: str, apart: Sequence[str]) -> list[str]:
    """Draw, approve, release; returns who was held back."""
    feedback.render(course, name)
    feedback.approve(course, name, by=APPROVER, except_=apart, reason="demo")
    released = feedback.release_feedback(course, name, by=APPROVER)
    return [outcome.candidate for outcome in released if outcome.refused]


def _revise(
    course: Course,
    assignment: Assignment,
    players: Sequence[Player],
    points: Mapping[str, float | None],
) -> dict[str, tuple[float | None, float | None]]:
    """Two who have something to gain work their attempts over."""
    chosen = _revisers(players, points)
    best = _answers(_by_quality(assignment.solutions)[0])
    name = assignment.id + REVISION
    revised = []
    for player in chosen:
        revision.revise(course, assignment.id, player.name, by=APPROVER)
        # a single cell of another solution would seldom fit: they work it all over
        answers = {**player.answers, **best, "revision_note": NOTE}
        revised.append(Player(player.name, "revised", answers))
    _submit(course, assignment, name, revised)
    after = _grade(course, name)
    _rate(course, assignment, name, revised)
    _feedback(course, name, [])
    return {p.name: (points[p.name], after.get(p.name)) for p in revised}


def _revisers(players: Sequence[Player], points: Mapping[str, float | None]) -> list[Player]:
    """The first adequate and the first weak one, else whoever is in the middle."""
    known = {p.name: p for p in players if points.get(p.name) is not None and not p.spoil}
    ranked = [p for p in known.values() if p.quality in ("adequate", "weak", "textbook")]
    others = sorted(
        (p for p in known.values() if p not in ranked and p.quality != "hostile"),
        key=lambda p: abs((points[p.name] or 0) - 50),
    )
    return [*ranked, *others][:2]


def summary(course: Course, cohorts: Sequence[Cohort], seconds: float) -> list[str]:
    """What happened and which files to open: ten lines for one assignment."""
    lines = []
    for made in cohorts:
        scored = {name: points for name, points in made.points.items() if points is not None}
        gained = [f"{n} {b:.0f} → {a:.0f}" for n, (b, a) in made.revised.items() if b and a]
        lines += [
            f"{made.assignment}: {len(made.players)} invented candidates sent work back, "
            f"{len(scored)} have a score (of 100 points).",
            "  " + _listed(f"{p.name} ({p.quality}) {_score(made, p)}" for p in made.players),
            "  not taken: " + (_listed(made.refused)[:110] or "none"),
            "  revised: "
            + (_listed(gained) or "nobody gained")
            + "; kept back, as nobody approved it: "
            + (_listed(made.held_back) or "none"),
            *_to_open(course, made),
        ]
    end = (
        f"Done in {seconds:.0f} s. To rate as a grader does: cd {_near(course.root)} && jupyter lab"
    )
    return [*lines, end]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _score(made: Cohort, player: Player) -> str:
    points = made.points.get(player.name)
    return "no score" if points is None else f"{points:.0f}"


def _to_open(course: Course, made: Cohort) -> list[str]:
    def page(name: str, candidate: str) -> str:
        return _near(approval.page_path(course, name, candidate))

    best = max(made.points, key=lambda name: round(made.points[name] or 0))
    failed = next((n for n in made.points if _failed(course, made.assignment, n)), best)
    again = next(iter(made.revised), best)
    record = evidence.latest(course, made.assignment, best)
    file = f"{record['number'] if record else 1}.json"
    proof = evidence.folder(course, made.assignment, best) / file
    return [
        f"  feedback:         {page(made.assignment, best)}",
        f"  … after a crash:  {page(made.assignment, failed)}",
        f"  … on a revision:  {page(made.assignment + REVISION, again)}",
        f"  the evidence:     {_near(proof)}",
        f"  the debrief:      {_near(drawing.path_of(course, again))}, and the cohort's: "
        f"{_near(drawing.path_of(course, f'cohort-{made.assignment}'))}",
    ]


def _failed(course: Course, name: str, candidate: str) -> bool:
    found = evidence.latest(course, name, candidate)
    return bool(found and found["outcome"] == "candidate_failure")


def _near(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
