"""The command line: every command helps, every mistake is a sentence with what to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from shlex import quote

import pytest
from click.testing import CliRunner, Result

from tests.assignments.test_dressing import put
from tests.cohort import ROOT, TINY, answers, edit, fill, hand_in, invited, notebook_of
from worksample import assignments, cli
from worksample.batch.outcomes import Batch, Outcome
from worksample.cli import shared
from worksample.course import Course
from worksample.errors import SandboxUnavailable
from worksample.records.tables import Records
from worksample.sandbox import bubblewrap
from worksample.submissions import invitations

COMMANDS = (
    *("list", "new", "preview", "verify", "separates", "practice", "build", "bank"),
    *("invite", "collect"),
    *("status", "account", "end-links", "partner"),
    *("grade", "serve-grading", "explain", "rate", "reader", "ratings"),
    *("feedback", "approve", "release-feedback", "revise"),
    *("debrief", "recommend", "export", "audit", "impact"),
    *("kit", "guide", "statement", "talk", "retention", "hold", "erase"),
    *("serve", "demo", "course", "doctor", "backup", "restore"),
)


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.main, words, prog_name="worksample")


def told(result: Result, *phrases: str, status: int = 1) -> None:
    """It failed with these words on standard error, and without a traceback."""
    assert result.exit_code == status, result.output
    for phrase in phrases:
        assert phrase in result.stderr, result.stderr
    assert "Traceback" not in result.output


def test_the_commands_are_those_of_the_work() -> None:
    assert tuple(cli.main.commands) == COMMANDS
    result = run("--help")
    assert result.exit_code == 0
    assert [name for name in COMMANDS if f"  {name} " not in result.output] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert "Example:\n" in result.output
    assert f"worksample {name}" in result.output.split("Example:")[1]


ALL_HEAVY = (
    *("IPython", "distributed", "ipywidgets", "jsonschema", "jupyter_client", "jupyter_server"),
    *("jupytext", "matplotlib", "nbclient", "nbconvert", "nbformat", "nbgrader", "numpy", "pandas"),
    *("papermill", "pyarrow", "requests", "sklearn", "sqlalchemy", "tornado", "traitlets", "zmq"),
)


def test_commands_import_no_more_than_they_use(scored: Course) -> None:
    """Nobody waits for what a command does without; seen in one process, the lightest first."""
    allowed: set[str] = set()
    steps: list[tuple[list[str], set[str]]] = [
        (["--help"], set()),
        (["grade", "--help"], set()),
        (["list"], set()),
        (["collect", "nothing-there"], {"sqlalchemy"}),
        (["rate", "nobody", TINY, "--by", "grace"], set()),
        (["status", "ada"], {"jsonschema", "nbformat", "numpy", "traitlets"}),
        (["approve", TINY, "--by", "grace"], set()),
        (["revise", TINY], set()),
        (["release-feedback", TINY], set()),
    ]
    code = (
        "import json, sys; from click.testing import CliRunner; from worksample import cli\n"
        "for words in json.loads(sys.argv[1]):\n"
        "    CliRunner().invoke(cli.main, words)\n"
        "    print(json.dumps([each for each in sys.argv[2:] if each in sys.modules]))"
    )
    assignments.find(scored, TINY)  # as after any other command: what was read is kept
    ran = [sys.executable, "-c", code, json.dumps([words for words, _ in steps]), *ALL_HEAVY]
    done = subprocess.run(ran, capture_output=True, text=True, check=True, cwd=scored.root)
    seen = [set(json.loads(line)) for line in done.stdout.splitlines()]
    for (words, more), found in zip(steps, seen, strict=True):
        allowed |= more
        assert found <= allowed, words


def test_outside_a_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKSAMPLE_COURSE", raising=False)
    told(run("list"), "not inside a course", "WORKSAMPLE_COURSE")


@pytest.mark.parametrize(
    "words",
    [
        ("grade", "tiny-regresion"),
        ("invite", "ada", "--assignment", "tiny-regresion"),
        ("preview", "tiny-regresion"),
        ("verify", "tiny-regresion"),
        ("build", "tiny-regresion"),
        ("collect", ".", "--assignment", "tiny-regresion"),
        ("rate", "ada", "tiny-regresion", "--by", "me"),
        ("explain", "ada", "tiny-regresion"),
        ("feedback", "tiny-regresion"),
        ("approve", "tiny-regresion", "--by", "me"),
        ("release-feedback", "tiny-regresion"),
        ("revise", "tiny-regresion", "ada"),
    ],
)
def test_no_such_assignment(built: Course, words: tuple[str, ...]) -> None:
    told(run(*words), 'no assignment "tiny-regresion"', 'did you mean "tiny-regression"?')


def test_no_such_candidate(built: Course) -> None:
    assert run("invite", "ada", "--assignment", TINY).exit_code == 0
    hand_in(built, "ada", {})
    told(run("grade", TINY, "--candidate", "adda"), "no candidate 'adda'", "did you mean 'ada'?")
    told(
        run("rate", "adda", TINY, "--by", "me", "--criterion", "explanation", "--value", "3"),
        "no candidate 'adda'",
    )
    told(run("invite", "../ada", "--assignment", TINY), "cannot be a candidate's id", "pseudonym")


def test_not_json(built: Course, tmp_path: Path) -> None:
    home = invited(built, "ada", tmp_path / "home")
    notebook_of(home).write_text("{'cells': []}")
    told(run("collect", str(home)), "not JSON", "ask the candidate", str(home))
    folder = built.submitted / "ada" / TINY
    folder.mkdir(parents=True)
    shutil.copy(notebook_of(home), folder)
    result = run("grade", TINY)
    told(result, "no score was written: ada", status=shared.UNGRADABLE)
    assert "ada" in result.stdout
    assert "not JSON" in " ".join(result.stdout.split())


def test_a_broken_folder_hides_no_other(built: Course) -> None:
    for name in ("another", "zebra"):
        shutil.copytree(built.assignments / TINY, built.assignments / name)
    (built.assignments / "another" / "scenario.py").unlink()
    (built.assignments / "zebra" / "assignment.toml").write_text("title = ")
    result = run("list")
    told(result, "cannot be used: another, zebra")
    shown = result.stdout
    assert f"{TINY:28} A straight line" in shown
    assert shown.index("another") < shown.index("scenario.py") < shown.index(f"{TINY:28} A")
    assert shown.index(f"{TINY:28} A") < shown.index("zebra/assignment.toml:1")
    for words in (("build",), ("build", "--check"), ("verify", "--all")):
        told(run(*words), "there is no scenario.py", "zebra/assignment.toml:1")


@pytest.mark.slow
def test_wrong_kernel(built: Course, tmp_path: Path) -> None:
    """Said when it is collected; it runs with the assignment's own kernel."""
    home = invited(built, "ada", tmp_path / "home")
    edit(
        notebook_of(home),
        lambda n: n["metadata"].update(
            kernelspec={"name": "ir", "language": "R", "display_name": "R"}
        ),
    )
    fill(notebook_of(home), answers(built, "strong"))
    result = run("collect", str(home))
    assert result.exit_code == 0, result.output
    assert "saved with the kernel “ir”; it ran with python3" in result.output
    result = run("grade", TINY, "--workers", "1")
    assert result.exit_code == 0, result.output
    assert "100.0 of 100  repaired: 1" in result.output
    assert "next: worksample feedback tiny-regression" in result.output


