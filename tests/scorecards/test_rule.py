"""The rule: three outcomes, what would flip it, and that no information is never a number."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from worksample.scorecards.rule import (
    Given,
    Rule,
    flips,
    profile,
    to_discuss,
    verdict,
)

PLANNED = ("Practical Problem-Solving", "Evaluation & Validation", "Code Quality & Organization")


def given_by(**ratings: tuple[int | None, ...]) -> list[Given]:
    """Grader -> a value for each planned dimension."""
    return [
        Given(dimension, dimension.lower(), grader, value)
        for grader, values in ratings.items()
        for dimension, value in zip(PLANNED, values, strict=False)
    ]


rows = st.builds(
    Given,
    st.sampled_from(PLANNED),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["grace", "alan", "ida"]),
    st.sampled_from([None, 1, 2, 3, 4]),
)
rules = st.builds(
    Rule,
    st.sampled_from([(), PLANNED[:1], PLANNED[:2], ("Conflict Resolution",)]),
    st.sampled_from([2.0, 2.5, 3.0]),
    st.sampled_from([1, 2]),
    st.sampled_from([0.0, 0.5, 0.8, 1.0]),
)


def place(row: Given) -> tuple[str, str, str]:
    return row.dimension, row.criterion, row.grader


@given(
    st.lists(rows, max_size=12, unique_by=place),
    rules,
    st.lists(rows, max_size=4),
    st.integers(0, 99),
)
@settings(max_examples=200)
def test_no_information_never_changes_a_median_a_disagreement_or_the_rule(
    ratings: list[Given], rule: Rule, more: list[Given], seed: int
) -> None:
    nothing = [replace(row, value=None) for row in more]
    mixed = [*ratings, *nothing]
    random.Random(seed).shuffle(mixed)
    before, after = profile(ratings, PLANNED), profile(mixed, PLANNED)
    assert {d: (s.median, s.range) for d, s in before.items()} == {
        d: (s.median, s.range) for d, s in after.items()
    }
    one, other = verdict(rule, ratings, PLANNED), verdict(rule, mixed, PLANNED)
    assert (one.outcome, one.covered, sorted(one.reasons)) == (
        other.outcome, other.covered, sorted(other.reasons)
    )  # fmt: skip

    def key(d: object) -> str:
        return repr((d.dimension, d.criterion))  # type: ignore[attr-defined]

    assert sorted(map(key, to_discuss(ratings))) == sorted(map(key, to_discuss(mixed)))
    assert {f.words for f in flips(rule, ratings, PLANNED) if f.given} == {
        f.words for f in flips(rule, mixed, PLANNED) if f.given
    }


def test_meets_does_not_meet_and_insufficient_evidence() -> None:
    rule = Rule()
    meets = verdict(rule, given_by(grace=(3, 4, 3), alan=(3, 3, 4)), PLANNED)
    assert (meets.outcome, meets.coverage) == ("meets", 1.0)
    short = verdict(rule, given_by(grace=(3, 4, 2), alan=(3, 3, 3)), PLANNED)
    assert short.outcome == "does not meet"
    assert short.reasons == ("Code Quality & Organization: the median is 2.5, not 3",)
    one = verdict(rule, given_by(grace=(4, 4, 1), alan=(4, 4, 4), ida=(4, 4, 4)), PLANNED)
    assert one.outcome == "does not meet"
    assert "a rating of 1" in one.reasons[0]


def test_what_nobody_could_rate_is_insufficient_and_never_a_rejection() -> None:
    unknown = verdict(Rule(PLANNED[:1], coverage=0.5), given_by(grace=(None, 1, 1)), PLANNED)
    assert unknown.outcome == "insufficient evidence"
    assert unknown.reasons == ("nobody could rate Practical Problem-Solving",)
    few = verdict(Rule(PLANNED[:1]), given_by(grace=(4, None, None)), PLANNED)
    assert few.reasons == ("1 of 3 planned dimensions were rated",)
    assert verdict(Rule(), [], ()).outcome == "insufficient evidence"
    other = verdict(Rule(("Conflict Resolution",)), given_by(grace=(4, 4, 4)), PLANNED)
    assert other.outcome == "insufficient evidence"


def test_what_would_flip_it_is_one_rating_by_one_level_or_a_grader() -> None:
    ratings = given_by(grace=(3, 3, 3), alan=(3, 3, 2), ida=(3, 4, 3))
    found = flips(Rule(), ratings, PLANNED)
    assert all(flip.outcome == "does not meet" for flip in found)
    words = [flip.words for flip in found]
    assert "alan’s 2 for Code Quality & Organization as a 1" in words
    assert "grace’s 3 for Code Quality & Organization as a 2" in words
    assert "without grace’s ratings" in words
    assert "without alan’s ratings" not in words
    assert flips(Rule(), given_by(grace=(4, 4, 4), alan=(4, 4, 4), ida=(4, 4, 4)), PLANNED) == []


@given(st.lists(rows, max_size=10), rules)
@settings(max_examples=60)
def test_each_flip_does_what_it_says(ratings: list[Given], rule: Rule) -> None:
    now = verdict(rule, ratings, PLANNED).outcome
    for flip in flips(rule, ratings, PLANNED):
        assert flip.outcome != now
        if flip.given:
            at = ratings.index(flip.given)
            moved = [*ratings[:at], replace(flip.given, value=flip.to), *ratings[at + 1 :]]
        else:
            moved = [row for row in ratings if row.grader != flip.grader]
        assert verdict(rule, moved, PLANNED).outcome == flip.outcome


def test_two_levels_apart_or_both_sides_of_the_line_is_to_discuss() -> None:
    found = to_discuss(given_by(grace=(4, 3, 3), alan=(2, 4, 2)))
    assert [(d.dimension, d.why) for d in found] == [
        (PLANNED[0], "2 levels apart and on both sides of the line between 2 and 3"),
        (PLANNED[2], "on both sides of the line between 2 and 3"),
    ]
