"""The initiatives that somebody in the firm has proposed, before numbers are drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Idea:
    """One initiative.

    Attributes:
        id: its name.
        text: what it is, in a line.
        skill: that it asks for.
        days: of work, about.
        acts_on: a target of the scheduler, or nothing.
        cut: share that it takes away of it, about.
        needs: other initiatives.
        price: thousand euro, about.
    """

    id: str
    text: str
    skill: str
    days: float
    acts_on: str = ""
    cut: float = 0.0
    needs: tuple[str, ...] = ()
    price: float = 0.0


IDEAS = (
    # what others stand on
    Idea("shared-repository", "all code of all models in one place, with reviews", "platform", 9),
    Idea("build-server", "tests and packages are made at each change", "platform", 9,
         needs=("shared-repository",), price=5),
    Idea("container-platform", "models run where they can be moved, on a bought platform",
         "platform", 34, price=20),
    Idea("model-registry", "one list of models and versions, with who made them", "platform", 18,
         needs=("shared-repository",), price=7),
    Idea("feature-store", "features are worked out once, for training and for use", "data", 38,
         price=14),
    # what work has to carry with it
    Idea("data-record", "which data a model was trained on is kept with it", "data", 13),
    Idea("model-cards", "purpose and limits of a model, written by a form", "ml", 12),
    Idea("reference-set", "one agreed set of cases to compare models on", "ml", 13),
    Idea("pinned-environments", "versions of all libraries are kept with a model", "platform", 12),
    # data
    Idea("standing-access", "one agreement on data instead of a request each time", "compliance",
         17, "data wait", 0.6),
    Idea("request-desk", "one mailbox for data requests, looked at daily", "data", 7, "data wait",
         0.24),
    Idea("self-service-extracts", "people draw their extracts by themselves", "data", 24,
         "data work", 0.6, ("feature-store",), 6),
    # training
    Idea("more-graphics-cards", "four more machines to train on", "platform", 9, "training wait",
         0.5, price=28),
    Idea("training-templates", "one skeleton for training, with the usual steps", "ml", 18,
         "training work", 0.35, ("shared-repository",), 3),
    Idea("new-notebook-server", "a faster server for notebooks", "operations", 16,
         "training work", 0.18, price=12),
    # review
    Idea("automatic-validation", "the usual questions of a review are answered by tests", "ml", 21,
         "review wait", 0.6, ("build-server",)),
    Idea("review-rota", "two people a week who review before all else", "ml", 6, "review wait",
         0.24),
    Idea("review-checklist", "a list of what is looked at", "ml", 6, "review work", 0.3),
    # approval
    Idea("approval-by-risk", "small changes are approved by rule, not by the board", "compliance",
         17, "approval wait", 0.6),
    Idea("weekly-board", "the board meets every week", "compliance", 7, "approval wait", 0.24),
    Idea("evidence-pack", "what the board reads is put together by a program", "compliance", 16,
         "approval work", 0.5, ("model-registry",), 4),
    # deployment
    Idea("automatic-deployment", "a released model is put in place by the build server",
         "platform", 20, "deployment wait", 0.6, ("build-server",)),
    Idea("release-calendar", "fixed days on which operations put models in place", "operations", 6,
         "deployment wait", 0.24),
    Idea("deployment-guide", "how to put a model in place, step by step", "operations", 7,
         "deployment work", 0.3),
    # failures, restoring
    Idea("input-checks", "what comes in is held against what is expected", "data", 14, "failures",
         0.3, price=5),
    Idea("canary-releases", "a new model gets a few requests first", "operations", 18, "failures",
         0.4, ("container-platform",)),
    Idea("one-step-rollback", "back to the version before in one step", "operations", 14,
         "restore", 0.45, ("model-registry",)),
    Idea("live-monitoring", "a wall of live figures on all models", "operations", 20, "restore",
         0.35, price=9),
    # the audit
    Idea("model-inventory", "what runs where, for whom, and who answers for it", "compliance", 11),
    Idea("access-control", "who may change a model in use, and who did", "operations", 13),
    Idea("decision-trail", "each release can be traced to who approved what", "compliance", 14,
         needs=("model-registry",)),
    # others
    Idea("management-dashboard", "all models on one page for the management", "data", 12, price=5),
)  # fmt: skip
AUDIT = ("model-inventory", "access-control", "decision-trail")
MAIN = {
    "data": "standing-access",
    "review": "automatic-validation",
    "approval": "approval-by-risk",
    "deployment": "automatic-deployment",
}
"""Stage that may be the bottleneck -> the initiative that would do most for it."""
CARRIED = {
    "data-record": "nobody could say which data it was trained on",
    "model-cards": "what it is for and where it ends was not written down",
    "reference-set": "no two models were compared on the same cases",
    "pinned-environments": "it could not be built again with the versions of then",
}
"""What the main initiative may be worth nothing without -> what is said where it is missing."""
LOUD = {
    "training": ("new-notebook-server", "more-graphics-cards", "training-templates"),
    "restore": ("live-monitoring", "one-step-rollback", "management-dashboard"),
}
"""What everybody complains about -> what they wish for."""
