"""The decision trace: spread 100 points over hypotheses, name the next test.

``DecisionTrace("1", spread_1, next_test_1, HYPOTHESES)`` at the end of a cell draws number fields
(keyboard: Tab, arrows). What they hold is written into the cell's own text when the cell is run
again, as the plain dictionary that could have been typed there at once.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import ipywidgets as widgets

from worksample.workbook import celltext
from worksample.workbook.keys import with_own_keys

STEP = 5  # points per press of an arrow key


class Hypothesis(Protocol):
    """One possible explanation: an id for code, a title for people, the family it belongs to."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def family(self) -> str: ...


@dataclass
class _Kept:
    """What a trace's cell said and what its fields hold, since the kernel started."""

    written: tuple[dict[str, float], str]
    held: tuple[dict[str, float], str]
    at: str


_kept: dict[str, _Kept] = {}


class DecisionTrace:
    """A spread over hypotheses and the next test, as number fields; shown at the end of a cell.

    Args:
        name: which of the traces; the cell assigns ``spread_<name>`` and ``next_test_<name>``.
        spread: hypothesis id -> points; changed in place when the fields change.
        next_test: what to look at next, and what it would tell.
        hypotheses: those on offer, in order.
        at: when the cell was last changed; written by this widget.
        families: family -> heading; the family's own name where there is none.
    """

    def __init__(
        self,
        name: str | int,
        spread: dict[str, float],
        next_test: str,
        hypotheses: Sequence[Hypothesis],
        at: str = "",
        families: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.spread, self.hypotheses = str(name), spread, tuple(hypotheses)
        self.next_test, self.at, self.families = next_test, at, dict(families or {})
        self.message = self._meet_cell()
        self._fields: dict[str, widgets.BoundedFloatText] = {}

    def _meet_cell(self) -> str:
        """Bring the cell's text, the fields and what was kept of them together; say what was done.

        If the text is as it was and the fields have moved since, the fields win and the text is
        rewritten. Otherwise the text wins: somebody typed it.
        """
        text = (dict(self.spread), self.next_test)
        kept = _kept.get(self.name)
        moved = kept is not None and kept.written == text and kept.held != text
        if moved and kept is not None:
            self._assign(*kept.held)
        now = (dict(self.spread), self.next_test)
        changed = now[0] and (not self.at or moved or (kept is not None and kept.written != now))
        if changed:
            self.at = datetime.now().strftime("%Y-%m-%d %H:%M")
            self._write(moved)
        _kept[self.name] = _Kept(written=now, held=now, at=self.at)
        return "Written into the cell." if moved else ""

    def _assign(self, spread: dict[str, float], next_test: str) -> None:
        self.spread.clear()
        self.spread.update(spread)
        self.next_test = next_test
        shell = celltext.shell_here()
        if shell is not None:
            shell.user_ns[f"next_test_{self.name}"] = next_test

    def _write(self, moved: bool) -> None:
        """Put the time into the cell, and what the fields hold where that is not what it says."""
        source = celltext.running_source()
        if not source:
            return
        if moved:
            values = {
                f"spread_{self.name}": as_code(self.spread),
                f"next_test_{self.name}": json.dumps(self.next_test, ensure_ascii=False),
            }
            source = celltext.with_assignments(source, values)
        for function in ("DecisionTrace", "decision_trace"):
            source = celltext.with_keyword(source, function, "at", json.dumps(self.at))
        celltext.replace_running_cell(source)

    @property
    def total(self) -> float:
        """Points given so far."""
        return sum(self.spread.values())

    def _on_change(self, _change: Any = None) -> None:
        self.spread.clear()
        self.spread.update({k: f.value for k, f in self._fields.items() if f.value})
        self.next_test = self._next.value
        _kept[self.name].held = (dict(self.spread), self.next_test)
        self._refresh()

    def _refresh(self) -> None:
        kept = _kept[self.name]
        left = 100 - self.total
        given = "all 100 points given" if not left else f"{left:g} of 100 points left to give"
        if left < 0:
            given = f"{-left:g} points too many"
        state = (
            "as written in the cell"
            if kept.held == kept.written
            else "<b>not yet in the cell: press Shift+Enter to write it there</b>"
        )
        self._status.value = f"<div role='status' aria-live='polite'>{given} · {state}</div>"

    def widget(self) -> widgets.VBox:
        """The number fields, grouped by family, with the state above, where it stays in sight."""
        grid = widgets.GridBox(
            [self._family(family) for family in dict.fromkeys(h.family for h in self.hypotheses)],
            layout=widgets.Layout(
                grid_template_columns="repeat(auto-fit, minmax(min(470px, 100%), 1fr))",
                grid_gap="4px 28px",
            ),
        )
        self._next = widgets.Textarea(
            value=self.next_test,
            description="Next test",
            placeholder="What will you look at next, and what would it tell you?",
            rows=2,
            style={"description_width": "auto"},
            layout=widgets.Layout(width="98%", max_width="900px"),
        )
        self._next.observe(self._on_change, "value")
        self._status = widgets.HTML(self.message)
        self._refresh()
        return with_own_keys([grid, self._next], stays=self._status)

    def _family(self, family: str) -> widgets.VBox:
        rows = [self._field(h) for h in self.hypotheses if h.family == family]
        heading = html.escape(self.families.get(family, family))
        return widgets.VBox([widgets.HTML(f"<b>{heading}</b>"), *rows])

    def _field(self, hypothesis: Hypothesis) -> widgets.BoundedFloatText:
        field = widgets.BoundedFloatText(
            value=float(self.spread.get(hypothesis.id, 0)),
            min=0,
            max=100,
            step=STEP,
            description=hypothesis.title,
            tooltip=hypothesis.id,
            style={"description_width": "calc(100% - 80px)"},
            layout=widgets.Layout(width="100%", max_width="470px"),
        )
        field.observe(self._on_change, "value")
        self._fields[hypothesis.id] = field
        return field

    def as_html(self) -> str:
        """The spread as a plain table, for a notebook that is read without a kernel."""
        titles = {h.id: h.title for h in self.hypotheses}
        rows = "".join(
            f"<tr><td>{html.escape(titles.get(k, str(k)))}</td><td>{v:g}</td></tr>"
            for k, v in sorted(self.spread.items(), key=lambda item: -item[1])
        )
        head = "<tr><th scope='col'>Hypothesis</th><th scope='col'>Points</th></tr>"
        note = html.escape(self.next_test) or "not named"
        return f"<table>{head}{rows}</table><p>Next test: {note}</p>"

    def __repr__(self) -> str:
        return f"DecisionTrace({self.name}: {as_code(self.spread)}; next test: {self.next_test!r})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = self.widget()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**data, "text/html": self.as_html(), "text/plain": repr(self)}


def as_code(spread: Mapping[str, float]) -> str:
    """The dictionary as it would be typed, points without a needless ``.0``."""
    items = (f"{json.dumps(str(name))}: {points:g}" for name, points in spread.items())
    return "{" + ", ".join(items) + "}"


def unwritten() -> list[str]:
    """The traces whose fields were moved and not yet written into their cell."""
    return [name for name, kept in _kept.items() if kept.held != kept.written]


def noted(name: str | int, spread: Mapping[str, float], next_test: str) -> dict[str, Any]:
    """One trace as it is recorded: the spread, the next test, and when the cell was changed.

    Raises:
        AssertionError: the number fields hold something that the cell's text does not.
    """
    assert str(name) not in unwritten(), (
        f"the points of trace {name} are not in its cell yet: run that cell once more"
    )
    kept = _kept.get(str(name))
    return {"spread": spread, "next_test": next_test, "at": kept.at if kept else ""}
