"""Row and remedy builders: choose from fields, get the line of code that goes into the cell.

The line is what counts; the fields only put it together and show at once what it does.
"""

from __future__ import annotations

import html
import json
from typing import Any

import ipywidgets as widgets
import pandas as pd
from IPython.core.getipython import get_ipython

from worksample.workbook import with_own_keys

from . import remedies, rows
from .incident import load
from .metrics import value_of
from .replaying import replayed

OPEN = "(not used)"
TESTS = ("is", "at least", "at most", "missing", "present", "repeats", "differs from")


def _field(description: str, options: Any = None, value: Any = None) -> Any:
    style = {"description_width": "auto"}
    layout = widgets.Layout(width="auto", margin="2px 14px 2px 0")
    if options is None:
        return widgets.Text(description=description, style=style, layout=layout, value=value or "")
    return widgets.Dropdown(
        description=description, options=options, value=value, style=style, layout=layout
    )


def literal(text: str, column: str = "") -> str:
    """What was typed into a field as Python: numbers, dates and words; commas make a list."""
    words = bool(column) and not pd.api.types.is_numeric_dtype(load().log[column])
    parts = [part.strip() for part in text.split(",") if part.strip()]
    shown = [
        part if _number(part) and not words else json.dumps(part, ensure_ascii=False)
        for part in parts
    ]
    return shown[0] if len(shown) == 1 else "[" + ", ".join(shown) + "]"


def _number(text: str) -> bool:
    return pd.notna(pd.to_numeric(text, errors="coerce")) and text.lower() not in ("nan", "inf")


class RowBuilder:
    """Up to three conditions on columns, and a time; ``line()`` is the call of ``where``."""

    def __init__(self) -> None:
        log = load().log
        columns = [name for name in log.columns if name not in ("served_at", "row")]
        days = sorted({str(day)[:10] for day in log["served_at"]})
        self.since = _field("served from", [(OPEN, ""), *((d, d) for d in days)], "")
        self.until = _field("served before", [(OPEN, ""), *((d, d) for d in days)], "")
        self.conditions = [
            (
                _field(f"column {place}", [(OPEN, ""), *((c, c) for c in columns)], ""),
                _field("test", TESTS, "is"),
                _field("value", None),
            )
            for place in (1, 2, 3)
        ]
        self.shown = widgets.HTML()
        for field in (self.since, self.until, *(f for c in self.conditions for f in c)):
            field.observe(self._changed, "value")

    def line(self) -> str:
        """The call that the fields stand for."""
        first = [
            f'{name}="{field.value}"'
            for name, field in (("since", self.since), ("until", self.until))
            if field.value
        ]
        calls, others = [first] if first else [], []
        for column, test, value in self.conditions:
            if column.value and test.value == "repeats":
                others.append(f'repeated(by="{column.value}")')
            elif column.value and test.value == "differs from" and value.value:
                others.append(f'differs("{column.value}", "{value.value.strip()}")')
            elif column.value and (wanted := _wanted(column.value, test.value, value.value)):
                _put(calls, column.value, wanted)
        parts = [f"where({', '.join(given)})" for given in calls] + others
        if len(parts) < 2:
            return parts[0] if parts else "everything"
        return f"both({', '.join(parts)})"

    def test(self) -> rows.RowTest:
        """The function that the line gives."""
        # the line holds only names of this module's and literals put together above
        return eval(self.line(), {"__builtins__": {}}, vars(rows))

    def _changed(self, _change: Any = None) -> None:
        self.shown.value = _code("affected", self.line()) + f"<p role='status'>{self._effect()}</p>"

    def _effect(self) -> str:
        log = load().log
        try:
            marked = self.test()(log)
        except (TypeError, ValueError, KeyError, SyntaxError) as problem:
            return f"That does not fit the column: {html.escape(str(problem))}"
        inside = log[marked]
        if not len(inside):
            return "No row of the log is like that."
        first, last = inside["served_at"].min(), inside["served_at"].max()
        return (
            f"{len(inside):,} of {len(log):,} rows, first {str(first)[:10]}, "
            f"last {str(last)[:10]}; their AUC {value_of(inside, 'auc'):.3f}."
        )

    def widget(self) -> widgets.VBox:
        """The fields, the line, what it does to the log."""
        self._changed()
        lines = [
            widgets.HBox(c, layout=widgets.Layout(flex_flow="row wrap")) for c in self.conditions
        ]
        return with_own_keys([widgets.HBox([self.since, self.until]), *lines, self.shown])

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return _bundle(self.widget(), self.line(), kwargs)


def _put(calls: list[list[str]], column: str, wanted: str) -> None:
    """Add a condition to the first call of ``where`` that has none for the column yet."""
    for given in calls:
        if not any(condition.startswith(f"{column}=") for condition in given):
            given.append(f"{column}={wanted}")
            return
    calls.append([f"{column}={wanted}"])


def _wanted(column: str, test: str, value: str) -> str:
    if test in ("missing", "present"):
        return f"{test}()"
    if not value.strip():
        return ""
    typed = literal(value, column)
    return typed if test == "is" else f"{test.replace(' ', '_')}({typed})"


