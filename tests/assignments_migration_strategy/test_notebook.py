"""The workbook as a candidate meets it."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

from worksample import assignments

from .drawn import FOLDER, case, notebook, recorded

SAMPLE = assignments.load(FOLDER)


@pytest.mark.parametrize("level", SAMPLE.levels)
def test_minutes_add_up_and_stand_in_the_headings(level):
    cells = SAMPLE.cells_of(level)
    assert sum(cell.minutes for cell in cells) == SAMPLE.minutes.work == 45
    for cell in cells:
        first = cell.source.splitlines()[0] if cell.source else ""
        if first.startswith("## ") and cell.id != "about_texts":  # whose criteria have the minutes
            unit = "minute" if cell.minutes == 1 else "minutes"
            assert f"· {cell.minutes:g} {unit}" in first, cell.id


def test_points_stand_in_the_brief():
    brief = SAMPLE.cell("brief").source
    points = {cell.id: int(cell.points) for cell in SAMPLE.checks}
    for text in (
        f"current state {points['current']}", f"value {points['value']}",
        f"feasible {points['feasible']}", f"KPIs {points['kpis']}", f"risks {points['risks']}",
    ):  # fmt: skip
        assert text in brief
    assert len(brief.split()) < 600  # three minutes


def test_what_is_to_be_read_fits_its_minutes():
    """The dossier and the interviews at 200 words a minute, the dossier's register as a table."""
    words = sum(
        len((case().public / f"{n}.md").read_text().split()) for n in ("dossier", "interviews")
    )
    assert words < 6.5 * 200


def test_forms_are_told_and_nothing_of_what_is_right():
    with notebook(case()) as names:
        answers = recorded("strong")[0]
        work = answers["work"]
        assert names["state_problem"]({"lead_days": 1})
        assert names["plan_problem"]([])
        assert names["promises_problem"]({}, work)
        assert names["kpis_problem"]({})
        assert names["risks_problem"]({"leaver": {"do": "hope"}})
        assert not names["state_problem"](answers["state"])
        assert not names["plan_problem"](work)
        assert not names["promises_problem"](answers["promises"], work)
        assert not names["kpis_problem"](answers["kpis"])
        assert not names["risks_problem"](answers["risks"])
        with pytest.raises(ValueError, match="no initiative 'magic'"):
            names["staffed"](["magic"], names["assume"]())
        with pytest.raises(ValueError, match="none of"):
            names["assume"](stakes={"luck": 3.0})
        with pytest.raises(ValueError, match="in the plan already"):
            names["rehearse"]([work[0], work[0]], names["assume"]())


def test_numpys_numbers_and_truth_values_are_taken():
    """``coached`` is often a comparison, and a sprint the outcome of a sum."""
    work = [{"id": "data-record", "owners": [sorted(case().truth()["firm"]["people"])[0]]}]
    own = work[0] | {"coached": np.bool_(True), "from": np.int64(3)}
    with notebook(case()) as names:
        assert names["plan_problem"]([own]) == ""
        assert "coached" in names["plan_problem"]([work[0] | {"coached": "yes"}])
        assert "sprint" in names["plan_problem"]([work[0] | {"from": np.float64(2.5)}])
        assert "nothing in the plan" in names["plan_problem"](None)
        assert "is a list" in names["plan_problem"](7)
        assert len(names["rehearse"]([own], names["assume"]()).table)


def test_a_rehearsal_has_a_picture_words_and_a_line_to_repeat_it():
    with notebook(case()) as names, contextlib.redirect_stdout(io.StringIO()):
        view = names["rehearse"](names["case"].draft, names["assume"]())
        assert view.png
        assert len(view.alt) > 100
        assert view.line == "rehearse(WORK, ASSUMED)"
        assert list(view.done) == [row["id"] for row in names["case"].draft]
        assert set(view.left) >= {"failures", "approval wait"}
        with pytest.raises(ValueError, match="junior"):
            names["watch"]("audit", 3.0)
        table = names["ranked"](names["assume"]())
        assert len(table) == len(names["case"].firm.ids)


def test_it_is_said_whose_eyes_a_criterion_wants():
    """The seed wants a technical and a business rater."""
    assert {name: c.rater for name, c in SAMPLE.criteria.items()} == {
        "change": "business", "balance": "business", "reasons": "technical",
    }  # fmt: skip
    for criterion in SAMPLE.criteria.values():
        assert criterion.wanted == f"For a {criterion.rater} rater. {criterion.evidence}"
    source = (FOLDER.parents[1] / "source" / SAMPLE.id / f"{SAMPLE.id}.ipynb").read_text("utf-8")
    assert "look at: For a business rater." in source
