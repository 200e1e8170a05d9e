"""From what stands in the cells to a dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .dashboard import Dashboard, Mistake, parsed, read

if TYPE_CHECKING:
    from .case import Case


def understood(case: Case, **parts: Any) -> tuple[Dashboard, list[str]]:
    """The dashboard that the parts make, and a sentence for everything that cannot be read.

    Args:
        case: the case.
        parts: ``panels``, ``alerts``, ``answers``: YAML text or plain data, each with or without
            its own name above it.
    """
    document: dict[str, Any] = {}
    for name, text in parts.items():
        try:
            found = parsed(text)
        except Mistake as mistake:
            return Dashboard(), [f"{name}, {mistake}"]
        document[name] = found[name] if isinstance(found, Mapping) and name in found else found
    return read(document, case.known)


def first_problems(wrong: list[str], most: int = 3) -> str:
    """The first few of them, one a line; empty if there are none."""
    more = len(wrong) - most
    return "\n".join([*wrong[:most], *([f"and {more} more"] if more > 0 else [])])


def counted(board: Dashboard, case: Case) -> str:
    """How much of the limits is used."""
    limits = case.limits
    return (
        f"{len(board.panels)} panels of {limits['panels']}, {len(board.first)} on the first screen "
        f"of {limits['first_screen']}, {len(board.alerts)} alerts of 12, {len(board.answers)} of "
        f"{len(case.questions)} questions answered"
    )
