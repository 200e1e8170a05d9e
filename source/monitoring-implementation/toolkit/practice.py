"""Rehearse with what lies in `work/`: traffic, scrapes, queries, and days with troubles."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.display import Image, display

from worksample.workbook import case_folder, plots
from worksample.workbook.metrics import promtool
from worksample.workbook.metrics.exposition import Scrape, Values, name_of, parsed, spliced
from worksample.workbook.metrics.promtool import FIRING, Found, Question

from . import clock
from .traffic import World, accuracy

WORK = Path("work")
RULES = "monitoring/rules.yml"
KILLED = 6
SECONDS = 40.0
NEEDED = ("run.sh", "monitoring/monitoring.toml", RULES, "monitoring/alertmanager.yml")


@dataclass(frozen=True)
class Rehearsal:
    """Scrapes after each block of a rehearsal."""

    scrapes: tuple[Scrape, ...]


def rehearse(seed: int = 1) -> Rehearsal:
    """Run `work/` under traffic of this world; prints your queries beside what was sent.

    It takes about a minute. `upstream/` and `feed/` of the copy that is run are the rehearsal's.
    """
    world = World(json.loads((case_folder() / "world.json").read_text("utf-8")), seed)
    kinds = clock.conditions(world.facts["sizes"])
    counts = dict.fromkeys((200, 422, 503, 404), 0)
    slow, filled, total = 0, 0, 0.0
    scrapes = []
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder, _service(Path(folder)) as ask:
        scrapes.append(_scrape(ask))
        for number, name in enumerate(clock.recording()):
            sent = world.block(kinds[name])
            with ThreadPoolExecutor(6) as clients:
                got = list(clients.map(ask, sent.paths, sent.bodies))
            for status, _ in got:
                counts[status] = counts.get(status, 0) + 1
            slow, filled, total = slow + sent.slow, filled + sent.filled, total + sum(sent.scores)
            Path(folder, "feed", "labels.jsonl").write_bytes(world.labels(kinds[name].wrong))
            if number == KILLED:
                _kill_a_worker(Path(folder))
            scrapes.append(_scrape(ask))
    sent_facts = {
        "answered": counts[200],
        "rejected": counts[422],
        "failed": counts[503],
        "slow": slow / max(counts[200], 1),
        "score": total / max(counts[200], 1),
        "filled": filled,
        "accuracy": accuracy(world.feed, world.facts["mature"], 120),
    }
    _compare(scrapes, sent_facts)
    return Rehearsal(tuple(scrapes))


def days(rehearsed: Rehearsal) -> None:
    """Lay a rehearsal on days with one of each trouble and harmless stretch; say what fired."""
    minutes, episodes, found = _asked(rehearsed, [Question(FIRING, ())])
    fired: dict[int, set[str]] = {
        minute: {labels.get("alertname", "?") for labels, _ in samples}
        for minute, samples in found[0].items()
    }
    print(f"{len(minutes)} minutes; (new) alerts, and minutes after the trouble began:")
    for each in episodes:
        seen: dict[str, int] = {}
        for minute in range(each.first, each.last):
            for name in fired.get(minute, ()):
                seen.setdefault(name, minute - each.onset)
        told = ", ".join(f"{name} after {after}" for name, after in seen.items()) or "nothing"
        print(f"  {'trouble ' if each.fault else 'harmless'} {each.kind:9} {told}")


def panels(rehearsed: Rehearsal) -> None:
    """Draw each panel's query over a rehearsal's days; troubles are shaded, and named below."""
    given = _given()["panels"]
    names = [name for name in given if given[name]]
    if not names:
        print("No panel has a query yet.")
        return
    minutes, episodes, found = _asked(rehearsed, [Question(given[name], ()) for name in names])

    def draw(axes: Any) -> None:
        every = axes if isinstance(axes, list) else [axes]
        for axis, name, answers in zip(every, names, found, strict=True):
            lines: dict[str, list[tuple[float, float]]] = {}
            for minute, samples in sorted(answers.items()):
                for labels, value in samples:
                    key = json.dumps(labels, sort_keys=True)
                    lines.setdefault(key, []).append((minute / 60, value))
            for place, points in enumerate(lines.values()):
                axis.plot(*zip(*points, strict=True), **plots.line(place, marker="", lw=1))
            for each in episodes:
                if each.fault:
                    axis.axvspan(each.onset / 60, each.over / 60, **plots.band())
            axis.set(title=name, xlabel="hours")

    troubles = ", ".join(each.kind for each in episodes if each.fault)
    told = (
        f"{len(names)} panels over {len(minutes) // 60} hours. Shaded, in their order: {troubles}."
    )
    print(told)
    display(Image(plots.as_png(draw, 2.2, len(names)), alt=told))


def tree_problem() -> str:
    """Why `work/` could not be run at all; empty if it can be started."""
    for name in NEEDED:
        if not (WORK / name).is_file():
            return f"work/{name} is missing: it is what will be used"
    try:
        given = tomllib.loads((WORK / NEEDED[1]).read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return f"work/{NEEDED[1]} is not TOML: {error}"
    for table in ("queries", "panels"):
        rows = given.get(table)
        if not isinstance(rows, dict) or not all(isinstance(each, str) for each in rows.values()):
            return f"work/{NEEDED[1]} should have a table {table} of queries"
    return ""


def rules_problem() -> str:
    """Why rules and routes could not be read; empty if they can, or if it cannot be tried here."""
    if (problem := tree_problem()) or shutil.which("promtool") is None:
        return problem
    done = _run("promtool", "check", "rules", RULES)
    if done.returncode == 0 and shutil.which("amtool"):
        done = _run("amtool", "check-config", NEEDED[3])
    return "" if done.returncode == 0 else (done.stdout + done.stderr)[-500:]


def changed() -> None:
    """Print what you have changed in `work/`."""
    safe = ["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=", "--no-pager", "diff"]
    print(_run(*safe).stdout if shutil.which("git") else "There is no git on this machine.")


# ---- a service of your own ----


@contextlib.contextmanager
def _service(folder: Path) -> Iterator[Any]:
    """A copy of `work/` that runs in ``folder``; yields (path, body) -> status and text."""
    shutil.copytree(WORK, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git", "var"))
    (folder / "feed" / "labels.jsonl").write_bytes(b"")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "said.log").open("w")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    env = {**os.environ, "PORT": str(port), "PATH": path}
    process = subprocess.Popen(
        ["sh", "run.sh"], cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True
    )

    def ask(path: str, body: bytes | None = None) -> tuple[int, bytes]:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body)
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    try:
        until = time.monotonic() + SECONDS
        while ask("/health")[0] != 200:
            if process.poll() is not None or time.monotonic() > until:
                print((folder / "said.log").read_text("utf-8")[-2000:])
                raise RuntimeError("the service did not answer /health")
            time.sleep(0.2)
        yield ask
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        log.close()


def _kill_a_worker(folder: Path) -> None:
    """SIGKILL to the youngest process that runs in ``folder``."""
    mine = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(place / "cwd") == str(folder.resolve()):
                mine.append(int(place.name))
    if len(mine) > 1:
        os.kill(max(mine), signal.SIGKILL)
        time.sleep(0.7)


def _scrape(ask: Any) -> Scrape:
    status, text = ask("/metrics")
    return parsed(text, clock.TARGET) if status == 200 else Scrape()


# ---- what promtool says ----


def _given() -> dict[str, dict[str, str]]:
    if problem := tree_problem():
        raise ValueError(problem)
    return tomllib.loads((WORK / NEEDED[1]).read_text("utf-8"))


def _compare(scrapes: Sequence[Scrape], sent: dict[str, Any]) -> None:
    given = _given()["queries"]
    names = [name for name in given if given[name]]
    found = _promtool(_series(scrapes), [Question(given[n], [len(scrapes) - 1]) for n in names])
    print(f"{len(scrapes)} scrapes, {len(scrapes[-1].samples)} series in the last\n")
    print("query      sent        read")
    for name in [*sent, "drift"]:
        answers = found[names.index(name)] if name in names else {}
        samples = answers.get(len(scrapes) - 1, [])
        read = f"{samples[0][1]:.4f}" if len(samples) == 1 else f"{len(samples)} values"
        told = sent.get(name)
        print(
            f"{name:10} {'' if told is None else f'{told:.4f}':11} {read if name in names else '-'}"
        )


def _series(scrapes: Sequence[Scrape]) -> dict[str, Values]:
    laid: dict[str, Values] = {}
    for number, scrape in enumerate(scrapes):
        for series, value in scrape.samples.items():
            laid.setdefault(series, [None] * len(scrapes))[number] = value
    return laid


def _asked(
    rehearsed: Rehearsal, questions: list[Question]
) -> tuple[list[Any], list[clock.Episode], list[Found]]:
    """Days of a rehearsal, and what each question gives, every two minutes."""
    recorded = clock.Recorded.of(clock.recording(), rehearsed.scrapes)
    minutes, episodes = clock.days(recorded, list(clock.LASTS), list(clock.HARMLESS), 1)
    texts = [(WORK / RULES).read_text("utf-8"), *(each.query for each in questions)]
    known = sorted({name_of(s) for scrape in rehearsed.scrapes for s in scrape.samples})
    wanted = clock.names_in(texts, known)
    series = spliced(minutes, lambda name: name in wanted, clock.TARGET)
    every = range(clock.SETTLES, len(minutes), 2)
    return minutes, episodes, _promtool(series, [Question(q.query, every) for q in questions])


def _promtool(series: dict[str, Values], questions: list[Question]) -> list[Found]:
    if shutil.which("promtool") is None:
        print("promtool is not on this machine, so queries and rules cannot be tried here.")
        return [{} for _ in questions]
    with tempfile.TemporaryDirectory(prefix="promtool-") as folder:
        shutil.copytree(WORK / "monitoring", Path(folder, "monitoring"))
        Path(folder, promtool.TEST).write_bytes(promtool.test_file(series, questions, [RULES]))
        done = subprocess.run(
            ["promtool", "test", "rules", promtool.TEST],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    for line in done.stdout.decode("utf-8", "replace").split("\n"):
        if "err:" in line:
            print(line.strip()[:300])
            break
    return promtool.answers(gzip.compress(done.stdout), len(questions))


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=WORK, capture_output=True, text=True, check=False)
