"""The faults there are to choose from. Trusted side only.

A case takes the same number of each kind and size (:data:`COUNTS`); which of them, at which airport
and on which levels, is drawn. Subtle ones are scaled until they move a figure as far as the level
wants (``proof.py``), so the amounts below are where that search begins.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ..toolkit.schema import OUTCOME
from .faults import KINDS, Fault
from .world import CARRIERS, ORIGINS, REGIONS

Maker = Callable[..., Fault]
COUNTS = {  # level -> kind -> (clear, subtle)
    "junior": {kind: (3, 1) if kind == "recoding" else (4, 1) for kind in KINDS},
    "standard": {kind: (2, 2) if kind == "recoding" else (2, 3) for kind in KINDS},
    "senior": {kind: (2, 2) if kind == "recoding" else (2, 3) for kind in KINDS},
}


def wanted(level: str) -> list[tuple[str, str]]:
    """(kind, size) of each fault of a case."""
    counts = COUNTS[level].items()
    return [
        (kind, size)
        for kind, pair in counts
        for size, count in zip(("clear", "subtle"), pair, strict=True)
        for _ in range(count)
    ]


def options(kind: str, size: str, rng: np.random.Generator) -> list[Fault]:
    """All faults of a kind and size in random order, at an airport and on levels drawn here."""
    origin = ORIGINS[rng.integers(len(ORIGINS))]
    carrier, region = CARRIERS[rng.integers(4)], REGIONS[rng.integers(len(REGIONS))]
    smaller = CARRIERS[rng.integers(4, 8)]
    sign = int(rng.choice([-1, 1]))
    make = partial(Fault, kind, size)
    found = {
        ("covariate", "clear"): lambda: _covariate(make, smaller, region, 1.0),
        ("covariate", "subtle"): lambda: _covariate(make, smaller, region, 0.35),
        ("unit", "clear"): lambda: _units(make),
        ("unit", "subtle"): lambda: _some_units(make, origin),
        ("missing", "clear"): lambda: _missing(make),
        ("missing", "subtle"): lambda: _some_missing(make),
        ("recoding", "clear"): lambda: _recoding(make, origin, carrier, region),
        ("recoding", "subtle"): lambda: _some_recoding(make, carrier, region),
        ("concept", "clear"): lambda: _concept(make, origin, carrier, region, sign),
        ("concept", "subtle"): lambda: _some_concept(make, origin, carrier, sign),
    }[kind, size]()
    return [found[i] for i in rng.permutation(len(found))]


def _covariate(make: Maker, carrier: str, region: str, k: float) -> list[Fault]:
    return [
        make("multiply", "distance_km", 1 + 0.3 * k, text="routes are longer"),
        make("add", "plane_age_y", 4 * k, text="aircraft are older"),
        make("add", "departure_min", 90 * k, text="departures moved later"),
        make("mix", "carrier", 1 + 2.5 * k, (carrier,), text="more flights of carrier {0}"),
        make("mix", "region", 1 + 2 * k, (region,), text="more flights to region {0}"),
    ]


UNITS = (  # column, factor, words
    ("temp_c", 1.8, "Fahrenheit"),
    ("wind_kmh", 1 / 3.6, "metres per second"),
    ("distance_km", 0.6214, "miles"),
    ("visibility_km", 0.6214, "miles"),
    ("pressure_hpa", 0.02953, "inches of mercury"),
    ("humidity_pct", 0.01, "a fraction of one"),
    ("inbound_delay_min", 60, "seconds"),
    ("departure_min", 1 / 60, "hours"),
)
SOME_UNITS = (  # column, factor, words, share of the rows of one airport
    ("wind_kmh", 0.54, "knots", 0.4),
    ("wind_kmh", 0.6214, "miles per hour", 0.4),
    ("distance_km", 0.6214, "miles", 0.4),
    ("visibility_km", 0.6214, "miles", 0.2),
    ("humidity_pct", 0.01, "a fraction of one", 0.1),
    ("temp_c", 1.8, "Fahrenheit", 0.1),
    ("inbound_delay_min", 60, "seconds", 0.1),
    ("departure_min", 1 / 60, "hours", 0.1),
)


def _units(make: Maker) -> list[Fault]:
    return [make("unit", c, f, text=f"{c} arrives in {words}") for c, f, words in UNITS]


def _some_units(make: Maker, origin: str) -> list[Fault]:
    words = "{{share}} of the rows from {o} bring {c} in {unit}"
    return [
        make(
            "unit",
            c,
            f,
            where=("origin", origin),
            share=s,
            text=words.format(o=origin, c=c, unit=u),
        )
        for c, f, u, s in SOME_UNITS
    ]


GAPS = ("wind_kmh", "temp_c", "inbound_delay_min", "plane_age_y", "distance_km", "queue_len")
DEFAULTS = (
    ("temp_c", 0.0),
    ("humidity_pct", 0.0),
    ("pressure_hpa", 0.0),
    ("plane_age_y", -1),
    ("queue_len", 0),
)
SOME_DEFAULTS = (
    ("plane_age_y", 0),
    ("queue_len", 0),
    ("distance_km", 1000),
    ("departure_min", 720),
    ("inbound_delay_min", 0.0),
)


def _missing(make: Maker) -> list[Fault]:
    gaps = [make("gap", c, share=0.4, text=f"{c} missing in {{share}} of the rows") for c in GAPS]
    return gaps + [_default(make, c, value, 0.4) for c, value in DEFAULTS]


def _some_missing(make: Maker) -> list[Fault]:
    gaps = [make("gap", c, share=0.03, text=f"{c} missing in {{share}} of the rows") for c in GAPS]
    return gaps + [_default(make, c, value, 0.06) for c, value in SOME_DEFAULTS]


def _default(make: Maker, column: str, value: float, share: float) -> Fault:
    text = f"{column} is {value} where the fetch failed, {{share}} of the rows"
    return make("default", column, value, share=share, text=text)


SWAPS = {
    "carrier": (("UM", "AR"), ("BE", "MO"), ("DA", "MO"), ("EX", "US")),
    "region": (("lakes", "carolinas"), ("florida", "carolinas"), ("west", "carolinas")),
}
EVEN_SWAPS = {  # about equally frequent, so that no distribution of one column moves
    "carrier": (("UM", "EX"), ("BE", "DA"), ("EX", "DA"), ("AR", "US")),
    "region": (("florida", "south"), ("west", "near"), ("lakes", "south")),
}


CAPITALS = {  # written out: a skin knows only words that stand here
    "near": "NEAR",
    "lakes": "LAKES",
    "carolinas": "CAROLINAS",
    "florida": "FLORIDA",
    "south": "SOUTH",
    "west": "WEST",
}


def _recoding(make: Maker, origin: str, carrier: str, region: str) -> list[Fault]:
    return [
        make("rename", "carrier", levels=(carrier, "OTHER"), text="{0} arrives as {1}"),
        make("rename", "region", levels=(region, CAPITALS[region]), text="{0} in capitals"),
        make("rename", "origin", levels=(origin, origin[0]), text="{0} by its first letter"),
        *_swaps(make, SWAPS),
    ]


def _some_recoding(make: Maker, carrier: str, region: str) -> list[Fault]:
    some = "{share} of {0} arrive as {1}"
    pairs = (("carrier", carrier, "OTHER"), ("region", region, CAPITALS[region]))
    return [
        make("rename", column, levels=(old, new), share=0.06, text=some)
        for column, old, new in pairs
    ] + _swaps(make, EVEN_SWAPS)


def _swaps(make: Maker, swaps: dict[str, tuple[tuple[str, str], ...]]) -> list[Fault]:
    return [
        make(
            "swap",
            column,
            levels=pair,
            text="{0} and {1} exchanged in {share} of the rows",
        )
        for column, pairs in swaps.items()
        for pair in pairs
    ]


def _concept(make: Maker, origin: str, carrier: str, region: str, sign: int) -> list[Fault]:
    return [
        make("shift", OUTCOME, 0.55 * sign, text="every flight's odds of being late change"),
        make("weaker", "inbound_delay_min", 0.2, text="inbound delay hardly matters any more"),
        make("within", "origin", 1.1 * sign, (origin,), text="odds change at {0}"),
        make("within", "carrier", 1.5 * sign, (carrier,), text="odds change for {0}"),
        make("within", "region", 1.3 * sign, (region,), text="odds change for flights to {0}"),
    ]


def _some_concept(make: Maker, origin: str, carrier: str, sign: int) -> list[Fault]:
    return [
        make("shift", OUTCOME, 0.3 * sign, text="every flight's odds change a little"),
        make("within", "origin", 0.6 * sign, (origin,), text="odds change at {0}"),
        make("within", "carrier", 0.9 * sign, (carrier,), text="odds change for {0}"),
    ]
