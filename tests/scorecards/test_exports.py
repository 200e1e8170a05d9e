"""Exports: what counts, harmless in a spreadsheet, valid by the published schema."""

from __future__ import annotations

import csv
import io
import json

import hypothesis
import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import TINY
from worksample.assignments.scorecard import STAGES, key
from worksample.cli import main
from worksample.course import Course
from worksample.errors import CandidateError, CourseError
from worksample.grading import clean
from worksample.records.tables import Rating, now
from worksample.review import rating
from worksample.scorecards import exports, settings

text = st.one_of(
    st.text(max_size=20),
    st.sampled_from("=+-@\t\r\n＝").flatmap(lambda c: st.text(max_size=5).map(lambda s: c + s)),
    st.text(max_size=4).map(lambda s: "   =" + s),
    st.sampled_from(["\x1b]0;title\x07", "\u202e=1", "\x9b2J"]),
)


@given(text, text)
@hypothesis.settings(max_examples=60)
def test_no_cell_of_a_csv_is_a_formula(evidence: str, grader: str) -> None:
    row = Rating(
        assignment="a", candidate="=ada", attempt=1, stage="work sample", criterion="c",
        dimension="d", grader=grader, value=3, reason="", evidence=evidence, cell="", time=now(),
    )  # fmt: skip
    (_, cells) = csv.reader(io.StringIO(exports.as_csv([row]), newline=""))
    for cell, said in ((cells[0], "=ada"), (cells[6], grader), (cells[9], evidence)):
        assert not cell.lstrip(" ").startswith(exports.FORMULA)
        assert clean.text(said) in (cell, cell.removeprefix("'"))
        assert not set(cell) & set("\x1b\x07\x9b\u202e")
    assert cells[7] == "3"


@pytest.fixture
def rated(graded: Course) -> Course:
    (graded.root / "course.toml").write_text("[scorecards]\ngraders = 2\n")
    rating.rate(graded, TINY, "ada", "explanation", 3, "grace", seen='=HYPERLINK("http://x")')
    rating.rate(graded, TINY, "ada", "explanation", 0, "alan", reason="not observable")
    rating.rate(graded, TINY, "ada", "explanation", 1, "draft")
    for grader in ("grace", "alan"):
        rating.submit(graded, TINY, "ada", grader)
    rating.recommend(graded, "ada", 2, "unsure", "lead")
    rating.recommend(graded, "ada", 4, "the interview settled it", "lead")
    rating.recommend(graded, "ada", 0, "not there", "peer")
    return graded


def test_json_is_what_its_schema_says_and_holds_no_draft(rated: Course) -> None:
    found = json.loads(exports.export(rated, "json", by="lead"))
    jsonschema.Draft202012Validator.check_schema(json.loads(exports.schema()))
    jsonschema.validate(found, json.loads(exports.schema()))
    (ada,) = found["candidates"]
    assert [(r["grader"], r["value"]) for r in ada["ratings"]] == [("grace", 3), ("alan", None)]
    assert ada["dimensions"] == [
        {
            "dimension": "Documentation & Communication",
            "values": [3],
            "median": 3.0,
            "without_information": 1,
        }
    ]
    assert ada["rule"]["outcome"] == "meets"


def test_a_tracking_system_gets_each_persons_newest_and_no_score(rated: Course) -> None:
    (ada,) = json.loads(exports.export(rated, "ats", ["ada"]))["candidates"]
    said = [(s["person"], s["overall_recommendation"]) for s in ada["scorecards"]]
    assert said == [("lead", "STRONG_YES"), ("peer", "NO_DECISION")]
    assert set(ada) == {"candidate", "scorecards", "attributes"}
    with pytest.raises(CandidateError, match="nobody called bob"):
        exports.export(rated, "ats", ["bob"])


def test_the_command_prints_for_other_programs(rated: Course) -> None:
    shown = CliRunner().invoke(main, ["export", "--by", "lead"]).output
    assert "'=HYPERLINK" in shown
    assert ",draft," not in shown
    schema = CliRunner().invoke(main, ["export", "--schema"]).output
    assert json.loads(schema)["title"] == "worksample export, format 1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("graders = 0", "a number from 1 to 20"),
        ("graders = true", "a number from 1 to 20"),
        ("grader = 2", "did you mean 'graders'"),
        ('critical = ["Practical Problem-Solvin"]', "did you mean 'Practical Problem-Solving'"),
        ('critical = ["Communication Skills"]', "stands on several scorecards; name the stage"),
        ("coverage = 80", "coverage is a number from 0 to 1"),
        ("lowest = 0", "lowest is a number from 1 to 4"),
        ("lowest = 2.5", "1, 2, 3 or 4"),
        ("critical = 3", "a list of dimensions"),
        ("least_median = 'x'", "least_median is a number"),
        ("[scorecards.assignments.x]\ngrader = 1", "did you mean 'graders'"),
        ("assignments = 3", "scorecards"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(course: Course, text: str, said: str) -> None:
    (course.root / "course.toml").write_text(f"[scorecards]\n{text}\n")
    with pytest.raises(CourseError) as caught:
        settings.of(course)
    assert said in str(caught.value)
    assert "course.toml" in str(caught.value)


def test_settings_of_one_assignment_hold_for_its_revision_too(course: Course) -> None:
    (course.root / "course.toml").write_text(
        '[scorecards]\ngraders = 3\ncritical = ["Evaluation & Validation"]\n'
        "[scorecards.assignments.a]\ngraders = 1\n"
    )
    found = settings.of(course)
    assert [found.graders_of(name) for name in ("a", "a-revision", "b")] == [1, 1, 3]
    assert found.rule.critical == ("Evaluation & Validation",)


def test_a_critical_dimension_is_known_by_the_name_that_the_profile_has(course: Course) -> None:
    """Of any other name it would never be rated, and the rule never be met."""
    (course.root / "course.toml").write_text(
        '[scorecards]\ncritical = ["screening: Communication Skills", "work sample: '
        'Evaluation & Validation"]\n'
    )
    found = settings.of(course).rule.critical
    assert found == ("screening: Communication Skills", "Evaluation & Validation")
    assert set(found) <= {key(stage, name) for stage, of in STAGES.items() for name in of}