def test_empty_folder(built: Course, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    told(run("collect", str(tmp_path / "inbox")), "there is no notebook in it", "inbox")
    told(run("collect", str(tmp_path / "nowhere")), "no such folder or zip")
    told(run("grade", TINY), "nothing has been submitted", "worksample collect")


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a folder read-only")
@pytest.mark.parametrize("words", ["grade tiny-regression", "invite bob -a tiny-regression"])
def test_read_only_disk(built: Course, words: str) -> None:
    hand_in(built, "ada", {})
    root, python = quote(str(built.root)), quote(sys.executable)
    command = (
        f"mount --bind {root} {root} && mount -o remount,ro,bind {root} && "
        f"cd {root} && {python} -m worksample.cli {words}"
    )
    done = subprocess.run(["unshare", "-m", "sh", "-c", command], capture_output=True, text=True)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"mounting is not allowed here: {done.stderr}")
    assert done.returncode == 1
    assert "Read-only file system" in done.stderr or "readonly database" in done.stderr
    assert "→" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_bubblewrap(built: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(built, "ada", {})

    def none() -> None:
        raise SandboxUnavailable("there is no bubblewrap", do="apt-get install bubblewrap")

    monkeypatch.setattr(bubblewrap.Bubblewrap, "find", none)
    told(run("grade", TINY), "there is no bubblewrap", "→ apt-get install bubblewrap")
    told(run("verify", TINY, "--quick"), "there is no bubblewrap")


def test_a_database_that_is_none(built: Course) -> None:
    (built.state / "worksample.db").write_bytes(b"not a database" * 100)
    told(run("invite", "ada", "--assignment", TINY), "the database cannot be used")


def test_a_fault_of_ours_is_one_line_and_a_log(
    built: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(course: Course) -> list[str]:
        raise RuntimeError("unheard of")

    monkeypatch.setattr(assignments, "sorted_out", fault)
    result = run("list")
    told(result, "unexpected: RuntimeError: unheard of")
    (log,) = (built.state / "logs").glob("*.log")
    assert str(log) in result.stderr
    assert "Traceback" in log.read_text()


def test_usage_mistakes_are_clicks_own(built: Course) -> None:
    told(run("verify"), "name assignments, or give --all", status=2)
    told(run("rate", "ada", TINY, "--by", "me", "--value", "3"), "belong together", status=2)
    told(run("rate", "ada", TINY), "give --by YOU", status=2)
    told(run("feedback", TINY, "--strength", "slope"), "one candidate at a time", status=2)


def test_list_says_how_far_each_is(scored: Course) -> None:
    result = run("list")
    assert "A straight line" in result.output
    assert "3 invited, 3 submitted, 3 graded" in result.output
    assert "one pass of an assistant" not in result.output, "it states none"


def test_list_says_what_is_earned_without_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSAMPLE_COURSE", str(ROOT))
    result = run("list")
    for each in assignments.sorted_out(Course(ROOT))[0]:
        if each.graded:
            low, high = each.floor("standard") or (0, 0)
            assert 0 < low < high < 100, each.id
            assert f"one pass of an assistant {low:g} to {high:g} of 100" in result.output
            assert f"seed {each.seed_activity}" in result.output


def test_a_skin_is_listed_previewed_and_given_out(course: Course) -> None:
    put(course)
    assert "skins: payroll" in run("list").output
    result = run("preview", TINY, "--skin", "payroll")
    assert result.exit_code == 0, result.output
    assert f"next: worksample verify {TINY} --quick --skin payroll" in result.output
    told(run("preview", TINY, "--skin", "payrol"), 'did you mean "payroll"?')
    told(run("invite", "ada", "--assignment", TINY, "--skin", "payroll"), "worksample build")
    assert run("build", TINY).exit_code == 0
    result = run("invite", "ada", "--assignment", TINY, "--skin", "payroll")
    assert result.exit_code == 0, result.output
    told(run("invite", "ada", "--assignment", TINY), "invite with --skin payroll")


def test_build_check_fails_when_something_is_stale(built: Course) -> None:
    assert run("build", "--check").exit_code == 0
    path = built.release / TINY / f"{TINY}.ipynb"
    path.write_text(path.read_text() + " ")
    told(run("build", "--check"), f"release/{TINY}/{TINY}.ipynb is out of date", "worksample build")
    assert run("build").exit_code == 0
    assert run("build", "--check").exit_code == 0


def test_invite_and_collect_print_what_to_do_next(built: Course, tmp_path: Path) -> None:
    result = run(
        "invite", "ada", "bob", "--assignment", TINY, "--level", "senior", "--extra-time", "1.5"
    )
    assert result.exit_code == 0, result.output
    assert f"send state/packages/{TINY}/ada.zip" in result.output
    assert "next: worksample collect" in result.output
    again = run("invite", "ada", "--assignment", TINY, "--level", "senior", "--extra-time", "1.5")
    assert "already invited, nothing changed" in again.output
    told(run("invite", "ada", "--assignment", TINY), "was invited at level senior")
    package = built.state / "packages" / TINY / "ada.zip"
    result = run("collect", str(package))
    assert result.exit_code == 0, result.output
    assert "receipt" in result.output
    assert f"next: worksample grade {TINY}" in result.output
    assert "received before" in run("collect", str(package)).output
    with zipfile.ZipFile(package) as archive:
        assert "67.5 minutes" in archive.read(f"{TINY}/README.md").decode()
        facts = json.loads(archive.read(f"{TINY}/worksample.json"))
    assert facts["level"] == "senior"


def test_rating(scored: Course) -> None:
    """One by one, or asked for in turn; 0 is missing and says why; a change says why."""
    one = ("rate", "ada", TINY, "--by", "grace", "--criterion", "explanation", "--value")
    assert run(*one, "3", "--evidence", "names the range").exit_code == 0
    told(run(*one, "4"), "a change needs a reason")
    told(run(*one, "0"), "not enough information", "not attempted")
    told(run(*one, "5", "--reason", "x"), "a rating is 1 to 4")
    told(
        run("rate", "ada", TINY, "--by", "grace", "--criterion", "expl", "--value", "1"),
        "no criterion",
    )
    assert run(*one, "4", "--reason", "read it again").exit_code == 0
    asked = CliRunner().invoke(
        cli.main, ["rate", "bob", TINY, "--by", "alan"], input="0\nnot attempted\n"
    )
    assert asked.exit_code == 0, asked.output
    assert "Names one limit and the evidence for it." in asked.output
    records = Records(scored.records_url)
    assert [(r.value, r.evidence) for r in records.ratings(TINY, "ada")] == [(4, "")]
    assert [(r.value, r.reason) for r in records.ratings(TINY, "bob")] == [(None, "not attempted")]
    hand_in(scored, "kim", {})
    told(
        run("rate", "kim", TINY, "--by", "g", "--criterion", "explanation", "--value", "1"),
        "no graded attempt",
    )


@pytest.mark.slow
def test_the_loop_to_the_revision(scored: Course, tmp_path: Path) -> None:
    """Feedback, approval, release, revision, its grading and its feedback."""
    told(run("revise", TINY), "has been approved", "worksample approve")
    assert run("feedback", TINY).exit_code == 0
    told(run("release-feedback", TINY), "not released")
    assert run("approve", TINY, "--by", "grace").exit_code == 0
    assert run("release-feedback", TINY, "--by", "grace").exit_code == 0
    result = run("revise", TINY, "bob")
    assert result.exit_code == 0, result.output
    package = scored.state / "packages" / f"{TINY}-revision" / "bob.zip"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path)
    home = tmp_path / f"{TINY}-revision"
    fill(home / f"{TINY}-revision.ipynb", answers(scored, "strong"))
    result = run("collect", str(home))
    assert result.exit_code == 0, result.output
    result = run("grade", f"{TINY}-revision", "--workers", "1")
    assert result.exit_code == 0, result.output
    assert "100.0 of 100" in result.output
    assert run("feedback", f"{TINY}-revision").exit_code == 0


def test_a_course_is_made_and_a_place_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    at = tmp_path / "a cöurse"
    made = run("course", "new", str(at))
    assert made.exit_code == 0, made.output
    assert "next: cd" in made.output
    assert (at / "course.toml").is_file()
    assert (at / ".gitignore").is_file()
    before = sorted(at.rglob("*"))
    told(run("course", "new", str(at)), "something in this place already", "new or empty")
    assert sorted(at.rglob("*")) == before


def test_candidate_and_assignment_stand_in_any_order(built: Course) -> None:
    """Everywhere it is the candidate, then the assignment; the order of before is understood."""
    invitations.invite(built, "ada", assignments.find(built, TINY))
    for words in (("ada", TINY), (TINY, "ada")):
        told(run("revise", *words), "no revision before approved feedback")


def test_a_row_of_a_batch_is_told_to_its_end() -> None:
    why = "a cell took more than 10 seconds, " * 12 + "and this is its end"
    batch = Batch(TINY, (Outcome("ada", "candidate_failure", 40.0, 100.0, why, 1, True, 0),))
    with CliRunner().isolation() as (out, _, _):
        shared.print_batch(batch)
        lines = out.getvalue().decode().split("\n")
    assert " ".join(" ".join(lines).split()).count(" ".join(why.split())) == 1
    assert max(map(len, lines)) <= 100


def test_a_pipe_is_told_how_far_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    """A bar is for terminals; half a minute of silence is for nobody."""
    with shared.progress("grade it") as step:
        for number in range(3):
            step(3, f"candidate-{number}")
    assert "grade it: begun" in capfd.readouterr().err
