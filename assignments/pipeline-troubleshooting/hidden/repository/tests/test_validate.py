from pipeline import validate
from pipeline.errors import ValidationError

from tests.examples import LIMITS, bookings


def test_good_rows_are_kept():
    kept, dropped = validate.checked(bookings(), LIMITS)
    assert len(kept) == 5
    assert dropped == {}


def test_bad_rows_are_counted_once():
    rows = bookings(shop=["moon", "south", "harbour", "north", "south"])
    rows.loc[0, "price_eur"] = -1
    assert validate.checked(rows, LIMITS)[1] == {"unknown shop": 1}


def test_too_many_bad_rows_end_the_run():
    try:
        validate.checked(bookings(shop=["moon"] * 5), LIMITS)
    except ValidationError:
        return
    raise AssertionError("a run with bad rows only went on")
