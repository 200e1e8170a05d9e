"""Feedback: the rule, the record, the drawing, approval and release."""

from __future__ import annotations

import json
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import verbs
from tests.conftest import TINY
from tests.graded import add_grading, rate
from worksample import feedback
from worksample.course import Course
from worksample.errors import FeedbackError
from worksample.feedback import approval, drawing, proposal, view
from worksample.feedback import record as building
from worksample.feedback.proposal import Item, propose
from worksample.feedback.schema import Cell, Ended
from worksample.records.tables import Records

HOSTILE = "<script>window.pwned = 1</script><img src='http://evil.example/x' onerror='pwned=1'>"
DONE = Ended(how="completed", cell=None, detail="")


def cell(name: str, status: str = "completed", source: str = "x = 1") -> Cell:
    return Cell(id=name, kind="answer", title=name, status=status, error="", source=source)


def item(name: str, share: float, weight: float = 10, **kw: Any) -> Item:
    return Item(name, f"{name}_answer", name, share, weight, f"{share * weight:g} points", **kw)


CELLS = [cell("a_answer"), cell("b_answer"), cell("c_answer")]


class TestRule:
    def test_strength_is_the_highest_share_and_improvement_the_greatest_loss(self):
        made = propose([item("a", 0.5, 30), item("b", 1.0), item("c", 0.0)], CELLS, DONE)
        assert (made.strength["about"], made.improvement["about"]) == ("b", "a")

    def test_shares_that_agree_to_a_tenth_are_decided_by_weight(self):
        made = propose([item("a", 0.98, 30), item("b", 1.0), item("c", 0.2)], CELLS, DONE)
        assert made.strength["about"] == "a"

    def test_a_persons_judgement_wins_over_a_check_of_the_same_share(self):
        items = [item("a", 1.0, 40), item("b", 1.0, person=True), item("c", 0.2)]
        assert propose(items, CELLS, DONE).strength["about"] == "b"

    def test_blank_gets_a_strength_that_is_true_of_it(self):
        made = propose([item("a", 0.0, 40), item("b", 0.0, 60)], CELLS, DONE)
        assert made.strength["about"] == ""
        assert made.strength["text"].startswith("Nothing stands out yet. The best start is")
        assert not made.strength["stands_out"]
        assert "3 of the 3 code cells" in made.strength["number"]
        assert made.improvement["about"] == "b"

    def test_perfect_gets_an_improvement_that_claims_no_loss(self):
        made = propose([item("a", 1.0), item("b", 1.0, improvement="It is wrong.")], CELLS, DONE)
        assert made.strength["about"] != made.improvement["about"]
        assert "Nothing was lost here" in made.improvement["text"]
        assert "wrong" not in made.improvement["text"] + made.task

    @pytest.mark.parametrize("share", [1.0, 0.995, 0.9])
    def test_where_next_to_nothing_was_lost_the_authors_next_step_is_asked_for(self, share: float):
        """A proper scoring rule cannot give quite all points: the rest must not become a fault."""
        last = item("b", share, improvement="It is wrong.", next_step="Try it on May.")
        made = propose([item("a", 1.0), last], CELLS, DONE)
        assert made.improvement["text"] == "Try it on May."
        assert made.task.startswith("Take that step in “b”")

    def test_below_nearly_all_the_improvement_is_what_is_missing(self):
        last = item("b", 0.89, improvement="It is wrong.", next_step="Try May.")
        made = propose([item("a", 1.0), last], CELLS, DONE)
        assert made.improvement["text"] == "It is wrong."

    def test_what_is_told_as_all_of_the_points_is_all_of_them(self):
        made = propose([item("a", 1.0), item("b", 0.99999, improvement="Wrong.")], CELLS, DONE)
        assert "Nothing was lost here" in made.improvement["text"]

    def test_a_single_check_at_full_points_still_gives_both(self):
        made = propose([item("a", 1.0)], CELLS, DONE)
        assert made.strength["about"] == made.improvement["about"] == "a"

    def test_a_cell_that_ended_the_run_is_the_improvement(self):
        cells = [cell("a_answer"), cell("b_answer", "crashed"), cell("c_answer")]
        ended = Ended(how="crashed", cell="b_answer", detail="The kernel died.")
        made = propose([item("a", 1.0), item("b", 0.0), item("c", 0.0, 90)], cells, ended)
        assert made.improvement["cell"] == "b_answer"
        assert "ended the kernel" in made.improvement["text"]
        assert "restart the kernel" in made.task

    def test_praise_of_the_author_is_used_only_where_it_is_true(self):
        good = propose([item("a", 0.8, strength="It fits."), item("b", 0)], CELLS, DONE)
        poor = propose([item("a", 0.59, strength="It fits."), item("b", 0)], CELLS, DONE)
        assert good.strength["text"] == "It fits."
        assert "It fits." not in poor.strength["text"]
        assert poor.strength["text"] == (
            "Nothing stands out yet. The best start is “a”: 5.9 points."
        )
        assert not poor.strength["stands_out"]

    def test_what_idleness_earns_is_no_strength(self):
        """All rows marked as affected earned 65 % and were told "keep doing this"."""
        idle = item("a", 0.65, 15, idle=0.65, strength="It fits.")
        made = propose([idle, item("b", 0.3)], CELLS, DONE)
        assert (made.strength["about"], made.strength["stands_out"]) == ("b", False)
        made = propose([idle], CELLS, DONE)
        assert made.strength["about"] == ""
        assert "Keep" not in made.strength["meaning"]

    @given(st.floats(0, 1), st.floats(0, 1))
    def test_a_level_blames_nothing_above_90_and_praises_nothing_below_60(self, share, idle):
        level = proposal.level(share, idle)
        assert level == 4 or share < 0.9
        assert level < 3 or share >= 0.6
        made = propose([item("a", share, idle=idle, improvement="Wrong.")], CELLS[:1], DONE)
        assert share < 0.9 or "Wrong." not in made.improvement["text"]
        assert share >= 0.6 or not made.strength["stands_out"]
        assert ("Keep doing this" in made.strength["meaning"]) == made.strength.get(
            "stands_out", True
        )

    @pytest.mark.parametrize("rating", [1, 2, 3, 4])
    def test_a_rating_is_its_own_level(self, rating: int):
        assert proposal.level((rating - 1) / 3) == rating

    def test_a_grader_may_choose_by_cell_or_by_check(self):
        items = [item("a", 0.5, 30), item("b", 1.0), item("c", 0.0)]
        made = propose(items, CELLS, DONE, strength="a_answer", improvement="c")
        assert (made.strength["about"], made.improvement["about"]) == ("a", "c")
        assert {made.strength["chosen"], made.improvement["chosen"]} == {"grader"}

    def test_a_choice_of_no_cell_is_refused_with_the_cells_there_are(self):
        with pytest.raises(FeedbackError, match="no check or rating") as caught:
            propose([item("a", 0.5)], CELLS, DONE, strength="nowhere")
        assert "choose one of: a" in str(caught.value)

    def test_numbers_are_filled_in_and_a_missing_one_leaves_the_words_out(self):
        assert building.filled("off by {d:.1f}", {"d": 2}) == "off by 2.0"
        assert building.filled("off by {d:.1f}", {"d": "{0.__class__}"}) == ""
        assert building.filled("{name} fits", {"name": "<b>{x}</b>"}) == "<b>{x}</b> fits"


