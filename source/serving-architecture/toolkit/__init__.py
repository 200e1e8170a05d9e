"""Helpers of the serving architecture: ``from toolkit import *``.

Names are looked up when they are asked for: the trusted side imports the plain modules of this
package, and should not have to import a plotting library with them.
"""

from importlib import import_module
from typing import Any

_PLACES = {
    "papers": ("load",),
    "drawing": ("edit", "form", "offered", "show", "save_svg", "sketchpad"),
    "running": ("capacity", "rehearse", "rehearse_way", "traffic"),
    "forms": (
        *("claim_problem", "design_problem", "forecast_problem", "limits_problem"),
        *("plain_design", "way_problem"),
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
