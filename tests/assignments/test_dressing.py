"""Skins on folders and on cases: the words are others, everything else is the same."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from tests.assignments.test_skin import of
from tests.cohort import answers, fill, notebook_of
from tests.conftest import TINY
from worksample import feedback
from worksample.assignments import build, case, dressing, skin
from worksample.assignments import reading as assignment
from worksample.assignments.model import Assignment
from worksample.authoring import preview
from worksample.batch import cohort as batch
from worksample.course import Course
from worksample.errors import AssignmentError, CaseError
from worksample.feedback import revision
from worksample.records import evidence
from worksample.review import explain
from worksample.submissions import collecting as submission
from worksample.submissions import invitations

WORN = """title = "Pay by seniority"
gone = ["straight", "measurements"]

[names]
x = "years"
y = "pay"
load_points = "load_salaries"
SLOPE = "RAISE"

[words]
"A straight line" = "A steady raise"
"The table holds measurements of" = "Payroll wrote down"
"measurements" = "salaries"
"""


def put(course: Course, text: str = WORN, name: str = "payroll") -> Assignment:
    path = course.assignments / TINY / "skins" / name / "skin.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return assignment.find(course, TINY)


def texts(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


def test_a_case_in_a_skin_is_the_same_case(course: Course, tmp_path: Path) -> None:
    """Given back its names, every file is what the scenario drew; so the truth is untouched."""
    tiny = put(course)
    bare = case.draw(tiny, 7, "senior", tmp_path / "bare")
    worn = case.draw(tiny, 7, "senior", tmp_path / "worn", skin="payroll")
    given = skin.load(tiny, "payroll")
    for one, other in ((bare.public, worn.public), (bare.private, worn.private)):
        back = {given.undress(name): given.undress(text) for name, text in texts(other).items()}
        drawn = texts(one)
        for files in (back, drawn):
            files.pop("case.json", None)  # its id is the digest of the files
        assert back == drawn
    assert texts(worn.public)["points.csv"].startswith("years,pay\n")
    assert worn.skin == "payroll"
    assert case.load(worn.public.parent) == worn


def test_a_case_without_a_skin_is_what_it_always_was(course: Course, tmp_path: Path) -> None:
    """The scenario's own bytes, and no word of skins in what is kept of it."""
    tiny = put(course)
    drawn = case.draw(tiny, 7, "senior", tmp_path / "drawn")
    public, private = tmp_path / "public", tmp_path / "private"
    public.mkdir()
    private.mkdir()
    assignment.load_module(tiny, "scenario").prepare(7, "senior", public, private)
    made = texts(drawn.public)
    made.pop("case.json")
    assert made == texts(public)
    assert texts(drawn.private) == texts(private)
    assert "skin" not in (drawn.public.parent / "case.json").read_text()
    assert drawn.skin == ""


def test_an_assignment_without_a_skin_is_not_copied(course: Course) -> None:
    tiny = assignment.find(course, TINY)
    assert dressing.wear(course, tiny, "") is tiny
    assert not (course.root / "build").exists()


def test_the_dressed_folder_is_an_assignment_and_made_once(course: Course) -> None:
    tiny = put(course)
    worn = dressing.wear(course, tiny, "payroll")
    assert worn.id == tiny.id
    assert worn.cell("brief").source.startswith("# A steady raise\nPayroll wrote down `years`")
    assert not (worn.folder / "skins").exists()
    stamp = worn.folder.stat().st_mtime_ns
    again = dressing.wear(course, tiny, "payroll")
    assert (again.folder, again.folder.stat().st_mtime_ns) == (worn.folder, stamp)
    path = tiny.folder / "notebook.py"
    path.write_text(path.read_text().replace("behind them", "through them"))
    newer = dressing.wear(course, assignment.find(course, TINY), "payroll")
    assert newer.folder != worn.folder
    assert "through them" in newer.cell("brief").source


MISTAKES = {
    '[names]\nnowhere = "years"': ('[names] "nowhere" occurs nowhere', 3),
    '[names]\nx = "height"': ('[names] "x" becomes "height", which is used already (', 3),
    '[words]\nxs = "years"': ('[words] "xs" is a name in code too', 3),
    '[names]\nslope = "raise_"': ('[names] "slope" names a cell, and can\'t be changed', 3),
    '[names]\ntoolkit = "tools"': ('[names] "toolkit" names a file, and can\'t be changed', 3),
    '[names]\nstrong = "able"': ('[names] "strong" names a solution', 3),
    '[words]\n"not results" = "less results"': ("changes what the code in checks.py does", None),
    '[names]\npoints = "marks"': ("with the skin payroll on, the folder cannot be read", None),
    '[words]\n"not results" = "results and"': ("changes what the code in checks.py does", None),
}


