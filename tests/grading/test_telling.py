"""What a check may tell a candidate: words of ours, and numbers as coarse as points."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.grading.test_checks import TINY, a_run
from worksample.grading.checkhost import to_json
from worksample.grading.checks import CheckResult, Part
from worksample.grading.probe import CallResult
from worksample.grading.telling import coarse, safe, words_for

WORDS = frozenset(
    ["you", "said", "of", "the", "rows", "is", "about", "more", "than", "characters", "16000"]
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("You said 2031-03-05.", "You said 2031-03-05."),
        ("95% of the rows", "95% of the rows"),
        ("7 of 12, about 0.95", "7 of 12, about 0.95"),
        ("more than 1,000 rows", "more than 1000 rows"),
        ("more than 16,000 characters", "more than 16,000 characters"),
    ],
)
def test_an_authors_sentence_stays(text: str, told: str) -> None:
    assert safe(text, WORDS) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("You said zebra", "You said …"),
        ("could not convert string to float: 'k7x9q'", "… … … … … …: '…'"),
        ("about 0.123456789012", "about 0.123"),
        ("about 123456789", "about over 9999"),
        ("about 1.5e300", "about over 9999"),
        ("about 1e-300", "about 0.000"),
        ("about -8.7654321", "about -8.765"),
        ("the \u0663\u0664\u0665\u0666\u0667\u0668 rows", "the … rows"),
        ("is w119", "is …"),
        ("is <<<>>><<", "is …"),
    ],
)
def test_words_and_digits_of_the_candidates_are_left_out(text: str, told: str) -> None:
    """Code that has seen the hidden inputs chose them: a message would be read by the candidate."""
    assert safe(text, WORDS) == told


def test_a_message_is_no_longer_than_what_is_shown() -> None:
    assert len(safe("the " * 10_000, WORDS)) == 600


def test_details_are_as_coarse_and_what_graders_see_is_whole() -> None:
    result = CheckResult(
        (Part("secret", 1.0, 2.0, "secret 0.123456"),),
        {"n": 0.123456789, "big": 123456789, "huge": -1e300, "word": "secret", "few": 19},
        {"seen": "secret", "n": 0.123456789},
    )
    made = coarse(to_json(result), WORDS)
    assert made["details"] == {"n": 0.123, "big": 9999, "huge": -9999, "word": "…", "few": 19}
    assert (made["parts"][0]["name"], made["parts"][0]["message"]) == ("…", "… 0.123")
    assert made["parts"][0]["earned"] == 1
    assert made["private"] == {"seen": "secret", "n": 0.123456789}


def test_the_words_are_the_authors_and_those_of_our_own_sentences() -> None:
    failed = CallResult("predict", False, None, "predict: raised ValueError")
    run = a_run(calls={"predict": (failed,)}, refused={"slope": "is nested too deeply"})
    words = words_for(TINY, run)
    assert {"compare", "nested", "raised", "valueerror", "recorded"} <= words
    assert not {"zanzibar", "residuals"} & words  # the latter only stands in a solution


def test_words_follow_the_folder(tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text("'walrus'")
    assert "walrus" in words_for(tmp_path, a_run())
    (tmp_path / "checks.py").write_text("'narwhal!'")
    assert "walrus" not in words_for(tmp_path, a_run())
