"""What an output or a text held and is not shown: said in a sentence, never left out in silence.

Vector pictures and interactive figures are programs: they are not run where people read. Formulas
are shown as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

_VECTOR = "A vector picture (SVG) was here; it is not shown. A PNG would be."
_INTERACTIVE = "An interactive figure was here; it cannot be shown. A still picture of it would be."
_MOVING = "A sound or video was here; it is not shown."
_PICTURE = "A picture was here that cannot be shown."
_PAGE = "A page or document was here; it is not shown."
# the first that fits a type, or a tag of HTML
_TYPES = (
    (re.compile(r"image/svg"), _VECTOR),
    (re.compile(r"image/"), _PICTURE),
    (re.compile(r"(?:audio|video)/"), _MOVING),
    (re.compile(r"application/(?:javascript|.*(?:\+json|json|_exec|_load).*)"), _INTERACTIVE),
    (re.compile(r"application/pdf"), _PAGE),
)
_TAGS = (
    (re.compile(r"<(?:script|canvas)\b", re.IGNORECASE), _INTERACTIVE),
    (re.compile(r"<svg\b", re.IGNORECASE), _VECTOR),
    (re.compile(r"<(?:audio|video)\b", re.IGNORECASE), _MOVING),
    (re.compile(r"<(?:iframe|object|embed)\b", re.IGNORECASE), _PAGE),
    (re.compile(r"<(?:img|picture)\b", re.IGNORECASE), _PICTURE),
)
_OBJECT = re.compile(r"\s*<[\w.]+ (?:object|at 0x)[^<>]*>\s*")


def sentences(given: Mapping[str, Any], kept: Collection[str]) -> list[str]:
    """What is told of an output's bundle, of which the types in ``kept`` are shown.

    A still picture or a table stands for the figure that it was sent with.
    """
    page = _joined(given.get("text/html", ""))
    tags = [said for tag, said in _TAGS if tag.search(page)]
    if any(kind.startswith("image/") for kind in kept):
        return []
    if "text/html" in kept:
        return tags
    types = [said for kind in given if kind not in kept and (said := _of_type(str(kind)[:200]))]
    told = [*types, *tags]
    return list(dict.fromkeys(told))


def _of_type(kind: str) -> str:
    return next((said for pattern, said in _TYPES if pattern.match(kind)), "")


def formula(given: Mapping[str, Any]) -> str:
    """A formula as it was written, with what Python says of it if that is more than its type."""
    written, said = _joined(given.get("text/latex", "")), _joined(given.get("text/plain", ""))
    parts = [written, "" if _OBJECT.fullmatch(said) or said == written else said]
    return "\n".join(part for part in parts if part.strip())


def _joined(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