class TestRecord:
    def test_holds_what_the_candidate_may_see_and_nothing_private(self, graded: Course):
        made = feedback.approval.build(graded, TINY, "ada")
        text = json.dumps(made)
        assert made["checks"][0]["cell"] == "slope_answer"
        assert made["criteria"][0]["cell"] == "explanation_answer"
        assert "0.123456" not in text
        assert "seed" not in text
        assert "truth" not in text
        assert str(graded.root) not in text

    def test_a_criterion_nobody_rated_says_so(self, graded: Course):
        made = approval.build(graded, TINY, "ada")["criteria"][0]
        assert (made["state"], made["value"], made["anchor"]) == ("not_rated", None, "")

    def test_a_rating_brings_the_anchor_of_its_level(self, graded: Course):
        rate(graded, "ada", 3, evidence="names the range")
        made = approval.build(graded, TINY, "ada")["criteria"][0]
        assert made["anchor"] == "Names one limit and the evidence for it."
        assert made["seen"] == ["names the range"]

    def test_an_anchor_that_builds_on_another_brings_it(self):
        """ "As 3, and …" says nothing to whoever has not seen 3."""
        anchors = {2: "One.", 3: "As 2, with two.", 4: "As 3, and three."}
        assert building._anchor(anchors, 2) == "One."
        assert building._anchor(anchors, 4) == "One. Beyond that, with two. Beyond that, three."

    def test_of_an_even_number_of_ratings_the_lower_middle_one_counts(self, graded: Course):
        rate(graded, "ada", 2)
        rate(graded, "ada", 4, grader="linus")
        assert approval.build(graded, TINY, "ada")["criteria"][0]["value"] == 2

    def test_no_information_is_no_number(self, graded: Course):
        rate(graded, "ada", None, reason="not attempted")
        made = approval.build(graded, TINY, "ada")["criteria"][0]
        assert (made["state"], made["value"]) == ("not_enough_information", None)

    def test_minutes_are_the_assignments_times_the_accommodation(self, graded: Course):
        assert approval.build(graded, TINY, "ada")["minutes"] == 15
        assert approval.build(graded, TINY, "bob")["minutes"] == 10

    def test_nobody_graded_is_one_clear_error(self, graded: Course):
        with pytest.raises(FeedbackError, match="nothing has been graded"):
            approval.build(graded, TINY, "carol")


