"""Run the pipeline and its tests in `work/`, and look at what lies in `case/`."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from worksample.workbook import case_folder

WORK = Path("work")
SECONDS = 120


def runs() -> list[str]:
    """The days of the runs that have a log."""
    return sorted(path.stem for path in (case_folder() / "runs").glob("20*.log"))


def versions() -> list[str]:
    """The versions in the registry."""
    return sorted(path.stem for path in (case_folder() / "registry").glob("*.json"))


def night(day: str, fresh: bool = False, out: Path | str | None = None) -> Path:
    """Run `work/` for one day on the case's exports, print its log; the folder it wrote into.

    Args:
        fresh: with an empty registry, not a copy of the case's.
        out: where it writes; default: a new folder in the temporary one.
    """
    place = Path(out or tempfile.mkdtemp(prefix=f"night-{day}-")).resolve()
    models = place / "registry"
    if fresh:
        models.mkdir(parents=True, exist_ok=True)
    elif not models.exists():
        shutil.copytree(case_folder() / "registry", models)
    raw = str((case_folder() / "raw").resolve())
    words = ["--raw", raw, "--day", day, "--registry", str(models), "--out", str(place)]
    print(_run(["-m", "pipeline", *words]))
    return place


def tests() -> None:
    """Run `python -m tests` in `work/`."""
    print(_run(["-m", "tests"]))


def _run(words: Sequence[str]) -> str:
    command = [sys.executable, "-B", *words]
    done = subprocess.run(
        command, cwd=WORK, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    return f"{done.stdout}{done.stderr}(ended with {done.returncode})"


def commits() -> None:
    """Print the history of `work/`, newest first; in a terminal: git log -p."""
    print(_git("log", "--date=format:%Y-%m-%d %H:%M", "--format=%h  %ad  %<(11)%an %s"))


def changed(commit: str = "") -> None:
    """Print what a commit changed; without one, what you have changed."""
    print(_git("show", commit) if commit else _git("diff"))


def _git(*words: str) -> str:
    if shutil.which("git") is None:
        return "There is no git on this machine."
    safe = ["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=", "--no-pager"]
    done = subprocess.run([*safe, *words], cwd=WORK, capture_output=True, text=True, check=False)
    return done.stdout or done.stderr


def tree_problem() -> str:
    """Why `work/` could not be run at all; empty if it can be started."""
    for name in ("pipeline/__main__.py", "tests/__main__.py", "guard.py"):
        if not (WORK / name).is_file():
            return f"work/{name} is missing: it is what will be run"
    for path in sorted(WORK.rglob("*.py")):
        try:
            ast.parse(path.read_text("utf-8"))
        except (SyntaxError, ValueError) as error:
            return f"{path} is not Python: {error}"
    return ""
