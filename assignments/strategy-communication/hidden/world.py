"""The firm's last year: incidents, what watching would have seen, what it costs; drawn, added up.

Amounts are in thousand euro, times in days unless a name says otherwise. A number that the case
gives as a range or counts in a sample is one that is known only roughly: ``World`` holds its true
value beside what was seen of it, and :func:`figures` adds up either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

ALERTS = ("fresh", "inputs", "scores", "outcomes")
#: kind -> alerts that can see it
SEEN_BY: Mapping[str, tuple[str, ...]] = {
    "feed_stopped": ("fresh",),
    "unit_changed": ("inputs",),
    "old_model": ("scores",),
    "lifts_left_out": ("fresh", "scores"),
    "new_controllers": ("inputs", "outcomes"),
    "list_overruled": ("outcomes",),
    "outcomes_misbooked": ("outcomes", "inputs"),
    "list_not_sent": ("fresh",),
}
TICKETS = 40  # of each alert
CALM = 0.55
"""How far what is seen lies from the truth, in what the evidence says of its errors: a case whose
truth lies at the edge of what can be known is thrown away, and this saves throwing away most."""
BLIND = 3  # kinds that none of the alerts sees, drawn for each case
OPTIONS = ("small", "full", "watch", "wait")
PLAN = "full"
DELAYS = {"fresh": (0.2, 1.0), "inputs": (0.5, 2.5), "scores": (0.3, 2.0), "outcomes": (2.0, 6.0)}
Z80 = 1.2816
"""Half of an 80 % range of a normal number, in standard deviations."""
QUANTITIES = ("loss_avoided", "false_alarms", "detection", "break_even", "share_caught", "hours")


@dataclass(frozen=True)
class Incident:
    """One incident of the register; days are counted from the year's first.

    Attributes:
        cost: what it cost in truth, in all.
        range: what finance holds it for, low and high, four times out of five right.
        rang: alert -> days after its begin; without the days until outcomes are known.
        daily: finance states its range a day.
        twin: the second team's range, where both teams wrote it down.
    """

    kind: str
    began: int
    noticed: int
    ended: int
    cost: float
    range: tuple[float, float]
    rang: Mapping[str, float]
    daily: bool = False
    twin: tuple[float, float] | None = None


@dataclass(frozen=True)
class World:
    """A firm, its year, its options.

    Attributes:
        outcome_days: after how many days an outcome is known, which the replay did not wait for.
        false_rates: alert -> false alarms a week, in truth.
        counts: alert -> (weeks watched, false alarms seen, alarms that were right).
        minutes: alert -> minutes that each alarm takes.
        response: regime -> alert -> mean days until somebody acts, where somebody does.
        taken: regime -> alert -> the share of its alarms that somebody takes.
        responses: regime -> alert -> tickets: the days of each, NaN where nobody took it.
        options: option -> alerts, regime, build (truth), build_range, running a month, upkeep.
        price: of an hour, thousand euro.
        nights: the model's year by quarter: scored, stalled, flagged, both.
    """

    incidents: tuple[Incident, ...]
    outcome_days: int
    outcome_days_in_replay: bool
    false_rates: Mapping[str, float]
    counts: Mapping[str, tuple[int, int, int]]
    minutes: Mapping[str, int]
    response: Mapping[str, Mapping[str, float]]
    taken: Mapping[str, Mapping[str, float]]
    responses: Mapping[str, Mapping[str, tuple[float, ...]]]
    options: Mapping[str, Mapping[str, Any]]
    price: float
    nights: tuple[tuple[int, int, int, int], ...]
    lifts: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """One belief about all that is known roughly: the truth, or one draw of what it may be."""

    costs: np.ndarray
    false_rates: Mapping[str, float]
    response: Mapping[str, Mapping[str, float]]
    taken: Mapping[str, Mapping[str, float]]
    builds: Mapping[str, float]


def truth_of(world: World) -> Known:
    """What is so."""
    return Known(
        np.array([each.cost for each in world.incidents]),
        world.false_rates,
        world.response,
        world.taken,
        {name: option["build"] for name, option in world.options.items()},
    )


def believed(world: World, rng: np.random.Generator) -> Known:
    """One draw of what the case's ranges, counts and samples leave open."""
    costs = [_ranged(_pooled(each), rng) for each in world.incidents]
    rates = {a: rng.gamma(false + 0.5) / weeks for a, (weeks, false, _) in world.counts.items()}
    response: dict[str, dict[str, float]] = {}
    taken: dict[str, dict[str, float]] = {}
    for regime, by_alert in world.responses.items():
        tickets = {a: np.array(each) for a, each in by_alert.items()}
        done = {a: each[~np.isnan(each)] for a, each in tickets.items()}
        response[regime] = {a: float(rng.choice(d, len(d)).mean()) for a, d in done.items()}
        taken[regime] = {
            a: float(rng.beta(len(d) + 0.5, len(tickets[a]) - len(d) + 0.5))
            for a, d in done.items()
        }
    builds = {
        name: _ranged(option["build_range"], rng) if option["build"] else 0.0
        for name, option in world.options.items()
    }
    return Known(np.array(costs), rates, response, taken, builds)