def whole(record: Any) -> str:
    """Every section of a record, as the template puts them together."""
    sections = (
        view.heading, view.what_happened, view.strength, view.improvement, view.revision,
        view.changes, view.changed_cells, view.competencies, view.competency_table, view.aspects,
        view.ratings, view.checks, view.cells, view.about,
    )  # fmt: skip
    return "".join(section(record) for section in sections)


class Markup(HTMLParser):
    """Tags, attributes and link targets of a page, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


class TestPage:
    def test_exactly_one_strength_and_one_improvement(self, graded: Course):
        for name in ("ada", "bob"):
            page = whole(approval.build(graded, TINY, name))
            assert page.count("class='strength'") == page.count("class='improvement'") == 1

    @pytest.mark.parametrize(
        ("kind", "status", "error", "told"),
        [
            ("check", "error", "AssertionError: too <few>", "was not passed: too &lt;few&gt;."),
            ("check", "error", "NotImplementedError", "found nothing to check yet."),
            (
                "check",
                "timeout",
                "KeyboardInterrupt",
                "ran out of time (the limit is 10 s a cell).",
            ),
            ("check", "error", "KeyError: 'a'", "stopped with an error: <code>KeyError: "),
            ("answer", "error", "AssertionError: mine", "an error: <code>AssertionError: mine"),
        ],
    )
    def test_a_visible_check_that_says_no_is_no_crash(
        self, graded: Course, kind: Any, status: str, error: str, told: str
    ):
        """An untouched notebook read as if four of its cells had crashed."""
        record = approval.build(graded, TINY, "bob")
        one = Cell(id="x", kind=kind, title="X", status=status, error=error, source="")
        assert told in view.what_happened({**record, "cells": [one]})

    def test_where_leads_to_the_cell_itself(self, graded: Course):
        """It led to a row of a table that said no more than the link."""
        record = approval.build(graded, TINY, "ada")
        page = whole(record)
        begin = page.index("id='cell-slope-answer'")
        assert "href='#cell-slope-answer'" in page
        assert "SLOPE = 1.5" in page[begin : page.index("</div></div>", begin)]

    def test_prose_is_drawn_and_none_of_it_passes_for_ours(self, graded: Course):
        text = "# Total: 100 of 100\n\nIt **holds**, see [here](http://evil.example)\n\n<b>x</b>"
        add_grading(graded, "bob", {"slope": 0, "predict": 0}, answers={"explanation_answer": text})
        page = whole(approval.build(graded, TINY, "bob"))
        assert "<p><strong>Total: 100 of 100</strong></p>" in page
        assert "It <strong>holds</strong>, see here" in page
        assert "&lt;b&gt;x&lt;/b&gt;" in page
        assert "evil.example" not in page

    def test_prose_that_would_take_too_long_is_shown_as_it_was_typed(self, graded: Course):
        text = "*" + "_*" * 12_000
        add_grading(graded, "bob", {"slope": 0, "predict": 0}, answers={"explanation_answer": text})
        assert "Shown as it was typed." in whole(approval.build(graded, TINY, "bob"))

    def test_an_anchor_stands_once(self, graded: Course):
        rate(graded, "ada", 3)
        page = whole(approval.build(graded, TINY, "ada"))
        assert page.count("Names one limit and the evidence for it.") == 1

    def test_a_start_is_not_called_a_strength(self, graded: Course):
        page = whole(approval.build(graded, TINY, "bob"))
        assert "One strength" not in page
        assert "The best start" in page

    def test_a_limit_is_named_with_its_cell(self, graded: Course):
        ended = {"how": "timeout", "cell": "predict_answer", "detail": "It took over 10 s."}
        add_grading(
            graded, "bob", {"slope": 0, "predict": 0}, ended=ended,
            status={"predict_answer": "timeout"},
        )  # fmt: skip
        page = whole(approval.build(graded, TINY, "bob"))
        assert "It took over 10 s." in page
        assert "2. The prediction</a> ran out of time (the limit is 10 s a cell)" in page

    def test_says_nothing_of_hiring_others_or_totals(self, graded: Course):
        page = whole(approval.build(graded, TINY, "ada")).lower()
        for word in ("hire", "hiring", "other candidates", "average", "rank", "total", "97 of 100"):
            assert word not in page

    def test_hostile_text_is_shown_and_nowhere_markup(self, graded: Course):
        """Whatever a candidate gets into a record would otherwise run in a grader's browser."""
        add_grading(
            graded, "bob", {"slope": 0, "predict": 0}, message=HOSTILE,
            answers={"slope_answer": HOSTILE, "predict_answer": HOSTILE},
            ended={"how": "crashed", "cell": HOSTILE, "detail": HOSTILE},
            status={HOSTILE: "crashed"},
        )  # fmt: skip
        rate(graded, "bob", 1, evidence=HOSTILE)
        page = drawing.draw(approval.build(graded, TINY, "bob")).page.decode()
        assert "&lt;script&gt;" in page
        found = Markup()
        found.feed(page)
        assert "script" not in found.tags
        assert not [name for name in found.attributes if name.startswith("on")]
        assert all(link.startswith(("#", "data:image/png")) for link in found.links)

    def test_needs_nothing_from_elsewhere(self, graded: Course):
        page = drawing.draw(approval.build(graded, TINY, "ada")).page.decode()
        assert "http://" not in page
        assert "https://" not in page
        assert "<script" not in page
        assert 'alt="ML Approach &amp; Implementation: 40 of 40 points.' in page


