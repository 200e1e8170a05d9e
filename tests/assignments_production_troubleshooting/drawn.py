"""One drawn case a level, shared by the tests of what stands around it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.once import once
from worksample.assignments import modules as _modules
from worksample.assignments.case import Case
from worksample.grading.run import CallResult, Ended, Run

FOLDER = Path(__file__).parents[2] / "assignments" / "production-troubleshooting"


def module(name: str) -> ModuleType:
    """A module of the assignment, loaded as grading loads it."""
    return _modules.load(FOLDER, name)


@cache
def case(level: str = "standard", seed: int = 3) -> Case:
    """A case, drawn once a test run."""

    def draw(half: Path) -> None:
        for part in ("public", "private"):
            (half / part).mkdir()
        module("scenario").prepare(seed, level, half / "public", half / "private")

    folder = once(f"production-{level}-{seed}", draw)
    public, private = folder / "public", folder / "private"
    return Case("production-troubleshooting", "ada", seed, level, 1, public, private)


def run(answers: Mapping[str, Any] | None = None, rails: Any = None) -> Run:
    """A run that recorded ``answers``; ``rails``: service -> what guard_rails returned of it."""
    asked = module("hidden.services").asked
    calls = {}
    if rails is not None:
        for number, service in enumerate(case().truth()["services"]):
            name = f"rails/{number}"
            calls[name] = (CallResult(name, True, rails(asked(service))),)
    return Run(
        notebook={}, cells={}, answers=answers or {}, refused={}, calls=calls,
        ended=Ended("completed", None, ""), seconds=1.0, versions={}, limits={}, sandbox="none",
    )  # fmt: skip


def perfect(of: Case) -> dict[str, Any]:
    """Answers that are the truth."""
    truth = of.truth()
    impact = {name: [value * 0.98, value * 1.02] for name, value in truth["impact"].items()}
    impact["start"] = [truth["impact"]["start"] - 2, truth["impact"]["start"] + 2]
    plan = [{k: v for k, v in each.items() if v is not None} for each in truth["reference"]]
    faults = [{k: f[k] for k in ("mechanism", "component", "since")} for f in truth["faults"]]
    spread = {f["mechanism"]: 100 / len(faults) for f in faults}
    return {
        "diagnosis": faults,
        "trace": [{"spread": spread}],
        "plan": {"actions": plan, "asked": []},
        "impact": impact,
    }
