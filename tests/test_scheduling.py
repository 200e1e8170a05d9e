"""A file's fixtures are made once a run: one worker does all its tests, as scheduling.py says."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from tests.scheduling import LONGEST, TOGETHER, group, in_order

ROOT = Path(__file__).parent.parent
TESTS = """
import pathlib, time
import pytest

@pytest.mark.parametrize("number", range(6))
def test_it(number, worker_id):
    time.sleep(0.2)
    pathlib.Path(__file__).with_suffix(f".{number}").write_text(worker_id)
"""


def test_one_worker_does_a_file_and_any_worker_what_stands_alone(tmp_path: Path) -> None:
    """With pytest-xdist's own groups, every worker made every fixture, and nothing said so."""
    for name in ("test_one", "test_two", "test_hostile"):
        (tmp_path / f"{name}.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope"]
    command += ["-p", "tests.scheduling", "-p", "no:cacheprovider", "-c", "/dev/null", "."]
    path = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    workers: defaultdict[str, set[str]] = defaultdict(set)
    for told in tmp_path.glob("test_*.[0-9]"):
        workers[told.stem].add(told.read_text())
    assert len(workers["test_one"]) == len(workers["test_two"]) == 1
    assert workers["test_hostile"] == {"gw0", "gw1"}


def test_files_that_share_what_is_in_memory_are_one_group() -> None:
    folder = "tests/assignments_root_cause_analysis"
    one, other = (f"{folder}/{name}.py" for name in ("test_scenario", "test_remediation"))
    assert (ROOT / one).is_file()
    assert (ROOT / other).is_file()
    assert group(f"{one}::test_a[x::y]") == group(f"{other}::test_b")
    assert group(f"{folder}/test_checks.py::test_a") != group(f"{one}::test_a")


def test_the_longest_come_first_and_a_file_stays_together_in_its_order() -> None:
    given = [
        "tests/records/test_a.py::test_1",
        "tests/kit/test_b.py::test_1",
        "tests/kit/test_b.py::test_2",
        "tests/hub/test_candidates_panel.py::test_1",
        "tests/hub/test_hosting.py::test_1",
    ]
    assert in_order([given[3], given[0], given[1], given[4], given[2]]) == [
        *given[3:],
        *given[1:3],
        given[0],
    ]


def test_what_is_said_to_take_longest_is_there() -> None:
    assert [name for name in LONGEST if "/" in name and not (ROOT / name).is_file()] == []
    assert {name for name in LONGEST if "/" not in name} <= set(TOGETHER.values())