class TestDrawing:
    def test_the_same_record_gives_the_same_bytes(self, graded: Course):
        record = approval.build(graded, TINY, "ada")
        assert drawing.draw(record) == drawing.draw(record)

    @pytest.mark.slow
    def test_a_real_kernel_draws_the_same_as_this_process(self, graded: Course):
        record = approval.build(graded, TINY, "ada")
        assert drawing.draw(record, engine_name=None).page == drawing.draw(record).page

    def test_the_notebook_is_valid_and_names_no_path(self, graded: Course):
        made = drawing.draw(approval.build(graded, TINY, "ada"))
        notebook = nbformat.reads(made.notebook.decode(), as_version=4)
        nbformat.validate(notebook)
        assert b"record_path" not in made.notebook
        assert b"/tmp" not in made.notebook

    def test_a_failing_template_is_our_error(self, graded: Course):
        record = approval.build(graded, TINY, "ada")
        record["format"] = 99
        with pytest.raises(FeedbackError, match="template failed: ValueError"):
            drawing.draw(record)


class TestApproval:
    def test_the_way_out(self, graded: Course):
        drawn = feedback.render(graded, TINY)
        assert [(d.candidate, d.approved) for d in drawn] == [("ada", False), ("bob", False)]
        assert all((d.page.parent / "timestamp.txt").is_file() for d in drawn)
        refused = feedback.release_feedback(graded, TINY)
        assert {o.refused for o in refused} == {"nobody has approved it"}
        feedback.approve(graded, TINY, by="grace", except_=["bob"])
        by_name = {o.candidate: o.refused for o in feedback.release_feedback(graded, TINY)}
        assert by_name == {"ada": "", "bob": "nobody has approved it"}
        approved = Records(graded.records_url).last_approval(TINY, "ada")
        assert approved is not None
        assert (approved.approver, approved.feedback_digest) == ("grace", drawn[0].digest)

    def test_drawing_again_what_has_not_changed_keeps_the_approval(self, graded: Course):
        feedback.render(graded, TINY, ["ada"])
        feedback.approve(graded, TINY, ["ada"], by="grace")
        assert feedback.render(graded, TINY, ["ada"])[0].approved

    def test_a_rating_that_changes_it_lapses_the_approval(self, graded: Course):
        feedback.render(graded, TINY, ["ada"])
        feedback.approve(graded, TINY, ["ada"], by="grace")
        rate(graded, "ada", 4)
        feedback.render(graded, TINY, ["ada"])
        outcome = feedback.release_feedback(graded, TINY, ["ada"])[0]
        assert outcome.refused == "it has changed since it was approved"

    def test_an_edited_page_is_not_approved_nor_released(self, graded: Course):
        drawn = feedback.render(graded, TINY, ["ada"])[0]
        feedback.approve(graded, TINY, ["ada"], by="grace")
        drawn.page.write_text(drawn.page.read_text() + "<!-- a word more -->")
        assert "changed since they were drawn" in feedback.not_releasable(graded, TINY, "ada")
        assert feedback.approve(graded, TINY, ["ada"], by="grace")[0].refused

    def test_a_new_grading_asks_for_new_feedback(self, graded: Course):
        feedback.render(graded, TINY, ["ada"])
        feedback.approve(graded, TINY, ["ada"], by="grace")
        add_grading(graded, "ada", {"slope": 40, "predict": 60})
        assert "graded again" in feedback.not_releasable(graded, TINY, "ada")

    def test_nobody_approves_nameless(self, graded: Course):
        feedback.render(graded, TINY, ["ada"])
        with pytest.raises(FeedbackError, match="who does this"):
            feedback.approve(graded, TINY, by=" ")

    def test_a_graders_choice_is_recorded_and_drawn(self, graded: Course):
        drawn = feedback.choose(graded, TINY, "ada", by="grace", improvement="slope")
        record = approval.build(graded, TINY, "ada")
        assert (record["improvement"]["about"], record["improvement"]["chosen"]) == (
            "slope",
            "grader",
        )
        assert "in part by a grader" in drawn.page.read_text()

    def test_a_choice_that_is_refused_leaves_nothing_behind(self, graded: Course):
        with pytest.raises(FeedbackError):
            feedback.choose(graded, TINY, "ada", by="grace", strength="nowhere")
        assert approval.choice_of(graded, TINY, "ada") == (None, None)


