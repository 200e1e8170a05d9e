"""Run the trials of a probe in a sandbox: bytes in, bytes out.

All of them are carried into one box that holds nothing else, one after the other, and each is run
by a fork of its own that finds processes and folders as they were: nobody remembers an earlier
one. What comes back is hostile.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from worksample.errors import SandboxFailed
from worksample.grading.events import Happened, Happening, happened
from worksample.grading.probe import Call, CallResult
from worksample.grading.repository import Trial, TrialResult
from worksample.grading.run import execute
from worksample.limits import Budget, Limits, Shape

FUNCTION, HAPPENING = "trial", "happening"
MAX_KB = 128  # of everything that one trial brings back
_SAID = 4_000  # characters of what the commands put out


def run(
    trials: Iterable[Trial | Happening],
    limits: Limits,
    budget: Budget,
    libraries: Iterable[str] = (),
    unsafe: bool = False,
) -> dict[str, TrialResult]:
    """Run every trial in a box; results by ``Trial.id``.

    Args:
        libraries: modules that are imported before, once for all of them.

    Raises:
        NotGradableYet: for a fault of ours.
    """
    wanted = tuple(libraries)
    asked: list[str] = []

    def calls() -> Iterator[Call]:
        for each in trials:
            asked.append(each.id)
            yield _call(each) if isinstance(each, Trial) else _happening(each)

    with TemporaryDirectory(prefix="trials-") as empty:
        Path(empty).chmod(0o755)
        done = execute(
            _notebook(wanted),
            Path(empty),
            {},
            limits,
            {},
            calls(),
            "",
            budget=budget,
            libraries=sorted({name.partition(".")[0] for name in wanted}),
            unsafe=unsafe,
        )
    if done.cells.get("driver") != "completed":
        raise SandboxFailed(
            "what runs a submission's commands did not start in the sandbox",
            do=f"are these installed: {', '.join(wanted)}?",
        )
    return {name: _result(done.calls[name][0]) for name in asked}


def _tree(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(data).decode() for name, data in files.items()}


def _happening(given: Happening) -> Call:
    question = {
        "tree": _tree(given.tree),
        "events": [asdict(event) for event in given.events],
        "password": given.password,
        "said": _SAID,
    }
    shape = Shape(length=400, distinct=8000, text=2 * _SAID, depth=5)
    return Call(given.id, HAPPENING, (question,), "json", seconds=given.seconds, most=shape)


def _call(trial: Trial) -> Call:
    question = {
        "tree": _tree(trial.tree),
        "commands": [list(command) for command in trial.commands],
        "fetch": list(trial.fetch),
        "most": MAX_KB * 1024,
        "said": _SAID,
    }
    shape = Shape(length=1000, distinct=2000, text=MAX_KB * 1024 * 4 // 3 + 8, depth=3)
    return Call(trial.id, FUNCTION, (question,), "json", seconds=trial.seconds, most=shape)


def _notebook(libraries: Iterable[str]) -> dict[str, Any]:
    lines = [f"import {name}" for name in libraries]
    lines.append("from worksample.sandbox.inside.trying import trial")
    lines.append("from worksample.workbook.ci.judged import happening")
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "driver",
        "metadata": {},
        "source": "\n".join(lines),
        "outputs": [],
        "execution_count": None,
    }
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}


def _result(made: CallResult) -> TrialResult:
    facts = {"seconds": made.seconds, "digest": made.digest}
    if not made.ok:
        error = made.error.partition(": ")[2]
        return TrialResult(made.id, False, error=error, **facts)  # type: ignore[arg-type]
    value = made.value if isinstance(made.value, dict) else {}
    codes, files, said = (value.get(name) for name in ("codes", "files", "said"))
    try:
        return TrialResult(
            made.id,
            True,
            tuple(int(code) for code in codes or ()),
            {str(n): base64.b64decode(d, validate=True) for n, d in dict(files or {}).items()},
            str(said or "")[:_SAID],
            **facts,  # type: ignore[arg-type]
            happened=happened(value) if "records" in value else Happened(),
        )
    except (KeyError, TypeError, ValueError, binascii.Error):
        return TrialResult(made.id, False, error="the result could not be read", **facts)  # type: ignore[arg-type]
