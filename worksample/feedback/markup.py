"""HTML of feedback and debrief: few elements, all text escaped, an allow-list at the end."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from typing import Any

import nh3
from IPython.display import display

_TAGS = {
    "section", "h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "em", "code", "pre",
    "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "a", "div", "ins", "del",
    "dl", "dt", "dd", "br", "hr", "blockquote",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"class", "id"},
    "a": {"href"},
    "th": {"scope", "rowspan"},
    "td": {"rowspan"},
    "span": {"aria-hidden"},
    "section": {"aria-labelledby"},
    "div": {"tabindex", "role", "aria-label"},
}
_CLEANER = nh3.Cleaner(
    tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None, url_schemes=set(), clean_content_tags=set()
)


def show(made: str) -> None:
    """Display a section, nothing where it is empty."""
    if made:
        display({"text/html": _CLEANER.clean(made)}, raw=True)


def show_picture(picture: tuple[bytes, str]) -> None:
    """Display a PNG; its alternative text is the output's plain text and its ``alt``."""
    data, words = picture
    bundle = {"image/png": base64.b64encode(data).decode("ascii"), "text/plain": words}
    display(bundle, metadata={"image/png": {"alt": words}}, raw=True)


def esc(text: object) -> str:
    """``text`` as HTML that shows it."""
    return html.escape(str(text), quote=True)


def code(source: str, label: str) -> str:
    """Code as it was typed."""
    if not source.strip():
        return "<p class='small'>The cell is empty.</p>"
    return scroll(f"<pre><code>{esc(source)}</code></pre>", label)


def scroll(inner: str, label: str) -> str:
    """What may be wider than the page."""
    # a region that may scroll sideways has to be reachable by keyboard, and named
    return f"<div class='scroll' tabindex='0' role='group' aria-label='{esc(label)}'>{inner}</div>"


def section(name: str, body: str, kind: str = "") -> str:
    """A part of the page with its heading."""
    mark = f" class='{kind}'" if kind else ""
    return f"<section{mark} aria-labelledby='{esc(_slug(name))}'>{title(name)}{body}</section>"


def title(name: str, tag: str = "h2") -> str:
    """A heading that links can lead to."""
    return f"<{tag} id='{esc(_slug(name))}'>{esc(name)}</{tag}>"


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-").replace(",", "")


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table whose rows begin with their heading."""
    columns = "".join(f"<th scope='col'>{esc(name)}</th>" for name in head)
    body = "".join(
        f"<tr><th scope='row'>{esc(first)}</th>"
        + "".join(f"<td>{esc(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    above = f"<caption>{esc(caption)}</caption>" if caption else ""
    made = f"<table>{above}<thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"
    return scroll(made, caption or "Table")


def anchor_id(cell: str) -> str:
    """A fragment that any cell id fits in: letters, digits and hyphens, nothing else."""
    return "cell-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in cell)[:80]


def link(cell: str, words: str) -> str:
    """A link to one of the candidate's cells."""
    return link_to(anchor_id(cell), words)


def link_to(fragment: str, words: str) -> str:
    """A link within the page."""
    return f"<a href='#{fragment}'>{esc(words)}</a>"


def difference(lines: Iterable[tuple[str, str]], label: str) -> str:
    """Lines with their signs (``-``, ``+``, a blank, ``…``): taken out, put in, kept, left out."""
    rows = []
    for sign, text in lines:
        words = esc(text)
        if sign == "-":
            rows.append(f"<del>− {words}</del>")
        elif sign == "+":
            rows.append(f"<ins>+ {words}</ins>")
        else:
            rows.append(f"<span class='kept'>{'…' if sign == '…' else ' '} {words}</span>")
    return scroll(f"<pre class='difference'>{chr(10).join(rows)}</pre>", label)
