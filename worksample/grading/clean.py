"""Hostile text made safe to look at: whatever a candidate produced is text, never a page.

What comes out shows the same in JupyterLab, nbconvert, nbgrader's formgrader and our feedback,
and runs nothing in any of them, however they are configured: no script, no event handler, no
style, no frame, no SVG, no widget, and no picture that would be fetched from elsewhere. It is also
cheap to show: what people would not read is cut, and what a browser would choke on is named.

The functions here are pure and have no clock. What they cost is bounded by who calls them: those
that meet a library are called in a child with limits (:mod:`worksample.grading.cleaner`).
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import struct
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

import nh3

from worksample.grading import unshown

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
MAX_TEXT = 256 * 1024  # characters of one output: some 4,000 lines, more than anybody scrolls
MAX_MARKDOWN = 64 * 1024  # characters: twenty pages
MAX_HTML = 2_000_000  # characters: a table of some 20,000 cells
MAX_TRACEBACK = 200  # lines; IPython shortens its own
MAX_COLOURS = 5_000  # in one text; nbconvert copies what is left of the text at each of them
# of one picture: a browser takes four bytes for each, whatever the file takes. A page of A3 in
# print has 17 million.
MAX_PIXELS = 40_000_000
UNFORMATTED = "[Shown without its formatting: to draw that would take too long.]"
_BREAK = "\u200b"  # zero-width space: `<` followed by it starts no tag, and looks the same


def text(value: object, colours: bool = False) -> str:
    """Text without control characters and without direction overrides; colours if asked for."""
    joined = "".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    joined = joined.encode("utf-8", "replace").decode("utf-8")
    colours = colours and joined.count("\x1b[") <= MAX_COLOURS
    return _CONTROL.sub(lambda m: m[0] if colours and _COLOUR.match(m[0]) else "", joined)


def shortened(value: object, most: int = MAX_TEXT) -> str:
    """Text of at most about ``most`` characters: the middle of a longer one is left out.

    >>> shortened("a" * 100 + "b" * 100, 20)
    'aaaaaaaaaaaaaaa\\n[… 180 characters are left out here …]\\nbbbbb'
    """
    joined = "".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if len(joined) <= most:
        return joined
    head, tail = most - most // 4, most // 4
    left_out = f"\n[… {len(joined) - most:,} characters are left out here …]\n"
    return joined[:head] + left_out + joined[len(joined) - tail :]


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


def as_written(source: object) -> str:
    """Markdown that shows the beginning of ``source`` as it was typed: none of it is markup."""
    shown = shortened(text(source), MAX_MARKDOWN // 4)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", shown)), default=0))
    return f"[This text is shown as it was typed.]\n\n{fence}\n{shown}\n{fence}"


def picture(mime: str, value: object) -> str | None:
    """Base64 of a picture of that type, or None if it isn't one, or one too large to show."""
    data = _picture_data(mime, value)
    if data is None or pixels(data) > MAX_PIXELS:
        return None
    return base64.b64encode(data).decode()


def pixels(data: bytes) -> int:
    """Pixels that whoever shows a picture has to have room for, as its headers say; else 0."""
    try:
        if data.startswith(PICTURES["image/png"]):
            width, height = struct.unpack(">II", data[16:24]) if data[12:16] == b"IHDR" else (0, 0)
        elif data.startswith(PICTURES["image/gif"]):
            width, height = _gif_size(data)
        else:
            width, height = _jpeg_size(data)
    except (struct.error, IndexError):
        return 0  # nobody else can read its size either
    return width * height


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
    cleaned = [output(value) for value in values] if isinstance(values, list) else []
    return [value for value in cleaned if value is not None]


def output(raw: object, formatted: bool = True) -> JSON | None:
    """One of them, None if it isn't one.

    Args:
        formatted: else no HTML and no Markdown: what is left needs no library to be read.
    """
    if not isinstance(raw, Mapping):
        return None
    kind = raw.get("output_type")
    if kind == "stream":
        name = "stderr" if raw.get("name") == "stderr" else "stdout"
        words = text(shortened(raw.get("text", "")), colours=True)
        return {"output_type": "stream", "name": name, "text": words}
    if kind == "error":
        return _error(raw)
    if kind in ("display_data", "execute_result"):
        data = raw.get("data")
        given: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        made: JSON = {"output_type": kind, "metadata": {}, "data": _bundle(given, formatted)}
        if kind == "execute_result":
            made["execution_count"] = _count(raw.get("execution_count"))
        return made
    return None


def cell(raw: Mapping[str, Any]) -> JSON:
    """A cell (nbformat 4) that shows as text; its metadata is left to the caller."""
    made = without_outputs(raw)
    return made | {"outputs": outputs(raw.get("outputs"))} if made["cell_type"] == "code" else made


def without_outputs(raw: Mapping[str, Any], formatted: bool = True) -> JSON:
    """The same, but for what it put out.

    Args:
        formatted: else the text of a cell of text is shown as it was typed.
    """
    made: JSON = {"cell_type": raw["cell_type"], "id": raw["id"], "metadata": {}}
    source = raw.get("source", "")
    if raw["cell_type"] == "code":
        made["execution_count"] = _count(raw.get("execution_count"))
        made["outputs"] = []
        made["source"] = text(source)
        return made
    if formatted and len(source) <= MAX_MARKDOWN:
        source, kept = _attached(source, raw.get("attachments"))
        made["source"] = markdown(source, kept)
    else:
        kept = attachments(raw.get("attachments"))
        made["source"] = as_written(source)
    made["cell_type"] = "markdown"  # a raw cell would be put into a page as it is
    return made | ({"attachments": kept} if kept else {})


