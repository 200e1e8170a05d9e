"""Measure the reference solutions of model development: the numbers behind the points.

    python benchmarks/model_development.py --level standard --seeds 5 strong adequate
    python benchmarks/model_development.py --level standard --seeds 40 --people --rows rows.jsonl

Prints a markdown table: means over the cases, and the spread of the points. Cells and ``predict``
run in a fork of this process, without a sandbox: much faster than `worksample verify`, with the
same cells, probe and checks, but without what the sandbox adds (limits, repair, fresh processes).
Never use it on what a candidate wrote.

``--people`` adds the simulated candidates of the panel, and below the table Spearman's correlation
of their planted ability with their points, and the share of the variance between them that is the
person. ``--rows`` keeps what was measured: the same command goes on with what is not in the file.
``--untimed`` leaves the calls for speed out: on a busy machine they measure the machine. Senior
points are then of 90.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments.case import Case
from worksample.assignments.model import Assignment
from worksample.authoring import panel as panels
from worksample.authoring import verify
from worksample.authoring.panel import Panel
from worksample.grading.checking import run_checks
from worksample.grading.checks import CheckResult
from worksample.grading.probe import Call, CallResult
from worksample.grading.run import Ended, Run
from worksample.records.bank import Member
from worksample.records.precision import precision, spearman

FOLDER = Path(__file__).resolve().parents[1] / "assignments" / "model-development"
LEFT_OUT = ("crash", "endless_loop")  # they end or hold the process; `worksample verify` runs them
SHOWN = ("issues", "browse", "hand_in", "speed")  # for eyes, and not needed by what follows
OPENED: dict[
    str, Any
] = {}  # the notebook's names when the case is open; every fork begins with them
TOLD = ["share", "estimate − actual", "calibration error", "speed", "CPU s", "points"]
Row = dict[str, Any]


def measured(
    panel: Panel, level: str, seeds: list[int], wanted: dict[int, list[Member]], timed: bool
) -> Iterator[Row]:
    """One row for each case and member of ``wanted``, which are by seed."""
    for seed in seeds:
        if not wanted[seed]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            case = cases.draw(
                panel.assignment, seed, level, Path(folder) / "case", candidate="measure"
            )
            _set(case, Path(folder))
            OPENED.clear()
            OPENED.update(opened(panel.assignment, level))
            for member in wanted[seed]:
                with multiprocessing.get_context("fork").Pool(1) as alone:
                    yield alone.apply(one, (panel, case, member, folder, timed))


def one(panel: Panel, case: Case, member: Member, folder: str, timed: bool) -> Row:
    """A member on a case, from its cells to its points."""
    sample, name = panel.assignment, member.name
    answers = Path(folder, "answers", name)
    answers.mkdir(parents=True)
    _set(case, answers)
    begun = time.process_time()
    space = executed(sample, name, case.level, panel.answers(member, case))
    notebook = time.process_time() - begun
    probe = assignments.load_module(sample, "probe")
    results: dict[str, tuple[CallResult, ...]] = {}
    for call in asked_of(probe, case, timed):
        results[call.id] = (*results.get(call.id, ()), asked(space, call))
    recorded = {p.stem: json.loads(p.read_text("utf-8")) for p in answers.glob("*.json")}
    run = Run({}, {}, recorded, {}, results, Ended("completed", None, ""), 0, {}, {}, "none")
    return row(name, case, notebook, run_checks(sample, run, case))


def _set(case: Case, answers: Path) -> None:
    os.environ |= {
        "WORKSAMPLE_CASE": str(case.public),
        "WORKSAMPLE_ANSWERS": str(answers),
        "WORKSAMPLE_LEVEL": case.level,
    }


def asked_of(probe: types.ModuleType, case: Case, timed: bool) -> Iterator[Call]:
    """The probe's calls; those for speed come last."""
    for call in probe.calls(case):
        if not timed and call.id.startswith("time_"):
            return
        yield call


def opened(sample: Assignment, level: str) -> dict[str, Any]:
    """The notebook's names when the case is open, which are the same for everybody."""
    sys.path.insert(0, str(sample.folder))
    space = types.ModuleType("__main__").__dict__
    space |= {"get_ipython": lambda: None, "display": lambda *_: None}
    _run("load", {}, space, [cell for cell in sample.cells_of(level) if cell.id == "load"])
    return space


def executed(sample: Assignment, name: str, level: str, own: Mapping[str, str]) -> dict[str, Any]:
    """The notebook's names after these answers ran; a cell that raises is told, as there."""
    cells = [
        cell
        for cell in sample.cells_of(level)
        if cell.type == "code" and cell.id not in ("load", *SHOWN)
    ]
    return _run(name, own, OPENED, cells)


