"""Tomorrow: what is forecast, what is known to go wrong, and what does this time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from worksample.kit.firm import drawn
from worksample.workbook.design import worlds
from worksample.workbook.design.worlds import World

from ..toolkit.evening import CALM, FIRST, LAST, PEAK
from .firm import DATA, Firm

# what the brief's history tells of each event, so that nothing outside of it comes
RANGES: dict[str, dict[str, tuple[float, float]]] = DATA["events"]
SCENARIOS = ("growth", "pages", "crowd", "zone", "store", "release")


@dataclass(frozen=True)
class Tomorrow:
    """A drawn tomorrow.

    Attributes:
        growth: factor on today's requests, and the range that was forecast.
        happens: scenario -> its numbers.
    """

    growth: float
    forecast: tuple[float, float]
    happens: dict[str, dict[str, float]]


def draw(rng: np.random.Generator) -> Tomorrow:
    """Growth within its forecast, and every event within what its history tells."""
    low = round(drawn(DATA["forecast"]["low"], rng), 1)
    high = round(low * DATA["forecast"]["wide"], 1)
    happens: dict[str, dict[str, float]] = {}
    for name, ranges in RANGES.items():
        numbers = {key: float(rng.uniform(*span)) for key, span in ranges.items()}
        numbers = {
            k: float(round(v) if k == "minutes" else round(v, 3)) for k, v in numbers.items()
        }
        numbers["at"] = float(rng.integers(PEAK - 20, PEAK + 10))
        happens[name] = numbers
    happens["zone"]["zone"] = 0.0  # whichever hurts a design most, when it is judged
    happens["release"]["at"] = float(rng.integers(PEAK - 80, PEAK - 40))
    growth = round(float(rng.uniform(low + 0.15 * (high - low), high - 0.15 * (high - low))), 3)
    return Tomorrow(growth, (low, high), happens)


def evening(firm: Firm, growth: float) -> World:
    """An evening of so many times today's requests, as they are expected, with what leads to it."""
    hours = slice(FIRST - CALM, LAST)
    rates = firm.day[hours] * growth
    course = firm.day.sum(axis=1)
    usual = course[hours] / course.max()
    calm = worlds.plain_world(rates, len(firm.facts.zones))
    return replace(calm, usual=usual, calm=CALM)


def scenarios(firm: Firm, tomorrow: Tomorrow) -> dict[str, World]:
    """The six evenings by which a design is judged, in the order of SCENARIOS."""
    plain = evening(firm, tomorrow.growth)
    return {
        name: plain if name == "growth" else happening(plain, name, tomorrow.happens[name])
        for name in SCENARIOS
    }


def of_zones(firm: Firm, tomorrow: Tomorrow) -> list[World]:
    """The evening on which a zone is lost, for each zone."""
    plain, told = evening(firm, tomorrow.growth), tomorrow.happens["zone"]
    zones = range(len(firm.facts.zones))
    return [happening(plain, "zone", {**told, "zone": zone}) for zone in zones]


def bursts(firm: Firm, tomorrow: Tomorrow) -> dict[str, World]:
    """The two evenings after which it is asked how soon all is well again."""
    plain = evening(firm, tomorrow.growth)
    told = tomorrow.happens
    return {
        "burst": happening(plain, "burst", told["burst"]),
        "store": happening(plain, "store", told["store"]),
    }


def happening(world: World, name: str, told: dict[str, Any]) -> World:
    """A world in which one of the events happens; ``at`` counts minutes of the day."""
    at = int(told["at"]) - FIRST + CALM
    if name in ("crowd", "burst"):
        return worlds.crowd(world, at, int(told["minutes"]), told["factor"])
    if name == "zone":
        return worlds.lost_zone(world, at, int(told["minutes"]), int(told["zone"]))
    if name == "store":
        return worlds.slow_store(world, at, int(told["minutes"]), told["factor"])
    if name == "release":
        return worlds.new_version(world, at, told["faulty"], told["creeping"])
    return worlds.other_mix(world, (1.0, told["factor"]))
