"""What the notebook is given: the case, the baseline, the loss, the forms of answers."""

from .baseline import Baseline
from .case import Case, load
from .forms import audit_problem, estimate_problem, probabilities_problem
from .names import ISSUES, WHOLE_TABLE
from .validation import log_loss

__all__ = [
    "ISSUES",
    "WHOLE_TABLE",
    "Baseline",
    "Case",
    "audit_problem",
    "estimate_problem",
    "load",
    "log_loss",
    "probabilities_problem",
]