@pytest.mark.slow
class TestNbgrader:
    def run(self, course: Course, *words: str) -> subprocess.CompletedProcess[str]:
        return verbs.nbgrader(course.root, *words)

    def test_generate_feedback_writes_ours(self, graded: Course):
        done = self.run(graded, "generate_feedback", TINY)
        assert done.returncode == 0, done.stderr
        written = approval.page_path(graded, TINY, "ada").read_bytes()
        assert written == drawing.draw(approval.build(graded, TINY, "ada")).page
        assert feedback.approve(graded, TINY, ["ada"], by="grace")[0].refused == ""

    def test_release_feedback_refuses_the_unapproved_and_finds_the_rest(
        self, graded: Course, tmp_path: Path
    ):
        exchange = tmp_path / "exchange"
        exchange.mkdir(mode=0o777)
        exchange.chmod(0o777)
        with (graded.root / "nbgrader_config.py").open("a") as config:
            config.write(f"\nc.Exchange.root = {str(exchange)!r}\n")
        for name in ("ada", "bob"):
            secret = graded.autograded / name / TINY / "submission_secret.txt"
            secret.write_text(f"secret of {name}")
        feedback.render(graded, TINY)
        feedback.approve(graded, TINY, ["ada"], by="grace")
        done = self.run(graded, "release_feedback", TINY)
        assert done.returncode != 0
        assert "bob is not released: nobody has approved it" in done.stderr
        out = list((exchange / "worksample" / "feedback").iterdir())
        assert [path.read_bytes() for path in out] == [
            approval.page_path(graded, TINY, "ada").read_bytes()
        ]