KINDS = {  # in words -> (function, fields that it needs)
    "change the unit: column × factor + constant": ("rescale", ("column", "multiply", "add")),
    "call a value missing": ("as_missing", ("column",)),
    "write another value": ("set_column", ("column", "value")),
    "take the value from other rows of the same origin and hour": ("borrow", ("column",)),
    "rename values (several: a, b to c, d)": ("remap", ("column", "from", "to")),
    "use another model version": ("roll_back", ("version",)),
    "use another preprocessing version": ("use_preprocessing", ("version",)),
    "score again with the logged versions": ("score_again", ()),
    "use another threshold": ("set_threshold", ("value",)),
    "keep the first of repeated rows": ("drop_duplicates", ("column",)),
    "join each row with its own trip's outcome": ("join_again", ()),
    "leave out outcomes that were never reported": ("as_not_reported", ()),
    "leave out the newest outcomes": ("wait_for_labels", ("days",)),
    "train again on rows since a day": ("retrain", ("day",)),
}
NO_ROWS = ("drop_duplicates", "as_not_reported", "wait_for_labels")


def _names(value: dict[str, str]) -> str:
    old, new = (
        [literal(part, value["column"]) for part in value[name].split(",") if part.strip()]
        for name in ("from", "to")
    )
    return "{" + ", ".join(f"{a}: {b}" for a, b in zip(old, new, strict=False)) + "}"


def _sum(text: str) -> str:
    """A number, or a sum such as 1/60 or -32/1.8, as typed."""
    return text.strip() if set(text) <= set("0123456789.+-*/() ") else literal(text)


class RemedyBuilder:
    """A kind of remedy and what it needs; ``line()`` is the call of the ready-made remedy."""

    def __init__(self) -> None:
        log = load().log
        self.kind = _field("remedy", list(KINDS), next(iter(KINDS)))
        self.rows = _field("on the rows", [("all", ""), ("affected", "affected")], "")
        self.fields = {
            "column": _field("column", [c for c in log.columns if c != "row"], "prediction_id"),
            **{name: _field(name) for name in ("multiply", "add", "value", "from", "to")},
            **{name: _field(name) for name in ("version", "days", "day")},
        }
        self.button = widgets.Button(description="Try it on the log")
        self.button.on_click(self._try)
        self.shown, self.effect = widgets.HTML(), widgets.HTML()
        for field in (self.kind, self.rows, *self.fields.values()):
            field.observe(self._changed, "value")

    def line(self) -> str:
        """The call that the fields stand for."""
        function, wanted = KINDS[self.kind.value]
        value = {name: self.fields[name].value for name in wanted}
        given = [literal(value[name]) for name in wanted if value.get(name)]
        if function == "remap":
            given = [json.dumps(value["column"]), _names(value)]
        if function == "rescale":
            given = [json.dumps(value["column"])]
            given += [f"{n}={_sum(value[n])}" for n in ("multiply", "add") if value[n]]
        if function == "borrow":
            given.append("among=not_in(affected)")
        if self.rows.value and function not in NO_ROWS:
            given.append("where=affected")
        return f"{function}({', '.join(given)})"

    def _changed(self, _change: Any = None) -> None:
        function, wanted = KINDS[self.kind.value]
        for name, field in self.fields.items():
            field.layout.display = None if name in wanted else "none"
        self.rows.layout.display = "none" if function in NO_ROWS else None
        self.shown.value, self.effect.value = _code("remediate", self.line()), ""

    def _try(self, _button: Any = None) -> None:
        known = {**vars(rows), **vars(remedies), "affected": _affected()}
        log = load().log
        try:
            after = replayed(eval(self.line(), {"__builtins__": {}}, known), log)
        except Exception as problem:  # whatever an unfinished line raises is shown to its writer
            self.effect.value = f"<p role='status'>Not yet: {html.escape(str(problem))}</p>"
            return
        middle = log["served_at"].min() + (log["served_at"].max() - log["served_at"].min()) / 2
        figures = [
            f"{name} {value_of(log[log.served_at >= middle], name):.3f} → "
            f"{value_of(after[after.served_at >= middle], name):.3f}"
            for name in ("auc", "log_loss", "precision", "recall", "late_rate")
        ]
        self.effect.value = (
            f"<p role='status'>Second half of the log: {', '.join(figures)}; "
            f"{int(after['rescored'].sum()):,} rows scored again, "
            f"{len(log) - len(after):,} left out.</p>"
        )

    def widget(self) -> widgets.VBox:
        """The fields, the line, a button that tries it."""
        self._changed()
        fields = widgets.HBox(
            [*self.fields.values(), self.rows], layout=widgets.Layout(flex_flow="row wrap")
        )
        return with_own_keys([self.kind, fields, self.shown, self.button, self.effect])

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return _bundle(self.widget(), self.line(), kwargs)


def _affected() -> rows.RowTest:
    """The notebook's own ``affected``, or every row as long as there is none."""
    shell = get_ipython()
    return shell.user_ns.get("affected", rows.everything) if shell else rows.everything


def _code(name: str, line: str) -> str:
    return f"<p>for the cell: <code>{html.escape(f'{name} = {line}')}</code></p>"


def _bundle(widget: widgets.Widget, line: str, kwargs: Any) -> Any:
    bundle = widget._repr_mimebundle_(**kwargs)
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    return {**data, "text/html": f"<code>{html.escape(line)}</code>", "text/plain": line}


def build_rows() -> RowBuilder:
    """Fields that put a ``where(...)`` line together."""
    return RowBuilder()


def build_remedy() -> RemedyBuilder:
    """Fields that put a remedy together."""
    return RemedyBuilder()
