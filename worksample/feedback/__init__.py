"""Feedback: drawn from evidence and ratings, approved by a person, released.

The way of one candidate's feedback: :func:`render` draws it, :func:`choose` records that a grader
wants another strength or improvement than the rule (:func:`propose`), :func:`approve` records the
person who stands behind it, :func:`release_feedback` lets it out. What the revision needs of it
is :func:`approved_record`. nbgrader's seams are in :mod:`worksample.feedback.hooks`.

These are loaded when they are asked for: drawing needs seconds of imports, and who only wants to
know how far feedback is (:mod:`worksample.feedback.lookup`) needs none of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worksample.feedback.approval import (
        Drawn,
        Outcome,
        approve,
        approved_record,
        choose,
        render,
    )
    from worksample.feedback.lookup import not_releasable
    from worksample.feedback.proposal import Item, Proposal, propose
    from worksample.feedback.release import release_feedback

_APPROVAL = ("Drawn", "Outcome", "approve", "approved_record", "choose", "render")
_WHERE = {
    **dict.fromkeys(_APPROVAL, "approval"),
    **dict.fromkeys(("Item", "Proposal", "propose"), "proposal"),
    "not_releasable": "lookup",
    "release_feedback": "release",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"worksample.feedback has no {name!r}")
    return getattr(import_module(f"worksample.feedback.{_WHERE[name]}"), name)


__all__ = [
    "Drawn",
    "Item",
    "Outcome",
    "Proposal",
    "approve",
    "approved_record",
    "choose",
    "not_releasable",
    "propose",
    "release_feedback",
    "render",
]
