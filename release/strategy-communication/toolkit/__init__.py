"""Helpers of the monitoring talk: ``from toolkit import *``.

Names are looked up when they are asked for, because the trusted side imports ``costs`` from this
package and should not have to import a display library with it.
"""

from importlib import import_module
from typing import Any

_PLACES = {
    "case": ("load",),
    "acting": ("what_it_costs",),
    "writing": ("show_page", "show_numbers", "slides_of", "filled", "page_problem"),
    "forms": (
        "numbers_problem",
        "claims_problem",
        "actions_problem",
        "decision_problem",
        "QUANTITIES",
        "UNITS",
    ),
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names}
__all__ = list(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"toolkit has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
