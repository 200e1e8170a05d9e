"""How good a plan is that mends a production: harm avoided, and the best plan that a search finds.

Plans are run by :mod:`worksample.workbook.twin` in futures that nobody was shown. A plan's worth is
a skill score: 0 is what doing nothing costs, 1 what the reference costs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from worksample.workbook.twin import Action, Fault, Future, Plant, State, advance

Plan = tuple[Action, ...]
Cost = Callable[[Sequence[Plan]], np.ndarray]
BATCH = 160


def harm(
    plant: Plant,
    faults: Sequence[Fault],
    state: State,
    futures: Sequence[Future],
    plans: Sequence[Plan],
) -> np.ndarray:
    """Harm of each plan in each future by minute, (plans, futures, minutes), from minute 0 on."""
    parts = []
    for start in range(0, len(plans), BATCH):
        some = plans[start : start + BATCH]
        now = state.repeated(len(some) * len(futures))
        record = advance(plant, faults, now, 0, futures, some)
        parts.append(record.totals["harm"].reshape(len(some), len(futures), -1))
    return np.concatenate(parts)


def best_plan(
    cost: Cost,
    starts: Sequence[Plan],
    moves: Sequence[Action],
    most: int,
    repaired: Callable[[Sequence[Action]], Plan],
    rounds: int = 8,
) -> tuple[Plan, float]:
    """The plan that costs least, by local search: leave out, add, or move one action at a time.

    Args:
        cost: plans -> their costs, (plans,).
        starts: plans to begin with; the best of them is improved.
        moves: actions that may be added.
        most: how many actions a plan may hold.
        repaired: makes of actions a plan that can be carried out in time.
        rounds: steps at most.

    Returns:
        The plan and its cost. No better one is one step away, or the rounds are used up.
    """
    begun = [repaired(each) for each in starts]
    costs = cost(begun)
    plan, least = begun[int(costs.argmin())], float(costs.min())
    for _ in range(rounds):
        near = [repaired(each) for each in _neighbours(plan, moves, most)]
        costs = cost(near)
        if not len(costs) or costs.min() >= least - 1e-9:
            break
        plan, least = near[int(costs.argmin())], float(costs.min())
    return plan, least


def _neighbours(plan: Plan, moves: Sequence[Action], most: int) -> list[list[Action]]:
    found = [[*plan[:i], *plan[i + 1 :]] for i in range(len(plan))]
    for i, action in enumerate(plan):
        for at in {0, max(0, action.at - 3), max(0, action.at - 1), action.at + 1, action.at + 3}:
            if at != action.at:
                moved = Action(at, action.do, action.on, action.to)
                found.append([*plan[:i], moved, *plan[i + 1 :]])
    if len(plan) < most:
        found += [[*plan, move] for move in moves if move not in plan]
    return found
