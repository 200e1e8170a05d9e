"""A canary in every hidden input: nothing that a candidate can see before a revision sings of it.

The candidate's functions are called with hidden inputs, so their code knows them, and it would like
to tell. Here it tries by everything that it may choose, and the author of the checks helps as much
as a careless one can: the checks repeat in their messages whatever came back.
"""

from __future__ import annotations

import base64
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cohort import a_copy, hand_in
from tests.conftest import ROOT, TINY
from worksample import assignments, feedback
from worksample.assignments import build, case
from worksample.batch import attempts
from worksample.course import Course
from worksample.feedback import approval
from worksample.feedback.revision import revise
from worksample.records import evidence

WORD, COLUMN, DIGITS = "qZinnoberfink", "qGelbspoetter", "7183946205"
REVISION = f"{TINY}-revision"

PROBE = f"""
import pandas as pd
from worksample.grading.probe import Call

def calls(case):
    hidden = {{"x": case.truth()["hidden"], "word": "{WORD}", "{COLUMN}": 0.{DIGITS}}}
    rows = pd.DataFrame(hidden)
    for name, returns in {{"predict": "numbers", "shown": "json", "table": "frame"}}.items():
        yield Call(name, name, (rows,), returns, seconds=10)
        yield Call(name, name, (rows,), returns, seconds=10)
"""

CHECKS = """
from worksample.grading.checks import CheckResult, Part, answer, why_no_answer

def check_slope(run, case):
    said = f"The slope is {answer(run, 'slope')!r}. {why_no_answer(run, 'slope')}"
    return CheckResult((Part("slope", 0, 40, said),), {"slope": 1.5}, {"said": said})

def check_predict(run, case):
    results = [result for made in run.calls.values() for result in made]
    values = [result.value for result in results if result.ok]
    said = " ".join([*(result.error for result in results), *map(str, values)])
    columns = [str(list(value.columns)) for value in values if hasattr(value, "columns")]
    numbers = [float(sum(value)) for value in values if hasattr(value, "sum") and value.ndim == 1]
    parts = [
        Part(f"said {said}", 0, 20, said),
        Part(f"columns {columns}", 0, 20, f"The columns are {columns}."),
        Part("numbers", 0, 20, f"Their sum is {numbers}."),
    ]
    details = {"hits": sum(numbers, 0.0), "seen": said}
    return CheckResult(tuple(parts), details, {"said": said, "numbers": numbers})
"""

BY_ERROR = """
def predict(rows): raise ValueError(f"{rows.word[0]} {rows.columns[-1]} {rows.iloc[0, -1]}")
def shown(rows): raise type(rows.word[0], (Exception,), {})(rows.columns[-1])
def table(rows): return rows[rows.columns[-1] + str(rows.iloc[0, -1])]
"""
BY_VALUE = """
def predict(rows): return [float(rows.iloc[0, -1])] + [0.0] * (len(rows) - 1)
def shown(rows): return {"a": [rows.word[0], list(rows.columns), str(rows.iloc[0, -1])]}
def table(rows): return rows.assign(**{rows.word[0]: str(rows.iloc[0, -1])})
"""
BY_OUTPUT = """
import os, sys
from IPython.display import display, HTML
_out, _pub, _handle = sys.stdout, get_ipython().display_pub, display("before", display_id=True)
def _everywhere(rows):
    told = f"{rows.word[0]} {rows.columns[-1]} {rows.iloc[0, -1]}"
    for tell in (
        lambda: print(told, flush=True), lambda: print(told, file=_out, flush=True),
        lambda: os.system(f"echo '{told}'"), lambda: display(HTML(told)),
        lambda: _handle.update(told), lambda: _pub.publish({"text/plain": told}),
        lambda: record("slope", told), lambda: open("told.txt", "w").write(told),
        lambda: open(os.environ["WORKSAMPLE_ANSWERS"] + "/slope.json", "w").write(repr(told)),
    ):
        try: tell()
        except Exception: pass
def predict(rows): _everywhere(rows); return [0.0] * len(rows)
def shown(rows): _everywhere(rows); os._exit(len(rows.word[0]))
def table(rows): _everywhere(rows); return rows[["x"]]
"""
SINGERS = {"ada": BY_ERROR, "bob": BY_VALUE, "dee": BY_OUTPUT}


