"""What comes out of the sandbox is bounded by what was declared, before any check sees it."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from worksample.grading.probe import Call
from worksample.grading.values import Unfit, decode, most_bytes, plain_json, size_of
from worksample.limits import Shape
from worksample.sandbox.inside.answering import _ENCODERS
from worksample.sandbox.inside.frames import Reader, pack

SMALL = Shape(length=5, distinct=8, text=10, digits=6, depth=2)


def nested(levels: int) -> Any:
    found: Any = 1
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (list(range(6)), "more than 5 entries"),
        ({str(n): 0 for n in range(6)}, "more than 5 entries"),
        ([[1, 2, 3, 4, 5], [6, 7, 8, 9]], "more than 8 different values"),
        ([{"a": 1, "b": 2, "c": 3}, {"d": 4, "e": 5}], "more than 8 different values"),
        ("x" * 11, "a text of more than 10 characters"),
        ({"x" * 11: 1}, "a text of more than 10 characters"),
        (10**6, "more than 6 digits"),
        (-(10**5), "more than 6 digits"),
        (nested(3), "nested too deeply"),
    ],
)
def test_an_answer_beyond_its_declared_shape_is_refused(value: Any, told: str) -> None:
    """A check's work grows with lengths, distinct values, digits and depth: all are bounded."""
    with pytest.raises(Unfit, match=told) as refused:
        plain_json(json.dumps(value).encode(), shape=SMALL)
    assert "xxxx" not in str(refused.value)  # the candidate's own are not repeated


@pytest.mark.parametrize(
    "value",
    [[1] * 5, "x" * 10, 10**5, nested(2), [[1, 2, 3], ["a", "b"]], {"a": [True, None, 0.5]}],
)
def test_an_answer_within_its_shape_comes_as_it_is(value: Any) -> None:
    assert plain_json(json.dumps(value).encode(), shape=SMALL) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("9" * 200_000, "digits"),
        ("0." + "1" * 200_000, "out of range"),
        ("1e999", "out of range"),
        ("[" * 200_000, "nested"),
        ('{"a":' * 50_000, "nested"),
        ("[NaN]", "not finite"),
        ("[Infinity]", "not finite"),
        ('{"a": 1, "a": 2}', "same key"),
        ('["\\ud800"]', "no Unicode"),
    ],
)
def test_hostile_json_is_refused_at_once(text: str, told: str) -> None:
    """Digits cost the square of their number, nesting a stack: both before any check begins."""
    begun = time.process_time()
    with pytest.raises(Unfit, match=told):
        plain_json(text.encode())
    assert time.process_time() - begun < 2


def replied(call: Call, value: Any) -> Any:
    """What a reply with this value is decoded to."""
    header, body = _ENCODERS[call.returns](value)
    (header, body), *_ = Reader(most_bytes(call)).feed(pack(header, body))
    return decode(call, header, body)


TABLE = pd.DataFrame({"version": ["a", "b", None, "a"], "n": [1, 2, 3, 4]})


def test_a_table_within_its_shape_comes_as_it_is() -> None:
    call = Call("f", "f", (TABLE,), "frame", most=Shape(columns=2, levels={"version": 2}))
    pd.testing.assert_frame_equal(replied(call, TABLE), TABLE, check_dtype=False)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": list("abcd")}, "more than 2 different values in column version"),
        ({"version": [1.5, 2.5, 3.5, 4.5]}, "more than 2 different values in column version"),
        ({"version": ["x" * 11] * 4}, "a text of more than 10 characters"),
        ({"third": 0}, "more than 2 columns"),
    ],
)
def test_a_table_beyond_its_declared_shape_is_refused(change: dict[str, Any], told: str) -> None:
    """Thousands of version names in a table made a check fit a model for each, for two minutes."""
    most = Shape(text=10, columns=2, levels={"version": 2})
    with pytest.raises(Unfit, match=told):
        replied(Call("f", "f", (TABLE,), "frame", most=most), TABLE.assign(**change))


def test_a_table_of_too_many_rows_or_columns_is_refused_before_it_is_made() -> None:
    call = Call("f", "f", (TABLE,), "frame")
    with pytest.raises(Unfit, match="rows"):
        replied(call, pd.concat([TABLE] * 3))
    with pytest.raises(Unfit, match="more than 128 columns"):
        replied(call, pd.DataFrame(np.zeros((4, 300))))


@pytest.mark.parametrize("given", [[1.0, 2.0], (1.0, 2.0), np.array([1.0, 2.0])])
def test_one_value_comes_for_each_of_what_was_handed_in(given: Any) -> None:
    """A list has a length too; a check that zips strictly would be ours to mend."""
    call = Call("f", "f", (given,), "numbers")
    assert list(replied(call, [3.0, 4.0])) == [3.0, 4.0]
    with pytest.raises(Unfit, match="one value for each row"):
        replied(call, [3.0])


def test_what_is_said_of_a_length_names_no_number_of_the_candidates() -> None:
    """How many values came back is theirs to choose: 20 bits of a hidden input in one call."""
    with pytest.raises(Unfit) as refused:
        replied(Call("f", "f", (np.zeros(3),), "numbers"), [0.0] * 2)
    assert not any(letter.isdigit() for letter in str(refused.value))


def test_unpacked_values_count_as_what_they_take() -> None:
    """A list in two bytes of JSON takes sixty of memory, and all results are kept to the end."""
    assert size_of([[] for _ in range(1000)]) > 50_000
    assert size_of({"a": "x" * 1000}) > 1000
    assert size_of(np.zeros(1000)) == 8000
    assert size_of(pd.DataFrame({"a": ["x" * 100] * 10})) > 1000
