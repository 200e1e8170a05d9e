"""Draw a case in memory: plant the causes in a world, and prove them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from worksample.kit import draws

from . import arrival, causes, materials, oddities, proof
from .planting import Cause, Log, write_log
from .world import draw_world

REDRAWS = 400
TURN = 40  # draws after which other causes are taken: some pairs cannot be proved in some seasons
TRIGGERED = 0.85  # chance that a cause which may have a trigger has one
STREAMS = ("names", "timeline", "rows", "serve", "services", "cause", "texts", "files", "transfer")
STREAMS += ("season", "arrival", "second", "oddities", "note")
# the same in many attempts: else a cause that holds in some seasons only would show by the date
FIXED = ("season",)
PATIENCE = 20


@dataclass(frozen=True)
class Drawn:
    """A case in memory, proved."""

    seed: int
    level: str
    log: Log
    causes: tuple[Cause, ...]
    oddities: tuple[oddities.Oddity, ...]
    streams: dict[str, np.random.Generator]
    ids: tuple[np.ndarray, np.ndarray]
    events: pd.DataFrame
    proof: proof.Proof
    redraws: int


def draw(seed: int, level: str) -> Drawn:
    """Draw until the proof holds, each time from a sub-seed."""

    def attempted(attempt: int) -> Drawn:
        return one(seed, level, causes.chosen(seed, level, attempt // TURN), attempt)

    def proved(drawn: Drawn) -> bool:
        return drawn.proof.holds(level)

    return draws.first_good(attempted, proved, REDRAWS)


def has_trigger(main: type[Cause], rng: np.random.Generator) -> bool:
    """Is an entry of the change log what set the main cause off?"""
    return main.kind is not None and (main.always or rng.random() < TRIGGERED)


def one(seed: int, level: str, kinds: Sequence[type[Cause]], attempt: int) -> Drawn:
    """One attempt at a case, proved or not."""
    streams = draws.streams(STREAMS, seed, level, attempt)
    kept = draws.streams(STREAMS, seed, level, attempt // PATIENCE)
    streams |= {name: kept[name] for name in FIXED}
    main = kinds[0]
    triggered = has_trigger(main, streams["cause"])
    surge = next((s for k in kinds if (s := k.surge(streams["cause"]))), None)
    world = draw_world(streams, level, main.kind, triggered, surge)
    later = arrival.second_onset(streams["second"], world)
    planted = tuple(
        kind(world, streams["cause"], streams["arrival"], None if place == 0 else later)
        for place, kind in enumerate(kinds)
    )
    odd = oddities.draw_oddities(streams["oddities"], world, {cause.id for cause in planted})
    log = write_log(world, planted, odd)
    ids = materials.identifiers(streams["files"], len(world.rows))
    table = materials.events(log, ids)
    return Drawn(
        seed=seed,
        level=level,
        log=log,
        causes=planted,
        oddities=odd,
        streams=streams,
        ids=ids,
        events=table,
        proof=proof.prove(log, planted, table, ids),
        redraws=attempt,
    )
