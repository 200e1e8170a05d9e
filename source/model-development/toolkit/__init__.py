"""What the notebook is given: ``from toolkit import *``.

Names are looked up when they are asked for: the trusted side imports ``baseline`` and ``names``
from this package and should not have to import a plotting library with them.
"""

from importlib import import_module
from typing import Any

_PLACES = {
    "baseline": ("Baseline",),
    "case": ("Case", "load"),
    "forms": ("audit_problem", "estimate_problem", "probabilities_problem"),
    "names": ("ISSUES", "WHOLE_TABLE"),
    "validation": ("log_loss",),
    "views": ("browse", "look"),
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names}
__all__ = list(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"toolkit has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)
