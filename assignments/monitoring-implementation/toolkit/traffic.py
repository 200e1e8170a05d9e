"""Requests as the world sends them, and what the service should answer."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

PATHS = ("admin", "wp-login.php", "score.bak", "env", "v1/score", "status")
MATURED = 24  # labels of a block that are matured
YOUNG = 10  # and that are not


@dataclass(frozen=True)
class Condition:
    """What is the matter while a block of requests is sent.

    Args:
        requests: how many well-formed ones.
        fail, slow, missing: shares of them for whom the directory fails, is slow, and in which a
            value is missing.
        shift: how far the inputs have moved, 1 is a drift.
        wrong: share of the labels that are the other way round.
        malformed, junk: requests that are none, and for paths that are not there.
    """

    requests: int = 40
    fail: float = 0.01
    slow: float = 0.01
    missing: float = 0.03
    shift: float = 0.0
    wrong: float = 0.0
    malformed: int = 1
    junk: int = 0


@dataclass
class Sent:
    """A block of requests: bodies for `/score` (None: another path), and what is right for each."""

    bodies: list[bytes | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)  # of those that are answered with 200
    slow: int = 0
    filled: int = 0


class World:
    """Who asks: reads ``world.json``, remembers what it has sent, and writes the labels' feed."""

    def __init__(self, facts: Mapping[str, Any], seed: int) -> None:
        self.facts, self.rng = facts, np.random.default_rng(seed)
        self.number = int(self.rng.integers(1000, 9000))
        self.feed: list[dict[str, Any]] = []
        self.waiting: list[dict[str, Any]] = []

    def invoice(self, shift: float) -> dict[str, Any]:
        """One invoice; ``shift`` moves what the world moves when it drifts."""
        w, rng = self.facts, self.rng
        moved = {name: shift * w["drift"].get(name, 0.0) for name in ("amount", "terms", "channel")}
        channels = list(w["channels"])
        shares = np.array([w["channels"][each] for each in channels])
        last = np.eye(len(channels))[-1]
        terms = np.array([w["terms"][each] for each in w["terms"]])
        long = np.eye(len(terms))[-1]
        self.number += int(rng.integers(1, 4))
        return {
            "id": f"i{self.number}",
            "customer": f"c{rng.integers(100, 999)}",
            "amount": round(
                float(np.exp(rng.normal(w["amount"][0] + moved["amount"], w["amount"][1]))), 2
            ),
            "terms_days": int(
                rng.choice(
                    [int(each) for each in w["terms"]],
                    p=(1 - moved["terms"]) * terms + moved["terms"] * long,
                )
            ),
            "orders_before": int(rng.poisson(w["orders"])),
            "channel": str(
                rng.choice(channels, p=(1 - moved["channel"]) * shares + moved["channel"] * last)
            ),
        }

    def block(self, at: Condition) -> Sent:
        """A block of requests in a drawn order."""
        made: list[tuple[bytes | None, str, int, float | None, bool, bool]] = []
        fails, slows = self._of(at.fail, at.requests), self._of(at.slow, at.requests)
        gaps = self._of(at.missing, at.requests)
        for number in range(at.requests):
            invoice = self.invoice(at.shift)
            failing = number < fails
            slow = not failing and number >= at.requests - slows
            filled = not failing and fails <= number < fails + gaps
            invoice["customer"] = "c7" if failing else "c8" if slow else invoice["customer"]
            if filled:
                invoice["orders_before"] = None
            value = None if failing else expected(self.facts["model"], invoice)
            if value is not None:
                self.waiting.append({"id": invoice["id"], "score": value})
            status = 503 if failing else 200
            made.append((json.dumps(invoice).encode(), "/score", status, value, slow, filled))
        rubbish = (b"{", b'{"id": 1}', b"[]", b'{"amount": "much"}')
        for number in range(at.malformed):
            made.append((rubbish[number % len(rubbish)], "/score", 422, None, False, False))
        for number in range(at.junk):
            path = f"/{PATHS[number % len(PATHS)]}/{self.number}-{number}"
            made.append((None, path, 404, None, False, False))
        sent = Sent()
        for place in self.rng.permutation(len(made)):
            body, path, status, value, slow, filled = made[int(place)]
            sent.bodies.append(body)
            sent.paths.append(path)
            sent.status.append(status)
            sent.scores += [] if value is None else [value]
            sent.slow, sent.filled = sent.slow + slow, sent.filled + filled
        return sent

    def _of(self, share: float, many: int) -> int:
        """So many of so many, rounded up or down by luck."""
        exact = share * many
        return int(exact) + int(self.rng.random() < exact - int(exact))

    def labels(self, wrong: float = 0.0) -> bytes:
        """The feed, with a block's labels more; some are reported young, and again when matured."""
        days, rng = self.facts["mature"], self.rng
        mistaken = self._of(1 - self.facts["right"] + wrong, MATURED)
        for number in range(MATURED + YOUNG):
            if not self.waiting:
                break
            one = self.waiting.pop(int(rng.integers(len(self.waiting))))
            mature = number < MATURED
            other = number < mistaken if mature else rng.random() > self.facts["right"] - wrong
            disputed = int((one["score"] >= 0.5) != bool(other))
            later = {**one, "label": disputed, "age_days": int(rng.integers(days, days + 9))}
            if not mature:
                age, seen = int(rng.integers(0, days)), disputed if rng.random() < 0.15 else 0
                self.feed.append({**one, "label": seen, "age_days": age})
            if mature or rng.random() < 0.4:
                self.feed.append(later)
        return "".join(json.dumps(line) + "\n" for line in self.feed).encode()


def expected(model: Mapping[str, Any], invoice: Mapping[str, Any]) -> float:
    """What the service has to answer."""
    orders = invoice["orders_before"]
    z = (
        model["intercept"]
        + model["log_amount"] * math.log(invoice["amount"])
        + model["terms_days"] * invoice["terms_days"]
        + model["orders_before"] * (model["orders_if_missing"] if orders is None else orders)
        + model["channels"][invoice["channel"]]
    )
    return 1 / (1 + math.exp(-z))


def accuracy(feed: list[dict[str, Any]], mature: int, last: int) -> float | None:
    """Share right among the newest matured labels, by the last line of each invoice."""
    latest: dict[str, dict[str, Any]] = {}
    for line in feed:
        latest.pop(line["id"], None)
        latest[line["id"]] = line
    old = [line for line in latest.values() if line["age_days"] >= mature][-last:]
    if not old:
        return None
    return sum((line["score"] >= 0.5) == bool(line["label"]) for line in old) / len(old)
