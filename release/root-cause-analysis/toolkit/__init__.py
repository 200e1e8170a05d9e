"""Helpers of the root-cause analysis: ``from toolkit import *``.

Names are looked up when they are asked for, because the trusted side imports ``model`` and
``hypotheses`` from this package and should not have to import a plotting library with them.
"""

from importlib import import_module
from typing import Any

_PLACES = {
    "incident": ("load",),
    "views": ("compare", "performance", "slice_by", "system", "timeline"),
    "explorer": ("explore",),
    "replaying": ("replay", "replayed"),
    "rows": (
        *("where", "at_least", "at_most", "between", "missing", "present", "repeated"),
        "differs",
        *("everything", "either", "both", "not_in"),
    ),
    "remedies": (
        *("set_column", "rescale", "as_missing", "fill_from", "remap", "borrow", "roll_back"),
        *("use_preprocessing", "score_again", "set_threshold", "retrain", "drop_duplicates"),
        *("join_again", "wait_for_labels", "as_not_reported", "leave_out", "one_after_another"),
    ),
    "asking": (
        *("decision_trace", "hypotheses_on_offer", "hypothesis_ids", "list_hypotheses"),
        *("list_remedy_types", "change_log", "named_entries", "REMEDY_TYPES"),
    ),
    "transfer": ("transfer_reference", "transfer_task", "try_guard"),
    "builders": ("build_remedy", "build_rows"),
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names}
__all__ = list(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"toolkit has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
