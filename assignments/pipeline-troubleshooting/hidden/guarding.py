"""Exports that a guard is tried on: some that should not be used, and good days of every kind.

Bad are the kinds that docs/INCIDENTS.md lists, in all shops or in one, and relatives of the silent
fault; no silent fault is in the nights before.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import date, timedelta

import numpy as np

from . import world as worlds
from .world import Export, World

BEFORE = 21  # nights that lie beside the export in question
GOOD, BAD = 12, 6
IN_ONE = 0.6  # of what can strike all shops or one: strikes one
Spoiler = Callable[[Export, np.random.Generator, Export], None]


def _cut(export: Export, rng: np.random.Generator, _: Export) -> None:
    del export.rows[int(len(export.rows) * rng.uniform(0.1, 0.25)) :]


def _again(export: Export, rng: np.random.Generator, before: Export) -> None:
    export.rows = [dict(row) for row in before.rows]


def _shop_lost(export: Export, rng: np.random.Generator, _: Export) -> None:
    shop = str(rng.choice(worlds.SHOPS))
    export.rows = [row for row in export.rows if row["shop"] != shop]


def _cents(export: Export, rng: np.random.Generator, _: Export) -> None:
    shop, factor = str(rng.choice(worlds.SHOPS)), float(rng.choice([100, 0.01]))
    for row in export.rows:
        if row["shop"] == shop:
            comma = "," in row["price_eur"]
            price = f"{float(row['price_eur'].replace(',', '.')) * factor:.2f}"
            row["price_eur"] = price.replace(".", ",") if comma else price


def _customers_lost(export: Export, rng: np.random.Generator, _: Export) -> None:
    for row in _struck(export, rng):
        row["visits_before"] = ""


def _nobody_cancels(export: Export, rng: np.random.Generator, _: Export) -> None:
    for row in export.rows:
        row["cancelled"] = "0"


def _no_reminders(export: Export, rng: np.random.Generator, _: Export) -> None:
    for row in _struck(export, rng):
        row["reminder_sent"] = "0"


def _clocks(export: Export, rng: np.random.Generator, _: Export) -> None:
    for row in _struck(export, rng):
        text = row["booked_at"]
        first = text.index("2031") if "2031" in text else text.index("203")
        row["booked_at"] = f"{text[:first]}2033{text[first + 4 :]}"


def _struck(export: Export, rng: np.random.Generator) -> list[dict[str, str]]:
    """All rows, or those of one shop."""
    shop = str(rng.choice(worlds.SHOPS)) if rng.random() < IN_ONE else ""
    return [row for row in export.rows if row["shop"] == (shop or row["shop"])]


def _outcomes(export: Export, rng: np.random.Generator, _: Export) -> None:
    shop = str(rng.choice(worlds.SHOPS))
    for row in export.rows:
        if row["shop"] == shop:
            row["cancelled"] = str(1 - int(row["cancelled"]))


def _day_early(export: Export, rng: np.random.Generator, _: Export) -> None:
    shop = str(rng.choice(worlds.SHOPS))
    for row in export.rows:
        if row["shop"] == shop:
            row["appointment"] = str(date.fromisoformat(row["appointment"]) - timedelta(days=1))


KINDS: Mapping[str, Spoiler] = {
    "cut": _cut,
    "again": _again,
    "shop lost": _shop_lost,
    "cents": _cents,
    "customers lost": _customers_lost,
    "nobody cancels": _nobody_cancels,
    "no reminders": _no_reminders,
    "clocks": _clocks,
    "outcomes turned round": _outcomes,
    "day early": _day_early,
}


def made(world: World, rng: np.random.Generator) -> list[dict[str, object]]:
    """Days in no order: ``day``, whether it is ``bad``, of which kind, and ``files`` by name."""
    kinds = [str(each) for each in rng.choice(list(KINDS), BAD, replace=False)]
    found = []
    numbers = rng.choice(np.arange(50, 81), GOOD + BAD, replace=False)
    every = worlds.exports(world, range(int(min(numbers)) - BEFORE, int(max(numbers)) + 1))
    for place, number in enumerate(int(each) for each in numbers):
        nights = {n: every[n] for n in range(number - BEFORE, number + 1)}
        today, before = copy.deepcopy(nights[number]), nights[number - 1]
        nights[number] = today
        kind = kinds[place] if place < BAD else ("holiday", "campaign", "")[place % 3]
        if kind in KINDS:
            KINDS[kind](today, rng, before)
        elif kind == "holiday":
            today.rows = [row for row in today.rows if rng.random() < 0.6]
        elif kind == "campaign":
            for row in today.rows:
                comma = "," in row["price_eur"]
                price = f"{float(row['price_eur'].replace(',', '.')) * 0.85:.2f}"
                row["price_eur"] = price.replace(".", ",") if comma else price
        files = {f"raw/{worlds.day_of(world, n)}.csv": e.text() for n, e in nights.items()}
        day = worlds.day_of(world, number)
        found.append({"day": day, "bad": place < BAD, "kind": kind, "files": files})
    return [found[i] for i in rng.permutation(len(found))]
