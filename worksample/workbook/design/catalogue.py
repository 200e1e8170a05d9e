"""What a design may consist of: kinds of components, their settings, and who may be joined.

A catalogue is data. From it come the published JSON schema, every message about a mistake, the
fields of the form and the layers of the diagram.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ASIDE = 4
WORDS = 400  # characters of a remark in a design


@dataclass(frozen=True)
class Setting:
    """One setting of a component.

    Attributes:
        text: what it means, a line.
        default: its value where a design does not give it; None if it must.
        low, high: of a number.
        whole: whether a number has to be whole.
        choices: of a word; of a list, what it may hold.
        several: whether it is a list, of at least one of the choices and none twice.
        unit: of a number.
    """

    text: str
    default: Any = None
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    choices: tuple[str, ...] = ()
    several: bool = False
    unit: str = ""

    def problem(self, value: Any) -> str:
        """What is wrong with a value, or nothing."""
        if self.several:
            return self._problem_of_list(value)
        if self.choices:
            right = isinstance(value, str) and value in self.choices
            return "" if right else f"one of {_listed(self.choices)}, not {_shown(value)}"
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not self.low <= value <= self.high:
            wanted = f"a number from {self.low:g} to {self.high:g}"
            return f"{wanted}, not {_shown(value)}"
        if self.whole and value != int(value):
            return f"a whole number, not {_shown(value)}"
        return ""

    def _problem_of_list(self, value: Any) -> str:
        if not isinstance(value, list) or not value:
            return f"a list such as [{self.choices[0]}], not {_shown(value)}"
        for each in value:
            if not isinstance(each, str) or each not in self.choices:
                return f"a list of {_listed(self.choices)}; {_shown(each)} is none of them"
        return "" if len(set(value)) == len(value) else "a list that names nothing twice"

    def schema(self) -> dict[str, Any]:
        """The same as a JSON schema."""
        told: dict[str, Any] = {"description": self.text}
        if self.default is not None:
            told["default"] = self.default
        if self.several:
            items = {"enum": list(self.choices)}
            return told | {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
        if self.choices:
            return told | {"enum": list(self.choices)}
        kind = "integer" if self.whole else "number"
        return told | {"type": kind, "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class Kind:
    """One kind of component.

    Attributes:
        title: in the diagram and the form.
        text: what it does, a line.
        layer: row of the diagram, 0 on top; those from the catalogue's ``aside`` on stand beside
            the way of requests or data.
        settings: name -> setting.
        asked: what another component wants of it; stands on the arrow.
        to: kinds that it may be joined to.
        least, most: how many of it a design has.
    """

    title: str
    text: str
    layer: int
    settings: Mapping[str, Setting] = field(default_factory=dict)
    asked: str = ""
    to: tuple[str, ...] = ()
    least: int = 0
    most: int = 1


@dataclass(frozen=True)
class Catalogue:
    """Kinds by name, in the order in which they are shown.

    Attributes:
        kinds: name -> kind.
        components: of a design, at most.
        aside: layers from this one on stand beside the way, and are drawn so.
        joins: what an arrow means, in words: who stands before it ``asks`` who stands behind it.
    """

    kinds: Mapping[str, Kind]
    components: int = 12
    aside: int = ASIDE
    joins: str = "asks"

    def schema(self) -> dict[str, Any]:
        """JSON schema (draft 2020-12) of a design, for editors and for whoever writes one."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A design",
            "type": "object",
            "required": ["components"],
            "additionalProperties": False,
            "properties": {
                "components": {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": self.components,
                    "propertyNames": {"pattern": "^[a-z][a-z0-9_-]{0,23}$"},
                    "additionalProperties": {
                        "oneOf": [_schema_of(name, kind) for name, kind in self.kinds.items()]
                    },
                }
            },
        }


def _schema_of(name: str, kind: Kind) -> dict[str, Any]:
    settings = {key: setting.schema() for key, setting in kind.settings.items()}
    needed = [key for key, setting in kind.settings.items() if setting.default is None]
    joined = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    return {
        "title": kind.title,
        "description": kind.text,
        "type": "object",
        "required": ["kind", *needed],
        "additionalProperties": False,
        "properties": {
            "kind": {"const": name},
            **settings,
            **({"to": joined} if kind.to else {}),
            "because": {"type": "string", "maxLength": WORDS},
        },
    }


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]} …"
