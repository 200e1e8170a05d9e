"""How well the minute-step simulator of designs agrees with what is exact, and how long it takes.

    python benchmarks/designs.py            # all of it, a minute or two of CPU
    python benchmarks/designs.py --order --seed 7

Prints what docs/serving-architecture.md states: waits against Erlang's formula, shares answered
well against a discrete-event run (SimPy), the order of random designs, a quarter of a year.
"""

from __future__ import annotations

import argparse
import sys
import time
from math import factorial
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.workbook.design.firms import FACTS, design, steady
from worksample.kit.design.discrete import Peak
from worksample.workbook.design import queueing, worlds
from worksample.workbook.design.serving import plant
from worksample.workbook.design.simulator import simulate
from worksample.workbook.design.worlds import plain_world

LOADS = (0.5, 0.7, 0.8, 0.9, 0.95)


def waits() -> None:
    """Mean waits of M/M/c in services: exact, ours."""
    print("servers  load: exact/ours")
    for servers in (1, 2, 4, 16, 64):
        told = []
        for load in LOADS:
            offered = servers * load
            last = offered**servers / factorial(servers) / (1 - load)
            exact = last / (sum(offered**n / factorial(n) for n in range(servers)) + last)
            exact /= servers * (1 - load)
            arrays = (np.array([float(x)]) for x in (load, servers, 1, 1))
            told.append(f"{load}: {exact:.3f}/{queueing.mean_wait(*arrays)[0]:.3f}")
        print(f"{servers:7}  {'  '.join(told)}")


def share(tried, world) -> tuple[float, float]:
    """Share answered well: minute steps, events."""
    numbers = plant([tried], FACTS)
    course = simulate(numbers, [world], FACTS)
    outcome = Peak(numbers, world, FACTS, seed=3).run()
    return float(course.good.sum() / course.offered.sum()), outcome.share()


def peaks() -> None:
    """Shares answered well in named cases."""
    mixed, fast = steady(30, 0.6, 4), {"machine": "fast", "least": 2, "batch": 8}
    cases = {
        "calm, two classes": (design(), mixed),
        "load 0.85, one class": (design(models={"least": 1}), steady(48, 0, 4)),
        "load 0.7, two classes, 4 workers": (design(models={"least": 1}), steady(32, 0.4, 4)),
        "load 0.7, two classes, 16 workers": (design(), steady(100, 2.8, 3)),
        "batches of 8": (design(models=fast), mixed),
        "slow store, defaults": (
            design(features={"timeout_ms": 30, "on_timeout": "defaults"}),
            worlds.slow_store(mixed, 1, 2, 15),
        ),
        "twice what it can do, short queue": (
            design(models={"least": 1, "queue": 15}), worlds.crowd(steady(50, 0, 5), 1, 3, 2.2, 1),
        ),
    }  # fmt: skip
    for name, (tried, world) in cases.items():
        told, events = share(tried, world)
        print(f"{name:36} minute steps {told:.3f}   events {events:.3f}")


def order(count: int, seed: int) -> None:
    """Whether random designs, from far too small to ample, come in the same order.

    Ten minutes each: in fewer, luck and what is cut off at the end part designs that are alike.
    """
    rng = np.random.default_rng(seed)
    world, tried = steady(60, 0.5, 10), []
    for _ in range(count):
        fast = bool(rng.random() < 0.4)
        models = {
            "machine": "fast" if fast else "plain",
            "least": int(rng.integers(1, 4 if fast else 5)),
            "batch": int(rng.choice([1, 4, 8])) if fast else 1,
            "queue": int(rng.choice([5, 20, 100, 1000])),
        }
        front = {
            "retries": int(rng.integers(0, 3)),
            "timeout_ms": int(rng.choice([500, 1500, 4000])),
            "connections": int(rng.choice([10, 20, 5000])),
        }
        tried.append(design(front=front, models=models))
    pairs = np.array([share(each, world) for each in tried])
    print(
        f"{count} random designs, seed {seed}, "
        f"{pairs.min():.2f} to {pairs.max():.2f} answered well: "
        f"Spearman {spearmanr(*pairs.T).statistic:.3f}, Pearson {np.corrcoef(pairs.T)[0, 1]:.3f}, "
        f"mean difference {np.abs(np.diff(pairs)).mean():.3f}"
    )


def quarter() -> None:
    """CPU seconds of 90 days by the minute, each with what leads to it."""
    hours = np.arange(1440) / 60
    course = 20 * (0.3 + np.exp(-0.5 * ((hours - 19) / 3) ** 2))
    day = np.stack([course, 0.01 * course], axis=1)
    led = np.concatenate([day[-60:], day])
    days = [plain_world(led * f, 2) for f in np.linspace(0.8, 1.2, 90)]
    numbers = plant([design(models={"scale": "demand", "most": 20})], FACTS).rows(np.zeros(90, int))
    begun = time.process_time()
    simulate(numbers, days, FACTS)
    print(f"a quarter of a year: {time.process_time() - begun:.2f} s of CPU")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--designs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=2031, help="of the random designs")
    parser.add_argument("--order", action="store_true", help="of the random designs alone")
    given = parser.parse_args()
    if not given.order:
        waits()
        peaks()
    order(given.designs, given.seed)
    if not given.order:
        quarter()
