"""A batch: only what changed, three outcomes never mixed, and nothing lost by a kill."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.cohort import TINY, answers, auto_scores, edit, fill, hand_in, invited, notebook_of
from tests.processes import alive, below, running, until
from worksample import cli
from worksample.batch import attempts, gradebook
from worksample.batch import cohort as batch
from worksample.course import Course
from worksample.errors import (
    AssignmentError,
    CandidateError,
    CourseError,
    SandboxUnavailable,
    SubmissionError,
)
from worksample.grading.attempt import Attempt, Graded
from worksample.records import evidence
from worksample.sandbox import bubblewrap, forked
from worksample.submissions import collecting as submission

pytestmark = pytest.mark.slow


class Here(Executor):
    """Does the work in this process: the seam that another machine's executor would fill."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.done.append(args[0].case.candidate)
        future: Future[Any] = Future()
        future.set_result(work(*args, **kwargs))
        return future


def graded(course: Course, **options: Any) -> tuple[dict[str, batch.Outcome], list[str]]:
    """Outcomes by candidate, and who was executed."""
    here = Here()
    done = batch.grade(course, TINY, start=lambda: here, **options)
    return {each.candidate: each for each in done.outcomes}, here.done


def count(course: Course, who: str = "ada") -> int:
    return len(evidence.history(course, TINY, who))


def test_nothing_changed_nothing_is_done(scored: Course) -> None:
    outcomes, executed = graded(scored)
    assert executed == []
    assert {who: (o.points, o.new) for who, o in outcomes.items()} == {
        "ada": (100, False),
        "bob": (20, False),
        "dee": (40, False),
    }
    assert outcomes["dee"].outcome == "candidate_failure"
    assert outcomes["dee"].why


def test_what_changed_is_graded_again(scored: Course) -> None:
    """The submission; then the checks; a text of the author's that no score depends on, not."""
    hand_in(scored, "bob", answers(scored, "strong"))
    outcomes, executed = graded(scored)
    assert executed == ["bob"]
    assert (outcomes["bob"].points, count(scored, "bob")) == (100, 2)
    folder = scored.assignments / TINY
    for name in ("rubric.toml", "guide.md"):
        (folder / name).write_text((folder / name).read_text() + "\n")
    assert graded(scored)[1] == []
    checks = folder / "checks.py"
    checks.write_text(checks.read_text().replace("<= 0.05", "<= 0.06"))
    assert graded(scored)[1] == ["ada", "bob", "dee"]


def test_force_adds_a_record_and_removes_none(scored: Course) -> None:
    before = evidence.history(scored, TINY, "ada")
    _, executed = graded(scored, force=True, candidates=["ada"])
    after = evidence.history(scored, TINY, "ada")
    assert executed == ["ada"]
    assert (after[:1], len(after)) == (before, 2)


def test_evidence_says_what_ran(scored: Course) -> None:
    (record,) = evidence.history(scored, TINY, "ada")
    assert record["run"]["ended"]["how"] == "completed"
    assert record["run"]["cells"]["slope_answer"] == "completed"
    assert "bubblewrap" in record["run"]["sandbox"]
    assert record["run"]["versions"]["python"]
    assert record["run"]["limits"]["cell_seconds"] == 10
    assert record["checks"]["slope"]["private"]["off"] < 0.05
    assert record["points"] == sum(check["points"] for check in record["checks"].values())
    assert list(record["checks"]) == ["slope", "predict"]


def test_a_bad_one_stops_nobody_and_gets_no_score(scored: Course) -> None:
    """Not JSON, an empty folder, nobody's folder, a broken case: listed, the others graded."""
    notebook = submission.submitted_folder(scored, TINY, "bob") / f"{TINY}.ipynb"
    notebook.chmod(0o644)
    notebook.write_text("not JSON")
    invited(scored, "fay", scored.root.parent / "fay")
    (scored.submitted / "fay" / TINY).mkdir(parents=True)
    shutil.copytree(scored.submitted / "ada" / TINY, scored.submitted / "eve" / TINY)
    truth = scored.cases / TINY / "dee" / "private" / "truth.json"
    truth.write_text("{}")
    done = batch.grade(scored, TINY)
    whys = {each.candidate: each.why for each in done.not_gradable}
    assert set(whys) == {"bob", "fay", "eve", "dee"}
    assert "not JSON" in whys["bob"]
    assert "no notebook" in whys["fay"]
    assert "no candidate 'eve'" in whys["eve"]
    assert "were changed" in whys["dee"]
    assert all(each.points is None for each in done.not_gradable)
    assert next(o for o in done.outcomes if o.candidate == "ada").points == 100


