"""Helpers of the deployment component: ``from toolkit import *``."""

from .trying import advice, changed, ci, commits, installed, tree_problem

__all__ = ["advice", "changed", "ci", "commits", "installed", "tree_problem"]
