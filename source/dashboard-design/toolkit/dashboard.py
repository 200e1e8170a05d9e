"""``dashboard.yaml``: read, and every mistake in it said in one line that names the place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from .queries import ALL, AROUND, OVER, READS, Query

SEVERITIES = ("page", "ticket")
WAITS = {"6h": 1, "12h": 2, "1d": 4, "2d": 8, "3d": 12}
PANEL = ("title", "metric", "segment", "over", "band", "around", "axis", "screen")
ALERT = ("name", "metric", "segment", "over", "band", "around", "for", "severity", "action")
ANSWER = ("panel", "read")
MOST_TEXT = 200


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
        axis: ends of the vertical axis; None: drawn to fit the history.
        screen: 1: seen without scrolling; 2: below.
    """

    title: str
    query: Query
    axis: tuple[float, float] | None = None
    screen: int = 1


@dataclass(frozen=True)
class Alert:
    """It fires when the query has been out of its band for ``wait`` steps."""

    name: str
    query: Query
    wait: int
    severity: str
    action: str


@dataclass(frozen=True)
class Answer:
    """Where a stakeholder's question is answered."""

    panel: str
    read: str


@dataclass(frozen=True)
class Dashboard:
    """Everything that could be read, in the order in which it stands there."""

    panels: tuple[Panel, ...] = ()
    alerts: tuple[Alert, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)

    @property
    def first(self) -> tuple[Panel, ...]:
        """The panels of the first screen."""
        return tuple(panel for panel in self.panels if panel.screen == 1)


class Mistake(ValueError):
    """Something in the document cannot be read; the text says where and what to write."""


@dataclass(frozen=True)
class Known:
    """What a dashboard of this case may name."""

    metrics: frozenset[str]
    segmented: frozenset[str]
    segments: tuple[str, ...]
    questions: tuple[str, ...]


