"""Helpers of the containerized deployment: ``from toolkit import *``."""

from .rehearsing import changed, ci, compare, index, serve, tree_problem

__all__ = ["changed", "ci", "compare", "index", "serve", "tree_problem"]
