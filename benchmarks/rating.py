"""What the rating screen costs: its answers as a cohort grows, and the keys that a rater presses.

``python benchmarks/rating.py`` makes two courses with twelve criteria, one with 10 candidates and
one with 500, each rated by four graders who have submitted half of them, and asks both for the
same pages in turn. Times are told as ratios of the large course to the small one, round by round,
so that they mean something on another machine.

Then a browser rates candidates by keys alone, at no pace but the machine's: what is told is how
many keys each takes, and which share of five minutes goes to waiting for the screen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import figures  # noqa: E402

from tests.browser import launch  # noqa: E402
from tests.exchange.afar import PASSWORD  # noqa: E402
from tests.exchange.served import Client, member, served  # noqa: E402
from worksample import assignments  # noqa: E402
from worksample.assignments import build  # noqa: E402
from worksample.assignments.model import Assignment  # noqa: E402
from worksample.course import Course  # noqa: E402
from worksample.exchange import people, rating_queue  # noqa: E402
from worksample.exchange.app import Rates  # noqa: E402
from worksample.exchange.tables import RatingDraft, opened  # noqa: E402
from worksample.records import evidence  # noqa: E402
from worksample.records.tables import Grading, Rating, RatingsSubmitted, Records  # noqa: E402
from worksample.submissions import invitations  # noqa: E402

TINY = "tiny-regression"
GRADERS = ("grace", "heidi", "ines", "jon")
CRITERIA = 12
CELL = "explanation_answer"
TEXT = "The residuals are small and show no bend. I trust the line within the table's range."
FIVE_MINUTES = 300.0
UNLIMITED = Rates(requests=(1e9, 1.0))


def course_in(
    root: Path, names: Sequence[str], visited: int, invited: Sequence[str] | None = None
) -> Course:
    """A course whose candidates are graded and half rated, by all graders.

    Args:
        visited: how many of them nobody has rated; grace opens them.
        invited: who has a case; None: those whom grace opens.
    """
    folder = root / "assignments" / TINY
    folder.parent.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "tests" / "assignments" / TINY, folder)
    _add_criteria(folder)
    (root / "course.toml").write_text(f"[scorecards]\ngraders = {len(GRADERS)}\n")
    course = Course(root)
    tiny = assignments.find(course, TINY)
    build.build(course, tiny)
    for grader in GRADERS:
        people.add(course, grader, "grader", PASSWORD)
    order = sorted(
        names, key=lambda who: rating_queue.code_of(course, "attempts", TINY, "grace", who)
    )
    for name in order[:visited] if invited is None else invited:
        invitations.invite(course, name, tiny)
    _grade(course, tiny, names)
    _rate(course, tiny, order, visited)
    return course


def _add_criteria(folder: Path) -> None:
    """Eleven more like the one there is."""
    rubric, notebook = folder / "rubric.toml", folder / "notebook.py"
    own = rubric.read_text().partition("[checks.")[0]
    text, cells = rubric.read_text(), notebook.read_text()
    dimension = 'dimension="Documentation & Communication"'
    for number in range(2, CRITERIA + 1):
        text = own.replace("[explanation", f"[extra_{number}") + text
        cells += (
            f'\n# %% [markdown] cell="extra_{number}" kind="criterion" points=4 {dimension}\n'
            f"# ## {number + 2}. Another thing\n"
        )
    rubric.write_text(text)
    notebook.write_text(cells)


def _grade(course: Course, tiny: Assignment, names: Sequence[str]) -> None:
    book = json.loads(build.release_bytes(course, tiny, "standard"))
    for cell in book["cells"]:
        cell["source"] = TEXT if cell["id"] == CELL else "".join(cell["source"])
    data = json.dumps(book).encode()
    digest = hashlib.sha256(data).hexdigest()
    ended = {"how": "completed", "cell": None, "detail": ""}
    run = {"ended": ended, "cells": {}, "answers": {}, "refused": {}, "limits": {}}
    rows = []
    for name in names:
        body = {
            "attempt": 1,
            "outcome": "graded",
            "why": "",
            "inputs": {"submission": name, **dict.fromkeys(("case", "checks", "engine"), digest)},
            "case": {"level": "standard", "version": 1, "seed": "0" * 16},
            "submission": {"submitted": None, "files": {}},
            "repairs": [],
            "run": run,
            "checks": {},
            "points": 50.0,
            "possible": 100.0,
        }
        record = evidence.append(course, TINY, name, body, data)
        rows.append(
            Grading(
                assignment=TINY,
                candidate=name,
                number=1,
                key=record["key"],
                evidence_digest=digest,
                outcome="graded",
                points=50.0,
            )
        )
    Records(course.records_url).add(*rows)


def _rate(course: Course, tiny: Assignment, order: Sequence[str], visited: int) -> None:
    """Half of what is not visited is submitted, the other half stands as grace's drafts."""
    rest = order[visited:]
    done, drafted = rest[: len(rest) // 2], rest[len(rest) // 2 :]
    place = {"assignment": TINY}
    for name in done:
        rows: list[Any] = [
            Rating(
                **place,
                candidate=name,
                criterion=criterion,
                dimension=tiny.criteria[criterion].dimension,
                grader=grader,
                value=3,
                cell=CELL,
            )
            for grader in GRADERS
            for criterion in tiny.criteria
        ]
        rows += [RatingsSubmitted(**place, candidate=name, grader=grader) for grader in GRADERS]
        opened(course).add(*rows)
    drafts = [
        RatingDraft(
            **place, candidate=name, criterion=criterion, grader="grace", value=3, cell=CELL
        )
        for name in drafted
        for criterion in tiny.criteria
    ]
    opened(course).add(*drafts)


def answers(courses: Sequence[tuple[Course, str]], rounds: int) -> dict[str, float]:
    """Page -> how many times longer the large course's answer takes than the small one's."""
    clients = [member(base, "grace") for _, base in courses]
    queues = [rating_queue.work(course, TINY, "grace") for course, _ in courses]
    at = [f"team/rating/attempts/{TINY}/{queue.subjects[0].code}" for queue in queues]
    fields = {"criterion": "explanation", "value": "3", "cell": CELL, "quiet": "1"}
    asked = {
        "all ratings": lambda c, _: c.get("team/rating/"),
        "the screen": lambda c, a: c.get(a),
        "the attempt": lambda c, a: c.get(f"{a}/attempt"),
        "saving a draft": lambda c, a: c.post(f"{a}/save", {**fields, "evidence": _word()}),
    }
    return {
        name: figures.ratio(
            [
                (_timed(ask, clients[1], at[1]), _timed(ask, clients[0], at[0]))
                for _ in range(rounds)
            ]
        )
        for name, ask in asked.items()
    }


def _word() -> str:
    return f"seen {time.monotonic_ns()}"


def _timed(ask: Any, client: Client, at: str) -> float:
    begun = time.perf_counter()
    reply = ask(client, at)
    took = time.perf_counter() - begun
    if reply.status_code != 200:
        sys.exit(f"{at}: {reply.status_code}")
    return took


def raters_keys(course: Course, base: str, candidates: int) -> tuple[float, float]:
    """Keys a candidate, and seconds a candidate in which the rater could only wait.

    One criterion after the other, each with a level, a sentence picked as evidence and going on;
    then each candidate is submitted.
    """
    from playwright.sync_api import sync_playwright

    pressed, waited = 0, 0.0
    queue = rating_queue.work(course, TINY, "grace")
    chosen = [each for each in queue.subjects if each.name not in queue.submitted][:candidates]
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(base)
        page.get_by_label("Name").fill("grace")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        for criterion in queue.criteria:
            for subject in chosen:
                begun = time.perf_counter()
                page.goto(f"{base}team/rating/attempts/{TINY}/{subject.code}?criterion={criterion}")
                page.frame_locator("#attempt").locator("section.current").wait_for()
                waited += time.perf_counter() - begun
                for key in ("3", "s", "e"):
                    page.keyboard.press(key)
                page.locator("#cell option:not([value='']):checked").wait_for(state="attached")
                page.get_by_text("Saved as a draft.", exact=True).wait_for()
                pressed += 4  # with `n`, which the address above stands for
        for subject in chosen:
            page.goto(f"{base}team/rating/attempts/{TINY}/{subject.code}")
            page.frame_locator("#attempt").locator("section.current").wait_for()
            begun = time.perf_counter()
            with page.expect_navigation():
                page.keyboard.press("Control+Enter")
            waited += time.perf_counter() - begun
            pressed += 1
        browser.close()
    given = opened(course)
    for subject in chosen:
        rows = [r for r in given.ratings(TINY, subject.name) if r.grader == "grace"]
        if len(rows) != len(queue.criteria) or not all(r.cell and r.evidence for r in rows):
            sys.exit(f"{subject.name}: {len(rows)} ratings, or one without evidence")
    return pressed / len(chosen), waited / len(chosen)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--candidates", type=int, default=500)
    options.add_argument("--few", type=int, default=10)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--rated", type=int, default=2, help="candidates that the browser rates")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="rating-") as folder, ExitStack() as stack:
        courses = []
        for many in (given.few, given.candidates):
            print(f"a course of {many} candidates …", file=sys.stderr)
            names = [f"c{number:04}" for number in range(many)]
            course = course_in(Path(folder, str(many)), names, given.rated + 1)
            courses.append((course, stack.enter_context(served(course, UNLIMITED))))
        for name, ratio in answers(courses, given.rounds).items():
            print(f"{name}: {ratio:.1f} × with {given.candidates} candidates as with {given.few}")
        keys, waited = raters_keys(*courses[1], given.rated)
        print(
            f"a candidate with {CRITERIA} criteria: {keys:.0f} keys, "
            f"{waited / FIVE_MINUTES:.0%} of five minutes spent waiting for the screen"
        )


if __name__ == "__main__":
    main()