@pytest.mark.parametrize(("text", "said"), MISTAKES.items())
def test_a_mistake_about_the_folder_is_told_with_its_line(
    course: Course, text: str, said: tuple[str, int | None]
) -> None:
    tiny = put(course, f'title = "T"\n{text}')
    with pytest.raises(AssignmentError) as error:
        dressing.wear(course, tiny, "payroll")
    line = f":{said[1]}" if said[1] else ""
    assert said[0] in error.value.what
    assert error.value.where == f"assignments/{TINY}/skins/payroll/skin.toml{line}"
    assert error.value.do
    assert not list((course.root / "build").rglob("*.py")), "nothing half dressed is left"


def test_all_mistakes_are_told_at_once(course: Course) -> None:
    tiny = put(course, 'title = "T"\n[names]\nnowhere = "a1"\nneither = "b2"')
    with pytest.raises(AssignmentError) as error:
        dressing.wear(course, tiny, "payroll")
    assert "nowhere" in str(error.value)
    assert "neither" in str(error.value)


def test_a_word_that_should_be_gone_is_told_where_it_is_left(course: Course) -> None:
    """In what people read; a comment of the scenario is read by nobody."""
    tiny = put(course, 'title = "T"\ngone = ["straight", "distrust", "intercept"]')
    (tiny.folder / "scenario.py").write_text(
        "# the intercept\n" + (tiny.folder / "scenario.py").read_text()
    )
    (tiny.folder / "toolkit" / "line.py").write_text("def height(slope, b, x):\n    return b\n")
    checks = (tiny.folder / "checks.py").read_text()
    (tiny.folder / "checks.py").write_text(checks.replace('["intercept"]', '["b"]'))
    with pytest.raises(AssignmentError) as error:
        dressing.wear(course, assignment.find(course, TINY), "payroll")
    told = {str(each.where): each.what for each in (error.value, *error.value.others)}
    assert set(told) == {f"assignments/{TINY}/guide.md:3", f"assignments/{TINY}/assignment.toml:1"}
    assert told[f"assignments/{TINY}/guide.md:3"].startswith('"distrust" is left')
    assert told[f"assignments/{TINY}/assignment.toml:1"].endswith("and in 1 more places")


def test_a_case_that_holds_a_new_name_already_is_not_dressed(tmp_path: Path) -> None:
    """Two things would have become one; so it is with a word that should be gone."""
    (tmp_path / "a.csv").write_text("visit,trip\n1,2\n")
    with pytest.raises(CaseError, match='"visit" stands in the case before it is dressed'):
        dressing.dress_case(of({"trip": "visit"}), tmp_path)
    (tmp_path / "a.csv").write_text("n,trip_id\n1,2\n")
    with pytest.raises(CaseError, match=r'"trip" is left in a.csv, line 1'):
        dressing.dress_case(of({"n": "b"}, gone=("trip",)), tmp_path)


def test_a_case_with_a_text_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_bytes(b"caf\xe9")
    with pytest.raises(CaseError, match=r"notes\.md of the case is not UTF-8 text \(byte 3\)"):
        dressing.dress_case(of({"trip": "visit"}), tmp_path)


def test_a_cell_of_a_table_stays_one_cell(tmp_path: Path) -> None:
    """A comma in the skin's words must not make two of it."""
    rows = [["at", "text"], ["1.50", 'a late trip, "again"'], ["", "two\nlines of a late trip"]]
    with (tmp_path / "a.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    dressing.dress_files(of({}, {"a late trip": "a visit, late"}), tmp_path)
    text = (tmp_path / "a.csv").read_text()
    rows[1][1], rows[2][1] = 'a visit, late, "again"', "two\nlines of a visit, late"
    assert list(csv.reader(io.StringIO(text))) == rows


def test_a_parquet_table_keeps_its_numbers_and_types(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "trip": [1.5, None, 3.0],
            "kind": ["trip", None, "a trip"],
            "place": pd.Categorical(["stop", "end", "stop"], categories=["stop", "end"]),
            "n": pd.array([1, 2, 3], dtype="int16"),
            "at": pd.to_datetime(["2031-01-01", None, "2031-01-03"]),
        }
    )
    table.to_parquet(tmp_path / "t.parquet", index=False)
    dressing.dress_files(of({"trip": "visit", "stop": "home"}), tmp_path)
    wanted = table.rename(columns={"trip": "visit"})
    wanted["kind"] = pd.Series(["visit", None, "a visit"], dtype=table["kind"].dtype)
    wanted["place"] = table["place"].cat.rename_categories({"stop": "home"})
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), wanted)


