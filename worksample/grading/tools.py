"""The programs that kinds of evidence need: an assignment names kinds under ``needs``.

Where one lacks, nothing is guessed: the attempt is not gradable yet, and `worksample doctor` says
what to install.
"""

from __future__ import annotations

import functools
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from worksample.errors import ToolsMissing
from worksample.sandbox import bases


def _program(name: str) -> Callable[[], bool]:
    """Whether a box can find it: beside this interpreter or among the system's programs."""
    places = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    return lambda: shutil.which(name, path=places) is not None


def _package(name: str) -> Callable[[], bool]:
    import importlib.util

    return lambda: importlib.util.find_spec(name) is not None


SYSTEMS = "pip install 'worksample[systems]'"
# their servers are not needed: only what reads rules and routes
APT = "apt-get install --no-install-recommends"
# kind of evidence -> what it needs: name, whether it is there, what installs it
KINDS: Mapping[str, tuple[tuple[str, Callable[[], bool], str], ...]] = {
    "service": (
        ("gunicorn", _program("gunicorn"), SYSTEMS),
        ("flask", _package("flask"), SYSTEMS),
        ("fastapi", _package("fastapi"), SYSTEMS),
        ("uvicorn", _package("uvicorn"), SYSTEMS),
        ("waitress", _package("waitress"), SYSTEMS),
        ("prometheus-client", _package("prometheus_client"), SYSTEMS),
    ),
    "metrics": (
        ("promtool", _program("promtool"), f"{APT} prometheus"),
        ("amtool", _program("amtool"), f"{APT} prometheus-alertmanager"),
        ("gzip", _program("gzip"), f"{APT} gzip"),
    ),
    "events": (
        ("act", _program("act"), SYSTEMS),
        ("git", _program("git"), "apt-get install git"),
        ("bash", _program("bash"), "apt-get install bash"),
        ("flask", _package("flask"), SYSTEMS),
    ),
    "image": (
        *((tool, functools.partial(bases.has, tool), bases.INSTALL) for tool in bases.TOOLS),
        ("base image", bases.is_made, bases.MAKE),
    ),
}


def missing(kind: str) -> dict[str, str]:
    """Program that lacks -> what installs it; of a kind of evidence."""
    return {name: how for name, there, how in KINDS[kind] if not there()}


def require(kinds: Iterable[str]) -> None:
    """Go on only where everything is there.

    Raises:
        ToolsMissing: a program lacks, or nothing is known of a kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise ToolsMissing(
                f"`needs` names {kind!r}, a kind of evidence that is not known",
                do=f"name some of {', '.join(KINDS)} in assignment.toml",
            )
        lacking = missing(kind)
        if lacking:
            raise ToolsMissing(
                f"{', '.join(lacking)} is not installed, and the evidence {kind!r} needs it",
                do=f"{'; '.join(dict.fromkeys(lacking.values()))}, then grade again",
            )
