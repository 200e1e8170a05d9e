"""Rules and panels of solutions over many cases: ``python -m
tests.assignments_monitoring_implementation.rules FIRST LAST LEVEL,… SOLUTION,…``.

No service is run: its scrapes are computed from the traffic that it would be sent, by the names of
metrics that the strong solution has and those like it share, without a fault in them. So this shows
what the numbers of a case make of alerts, panels and the accuracy, and nothing of what is counted
wrongly; ``measure`` shows it by the whole path.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from worksample.assignments import case as cases
from worksample.assignments.case import Case
from worksample.grading.services import Exchange, Request, ServiceResult

from .drawn import METRICS, assignment, checked, measured, module, run, tree

CHECKS = ("truth", "alerts", "panels")
SLOW = 0.6  # seconds that slow customers take


def recorded(at: Case, files: dict[str, bytes]) -> ServiceResult:
    """What a service that counts rightly would have told, scrape by scrape."""
    measuring, clock = module("judging.measuring"), module("toolkit.clock")
    traffic = module("toolkit.traffic")
    facts, seed = measuring.hidden_world(at)
    truth = at.truth()
    world, kinds = traffic.World(facts, seed), clock.conditions(truth["sizes"])
    reference = json.loads(files["reference.json"])
    mature = int(re.search(rb"MATURE = [\d.]+, \d+, (\d+)", files[METRICS])[1])  # type: ignore[index]
    limit, last = truth["least"]["slow"], int(truth["least"]["last"])
    counts: Counter[str] = Counter()
    ledger = {"scrape/0": (_scrape(counts, reference, None, limit),)}
    for number, name in enumerate(clock.recording()):
        sent = world.block(kinds[name])
        made = []
        for path, body, status in zip(sent.paths, sent.bodies, sent.status, strict=True):
            seconds = SLOW + 0.01 if body and b'"c8"' in body else 0.01
            made.append(Exchange(Request(path, body), 0.0, seconds, status))
            if path == "/score":
                _count(counts, facts["model"], reference, body, status, traffic)
        ledger[f"block/{number}"] = tuple(made)
        world.labels(kinds[name].wrong)
        right = traffic.accuracy(world.feed, mature, last)
        again = 3 if number in measuring.LOOKED else 1
        ledger[f"scrape/{number + 1}"] = (_scrape(counts, reference, right, limit),) * again
    return ServiceResult("recorded", True, ledger)


def _count(
    counts: Counter[str],
    model: dict[str, Any],
    reference: dict[str, Any],
    body: bytes,
    status: int,
    traffic: Any,
) -> None:
    counts[{200: "answered", 422: "rejected", 503: "failed"}[status]] += 1
    if status != 200:
        return
    invoice = json.loads(body)
    filled = invoice["orders_before"] is None
    counts["filled"] += filled
    counts["quick"] += invoice["customer"] != "c8"
    counts["score"] += traffic.expected(model, invoice)  # type: ignore[assignment]
    for field, facts in reference.items():
        value = invoice[field]
        if field == "orders_before" and filled:
            continue
        place = sum(value >= edge for edge in facts["edges"]) if "edges" in facts else value
        counts[f"{field}/{place}"] += 1


def _scrape(
    counts: Counter[str], reference: dict[str, Any], right: float | None, limit: float
) -> Exchange:
    lines = [
        f'score_requests_total{{outcome="{name}"}} {counts[name]}'
        for name in ("answered", "rejected", "failed")
    ]
    many = counts["answered"]
    for edge, under in (("0.025", "quick"), (f"{limit}", "quick"), ("1.0", "answered")):
        lines.append(f'score_seconds_bucket{{le="{edge}"}} {counts[under]}')
    lines += [f'score_seconds_bucket{{le="+Inf"}} {many}', f"score_seconds_count {many}"]
    lines += [f"score_value_sum {counts['score']}", f"score_value_count {many}"]
    lines += [f"score_filled_total {counts['filled']}"]
    for field, facts in reference.items():
        for place, share in (facts.get("values") or dict(enumerate(facts["shares"]))).items():
            labels = f'{{field="{field}",place="{place}"}}'
            lines.append(f"input_seen_total{labels} {counts[f'{field}/{place}']}")
            lines.append(f"input_reference{labels} {share}")
    lines += [] if right is None else [f"labels_accuracy {right}"]
    return Exchange(Request("/metrics"), 0.0, 0.01, 200, body="\n".join(lines).encode() + b"\n")


def main(first: int, last: int, levels: list[str], names: list[str]) -> None:
    """Print points by check; those of what is not looked at are left out."""
    for level in levels:
        for seed in range(first, last):
            with tempfile.TemporaryDirectory() as folder:
                at = cases.draw(assignment(), seed, level, Path(folder, "case"), candidate="x")
                for name in names:
                    files = tree(name, at)
                    services = {"recorded": recorded(at, files)}
                    found = checked(run(files, services, measured(files, at, services)), at)
                    points = ", ".join(f"{each} {found[each].points:.1f}" for each in CHECKS)
                    told = found["alerts"].details
                    shares = ", ".join(f"{key} {value:.0f} %" for key, value in told.items())
                    print(f"{level:9} {seed} {name:12} {points}; {shares}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(","), sys.argv[4].split(","))
