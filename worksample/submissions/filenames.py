"""What browsers, mail programs, file managers and people make of a file's name, undone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from urllib.parse import unquote

_ENCODED_WORD = re.compile(r"=\?[\w-]+\?[bqBQ]\?[^?]*\?=")
_NOTEBOOK = re.compile(r"\.ipynb(?![a-z0-9])")
_MAYBE = re.compile(r"(\.(json|txt|html?|download|part|crdownload|bak|tmp)|[^.]{6,}|~)$")
_ARCHIVES = {
    "zip": re.compile(r"\.zip(?![a-z0-9])"),
    "tar": re.compile(r"\.(tar|tgz|tbz2?|tar\.(gz|bz2))(?![a-z0-9.])"),
    "other": re.compile(r"\.(7z|rar|gz|bz2|xz|txz|zst|tzst|lz4?|lzma|cab|arj|ace|iso|dmg|sitx?)\b"),
}
_COPY = re.compile(
    r"^(copy|kopie|copie|copia|kopia) (of|von|de|di|av) |"
    r"( ?\(\d+\)|[ -]+(copy|kopie|copie|copia|kopia)( ?\(?\d+\)?)?|-copy\d+|_\d{10,}|[ _-]final)$"
)
_JUNK = re.compile(r"\.|~\$|thumbs\.db$|desktop\.ini$|__macosx$|icon\r?$|__pycache__$")


def plain(name: str) -> str:
    """The name as it was meant, in small letters: decoded, without marks that cannot be seen."""
    for _ in range(2):  # encoded twice happens
        if _ENCODED_WORD.search(name):
            name = _decoded(name)
        name = unquote(name) if re.search(r"%[0-9A-Fa-f]{2}", name) else name
    name = unicodedata.normalize("NFKC", name)
    shown = (c for c in name if unicodedata.category(c)[0] != "C")
    return " ".join("".join(shown).split()).casefold().rstrip(". ")


def is_notebook(name: str) -> bool:
    """Whether it ends as a notebook does, whatever was added to the ending."""
    return bool(_NOTEBOOK.search(plain(name)))


def may_be_notebook(name: str, assignments: Collection[str]) -> bool:
    """Whether its ending was replaced or lost: it names an assignment, and is of no other kind."""
    return bool(_MAYBE.search(plain(name))) and assignment_in(name, assignments) is not None


def archive(name: str) -> str | None:
    """``zip`` or ``tar``; ``other`` for what cannot be opened here; None if it is none."""
    said = plain(name)
    return next((kind for kind, ending in _ARCHIVES.items() if ending.search(said)), None)


def is_junk(name: str) -> bool:
    """What systems leave in folders and nobody sent: hidden files, thumbnails."""
    return bool(_JUNK.match(name.casefold()))


def assignment_in(name: str, assignments: Collection[str]) -> str | None:
    """The assignment that a name names; of several, the longest (a revision's holds the work's)."""
    return _named(name, assignments)


def person_in(name: str, people: Collection[str], assignments: Collection[str]) -> str | None:
    """The candidate that a name names: all of it, but for the assignment and marks of copies."""
    said = plain(name)
    for known in sorted(assignments, key=len, reverse=True):
        said = said.replace(known.casefold(), " ")
    before = None
    while said != before:
        before, said = said, _COPY.sub("", said.strip(" -_."))
    return next((one for one in people if one.casefold() == said), None)


def _named(name: str, known: Collection[str]) -> str | None:
    words = _words(name)
    found = [one for one in known if _words(one) and f"-{_words(one)}-" in f"-{words}-"]
    return max(found, key=len, default=None)


def _words(name: str) -> str:
    return re.sub(r"[\W_]+", "-", plain(name)).strip("-")


def _decoded(name: str) -> str:
    try:
        return str(make_header(decode_header(name)))
    except (HeaderParseError, LookupError, ValueError):
        return name
