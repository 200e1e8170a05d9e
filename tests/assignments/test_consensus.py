"""What reference solutions are rated with: read, and held against the folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cohort import ROOT, TINY
from worksample import assignments
from worksample.assignments import consensus
from worksample.assignments.model import Assignment
from worksample.errors import AssignmentError

RATED = sorted(ROOT.glob("assignments/*/solutions/ratings.toml"))


@pytest.fixture
def tiny(tmp_path: Path) -> Assignment:
    folder = tmp_path / TINY
    shutil.copytree(ROOT / "tests" / "assignments" / TINY, folder)
    return assignments.load(folder)


def test_what_is_rated_in_full_can_be_practised_on(tiny: Assignment) -> None:
    assert set(consensus.of_solutions(tiny)) == {"strong", "weak", "blank"}
    texts = {each.name: each.value for each in consensus.read(tiny) if each.text}
    assert texts == {"all_limits": 4, "only_the_result": 2}
    (tiny.folder / "solutions" / consensus.FILE).unlink()
    assert consensus.read(tiny) == ()


def test_a_criterion_without_a_rated_solution_is_not_practised(tiny: Assignment) -> None:
    """What is heard in a talk has texts for graders, and no solution is rated in it."""
    assert consensus.practised(tiny) == tuple(tiny.criteria)
    path = tiny.folder / "solutions" / consensus.FILE
    path.write_text('[explanation.heard]\nvalue = 3\nwhy = "x"\ntext = "y"\n', encoding="utf-8")
    assert consensus.practised(tiny) == ()
    assert consensus.of_solutions(tiny) == {}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('[explanation.strong]\nvalue = 5\nwhy = "x"', "1, 2, 3 or 4"),
        ('[explanation.strong]\nvalue = 3\nwhy = " "', "says why"),
        ('[explanation.strong]\nvalue = 3\nwhy = "x"\ntext = "y"', "a solution and has a text"),
        ('[explanation.nobody]\nvalue = 3\nwhy = "x"', "no solution and has no text"),
        ('[clarity.strong]\nvalue = 3\nwhy = "x"', "no criterion 'clarity'"),
        ('[explanation.strong]\nvalue = 3\nwhy = "x"\nwho = "y"', "`who` means nothing"),
    ],
)
def test_a_mistake_is_told_with_its_place(tiny: Assignment, written: str, said: str) -> None:
    path = tiny.folder / "solutions" / consensus.FILE
    path.write_text(f"# a comment\n{written}\n", encoding="utf-8")
    with pytest.raises(AssignmentError, match=said) as caught:
        consensus.read(tiny)
    assert consensus.FILE in str(caught.value.where)


@pytest.mark.parametrize("path", RATED, ids=lambda path: path.parts[-3])
def test_the_packages_own_show_each_level_twice(path: Path) -> None:
    found = assignments.load(path.parent.parent)
    for criterion in found.criteria:
        for level in (1, 2, 3, 4):
            given = [
                e for e in consensus.read(found) if (e.criterion, e.value) == (criterion, level)
            ]
            assert len(given) >= 2, (criterion, level)
    assert len(consensus.of_solutions(found)) >= 4
