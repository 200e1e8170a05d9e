"""The dashboard as JSON that Grafana imports, with queries for a Prometheus data source.

After Grafana's dashboard model, schema version 39. A metric ``auc.stream`` becomes the series
``auc`` with the label ``collector``; the segment is a label too. What is usual at an hour of the
week comes from a recording rule, ``usual:auc``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .case import Case
from .dashboard import Dashboard, Panel
from .queries import ALL, Query
from .writing import understood

ACROSS, WIDTH, HEIGHT = 3, 8, 8
UNITS = {"ms": "ms", "%": "percent", "h": "h", "per hour": "short", "index": "none"}
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def expression(query: Query) -> str:
    """The query in PromQL."""
    series = _series(query)
    over = f"avg_over_time({series}[{query.over}])" if query.over != "6h" else series
    return f"{over} - usual:{series}" if query.around == "usual" else over


def _series(query: Query) -> str:
    name, collector = query.metric.split(".", 1)
    segment = f', segment="{query.segment}"' if query.segment != ALL else ""
    return f'{name}{{collector="{collector}"{segment}}}'


def as_grafana(case: Case, board: Dashboard) -> dict[str, Any]:
    """The dashboard in Grafana's own form: first screen, then a row with the second."""
    panels: list[dict[str, Any]] = []
    top = 0
    for screen in (1, 2):
        own = [panel for panel in board.panels if panel.screen == screen]
        if own and screen == 2:
            panels.append(_row(len(panels) + 1, top))
            top += 1
        for place, panel in enumerate(own):
            at = {"x": WIDTH * (place % ACROSS), "y": top + HEIGHT * (place // ACROSS)}
            panels.append(_panel(case, panel, len(panels) + 1, at))
        top += HEIGHT * -(-len(own) // ACROSS)
    return {
        "title": "Model in service",
        "uid": "model-in-service",
        "schemaVersion": 39,
        "tags": ["model monitoring"],
        "time": {"from": "now-21d", "to": "now"},
        "timezone": "utc",
        "refresh": "5m",
        "templating": {
            "list": [{"type": "datasource", "name": "datasource", "query": "prometheus"}]
        },
        "panels": panels,
    }


def _row(number: int, top: int) -> dict[str, Any]:
    place = {"h": 1, "w": WIDTH * ACROSS, "x": 0, "y": top}
    return {
        "id": number, "type": "row", "title": "Below", "collapsed": False, "gridPos": place,
        "panels": [],
    }  # fmt: skip


def _panel(case: Case, panel: Panel, number: int, at: dict[str, int]) -> dict[str, Any]:
    units = case.catalogue.set_index("metric")["unit"]
    low, high = panel.query.band
    steps: list[dict[str, Any]] = [{"color": "red" if low is not None else "green", "value": None}]
    steps += [{"color": "green", "value": low}] if low is not None else []
    steps += [{"color": "red", "value": high}] if high is not None else []
    defaults: dict[str, Any] = {
        "unit": UNITS.get(units[panel.query.metric], "none"),
        "thresholds": {"mode": "absolute", "steps": steps},
        "custom": {"thresholdsStyle": {"mode": "area"}},
    }
    if panel.axis and panel.query.around == "zero":
        defaults |= {"min": panel.axis[0], "max": panel.axis[1]}
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": {"h": HEIGHT, "w": WIDTH, **at},
        "targets": [{"refId": "A", "datasource": SOURCE, "expr": expression(panel.query)}],
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False,
                       "calcs": []},
            "tooltip": {"mode": "single", "sort": "none"},
        },
    }  # fmt: skip


def save_grafana(case: Case, panels: Any, path: str = "dashboard.json") -> str:
    """Write the dashboard for Grafana beside the notebook and return the file's name."""
    board, wrong = understood(case, panels=panels)
    if wrong:
        raise ValueError("; ".join(wrong))
    Path(path).write_text(json.dumps(as_grafana(case, board), indent=1) + "\n", "utf-8")
    return path
