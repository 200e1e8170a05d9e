"""Helpers of the production incident: ``from toolkit import *``.

Names are looked up when they are asked for, because the trusted side imports ``mechanisms`` and
``trial`` from this package and should not have to import a plotting library with them.
"""

from importlib import import_module
from typing import Any

_PLACES = {
    "case": ("load",),
    "views": ("watch", "explore", "architecture", "changes", "logs"),
    "asking": (
        *("ask", "asked", "questions", "decision_trace", "hypothesis_ids", "list_hypotheses"),
    ),
    "rehearsal": ("Suspect", "Rehearsal", "rehearse", "list_actions"),
    "rails": ("try_guard_rails", "example_services"),
    "forms": ("diagnosis_problem", "interval_problem", "plan_form_problem"),
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names}
__all__ = list(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"toolkit has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
