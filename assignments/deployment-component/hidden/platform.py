"""A day of the platform that the service will run on, as its log tells it of other services."""

from __future__ import annotations

import numpy as np

SERVICES = ("members", "catalogue", "hours")
STARTS = 14
QUICK = "hours"  # reads its model once, at its start: it is started again until the file is there


def log(port: int, rng: np.random.Generator) -> str:
    """Some three hundred lines: starts, volumes that come later, checks, stops.

    Args:
        port: of the service that is to come; the others have ports beside it.
    """
    lines: list[tuple[float, str]] = []
    time = 6 * 3600.0
    for _ in range(STARTS):
        name = SERVICES[int(rng.integers(len(SERVICES)))]
        time += float(rng.uniform(900, 4200))
        lines += _run(name, port + 1 + SERVICES.index(name), time, rng)
    return "".join(f"{_clock(when)} {words}\n" for when, words in sorted(lines))


def _run(name: str, port: int, begun: float, rng: np.random.Generator) -> list[tuple[float, str]]:
    """A start, what comes before the service is asked, and its stop."""
    who = f"{name}-{rng.integers(16**4):04x}"
    attached = begun + float(rng.uniform(2.0, 7.0))
    found = [
        (begun, f"{who} start uid={rng.integers(10_000, 60_000)} filesystem=sealed port={port}"),
        (attached, f"{who} volume attached: model {rng.uniform(0.2, 3):.1f} MB"),
    ]
    ready = attached + float(rng.uniform(0.3, 0.9))
    if name == QUICK:
        found.append((begun + 0.4, f'{who} stderr "model: FileNotFoundError"'))
        ready = begun + 31.0
        again = f"{who} restart: not ready after 30 s"
        found.append((begun + 30.0, again))
    at = begun + 0.5
    while at < ready + 1:
        found.append((at, f"{who} GET /healthz 200"))
        found.append((at + 0.01, f"{who} GET /readyz {200 if at >= ready else 503}"))
        at += 1.0
    found.append((ready + 1.2, f"{who} route on"))
    stopped = ready + float(rng.uniform(300, 800))
    found.append((stopped, f"{who} route off"))
    found.append((stopped + 2.0, f"{who} SIGTERM"))
    found.append((stopped + 2.0 + float(rng.uniform(0.1, 2)), f"{who} ended"))
    return found


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{seconds % 60:06.3f}"
