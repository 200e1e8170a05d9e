"""What a service tells of itself: exposition text read within bounds, laid on a clock of our own.

The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). All of
it is of hostile origin: what is not a sample in that format is left out, and so is what is beyond
the bounds. Real scrapes, taken seconds apart while something was the matter, become minutes of days
(:func:`spliced`): counters go on by what they gained between two scrapes, everything else is what
it was.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

MAX_BYTES = 2 << 20
MAX_SERIES = 8_000
MAX_LABELS, MAX_VALUE = 24, 300  # labels of a series; characters of a label's value

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*(,?)')
_COUNTS = ("counter", "histogram", "summary")
_SUFFIXES = ("_total", "_bucket", "_count", "_sum")
_TARGET = ("job", "instance")


@dataclass(frozen=True)
class Scrape:
    """One answer of ``/metrics``.

    Attributes:
        samples: series -> value; a series is written ``name{label="value",…}``, labels sorted.
        types: metric -> its type, where the text states one.
    """

    samples: Mapping[str, float] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)

    def counts(self, series: str) -> bool:
        """Whether a series only grows until its process starts anew."""
        name = name_of(series)
        base = next((name.removesuffix(s) for s in _SUFFIXES if name.endswith(s)), name)
        stated = self.types.get(name) or self.types.get(base)
        if stated in (None, "untyped", "unknown"):
            return name.endswith(_SUFFIXES)
        return stated in _COUNTS and not (stated == "summary" and "quantile=" in series)


def name_of(series: str) -> str:
    """The metric's name."""
    return series.partition("{")[0]


def parsed(text: bytes, target: Mapping[str, str] | None = None) -> Scrape:
    """Read exposition text; nothing that it holds is an error.

    Args:
        target: labels that the one who scrapes adds, such as ``job``. What the text says under
            those names is kept as ``exported_…``, as Prometheus does.
    """
    samples: dict[str, float] = {}
    types: dict[str, str] = {}
    for line in text[:MAX_BYTES].decode("utf-8", "replace").split("\n"):
        if line.startswith("# TYPE "):
            words = line.split()
            if len(words) == 4 and len(types) < MAX_SERIES:
                types[words[2]] = words[3]
        elif line and not line.startswith("#"):
            found = _sample(line, target or {})
            if found is not None and len(samples) < MAX_SERIES:
                samples[found[0]] = found[1]
    return Scrape(samples, types)


def _sample(line: str, target: Mapping[str, str]) -> tuple[str, float] | None:
    name = _NAME.match(line)
    if name is None or name[0].endswith("_created"):
        return None
    labels, rest = {}, line[name.end() :].lstrip()
    if rest.startswith("{"):
        at = 1
        while (label := _LABEL.match(rest, at)) is not None:
            labels[label[1]] = label[2]
            at = label.end()
        closing = rest[at:].lstrip()
        if not closing.startswith("}") or len(labels) > MAX_LABELS:
            return None
        rest = closing[1:]
    if any(len(value) > MAX_VALUE for value in labels.values()):
        return None
    words = rest.split()
    try:
        value = float(words[0])
    except (IndexError, ValueError):
        return None
    labels = {f"exported_{k}" if k in target else k: v for k, v in labels.items()} | {**target}
    inner = ",".join(f'{key}="{labels[key]}"' for key in sorted(labels))
    return f"{name[0]}{{{inner}}}", value


# ---- a clock of our own ----


@dataclass(frozen=True)
class Block:
    """What happened between two scrapes of a service."""

    before: Scrape
    after: Scrape


@dataclass(frozen=True)
class Minute:
    """A minute of the clock.

    Args:
        block: what is going on in it; None: nothing at all, all stays as it was.
        factor: how many times as much as in the block.
        up: whether the service answers its scrape.
        fresh: the service has been started anew: counters begin at 0.
    """

    block: Block | None
    factor: float = 1.0
    up: bool = True
    fresh: bool = False


Values = list[float | None]


def spliced(
    minutes: Sequence[Minute], wanted: Callable[[str], bool], target: Mapping[str, str]
) -> dict[str, Values]:
    """Series -> its value in every minute, None where there is none; ``up`` is added.

    Args:
        wanted: whether a metric of that name is laid out at all.
        target: labels that the series of ``up`` has.
    """
    inner = ",".join(f'{key}="{target[key]}"' for key in sorted(target))
    laid: dict[str, Values] = {f"up{{{inner}}}": [float(each.up) for each in minutes]}
    state: dict[str, float] = {}
    for number, minute in enumerate(minutes):
        if minute.fresh:
            state = {}
        if minute.block is not None:
            _go_on(state, minute.block, minute.factor, wanted)
        if minute.up:
            for series, value in state.items():
                laid.setdefault(series, [None] * len(minutes))[number] = value
    return laid


def _go_on(
    state: dict[str, float], block: Block, factor: float, wanted: Callable[[str], bool]
) -> None:
    after = block.after
    gone = [each for each in state if each not in after.samples and not after.counts(each)]
    for series in gone:
        del state[series]
    for series, value in after.samples.items():
        if not wanted(name_of(series)):
            continue
        if not after.counts(series):
            state[series] = value
            continue
        gained = value - block.before.samples.get(series, 0.0)
        # it fell: another process answered, or the same from its beginning
        state[series] = state.get(series, 0.0) + gained * factor if gained >= 0 else value


def written(values: Values) -> str:
    """A series' values as ``promtool test rules`` reads them: what ends is marked as stale."""
    words, there = [], False
    for value in values:
        gone = value is None or math.isnan(value)
        words.append(("stale" if there else "_") if gone else _number(value or 0.0))
        there = not gone
    return " ".join(words)


def _number(value: float) -> str:
    return f"{max(min(value, 1e300), -1e300):.10g}"