def test_a_check_at_fault_is_no_score_and_is_made_good(scored: Course) -> None:
    """Our fault is never their score; the old score stays what the gradebook shows."""
    checks = scored.assignments / TINY / "checks.py"
    text = checks.read_text()
    checks.write_text(
        text.replace("value = run.answers", "raise OSError('disk')\n    value = run.answers")
    )
    outcomes, _ = graded(scored, candidates=["ada"])
    assert outcomes["ada"].outcome == "not_gradable_yet"
    assert "check_slope raised OSError: disk" in outcomes["ada"].why
    assert evidence.history(scored, TINY, "ada")[-1]["points"] is None
    assert auto_scores(scored, TINY, "ada")["slope"] == 40
    checks.write_text(text)
    assert graded(scored, candidates=["ada"])[0]["ada"].points == 100


def test_damage_is_mended_and_told(scored: Course) -> None:
    home = invited(scored, "gus", scored.root.parent / "gus")
    fill(notebook_of(home), answers(scored, "strong"))

    def damage(notebook: dict[str, Any]) -> None:
        notebook["cells"] = [c for c in notebook["cells"] if c["id"] != "slope"]
        notebook["cells"].append(dict(notebook["cells"][-1]))

    edit(notebook_of(home), damage)
    submission.collect(scored, [home])
    outcomes, _ = graded(scored)
    assert (outcomes["gus"].points, outcomes["gus"].repairs) == (100, 2)
    record = evidence.latest(scored, TINY, "gus")
    assert record is not None
    assert {note["cell"] for note in record["repairs"]} == {"slope", "submit"}


def test_files_of_her_own_are_there_when_it_runs(built: Course) -> None:
    home = invited(built, "ada", built.root.parent / "home")
    (home / "mine").mkdir()
    (home / "mine" / "fit.py").write_text("SLOPE = 12345.0")
    (home / "toolkit" / "line.py").write_text("raise SystemExit('not this one')")
    fill(notebook_of(home), {"slope_answer": "from mine.fit import SLOPE"})
    submission.collect(built, [home])
    graded(built)
    record = evidence.latest(built, TINY, "ada")
    assert record is not None
    assert record["run"]["answers"] == {"slope": 12345.0}


def test_the_candidates_copy_of_the_case_is_not_used(built: Course) -> None:
    """A flattering case in the submission changes nothing: the case is bound from ``state/``."""
    home = invited(built, "mal", built.root.parent / "home")
    (home / "case" / "points.csv").write_text("x,y\n0,0\n1,1\n")
    fill(notebook_of(home), answers(built, "strong"))
    submission.collect(built, [home])
    outcomes, _ = graded(built)
    assert outcomes["mal"].points == 100


@pytest.mark.parametrize(
    ("name", "who", "error", "told"),
    [
        ("nothing", None, AssignmentError, "no assignment"),
        (TINY, ["adda"], CandidateError, "did you mean 'ada'"),
        (TINY, ["kim"], CandidateError, "has submitted nothing"),
        (f"{TINY}-revision", None, SubmissionError, "nothing has been submitted"),
    ],
)
def test_what_cannot_be_graded_at_all(
    scored: Course, name: str, who: list[str] | None, error: type[Exception], told: str
) -> None:
    invited(scored, "kim", scored.root.parent / "kim")
    with pytest.raises(error, match=told):
        batch.grade(scored, name, who)


