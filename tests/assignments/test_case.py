"""Cases: the same for the same seed, the candidate's own, and nothing private in the package."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from pathlib import Path

import pytest

from tests.cohort import TINY
from worksample import assignments
from worksample.assignments import case, mark, wheel
from worksample.course import Course
from worksample.errors import CandidateError, CaseError
from worksample.records.tables import Records
from worksample.submissions import invitations
from worksample.workbook import submission


@pytest.fixture
def tiny(built: Course) -> assignments.Assignment:
    return assignments.find(built, TINY)


def test_seed_has_the_openings_half_and_the_candidates() -> None:
    ada, bob = (case.seed_for(b"s" * 32, TINY, "standard", who) for who in ("ada", "bob"))
    senior = case.seed_for(b"s" * 32, TINY, "senior", "ada")
    assert ada >> 32 == bob >> 32, "one opening, one tier of causes"
    assert ada != bob
    assert senior >> 32 != ada >> 32
    assert senior & 0xFFFFFFFF == ada & 0xFFFFFFFF
    assert case.seed_for(b"t" * 32, TINY, "standard", "ada") != ada


def test_seed_cannot_be_shifted_between_names() -> None:
    """``a`` of ``bc`` is not ``ab`` of ``c``."""
    assert case.seed_for(b"s", "a", "b", "cd") != case.seed_for(b"s", "a", "bc", "d")


def test_same_seed_same_bytes(tiny: assignments.Assignment, tmp_path: Path) -> None:
    one, two = (case.draw(tiny, 7, "senior", tmp_path / name) for name in ("one", "two"))
    other = case.draw(tiny, 8, "senior", tmp_path / "other")
    assert case.digest(one) == case.digest(two) != case.digest(other)
    assert one.truth() == two.truth()
    assert one.id() != other.id()


def test_the_candidates_files_do_not_hold_the_seed(
    tiny: assignments.Assignment, tmp_path: Path
) -> None:
    drawn = case.draw(tiny, 0x1234567890ABCDEF, "standard", tmp_path / "drawn")
    shown = b"".join(path.read_bytes() for path in drawn.public.rglob("*") if path.is_file())
    assert b"1234567890abcdef" not in shown.lower()
    assert str(0x1234567890ABCDEF).encode() not in shown
    assert json.loads((drawn.public / "case.json").read_text()) == {
        "assignment": TINY,
        "level": "standard",
        "case": drawn.id(),
    }


@pytest.mark.parametrize(
    ("scenario", "told"),
    [
        ("def prepare(seed, level, public, private): pass", "must write truth.json"),
        (
            "def prepare(seed, level, public, private):\n"
            "    (private / 'truth.json').write_text('{}')\n"
            "    (private / 'truth_card.md').write_text('')\n"
            "    (public / 'case.json').write_text('{}')",
            "must leave public/case.json",
        ),
        (
            "def prepare(seed, level, public, private):\n"
            "    (private / 'truth.json').write_text('{}')\n"
            "    (private / 'truth_card.md').write_text('')\n"
            "    (public / 'link').symlink_to('/etc/passwd')",
            "only regular files",
        ),
    ],
)
def test_a_scenario_at_fault_leaves_no_case(
    built: Course, tmp_path: Path, scenario: str, told: str
) -> None:
    outside = tmp_path / "outside"
    outside.touch(mode=0o600)
    code = f"VERSION = 1\n\n\n{scenario}\n".replace("/etc/passwd", str(outside))
    (built.assignments / TINY / "scenario.py").write_text(code)
    with pytest.raises(CaseError, match=told):
        case.draw(assignments.find(built, TINY), 1, "standard", tmp_path / "drawn")
    assert not list(tmp_path.glob("*drawn*"))
    assert stat.S_IMODE(outside.stat().st_mode) == 0o600


def test_draw_refuses_what_cannot_be(tiny: assignments.Assignment, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no level 'wizard'"):
        case.draw(tiny, 1, "wizard", tmp_path / "drawn")
    with pytest.raises(CaseError, match="new folder"):
        case.draw(tiny, 1, "senior", tmp_path)


def test_inviting_again_changes_nothing(built: Course, tiny: assignments.Assignment) -> None:
    first = invitations.invite(built, "ada", tiny, "senior", 1.5)
    before = {p: p.read_bytes() for p in built.state.rglob("*") if p.is_file()}
    again = invitations.invite(built, "ada", tiny, "senior", 1.5)
    assert (first.new, again.new) == (True, False)
    assert {p: p.read_bytes() for p in built.state.rglob("*") if p.is_file()} == before
    row = Records(built.records_url).invitation(TINY, "ada")
    assert row is not None
    assert row.package_digest == hashlib.sha256(first.package.read_bytes()).hexdigest()


def test_a_lost_package_is_written_again_with_the_same_bytes(
    built: Course, tiny: assignments.Assignment
) -> None:
    package = invitations.invite(built, "ada", tiny).package
    data = package.read_bytes()
    package.unlink()
    assert invitations.invite(built, "ada", tiny).package.read_bytes() == data


def test_another_level_or_time_is_a_clear_error(
    built: Course, tiny: assignments.Assignment
) -> None:
    invitations.invite(built, "ada", tiny, "senior")
    with pytest.raises(CaseError, match="was invited at level senior"):
        invitations.invite(built, "ada", tiny, "junior")
    with pytest.raises(CaseError, match="× the"):
        invitations.invite(built, "ada", tiny, "senior", 2)
    with pytest.raises(CaseError, match="between 1 and 4"):
        invitations.invite(built, "bob", tiny, "senior", 0.5)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../a", "-a", "a*", "a b", "ä" * 3, "a" * 65, "a..b"]
)
def test_names_that_would_leave_their_folder(
    built: Course, tiny: assignments.Assignment, name: str
) -> None:
    with pytest.raises(CandidateError, match="cannot be a candidate"):
        invitations.invite(built, name, tiny)


def test_nothing_private_is_in_the_package(built: Course, tiny: assignments.Assignment) -> None:
    done = invitations.invite(built, "ada", tiny, "junior")
    with zipfile.ZipFile(done.package) as archive:
        names = archive.namelist()
        texts = {name: archive.read(name) for name in names}
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert names == sorted(names)
    tops = {name.split("/")[1] for name in names}
    ours = {"README.md", "environment.yml", "requirements.txt", wheel.wheel()[0]}
    assert tops == {f"{TINY}.ipynb", "worksample.json", "case", "toolkit", *ours}
    secrets = [p.read_bytes() for p in done.case.private.iterdir()]
    secrets += [(tiny.folder / f"{each}.py").read_bytes() for each in ("checks", "scenario")]
    assert not [name for name, text in texts.items() if text in secrets]
    assert b"MARK SCHEME" not in texts[f"{TINY}/{TINY}.ipynb"]
    assert b"Hint" in texts[f"{TINY}/{TINY}.ipynb"], "the junior's own cell"
    facts = json.loads(texts[f"{TINY}/worksample.json"])
    assert facts == {
        "candidate": "ada",
        "assignment": TINY,
        "attempt": 1,
        "level": "junior",
        "case": done.case.id(),
        "minutes": 45,
        "given": sorted(["case", "toolkit", *ours]),
        "tasks": facts["tasks"],
        "mark": facts["mark"],
    }
    assert [task["cell"] for task in facts["tasks"]] == [
        *("slope_answer", "predict_answer", "explanation_answer")
    ]
    assert case.given_names(built, TINY, "ada") == set(facts["given"])
    assert mark.of_facts(facts).is_genuine(built)  # type: ignore[union-attr]
    notebook = json.loads(texts[f"{TINY}/{TINY}.ipynb"])
    assert mark.of_notebook(notebook) == mark.of_facts(facts)


def test_extra_time_reaches_the_candidates_clock(
    built: Course, tiny: assignments.Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stood in the README alone: the clock of somebody with 67.5 minutes said 45."""
    package = invitations.invite(built, "fay", tiny, extra_time=1.5).package
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path)
    monkeypatch.chdir(tmp_path / TINY)
    assert "67.5 minutes" in Path("README.md").read_text("utf-8")
    assert submission.passport()["minutes"] == 67.5