def central(world: World) -> Known:
    """What somebody would say who has to say one number."""
    pooled = np.log([_pooled(each) for each in world.incidents])
    return Known(
        np.exp(pooled.mean(axis=1)),
        {a: (false + 0.5) / weeks for a, (weeks, false, _) in world.counts.items()},
        {
            regime: {a: float(np.nanmean(each)) for a, each in by_alert.items()}
            for regime, by_alert in world.responses.items()
        },
        {
            regime: {a: float(np.mean(~np.isnan(each))) for a, each in by_alert.items()}
            for regime, by_alert in world.responses.items()
        },
        {
            name: float(np.sqrt(np.prod(option["build_range"])))
            for name, option in world.options.items()
        },
    )


def _ranged(range_: tuple[float, float], rng: np.random.Generator) -> float:
    low, high = np.log(range_)
    return float(np.exp(rng.normal((low + high) / 2, (high - low) / 2 / Z80)))


def _pooled(each: Incident) -> tuple[float, float]:
    """The range of one incident; of two ranges of the same, the mean of both ends."""
    if each.twin is None:
        return each.range
    return tuple(float(np.sqrt(a * b)) for a, b in zip(each.range, each.twin, strict=True))  # type: ignore[return-value]


def first_taken(
    world: World, each: Incident, option: str, known: Known
) -> list[tuple[float, float]]:
    """When somebody acts on an incident, and how likely: (days, probability), soonest first.

    An alarm that nobody takes leaves the incident to the next alert that rings.
    """
    plan, left = world.options[option], 1.0
    regime, found = plan["regime"], []
    rang = sorted(
        (days + (world.outcome_days if alert == "outcomes" else 0), alert)
        for alert, days in each.rang.items()
        if alert in plan["alerts"]
    )
    for days, alert in rang:
        taken = known.taken[regime][alert]
        found.append((days + known.response[regime][alert], left * taken))
        left *= 1 - taken
    return found


def saved_shares(world: World, option: str, known: Known) -> np.ndarray:
    """Of each incident, the share of its cost that the option would have avoided, on average."""
    shares = []
    for each in world.incidents:
        now, length = each.noticed - each.began, each.ended - each.began
        then = first_taken(world, each, option, known)
        shares.append(sum(p * max(0.0, now - days) for days, p in then) / length)
    return np.array(shares)


def acting_days(world: World, option: str, known: Known) -> float:
    """Days from its begin until somebody acts, mean over the incidents for which an alarm rings."""
    rang = [then for e in world.incidents if (then := first_taken(world, e, option, known))]
    times = [sum(days * p for days, p in then) / sum(p for _, p in then) for then in rang]
    return float(np.mean(times)) if times else np.inf


def of_option(world: World, option: str, known: Known) -> dict[str, float]:
    """What an option saves and costs in a year like the last one."""
    plan = world.options[option]
    saves = float(saved_shares(world, option, known) @ known.costs)
    hours = {a: known.false_rates[a] * world.minutes[a] / 60 for a in plan["alerts"]}
    false = sum(hours.values()) * 52 * world.price
    costs = known.builds[option] + 12 * plan["running"] + false
    return {
        "saves": saves,
        "false": false,
        "costs": costs,
        "net": saves - costs,
        "hours": sum(hours.values()) + plan["upkeep"],
    }