def test_without_a_sandbox_nothing_is_run(built: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before any work; with ``unsafe`` it runs and says so."""
    hand_in(built, "ada", answers(built, "strong"))

    def none() -> None:
        raise SandboxUnavailable("there is no bubblewrap", do="install bubblewrap")

    monkeypatch.setattr(bubblewrap.Bubblewrap, "find", none)
    with pytest.raises(SandboxUnavailable, match="no bubblewrap"):
        graded(built)
    assert not evidence.history(built, TINY, "ada")
    outcomes, _ = graded(built, unsafe=True)
    record = evidence.latest(built, TINY, "ada")
    assert outcomes["ada"].points == 100
    assert record is not None
    assert "bubblewrap" not in record["run"]["sandbox"]
    assert graded(built, unsafe=True)[1] == []


def test_a_score_from_without_a_sandbox_is_replaced_by_one_from_within(built: Course) -> None:
    hand_in(built, "ada", answers(built, "strong"))
    graded(built, unsafe=True)
    assert graded(built)[1] == ["ada"]
    assert graded(built, unsafe=True)[1] == [], "with a sandbox is as good"


def test_who_grades_is_told_that_attempts_were_not_forked_and_why(
    built: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, whatever their number; none where nothing was run."""
    for who in ("ada", "bob"):
        hand_in(built, who, answers(built, "strong"))
    monkeypatch.setattr(forked, "_why_not", {})
    monkeypatch.setattr(forked, "landlock_abi", lambda: 4)
    monkeypatch.setattr(batch.Pool, "__call__", lambda _: Here())  # a worker would ask the kernel
    why = "Landlock's ABI is 4, and 6 is needed (Linux 6.12)"
    told = f"slower than it could be: 2 had a bubblewrap each, because {why}"
    assert run_grade().splitlines().count(told) == 1
    monkeypatch.setattr(forked, "_why_not", {})
    assert "slower" not in run_grade()


def run_grade() -> str:
    done = CliRunner().invoke(cli.main, ["grade", TINY], prog_name="worksample")
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_read_only_folder_is_found_before_any_work(built: Course) -> None:
    """As root no mode forbids writing; a file in the folder's place does."""
    hand_in(built, "ada", {})
    shutil.rmtree(built.autograded, ignore_errors=True)
    built.autograded.write_text("")
    with pytest.raises(CourseError, match="nothing can be written here"):
        graded(built)


def test_a_database_that_cannot_be_written_is_no_score(
    built: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The evidence is kept; running it again writes the gradebook without executing."""
    hand_in(built, "ada", answers(built, "strong"))
    batch.gradebook.ensure(built, TINY)
    with monkeypatch.context() as patch:
        patch.setenv("WORKSAMPLE_GRADEBOOK_URL", f"sqlite:///{built.root}/nowhere/x.db")
        patch.setattr(gradebook, "ensure", lambda *_: None)
        outcomes, _ = graded(built)
        assert outcomes["ada"].outcome == "not_gradable_yet"
        assert outcomes["ada"].points is None
    outcomes, executed = graded(built)
    assert (executed, outcomes["ada"].points, count(built)) == ([], 100, 1)


def kill_worker(attempt: Attempt) -> Graded:
    """Stands in for grading: one candidate's kills the process that grades it, once or always."""
    mark = attempt.folder.parent.parent / f"killed-{attempt.case.candidate}"
    if attempt.case.candidate == "bob" or (attempt.case.candidate == "cy" and not mark.exists()):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return Graded({"who": attempt.case.candidate}, None)


def one_worker() -> Executor:
    """Forked from a process that has imported everything, as a command's first pool is."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return ProcessPoolExecutor(1, mp_context=context)


def test_a_killed_worker_loses_nobody(scored: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed once: tried again. Killed every time: not gradable yet, and the others have theirs."""
    hand_in(scored, "cy", {})
    waiting = [attempts.prepare(scored, TINY, who) for who in ("ada", "bob", "cy")]
    monkeypatch.setattr(attempts, "grade", kill_worker)
    done = {a.case.candidate: g.body for a, g in batch.run_all(waiting, one_worker, 1)}
    assert done["bob"]["outcome"] == "not_gradable_yet"
    assert "killed 3 times" in done["bob"]["why"]
    assert [done[who] for who in ("ada", "cy")] == [{"who": "ada"}, {"who": "cy"}]
    assert len(done) == 3


def test_two_batches_at_once_do_not_grade_twice(scored: Course) -> None:
    with batch.alone(scored, TINY), pytest.raises(CourseError, match="by another command"):
        batch.grade(scored, TINY)
    assert not graded(scored)[1]


@pytest.mark.parametrize("moment", ["processes were started", "evidence was written"])
def test_killed_and_run_again_a_batch_completes(built: Course, moment: str) -> None:
    """SIGKILL to the coordinator: no attempt is lost, none is graded twice."""
    who = ["ada", "bob", "cy"]
    for each, solution in zip(who, ("strong", "weak", "blank"), strict=True):
        hand_in(built, each, answers(built, solution))
    command = [sys.executable, "-m", "worksample.cli", "grade", TINY]
    with running(command, cwd=built.root) as grading:
        while grading.poll() is None and not (
            below(grading.pid)
            if moment == "processes were started"
            else any(count(built, each) for each in who)
        ):
            time.sleep(0.02)
        workers = below(grading.pid)
        grading.kill()
        grading.wait()
        until(lambda: not any(map(alive, workers)))  # nobody is left behind
    before = {each: count(built, each) for each in who}
    outcomes, executed = graded(built)
    assert {each: outcomes[each].points for each in who} == {"ada": 100, "bob": 20, "cy": 0}
    assert executed == [each for each in who if not before[each]]
    assert {each: count(built, each) for each in who} == dict.fromkeys(who, 1)
    for each in who:
        assert auto_scores(built, TINY, each)["slope"] is not None
        assert gradebook.autograded_notebook(built, TINY, each).is_file()
    assert not list(Path(built.submitted).glob("*/.receiving*"))
