"""bookdates 1.4.2: when a loan is due."""

VERSION = "1.4.2"
CLOSED = (6,)  # days of the week, Monday is 0


def due(days, weekday=0):
    """In how many days a loan is due that is lent on a weekday: never on a closed one."""
    while (weekday + days) % 7 in CLOSED:
        days += 1
    return days
