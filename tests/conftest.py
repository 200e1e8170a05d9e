"""Fixtures shared by the tests: a course folder with one tiny, complete assignment."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.founding import ROOT, TINY, found
from worksample import interpreter
from worksample.course import Course
from worksample.sandbox.inside import turns

# Dozens of the processes that tests start would each compile this package again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
interpreter.end_quickly()

# As in grading: threads of tests that share the cores would wait for each other.
os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")})
# How long an example takes to be made is the machine's affair.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")
# Nor is how little it gives to an attempt while other tests run: a fiftieth, not an eighth. What
# the tests start is told too.
os.environ[turns.SETTING] = "0.02"
turns.LEAST_SHARE = 0.02

__all__ = ["ROOT", "TINY"]  # where other tests look for them


def pytest_collection_finish() -> None:
    """What was imported and collected stays: whoever looks for garbage need not look there."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course of its own, in a temporary folder: this repository's configuration and TINY.

    The working directory is the course, as it is for a person who types a command.
    """
    course = found(tmp_path / "course")
    monkeypatch.chdir(course.root)
    monkeypatch.delenv("WORKSAMPLE_COURSE", raising=False)
    return course


@pytest.fixture(autouse=True)
def own_path() -> Iterator[None]:
    """A command sets this for all that it starts; what later tests start is not below it."""
    yield
    os.environ.pop("PYTHONSAFEPATH", None)


from tests.cohort import built, built_once, scored, scored_once  # noqa: E402, F401
from tests.graded import graded, graded_once  # noqa: E402, F401  (fixtures of its own file)
from tests.once import shared_folder  # noqa: E402, F401
from tests.postgresql import postgresql  # noqa: E402, F401
from tests.scheduling import (  # noqa: E402, F401
    pytest_collection_modifyitems,
    pytest_runtest_teardown,
    pytest_xdist_make_scheduler,
)
