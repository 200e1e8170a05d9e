"""What the notebook is given: the case, panels and alerts, pictures, and nothing of hidden days."""

from .case import Case, load
from .dashboard import Dashboard, plain
from .grafana import as_grafana, save_grafana
from .pictures import compare, mock_up, suggest, try_alerts
from .queries import DAY, HOURS, WEEK, Query, reading, slots, smoothed, usual
from .writing import counted, first_problems, understood

__all__ = [
    "DAY",
    "HOURS",
    "WEEK",
    "Case",
    "Dashboard",
    "Query",
    "as_grafana",
    "compare",
    "counted",
    "first_problems",
    "load",
    "mock_up",
    "plain",
    "reading",
    "save_grafana",
    "slots",
    "smoothed",
    "suggest",
    "try_alerts",
    "understood",
    "usual",
]