def test_other_files_stay_as_they_are_but_for_their_names(tmp_path: Path) -> None:
    (tmp_path / "trip").mkdir()
    (tmp_path / "trip" / "trip.png").write_bytes(b"\x89PNG trip \xff")
    dressing.dress_files(of({"trip": "visit"}), tmp_path)
    assert (tmp_path / "visit" / "visit.png").read_bytes() == b"\x89PNG trip \xff"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_table_keeps_its_line_ends(tmp_path: Path, ending: str) -> None:
    (tmp_path / "a.csv").write_bytes(f"trip,n{ending}1,2{ending}".encode())
    dressing.dress_files(of({"trip": "visit"}), tmp_path)
    assert (tmp_path / "a.csv").read_bytes() == f"visit,n{ending}1,2{ending}".encode()


def test_a_text_that_is_none_is_told(course: Course) -> None:
    tiny = put(course)
    (tiny.folder / "notes.txt").write_bytes(b"caf\xe9")
    with pytest.raises(AssignmentError, match="not a text file in UTF-8") as error:
        dressing.wear(course, tiny, "payroll")
    assert error.value.where == f"assignments/{TINY}/notes.txt"


def test_a_preview_shows_the_skin_and_its_guide(course: Course) -> None:
    tiny = put(course, WORN + '"makes you distrust" = "x1"\n'.replace("makes", "would make"))
    seen = preview.preview(course, tiny, "junior", 3, "payroll")
    assert "A steady raise" in seen.page.read_text()
    assert (seen.folder / "case" / "points.csv").read_text().startswith("years,pay")
    assert "what x1 the line?" in (seen.truth_card.parent / "guide.md").read_text()
    assert "A straight line" in preview.preview(course, tiny, "junior", 3).page.read_text()


@pytest.fixture
def dressed(built: Course) -> Course:
    """A built course whose assignment has a skin."""
    build.build(built, put(built))
    return built


def hand_in(course: Course, who: str, name: str) -> None:
    """Invite to a skin, fill the strong answers in as a candidate in that trade would, collect."""
    tiny = assignment.find(course, TINY)
    package = invitations.invite(course, who, tiny, skin=name).package
    folder = course.root.parent / who
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    worn = dressing.wear(course, tiny, name)
    fill(notebook_of(folder / TINY), worn.solution("strong").sources("standard"))
    assert not submission.collect(course, [folder / TINY]).refused


def test_building_makes_every_level_of_every_skin(dressed: Course) -> None:
    notebooks = {path.parent.name for path in dressed.release.glob("*payroll*/*.ipynb")}
    assert notebooks == {f"{TINY}-payroll", f"{TINY}-payroll-junior", f"{TINY}-payroll-senior"}
    assert build.stale(dressed) == []


def test_inviting_to_another_skin_is_refused(dressed: Course) -> None:
    tiny = assignment.find(dressed, TINY)
    done = invitations.invite(dressed, "ada", tiny, skin="payroll")
    assert done.new
    assert not invitations.invite(dressed, "ada", tiny, skin="payroll").new
    with pytest.raises(CaseError, match="already has a case in the skin payroll") as error:
        invitations.invite(dressed, "ada", tiny)
    assert error.value.do == "invite with --skin payroll"
    invitations.invite(dressed, "bob", tiny)
    with pytest.raises(CaseError, match="already has a case in no skin"):
        invitations.invite(dressed, "bob", tiny, skin="payroll")


def test_inviting_needs_the_skin_built(built: Course) -> None:
    tiny = put(built)
    with pytest.raises(CaseError, match="at level standard in the skin payroll") as error:
        invitations.invite(built, "ada", tiny, skin="payroll")
    assert error.value.do == f"worksample build {TINY}"


@pytest.mark.slow
def test_a_candidate_in_a_skin_goes_all_the_way(dressed: Course) -> None:
    """Package, grading, evidence, feedback and revision speak its words, beside one without."""
    hand_in(dressed, "ada", "payroll")
    hand_in(dressed, "bob", "")
    done = batch.grade(dressed, TINY)
    assert {each.candidate: each.points for each in done.outcomes} == {"ada": 100, "bob": 100}
    record = evidence.latest(dressed, TINY, "ada")
    assert record is not None
    assert record["case"]["skin"] == "payroll"
    assert "skin payroll" in explain.text(explain.explain(dressed, TINY, "ada", None))
    other = evidence.latest(dressed, TINY, "bob")
    assert other is not None
    assert "skin" not in other["case"]
    assert record["inputs"]["checks"] != other["inputs"]["checks"]
    feedback.render(dressed, TINY)
    feedback.approve(dressed, TINY, None, "grace")
    given = revision.revise(dressed, TINY, "ada", "grace")
    with zipfile.ZipFile(given.package) as archive:
        notebook = json.loads(archive.read(f"{TINY}-revision/{TINY}-revision.ipynb"))
        assert archive.read(f"{TINY}-revision/case/points.csv").startswith(b"years,pay")
    assert "A steady raise" in json.dumps(notebook)
    assert answers(dressed, "strong")["slope_answer"].startswith("xs, ys")