@pytest.fixture(scope="module")
def sung_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the canaries, graded, its feedback approved, its revisions made."""
    root = tmp_path_factory.mktemp("canary") / "course"
    (root / "assignments").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    folder = shutil.copytree(
        ROOT / "tests" / "assignments" / TINY,
        root / "assignments" / TINY,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (folder / "probe.py").write_text(PROBE)
    (folder / "checks.py").write_text(CHECKS)
    rubric = folder / "rubric.toml"
    words = rubric.read_text()
    for written in ("Next to none of the predictions", "{hits:.0f} of 20 predictions"):
        assert written in words
        words = words.replace(written, "You said {seen}, in all {hits}; of the predictions")
    rubric.write_text(words)
    course = Course(root)
    build.build(course, assignments.find(course, TINY))
    for who, code in SINGERS.items():
        hand_in(course, who, {"slope_answer": "SLOPE = 1.5", "predict_answer": code})
        assert attempts.graded_record(course, TINY, who)["outcome"] in evidence.SCORED
    feedback.render(course, TINY, list(SINGERS))
    feedback.approve(course, TINY, list(SINGERS), by="grace")
    for who in SINGERS:
        revise(course, TINY, who)
    return root


@pytest.fixture
def sung(sung_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    return a_copy(sung_once, tmp_path, monkeypatch)


def forms(canary: str) -> Iterator[bytes]:
    """Ways in which it might be written."""
    data = canary.encode()
    yield from (data, data[::-1], data.hex().encode(), data.upper(), data.lower())
    encoded = (base64.b64encode(b" " * lead + data)[4:-4] for lead in range(3))
    yield from (form for form in encoded if len(form) >= 8)


def seen(course: Course, who: str) -> Iterator[tuple[str, bytes]]:
    """Everything of an attempt that its candidate gets, and the notebook that is drawn of it."""
    page = approval.page_path(course, TINY, who)
    for path in sorted(path for path in page.parent.rglob("*") if path.is_file()):
        yield path.name, path.read_bytes()
    found = evidence.latest(course, TINY, who)
    assert found is not None
    yield "drawn", json.dumps(evidence.notebook(course, found)).encode()
    for name in (TINY, REVISION):
        with zipfile.ZipFile(case.package_path(course, name, who)) as archive:
            yield from ((member, archive.read(member)) for member in archive.namelist())


@pytest.mark.parametrize("who", SINGERS)
def test_no_hidden_input_reaches_a_candidate(sung: Course, who: str) -> None:
    """About 180 characters of the hidden inputs came back before the revision, enough for a key."""
    everything = dict(seen(sung, who))
    assert {"feedback.html", f"{TINY}.html"} & {Path(name).name for name in everything}
    for name, data in everything.items():
        for canary in (WORD, COLUMN, DIGITS, DIGITS[:8]):
            found = [form for form in forms(canary) if form in data]
            assert not found, f"{name} holds {found}"


@pytest.mark.parametrize("who", ["ada", "bob"])
def test_graders_see_what_was_said(sung: Course, who: str) -> None:
    """The canaries were there: what is kept from the candidate is not lost."""
    found = evidence.latest(sung, TINY, who)
    assert found is not None
    text = json.dumps(found)
    assert WORD in text
    assert COLUMN in text
    assert DIGITS[:6] in text


def test_what_a_check_says_of_our_own_stays_readable(sung: Course) -> None:
    found = evidence.latest(sung, TINY, "ada")
    assert found is not None
    messages = " ".join(part["message"] for part in found["checks"]["predict"]["parts"])
    assert "predict: raised ValueError" in messages
    assert "shown: raised an error" in messages
    assert "table: raised KeyError" in messages
