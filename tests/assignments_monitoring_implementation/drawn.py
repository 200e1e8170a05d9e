"""A drawn case, trees that solutions leave, and what comes of them in real boxes."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from tests.once import once
from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import modules
from worksample.assignments.case import Case
from worksample.assignments.model import Assignment
from worksample.grading import driving, trees, trials
from worksample.grading.checks import CheckResult
from worksample.grading.repository import TrialResult
from worksample.grading.run import Ended, Run
from worksample.grading.services import ServiceResult

ID = "monitoring-implementation"
FOLDER = Path(__file__).parents[2] / "assignments" / ID
SEED = 5


@functools.cache
def assignment() -> Assignment:
    return assignments.load(FOLDER)


def module(name: str) -> ModuleType:
    return modules.load(FOLDER, name)


def case() -> Case:
    """One at standard level, drawn once a run."""

    def draw(folder: Path) -> None:
        cases.draw(assignment(), SEED, "standard", folder / "case", candidate="ada")

    return cases.load(once("monitoring-case", draw) / "case")


def tree(name: str, at: Case) -> dict[str, bytes]:
    """``work/`` as a reference solution leaves it."""
    with tempfile.TemporaryDirectory() as folder:
        script = assignment().solution(name).script(at.level)
        work = trees.solved(at.public, script, Path(folder, "in"))
        spec = assignment().work
        assert spec
        return dict(trees.read(work, spec).files)


def driven(files: Mapping[str, bytes], at: Case) -> dict[str, ServiceResult]:
    """Its services under the hidden traffic."""
    wanted = module("probe").services(at, files)
    return driving.run(wanted, assignment().limits, assignment().budget)


def measured(
    files: Mapping[str, bytes], at: Case, services: Mapping[str, ServiceResult]
) -> dict[str, TrialResult]:
    """What promtool and amtool say of it."""
    wanted = module("probe").measures(at, files, services)
    return trials.run(wanted, assignment().limits, assignment().budget)


def run(
    files: Mapping[str, bytes],
    services: Mapping[str, ServiceResult],
    measures: Mapping[str, TrialResult],
) -> Run:
    """As an attempt leaves it."""
    ended = Ended("completed", None, "")
    work = trees.Tree(files)
    return Run(
        *({}, {}, {}, {}, {}, ended, 0.0, {}, {}, ""),  # type: ignore[arg-type]
        tree=work,
        trials=measures,
        services=services,
    )


def checked(done: Run, at: Case) -> dict[str, CheckResult]:
    """Check -> its result."""
    checks = module("checks")
    return {each.id: getattr(checks, f"check_{each.id}")(done, at) for each in assignment().checks}


METRICS, RULES = "service/metrics.py", "monitoring/rules.yml"
QUERIES, ROUTES = "monitoring/monitoring.toml", "monitoring/alertmanager.yml"
# one requirement violated each: name -> the check that it costs, file, what stands there, and then
MUTANTS: dict[str, tuple[str, str, str, str]] = {
    "labels_early": ("truth", METRICS, "if age >= MATURE][-LAST:]", "][-LAST:]"),
    "late_filled": ("truth", METRICS, "        if filled:\n", "        if not filled:\n"),
    "slow_elsewhere": ("truth", QUERIES, "1 - sum(score_seconds", "0.02 + 0 * sum(score_seconds"),
    "drift_backwards": ("truth", QUERIES, "drift = 'scoring:drift'", "drift = '-scoring:drift'"),
    "ids_as_labels": (
        "cost",
        METRICS,
        "        self.seconds.observe(seconds)\n",
        "        self.seconds.observe(seconds)\n"
        '        self.requests.labels("id " + invoice["id"]).inc(0)\n',
    ),
    "deploy_pages": ("alerts", RULES, "        for: 9m\n", "        for: 5m\n"),
    "no_silence": ("alerts", RULES, "[10m])) == 0", "[10m])) < 0"),
    "drift_pages": (
        "alerts",
        RULES,
        "for: 15m\n        labels: {severity: ticket}",
        "for: 15m\n        labels: {severity: page}",
    ),
    "all_tickets": ("alerts", ROUTES, 'severity="page"', 'severity="pages"'),
    "never_ends": ("alerts", RULES, "for: 2m\n", "for: 2m\n        keep_firing_for: 3h\n"),
    "total_shown": (
        "panels",
        QUERIES,
        "traffic = 'sum(rate(score_requests_total[10m]))'",
        "traffic = 'sum(score_requests_total)'",
    ),
    "counts_shown": (
        "panels",
        QUERIES,
        "failures = 'scoring:failing:10m'",
        "failures = 'sum(rate(score_requests_total[10m]))'",
    ),
    "empty_panel": ("panels", QUERIES, "= 'scoring:filled:30m'", "= 'no_such_metric'"),
    "disk_needed": (
        "harmless",
        METRICS,
        "    except OSError:\n        return Silent()",
        "    except ZeroDivisionError:\n        return Silent()",
    ),
    "line_needed": (
        "harmless",
        METRICS,
        "except (ValueError, KeyError, TypeError):",
        "except ZeroDivisionError:",
    ),
    "file_needed": (
        "harmless",
        METRICS,
        "    except OSError:\n        return None, 0",
        "    except ZeroDivisionError:\n        return None, 0",
    ),
}


def mutant(name: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The strong solution's tree with one requirement violated."""
    _, place, right, wrong = MUTANTS[name]
    text = files[place].decode()
    assert right in text, name
    return {**files, place: text.replace(right, wrong).encode()}
