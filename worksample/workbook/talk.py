"""A talk from the notebook: slides as one page without a network, with a clock, notes and keys.

``present(["# Title\\n- a point\\n> what I say"], minutes=10)`` writes ``slides.html`` beside the
notebook. Slides are a small part of Markdown: headings, lists, **bold**, *emphasis*, `code`,
``![text](name)`` for a picture that was given; lines that begin with ``>`` are the speaker's notes.
Without scripts the page is all slides, one below the other; so it prints.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FILE = "slides.html"
LONGEST = 4000  # characters of one slide
MOST = 40  # slides

_INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*([^*]+)\*"), r"<em>\1</em>"),
)
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([\w .-]+)\)")
_HEADING = re.compile(r"(#{1,3})\s+(.+)")
_ITEM = re.compile(r"\s*(?:[-*]|\d+[.)])\s+(.+)")


@dataclass(frozen=True)
class Slide:
    """One slide: what is shown, and what is said."""

    title: str
    body: str
    notes: str


@dataclass(frozen=True)
class Talk:
    """The slides, as the cell shows them; ``path`` is the page to open."""

    slides: tuple[Slide, ...]
    minutes: float
    path: Path

    def _repr_html_(self) -> str:
        shown = "".join(
            f"<h4>Slide {number}</h4><blockquote>{slide.body}</blockquote>"
            + (f"<p><em>Notes:</em> {slide.notes}</p>" if slide.notes else "")
            for number, slide in enumerate(self.slides, 1)
        )
        link = f'<a href="{html.escape(self.path.name)}" target="_blank" rel="noopener">'
        return (
            f"<p>{link}Open the talk</a>: {len(self.slides)} slides, {self.minutes:g} minutes. "
            f"Arrow keys turn them, <kbd>?</kbd> lists all keys.</p>{shown}"
        )

    def __repr__(self) -> str:
        return f"Talk({len(self.slides)} slides, {self.path.name})"


def present(
    slides: Sequence[str], minutes: float = 10, pictures: Mapping[str, Any] | None = None
) -> Talk:
    """Write the talk beside the notebook, and show its slides below the cell.

    Args:
        slides: each as text.
        minutes: how long the talk may take; the clock counts down from it.
        pictures: name -> a matplotlib figure, for ``![what it shows](name)``.

    Raises:
        ValueError: there are none, or too many, or one is too long.
    """
    texts = [str(each) for each in slides]
    if not 1 <= len(texts) <= MOST or any(len(each) > LONGEST for each in texts):
        raise ValueError(f"one to {MOST} slides of at most {LONGEST} characters each")
    drawn = {name: _png(figure) for name, figure in (pictures or {}).items()}
    made = tuple(_slide(each, drawn) for each in texts)
    path = Path(FILE)
    path.write_text(page(made, minutes), encoding="utf-8")
    return Talk(made, minutes, path)


def as_html(text: str) -> str:
    """Text in the small part of Markdown that slides are written in, as HTML."""
    return "\n".join(_blocks(text.strip().splitlines(), {}))


def page(slides: Sequence[Slide], minutes: float) -> str:
    """The talk as one page; its only script and style are ours, named by their hashes."""
    style, script = ((HERE / f"talk.{kind}").read_text("utf-8") for kind in ("css", "js"))
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    count = len(slides)
    sections = "\n".join(_section(number, each, count) for number, each in enumerate(slides, 1))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{html.escape(slides[0].title)}</title>\n<style>{style}</style>\n</head>\n"
        f'<body data-minutes="{minutes:g}">\n<main id="slides">\n{sections}\n</main>\n'
        f"{_DESK}\n<script>{script}</script>\n</body>\n</html>\n"
    )


_DESK = """<aside id="desk" aria-label="For the speaker" hidden>
<p id="place" role="status"></p>
<p id="clock" role="timer" aria-label="Time left"></p>
<p class="buttons"><button id="back">Back</button><button id="on">Next</button>
<button id="run">Start the clock</button><button id="audience">Window for the audience</button></p>
<section aria-label="Notes" id="notes" tabindex="0"></section>
<p id="after"></p>
<details id="keys"><summary>Keys</summary><dl>
<dt>→ ↓ Space Page down</dt><dd>next slide</dd><dt>← ↑ Page up</dt><dd>back</dd>
<dt>Home End</dt><dd>first, last</dd><dt>t</dt><dd>start or stop the clock</dd>
<dt>n</dt><dd>notes and clock away, and back</dd><dt>b</dt><dd>blank, and back</dd>
<dt>w</dt><dd>window for the audience: slides alone</dd><dt>?</dt><dd>this list</dd>
</dl></details>
</aside>"""


def _section(number: int, slide: Slide, count: int) -> str:
    notes = f'<div class="notes"><p>{slide.notes}</p></div>' if slide.notes else ""
    return (
        f'<section class="slide" id="slide-{number}" aria-label="Slide {number} of {count}" '
        f'tabindex="-1" data-title="{html.escape(slide.title)}">{slide.body}{notes}</section>'
    )


def _slide(text: str, pictures: Mapping[str, str]) -> Slide:
    lines = text.strip().splitlines()
    notes = " ".join(line.lstrip("> ").strip() for line in lines if line.startswith(">"))
    shown = [line for line in lines if not line.startswith(">")]
    title = next((m[2] for line in shown if (m := _HEADING.match(line))), "Slide")
    body = "\n".join(_blocks(shown, pictures, top=1))
    return Slide(re.sub(r"[*`]", "", title), body, _inline(notes, {}))


def _blocks(lines: Sequence[str], pictures: Mapping[str, str], top: int = 2) -> Iterator[str]:
    items: list[str] = []
    for line in [*lines, ""]:
        if item := _ITEM.fullmatch(line):
            items.append(f"<li>{_inline(item[1], pictures)}</li>")
            continue
        if items:
            yield f"<ul>{''.join(items)}</ul>"
            items = []
        if heading := _HEADING.fullmatch(line.strip()):
            level = len(heading[1]) + top - 1
            yield f"<h{level}>{_inline(heading[2], {})}</h{level}>"
        elif line.strip():
            yield f"<p>{_inline(line.strip(), pictures)}</p>"


def _inline(text: str, pictures: Mapping[str, str]) -> str:
    said = html.escape(text)
    for pattern, replaced in _INLINE:
        said = pattern.sub(replaced, said)
    return _PICTURE.sub(
        lambda found: (
            f'<img alt="{found[1]}" src="data:image/png;base64,{pictures[found[2]]}">'
            if found[2] in pictures
            else found[0]
        ),
        said,
    )


def _png(figure: Any) -> str:
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=110)
    return base64.b64encode(held.getvalue()).decode("ascii")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
