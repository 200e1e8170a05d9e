"""Behind every score: what ran, what each check saw, and whether it is still what was written."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from nbgrader.api import Gradebook

from tests.cohort import TINY, a_copy, answers, edit, fill, hand_in, invited, notebook_of
from tests.graded import add_grading
from worksample import cli
from worksample.assignments import case
from worksample.batch import cohort as batch
from worksample.course import Course
from worksample.errors import CandidateError, CourseError
from worksample.records import evidence
from worksample.records.tables import Records
from worksample.review import explain as explaining
from worksample.submissions import collecting as submission

pytestmark = pytest.mark.slow


def run(*words: str) -> Result:
    # with colours, which click would take out for this reader that is no terminal
    return CliRunner().invoke(cli.main, ["explain", *words], prog_name="worksample", color=True)


def faults(course: Course, who: str = "ada", number: int | None = None) -> dict[str, str]:
    """Part -> what is wrong with it."""
    done = explaining.explain(course, TINY, who, number)
    return {each.part: each.said for each in done.findings if not each.ok}


def file(course: Course, number: int, suffix: str = "json") -> Path:
    """A record's file, made writable as somebody with rights on the machine can."""
    path = evidence.folder(course, TINY, "ada") / f"{number}.{suffix}"
    path.chmod(0o644)
    return path


def rewrite(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record, indent=1))


def full_marks(record: dict[str, Any]) -> None:
    """A change that is consistent in itself."""
    record["points"] = 99.0
    record["checks"]["slope"]["points"] = 39.0


def sql(course: Course, command: str) -> None:
    with sqlite3.connect(course.state / "worksample.db") as database:
        database.execute(command)
    database.close()