def test_what_a_candidate_was_sent_is_kept(built: Course, tiny: assignments.Assignment) -> None:
    """The author builds anew, the package is lost and written again: both were sent."""
    package = invitations.invite(built, "ada", tiny).package
    assert len(case.given(built, TINY, "ada")) == 1
    path = case.released(built, TINY, "standard")
    before = path.read_bytes()
    path.write_bytes(before + b" ")
    invitations.invite(built, "ada", tiny)
    assert case.given(built, TINY, "ada") == [before], "inviting again changes nothing"
    package.unlink()
    invitations.invite(built, "ada", tiny)
    assert sorted(case.given(built, TINY, "ada")) == sorted([before, before + b" "])
    assert case.given(built, TINY, "bob") == []


def test_grading_binds_the_case_that_was_drawn(built: Course, tiny: assignments.Assignment) -> None:
    done = invitations.invite(built, "ada", tiny)
    assert case.bound(built, TINY, "ada") == case.bound(built, f"{TINY}-revision", "ada")
    with pytest.raises(CandidateError, match=r"no candidate 'adda'[\s\S]*did you mean 'ada'"):
        case.bound(built, TINY, "adda")
    truth = done.case.private / "truth.json"
    truth.write_text(truth.read_text().replace("slope", "sloppy"))
    with pytest.raises(CaseError, match="private files of this case were changed"):
        case.bound(built, TINY, "ada")


def test_without_a_build_there_is_nothing_to_send(course: Course) -> None:
    with pytest.raises(CaseError, match="worksample build"):
        invitations.invite(course, "ada", assignments.find(course, TINY))


@pytest.mark.parametrize("name", [TINY, f"{TINY}-revision", TINY.upper()])
def test_an_assignments_name_is_nobodys_id(
    built: Course, tiny: assignments.Assignment, name: str
) -> None:
    """A folder or zip of that name could be anybody's."""
    with pytest.raises(CandidateError, match="name of an assignment"):
        invitations.invite(built, name, tiny)


def test_ids_that_differ_in_case_only_are_refused(
    built: Course, tiny: assignments.Assignment
) -> None:
    """On a Mac or Windows their folders are one, and one's work would replace the other's."""
    invitations.invite(built, "ada", tiny)
    with pytest.raises(CandidateError, match="differs from the candidate 'ada'"):
        invitations.invite(built, "Ada", tiny)
    assert case.candidates(built, TINY) == ["ada"]
