"""What a stranger's program answers is read so that no comparison with it raises."""

from __future__ import annotations

import math

import pytest

from worksample.kit.replies import parsed


@pytest.mark.parametrize("data", [b"", b"\xff", b"[" * 99_999, b"{'a': 1}", b'{"a": 01}', b"1e"])
def test_what_is_no_json_is_none(data: bytes) -> None:
    assert parsed(data) is None


@pytest.mark.parametrize("digits", [19, 400, 5000])
def test_a_number_without_end_is_compared_as_any_other(digits: int) -> None:
    """Python's own whole numbers raise there: the check would have failed, and not the answer."""
    value = parsed(b'{"late": %s}' % (b"1" * digits))["late"]
    assert abs(value - 0.5) > 1
    assert math.isfinite(value) is (digits < 309)
    assert parsed(b"-7") == -7
    assert type(parsed(b"-7")) is int
