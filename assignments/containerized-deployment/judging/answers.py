"""What a service answered, against what is right; every byte of it is a stranger's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from worksample.kit.replies import parsed as parsed

CLOSE = 1e-6
LINES = 5_000


def is_right(given: Any, right: Mapping[str, Any], version: str) -> bool:
    """One answer: unit, probability, flag and version."""
    return (
        isinstance(given, dict)
        and given.get("unit") == right["unit"]
        and given.get("flag") is right["flag"]
        and given.get("model_version") == version
        and is_close(given.get("probability"), right["probability"])
    )


def is_close(value: Any, right: float) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value - right) <= CLOSE


def singles(exchanges: Sequence[Any], right: Sequence[Mapping[str, Any]], version: str) -> float:
    """Share of single answers that are right; those that never came are not."""
    good = sum(
        each.status == 200 and is_right(parsed(each.body), want, version)
        for each, want in zip(exchanges, right, strict=False)
    )
    return good / len(right)


def batch(exchange: Any, right: Sequence[Mapping[str, Any]], version: str) -> float:
    """Share of a batch's rows that are right, in their order."""
    said = parsed(exchange.body) if exchange.status == 200 else None
    found = said.get("predictions") if isinstance(said, dict) else None
    if not isinstance(found, list) or len(found) != len(right):
        return 0.0
    pairs = zip(found, right, strict=True)
    return sum(is_right(given, want, version) for given, want in pairs) / len(right)


def refused(exchanges: Sequence[Any], codes: range | tuple[int, ...] = range(400, 500)) -> float:
    """Share that was answered with one of those codes."""
    return sum(each.status in codes for each in exchanges) / max(len(exchanges), 1)


def records(log: bytes) -> list[dict[str, Any]]:
    """The lines that are records; of others, nothing is said."""
    lines = [parsed(line) for line in log.splitlines()[:LINES] if line.lstrip()[:1] == b"{"]
    return [line for line in lines if isinstance(line, dict) and "probability" in line]
