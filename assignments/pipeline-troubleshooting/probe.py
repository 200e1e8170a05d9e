"""Trials: the tree as it came, one fault at a time, its tests against mutants, its guard."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from worksample.grading.repository import Trial, recompose

from .hidden import days
from .hidden.plants import BY_ID
from .hidden.story import RIGHT

if TYPE_CHECKING:
    from worksample.case import Case
    from worksample.probe import Call

LIBRARIES = (
    *("csv", "json", "tomllib", "numpy", "pandas", "sklearn.linear_model"),
    *("sklearn.metrics", "sklearn.pipeline", "sklearn.preprocessing"),
)
TESTS = ("python", "-m", "tests")
SECONDS = 40.0


def calls(case: Case) -> tuple[Call, ...]:
    """No function of the notebook is called."""
    return ()


def trials(case: Case, tree: Mapping[str, bytes]) -> Iterator[Trial]:
    """What `checks.py` asks about, by name."""
    truth = case.truth()
    right = {name: text.encode() for name, text in RIGHT.items()}
    given = _bytes(json.loads((case.private / "days.json").read_text("utf-8")))
    runs = days.commands(truth)

    def trial(name: str, files: Mapping[str, bytes]) -> Trial:
        return Trial(name, {**files, **given}, runs, days.FETCH, SECONDS)

    yield trial("whole", tree)
    faults = truth["faults"]
    for slot, fault in faults.items():
        others = [name for other in faults if other != slot for name in faults[other]["files"]]
        yield trial(f"only/{slot}", recompose(right, tree, fault["files"]))
        yield trial(f"others/{slot}", recompose(tree, right, others))
    yield from _usual(case, tree, given, truth)
    yield from _suite(tree, right, truth)
    yield from guards(case, tree)


def _usual(
    case: Case, tree: Mapping[str, bytes], given: Mapping[str, bytes], truth: Mapping[str, Any]
) -> Iterator[Trial]:
    """What was right and has to stay: bad exports and a missing one end a run in time."""
    day = truth["days"]["a"]
    run = days.commands(truth)[:1]
    published = f"models-a/m-{day.replace('-', '')}.json"
    rubbish = _bytes(json.loads((case.private / "rubbish.json").read_text("utf-8")))
    gone = {name: data for name, data in given.items() if name != f"raw-a/{day}.csv"}
    fetch = (published, "out/a1/summary.json")
    yield Trial("rubbish", {**tree, **given, **rubbish}, run, fetch, SECONDS)
    yield Trial("missing", {**tree, **gone}, run, fetch, SECONDS)


def _suite(
    tree: Mapping[str, bytes], right: Mapping[str, bytes], truth: Mapping[str, Any]
) -> Iterator[Trial]:
    """Their tests: pass with their code or with right code, and fail with code that is wrong."""
    theirs = recompose(right, tree, ["tests/*", "guard.py"])
    yield Trial("suite/own", dict(tree), (TESTS,), (), SECONDS)
    yield Trial("suite/right", theirs, (TESTS,), (), SECONDS)
    for number, name in enumerate(truth["mutants"]):
        put = BY_ID[name].put({n: t.decode() for n, t in right.items()})
        wrong = {n: text.encode() for n, text in put.items()}
        mutant = recompose(wrong, tree, ["tests/*", "guard.py"])
        yield Trial(f"suite/mutant{number}", mutant, (TESTS,), (), SECONDS)


def guards(case: Case, tree: Mapping[str, bytes]) -> Iterator[Trial]:
    """The guard on each hidden export, which none of the others lies beside."""
    hidden = json.loads((case.private / "guard.json").read_text("utf-8"))
    for number, (files, about) in enumerate(zip(hidden, case.truth()["guard"], strict=True)):
        words = ("python", "guard.py", "--raw", "raw", "--day", about["day"])
        yield Trial(f"guard/{number}", {**tree, **_bytes(files)}, (words,), (), 20)


def _bytes(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}
