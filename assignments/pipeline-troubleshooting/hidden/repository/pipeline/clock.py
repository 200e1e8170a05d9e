"""Days as texts, 2031-06-09."""

from datetime import date, timedelta


def days_before(day, count):
    """The `count` days that end with `day`, oldest first."""
    last = date.fromisoformat(day)
    return [str(last - timedelta(days=back)) for back in range(count - 1, -1, -1)]


def day_after(day):
    """The next day."""
    return str(date.fromisoformat(day) + timedelta(days=1))
