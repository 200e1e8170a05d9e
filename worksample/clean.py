"""Hostile text made safe to look at: whatever a candidate produced is text, never a page.

What comes out shows the same in JupyterLab, nbconvert, nbgrader's formgrader and our feedback,
and runs nothing in any of them, however they are configured: no script, no event handler, no
style, no frame, no SVG, no widget, and no picture that would be fetched from elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

import nh3

from worksample import unshown

JSON = dict[str, Any]

PICTURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
}

# without attributes these do nothing but format
_PLAIN_TAGS = (
    "b|i|em|strong|u|s|small|sub|sup|br|hr|p|code|pre|kbd|blockquote|ul|ol|li|dl|dt|dd|"
    "table|thead|tbody|tfoot|tr|th|td|details|summary"
)
_TABLE_TAGS = {*_PLAIN_TAGS.split("|"), "div", "span", "caption", "h1", "h2", "h3", "h4"}
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_HARMLESS = re.compile(rf"</?(?:{_PLAIN_TAGS})\s*/?>|<https?://[^\s<>\"']+>", re.IGNORECASE)
_PICTURE = re.compile(r"!(?=\[)")
_OWN_PICTURE = re.compile(
    r"!\[[^\[\]\n]*\]\("
    r"(?:attachment:(?P<name>[\w.-]+)|data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=]+)\)"
)
# bounded, as everything here: a text of nothing but openings must not take for ever
_LINK_TARGET = re.compile(r"(\]\(\s{0,9}<?|\]:\s{0,9}<?)(?=([^)\n]{0,300}))")
_SCHEME = re.compile(r"(?:javascript|vbscript|data|file|blob):", re.IGNORECASE)
# colours (SGR) may stay: every renderer turns them into spans; all else moves cursors and titles
_CONTROL = re.compile(
    r"\x1b\[[0-9;:]*m|\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m\Z")
MAX_NAME = 200  # characters of an attached picture's name
_MAX_TAGS = 20_000  # the time to sanitise nested tags grows with their square
_BREAK = "\u200b"  # zero-width space: `<` followed by it starts no tag, and looks the same


def text(value: object, colours: bool = False) -> str:
    """Text without control characters and without direction overrides; colours if asked for."""
    joined = "".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    joined = joined.encode("utf-8", "replace").decode("utf-8")
    return _CONTROL.sub(lambda m: m[0] if colours and _COLOUR.match(m[0]) else "", joined)


def terminal(value: object) -> str:
    """One line that can be printed to a terminal."""
    return " ".join(text(value).split())


def screen(value: object) -> str:
    """Lines that can be printed to a terminal: no colours, no cursor, no title, no link."""
    return re.sub(r"\r\n?|[\u2028\u2029]", "\n", text(value))


def markdown(source: object, attached: Collection[str] = ()) -> str:
    """Markdown whose raw HTML, remote pictures and active links are only text.

    Pictures stay if they are in the text itself or among those ``attached`` to the cell (nbconvert
    gives up on a whole notebook for one that isn't).

    A zero-width space is put behind the character that would have started them, so that they
    show as they were written, in code blocks too. Formatting tags without attributes stay.
    """
    out = text(source)

    def own_picture(at: int) -> bool:
        found = _OWN_PICTURE.match(out, at)
        return found is not None and (found["name"] is None or found["name"] in attached)

    out = _TAG_START.sub(lambda m: m[0] if _HARMLESS.match(out, m.start()) else m[0] + _BREAK, out)
    out = _PICTURE.sub(lambda m: m[0] if own_picture(m.start()) else m[0] + _BREAK, out)
    return _LINK_TARGET.sub(_disarm, out)


def plain(value: object) -> str:
    """Text to be put into markdown of ours: none of it is markup."""
    escaped = html.escape(" ".join(text(value).split()), quote=False)
    return re.sub(r"([\\`*_{}\[\]()#+!|~$-])", r"\\\1", escaped)


def table(value: object) -> str:
    """HTML with tables and formatting left, and nothing that acts, styles or loads.

    Empty if there is more of it than anybody would read.
    """
    source = text(value)
    if source.count("<") > _MAX_TAGS:
        return ""
    return nh3.clean(
        source,
        tags=_TABLE_TAGS,
        clean_content_tags={"script", "style", "iframe", "object", "template", "noscript"},
        attributes={
            "table": {"class"},
            "td": {"colspan", "rowspan"},
            "th": {"colspan", "rowspan", "scope"},
        },
        attribute_filter=_table_attribute,
        link_rel=None,
        url_schemes=set(),
    )


def picture(mime: str, value: object) -> str | None:
    """Base64 of a picture of that type, or None if it isn't one."""
    try:
        data = base64.b64decode("".join(text(value).split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return base64.b64encode(data).decode() if data.startswith(PICTURES[mime]) else None


def attachments(value: object) -> dict[str, dict[str, str]]:
    """Pictures pasted into a markdown cell, those that are pictures, by whatever names."""
    kept: dict[str, dict[str, str]] = {}
    for name, bundle in value.items() if isinstance(value, Mapping) else ():
        pictures = _pictures(bundle) if isinstance(bundle, Mapping) else {}
        if pictures and len(str(name)) <= MAX_NAME:
            kept[str(name)] = pictures
    return kept


def _attached(source: object, value: object) -> tuple[str, dict[str, dict[str, str]]]:
    """A cell's text and its pictures under names that need no quoting anywhere.

    The text may refer to them as it is written, as a URL, or in angle brackets with blanks.
    """
    out, kept = text(source), {}
    for number, (name, pictures) in enumerate(attachments(value).items(), start=1):
        plain_name = name if re.fullmatch(r"[\w.-]+", name) else f"picture-{number}.png"
        kept[plain_name] = pictures
        if plain_name != name:
            for written in {
                text(name),
                quote(name, safe=""),
                quote(name),
                name.replace(" ", "%20"),
            }:
                for form in (f"<attachment:{written}>", f"attachment:{written}"):
                    out = out.replace(form, f"attachment:{plain_name}")
    return out, kept


def outputs(values: object) -> list[JSON]:
    """Outputs of a code cell: text, pictures and tables; what is left out is named."""
    cleaned = [_output(value) for value in values] if isinstance(values, list) else []
    return [value for value in cleaned if value is not None]


def cell(raw: Mapping[str, Any]) -> JSON:
    """A cell (nbformat 4) that shows as text; its metadata is left to the caller."""
    made: JSON = {"cell_type": raw["cell_type"], "id": raw["id"], "metadata": {}}
    if raw["cell_type"] == "code":
        count = raw.get("execution_count")
        made["execution_count"] = count if isinstance(count, int) else None
        made["outputs"] = outputs(raw.get("outputs"))
        made["source"] = text(raw.get("source", ""))
    else:
        source, kept = _attached(raw.get("source", ""), raw.get("attachments"))
        made["source"] = markdown(source, kept)
        made["cell_type"] = "markdown"  # a raw cell would be put into a page as it is
        made |= {"attachments": kept} if kept else {}
    return made


def _disarm(match: re.Match[str]) -> str:
    target = "".join(html.unescape(match[2]).split())
    return match[1] + (_BREAK if _SCHEME.match(target) and not _is_picture(target) else "")


def _is_picture(target: str) -> bool:
    return re.match(r"data:image/(?:png|jpeg|gif);base64,", target) is not None


def _table_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return "dataframe" if "dataframe" in value.split() else None
    return value


def _pictures(bundle: Mapping[str, Any]) -> dict[str, str]:
    found = {mime: picture(mime, bundle[mime]) for mime in PICTURES if mime in bundle}
    return {mime: data for mime, data in found.items() if data is not None}


def _output(raw: object) -> JSON | None:
    if not isinstance(raw, Mapping):
        return None
    kind = raw.get("output_type")
    if kind == "stream":
        name = "stderr" if raw.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": text(raw.get("text", ""), True)}
    if kind == "error":
        trace = raw.get("traceback")
        return {
            "output_type": "error",
            "ename": terminal(raw.get("ename", "")),
            "evalue": text(raw.get("evalue", "")),
            "traceback": [text(line, True) for line in trace] if isinstance(trace, list) else [],
        }
    if kind in ("display_data", "execute_result"):
        data = raw.get("data")
        made: JSON = {"output_type": kind, "metadata": {}, "data": _bundle(data)}
        if kind == "execute_result":
            count = raw.get("execution_count")
            made["execution_count"] = count if isinstance(count, int) else None
        return made
    return None


def _bundle(data: object) -> dict[str, str]:
    given: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    kept = _pictures(given)
    if "text/html" in given and "text/plain" in given:
        shown = table(given["text/html"])
        kept |= {"text/html": shown} if shown.strip() else {}
    if "text/markdown" in given:
        kept["text/markdown"] = markdown(given["text/markdown"])
    if "text/plain" in given:
        kept["text/plain"] = text(given["text/plain"])
    if "text/latex" in given:
        kept["text/plain"] = text(unshown.formula(given))
    if not kept:
        types = ", ".join(sorted(map(terminal, given)))[:200] or "unknown type"
        kept["text/plain"] = f"[output of type {types} is not shown]"
    return _with_sentences(kept, unshown.sentences(given, kept))


def _with_sentences(kept: dict[str, str], told: list[str]) -> dict[str, str]:
    """What is not shown, said where the output is looked at."""
    if not told:
        return kept
    if "text/html" in kept:
        kept["text/html"] += "".join(f"<p>[{html.escape(said)}]</p>" for said in told)
        return kept
    lines = [*(f"[{said}]" for said in told), kept.get("text/plain", "")]
    kept["text/plain"] = "\n".join(line for line in lines if line)
    if "text/markdown" in kept:
        kept["text/markdown"] += "".join(f"\n\n{plain(f'[{said}]')}" for said in told)
    return kept
