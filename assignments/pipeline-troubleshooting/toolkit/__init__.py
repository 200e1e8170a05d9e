"""Helpers of the pipeline troubleshooting: ``from toolkit import *``."""

from .forms import MECHANISMS, diagnosis_problem, mechanisms
from .nights import changed, commits, night, runs, tests, tree_problem

__all__ = [
    "MECHANISMS",
    "changed",
    "commits",
    "diagnosis_problem",
    "mechanisms",
    "night",
    "runs",
    "tests",
    "tree_problem",
]
