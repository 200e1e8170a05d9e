"""What a candidate's kernel imports: the case, answers, visible checks, the decision trace.

Nothing here knows an assignment, an expected value or a score. Everything works without widgets
too: a widget is a way to write the plain Python that stands in the cell. They are loaded when they
are asked for, as the graders' side takes a few plain modules from here.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from worksample.workbook.answers import record
from worksample.workbook.checking import (
    date_problem,
    mask_problem,
    probabilities_problem,
    spread_problem,
    text_problem,
)
from worksample.workbook.folder import case_folder, level
from worksample.workbook.saving import watch as _watch
from worksample.workbook.submission import clock, overview, pack, submit
from worksample.workbook.verdicts import visible_check

if TYPE_CHECKING:
    from worksample.workbook.explored import Explored
    from worksample.workbook.keys import with_own_keys
    from worksample.workbook.trace import DecisionTrace, Hypothesis, noted

_WITH_WIDGETS = {
    "Explored": "explored",
    "with_own_keys": "keys",
    **dict.fromkeys(("DecisionTrace", "Hypothesis", "noted"), "trace"),
}

_watch()


def __getattr__(name: str) -> Any:
    if name not in _WITH_WIDGETS:
        raise AttributeError(f"worksample.workbook has no {name!r}")
    return getattr(import_module(f"{__name__}.{_WITH_WIDGETS[name]}"), name)


__all__ = [
    "DecisionTrace",
    "Explored",
    "Hypothesis",
    "case_folder",
    "clock",
    "date_problem",
    "level",
    "mask_problem",
    "noted",
    "overview",
    "pack",
    "probabilities_problem",
    "record",
    "spread_problem",
    "submit",
    "text_problem",
    "visible_check",
    "with_own_keys",
]
