"""Try the service and the workflow in `work/`, and look at what was changed there."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from worksample.workbook import case_folder

WORK = Path("work")
FLOWS = (".github/workflows", ".gitlab-ci.yml", "ci.sh")
SECONDS = 300


def index() -> None:
    """Print what `pip` finds while your image is built."""
    print((case_folder() / "index.txt").read_text("utf-8"))


def serve(command: str, port: int = 8137, seconds: float = 10) -> None:
    """Start your service in `work/` and print what it answers to a health check and the samples.

    Args:
        command: as in your image, such as "gunicorn -b 0.0.0.0:$PORT app.service:app".
    """
    with _started(command, port) as process:
        until = time.monotonic() + seconds
        while (said := _ask(port, "/health/ready"))[0] != 200 and time.monotonic() < until:
            time.sleep(0.2)
        print("/health/ready:", *said)
        for sample in _samples()[:3]:
            print(*_ask(port, "/predict", sample["row"]))
        process.send_signal(signal.SIGTERM)
        print("ended with", process.wait(15))


def compare(command: str, port: int = 8137) -> None:
    """How many of the samples your service answers as they say."""
    with _started(command, port):
        time.sleep(3)
        samples = _samples()
        told = [_ask(port, "/predict", sample["row"]) for sample in samples]
    same = sum(
        code == 200 and _near(text, sample["answer"])
        for (code, text), sample in zip(told, samples, strict=True)
    )
    print(f"{same} of {len(samples)} samples are answered as they say")


def ci(event: str = "push") -> None:
    """Run your workflow for a push, with a stand-in for docker and a registry."""
    command = [sys.executable, "-m", "worksample.workbook.ci", event]
    done = subprocess.run(
        command, cwd=WORK, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    print(f"{done.stdout}{done.stderr}"[-12_000:])


def changed() -> None:
    """Print what you have changed in `work/`."""
    if shutil.which("git") is None:
        print("There is no git on this machine.")
        return
    safe = ["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=", "--no-pager"]
    for words in (["status", "--short", "--untracked-files=all"], ["diff"]):
        done = subprocess.run(
            [*safe, *words], cwd=WORK, capture_output=True, text=True, check=False
        )
        print(done.stdout or done.stderr)


def tree_problem(*wanted: str) -> str:
    """Why `work/` could not be looked at; empty if it can.

    Args:
        wanted: ``image``, ``workflow`` or names of files that have to be there.
    """
    kinds = {"image": ("Dockerfile", "Containerfile"), "workflow": FLOWS}
    for name in wanted:
        any_of = kinds.get(name, (name,))
        if not any((WORK / each).exists() for each in any_of):
            return f"work/ holds none of {', '.join(any_of)} yet"
    for path in sorted(WORK.rglob("*.py")):
        try:
            ast.parse(path.read_text("utf-8"))
        except (SyntaxError, ValueError) as error:
            return f"{path} is not Python: {error}"
    return ""


@contextlib.contextmanager
def _started(command: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    env = {**os.environ, "PORT": str(port)}
    words = shlex.split(os.path.expandvars(command.replace("$PORT", str(port))))
    with subprocess.Popen(words, cwd=WORK, env=env) as process:
        try:
            yield process
        finally:
            process.kill()


def _samples() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((WORK / "samples.json").read_text("utf-8"))
    return found


def _ask(port: int, path: str, value: Any = None) -> tuple[int, str]:
    data = None if value is None else json.dumps(value).encode()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=20) as reply:
            return reply.status, reply.read(100_000).decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError as error:
        return 0, str(error)


def _near(text: str, answer: dict[str, Any]) -> bool:
    try:
        said = json.loads(text)
        return (
            abs(said["probability"] - answer["probability"]) < 1e-6
            and said["flag"] == answer["flag"]
        )
    except (ValueError, KeyError, TypeError):
        return False
