"""No row of a case can be looked up in the table that its covariates come from."""

from __future__ import annotations

from tests.linked import assert_no_row_is_found

from .drawn import FOLDER, case


def test_a_link_tells_no_more_of_a_row_than_chance() -> None:
    assert_no_row_is_found(FOLDER, case())
