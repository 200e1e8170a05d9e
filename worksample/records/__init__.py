"""What is kept for good: our tables, and the evidence chained by hashes."""

from datetime import UTC, datetime


def now() -> datetime:
    """The time, UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
