"""What a candidate's tree says of its own monitoring, read within bounds."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

from worksample.workbook.metrics.promtool import MAX_QUERY

QUERIES = ("answered", "rejected", "failed", "slow", "score", "filled", "drift", "accuracy")
PANELS = {
    "traffic": ("silence", "down"),
    "failures": ("errors",),
    "latency": ("slow",),
    "inputs": ("drift",),
    "missing": ("missing",),
    "realised": ("quality",),
}
# a question may be moved by another's trouble where that is in the nature of things
MAY_MOVE = {("inputs", "missing"), ("traffic", "errors")}
NAME, RULES, ROUTES = (
    "monitoring/monitoring.toml",
    "monitoring/rules.yml",
    "monitoring/alertmanager.yml",
)
MAX_BYTES = 64 << 10


def queries(tree: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """``queries`` and ``panels``: name -> PromQL; what cannot be read is empty."""
    try:
        data = tree.get(NAME, b"")[:MAX_BYTES].decode("utf-8")
        given = tomllib.loads(data)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError):
        given = {}
    found: dict[str, dict[str, str]] = {}
    for table, names in (("queries", QUERIES), ("panels", tuple(PANELS))):
        rows = given.get(table)
        rows = rows if isinstance(rows, dict) else {}
        found[table] = {
            name: text.strip()
            for name in names
            if isinstance(text := rows.get(name), str) and 0 < len(text.strip()) <= MAX_QUERY
        }
    return found
