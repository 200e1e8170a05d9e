"""A design: read from YAML, held against its catalogue, every mistake with its line.

Where grades are made no YAML is read: a design comes there as plain data, and :func:`checked` holds
that against the same catalogue.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from worksample.workbook.design.catalogue import WORDS, Catalogue, Kind

NAME = re.compile(r"[a-z][a-z0-9_-]{0,23}")
LARGEST = 20_000  # characters of a design


class Rules(Protocol):
    """What designs are held against: a catalogue, and what a catalogue cannot say."""

    @property
    def catalogue(self) -> Catalogue:
        """The kinds of components."""

    def read(self, text: Any) -> Read:
        """A design from YAML, or its mistakes."""

    def checked(self, data: Any) -> Read:
        """The same from plain data."""


@dataclass(frozen=True)
class Problem:
    """One mistake: what and, where it is known, in which line."""

    what: str
    line: int = 0

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}" if self.line else self.what


@dataclass(frozen=True)
class Component:
    """One part of a design.

    Attributes:
        id: its name in the design.
        kind: its kind's name.
        settings: name -> value, those left out with their defaults.
        to: ids of what it is joined to.
        because: the author's remark: which product, and why.
    """

    id: str
    kind: str
    settings: Mapping[str, Any]
    to: tuple[str, ...] = ()
    because: str = ""


@dataclass(frozen=True)
class Design:
    """Components by id, in the order in which they were written."""

    components: Mapping[str, Component]

    def of(self, kind: str) -> list[Component]:
        """All components of a kind."""
        return [each for each in self.components.values() if each.kind == kind]

    def one(self, kind: str) -> Component | None:
        """The component of a kind of which there is at most one."""
        return next(iter(self.of(kind)), None)

    def reached(self, start: str) -> set[str]:
        """Ids that can be reached from one component, itself left out unless there is a circle."""
        found: set[str] = set()
        ahead = list(self.components[start].to)
        while ahead:
            name = ahead.pop()
            if name not in found:
                found.add(name)
                ahead += self.components[name].to
        return found

    def plain(self) -> dict[str, Any]:
        """As plain data, every setting written out: what is recorded, and compared."""
        return {
            "components": {
                each.id: {
                    "kind": each.kind,
                    **each.settings,
                    **({"to": list(each.to)} if each.to else {}),
                    **({"because": each.because} if each.because else {}),
                }
                for each in self.components.values()
            }
        }


@dataclass(frozen=True)
class Read:
    """A design, or the mistakes that keep it from being one."""

    design: Design | None
    problems: tuple[Problem, ...] = ()

    @property
    def complaint(self) -> str:
        """All mistakes, one a line; empty if there are none."""
        return "\n".join(map(str, self.problems))


def read(text: Any, catalogue: Catalogue) -> Read:
    """A design from YAML. It never raises: what is wrong is told, with its line."""
    if not isinstance(text, str):
        return _wrong(f"a design is text in YAML, not {type(text).__name__}")
    if len(text) > LARGEST:
        return _wrong(f"a design has at most {LARGEST} characters")
    import yaml

    try:
        # aliases first: what they expand to could be any size
        if any(isinstance(e, yaml.AliasEvent) for e in yaml.parse(text, Loader=yaml.SafeLoader)):
            return _wrong("write components out: aliases (*name) are not read")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except Exception as error:  # a tag may ask for a date, a number: each raises what it likes
        mark = getattr(error, "problem_mark", None)
        told = getattr(error, "problem", None) or "this cannot be read"
        return _wrong(f"this is no YAML: {told}", mark.line + 1 if mark else 0)
    lines: dict[tuple[str, ...], int] = {}
    doubled = _lines(tree, (), lines) if tree is not None else []
    if doubled:
        return Read(None, tuple(doubled))
    return checked(data, catalogue, lines)


def checked(
    data: Any, catalogue: Catalogue, lines: Mapping[tuple[str, ...], int] | None = None
) -> Read:
    """A design from plain data, held against its catalogue. It never raises.

    Args:
        data: of any shape.
        lines: path of keys -> line, where the data come from a text.
    """
    checking = _Checking(catalogue, lines or {})
    components = checking.components(data)
    if checking.problems:
        return Read(None, tuple(checking.problems))
    return Read(Design(components))


def as_yaml(data: Mapping[str, Any]) -> str:
    """A design's plain data as a person would write it: a setting a line."""
    lines = ["components:"]
    for name, part in data["components"].items():
        lines.append(f"  {name}:")
        lines += [f"    {key}: {_written(value)}" for key, value in part.items()]
    return "\n".join(lines) + "\n"


def _written(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, str):
        return value if NAME.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(round(value, 4))
    return str(value)


def _wrong(what: str, line: int = 0) -> Read:
    return Read(None, (Problem(what, line),))


