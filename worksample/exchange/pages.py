"""The service's pages: plain HTML in the feedback's style, and no script at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jinja2
from markupsafe import Markup

from worksample.exchange.asking import Ask
from worksample.exchange.openings import Opening
from worksample.grading import prose

HERE = Path(__file__).parent / "templates"
FEEDBACK = HERE.parent.parent / "feedback"  # its style is that of all pages

#: what a page says when a form led to it; the address holds the key alone
DONE = {
    "accepted": "Thank you. You can start whenever you are ready.",
    "started": "Your time has begun. It is kept here, not on your machine.",
    "saved": "Saved here. It is not handed in yet.",
    "removed": "Taken out. Nothing that was handed in has changed.",
    "asked": "Your question is with the team. The answer will stand on your page.",
    "paused": "The clock stands still.",
    "resumed": "The clock goes on.",
    "extended": "More time was given.",
    "approved": "Approved.",
    "released": "Released: the candidate can read it now, and the revision is open.",
    "counts": "That attempt counts now.",
    "queued": "It is in the queue of the grading service. This page says what comes of it.",
    "nothing-to-grade": "There is nothing to grade: it is graded, or in the queue.",
    "drawing": "The feedback is being drawn. It takes some seconds.",
    "nothing-to-draw": "There is no feedback to draw: it is drawn, or people have to rate first.",
    "answered": "The answer stands on the candidate's page.",
    "revoked": "The candidate's links have ended, and whoever was signed in by them is out.",
}


# where candidates work, where that is in a hosted JupyterLab; whoever serves it says so
LAB = os.environ.get("WORKSAMPLE_LAB", "")


class Pages:
    """Draws pages; made once."""

    def __init__(self) -> None:
        loader = jinja2.FileSystemLoader([HERE, FEEDBACK])
        self._environment = jinja2.Environment(
            loader=loader,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._environment.filters |= {"moment": moment, "until": until, "span": span, "size": size}
        self.style = b"\n".join(
            (folder / name).read_bytes()
            for folder, name in ((FEEDBACK, "page.css"), (HERE, "door.css"))
        )

    def draw(self, template: str, title: str, ask: Ask, **facts: object) -> str:
        """A page as text; every value is escaped."""
        given: Mapping[str, object] = {
            "title": title,
            "at": ask.service.prefix,
            "way_out": ask.service.way_out,
            "homes": ask.service.homes,
            "person": ask.person,
            "token": ask.form_token,
            "done": DONE.get(ask.query.get("done", ""), ""),
            "lab": LAB,
            "words": "",
            "do": "",
            **facts,
        }
        return self._environment.get_template(f"{template}.html.j2").render(given)

    def notice(self, opening: Opening) -> tuple[Markup, str]:
        """What a candidate agrees to before they start, and its digest."""
        text = self._environment.get_template("notice.html.j2").render(opening=opening)
        return Markup(text), hashlib.sha256(text.encode()).hexdigest()


def brief(cells: list[dict[str, object]], most: int = 4) -> Markup:
    """The text that a notebook begins with, up to its first code."""
    found = []
    for cell in cells[:most]:
        if cell.get("cell_type") != "markdown":
            break
        source = cell.get("source", "")
        found.append(prose.prose("".join(source) if isinstance(source, list) else str(source)))
    return Markup("\n".join(found))


def moment(value: datetime) -> Markup:
    """A time as people say it, and as programs read it."""
    utc = value.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        utc.isoformat(timespec="minutes"), f"{utc:%-d %B %Y, %H:%M} UTC"
    )


def until(value: datetime) -> Markup:
    """A moment that something ends at: at midnight it is the end of the day before."""
    utc = value.astimezone(UTC)
    if (utc.hour, utc.minute) != (0, 0):
        return moment(value)
    return Markup('<time datetime="{}">{}</time>').format(
        utc.isoformat(timespec="minutes"),
        f"the end of {utc - timedelta(minutes=1):%-d %B %Y} (UTC)",
    )


def span(value: timedelta) -> str:
    """A length of time in whole minutes, down: nobody is promised a minute that is not there."""
    minutes = max(0, int(value / timedelta(minutes=1)))
    hours, rest = divmod(minutes, 60)
    words = [f"{hours} hour{'s' if hours > 1 else ''}"] if hours else []
    if rest or not hours:
        words.append(f"{rest} minute{'s' if rest != 1 else ''}")
    return " ".join(words)


def size(value: int) -> str:
    """Bytes in a unit that people read."""
    if value < 1000:
        return f"{value} bytes"
    return f"{value / 1000:.0f} kB" if value < 1_000_000 else f"{value / 1_000_000:.1f} MB"