@pytest.fixture(scope="session")
def thrice_once(scored_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ada's work with three records; the second is not in the database, as after a fault."""
    root = tmp_path_factory.mktemp("thrice") / "course"
    shutil.copytree(scored_once, root)
    scored = Course(root)
    record = evidence.latest(scored, TINY, "ada")
    assert record is not None
    bytes_of = evidence.folder(scored, TINY, "ada").joinpath("1.ipynb").read_bytes()
    gone = {"format", "assignment", "candidate", "number", "time", "key", "notebook", "previous"}
    body = {name: value for name, value in record.items() if name not in gone}
    evidence.append(scored, TINY, "ada", body, bytes_of)
    assert not batch.grade(scored, TINY, ["ada"], force=True, workers=1).not_gradable
    return root


@pytest.fixture
def thrice(thrice_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of it."""
    return a_copy(thrice_once, tmp_path, monkeypatch)


# ---- what is shown ----


def test_a_score_is_explained_in_words(scored: Course) -> None:
    result = run("ada", TINY)
    assert result.exit_code == 0, result.output
    shown = result.stdout
    for words in (
        "ada · tiny-regression, the work",
        "100 of 100 points, graded · record 1 of 1",
        "records      yes: 1 record",
        "database     yes: notes the hash that record 1 has",
        "gradebook    yes: nbgrader shows the points of record 1",
        "submission   yes: attempt 1, kept as it was handed in",
        "case         yes: kept as it was drawn",
        "level standard, version 1, seed",
        "10 s a cell, 40 s the notebook",
        "python 3.",
        "limits hit   none",
        "slope: passed, 40 of 40 points",
        "answer slope = ",
        "predict: passed, 60 of 60 points",
        "call predict: answered in",
        "20 of 20 predictions",
        "graders only off",
    ):
        assert words in shown, words
    assert max(map(len, shown.splitlines())) <= explaining.WIDTH


def test_a_check_notes_what_it_asked_for(scored: Course) -> None:
    """Also what was not there: that nothing was recorded is an input like any other."""
    checks = {who: explaining.explain(scored, TINY, who).chosen.record for who in ("ada", "dee")}
    for record in checks.values():
        assert record is not None
        assert record["checks"]["slope"]["inputs"] == {"answers": ["slope"], "calls": []}
        assert record["checks"]["predict"]["inputs"] == {"answers": [], "calls": ["predict"]}
    (reply,) = checks["ada"]["run"]["calls"]["predict"]  # type: ignore[index]
    assert len(reply["value"]) == 64
    (reply,) = checks["dee"]["run"]["calls"]["predict"]  # type: ignore[index]
    assert reply["value"] == ""


def test_a_failure_of_the_candidates_is_told(scored: Course) -> None:
    shown = run("dee", TINY).stdout
    assert "40 of 100 points, graded on what was produced" in shown
    assert "1 ended the kernel: predict_answer" in shown
    assert "call predict: 0 of 1 answered" in shown
    assert "predict: not passed, 0 of 60 points" in shown


def test_limits_that_were_hit_and_repairs_are_told(built: Course) -> None:
    settings = built.root / "assignments" / TINY / "assignment.toml"
    settings.write_text(settings.read_text().replace("cell_seconds = 10", "cell_seconds = 2"))
    home = invited(built, "ada", built.root.parent / "home")
    fill(notebook_of(home), answers(built, "strong") | {"slope_answer": "while True: pass"})
    edit(notebook_of(home), lambda n: n.update(cells=[c for c in n["cells"] if c["id"] != "slope"]))
    submission.collect(built, [home])
    assert not batch.grade(built, TINY, workers=1).not_gradable
    shown = " ".join(run("ada", TINY).stdout.split())
    assert "limits hit time, in cell slope_answer" in shown
    assert "1 stopped for time: slope_answer" in shown
    assert "answer slope: none, it was not recorded" in shown
    assert "What had to be mended before it could be run slope " in shown


def test_json_holds_everything(thrice: Course) -> None:
    result = run("ada", TINY, "--json", "--record", "2")
    value = json.loads(result.stdout)
    assert result.exit_code == 0
    assert value["verified"] is True
    assert [row["number"] for row in value["records"]] == [1, 2, 3]
    assert value["record"] == evidence.history(thrice, TINY, "ada")[1]


def test_older_records_are_a_line_each_and_can_be_asked_for(thrice: Course) -> None:
    shown = run("ada", TINY).stdout
    assert "record 3 of 3" in shown
    *others, then = shown.split("The other records\n")[1].splitlines()
    assert "next: worksample status ada" in then
    assert [line.split()[0] for line in others] == ["1", "2"]
    assert all("100 of 100 points, graded  sha256 " in line for line in others)
    shown = run("ada", TINY, "--record", "1").stdout
    assert "record 1 of 3" in shown
    assert "The score that counts is that of record 3: 100 of 100 points" in shown


def test_what_could_not_be_graded_is_explained_too(scored: Course) -> None:
    """No score is not zero: it says why, and which record counts meanwhile."""
    checks = scored.assignments / TINY / "checks.py"
    checks.write_text(
        checks.read_text().replace("off = abs(", "raise ValueError('hm')\n    off = (")
    )
    assert batch.grade(scored, TINY, ["ada"], workers=1).not_gradable
    result = run("ada", TINY)
    assert result.exit_code == 0, result.output
    assert "not gradable yet: no score · record 2 of 2" in result.stdout
    assert "check_slope raised ValueError: hm" in result.stdout
    assert "The score that counts is that of record 1: 100 of 100" in result.stdout
    assert "record 2 holds no score and is not noted" in result.stdout


def test_a_score_that_a_person_set_is_told(scored: Course) -> None:
    with Gradebook(scored.gradebook_url) as gradebook:
        gradebook.find_grade("slope", TINY, TINY, "ada").manual_score = 12
        gradebook.db.commit()
    result = run("ada", TINY)
    assert result.exit_code == 0
    assert "a person has set others, which count: slope 12" in " ".join(result.stdout.split())


def test_what_a_candidate_wrote_moves_no_cursor(graded: Course) -> None:
    """A terminal obeys control codes: they could hide a line or write another."""
    evil = (
        "\x1b[2J\x1b[1;1H\x1b]8;;http://evil.example\x1b\\100 of 100\x1b]8;;\x07\r\n\x9b31m\u202e"
    )
    add_grading(
        graded,
        "ada",
        {"slope": 0, "predict": 0},
        ended={"how": "crashed", "cell": "slope_answer", "detail": f"ended {evil}"},
        message=f"You said {evil}",
    )
    result = run("ada", TINY)
    assert "You said" in result.stdout
    assert not set(result.stdout) & set("\x1b\x07\r\x9b\u202e")
    assert not set(run("ada", TINY, "--json").stdout) & set("\x1b\x07\r\x9b\u202e")


# ---- what was touched ----


def test_a_changed_older_record_is_found_in_the_chain(thrice: Course) -> None:
    rewrite(file(thrice, 1), full_marks)
    result = run("ada", TINY)
    assert result.exit_code == 1
    assert "Is this still what was written?  NO" in result.stdout
    assert "this is not what was written: records" in result.stderr
    assert "another record 1 than the one that is there" in faults(thrice)["records"]


def test_a_changed_newest_record_is_found_by_the_database(thrice: Course) -> None:
    """Nothing comes after it, so the chain of hashes alone would not show it."""
    rewrite(file(thrice, 3), full_marks)
    found = faults(thrice)
    assert set(found) == {"database", "gradebook"}
    assert "record 3 is not the one whose hash it noted" in found["database"]
    assert "the row says 100 points, the record 99 points" in found["database"]
    assert run("ada", TINY).exit_code == 1


def test_a_total_that_is_not_the_sum_of_its_checks_is_found(scored: Course) -> None:
    """Of record and database, this shows that it was the record."""
    rewrite(file(scored, 1), lambda record: record.update(points=55.0))
    assert "has other points than its checks add up to" in faults(scored)["records"]


def test_a_removed_newest_record_is_found_by_the_database(thrice: Course) -> None:
    file(thrice, 3).unlink()
    assert "a score from record 3, which is missing" in faults(thrice)["database"]
    assert run("ada", TINY).exit_code == 1


def test_a_record_changed_with_its_successor_is_found_by_the_database(thrice: Course) -> None:
    """A chain that was written anew from the change on is whole; its last hash is another."""
    rewrite(file(thrice, 1), full_marks)
    for number in (2, 3):
        before = hashlib.sha256(file(thrice, number - 1).read_bytes()).hexdigest()
        rewrite(file(thrice, number), lambda record, p=before: record.update(previous=p))
    assert set(faults(thrice)) == {"database"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("points = 1", "its row was changed: it notes 1 points from record 1"),
        ("evidence_digest = 'x'", "its row of record 1 was changed: the record after it names"),
    ],
)
def test_a_changed_row_is_told_from_a_changed_record(
    thrice: Course, change: str, told: str
) -> None:
    sql(thrice, f"UPDATE gradings SET {change} WHERE candidate = 'ada' AND number = 1")
    found = faults(thrice)
    assert set(found) == {"database"}
    assert told in found["database"]
    assert run("ada", TINY).exit_code == 1


def test_with_the_database_it_is_known_which_of_two_records_was_changed(thrice: Course) -> None:
    rewrite(file(thrice, 1), full_marks)
    assert "record 1 was changed later" in faults(thrice)["records"]
    assert "record 1 is not the one whose hash it noted" in faults(thrice)["database"]


def test_a_record_that_the_database_does_not_know_is_not_taken_on_trust(scored: Course) -> None:
    """Whoever changes the newest record could remove its row as well."""
    sql(scored, "DELETE FROM gradings WHERE candidate = 'ada'")
    assert "nothing confirms that record" in faults(scored)["database"]
    assert run("ada", TINY).exit_code == 1


def test_a_missing_or_unreadable_record_is_found(thrice: Course) -> None:
    file(thrice, 2).write_text("{}")
    assert "record 2 cannot be read" in faults(thrice)["records"]
    result = run("ada", TINY, "--record", "2")
    assert "cannot be read · record 2 of 3" in result.stdout
    assert json.loads(run("ada", TINY, "--record", "2", "--json").stdout)["record"] is None
    file(thrice, 2).unlink()
    assert "record 2 is missing" in faults(thrice)["records"]


def test_a_record_of_somebody_else_is_found(scored: Course) -> None:
    """Bob's record in Ada's place is sound by itself."""
    file(scored, 1).write_bytes(
        evidence.folder(scored, TINY, "bob").joinpath("1.json").read_bytes()
    )
    assert "record 1 says that it is another one" in faults(scored)["records"]


def test_a_record_of_odd_shape_is_no_traceback(scored: Course) -> None:
    for odd in ({"checks": []}, {"inputs": None}, {"submission": 3}):
        path = file(scored, 1)
        before = path.read_text()
        rewrite(path, lambda record, odd=odd: record.update(odd))
        assert "record 1 cannot be read" in faults(scored)["records"]
        path.write_text(before)
    rewrite(file(scored, 1), lambda record: record.update(checks={"slope": 3}, run=[]))
    result = run("ada", TINY)
    assert result.exit_code == 1
    assert "not as records are written" in result.stdout
    assert "unexpected" not in result.stderr


def test_a_changed_notebook_is_found(thrice: Course) -> None:
    path = file(thrice, 2, "ipynb")
    path.write_bytes(path.read_bytes() + b" ")
    assert faults(thrice) == {"notebooks": "the executed notebook of record 2 was changed"}
    path.unlink()
    assert faults(thrice) == {"notebooks": "the executed notebook of record 2 is missing"}


def test_changed_inputs_are_found(scored: Course) -> None:
    rewrite(file(scored, 1), lambda record: record["inputs"].update(case="x"))
    assert "record 1 names other inputs" in faults(scored)["records"]


def test_changed_scores_in_nbgraders_gradebook_are_found(scored: Course) -> None:
    with Gradebook(scored.gradebook_url) as gradebook:
        gradebook.find_grade("slope", TINY, TINY, "bob").auto_score = 40
        gradebook.db.commit()
    assert faults(scored, "bob") == {
        "gradebook": "nbgrader does not show what record 1 says: slope"
    }


def test_a_changed_submission_or_case_is_found(scored: Course) -> None:
    row = Records(scored.records_url).last_submission(TINY, "ada")
    assert row is not None
    path = submission.files(scored, row)[f"{TINY}.ipynb"]
    path.write_bytes(path.read_bytes() + b" ")
    case_file = case.bound(scored, TINY, "ada").private / "truth.json"
    case_file.write_text("{}")
    found = faults(scored)
    assert found["submission"] == "attempt 1: a kept attempt was changed"
    assert "private files of this case were changed" in found["case"]
    path.unlink()
    assert faults(scored)["submission"] == "attempt 1: it cannot be read any more"


# ---- mistakes ----


def test_no_such_candidate_nothing_graded_no_such_record(built: Course) -> None:
    hand_in(built, "ada", answers(built, "strong"))
    with pytest.raises(CandidateError, match="nothing of ada's has been graded"):
        explaining.explain(built, TINY, "ada")
    result = run("adda", TINY)
    assert result.exit_code == 1
    assert "no candidate 'adda'" in result.stderr
    assert "did you mean 'ada'?" in result.stderr
    assert "cannot be a candidate's id" in run("../ada", TINY).stderr


def test_a_record_that_is_not_there(scored: Course) -> None:
    with pytest.raises(CourseError, match="there is no record 7"):
        explaining.explain(scored, TINY, "ada", 7)
    with pytest.raises(CandidateError, match="nothing of ada's has been graded"):
        explaining.explain(scored, f"{TINY}-revision", "ada")


def test_all_evidence_gone_is_not_nothing_graded(scored: Course) -> None:
    for path in evidence.folder(scored, TINY, "ada").iterdir():
        path.unlink()
    with pytest.raises(CourseError, match="the evidence is gone"):
        explaining.explain(scored, TINY, "ada")
