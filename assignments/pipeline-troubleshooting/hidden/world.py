"""The shops' bookings: who cancels, and what the nightly exports say of it.

Every oddity of the exports is in every case (docs/DATA.md lists them), so none tells which fault a
repository has.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from .tills import BY_ID

SHOPS = ("north", "south", "harbour")
CHANNELS = ("web", "phone", "app", "partner")
COLUMNS = (
    *("booking_id", "shop", "channel", "booked_at", "appointment", "price_eur"),
    *("visits_before", "reminder_sent", "cancelled", "updated_at"),
)
OPEN_ROWS = 400


@dataclass(frozen=True)
class World:
    """Effects on the logit of a cancellation, and since which day an oddity is there.

    Attributes:
        first: the first day.
        begins: oddity (``comma``, ``mark``) -> number of the day it begins.
        till: what ``shops`` write otherwise (:mod:`.tills`) of appointments from day ``since`` on,
            but for the days ``paused``; "" for nothing.
    """

    key: int
    first: date
    effects: Mapping[str, float]
    begins: Mapping[str, int]
    rows: int = 50
    till: str = ""
    shops: tuple[str, ...] = ()
    since: int = 0
    paused: tuple[int, ...] = ()


@dataclass
class Export:
    """One file as texts: a list of rows, and how it is written."""

    rows: list[dict[str, str]]
    mark: bool = False
    twice: bool = False
    chances: list[float] = field(default_factory=list)

    def text(self) -> str:
        """The file's content."""
        columns = [name for name in COLUMNS if self.rows and name in self.rows[0]]
        lines = [",".join(_quoted(row[name]) for name in columns) for row in self.rows]
        body = "\n".join([",".join(columns), *(lines * (2 if self.twice else 1))]) + "\n"
        return ("\ufeff" if self.mark else "") + body


def _quoted(text: str) -> str:
    return f'"{text}"' if "," in text else text


def drawn(rng: np.random.Generator, last: int, begins: Mapping[str, int]) -> World:
    """A world in which day number ``last`` is in the spring or summer of 2031."""
    usual = {
        "base": -1.5,
        "lead": 0.95,
        "price": 0.45,
        "first": 2.0,
        "visits": -0.25,
        "reminder": -0.6,
        "weekend": 1.9,
        "web": 0.35,
        "app": -0.3,
        "harbour": 0.3,
    }
    effects = {name: value * rng.uniform(0.92, 1.08) for name, value in usual.items()}
    until = date(2031, 5, 20) + timedelta(days=int(rng.integers(0, 90)))
    return World(int(rng.integers(1 << 40)), until - timedelta(days=last), effects, begins)


def day_of(world: World, number: int) -> str:
    """Day ``number`` as a text."""
    return str(world.first + timedelta(days=number))


def exports(world: World, numbers: range) -> dict[int, Export]:
    """The exports of some days, with what they report late of the days before."""
    made = {n: _fresh(world, n) for n in range(numbers.start - 3, numbers.stop)}
    late: dict[int, list[dict[str, str]]] = {n: [] for n in numbers}
    for number, (rows, _) in made.items():
        rng = np.random.default_rng([world.key, number, 7])
        for row in rows:
            delay = int(rng.integers(1, 4))
            if row["cancelled"] == "1" and rng.random() < 0.5:
                if number + delay in late:
                    late[number + delay].append(_corrected(world, row, number + delay))
                row["cancelled"] = "0"  # first taken for one that came
    found = {}
    for number in numbers:
        rng = np.random.default_rng([world.key, number, 8])
        rows = [*made[number][0], *late[number]]
        rows = [rows[i] for i in rng.permutation(len(rows))]
        written = [_written(world, row, number) for row in rows]
        mark = number >= world.begins["mark"]
        found[number] = Export(written, mark, bool(rng.random() < 0.15))
    return found


def open_bookings(world: World, number: int, count: int = OPEN_ROWS) -> Export:
    """What is open in the morning after day ``number``: no outcome, and the true chances."""
    rows, chances = _fresh(world, number + 1, count, spread=7, salt=1)
    written = []
    for row in rows:
        row = {**row, "updated_at": row["booked_at"]}
        del row["cancelled"]
        written.append(_written(world, row, number))
    return Export(written, number >= world.begins["mark"], False, chances)


