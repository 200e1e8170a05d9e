"""The `pip` of a workflow that is tried here: what is asked for is looked up in what is installed.

There is no network. A requirement that is installed in a version that fits is satisfied; any other
is not found, as on an index that holds what is installed and nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

_VALUED = (
    "requirement constraint find-links target prefix root cache-dir timeout retries platform "
    "python-version only-binary no-binary progress-bar log wheel-dir dest trusted-host "
    "upgrade-strategy i r c f t w d"
)
VALUED = frozenset(_VALUED.split())
INDEX = ("index", "url")  # how options that name an index end


def main(argv: list[str] | None = None) -> int:
    """Run one command line; its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    while words and words[0].startswith("-"):
        words.pop(0)
    if words[:1] == ["freeze"]:
        print("\n".join(sorted(f"{d.name}=={d.version}" for d in metadata.distributions())))
    if words[:1] not in (["install"], ["download"], ["wheel"], ["sync"]):
        return 0
    problem = next(filter(None, map(_problem, _wanted(words[1:]))), "")
    if problem:
        print(f"ERROR: {problem}", file=sys.stderr)
    return int(bool(problem))


def _wanted(words: list[str]) -> Iterator[str]:
    """Each requirement of a command line and of the files that it names."""
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word.startswith("-r") and not word.startswith("--") and len(word) > 2:
            yield from _file(Path(word[2:]))
        elif word.startswith("-") and _takes_value(name.lstrip("-")):
            value = value if equals else next(rest, "")
            if name in ("-r", "--requirement"):
                yield from _file(Path(value))
        elif not word.startswith("-"):
            yield word


def _takes_value(name: str) -> bool:
    return name in VALUED or name.endswith("-".join(INDEX))


def _file(path: Path) -> Iterator[str]:
    if not path.is_file():
        yield f"file:{path}"
        return
    text = path.read_text("utf-8", "replace").replace("\\\n", " ")
    for line in text.splitlines():
        line = line.partition(" #")[0].partition(" --hash")[0].strip()
        if line.startswith(("-r ", "--requirement ")):
            yield from _file(path.parent / line.split()[1])
        elif line and not line.startswith(("#", "-")):
            yield line


def _problem(text: str) -> str:
    """Why a requirement cannot be had; empty if it can."""
    from packaging.requirements import InvalidRequirement, Requirement

    if text.startswith(("file:", ".", "/")) or "/" in text.partition("@")[0].partition("[")[0]:
        place = Path(text.removeprefix("file:").partition("[")[0])
        return "" if place.exists() else f"Could not open {place}: no such file or folder"
    try:
        wanted = Requirement(text)
    except InvalidRequirement:
        return f"Invalid requirement: {text}"
    if wanted.marker is not None and not wanted.marker.evaluate():
        return ""
    try:
        there = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return f"No matching distribution found for {text}"
    fits = wanted.specifier.contains(there, prereleases=True)
    return "" if fits else f"No matching distribution found for {text} (there is {there})"
