"""The years on which plans are judged, and the truth as plain data and back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..toolkit.firm import Firm
from ..toolkit.scheduler import Assumed, Worlds, draw_worlds
from .firm import Hidden
from .risks import paths

RUNS = 500


@dataclass(frozen=True)
class Tomorrow:
    """What a case holds back.

    Attributes:
        firm: with its measures.
        hidden: what nobody says.
        assumed: the truth, as the scheduler takes it.
        worlds: years as they may come.
        signals: what announces events in them, (RUNS, SPRINTS, events).
    """

    firm: Firm
    hidden: Hidden
    assumed: Assumed
    worlds: Worlds
    signals: np.ndarray


def years(firm: Firm, assumed: Assumed, seed: int, count: int = RUNS) -> Worlds:
    """The case's own years: the same for everything that is judged in it."""
    return draw_worlds(firm, assumed, np.random.default_rng([seed, 7]), count)


def of_truth(truth: dict[str, Any]) -> Tomorrow:
    """As it was drawn."""
    return _of_text(json.dumps(truth, sort_keys=False))


@lru_cache(maxsize=2)
def _of_text(text: str) -> Tomorrow:
    truth = json.loads(text)
    told = truth["hidden"]
    hidden = Hidden(**(told | {"adoption": tuple(told["adoption"])}))
    firm, assumed = Firm(truth["firm"]), hidden.assumed(truth["stakes"])
    worlds = years(firm, assumed, truth["years_seed"])
    rng = np.random.default_rng([truth["years_seed"], 8])
    return Tomorrow(firm, hidden, assumed, worlds, paths(rng, worlds.at, hidden, truth["units"]))


def plain(hidden: Hidden) -> dict[str, Any]:
    """For the truth's file."""
    return asdict(hidden)
