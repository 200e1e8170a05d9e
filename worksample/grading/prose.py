"""What a candidate wrote in a text cell, for the feedback page: text in, plain formatting out.

Called in a child with limits (:mod:`worksample.grading.bounded`). Markup of the candidate's own is
shown as text. A heading is a paragraph in bold, so that it cannot pass for one of the page's; a
link is its words and a picture its description, so that nothing leads or loads from elsewhere.
"""

from __future__ import annotations

from html import escape
from typing import Any

import mistune
import nh3

_TAGS = set(
    "p br hr em strong del blockquote ul ol li code pre table thead tbody tr th td".split()  # noqa: SIM905
)
_CLEANER = nh3.Cleaner(tags=_TAGS, attributes={}, link_rel=None, url_schemes=set())


class _Plain(mistune.HTMLRenderer):
    """HTML without headings, links and pictures."""

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return f"<p><strong>{text}</strong></p>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f"[picture: {escape(text)}]" if text else "[picture]"


_MARKDOWN = mistune.create_markdown(
    renderer=_Plain(escape=True), plugins=["table", "strikethrough"]
)


def prose(source: str) -> str:
    """Markdown as HTML of paragraphs, lists, tables and code; no attribute, no link, no heading."""
    return _CLEANER.clean(str(_MARKDOWN(source)))
