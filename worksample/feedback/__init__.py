"""Feedback: drawn from evidence and ratings, approved by a person, released.

The way of one candidate's feedback: :func:`render` draws it, :func:`choose` records that a grader
wants another strength or improvement than the rule (:func:`propose`), :func:`approve` records the
person who stands behind it, :func:`release_feedback` lets it out. What the revision needs of it
is :func:`approved_record`. nbgrader's seams are in :mod:`worksample.feedback.hooks`.
"""

from worksample.feedback.approval import (
    Drawn,
    Outcome,
    approve,
    approved_record,
    choose,
    not_releasable,
    render,
)
from worksample.feedback.proposal import Item, Proposal, propose
from worksample.feedback.release import release_feedback

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