def _run(
    name: str,
    own: Mapping[str, str],
    space: dict[str, Any],
    cells: list[Any],
) -> dict[str, Any]:
    silent, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: SIM115
    for cell in cells:
        try:
            exec(compile(own.get(cell.id, cell.source), cell.id, "exec"), space)
        except Exception as error:
            print(f"{name}, {cell.id}: {type(error).__name__}: {error}"[:200], file=sys.stderr)
    sys.stdout = silent
    return space


def asked(space: dict[str, Any], call: Call) -> CallResult:
    """What the function makes of it."""
    begun = time.perf_counter()
    try:
        value = np.asarray(space[call.function](call.args[0].copy()), dtype=float)
    except Exception as error:
        return CallResult(call.id, False, None, f"{call.function}: raised {type(error).__name__}")
    return CallResult(call.id, True, value, "", time.perf_counter() - begun)


def row(name: str, case: Case, notebook: float, results: dict[str, CheckResult]) -> Row:
    """The numbers behind the points."""
    performance, estimate = results["performance"], results["estimate"]
    return {
        "solution": name,
        "seed": case.seed & 0xFFFFFFFF,
        "share": performance.private.get("share"),
        "speed": performance.private.get("ratio"),
        "estimate − actual": estimate.private.get("off"),
        "calibration error": results["calibration"].details.get("error"),
        **{check: round(result.points, 2) for check, result in results.items()},
        "points": sum(result.points for result in results.values()),
        "CPU s": notebook,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--level", default="standard")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--each", action="store_true", help="print every case too")
    parser.add_argument("--people", action="store_true", help="the simulated candidates too")
    parser.add_argument("--untimed", action="store_true", help="no calls for speed")
    parser.add_argument("--rows", type=Path, help="keep and go on with what is measured")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("solutions", nargs="*")
    given = parser.parse_args()
    sample = assignments.load(given.folder)
    panel = panels.read(sample)
    names = given.solutions or [s.name for s in sample.solutions if s.name not in LEFT_OUT]
    members = [Member(name, sample.solution(name).quality) for name in names]
    if given.people:
        members += [Member(each.name, "", each.ability) for each in panel.people.values()]
    seeds = verify.seeds(given.seeds, given.first)
    rows = _kept(given.rows, given.level, {each.name for each in members}, seeds)
    done = {(row["seed"], row["solution"]) for row in rows}
    wanted = {
        seed: [each for each in members if (seed & 0xFFFFFFFF, each.name) not in done]
        for seed in seeds
    }
    for each in measured(panel, given.level, seeds, wanted, not given.untimed):
        rows.append({"level": given.level, **each})
        if given.each:
            told = {k: round(v, 3) if isinstance(v, float) else v for k, v in each.items()}
            print(told, file=sys.stderr, flush=True)
        if given.rows:
            with given.rows.open("a", encoding="utf-8") as file:
                file.write(json.dumps(rows[-1]) + "\n")
    table = pd.DataFrame(rows).drop(columns="level")
    _print(table[table["solution"].isin(names)].drop(columns="seed"))
    if given.people:
        _print_people(table, {each.name: each.ability for each in panel.people.values()})


def _kept(path: Path | None, level: str, names: set[str], seeds: list[int]) -> list[Row]:
    """Rows of the file that are wanted here."""
    if path is None or not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    places = {seed & 0xFFFFFFFF for seed in seeds}
    return [
        row
        for row in rows
        if row["level"] == level and row["solution"] in names and row["seed"] in places
    ]


def _print(table: pd.DataFrame) -> None:
    by = table.groupby("solution", sort=False)
    mean = by[TOLD].mean().sort_values("points", ascending=False).round(3)
    mean.insert(0, "cases", by.size())
    spread = by["points"].agg(["std", "median", "min", "max"]).round(1)
    mean["points"] = mean["points"].round(1)
    table = mean.join(spread).reset_index().dropna(axis=1, how="all")
    print("|", " | ".join(map(str, table.columns)), "|")
    print("|" + "---|" * len(table.columns))
    for values in table.itertuples(index=False):
        print("|", " | ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in values), "|")


def _print_people(table: pd.DataFrame, ability: dict[str, float]) -> None:
    """On the cases that all of them worked on."""
    scores = table[table["solution"].isin(ability)].pivot(
        index="solution", columns="seed", values="points"
    )
    scores = scores.reindex(list(ability)).dropna(axis=1)
    planted = list(ability.values())
    print(f"\n{len(planted)} simulated candidates, {scores.shape[1]} cases")
    single = sorted(spearman(planted, list(scores[seed])) for seed in scores)
    whole = spearman(planted, list(scores.mean(axis=1)))
    print(f"Spearman of ability and mean points {whole:.3f}, ", end="")
    print(f"on one case {np.median(single):.3f} ({single[0]:.3f} to {single[-1]:.3f})")
    if known := precision(scores.to_numpy()):
        parts = known.components
        print(f"share of the variance that is ability {parts.dependability:.3f}, ", end="")
        print(f"standard error of one score {parts.sem:.1f} points")


if __name__ == "__main__":
    main()