def _fresh(
    world: World, number: int, count: int = 0, spread: int = 1, salt: int = 0
) -> tuple[list[dict[str, str]], list[float]]:
    """Rows of one day as they are meant, in no shop's way of writing, and their true chances."""
    effects = tuple(sorted(world.effects.items()))
    rows, chances = _meant(world.key, world.first, effects, world.rows, number, count, spread, salt)
    return [dict(row) for row in rows], list(chances)


@functools.lru_cache(maxsize=256)  # a case asks for most of its days several times
def _meant(
    key: int,
    first: date,
    effects: tuple[tuple[str, float], ...],
    usual_rows: int,
    number: int,
    count: int,
    spread: int,
    salt: int,
) -> tuple[tuple[Mapping[str, str], ...], tuple[float, ...]]:
    rng = np.random.default_rng([key, number + 100, salt])
    day = first + timedelta(days=number)
    usual = usual_rows * (0.85 if day.weekday() >= 5 else 1.05)
    count = count or int(usual * rng.uniform(0.92, 1.08))
    code = _code(key, number, salt)
    e, rows, chances = dict(effects), list[dict[str, str]](), list[float]()
    for place in range(count):
        appointment = day + timedelta(days=int(rng.integers(spread)))
        lead = min(int(rng.exponential(9)), 45)
        shop, channel = rng.choice(SHOPS), rng.choice(CHANNELS, p=(0.4, 0.28, 0.2, 0.12))
        price = float(np.round(np.exp(rng.normal(4.4, 0.6)).clip(15, 1500), 2))
        visits = 0 if rng.random() < 0.45 else int(rng.geometric(0.35))
        reminder = int(lead >= 2 and rng.random() < 0.6)
        logit = (
            e["base"]
            + e["lead"] * (np.log1p(lead) - 2)
            + e["price"] * (np.log(price) - 4.4)
            + e["first"] * (visits == 0)
            + e["visits"] * np.log1p(visits)
            + e["reminder"] * reminder
            + e["weekend"] * (appointment.weekday() >= 5)
            + e["web"] * (channel == "web")
            + e["app"] * (channel == "app")
            + e["harbour"] * (shop == "harbour")
        )
        chance = float(1 / (1 + np.exp(-logit)))
        cancelled = rng.random() < chance
        booked = appointment - timedelta(days=lead)
        hour = f"{int(rng.integers(8, 20)):02d}:{int(rng.integers(60)):02d}"
        # a cancellation is noted when it is made, a visit in the evening
        noted = booked + timedelta(days=int(rng.integers(lead + 1))) if cancelled else appointment
        rows.append(
            {
                "booking_id": f"{code}{place:03d}",
                "shop": str(shop),
                "channel": str(channel),
                "booked_at": f"{booked} {hour}",
                "appointment": str(appointment),
                "price_eur": f"{price:.2f}",
                "visits_before": str(visits),
                "reminder_sent": str(reminder),
                "cancelled": str(int(cancelled)),
                "updated_at": f"{noted} {'07:30' if cancelled and lead == 0 else '20:15'}",
            }
        )
        chances.append(chance)
    return tuple(rows), tuple(chances)


def _code(key: int, number: int, salt: int) -> str:
    rng = np.random.default_rng([key, number, salt, 3])
    return "".join(rng.choice(list("bcdfghjkmnpqrstvwxz"), 5))


def _corrected(world: World, row: Mapping[str, str], number: int) -> dict[str, str]:
    day = world.first + timedelta(days=number)
    return {**row, "updated_at": f"{day} 21:00"}


def _written(world: World, row: Mapping[str, str], number: int) -> dict[str, str]:
    """As its shop writes it in the export of day ``number``."""
    row = dict(row)
    day = (date.fromisoformat(row["appointment"]) - world.first).days
    is_odd = row["shop"] in world.shops and day >= world.since and day not in world.paused
    if world.till and is_odd:
        BY_ID[world.till].change(row, day < number)
    if row["shop"] == "south":
        for name in ("booked_at", "updated_at"):
            row[name] = f"{date.fromisoformat(row[name][:10]):%d.%m.%Y} {row[name][11:]}"
    if row["shop"] == "harbour" and number >= world.begins["comma"]:
        row["price_eur"] = row["price_eur"].replace(".", ",")
    if row["shop"] != "north" and row["visits_before"] == "0":
        row["visits_before"] = ""
    return row