def weighed(function: str, raw: Any, formatted: bool) -> JSON:
    """What :func:`output` or :func:`without_outputs` makes of ``raw``, and how much that is.

    Markdown of it has been rendered once, so that whoever shows it knows that it can be.
    """
    made = (output if function == "output" else without_outputs)(raw, formatted)
    bundles = [*(made or {}).get("attachments", {}).values(), (made or {}).get("data", {})]
    if formatted and made is not None:
        _render(made["source"] if made.get("cell_type") == "markdown" else "")
        _render(bundles[-1].get("text/markdown", ""))
    pictures = [bundle[mime] for bundle in bundles for mime in PICTURES if mime in bundle]
    return {
        "made": made,
        "characters": len(json.dumps(made, ensure_ascii=False)),
        "pixels": sum(pixels(base64.b64decode(each)) for each in pictures),
    }


def _render(source: str) -> None:
    """What takes this renderer for ever will take the others too long."""
    if source:
        import mistune

        plugins = ["strikethrough", "table", "url", "task_lists", "def_list"]
        mistune.create_markdown(plugins=plugins)(source)


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


def _picture_data(mime: str, value: object) -> bytes | None:
    try:
        data = base64.b64decode("".join(text(value).split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if data.startswith(PICTURES[mime]) else None


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height, from the first frame's header (ITU T.81, B.2.2)."""
    at = 2
    while True:
        kind = data[at + 1]
        if data[at] != 0xFF or kind == 0xFF:  # filling between segments
            at += 1
        elif 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        elif kind in (0x00, 0x01) or 0xD0 <= kind <= 0xD8:  # these have no length
            at += 2
        else:
            at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]


def _gif_size(data: bytes) -> tuple[int, int]:
    """Width and height of the screen, or of a frame that does not keep to it (GIF89a, 17–20)."""
    width, height, flags = struct.unpack("<HHB", data[6:11])
    for left, top, wide, high in _gif_frames(data, 13 + _gif_colours(flags)):
        width, height = max(width, left + wide), max(height, top + high)
    return width, height


def _gif_frames(data: bytes, at: int) -> Iterator[tuple[int, int, int, int]]:
    while data[at : at + 1] in (b",", b"!"):
        if data[at] == ord("!"):
            at += 2
        elif len(data) < at + 11:
            return
        else:
            *place, flags = struct.unpack("<HHHHB", data[at + 1 : at + 10])
            yield place[0], place[1], place[2], place[3]
            at += 11 + _gif_colours(flags)
        while data[at : at + 1] not in (b"", b"\0"):  # blocks, each behind its length
            at += 1 + data[at]
        at += 1


def _gif_colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _error(raw: Mapping[str, Any]) -> JSON:
    trace = raw.get("traceback")
    lines = list(map(str, islice(trace, MAX_TRACEBACK))) if isinstance(trace, list) else []
    if isinstance(trace, list) and len(trace) > MAX_TRACEBACK:
        lines.append(f"[… {len(trace) - MAX_TRACEBACK:,} more lines]")
    most = MAX_TEXT // max(1, len(lines))
    colours = sum(line.count("\x1b[") for line in lines) <= MAX_COLOURS
    return {
        "output_type": "error",
        "ename": terminal(shortened(raw.get("ename", ""), 200)),
        "evalue": text(shortened(raw.get("evalue", ""), 4000)),
        "traceback": [text(shortened(line, most), colours) for line in lines],
    }


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _bundle(given: Mapping[str, Any], formatted: bool) -> dict[str, str]:
    kept = _pictures(given)
    large = {mime: told for mime in PICTURES if (told := _too_large(mime, given.get(mime)))}
    said = [*large.values()]
    rich = {mime: text(given[mime]) for mime in ("text/html", "text/markdown") if mime in given}
    page, words = rich.get("text/html", ""), rich.get("text/markdown", "")
    if rich and (not formatted or page.count("<") > _MAX_TAGS or len(page) > MAX_HTML):
        said.append(UNFORMATTED)
    if formatted and 0 < len(page) <= MAX_HTML and "text/plain" in given:
        shown = table(page)
        kept |= {"text/html": shown} if shown.strip() else {}
    if formatted and "text/markdown" in given:
        kept["text/markdown"] = markdown(words) if len(words) <= MAX_MARKDOWN else as_written(words)
    if "text/plain" in given or "text/latex" in given:
        said.append(text(shortened(unshown.formula(given))))
    elif not kept and not said:
        types = ", ".join(sorted(map(terminal, islice(given, 20))))[:200] or "unknown type"
        said.append(f"[output of type {types} is not shown]")
    kept |= {"text/plain": "\n".join(said)} if said else {}
    return _with_sentences(kept, unshown.sentences(given, {*kept, *large}))


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


def _too_large(mime: str, value: object) -> str:
    """A sentence in the place of a picture that has too many pixels, else nothing."""
    count = pixels(_picture_data(mime, value) or b"")
    if count <= MAX_PIXELS:
        return ""
    return (
        f"[A picture of {count / 1e6:,.0f} million pixels is not shown: "
        f"{MAX_PIXELS / 1e6:.0f} million are the most.]"
    )
