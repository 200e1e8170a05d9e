"""The page and the slides: text in which the six numbers are filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from worksample.workbook.talk import as_html

from .forms import QUANTITIES, UNITS, WORDS

PLACE = re.compile(r"\{\s*(" + "|".join(QUANTITIES) + r")\s*\}")
UNKNOWN = re.compile(r"\{[^{}\n]{0,40}\}")


def spoken(name: str, range_: Any) -> str:
    """A range as people say it: two digits that count, and the unit."""
    low, high = (_digits(each) for each in range_)
    both = low if low == high else f"{low} to {high}"
    return f"{both} %" if UNITS[name] == "%" else f"{both} {UNITS[name]}"


def _digits(value: float) -> str:
    digits = max(0, len(str(int(value))) - 2)
    return f"{round(value, -digits):.0f}" if value >= 10 else f"{value:.1f}"


def filled(text: str, numbers: Mapping[str, Any]) -> str:
    """The text with ``{loss_avoided}`` and the other five as ranges with their units."""
    return PLACE.sub(lambda found: spoken(found[1], numbers[found[1]]), text)


@dataclass(frozen=True)
class Page:
    """The page as its readers get it: headings, lists, **bold** and *emphasis* of Markdown."""

    text: str

    def _repr_html_(self) -> str:
        return as_html(self.text)

    def __repr__(self) -> str:
        return self.text


def show_page(text: str, numbers: Mapping[str, Any]) -> Page:
    """The page, numbers filled in."""
    return Page(filled(text, numbers))


def show_numbers(numbers: Mapping[str, Any]) -> pd.DataFrame:
    """The six ranges as they will be said."""
    return pd.DataFrame(
        [{"write": f"{{{name}}}", "reads": spoken(name, numbers[name])} for name in QUANTITIES]
    )


def slides_of(text: str, numbers: Mapping[str, Any]) -> list[str]:
    """The slides, numbers filled in; a line ``---`` parts them."""
    parts = re.split(r"(?m)^\s*---\s*$", filled(text, numbers))
    return [part.strip() for part in parts if part.strip()]


def page_problem(text: Any, numbers: Mapping[str, Any]) -> str:
    """What is wrong with the form of the page; empty if nothing is."""
    if not isinstance(text, str) or not text.strip():
        return "PAGE is text"
    told = filled(text, numbers)
    if strange := UNKNOWN.search(told):
        return f"{strange[0]} is none of {', '.join(QUANTITIES)}"
    count = len(told.split())
    return "" if count <= WORDS else f"at most {WORDS} words; these are {count}, numbers filled in"
