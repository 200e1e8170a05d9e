"""Draw a case and write its public and its private part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from worksample.kit.draws import first_good, streams
from worksample.kit.files import json_text, write_csv, write_text

from .hidden import card, papers, records, reference, risks, tomorrow
from .hidden import firm as firms
from .hidden.firm import Hidden
from .hidden.records import Logs, Running
from .hidden.state import state
from .toolkit.firm import Firm, at_stake
from .toolkit.plans import plan_of
from .toolkit.scheduler import run
from .toolkit.staffing import Work, staffed, with_needs

VERSION = 1
PARTS = ("firm", "logs", "search", "papers", "risks", "years")
TRIES = 200
FEW = 24  # years on which a draw is proved
PASSES = 0.92  # of the years an audit-first plan has to pass
WALL = 1 / 3  # of the value that not knowing the hidden dependency has to cost
ANECDOTE = 0.75  # of the value that a plan without the logs may have at most


@dataclass(frozen=True)
class Drawn:
    """A firm that was proved to be one to plan for."""

    firm: Firm
    hidden: Hidden
    running: Running
    logs: Logs
    told: dict[str, Any]
    stakes: dict[str, float]


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case. The same seed and level give the same bytes.

    Args:
        seed: 64 bits; the upper 32 are the opening's, the lower 32 the candidate's.
        level: junior, standard or senior.
        public, private: existing folders.
    """
    drawn = first_good(lambda attempt: _draw(seed, level, attempt), _is_good, TRIES)
    own = streams(PARTS, seed, level)
    years_seed = int(own["years"].integers(1 << 31))
    assumed = drawn.hidden.assumed(drawn.stakes)
    worlds = tomorrow.years(drawn.firm, assumed, years_seed)
    best = reference.find(drawn.firm, assumed, worlds, own["search"])
    unit = risks.units(own["risks"])
    costs = risks.measures(own["risks"], drawn.firm, best.work, worlds, assumed)
    firm = Firm({**drawn.firm.data, "measures": costs})
    drawn = replace(drawn, firm=firm)
    plan = draft(firm)
    _write_public(drawn, plan, unit, own["papers"], level, public)
    safe = reference.by_rule(firm, assumed, 0, 1.0, True)
    nothing = reference.values(firm, [plan, everything(firm)], worlds, assumed).tolist()
    passed = run(firm, [plan_of(safe, firm)], worlds, assumed).passed.mean()
    truth = {
        "version": VERSION,
        "level": level,
        "firm": firm.data,
        "hidden": tomorrow.plain(drawn.hidden),
        "main": drawn.hidden.main,
        "running": vars(drawn.running),
        "state": drawn.told,
        "stakes": drawn.stakes,
        "units": unit,
        "years_seed": years_seed,
        "draft_value": nothing[0],
        "floor": max(0.0, *nothing),
        "reference": {"work": best.work, "value": best.value, "looked_at": best.looked_at},
        "passed": float(passed),
    }
    write_text(private / "truth.json", json_text(truth, sort_keys=False))
    write_text(private / "truth_card.md", card.truth_card(truth))


def _draw(seed: int, level: str, attempt: int) -> Drawn:
    own = streams(PARTS, seed, level, attempt)
    hidden = firms.draw_hidden(own["firm"])
    running = records.draw_running(own["firm"], hidden)
    firm = firms.draw(own["firm"], level, hidden, running.sizes)
    logs = records.draw(own["logs"], running)
    told = state(logs)
    rates = (told["per_month"], told["failed"], told["restore_hours"])
    return Drawn(firm, hidden, running, logs, told, at_stake(firm, told["days"], *rates))


def _is_good(drawn: Drawn) -> bool:
    """The audit can be passed, the wall is worth seeing, and anecdotes do not lead there too."""
    firm, true = drawn.firm, drawn.hidden.assumed(drawn.stakes)
    shares = drawn.told["shares"]
    if max(shares, key=lambda name: shares[name]) != drawn.hidden.bottleneck:
        return False
    worlds = tomorrow.years(firm, true, 1, FEW)
    safe = reference.by_rule(firm, true, 0, 1.0, True)
    if run(firm, [plan_of(safe, firm)], worlds, true).passed.mean() < PASSES:
        return False
    even = dict.fromkeys(drawn.stakes, float(np.mean(list(drawn.stakes.values()))))
    best, blind, anecdote = (
        reference.values(firm, list(reference.starts(firm, each)), worlds, true).max()
        for each in (true, replace(true, also_needs=()), firms.official(even))
    )
    return bool(blind < (1 - WALL) * best and anecdote < ANECDOTE * best)


def draft(firm: Firm) -> Work:
    """The plan that lies on the table: what most people wish for, with what it needs."""
    assumed = firms.official(dict.fromkeys((), 0.0))
    rows = firm.data["initiatives"]
    order: list[str] = []
    for name in sorted(firm.ids, key=lambda name: -rows[name]["votes"]):
        order += [each for each in with_needs(firm, assumed, name) if each not in order]
    return staffed(firm, assumed, order)


def everything(firm: Firm) -> Work:
    """All at once, by the first two: a plan that needs no thought."""
    owners = list(firm.people[:2])
    return [{"id": name, "owners": owners, "coached": True, "from": 0} for name in firm.ids]


def _write_public(
    drawn: Drawn, plan: Work, unit: dict[str, list[float]], rng: np.random.Generator, level: str,
    public: Path,
) -> None:  # fmt: skip
    logs = records.exported(drawn.logs, level)
    signals, events = risks.history(rng, drawn.hidden, unit)
    tables = {
        "changes": logs.changes,
        "visits": logs.visits,
        "incidents": logs.incidents,
        "projects": papers.projects(rng, drawn.hidden),
        "rollouts": papers.rollouts(rng, drawn.hidden),
        "signals": signals,
        "events": events,
    }
    for name, table in tables.items():
        write_csv(table, public / f"{name}.csv")
    for name, text in papers.papers(drawn.firm, drawn.hidden, level).items():
        write_text(public / name, text)
    write_text(public / "facts.json", json_text(papers.facts(drawn.firm), sort_keys=False))
    write_text(public / "draft.json", json_text(plan, sort_keys=False))
