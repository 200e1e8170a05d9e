"""What 1 means: the best design that a search finds for the drawn quarter, and the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import numpy as np

from worksample.kit.design.search import search
from worksample.workbook.design.pipeline import DAY, PERSONAL, Facts, line
from worksample.workbook.design.quarter import Outcome, Quarter, simulate
from worksample.workbook.design.reading import Design

from ..toolkit.quarters import WEEKS
from .ahead import Ahead, quarters
from .firm import Firm

# of what the dearest kind's platform costs in the dearest quarter, where money binds and where not
BUDGET = {True: 1.0, False: 1.4}
ROUNDS, WIDTH = 3, 20


@dataclass(frozen=True)
class Reference:
    """The best that was found.

    Attributes:
        design: as plain data.
        losses: of it, by quarter.
        looked_at: how many designs.
    """

    design: dict[str, Any]
    losses: dict[str, float]
    looked_at: int


def outcomes(
    designs: Sequence[Design], many: Sequence[Quarter], facts: Facts
) -> list[list[Outcome]]:
    """What becomes of each design in each quarter, by design."""
    lines = [line(design, facts) for design in designs]
    told = simulate([each for each in lines for _ in many], list(many) * len(lines), facts)
    return [told[place : place + len(many)] for place in range(0, len(told), len(many))]


def find(
    firm: Firm, ahead: Ahead, facts: Facts, begin: Sequence[Design], rng: np.random.Generator
) -> Reference:
    """The best design for the hidden quarters.

    Args:
        facts: with what is required in them, the budget among it.
        begin: designs to begin with.
    """
    many = quarters(firm, ahead, facts.data["needs"])
    seen: dict[str, list[float]] = {}

    def judge(tried: Sequence[Design]) -> np.ndarray:
        told = [[each.loss for each in row] for row in outcomes(tried, list(many.values()), facts)]
        seen.update(zip(map(_key, tried), told, strict=True))
        return np.array(told).mean(axis=1)

    found = search(begin, judge, facts, rng, ROUNDS, WIDTH, removing=True)
    losses = dict(zip(many, seen[_key(found.design)], strict=True))
    return Reference(found.design.plain(), losses, found.looked_at)


def _key(design: Design) -> str:
    return repr(design.plain())


def budgeted(firm: Firm, ahead: Ahead, begin: Mapping[str, Sequence[Design]]) -> Facts:
    """The facts with next quarter's requirements and a budget that each kind of design can keep."""
    facts = firm.facts.needing(ahead.needs)
    many = list(quarters(firm, ahead, facts.data["needs"]).values())
    least = [
        min(outcomes(designs, many, facts), key=lambda row: sum(each.loss for each in row))
        for designs in begin.values()
    ]
    factor = BUDGET["cost" in ahead.binds]
    spent = max(each.money["platform"] for row in least for each in row)
    return facts.needing({"budget": round(factor * spent / WEEKS) * float(WEEKS)})


# -- where the search begins -------------------------------------------------------------------


def starts(firm: Firm, ahead: Ahead, needs: Mapping[str, float]) -> dict[str, list[Design]]:
    """Designs of three kinds by rules of thumb: the search has something of each to change."""
    made: dict[str, list[Design]] = {}
    for kind in ("batch", "stream", "managed"):
        for erased in ("eraser", "vault"):
            for every, window in ((168, 28), (336, 42)):
                data = parts(kind, erased, every, window, firm, ahead.forecast[1], needs)
                read = firm.facts.checked(data)
                if read.design is None:
                    raise RuntimeError(f"a start cannot be run: {read.complaint}")
                made.setdefault(kind, []).append(read.design)
    return made


