"""What a check's result may tell a candidate: words of ours, and numbers as coarse as points.

A check reads what the candidate's code returned, and that code has seen the hidden inputs. Whatever
it could choose freely, a text, a column's name, the digits of a number, could carry them into the
feedback before the revision. So words that neither the author nor we have written, and digits
beyond what a score shows, do not leave the process in which checks run, whatever a check does.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worksample.grading.run import Run

LENGTH = 600  # characters of a message; the feedback shows as many
MOST = 9999  # larger numbers are told as more than this
DECIMALS, DIGITS = 3, 4
LEFT_OUT = "…"
_NUMBER = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?!\w)"
_TOKEN = re.compile(rf"{_NUMBER}|\w+|[^\w\s]{{5,}}")
_TEXTS = (".py", ".toml", ".md")
# no check takes its words from there, and hidden inputs may be written into the last two
_UNSEEN = ("solutions", "data", "__pycache__", "probe.py", "scenario.py")
JSON = dict[str, Any]


def coarse(result: JSON, words: frozenset[str]) -> JSON:
    """A result as :func:`checkhost.to_json` writes it, with nothing that could leak.

    ``private`` stays as it is: it is for graders.
    """
    parts = [
        {**part, "name": safe(part["name"], words), "message": safe(part["message"], words)}
        for part in result["parts"]
    ]
    details = {name: _detail(value, words) for name, value in result["details"].items()}
    return {**result, "parts": parts, "details": details}


def safe(text: str, words: frozenset[str]) -> str:
    """``text`` without words that are not in ``words``, and with no more digits than points have.

    >>> safe("psi is 0.123456789 for Zanzibar, 7 of 12", frozenset({"psi", "is", "for", "of"}))
    'psi is 0.123 for …, 7 of 12'
    """
    return _TOKEN.sub(lambda found: _token(found[0], words), text[:LENGTH])


def _token(token: str, words: frozenset[str]) -> str:
    if re.fullmatch(_NUMBER, token):
        written = token.replace(",", "") in words  # an author's own, such as a limit
        return token if written else _number(token)
    return token if token.casefold() in words else LEFT_OUT


def _number(token: str) -> str:
    value = float(token.replace(",", ""))
    if value > MOST:
        return f"over {MOST}"
    plain = re.fullmatch(rf"[0-9]{{1,{DIGITS}}}(?:\.[0-9]{{1,{DECIMALS}}})?", token)
    whole = f"{value:.0f}" if value.is_integer() else f"{value:.{DECIMALS}f}"
    return token if plain else whole


def _detail(value: Any, words: frozenset[str]) -> Any:
    if isinstance(value, str):
        return safe(value, words)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value if isinstance(value, bool) else None
    kept = min(max(float(value), -MOST), MOST)
    rounded = round(float(f"{kept:.{DIGITS}g}"), DECIMALS)
    return int(rounded) if isinstance(value, int) else rounded


def words_for(folder: Path, run: Run) -> frozenset[str]:
    """Words of the author's folder, of our own sentences, and of those that this run got."""
    told = {*run.refused.values()}
    told |= {result.error for results in run.calls.values() for result in results}
    return _written(folder, _stamps(folder)) | _words([" ".join(told)])


def _stamps(folder: Path) -> tuple[tuple[str, int, int], ...]:
    files = (path for path in sorted(folder.rglob("*")) if path.suffix in _TEXTS)
    seen = (path for path in files if path.relative_to(folder).parts[0] not in _UNSEEN)
    return tuple((str(path), (s := path.stat()).st_mtime_ns, s.st_size) for path in seen)


@functools.lru_cache(maxsize=8)
def _written(folder: Path, stamps: tuple[tuple[str, int, int], ...]) -> frozenset[str]:
    ours = Path(__file__).with_name("checks.py")
    return _words(Path(path).read_text("utf-8") for path in (*(s[0] for s in stamps), str(ours)))


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word.casefold() for text in texts for word in re.findall(r"\w+", text))
