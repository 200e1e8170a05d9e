"""Run the workflows of `.github/workflows` with `act`, in its host mode: no Docker, no network."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from worksample.workbook.ci import actions
from worksample.workbook.ci.events import Event

_RUNNERS = (
    "ubuntu-latest ubuntu-24.04 ubuntu-22.04 ubuntu-20.04 ubuntu-slim ubuntu-24.04-arm self-hosted"
)
RUNNERS = tuple(_RUNNERS.split())
FOLDER = Path(".github", "workflows")


def binary() -> str:
    """Where `act` is; empty where it is not."""
    beside = Path(sys.executable).with_name("act")
    return str(beside) if beside.is_file() else shutil.which("act") or ""


def run(
    repository: Path,
    place: Path,
    event: Event,
    told: Mapping[str, Any],
    environment: Mapping[str, str],
    call: Callable[[list[str], Path, Mapping[str, str]], int],
) -> int:
    """Run what an event starts; 0 if no job failed.

    A pull request from a fork starts `pull_request` without secrets, and `pull_request_target` with
    them, on the base's code: that is what makes the latter dangerous.

    Args:
        repository: a git repository at the event's commit, whose base is the branch `base`.
        told: the event as GitHub tells it.
        call: runs words in a folder with an environment; their exit code.
    """
    place.mkdir(parents=True)
    (place / "event.json").write_text(json.dumps(told))
    words = [binary(), "--no-cache-server", "--eventpath", str(place / "event.json")]
    words += ["--actor", "stranger" if event.kind == "fork" else "ada"]
    for name in RUNNERS:
        words += ["-P", f"{name}=-self-hosted"]
    used = actions.used(repository / FOLDER)
    for number, (name, inputs) in enumerate(sorted(used.items())):
        actions.write_stub(place / "stubs" / str(number), name, inputs)
        words += ["--local-repository", f"{name}={place / 'stubs' / str(number)}"]
    secrets = place / "secrets"
    secrets.write_text("".join(f'{key}="{value}"\n' for key, value in event.secrets.items()))
    none = place / "none"
    none.write_text("")
    env = {**environment, "HOME": str(place / "home"), "XDG_CACHE_HOME": str(place / "home")}
    (place / "home").mkdir()

    named = actions.triggers(repository / FOLDER)

    def started(name: str, given: Path) -> int:
        if name not in named:
            return 0
        return call([words[0], name, *words[1:], "--secret-file", str(given)], repository, env)

    if event.head != "change":
        return started("push", secrets)
    code = started("pull_request", none if event.kind == "fork" else secrets)
    if "pull_request_target" in named:
        call(["git", "checkout", "--quiet", "--force", "base"], repository, env)
        code = max(code, started("pull_request_target", secrets))
    return code