def figures(world: World, known: Known) -> dict[str, float]:
    """The six quantities of the planned option."""
    plan, own = world.options[PLAN], of_option(world, PLAN, known)
    monthly = (own["saves"] - own["false"]) / 12 - plan["running"]
    return {
        "loss_avoided": own["saves"],
        "false_alarms": own["false"],
        "detection": acting_days(world, PLAN, known),
        "break_even": known.builds[PLAN] / monthly if monthly > 0 else np.inf,
        "share_caught": 100 * own["saves"] / float(known.costs.sum()),
        "hours": own["hours"],
    }


# ---- drawing ----


def drawn(level: str, rng: np.random.Generator, wanted: str) -> World:
    """A firm, before anybody has seen whether it makes a fair case.

    Args:
        wanted: the option whose chances to be the best one are good.
    """
    incidents = _incidents(level, rng)
    rates = {alert: float(np.exp(rng.uniform(*np.log((0.25, 4.0))))) for alert in ALERTS}
    weeks = {alert: int(rng.integers(26, 53)) for alert in ALERTS}
    counts = {
        alert: (
            weeks[alert],
            _counted(rates[alert] * weeks[alert], 1.0, rng),
            sum(alert in each.rang for each in incidents),
        )
        for alert in ALERTS
    }
    response, taken, responses = _tickets(rates, rng)
    unpriced = World(
        incidents=incidents,
        outcome_days=int(rng.integers(5, 13)),
        outcome_days_in_replay=level == "junior",
        false_rates=rates,
        counts=counts,
        minutes={alert: int(rng.choice([20, 30, 40, 60, 90, 120])) for alert in ALERTS},
        response=response,
        taken=taken,
        responses=responses,
        options=_unpriced(rng),
        price=float(rng.choice([0.07, 0.08, 0.09, 0.1, 0.11])),
        nights=_nights(rng),
        lifts=int(rng.integers(30, 95)) * 100,
    )
    return replace(unpriced, options=_priced(unpriced, wanted, rng))


def _counted(expected: float, spread: float, rng: np.random.Generator) -> int:
    """A count around what is expected, by :data:`CALM` of its standard deviation."""
    return max(0, round(expected + CALM * spread * float(np.sqrt(expected)) * rng.normal()))


