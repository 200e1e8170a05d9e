"""Measure the reference solutions: what docs/model-development.md shows.

    python tests/assignments_model_development/measure.py --level standard --seeds 10 strong

Each solution goes through sandbox, probe and checks as a candidate's work would; the numbers behind
the points (share of headroom, error of the estimate, calibration error, speed) are printed.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from worksample import assignment as assignments
from worksample import build, case, checks, run, verify
from worksample.course import Course

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "assignments" / "model-development"


def measured(level: str, seeds: list[int], names: list[str]) -> Iterator[dict[str, Any]]:
    """One row for each solution and seed."""
    course, sample = Course(ROOT), assignments.load(FOLDER)
    probe = assignments.load_module(sample, "probe")
    release = build.release_bytes(course, sample, level).decode()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            drawn = case.draw(sample, seed, level, Path(folder) / "case", candidate="measure")
            for name in names or [solution.name for solution in sample.solutions]:
                given = nbformat.reads(release, as_version=4)
                filled = build.filled(given, sample.solution(name).sources(level))
                notebook = nbformat.read(io.StringIO(nbformat.writes(filled)), as_version=4)
                done = run.execute(
                    notebook,
                    drawn.public,
                    sample.paths,
                    sample.limits,
                    sample.answers,
                    probe.calls(drawn),
                    level,
                )
                results = checks.run_checks(sample, done, drawn)
                yield row(name, seed, drawn.truth(), done, results)


def row(name: str, seed: int, truth: dict, done: run.Run, results: dict) -> dict[str, Any]:
    """The numbers behind the points."""
    estimate = results["estimate"]
    return {
        "solution": name,
        "seed": seed & 0xFFFFFFFF,
        "naive": truth["naive_loss"],
        "oracle": truth["oracle_loss"],
        "share": results["performance"].private.get("share"),
        "speed": results["performance"].private.get("ratio"),
        "estimate off": estimate.private.get("off"),
        "interval score": estimate.private.get("interval_score"),
        "calibration error": results["calibration"].details.get("error"),
        **{f"{check} pts": result.points for check, result in results.items()},
        "points": sum(result.points for result in results.values()),
        "seconds": done.seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--level", default="standard")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("solutions", nargs="*")
    given = parser.parse_args()
    seeds = verify.seeds(given.seeds, given.first)
    rows = []
    for each in measured(given.level, seeds, given.solutions):
        rows.append(each)
        print({k: round(v, 3) if isinstance(v, float) else v for k, v in each.items()}, flush=True)
    table = pd.DataFrame(rows).drop(columns="seed").groupby("solution", sort=False)
    with pd.option_context("display.width", 250, "display.max_columns", 30):
        print(table.mean().round(3))
        print(table["points"].agg(["mean", "std", "min", "max"]).round(1))


if __name__ == "__main__":
    main()
