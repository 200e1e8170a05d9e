"""Trials: the tree as it came, one fault at a time, its tests against mutants, its guard."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from worksample.grading.repository import Trial, recompose

from .hidden import days
from .hidden.plants import BY_ID, Plant
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
    clean = given | _bytes(json.loads((case.private / "clean.json").read_text("utf-8")))
    runs = days.commands(truth)

    def trial(name: str, files: Mapping[str, bytes], nights: Mapping[str, bytes]) -> Trial:
        return Trial(name, {**files, **nights}, runs, days.FETCH, SECONDS)

    yield trial("whole", tree, given)
    faults = {slot: BY_ID[fault["id"]] for slot, fault in truth["faults"].items() if fault["files"]}
    for slot, fault in faults.items():
        # as DATA.md says, so that what is made of the tills is not asked; or with what they make
        # of them, which may stand in the same file
        yield trial(f"only/{slot}", recompose(right, tree, fault.files), clean)
        others = [other for name, other in faults.items() if name != slot]
        yield trial(f"others/{slot}", _without(tree, others), given)
    named = [name for fault in faults.values() for name in fault.files]
    yield trial("only/silent", recompose(tree, right, named), given)
    yield trial("others/silent", _without(tree, list(faults.values())), given)
    yield from _usual(case, tree, given, truth)
    yield from _suite(tree, right, truth)
    yield from guards(case, tree)


def _without(tree: Mapping[str, bytes], faults: Sequence[Plant]) -> Mapping[str, bytes]:
    """Their tree, faults that still stand in it as they were put there taken out."""
    for fault in faults:
        files = {n: tree[n].decode("utf-8", "replace") for n in fault.files if n in tree}
        if fault.stands(files):
            tree = {**tree, **_bytes(fault.taken(files))}
    return tree


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
