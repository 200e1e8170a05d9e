"""What formgrader's page makes of a candidate's text, one piece at a time: text in, HTML out.

nbconvert's own filters, called in a child with limits (:mod:`worksample.feedback.hooks`): colours,
code and Markdown each have texts for which a library takes time that grows with their square.
"""

from __future__ import annotations

import re
import sys

# as in worksample.batch.workers: it is imported for a check that nothing here asks for
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import nh3  # noqa: E402
from nbconvert.filters import ansi, highlight  # noqa: E402
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath  # noqa: E402


def colours(source: str) -> str:
    """Terminal's colours as spans."""
    return str(ansi.ansi2html(source))


def code(source: str, language: str) -> str:
    """Code with its syntax marked."""
    return str(highlight.Highlight2HTML(pygments_lexer=language)(source))


def markdown(source: str, attachments: dict[str, dict[str, str]]) -> str:
    """nbconvert's Markdown, then nothing but formatting is left."""
    renderer = IPythonRenderer(escape=False, attachments=attachments, exclude_anchor_links=True)
    return _FORMATTING.clean(MarkdownWithMath(renderer=renderer).render(source))


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if re.match(r"data:image/(png|jpeg|gif);base64,", value) else None
    if name == "href":
        # one without a scheme would lead into formgrader itself, with its reader's rights
        return value if re.match(r"(https?://|mailto:|#)", value, re.IGNORECASE) else None
    return value


_TAGS = """
    p br hr h1 h2 h3 h4 h5 h6 b i em strong s u sub sup small blockquote ul ol li dl dt dd
    code pre kbd span div a img table caption thead tbody tfoot tr th td
"""
_FORMATTING = nh3.Cleaner(
    tags=set(_TAGS.split()),
    attributes={
        "a": {"href", "title"},
        "img": {"src", "alt", "title"},
        "th": {"colspan", "rowspan", "scope", "align"},
        "td": {"colspan", "rowspan", "align"},
        "span": {"class"},
        "div": {"class"},
        "code": {"class"},
    },
    attribute_filter=_attribute,
    url_schemes={"http", "https", "mailto", "data"},
    link_rel="noopener noreferrer",
)
