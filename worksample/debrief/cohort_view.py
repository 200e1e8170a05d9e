"""The sections of a cohort's page."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

from worksample.debrief import pictures as drawing
from worksample.debrief.cohort import OUTCOMES, Cohort, Item, Member
from worksample.debrief.schema import FORMAT, DimensionRow
from worksample.debrief.view import OUTCOME
from worksample.feedback import markup
from worksample.feedback.markup import esc, show, show_picture
from worksample.feedback.text import number

__all__ = ["load", "show", "show_picture"]  # and the sections, which the template names

DRAWN = 24  # profiles that are drawn; all of them are in the table


def load(path: str) -> Cohort:
    """The record at ``path``.

    Raises:
        ValueError: it is of another format than this template.
    """
    record: Cohort = json.loads(Path(path).read_text(encoding="utf-8"))
    if record.get("format") != FORMAT:
        raise ValueError(f"record of format {record.get('format')}, template of format {FORMAT}")
    return record


def heading(record: Cohort) -> str:
    """What this is about, and how it is to be read."""
    return (
        f"<h1>{esc(record['title'])}: {len(record['members'])} candidates</h1>"
        "<p class='subtitle'>Profiles side by side, grouped by the rule</p>"
        "<p class='facts'>Within a group candidates stand in the order of their pseudonyms. "
        "Nothing is added up over dimensions and nobody is ranked: people read the profiles, then "
        "each candidate’s own debrief.</p>"
    )


def profiles(record: Cohort) -> str:
    """How many there are of each outcome, and the key of the picture."""
    counts = []
    for outcome in OUTCOMES:
        many = sum(m["outcome"] == outcome for m in record["members"])
        sign, words = OUTCOME[outcome]
        counts.append(
            f"<li><span class='sign' aria-hidden='true'>{sign}</span> "
            f"<strong>{esc(words)}</strong>: {many}</li>"
        )
    names = "".join(f"<li>{esc(name)}</li>" for name in record["planned"])
    drawn = min(DRAWN, len(record["members"]))
    return markup.section(
        "In one minute",
        f"<p>{esc(record['rule'])}</p><ul class='close'>{''.join(counts)}</ul>{_waiting(record)}",
        "verdict",
    ) + (
        f"{markup.title('Profiles', 'h3')}<p class='small'>◆ median, the bar is the range, ? not "
        f"enough information; {drawn} of {len(record['members'])} are drawn. Rows:</p>"
        f"<ol class='small'>{names}</ol>"
    )


def _waiting(record: Cohort) -> str:
    names = record["waiting"]
    if not names:
        return ""
    shown = ", ".join(names[:DRAWN]) + (" …" if len(names) > DRAWN else "")
    return (
        f"<p>Not shown, as their graders have not all submitted ({len(names)}): {esc(shown)}.</p>"
    )


def groups(record: Cohort) -> list[tuple[str, list[tuple[bytes, str]]]]:
    """Small profiles: the heading of a group, and its pictures."""
    shown: Sequence[Member] = record["members"][:DRAWN]
    parts = itertools.groupby(shown, key=lambda m: m["outcome"])
    return [
        (
            markup.title(OUTCOME[outcome][1], "h4"),
            [drawing.small(m["candidate"], m["dimensions"]) for m in members],
        )
        for outcome, members in parts
    ]


def table(record: Cohort) -> str:
    """Every candidate, with the medians and ranges of every dimension."""
    rows = [
        (
            m["candidate"],
            f"{OUTCOME[m['outcome']][0]} {m['outcome']}",
            str(m["flips"]),
            str(m["discuss"]),
            *(_median(row) for row in m["dimensions"]),
            m["points"],
        )
        for m in record["members"]
    ]
    head = (
        *("Candidate", "The rule", "Would flip it", "To discuss"),
        *record["planned"],
        "Automatic points ± standard error",
    )
    return markup.section("Everybody", markup.table("", head, rows), "newpage")


def _median(row: DimensionRow) -> str:
    if row["median"] is None:
        return "no information"
    spread = "" if row["low"] == row["high"] else f" ({row['low']}–{row['high']})"
    return f"{number(row['median'])}{spread}"


def agreement(record: Cohort) -> str:
    """Do the graders agree? To calibrate graders; it changes no candidate's ratings."""
    if record["graders"] < 2:
        return markup.section(
            "Do graders agree?", "<p>One person rated, so nobody knows.</p>", "newpage"
        )
    severity = "".join(f"<li>{esc(each)}</li>" for each in record["severity"])
    pairs = "".join(f"<li>{esc(each)}</li>" for each in record["pairs"])
    return markup.section(
        "Do graders agree?",
        _items(record["agreement"])
        + f"<h3>Two by two</h3><ul class='close'>{pairs}</ul>"
        + "<h3>Severity</h3><p class='small'>Only to calibrate graders; no rating is adjusted.</p>"
        + f"<ul class='close'>{severity}</ul>",
        "newpage",
    )


def items(record: Cohort) -> str:
    """How hard the checks and criteria are, and whether they tell candidates apart."""
    consistency = "".join(f"<li>{esc(each)}</li>" for each in record["consistency"])
    return markup.section(
        "Checks and criteria",
        "<p>A check is reached with 60 % of its points, a criterion with a median of 3.</p>"
        + _items(record["items"])
        + f"<h3>Within a competency</h3><ul class='close'>{consistency}</ul>",
    )


def about(record: Cohort) -> str:
    """What may be concluded, and what may not."""
    return markup.section(
        "How to read this",
        "<p>Who meets the rule is compared by the critical dimensions that were named in advance, "
        "profile beside profile. A figure stands here only from its floor on; below it the page "
        "says how many are missing. Points come with their standard error and decide nothing.</p>"
        "<p class='small'>Drawn by "
        f"<code>worksample debrief --cohort {esc(record['assignment'])}</code></p>",
    )


def _items(found: Sequence[Item]) -> str:
    rows = [(each["title"], each["dimension"], " · ".join(each["figures"])) for each in found]
    return markup.table("", ("Item", "Competency", "Figures"), rows)