def parts(
    kind: str, erased: str, every: int, window: int, firm: Firm, growth: float,
    needs: Mapping[str, float],
) -> dict[str, Any]:  # fmt: skip
    """A design of one kind for so much growth and these requirements."""
    facts, week = firm.facts, firm.week * growth
    wait = ceil(float(np.interp(0.9, facts.data["labels"]["known"], facts.data["labels"]["days"])))
    fresh = max(1, floor(needs["freshness_h"] / 2.5))
    fresh = max(each for each in (1, 2, 3, 4, 6, 8, 12) if each <= fresh)
    days = max(wait + window + 1, int(needs["backfill_days"]) + 1)
    audit = int(needs["audit_days"]) + 1
    old = needs["backfill_days"] * DAY * week.mean() / needs["backfill_h"]
    ways = _ways(kind, facts, week, fresh, days, old)
    store = {"stream": "log"}.get(kind, "lake" if kind == "batch" else "warehouse")
    erased = "vault" if store == "log" else erased
    personal = [n for n, part in ways.items() if part["kind"] in PERSONAL] + ["copies", "answered"]
    aside: dict[str, Any] = {"keys": {"kind": "vault", "to": personal}}
    if erased == "eraser":
        runs = max(1, floor(needs["erase_days"]) - 1)
        aside = {"erase": {"kind": "eraser", "every_days": runs, "to": personal}}
    return {
        "components": {
            "rows": {"kind": "events", "to": ["load"]},
            "outcomes": {"kind": "labels", "to": ["looked_at", "watch"]},
            **ways,
            "contract": {"kind": "contract", "to": ["once"]},
            "once": {"kind": "dedup", "window_h": 24, "to": ["checked"]},
            "checked": {"kind": "checks", "threshold": 3.4, "on_fail": "hold", "to": ["masked"]},
            "masked": {"kind": "mask", "to": [store]},
            "looked_at": {"kind": "label_audit", "looked_at": 200, "to": ["fit"]},
            "code": {"kind": "code", "tests": "on_data", "to": ["fit"]},
            "fit": {
                "kind": "trainer", "every_h": every, "window_days": window, "wait_days": wait,
                "machine": "spot", "to": ["gate", "copies"],
            },
            "copies": {"kind": "snapshots", "keep_days": audit},
            "gate": {"kind": "gate", "margin": 0.1, "holdout": "newest", "to": ["models"]},
            "models": {
                "kind": "registry", "versions": ceil(audit * DAY / every) + 2,
                "lineage": "code_and_data", "to": ["serve"],
            },
            "serve": {
                "kind": "serving", "replicas": ceil(week.max() / facts.of("serving")["rows"]),
                "first": 1.0, "watch_h": 0, "to": ["answered", "watch"],
            },
            "answered": {"kind": "predictions", "keep_days": audit},
            "watch": {
                "kind": "monitor", "looks_at": ["outputs"], "every_h": 24, "action": "roll_back",
            },
            "runs": {"kind": "orchestrator", "retries": 2},
            "elsewhere": {"kind": "standby", "mode": "warm"},
            **aside,
        }
    }  # fmt: skip


def _ways(
    kind: str, facts: Facts, week: np.ndarray, fresh: int, days: int, old: float
) -> dict[str, Any]:
    """Loader, store and maker of features, of so much power that little waits."""
    peak = float(week.max())
    burst = min(200, ceil(1.3 * old / facts.of("batch_features")["speed"]))
    if kind == "batch":
        need = max(1, ceil(peak * fresh / 3))
        return {
            "load": {
                "kind": "batch_load", "every_h": fresh, "lateness_h": 24,
                "machines": min(20, ceil(need / facts.of("batch_load")["speed"])),
                "to": ["contract"],
            },
            "lake": {
                "kind": "lake", "keep_days": days, "states": "newest",
                "to": ["batch_features", "fit"],
            },
            "batch_features": {
                "kind": "batch_features", "every_h": fresh, "burst": burst,
                "machines": min(40, ceil(need / facts.of("batch_features")["speed"])),
                "to": ["lookup", "fit"],
            },
            "lookup": {"kind": "online", "to": ["serve"]},
        }  # fmt: skip
    if kind == "stream":
        tight = 1.1
        return {
            "load": {
                "kind": "stream_load", "lateness_h": 24, "to": ["contract"],
                "partitions": min(40, ceil(peak * tight / facts.of("stream_load")["speed"])),
            },
            "log": {"kind": "log", "keep_days": days, "to": ["stream_features", "fit"]},
            "stream_features": {
                "kind": "stream_features", "burst": burst,
                "workers": min(60, ceil(peak * tight / facts.of("stream_features")["speed"])),
                "to": ["lookup", "fit"],
            },
            "lookup": {"kind": "online", "to": ["serve"]},
        }  # fmt: skip
    return {
        "load": {"kind": "managed_load", "every_h": fresh, "lateness_h": 24, "to": ["contract"]},
        "warehouse": {
            "kind": "warehouse", "keep_days": days, "states": "newest", "to": ["features", "fit"],
        },
        "features": {
            "kind": "feature_store", "every_h": fresh, "keep_days": 2, "burst": burst,
            "to": ["serve", "fit"],
        },
    }  # fmt: skip
