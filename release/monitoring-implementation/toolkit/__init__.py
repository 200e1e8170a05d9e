"""Helpers of the monitoring implementation: ``from toolkit import *``."""

from .practice import changed, days, panels, rehearse, rules_problem, tree_problem

__all__ = ["changed", "days", "panels", "rehearse", "rules_problem", "tree_problem"]
