"""What the notebook is given: the case, panels and alerts, pictures, and nothing about hidden days."""

from .case import Case, load
from .dashboard import Dashboard, parsed, plain, read
from .queries import DAY, HOURS, WEEK, Query, fitted, reading, slots, smoothed, usual

__all__ = [
    "DAY",
    "HOURS",
    "WEEK",
    "Case",
    "Dashboard",
    "Query",
    "fitted",
    "load",
    "parsed",
    "plain",
    "read",
    "reading",
    "slots",
    "smoothed",
    "usual",
]
