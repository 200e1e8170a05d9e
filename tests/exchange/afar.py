"""A course with an opening that is open now, and candidates invited to it."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.cohort import ROOT
from worksample import assignments
from worksample.assignments import case as cases
from worksample.course import Course
from worksample.exchange import inviting, links, openings, sittings
from worksample.exchange.people import Person
from worksample.submissions.collecting import Receipt

TINY = "tiny-regression"
OPENING = "platform"
PASSWORD = "a long sentence for a test"


def open_now(course: Course, **settings: object) -> None:
    """Write the opening's file: it opened yesterday and is open for a week."""
    today = datetime.now(UTC).date()
    given: dict[str, object] = {
        "title": "Engineer, platform team",
        "assignments": [TINY],
        "opens": today - timedelta(days=1),
        "closes": today + timedelta(days=6),
        "decision": today + timedelta(days=10),
        **settings,
    }
    lines = [
        f"{key} = {value if hasattr(value, 'year') else json.dumps(value)}"
        for key, value in given.items()
    ]
    folder = course.root / "openings"
    folder.mkdir(exist_ok=True)
    (folder / f"{OPENING}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def invited(course: Course, *names: str, extra_time: float = 1.0) -> list[Person]:
    """Candidates with a case and a link each."""
    opening = openings.find(course, OPENING)
    made = [inviting.invite(course, opening, name, extra_time) for name in names]
    return [links.redeem(course, each.link.code) for each in made]


def handed_in(course: Course, person: Person, files: dict[str, bytes]) -> Receipt:
    """As the candidate does it."""
    return sittings.hand_in(course, person, files, by=person.name)


def notebook_of(course: Course, candidate: str, assignment_id: str = TINY) -> bytes:
    """The notebook as it lies in the candidate's package, with a mark."""
    with zipfile.ZipFile(cases.package_path(course, assignment_id, candidate)) as package:
        return package.read(f"{assignment_id}/{assignment_id}.ipynb")


def answered(notebook: bytes, solution: str = "strong", note: str = "") -> bytes:
    """A notebook with a reference solution's answers in it."""
    book = json.loads(notebook)
    folder = ROOT / "tests" / "assignments" / TINY
    sources = _sources(folder, solution)
    for cell in book["cells"]:
        if cell["id"] in sources:
            cell["source"] = sources[cell["id"]] + (f"\n# {note}" if note else "")
    return json.dumps(book).encode()


def _sources(folder: Path, solution: str) -> dict[str, str]:
    found = assignments.load(folder)
    return found.solution(solution).sources("standard")
