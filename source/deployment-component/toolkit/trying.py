"""Try the workflow in `work/`, and look at what was changed there."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

WORK = Path("work")
FLOWS = (".github/workflows", ".gitlab-ci.yml", "ci.sh")
SECONDS = 300


def ci(event: str = "push", *options: str) -> None:
    """Run the workflow for `push`, `pull_request`, `fork` or `tag`; in a terminal `sh ci-run`.

    Args:
        options: such as "--twice", "--staging-fails" or "--staging-busy".
    """
    command = [sys.executable, "-m", "worksample.workbook.ci", event, *options]
    done = subprocess.run(
        command, cwd=WORK, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    print(f"{done.stdout}{done.stderr}"[-12_000:])


def advice() -> None:
    """What yamllint, zizmor and hadolint say, where they are installed; none of it is scored."""
    ci("push", "--lint")


def installed() -> None:
    """Print what a service may be made of here, with versions."""
    import flask
    import gunicorn
    import waitress
    import yaml

    print(f"Python {sys.version.split()[0]}")
    for module, name in ((flask, "flask"), (gunicorn, "gunicorn"), (waitress, "waitress")):
        print(f"{module.__name__} {metadata.version(name)}")
    print(f"{yaml.__name__} {yaml.__version__}, for the workflow that you write")


def commits() -> None:
    """Print the history of `work/`, newest first; in a terminal: git log."""
    print(_git("log", "--date=format:%Y-%m-%d", "--format=%h  %ad  %<(11)%an %s"))


def changed() -> None:
    """Print what you have changed in `work/`."""
    print(_git("status", "--short", "--untracked-files=all"), _git("diff"), sep="\n")


def _git(*words: str) -> str:
    if shutil.which("git") is None:
        return "There is no git on this machine."
    safe = ["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=", "--no-pager"]
    done = subprocess.run([*safe, *words], cwd=WORK, capture_output=True, text=True, check=False)
    return done.stdout or done.stderr


def tree_problem(*wanted: str) -> str:
    """Why `work/` could not be run at all; empty if it can be started.

    Args:
        wanted: ``workflow`` or names of files that have to be there.
    """
    for name in wanted:
        if name == "workflow" and not any((WORK / each).exists() for each in FLOWS):
            return f"there is no workflow in work/ yet: {', '.join(FLOWS)} are looked for"
        if name != "workflow" and not (WORK / name).is_file():
            return f"work/{name} is missing"
    for path in sorted(WORK.rglob("*.py")):
        try:
            ast.parse(path.read_text("utf-8"))
        except (SyntaxError, ValueError) as error:
            return f"{path} is not Python: {error}"
    return ""
