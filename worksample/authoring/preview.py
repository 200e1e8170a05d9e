"""For authors: see what a candidate will see, and begin a new assignment."""

from __future__ import annotations

import html
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat

from worksample import assignments
from worksample.assignments import build, case, dressing
from worksample.assignments.model import STANDARD, Assignment
from worksample.assignments.rules import possible_name, unusable_name
from worksample.assignments.toml import place
from worksample.course import Course
from worksample.errors import AssignmentError

STARTER = Path(__file__).parent / "templates" / "assignments" / "starter"

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto;
  padding: 0 1rem }}
pre {{ font: 14px/1.45 ui-monospace, monospace; background: #f4f5f7; border-left: 3px solid #7a869a;
  padding: .7rem; overflow-x: auto; white-space: pre-wrap }}
table {{ border-collapse: collapse }} td, th {{ border: 1px solid #c1c7d0; padding: .2rem .6rem }}
.prompt {{ display: none }} .anchor-link {{ display: none }} img {{ max-width: 100% }}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Preview:
    """A preview as written: the candidate's folder, the notebook as a page, the truth card."""

    folder: Path
    notebook: Path
    page: Path
    truth_card: Path

    def __str__(self) -> str:
        return (
            f"{place(self.folder)} is what the candidate gets\n"
            f"  read it:     {place(self.page)}\n"
            f"  work in it:  jupyter lab {place(self.notebook)}\n"
            f"  the truth:   {place(self.truth_card)} (graders only)"
        )


@dataclass(frozen=True)
class Started:
    """A new assignment's folder, and what its maker wants to be read first."""

    assignment: str
    folder: Path
    note: str = ""

    def __str__(self) -> str:
        return (
            (f"{self.note}\n" if self.note else "")
            + f"{place(self.folder)} is ready to be changed; it already builds and verifies\n"
            f"  see it:    worksample preview {self.assignment}\n"
            f"  check it:  worksample verify {self.assignment} --quick"
        )


def preview(
    course: Course,
    assignment: Assignment,
    level: str = STANDARD,
    seed: int = 0,
    skin: str = "",
) -> Preview:
    """Write what a candidate of that level and seed would get, from the folder as it is now.

    It goes to ``build/preview/<id>/<level>-<seed>/``, in place of what was there. The notebook is
    made afresh: nothing has to be built, and ``release/`` is not touched. In a skin the company's
    guide lies beside it, as that is written nowhere else.

    Raises:
        AssignmentError: there is no such skin, or it has a mistake.
        CaseError: no such level, or the case could not be drawn.
        CourseError: nbgrader refused to make the notebook.
    """
    name = "-".join(part for part in (skin, level, str(seed)) if part)
    target = course.root / "build" / "preview" / assignment.id / name
    shown = dressing.wear(course, assignment, skin)
    with tempfile.TemporaryDirectory(prefix="worksample-preview-") as folder:
        into = Path(folder) / "case"
        drawn = case.draw(assignment, seed, level, into, candidate="preview", skin=skin)
        notebook = build.release_bytes(course, shown, level)
        # packed in a course of its own, so that no candidate "preview" is left in this one
        apart, minutes = Course(Path(folder)), assignment.minutes.work
        package = case.pack(apart, shown, drawn, assignment.id, notebook, minutes)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        with zipfile.ZipFile(package) as archive:
            archive.extractall(target)
        shutil.copy(drawn.private / "truth_card.md", target)
        if skin:
            shutil.copy(shown.folder / "guide.md", target)
    unpacked, page = target / assignment.id, target / f"{assignment.id}.html"
    page.write_text(rendered(notebook, shown.title, unpacked), encoding="utf-8")
    return Preview(unpacked, unpacked / f"{assignment.id}.ipynb", page, target / "truth_card.md")


def rendered(notebook: bytes, title: str, folder: Path) -> str:
    """A notebook as one HTML page; pictures are taken in from ``folder``, where it lies."""
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(template_name="basic", embed_images=True)
    node = nbformat.reads(notebook.decode("utf-8"), as_version=4)
    body, _ = exporter.from_notebook_node(node, {"metadata": {"path": str(folder)}})
    return _PAGE.format(title=html.escape(title), body=body)


def new(course: Course, assignment_id: str, like: str | None = None) -> Started:
    """Begin an assignment: a copy of ``like``, or of a small sample with notes on what to change.

    Raises:
        AssignmentError: the name is taken or cannot be one, or there is no ``like``.
    """
    source = assignments.find(course, like).folder if like else STARTER
    ignored = shutil.ignore_patterns("__pycache__", ".*", "*.pyc")
    return _begun(course, assignment_id, lambda at: shutil.copytree(source, at, ignore=ignored))


def bring(
    course: Course, assignment_id: str, source: str, data: Path, options: Mapping[str, list[str]]
) -> Started:
    """Begin an assignment of an author's own data, made by the hook ``bring.py`` of ``source``.

    Args:
        data: the author's file.
        options: what the hook is told besides; see ``docs/authoring.md``.

    Raises:
        AssignmentError: as :func:`new`; ``source`` has no hook, or the data cannot be used.
    """
    origin = assignments.find(course, source)
    if not (origin.folder / "bring.py").is_file():
        raise AssignmentError(
            f'"{source}" makes no assignment of data of your own',
            where=place(origin.folder),
            do="choose one whose folder has a bring.py",
        )
    hook = assignments.load_module(origin, "bring").bring
    said: list[str] = []
    made = _begun(course, assignment_id, lambda at: said.append(hook(data, at, options)))
    return replace(made, note=said[0])


def _begun(course: Course, assignment_id: str, write: Callable[[Path], Any]) -> Started:
    """An assignment's folder as ``write`` leaves it, or none at all."""
    folder = course.assignments / assignment_id
    if folder.exists():
        raise AssignmentError(
            f'there is an assignment "{assignment_id}" already',
            where=place(folder),
            do="choose another name",
        )
    if not possible_name(assignment_id):
        raise unusable_name(folder)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=course.assignments) as apart:
        write(Path(apart) / assignment_id)
        assignments.load(Path(apart) / assignment_id)
        (Path(apart) / assignment_id).rename(folder)
    return Started(assignment_id, folder)