def _tickets(rates: Mapping[str, float], rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """How soon alarms are taken, and how many: people stop listening to what rings for nothing."""
    base = {"office": float(np.exp(rng.uniform(*np.log((0.4, 3.5))))), "duty": 0.2}
    response: dict[str, dict[str, float]] = {}
    taken: dict[str, dict[str, float]] = {}
    responses: dict[str, dict[str, tuple[float, ...]]] = {}
    for regime, days in base.items():
        tired = {a: float(np.clip(np.log(rates[a] / 0.25) / np.log(16), 0, 1)) for a in ALERTS}
        response[regime] = {a: days * (0.7 + 0.8 * tired[a]) for a in ALERTS}
        most = 0.62 if regime == "office" else 0.25
        taken[regime] = {a: float(0.97 - most * tired[a] * rng.uniform(0.8, 1.1)) for a in ALERTS}
        responses[regime] = {
            a: _sampled(response[regime][a], taken[regime][a], rng) for a in ALERTS
        }
    return response, taken, responses


def _sampled(mean: float, taken: float, rng: np.random.Generator) -> tuple[float, ...]:
    """Tickets of one alert in the order they came: days, NaN where nobody took it."""
    many = min(TICKETS, _counted(taken * TICKETS, float(np.sqrt(1 - taken)), rng))
    days = rng.gamma(4.0, mean / 4.0, many)
    days *= (mean / days.mean()) ** (1 - CALM)  # the sample's mean, too, lies near the truth's
    every = np.concatenate([np.round(days, 2) + 0.01, np.full(TICKETS - many, np.nan)])
    return tuple(rng.permutation(every).tolist())


def _incidents(level: str, rng: np.random.Generator) -> tuple[Incident, ...]:
    count = {"junior": 12, "standard": 14, "senior": 15}[level]
    kinds = [*SEEN_BY, *rng.choice(list(SEEN_BY), count - len(SEEN_BY))]
    weight = float(np.exp(rng.uniform(np.log(0.15), np.log(6.0))))  # of what nothing here sees
    size = float(np.exp(rng.uniform(np.log(18), np.log(80))))
    begins = np.sort(rng.choice(np.arange(2, 318), count, replace=False))
    blind = set(rng.choice(list(SEEN_BY), BLIND, replace=False).tolist())
    made = []
    for kind, began in zip(rng.permutation(kinds), begins, strict=True):
        unnoticed = int(np.clip(rng.gamma(2.2, 5.5), 3, 34))
        heavy = weight if kind in blind else 1.0
        cost = float(size * heavy * np.exp(rng.normal(0, 0.6)) * unnoticed / 12)
        rang = {
            alert: round(float(rng.uniform(*DELAYS[alert])), 1)
            for alert in SEEN_BY[kind]
            if kind not in blind and rng.random() < 0.9
        }
        made.append(
            Incident(
                kind=str(kind),
                began=int(began),
                noticed=int(began) + unnoticed,
                ended=int(began) + unnoticed + int(rng.integers(1, 5)),
                cost=cost,
                range=_estimate(cost, rng),
                rang=rang,
                daily=level != "junior" and bool(rng.random() < 0.4),
            )
        )
    if level == "senior":
        twins = set(rng.choice(count, 3, replace=False).tolist())
        made = [
            each
            if place not in twins
            else Incident(**{**vars(each), "twin": _estimate(each.cost, rng)})
            for place, each in enumerate(made)
        ]
    return tuple(made)


def _estimate(value: float, rng: np.random.Generator) -> tuple[float, float]:
    """An 80 % range around what is known of a value."""
    sigma = rng.uniform(0.14, 0.34)
    centre = np.log(value) + CALM * rng.normal(0, sigma)
    low, high = np.exp([centre - Z80 * sigma, centre + Z80 * sigma])
    return float(low), float(high)


def _unpriced(rng: np.random.Generator) -> dict[str, dict[str, Any]]:
    """Three ways to watch, and not to."""
    two = tuple(sorted(rng.choice(ALERTS, 2, replace=False).tolist(), key=ALERTS.index))
    upkeep = float(rng.choice([1, 1.5, 2, 3, 4, 5]))
    free = {"build": 0.0, "build_range": (0.0, 0.0), "running": 0.0}
    return {
        "small": {"alerts": two, "regime": "office", "upkeep": max(0.5, upkeep / 2), **free},
        "full": {"alerts": ALERTS, "regime": "office", "upkeep": upkeep, **free},
        "watch": {"alerts": ALERTS, "regime": "duty", "upkeep": upkeep, **free},
        "wait": {"alerts": (), "regime": "office", "upkeep": 0.0, **free},
    }


def _priced(world: World, wanted: str, rng: np.random.Generator) -> dict[str, dict[str, Any]]:
    """What the options cost, in proportion to what they save."""
    known = truth_of(world)
    saves = {name: of_option(world, name, known)["saves"] for name in OPTIONS}
    price = saves["full"] * float(rng.uniform(*((1.1, 1.6) if wanted == "wait" else (0.12, 0.75))))
    share = rng.uniform(0.12, 0.4)  # of the first year's price that is for running it
    cheap = rng.uniform(*((0.2, 0.5) if wanted == "small" else (0.3, 0.7)))
    more = max(saves["watch"] - saves["full"], 0.05 * saves["full"])
    duty = more * float(rng.uniform(*((0.1, 0.7) if wanted == "watch" else (0.6, 2.0))))
    build, running = price * (1 - share), price * share / 12
    prices = {
        "small": (build * cheap, running * cheap),
        "full": (build, running),
        "watch": (build * 1.05, running + duty / 12),
    }
    made = {name: dict(option) for name, option in world.options.items()}
    for name, (once, monthly) in prices.items():
        made[name]["build"] = float(once)
        made[name]["build_range"] = _estimate(float(once), rng)
        made[name]["running"] = round(float(monthly), 1)
    return made


def _nights(rng: np.random.Generator) -> tuple[tuple[int, int, int, int], ...]:
    """Scored lift-nights, stalls within seven days, flags, and both, by quarter."""
    base, recall = rng.uniform(0.006, 0.013), rng.uniform(0.25, 0.75)
    precision = rng.uniform(0.3, 0.8)
    rows = []
    for _ in range(4):
        scored = int(rng.integers(400, 900)) * 1000
        stalled = int(scored * base * rng.uniform(0.9, 1.1))
        both = int(stalled * recall * rng.uniform(0.95, 1.05))
        rows.append((scored, stalled, int(both / precision * rng.uniform(0.95, 1.05)), both))
    return tuple(rows)
