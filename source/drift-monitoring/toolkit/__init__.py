"""What the notebook is given: the case, the harness, figures, and nothing about hidden streams."""

from .case import Case, load
from .figures import describe, panels_problem, save_dashboard, threshold_explorer, watch
from .harness import Service, as_monitor, drifted, residual, simulate, without
from .schema import CATEGORICAL, FEATURES, KNOWN_AFTER, NUMERIC, OUTCOME, SCORE
from .windows import Window

__all__ = [
    "CATEGORICAL",
    "FEATURES",
    "KNOWN_AFTER",
    "NUMERIC",
    "OUTCOME",
    "SCORE",
    "Case",
    "Service",
    "Window",
    "as_monitor",
    "describe",
    "drifted",
    "load",
    "panels_problem",
    "residual",
    "save_dashboard",
    "simulate",
    "threshold_explorer",
    "watch",
    "without",
]
