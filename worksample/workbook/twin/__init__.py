"""A deterministic model of a small production, minute by minute: what work samples rehearse on.

A gateway, a few replicas of a scoring service, a feature service with a cache before it, a job that
writes the feature file, and two actors that put things back: a configuration sync and a rollout.
Many runs are done at once, as arrays, so that plans can be tried by the hundred.

Trusted side and candidates import the same code. It holds mechanisms, and no case: which faults
there are, how large, and what comes next, is given to it.
"""

from worksample.workbook.twin.actions import (
    VERBS,
    Action,
    action_problem,
    is_number,
    plan_of,
    plan_problem,
)
from worksample.workbook.twin.model import Future, Record, State, advance, start_state
from worksample.workbook.twin.plant import MECHANISMS, Fault, Plant, Version

__all__ = [
    "MECHANISMS",
    "VERBS",
    "Action",
    "Fault",
    "Future",
    "Plant",
    "Record",
    "State",
    "Version",
    "action_problem",
    "advance",
    "is_number",
    "plan_of",
    "plan_problem",
    "start_state",
]
