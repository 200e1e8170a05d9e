"""The incident explorer: the views behind a few fields, every view with its line of code.

Keyboard: Tab moves between the fields, arrows change them. Read without a kernel, the notebook
shows the last view as it was when the cell ran.
"""

from __future__ import annotations

import html
from typing import Any

import ipywidgets as widgets

from worksample.workbook import with_own_keys

from . import views
from .incident import load
from .metrics import METRICS

HIDDEN = ("prediction_id", "trip_key", "reported_trip_key", "served_at", "row", "label_age_days")
KINDS = {
    "Timeline with the change log": "timeline",
    "Slices: a metric by group, before and after": "slice_by",
    "A column, before and after": "compare",
    "System metrics by host": "system",
}


class Explorer:
    """Choose a view, a metric, a column and a day; see the picture, its table, its code."""

    def __init__(self) -> None:
        log = load().log
        columns = [name for name in log.columns if name not in HIDDEN]
        groups = [name for name in columns if log[name].nunique() <= views.GROUPS]
        days = [str(day.date()) for day in sorted(log["served_at"].dt.normalize().unique())]
        system = [c for c in load().system.columns if c not in ("at", "host")]
        self.kind = _choice("View", list(KINDS.items()), "timeline")
        self.metric = _choice("Metric", [(m.title, m.name) for m in METRICS.values()], "auc")
        self.by = _choice("By", columns, groups[0])
        self.column = _choice("Column", columns, columns[-1])
        self.split = _choice("For each", [("all rows", ""), *((g, g) for g in groups)], "")
        self.since = _choice("After = from", days, views.middle())
        self.system = _choice("Figure", system, system[0])
        self.shown = widgets.HTML()
        self.view = self.draw()
        for field in self._fields():
            field.observe(self._changed, "value")

    def _fields(self) -> tuple[widgets.Dropdown, ...]:
        every = (self.kind, self.metric, self.by, self.column, self.split, self.since, self.system)
        return every

    def draw(self) -> views.View:
        """The chosen view."""
        if self.kind.value == "timeline":
            return views.timeline(self.metric.value)
        if self.kind.value == "slice_by":
            return views.slice_by(self.by.value, self.metric.value, self.since.value)
        if self.kind.value == "compare":
            return views.compare(self.column.value, self.since.value, self.split.value or None)
        return views.system(self.system.value)

    def _changed(self, _change: Any = None) -> None:
        needed = {
            "timeline": (self.metric,),
            "slice_by": (self.metric, self.by, self.since),
            "compare": (self.column, self.since, self.split),
            "system": (self.system,),
        }[self.kind.value]
        for field in self._fields()[1:]:
            field.layout.display = None if field in needed else "none"
        self.view = self.draw()
        text = self.view._repr_html_() + (_entries() if needed == (self.metric,) else "")
        self.shown.value = f"<div class='jp-RenderedHTMLCommon'>{text}</div>"  # as in a plain cell

    def widget(self) -> widgets.VBox:
        """The fields in one line, the view below."""
        self._changed()
        fields = widgets.HBox(self._fields(), layout=widgets.Layout(flex_flow="row wrap"))
        return with_own_keys([fields, self.shown])

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = self.widget()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**data, "text/html": self.view._repr_html_(), "text/plain": repr(self.view)}


def _choice(description: str, options: Any, value: Any) -> widgets.Dropdown:
    return widgets.Dropdown(
        description=description,
        options=options,
        value=value,
        style={"description_width": "auto"},
        layout=widgets.Layout(width="auto", margin="2px 18px 2px 0"),
    )


def _entries() -> str:
    rows = "".join(
        f"<tr><td>{html.escape(str(row.entry))}</td><td>{row.at:%Y-%m-%d %H:%M}</td>"
        f"<td style='text-align:left'>{html.escape(str(row.text))}</td></tr>"
        for row in load().changes.itertuples()
    )
    return f"<details><summary>The change log</summary><table>{rows}</table></details>"


def explore() -> Explorer:
    """The incident explorer; ``timeline``, ``slice_by``, ``compare``, ``system`` in one place."""
    return Explorer()
