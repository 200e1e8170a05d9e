"""Whatever the encoding of the terminal or the pipe is, a command prints and ends as it should."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import worksample
from tests.cohort import TINY
from worksample.course import Course


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["latin-1", "ascii", "C"],
)
def test_a_terminal_that_lacks_our_arrows_is_no_fault_of_ours(
    built: Course, env: dict[str, str]
) -> None:
    """On a Latin-1 terminal every error ended in "this is a fault of worksample"."""
    words = [sys.executable, "-m", "worksample.cli"]
    # Python itself finds no editable install below a path with umlauts where it reads ASCII
    path = {"PYTHONPATH": str(Path(worksample.__file__).parent.parent)}
    run = {"cwd": built.root, "env": {**os.environ, **path, **env}, "capture_output": True}
    listed = subprocess.run([*words, "list"], **run, check=False)  # type: ignore[call-overload]
    assert listed.returncode == 0, listed.stderr
    assert b"A straight line" in listed.stdout
    refused = subprocess.run([*words, "grade", TINY], **run, check=False)  # type: ignore[call-overload]
    assert refused.returncode == 1
    assert b"worksample collect FOLDER_OR_ZIP" in refused.stderr
    assert b"fault of worksample" not in refused.stderr
