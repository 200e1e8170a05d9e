"""The drawn incident again, from the truth of a case: what plans cost, what answers are held to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worksample.workbook.twin import Action, Fault, Future, Plant, plan_of, plan_problem

from ..hidden.plans import FIRST_TEN, Yardstick
from ..hidden.world import World

ASKED_MOST = 20


def world_of(truth: Mapping[str, Any]) -> World:
    """The world that a case was written from."""
    futures = tuple(
        Future(each["arrivals"], tuple((int(m), int(p)) for m, p in each["restarts"]))
        for each in truth["futures"]
    )
    return World(
        Plant.from_dict(truth["plant"]),
        tuple(Fault(**each) for each in truth["faults"]),
        Future(truth["past"]),
        tuple(Action(**each) for each in truth["tried"]),
        futures,
        0,
    )


def plan_given(answer: Any, truth: Mapping[str, Any]) -> tuple[list[Any], int, str]:
    """Actions, minutes that questions took, and what is wrong with it all."""
    if not isinstance(answer, Mapping) or "actions" not in answer:
        return [], 0, "No plan was recorded."
    actions, asked = answer["actions"], answer.get("asked", [])
    if not isinstance(asked, list) or len(asked) > ASKED_MOST:
        return [], 0, "The questions that were asked could not be read."
    problem = plan_problem(actions, Plant.from_dict(truth["plant"]))
    return (
        (actions, len(asked), "")
        if not problem
        else ([], 0, f"The plan cannot be run: {_told(actions)}")
    )


def _told(actions: Any) -> str:
    # not what is wrong with which action: its words are the candidate's
    return (
        "an action of it has no such form, component or version."
        if isinstance(actions, list)
        else "it is no list."
    )


def harm_of(actions: list[Any], delay: int, truth: Mapping[str, Any]) -> tuple[float, float]:
    """Mean harm of a plan in the hidden futures: all of it, and of the first ten minutes."""
    world = world_of(truth)
    state, _ = world.history()
    spacing = int(truth["spacing"])
    plan = plan_of(actions, delay=delay, spacing=spacing)
    by_minute = Yardstick(world, state, spacing).by_minute([plan])[0]
    return float(by_minute.sum()), float(by_minute[:FIRST_TEN].sum())
