"""Keep the rows that a model may learn from, and say why the others are left out."""

from pipeline.errors import ValidationError


def checked(rows, limits):
    """The good rows, and reason -> number of the others.

    A row without an outcome is not wrong: it is not known yet how it ended. It is left out, and
    does not count as bad.
    """
    if rows["booking_id"].duplicated().any():
        raise ValidationError("a booking id stands in more than one row")
    known = rows[rows["cancelled"].notna()]
    dropped = {}
    good = known.index == known.index
    for reason, wrong in problems(known, limits).items():
        first = wrong & good
        good = good & ~wrong
        if first.any():
            dropped[reason] = int(first.sum())
    share = sum(dropped.values()) / max(len(known), 1)
    if share > limits["max_bad_share"]:
        raise ValidationError(f"{share:.1%} of the rows are bad: {dropped}")
    return known[good].reset_index(drop=True), dropped


def problems(rows, limits):
    """Reason -> for each row whether it applies."""
    return {
        "unknown shop": ~rows["shop"].isin(limits["shops"]),
        "unknown channel": ~rows["channel"].isin(limits["channels"]),
        "price out of range": ~rows["price_eur"].between(1, limits["max_price"]),
        "time cannot be read": rows["booked_at"].isna(),
        "outcome is neither 0 nor 1": ~rows["cancelled"].isin([0, 1]),
    }