def _lines(node: Any, path: tuple[str, ...], into: dict[tuple[str, ...], int]) -> list[Problem]:
    """Notes the line of every key; what stands twice is a mistake that YAML would not tell."""
    found = []
    if isinstance(node.value, list) and node.tag.endswith(":map"):
        for key, value in node.value:
            place = (*path, str(key.value))
            if place in into:
                what = f"{key.value!r} stands twice, first in line {into[place]}"
                found.append(Problem(what, key.start_mark.line + 1))
            into[place] = key.start_mark.line + 1
            found += _lines(value, place, into)
    return found


@dataclass
class _Checking:
    """One pass over a design's data; mistakes gather in ``problems``."""

    catalogue: Catalogue
    lines: Mapping[tuple[str, ...], int]
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, what: str, *path: str) -> None:
        known = (self.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.lines)
        self.problems.append(Problem(what, next(known, 0)))

    def components(self, data: Any) -> dict[str, Component]:
        given = data.get("components") if isinstance(data, dict) else None
        if not isinstance(given, dict) or not given:
            self.wrong("a design begins with `components:` and has at least one below it")
            return {}
        for name in data.keys() - {"components"}:
            self.wrong(f"{name!r} is not known here; there is only `components`", str(name))
        if len(given) > self.catalogue.components:
            self.wrong(f"a design has at most {self.catalogue.components} components")
            return {}
        made = {name: part for name, raw in given.items() if (part := self.component(name, raw))}
        if not self.problems:
            self.joined(made)
            self.counted(made)
        return made

    def component(self, name: Any, raw: Any) -> Component | None:
        path = ("components", str(name))
        if not isinstance(name, str) or not NAME.fullmatch(name):
            what = "names have small letters, digits, - and _, a letter first, 24 at most"
            self.wrong(f"{str(name)[:40]!r}: {what}", *path)
            return None
        kind = self.catalogue.kinds.get(_text(raw, "kind"))
        if kind is None:
            kinds = ", ".join(self.catalogue.kinds)
            self.wrong(f"{name}: `kind:` is one of {kinds}", *path, "kind")
            return None
        settings = dict(self.settings(name, raw, kind))
        because = raw.get("because") or ""
        if not isinstance(because, str) or len(because) > WORDS:
            self.wrong(f"{name}: `because` is a text of at most {WORDS} characters", *path)
            because = ""
        return Component(name, raw["kind"], settings, self.targets(name, raw, kind), because)

    def settings(self, name: str, raw: dict[str, Any], kind: Kind) -> Iterator[tuple[str, Any]]:
        for key in raw:
            if key not in kind.settings and key not in ("kind", "to", "because"):
                known = ", ".join(kind.settings) or "none"
                what = f"{name}: a {raw['kind']} has no setting {str(key)[:40]!r} (it has: {known})"
                self.wrong(what, "components", name, str(key))
        for key, setting in kind.settings.items():
            value = raw.get(key, setting.default)
            if value is None:
                self.wrong(f"{name}: `{key}` is missing: {setting.text}", "components", name)
            elif problem := setting.problem(value):
                self.wrong(f"{name}: `{key}` is {problem}", "components", name, key)
            else:
                yield key, value

    def targets(self, name: str, raw: dict[str, Any], kind: Kind) -> tuple[str, ...]:
        to = raw.get("to") or []
        right = isinstance(to, list) and all(isinstance(each, str) for each in to)
        if not right or len(set(to)) != len(to):
            self.wrong(f"{name}: `to` is a list of other components", "components", name, "to")
            return ()
        return tuple(to)

    def joined(self, made: Mapping[str, Component]) -> None:
        for each in made.values():
            allowed = self.catalogue.kinds[each.kind].to
            for name in each.to:
                path = ("components", each.id, "to")
                if name not in made:
                    self.wrong(f"{each.id}: there is no component {name[:40]!r} to join", *path)
                elif made[name].kind not in allowed:
                    what = f"a {each.kind} is joined to {' or '.join(allowed) or 'nothing'}"
                    self.wrong(f"{each.id}: {what}, and {name} is a {made[name].kind}", *path)

    def counted(self, made: Mapping[str, Component]) -> None:
        for name, kind in self.catalogue.kinds.items():
            count = sum(each.kind == name for each in made.values())
            if not kind.least <= count <= kind.most:
                wanted = f"{kind.least}" if kind.least == kind.most else f"at most {kind.most}"
                wanted = f"at least {kind.least}" if count < kind.least else wanted
                self.wrong(f"a design has {wanted} of the kind {name}; this one has {count}")


def _text(raw: Any, key: str) -> str:
    value = raw.get(key) if isinstance(raw, dict) else None
    return value if isinstance(value, str) else ""