def parsed(text: Any) -> Any:
    """The YAML document as plain data; a dictionary is taken as it is.

    Raises:
        Mistake: it is no YAML.
    """
    if not isinstance(text, str):
        return text
    import yaml

    try:
        return yaml.safe_load(text)
    except Exception as problem:  # also what looks like a date and is none, and the like
        mark = getattr(problem, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "the text"
        told = getattr(problem, "problem", None) or problem
        raise Mistake(f"{where}: this is no YAML ({told})") from None


def read(document: Any, known: Known) -> tuple[Dashboard, list[str]]:
    """The dashboard of all that can be read, and a sentence for everything that cannot."""
    if not isinstance(document, Mapping):
        return Dashboard(), ["the document should have the keys panels, alerts and answers"]
    wrong = [f"there is no key {key!r}" for key in document if key not in _TOP]
    panels = _each(document.get("panels"), "panels", _panel, known, wrong)
    alerts = _each(document.get("alerts"), "alerts", _alert, known, wrong)
    _doubles(panels, "title", wrong)
    _doubles(alerts, "name", wrong)
    answers = _answers(document.get("answers"), {p.title for p in panels}, known, wrong)
    return Dashboard(tuple(panels), tuple(alerts), answers), wrong


_TOP = ("panels", "alerts", "answers")


def _each(found: Any, name: str, make: Any, known: Known, wrong: list[str]) -> list[Any]:
    if found is None:
        return []
    if not isinstance(found, Sequence) or isinstance(found, str):
        wrong.append(f"{name} should be a list: lines that begin with '-'")
        return []
    made = []
    for place, entry in enumerate(found, 1):
        try:
            made.append(make(entry, known))
        except Mistake as mistake:
            wrong.append(f"{name}, entry {place}: {mistake}")
    return made


def _doubles(found: list[Any], field_: str, wrong: list[str]) -> None:
    names = [getattr(each, field_) for each in found]
    for name in sorted({n for n in names if names.count(n) > 1}):
        wrong.append(f"two entries have the {field_} {name!r}")


def _panel(entry: Any, known: Known) -> Panel:
    entry = _fields(entry, PANEL)
    axis = entry.get("axis")
    if axis is not None:
        axis = _pair(axis, "axis", least=False)
    screen = entry.get("screen", 1)
    if screen not in (1, 2) or isinstance(screen, bool):
        raise Mistake("screen should be 1 or 2")
    return Panel(_text(entry, "title"), _query(entry, known), axis, screen)


def _alert(entry: Any, known: Known) -> Alert:
    entry = _fields(entry, ALERT)
    severity = _choice(entry.get("severity", "page"), "severity", SEVERITIES)
    wait = WAITS[_choice(entry.get("for", "6h"), "for", tuple(WAITS))]
    query = _query(entry, known)
    if query.band == (None, None):
        raise Mistake("an alert needs a band: [least, largest], null where there is no limit")
    return Alert(_text(entry, "name"), query, wait, severity, str(entry.get("action") or ""))


def _answers(found: Any, titles: set[str], known: Known, wrong: list[str]) -> dict[str, Answer]:
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        wrong.append("answers should be a mapping: q1: {panel: …, read: …}")
        return {}
    made = {}
    for name, entry in found.items():
        try:
            _choice(name, "the question", known.questions)
            entry = _fields(entry, ANSWER)
            if _text(entry, "panel") not in titles:
                raise Mistake(f"no panel has the title {entry['panel']!r}")
            made[name] = Answer(entry["panel"], _choice(entry.get("read"), "read", READS))
        except Mistake as mistake:
            wrong.append(f"answers, {name}: {mistake}")
    return made


def _query(entry: Mapping[str, Any], known: Known) -> Query:
    metric = _text(entry, "metric")
    if metric not in known.metrics:
        raise Mistake(f"{metric!r} is not in the catalogue")
    segment = _choice(entry.get("segment", ALL), "segment", (ALL, *known.segments))
    if segment != ALL and metric not in known.segmented:
        raise Mistake(f"{metric} is not collected by segment")
    over = _choice(entry.get("over", "6h"), "over", tuple(OVER))
    around = _choice(entry.get("around", "zero"), "around", AROUND)
    band = _pair(entry.get("band", [None, None]), "band", least=True)
    return Query(metric, segment, over, band, around)


def _fields(entry: Any, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise Mistake(f"write fields such as {known[0]}: …")
    for name in entry:
        if name not in known:
            raise Mistake(f"there is no field {name!r}; there are: {', '.join(known)}")
    return entry


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= MOST_TEXT:
        raise Mistake(f"{name} should be 1 to {MOST_TEXT} characters of text")
    return value


def _choice(value: Any, name: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise Mistake(f"{name} should be one of {', '.join(known)}, not {value!r}")
    return str(value)


def _pair(value: Any, name: str, least: bool) -> Any:
    """Two ends in order; ``least``: either may be open."""
    value = value.tolist() if hasattr(value, "tolist") else value  # an array of numpy
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        more = isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 2
        comma = " with a decimal point, not a comma" if more else ""
        raise Mistake(f"{name} should be two numbers{comma}: [least, largest]")
    low, high = (_number(end, name) for end in value)
    if least:  # no limit is written as null, and by some as infinity
        low, high = (None if low == -math.inf else low), (None if high == math.inf else high)
    for end in (low, high):
        if not (least and end is None) and not (end is not None and math.isfinite(end)):
            raise Mistake(f"{name} should be two numbers: [least, largest]")
    if low is not None and high is not None and low >= high:
        raise Mistake(f"{name}: the first number should be the smaller one")
    return (low, high)


def _number(end: Any, name: str) -> float | None:
    """A number, also as text with a typographic minus or a decimal comma."""
    if end is None or (isinstance(end, Real) and not isinstance(end, bool)):
        return None if end is None else float(end)
    try:
        return float(end.replace("\N{MINUS SIGN}", "-").replace(",", "."))
    except (AttributeError, ValueError):
        raise Mistake(f"{name} should be two numbers: [least, largest]") from None


def plain(board: Dashboard) -> dict[str, Any]:
    """The document that reads as this dashboard: what is recorded."""

    def query(each: Query) -> dict[str, Any]:
        return {
            "metric": each.metric,
            "segment": each.segment,
            "over": each.over,
            "band": list(each.band),
            "around": each.around,
        }

    waits = {steps: name for name, steps in WAITS.items()}
    return {
        "panels": [
            {
                "title": p.title,
                **query(p.query),
                **({"axis": list(p.axis)} if p.axis else {}),
                "screen": p.screen,
            }
            for p in board.panels
        ],
        "alerts": [
            {
                "name": a.name,
                **query(a.query),
                "for": waits[a.wait],
                "severity": a.severity,
                "action": a.action[:MOST_TEXT],
            }
            for a in board.alerts
        ],
        "answers": {name: {"panel": a.panel, "read": a.read} for name, a in board.answers.items()},
    }
