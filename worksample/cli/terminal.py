"""Output that can be printed whatever the terminal's encoding is: Latin-1, ASCII, a pipe."""

from __future__ import annotations

import codecs
import sys

HANDLER = "worksample-plainer"

_PLAINER = {
    "→": "->",
    "·": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "×": "x",
    "…": "...",
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": "'",
    "’": "'",
}


def plainer(error: UnicodeError) -> tuple[str, int]:
    """What is printed instead of characters that an encoding lacks; for ``codecs``."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAINER.get(char, "?") for char in lacking), error.end


def take_any_text() -> None:
    """From here on nothing that is printed or typed fails for its characters."""
    codecs.register_error(HANDLER, plainer)
    for stream, errors in (
        (sys.stdout, HANDLER),
        (sys.stderr, HANDLER),
        (sys.stdin, "replace"),
    ):
        # another program may have put something else there, which is then its own affair
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=errors)
