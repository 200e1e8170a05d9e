"""Lay a repository out, let events happen to it, and run what its workflow makes of them."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worksample.workbook.ci import github, gitlab
from worksample.workbook.ci.events import OWNER, Event, payload
from worksample.workbook.ci.recorder import Recorder

FLOWS = {
    "github": ".github/workflows",
    "gitlab": ".gitlab-ci.yml",
    "script": "ci.sh",
}
TIME = 1_900_000_000  # of the first commit: identities of commits are the same in every run
PROGRAMS = {
    "docker": "docker",
    "podman": "docker",
    "buildah": "docker",
    "skopeo": "docker",
    "crane": "docker",
    "smoke": "docker:smoke",
    "pip": "pip",
    "pip3": "pip",
    "uv": "pip:uv",
    "action": "actions",
}
NOTHING = "apt-get apt apk yum dnf useradd adduser groupadd addgroup usermod chown sudo install_ok"


@dataclass(frozen=True)
class Outcome:
    """What came of one event.

    Attributes:
        code: 0 if no job failed that may not.
        commit: the identity of its commit.
        why: why nothing could be run; empty if something was.
    """

    code: int
    commit: str = ""
    why: str = ""


def which(folder: Path) -> str:
    """The kind of workflow in a tree: ``github``, ``gitlab``, ``script``, or empty."""
    for kind, name in FLOWS.items():
        path = folder / name
        if path.is_file() or (path.is_dir() and any(path.glob("*.y*ml"))):
            return kind
    return ""


def missing(kind: str) -> str:
    """What is not installed that a kind of workflow needs; empty if all is there."""
    wanted = {"git": shutil.which("git"), "bash": shutil.which("bash")}
    if kind == "github":
        wanted["act"] = github.binary()
    return ", ".join(name for name, found in wanted.items() if not found)


def run(folder: Path, place: Path, events: Sequence[Event], recorder: Recorder) -> list[Outcome]:
    """Let events happen one after the other to the files in a folder.

    Args:
        folder: a tree; nothing in it is changed.
        place: a new folder to work in.
        recorder: the registry; what workflows do is in its record.
    """
    tools = make_tools(place / "tools")
    repository = place / "repository"
    shutil.copytree(folder, repository, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    _git(repository, "init", "--quiet", "--initial-branch=main")
    _git(repository, "remote", "add", "origin", f"https://github.com/{OWNER}.git")
    _commit(repository, "First", 0)
    outcomes = []
    for number, event in enumerate(events):
        recorder.event, recorder.staging, recorder.busy = number, event.staging, event.busy
        recorder.marks = tuple(event.marks)
        recorder.watched = tuple(event.secrets.values()) if event.kind == "fork" else ()
        here = place / f"event-{number}"
        try:
            outcomes.append(_happen(repository, here, number, event, tools, recorder))
        finally:
            _end_all(here / "state")
    return outcomes


def _end_all(state: Path) -> None:
    """End what an event left running, as a machine does that is thrown away after its job."""
    mark = f"CI_STATE={state}".encode()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError, ValueError):
            if mark in path.read_bytes().split(b"\0"):
                os.kill(int(path.parent.name), signal.SIGKILL)


def _happen(
    repository: Path, place: Path, number: int, event: Event, tools: Path, recorder: Recorder
) -> Outcome:
    (place / "state").mkdir(parents=True)
    (place / "tmp").mkdir()
    _git(repository, "checkout", "--quiet", "--force", "main")
    if not event.again:
        _git(repository, "branch", "--force", "base", "main")
        if event.head == "change":
            _git(repository, "checkout", "--quiet", "-B", "change")
        _change(repository, event.change)
        _commit(repository, event.message, number + 1)
    if event.kind == "tag":
        _git(repository, "tag", "--force", event.tag)
    sha, base = (_git(repository, "rev-parse", name) for name in ("HEAD", "base"))
    kind = which(repository)
    lacking = missing(kind)
    if not kind or lacking:
        why = f"{lacking} is not installed here" if lacking else "there is no workflow"
        return Outcome(1, sha, why)
    environment = {
        "PATH": f"{tools}:{os.environ.get('PATH', '/usr/bin:/bin')}",
        "HOME": str(place / "tmp"),
        "TMPDIR": str(place / "tmp"),
        "LANG": "C.UTF-8",
        "CI": "true",
        "CI_RECORDER": str(recorder.place),
        "CI_STATE": str(place / "state"),
        "CI_TOOLS": str(tools),
        "CI_REPOSITORY": str(repository),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_PAGER": "cat",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    secrets = {} if event.kind == "fork" else dict(event.secrets)
    try:
        if kind == "github":
            told = payload(event, base, sha)
            return Outcome(
                github.run(repository, place / "act", event, told, environment, call), sha
            )
        if kind == "gitlab":
            given = {**_gitlab_variables(event, base, sha), **secrets}
            return Outcome(gitlab.run(repository, place, given, environment, call), sha)
    except gitlab.BadPipeline as error:
        print(f"ERROR: {error}", flush=True)
        return Outcome(1, sha)
    clone = place / "clone"
    shutil.copytree(repository, clone, symlinks=True)
    own = {"CI_COMMIT_SHA": sha, "CI_BASE_SHA": base, "CI_REF": event.ref, "CI_EVENT": event.kind}
    word = "pull_request" if event.kind == "fork" else event.kind
    return Outcome(call(["bash", "ci.sh", word], clone, {**environment, **own, **secrets}), sha)


def call(words: list[str], folder: Path, environment: Mapping[str, str]) -> int:
    """Run words in a folder; what they put out is ours."""
    sys.stdout.flush()
    done = subprocess.run(
        words, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, check=False
    )
    return done.returncode


def _change(repository: Path, change: Mapping[str, str | None]) -> None:
    for name, text in change.items():
        path = repository / name
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def _commit(repository: Path, message: str, number: int) -> None:
    _git(repository, "add", "--all", "--force")
    when = f"{TIME + 3600 * number} +0000"
    dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    _git(repository, "commit", "--quiet", "--allow-empty", "-m", message, **dates)


def _git(repository: Path, *words: str, **variables: str) -> str:
    names = {"GIT_AUTHOR_NAME": "Ada", "GIT_COMMITTER_NAME": "Ada"}
    names |= {"GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_EMAIL": "ada@example.org"}
    safe = ["-c", "safe.directory=*", "-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null"]
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent"}
    done = subprocess.run(
        ["git", *safe, "-C", str(repository), *words],
        env={**environment, "GIT_CONFIG_NOSYSTEM": "1", **names, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def _gitlab_variables(event: Event, base: str, sha: str) -> dict[str, str]:
    owner, name = OWNER.split("/")
    given = {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_COMMIT_SHA": sha,
        "CI_COMMIT_SHORT_SHA": sha[:8],
        "CI_COMMIT_BEFORE_SHA": base,
        "CI_COMMIT_MESSAGE": event.message,
        "CI_COMMIT_REF_NAME": event.branch,
        "CI_COMMIT_REF_SLUG": event.branch,
        "CI_DEFAULT_BRANCH": "main",
        "CI_PIPELINE_SOURCE": "push",
        "CI_PIPELINE_ID": "1",
        "CI_PROJECT_PATH": OWNER,
        "CI_PROJECT_NAME": name,
        "CI_PROJECT_NAMESPACE": owner,
        "CI_PROJECT_URL": f"https://gitlab.com/{OWNER}",
        "CI_COMMIT_REF_PROTECTED": "true",
    }
    if event.kind == "tag":
        return {**given, "CI_COMMIT_TAG": event.tag, "CI_COMMIT_REF_NAME": event.tag}
    if event.head != "change":
        return {**given, "CI_COMMIT_BRANCH": event.branch}
    source = "stranger/service" if event.kind == "fork" else OWNER
    return {
        **given,
        "CI_COMMIT_REF_NAME": "change",
        "CI_COMMIT_REF_SLUG": "change",
        "CI_COMMIT_REF_PROTECTED": "false",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": event.branch,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "change",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": source,
        "CI_MERGE_REQUEST_PROJECT_PATH": OWNER,
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
    }


# ---- programs ----

# The packages around this one are not executed: they import what a kernel needs, for a second.
_LAUNCHER = """\
import sys, types
for name, place in {packages!r}.items():
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [place]
from worksample.workbook.ci import {module}
sys.exit({module}.{function}())
"""


def make_tools(folder: Path) -> Path:
    """Programs of a workflow, in a new folder that goes first in its PATH."""
    (folder / "building").mkdir(parents=True)
    here = Path(__file__).resolve().parent
    packages = {
        "worksample": str(here.parents[1]),
        "worksample.workbook": str(here.parent),
        "worksample.workbook.ci": str(here),
    }
    ours, interpreter = shlex.quote(str(folder)), shlex.quote(sys.executable)
    for name, what in PROGRAMS.items():
        module, _, special = what.partition(":")
        function = "smoke_main" if special == "smoke" else "main"
        launcher = folder / f"{name}.py"
        launcher.write_text(_LAUNCHER.format(packages=packages, module=module, function=function))
        flags = "-E" if module == "pip" else "-E -S"
        rest = '[ "$1" = pip ] && shift\n' if special == "uv" else ""
        _program(folder / name, f'{rest}exec {interpreter} {flags} {ours}/{name}.py "$@"')
    python = f"""\
if [ "$1" = -m ]; then case "$2" in
  pip) shift 2; exec {ours}/pip "$@";;
  venv) for last; do :; done; mkdir -p "$last/bin"
    for each in python python3 pip; do ln -sf {ours}/$each "$last/bin/$each"; done
    echo ":" > "$last/bin/activate"; exit 0;;
esac; fi
exec {interpreter} "$@\""""
    for name in ("python", "python3"):
        _program(folder / name, python)
    for name in NOTHING.split():
        _program(folder / "building" / name, "exit 0")
    return folder


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
