"""A bank of the tiny assignment: measured by a real panel, killed, resumed, told stale."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cohort import TINY, a_copy
from tests.once import once
from worksample import assignments
from worksample.authoring import bank as building
from worksample.authoring import bankreport, panel
from worksample.course import Course
from worksample.errors import AssignmentError
from worksample.records import bank as banks

PANEL = '''
from worksample.kit.panel import people

PEOPLE = people(["slope", "predict"], count=3)


def answers(person, case, luck):
    truth = case.truth()
    slope = truth["slope"] + (1 - person.knobs["slope"]) * luck.choice([-1, 1])
    # as much luck as leaves a form within its band: a build of few runs
    off = 2 * (1 - person.knobs["predict"]) + 0.01 * luck.normal()
    return {
        "slope_answer": f"SLOPE = {float(slope)!r}",
        "predict_answer": f"""def predict(xs):
    return [{truth["intercept"]} + {off:.3f} + {truth["slope"]} * x for x in xs]""",
    }
'''


def with_panel(course: Course) -> Course:
    (course.assignments / TINY / "panel.py").write_text(PANEL, encoding="utf-8")
    return course


@pytest.fixture(scope="session")
def banked_once(built_once: Path) -> Path:
    """A course with a bank of TINY: two forms."""

    def build_in(folder: Path) -> None:
        import shutil

        shutil.copytree(built_once, folder / "course")
        course = with_panel(Course(folder / "course"))
        building.build(course, assignments.find(course, TINY), forms=2, workers=2)

    return once("banked", build_in) / "course"


@pytest.fixture
def banked(banked_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    return a_copy(banked_once, tmp_path, monkeypatch)


@pytest.mark.slow
def test_forms_are_measured_by_everybody_and_kept(banked: Course) -> None:
    tiny = assignments.find(banked, TINY)
    forms = banks.forms(banked, TINY, "standard")
    names = [member.name for member in panel.read(tiny).members()]
    assert names == ["blank", "strong", "weak", "person-01", "person-02", "person-03"]
    assert len(forms) >= 2
    for form in forms:
        assert list(form.scores) == names
        assert form.scores["strong"] == 100
        assert sum(form.checks["weak"].values()) == form.scores["weak"] == 20
        assert form.scores["person-03"] == 100
    bank = banks.load(banked, TINY, "standard")
    assert bank
    assert not banks.stale(bank, tiny.folder)
    assert set(bank.kept) <= {form.seed for form in forms}
    assert not list(banks.folder(banked, TINY, "standard").glob(".drawn/*"))


@pytest.mark.slow
def test_a_second_build_measures_nothing_and_changes_nothing(banked: Course) -> None:
    before = banks.load(banked, TINY, "standard")
    done = building.build(banked, assignments.find(banked, TINY), forms=1)
    assert done.measured == 0
    assert done.bank == before
    assert len(list(banked.evidence.glob(".bank/*/*/*.json"))) == 1


def test_a_change_of_the_scoring_or_the_panel_is_told(banked: Course) -> None:
    bank = banks.load(banked, TINY, "standard")
    assert bank
    folder = banked.assignments / TINY
    for name, what in (("checks.py", "assignment"), ("panel.py", "panel"), ("guide.md", None)):
        path = folder / name
        was = path.read_text()
        path.write_text(was + "\n")
        tiny = assignments.find(banked, TINY)
        assert banks.stale(bank, folder) == ((what,) if what else ())
        assert ("STALE" in bankreport.status(banked, tiny, "standard")) == bool(what)
        path.write_text(was)


def test_what_is_measured_anew_is_in_the_chain(banked: Course) -> None:
    bank = banks.load(banked, TINY, "standard")
    assert bank
    old = banks.folder(banked, TINY, "standard") / "bank.json"
    import json

    content = json.loads(old.read_bytes())
    again = banks.keep(banked, TINY, "standard", {**content, "kept": []})
    assert again.kept == ()
    history = sorted(banked.evidence.glob(".bank/*/*/*.json"))
    assert [path.name for path in history] == ["1.json", "2.json"]
    assert json.loads(history[1].read_bytes())["previous"] == bank.digest


@pytest.mark.slow
def test_a_killed_build_goes_on_where_it_was(built: Course) -> None:
    """SIGKILL while the second form is measured: the first is not lost, and not measured again."""
    for name in ("blank", "weak", "crash"):  # a build of few runs
        (built.assignments / TINY / "solutions" / f"{name}.py").unlink()
    home = banks.folder(built, TINY, "standard")
    code = (
        "from worksample.course import Course; from worksample import assignments;"
        "from worksample.authoring import bank;"
        f"c = Course.locate(); bank.build(c, assignments.find(c, {TINY!r}), forms=3, workers=1)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=built.root)
    deadline = time.monotonic() + 600
    while not measured(home) and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    survived = measured(home)
    assert 1 <= len(survived) < 3
    done = building.build(built, assignments.find(built, TINY), forms=3, workers=2)
    assert (done.found, done.measured) == (len(survived), 3 - len(survived))
    assert survived.items() <= measured(home).items()
    assert len(done.bank.kept) == 3
    assert not (home / ".drawn").exists()


def measured(home: Path) -> dict[Path, int]:
    """File of each form -> when it was written."""
    return {path: path.stat().st_mtime_ns for path in home.glob(f"{'[0-9a-f]' * 16}.json")}


@pytest.mark.slow
def test_the_picture_says_in_words_what_it_shows(banked: Course) -> None:
    tiny = assignments.find(banked, TINY)
    path = bankreport.draw(banked, tiny, "standard", panel.read(tiny).members())
    assert "simulated candidates" in path.read_text()


def test_the_command_says_how_far_a_bank_is(banked: Course) -> None:
    from click.testing import CliRunner

    from worksample import cli

    def show(*words: str) -> str:
        return CliRunner().invoke(cli.main, ["bank", TINY, "--show", *words]).output

    assert "2 forms kept, 0 rejected" in show()
    assert "not shown beside scores: 2 forms and 3 persons" in show()
    assert "| weak | 2 | 20.0 | 0.0 | 20.0–20.0 |" in show("--markdown")
    assert "no bank yet; 0 forms are measured" in show("--level", "senior")


def test_a_panel_with_a_mistake_is_told(course: Course) -> None:
    with_panel(course)
    path = course.assignments / TINY / "panel.py"
    path.write_text(PANEL + "\nPEOPLE = (*PEOPLE, PEOPLE[0])\n")
    with pytest.raises(AssignmentError, match="same name"):
        panel.read(assignments.find(course, TINY))


def test_without_a_panel_the_solutions_are_it(course: Course) -> None:
    read = panel.read(assignments.find(course, TINY))
    assert [member.name for member in read.members()] == ["blank", "strong", "weak"]
