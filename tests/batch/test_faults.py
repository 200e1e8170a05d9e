"""Faults, each really made: nothing is lost, nothing is graded twice, nobody is blamed for ours.

What other files show already is not repeated here: a check that raises, hangs or eats memory
(test_checks.py), a read-only course (test_cli.py), a worker that is killed every time
(test_batch.py), what an attempt does to itself or to the machine (test_hostile.py).
"""

from __future__ import annotations

import json
import os
import pickle
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from textwrap import indent
from typing import Any
from uuid import uuid4

import psutil
import pytest
from click.testing import CliRunner
from sqlalchemy.exc import DatabaseError

from tests.cohort import ROOT, TINY, answers, auto_scores, fill, hand_in, invited, notebook_of
from tests.processes import end, running, until
from tests.sandboxes import notebook, nothing_left
from worksample import cli, databases
from worksample.batch import cohort as batch
from worksample.batch import gradebook
from worksample.course import Course
from worksample.errors import CourseError, SandboxFailed
from worksample.grading import slots
from worksample.grading.attempt import Graded
from worksample.grading.probe import Call
from worksample.grading.run import Run, execute
from worksample.limits import AnswerSpec, Limits
from worksample.records import evidence
from worksample.records.tables import Grading, Records
from worksample.sandbox.box import Box, Sandbox, Setup
from worksample.sandbox.choice import choose
from worksample.sandbox.inside import confine, turns
from worksample.sandbox.watch import ControlGroup, _parents
from worksample.submissions import collecting as submission

pytestmark = pytest.mark.slow

FULL = os.environ.get("WORKSAMPLE_FULL") == "1"
KILLS = 50 if FULL else 6
SEED = 20261121
MAX_RUNS = 60
GONE_SECONDS = 60.0
GRADE = [sys.executable, "-m", "worksample.cli", "grade", TINY]
DONE, SOME_NOT_GRADABLE = 0, 3

COHORT = {"ada": "strong", "bob": "weak", "dee": "crash", "gus": "itself"}
if FULL:
    COHORT |= {"cy": "blank", "eve": "strong", "fay": "weak", "hal": "strong"}
POINTS = {"strong": 100, "weak": 20, "blank": 0, "crash": 40, "itself": 40}
A_WHILE = "import time\ntime.sleep(0.5)"  # so that there is something to kill
KILL = "os.kill(os.getpid(), 9)"
ENDS_ALL = "[os.kill(int(p), 15) for p in os.listdir('/proc') if p.isdigit() and p != '1']"
KILLS_ITSELF = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"


@pytest.fixture(scope="module")
def cohort_once(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All candidates have handed in; nothing is graded."""
    root = tmp_path_factory.mktemp("cohort") / "course"
    shutil.copytree(built_once, root)
    course = Course(root)
    for who, solution in COHORT.items():
        cells = answers(course, "strong" if solution == "itself" else solution)
        cells["slope_answer"] = f"{A_WHILE}\n{cells.get('slope_answer', '')}"
        if solution == "itself":
            cells["predict_answer"] = KILLS_ITSELF
        hand_in(course, who, cells)
    return root


@pytest.fixture
def cohort(cohort_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of it; the working directory is the course."""
    shutil.copytree(cohort_once, tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return Course(tmp_path / "course")


@contextmanager
def grading(course: Course, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The real command, running; its temporary files lie beside the course."""
    temporary = course.root.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    with running(
        [*GRADE, *options],
        cwd=course.root,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield process


# --- fifty kills --------------------------------------------------------------------------------


def coordinator(batch: psutil.Process) -> list[psutil.Process]:
    return [batch]


def worker(batch: psutil.Process) -> list[psutil.Process]:
    """A process of the pool: a fork of the command, or a fresh one."""
    return [p for p in _below(batch, 1) if _is(p, *GRADE[1:4]) or _is(p, "multiprocessing.spawn")]


def checker(batch: psutil.Process) -> list[psutil.Process]:
    """The process that runs a worker's checks, or its fork for one attempt."""
    hosts = [p for w in worker(batch) for p in _below(w, 1)]
    hosts = [p for p in hosts if _is(p, *GRADE[1:4]) or _is(p, "worksample.grading.checkhost")]
    return [p for host in hosts for p in (host, *_below(host))]


def parent(batch: psutil.Process) -> list[psutil.Process]:
    """What holds sandboxes: bubblewrap, and the preloaded process that forks them."""
    return [*_named(batch, "bwrap"), *_tops(batch, "worksample.sandbox.inside.nursery")]


def agent(batch: psutil.Process) -> list[psutil.Process]:
    """The first process of one sandbox; of a forked one also that which stays before its door."""
    forked = [
        p for top in _tops(batch, "worksample.sandbox.inside.nursery") for p in _below(top, 2)
    ]
    return [*forked, *_tops(batch, "worksample.sandbox.inside.agent")]


def kernel(batch: psutil.Process) -> list[psutil.Process]:
    """A candidate's kernel, or what it started."""
    outside = {process.pid for process in agent(batch)}
    return [p for top in agent(batch) for p in _below(top) if p.pid not in outside]


Target = Callable[[psutil.Process], list[psutil.Process]]
TARGETS: tuple[Target, ...] = (coordinator, worker, checker, parent, agent, kernel)


def _below(process: psutil.Process, depth: int = 99) -> list[psutil.Process]:
    """Processes below another, so many generations down."""
    found: list[psutil.Process] = []
    try:
        above = {each: each.ppid() for each in process.children(recursive=True)}
    except psutil.Error:
        return found
    level = {process.pid}
    while level and depth:
        generation = [each for each, parent_pid in above.items() if parent_pid in level]
        level, depth = {each.pid for each in generation}, depth - 1
        found += generation
    return found


def _is(process: psutil.Process, *words: str) -> bool:
    try:
        line = process.cmdline()
    except psutil.Error:
        return False
    return all(any(word in each for each in line) for word in words)


def _line(process: psutil.Process) -> str:
    try:
        return f"{process.status()} {' '.join(process.cmdline())}"
    except psutil.Error:
        return f"{process.pid}, gone meanwhile"


def _named(batch: psutil.Process, word: str) -> list[psutil.Process]:
    return [p for p in _below(batch) if _name(p) == word]


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""


def _tops(batch: psutil.Process, module: str) -> list[psutil.Process]:
    """Processes that run a module, without the forks below them and what only starts them."""
    found = [p for p in _below(batch) if _is(p, module) and _name(p) != "bwrap"]
    forks = {below.pid for process in found for below in _below(process)}
    return [process for process in found if process.pid not in forks]


class Killer:
    """Kills what the dice say, at moments that they say; counts what it killed."""

    def __init__(self, kills: int, seconds: float, targets: Sequence[Target] = TARGETS) -> None:
        self.dice, self.targets = random.Random(SEED), targets
        self.left, self.seconds = kills, seconds
        self.killed: Counter[str] = Counter()

    def beset(
        self,
        process: subprocess.Popen[str],
        grader: Callable[[], psutil.Process] | None = None,
    ) -> None:
        """Until ``process`` ends; what is killed is below ``grader``, which is the same if none."""
        batch = grader or (lambda: psutil.Process(process.pid))
        while self.left and process.poll() is None:
            target = self.dice.choice(self.targets)
            with suppress(subprocess.TimeoutExpired):
                process.wait(self.dice.uniform(0, self.seconds))
            while process.poll() is None and not (found := target(batch())):
                time.sleep(0.05)
            if process.poll() is None and found:
                self._kill(self.dice.choice(found), target.__name__)

    def _kill(self, victim: psutil.Process, name: str) -> None:
        with suppress(psutil.Error):
            if victim.status() == psutil.STATUS_ZOMBIE:
                return  # it is dead, and this would count as a kill
            victim.kill()
            self.killed[name] += 1
            self.left -= 1


@pytest.fixture
def orphanage() -> Iterator[Callable[[], list[str]]]:
    """Whoever is left behind becomes a child of this process; the function says who is."""
    confine.prctl(confine.PR_SET_CHILD_SUBREAPER, 1)
    # what other tests have started here may go on, with all that is below it
    before = {child.pid for child in psutil.Process().children()}

    def left() -> list[str]:
        """Command lines of those who do not end by themselves."""
        deadline = time.monotonic() + GONE_SECONDS
        while True:
            ours = [p for p in psutil.Process().children() if p.pid not in before]
            for each in ours:
                with suppress(ChildProcessError, psutil.Error):
                    if each.status() == psutil.STATUS_ZOMBIE:
                        os.waitpid(each.pid, os.WNOHANG)
            alive = [p for each in ours for p in (each, *_below(each)) if p.is_running()]
            if not alive or time.monotonic() > deadline:
                return [_line(each) for each in alive]
            time.sleep(0.05)

    yield left
    confine.prctl(confine.PR_SET_CHILD_SUBREAPER, 0)


def test_killed_at_random_moments_and_run_again_a_batch_comes_to_the_same(
    cohort: Course, orphanage: Callable[[], list[str]]
) -> None:
    """SIGKILL to the coordinator, a worker, a checker, a sandbox's parent, agent or kernel.

    Seeded, but the moment is what the clock makes of it: the dice are the same, the interleaving
    is not. As many courses as the kills need; each must end as the one that nobody disturbed.
    """
    untouched = cohort.root.parent / "untouched"
    shutil.copytree(cohort.root, untouched)
    begun = time.monotonic()
    with grading(cohort) as process:
        assert process.wait() == DONE, process.stdout and process.stdout.read()
    expected = results(cohort)
    listed = names(cohort)
    assert {who: expected[who]["points"] for who in COHORT} == {
        who: POINTS[solution] for who, solution in COHORT.items()
    }
    killer = Killer(KILLS, (time.monotonic() - begun) / 2)
    courses, commands, came = 0, 0, Counter[str]()
    while killer.left:
        shutil.rmtree(cohort.root)
        shutil.copytree(untouched, cohort.root)
        runs = until_done(cohort, killer, orphanage)
        assert results(cohort) == expected, runs
        assert names(cohort) == listed
        assert not orphanage()
        assert not list((cohort.root.parent / "tmp").iterdir())
        until(lambda: not groups_of_the_dead())  # another test may have made one just now
        courses, commands = courses + 1, commands + len(runs)
        came.update(r["outcome"] for who in COHORT for r in evidence.history(cohort, TINY, who))
        told = f"{courses} courses, {commands} commands, records {dict(came)}"
        print(f"killed {dict(killer.killed)}; {told}", flush=True)


def until_done(
    course: Course, killer: Killer, orphanage: Callable[[], list[str]]
) -> list[tuple[int, str]]:
    """Run the command again and again, as a person would; what each said."""
    runs = []
    for _ in range(MAX_RUNS):
        with grading(course) as process:
            killer.beset(process)
            said, _ = process.communicate()
        runs.append((process.returncode, said))
        assert process.returncode in (DONE, SOME_NOT_GRADABLE, -signal.SIGKILL), runs
        assert not orphanage(), "nobody is left behind by a kill"
        if process.returncode == DONE:
            return runs
    pytest.fail(f"not done after {MAX_RUNS} runs: {runs}")


def results(course: Course) -> dict[str, dict[str, Any]]:
    """What must not depend on who was killed: records, gradebook, ``autograded/``."""
    return {who: _result(course, who) for who in COHORT}


# What is said of a notebook that kills its kernel each time: the second where it was seen to do so
# at one place twice, the first where a kill came at another place between (run.py says why).
SAME = re.compile(
    "the notebook killed its own kernel, again"
    "|the kernel ended while this cell ran; so it did when it was run again"
)


def _result(course: Course, who: str) -> dict[str, Any]:
    history = evidence.history(course, TINY, who)  # raises when the chain does not verify
    scored = [record for record in history if record["outcome"] in evidence.SCORED]
    assert len(scored) == 1, (who, [(r["number"], r["outcome"], r["why"]) for r in history])
    (record,) = scored
    executed = evidence.notebook(course, record)  # raises when it is not the record's
    shown = json.loads(gradebook.autograded_notebook(course, TINY, who).read_text())
    with Records(course.records_url).session() as session:
        noted = session.query(Grading).filter_by(assignment=TINY, candidate=who).all()
    assert [row.number for row in noted] == [record["number"]]
    assert noted[0].evidence_digest == evidence.digest(course, record)
    scores = auto_scores(course, TINY, who)
    assert {n: scores[n] for n in record["checks"]} == {
        name: check["points"] for name, check in record["checks"].items()
    }
    timings = ("seconds", "stages", "probe")
    run = {name: value for name, value in record["run"].items() if name not in timings}
    for made in run["calls"].values():
        for call in made:
            del call["seconds"]
    kept = ("outcome", "why", "inputs", "repairs", "checks", "points", "notebook")
    found = {**{name: record[name] for name in kept}, "run": run, "shown": shown["cells"]}
    if COHORT[who] != "itself":
        return found
    found["notebook"] = executed  # which has the sentence in it, so that its hash differs too
    return dict(json.loads(SAME.sub("killed", json.dumps(found))))


def names(course: Course) -> set[str]:
    """Every file of a course; of evidence only what is no record."""
    found = {path.relative_to(course.root).as_posix() for path in course.root.rglob("*")}
    ours = {f"{path.stem}.{kind}" for path in course.evidence.rglob("[0-9]*.json")
               for kind in ("json", "ipynb")}  # fmt: skip
    return {name for name in found if name.rpartition("/")[2] not in ours}


def groups_of_the_dead() -> list[str]:
    """Control groups whose maker is gone; the next sandbox sweeps them up."""
    ControlGroup(Limits()).remove()
    every = [path for above, _ in _parents(Limits()) for path in above.glob("worksample-[0-9]*-*")]
    return [str(path) for path in every if not psutil.pid_exists(int(path.name.split("-")[1]))]


# --- a machine short of memory ------------------------------------------------------------------

EATER = """
import pathlib
pathlib.Path("/proc/self/oom_score_adj").write_text("1000")
input()
eaten = bytearray(200 << 20)
"""
# eats 200 MB in a sandbox's control group, within a group that stands for the machine
STARVE = """
import os, pathlib, signal, subprocess, sys
from worksample.limits import Limits
from worksample.sandbox.watch import ControlGroup

above, limit, outer_mb, own_mb, eat = sys.argv[1:]
outer = pathlib.Path(above, f"faults-{os.getpid()}")
outer.mkdir()
try:
    (outer / limit).write_text(str(int(outer_mb) << 20))
    (outer / "cgroup.procs").write_text(str(os.getpid()))
    group = ControlGroup(Limits(memory_mb=int(own_mb)))
    eater = subprocess.Popen([sys.executable, "-c", eat], stdin=subprocess.PIPE)
    group.add(eater.pid)
    eater.communicate(b"\\n")
    print(eater.returncode == -signal.SIGKILL, group.ran_out_of_memory())
    group.remove()
finally:
    pathlib.Path(above, "cgroup.procs").write_text(str(os.getpid()))
    outer.rmdir()
"""


def memory_group() -> list[tuple[Path, str]]:
    """Where a control group with a memory limit may be made, and its file for the limit."""
    files = ("memory.limit_in_bytes", "memory.max")
    return [(folder, name) for folder, each in _parents(Limits()) for name in each if name in files]


@pytest.mark.parametrize(
    ("outer_mb", "own_mb", "own_fault"), [(150, 1000, False), (1000, 16, True)]
)
def test_killed_because_the_machine_is_short_of_memory_is_not_its_own_limit(
    outer_mb: int, own_mb: int, own_fault: bool
) -> None:
    """The system counts both alike where it kills; only one of them is the candidate's."""
    if not memory_group():
        pytest.skip("no control group with a memory limit may be made here")
    given = [*map(str, memory_group()[0]), str(outer_mb), str(own_mb), EATER]
    done = subprocess.run(
        [sys.executable, "-c", STARVE, *given],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", str(own_fault)]


# --- every step of writing ----------------------------------------------------------------------

STEPS = None if FULL else 4
CHANGES = {"os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate"}


def kill_at_every_step(root: str, pristine: str, inbox: str, how: str) -> None:
    """Receive and grade, killed before the n-th change to the course, for n = 1, 2, …

    Each time the same is done again, undisturbed, and must come to what it comes to without a
    kill. Runs in a process of its own, which forks for each.

    Args:
        inbox: what a candidate sent.
        how: ``collected`` by the command, or ``copied`` into ``submitted/`` by hand.
    """
    course, here = Course(Path(root)), Remembering()
    kept = Path(root).parent / "graded.pickle"
    done = 0

    def begin() -> None:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(pristine, root)
        os.chdir(root)
        if how == "copied":
            shutil.copytree(Path(inbox, TINY), course.submitted / "ada" / TINY)

    def work(kill_at: int) -> None:
        def count(event: str, given: tuple[Any, ...]) -> None:
            nonlocal done
            writes = event == "open" and given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if (event in CHANGES or writes) and str(given[0]).startswith(root):
                done += 1
                if done == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        if kept.exists():
            here.known = pickle.loads(kept.read_bytes())
        if how == "collected":
            assert not submission.collect(course, [Path(inbox)]).refused
        assert graded_here(course, here).points == 100
        kept.write_bytes(pickle.dumps(here.known))
        Path(f"{root}.told").write_text(json.dumps([done, sorted(names(course))]))

    def forked(kill_at: int = 0) -> int:
        child = os.fork()
        if child == 0:
            try:
                work(kill_at)
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    begin()
    assert forked() == 0
    steps, undisturbed = json.loads(Path(f"{root}.told").read_text())
    for kill_at in range(1, steps + 1, max(1, steps // STEPS) if STEPS else 1):
        begin()
        assert forked(kill_at) == -signal.SIGKILL, kill_at
        assert forked() == 0, f"killed at step {kill_at} of {steps}"
        _, found = json.loads(Path(f"{root}.told").read_text())
        assert found == undisturbed, (kill_at, set(found) ^ set(undisturbed))
        history = evidence.history(course, TINY, "ada")
        assert [record["outcome"] for record in history] == ["graded"], (kill_at, history)
        assert auto_scores(course, TINY, "ada") == SCORES, kill_at
    print(steps)


@pytest.mark.parametrize("how", ["collected", "copied"])
def test_killed_at_any_step_of_writing_and_run_again_it_comes_to_the_same(
    built: Course, tmp_path: Path, how: str
) -> None:
    """Dice seldom hit the moment between two files: here the kill comes at each of them."""
    fill(notebook_of(invited(built, "ada", tmp_path / "inbox")), answers(built, "strong"))
    given = [str(tmp_path / "killed"), str(built.root), str(tmp_path / "inbox"), how]
    program = "import sys; from tests.batch.test_faults import *; kill_at_every_step(*sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", program, *given],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) > 20, "steps"


# --- one kernel, one sandbox --------------------------------------------------------------------

# says that the moment has come, then waits as long as somebody is expected to kill at it; its
# files have a name that nothing else has: a clone below /tmp can be seen in the sandbox too
MARK = uuid4().hex
AT = f"""\
import os, time
open('/tmp/{MARK}-{{0}}', 'w').close()
while os.path.exists('/tmp/{MARK}-{{0}}-awaited'):
    time.sleep(0.01)
"""
NOTEBOOK = {
    "before": "x = 1",
    "here": f"{AT.format('here')}\nx += 1",
    "there": f"{AT.format('there')}\nx += 1",
    "last": f"""\
import json, os
with open(os.path.join(os.environ["WORKSAMPLE_ANSWERS"], "x.json"), "w") as file:
    json.dump(x, file)
def add(y):
{indent(AT.format("call"), "    ")}
    return x + y
def fresh(y):
{indent(AT.format("fresh"), "    ")}
    return x + y
""",
}
CALLS = [
    Call("add", "add", (1,), "number", seconds=30),
    Call("add", "add", (2,), "number", seconds=30),
    Call("fresh", "fresh", (3,), "number", seconds=30),
]


class Beset:
    """A sandbox in whose first boxes something is killed at a moment that the notebook tells.

    Args:
        moments: for each box, the name of the file that tells of the moment.
        victims: what to kill, of the agent's process.
    """

    def __init__(
        self, moments: list[str], victims: Callable[[psutil.Process], list[psutil.Process]]
    ) -> None:
        self.inner, self.moments, self.victims = choose(), moments, victims
        self.name, self.opened = self.inner.name, 0

    def open(self, setup: Setup) -> Box:
        box = self.inner.open(setup)
        if self.opened < len(self.moments):
            root, moment = box._launched.root, self.moments[self.opened]
            assert root is not None
            told = root / "tmp" / f"{MARK}-{moment}"
            told.with_name(f"{told.name}-awaited").touch()
            given = (psutil.Process(box._launched.pid), told)
            threading.Thread(target=self._kill, args=given, daemon=True).start()
        self.opened += 1
        return box

    def _kill(self, agent: psutil.Process, moment: Path) -> None:
        while not moment.exists():
            if not agent.is_running():
                return
            time.sleep(0.01)
        for victim in self.victims(agent):
            victim.kill()
        while agent.is_running():  # whoever answers the calls that are left need not wait
            with suppress(OSError):
                moment.with_name(f"{moment.name}-awaited").unlink()  # it is put back for each call
            time.sleep(0.01)


def kernels(agent: psutil.Process) -> list[psutil.Process]:
    return agent.children()


def newest(agent: psutil.Process) -> list[psutil.Process]:
    return [max(agent.children(recursive=True), key=lambda process: process.create_time())]


def itself(agent: psutil.Process) -> list[psutil.Process]:
    return [agent]


def run(sandbox: Sandbox, **cells: str) -> Run:
    with nothing_left():
        return execute(
            notebook(**{**NOTEBOOK, **cells}),
            Path(__file__).parents[1] / "assignments",
            {},
            Limits(),
            {"x": AnswerSpec(1)},
            CALLS,
            "standard",
            sandbox=sandbox,
        )


@pytest.mark.parametrize(
    ("moment", "victims", "boxes"),
    [
        pytest.param("here", kernels, 2, id="kernel in a cell"),
        pytest.param("here", itself, 2, id="sandbox in a cell"),
        pytest.param("call", kernels, 2, id="snapshot in a call"),
        pytest.param("call", itself, 2, id="sandbox in a call"),
        pytest.param("fresh", newest, 1, id="fork in a call"),
    ],
)
def test_what_somebody_else_killed_costs_nothing(
    moment: str, victims: Callable[[psutil.Process], list[psutil.Process]], boxes: int
) -> None:
    """Our fault is never their score: the pass is repeated, its end is as if nothing had been."""
    sandbox = Beset([moment], victims)
    done = run(sandbox)
    assert done.ended.how == "completed", done.ended
    assert set(done.cells.values()) == {"completed"}
    assert done.answers == {"x": 3}
    assert [result.value for result in done.calls["add"]] == [4, 5]
    assert [result.value for result in done.calls["fresh"]] == [6]
    assert sandbox.opened == boxes


class Turn:
    """A slot at whose door the kernels of the first box are killed.

    Args:
        at_once: their end is reported before the notebook's turn comes; else the agent that
            reports it stands still, and the first cell is sent to where nobody is.
    """

    def __init__(self, at_once: bool) -> None:
        self.at_once, self.inner, self.boxes = at_once, choose(), []
        self.name = self.inner.name

    def open(self, setup: Setup) -> Box:
        self.boxes.append(self.inner.open(setup))
        return self.boxes[-1]

    @contextmanager
    def slot(self) -> Iterator[None]:
        if len(self.boxes) > 1:
            yield
            return
        agent = psutil.Process(self.boxes[0]._launched.pid)
        if not self.at_once:
            agent.suspend()
            threading.Timer(1.0, agent.resume).start()
        for kernel in kernels(agent):
            kernel.kill()
        self.boxes[0].ended.wait(0.5)
        assert self.boxes[0].ended.is_set() == self.at_once
        yield


@pytest.mark.parametrize("at_once", [True, False], ids=["known", "not known yet"])
def test_killed_while_it_waits_for_its_turn_it_is_run_again(
    at_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is there to take the first cell, and nobody waits for ever."""
    sandbox = Turn(at_once)
    monkeypatch.setattr(slots, "slot", sandbox.slot)
    done = run(sandbox)
    assert done.ended.how == "completed", done.ended
    assert done.answers == {"x": 3}
    assert [result.value for result in done.calls["add"]] == [4, 5]
    assert len(sandbox.boxes) == 2


def test_a_notebook_that_kills_itself_is_believed_the_second_time() -> None:
    """Once more, to be sure; then the cell is left out, and nothing else is run in vain."""
    sandbox = Beset([], kernels)
    done = run(sandbox, here=KILLS_ITSELF, there=KILLS_ITSELF)
    assert (done.ended.how, done.ended.cell) == ("crashed", "here")
    assert "when it was run again" in done.ended.detail
    assert [done.cells[name] for name in ("here", "there", "last")] == [
        "crashed",
        "crashed",
        "completed",
    ]
    assert done.answers == {"x": 1}
    assert sandbox.opened == 4


def test_a_function_that_kills_itself_is_believed_the_second_time() -> None:
    """It fails its calls and no other; the run was completed."""
    sandbox = Beset([], kernels)
    done = run(
        sandbox, last=f"{NOTEBOOK['last']}\ndef add(y):\n    import os; os.kill(os.getpid(), 9)"
    )
    assert done.ended.how == "completed"
    assert [result.ok for result in done.calls["add"]] == [False, False]
    assert [result.value for result in done.calls["fresh"]] == [6]
    assert sandbox.opened == 1


@pytest.mark.parametrize(
    ("moments", "victims"),
    [
        pytest.param(["here", "there", "call"], kernels, id="kernel, at another place each time"),
        pytest.param(["here", "here", "here"], itself, id="sandbox, at one place"),
    ],
)
def test_killed_every_time_is_no_score(
    moments: list[str], victims: Callable[[psutil.Process], list[psutil.Process]]
) -> None:
    """What cannot have been the notebook is not held against it: unknown is not gradable."""
    sandbox = Beset(moments, victims)
    with pytest.raises(SandboxFailed, match="killed 3 times"):
        run(sandbox)


class Clock:
    """A sandbox that shows a notebook what time it is: how often it has been run."""

    def __init__(self) -> None:
        self.inner, self.opened, self.shielded = choose(), 0, []
        self.name = self.inner.name

    def open(self, setup: Setup) -> Box:
        box = self.inner.open(setup)
        self.opened += 1
        self.shielded.append(setup.shielded)
        assert box._launched.root is not None
        (box._launched.root / "tmp" / "clock").write_text(str(self.opened))
        return box


AT_ITS_TIME = """\
import os, signal, subprocess, threading, time
if int(open("/tmp/clock").read()) % 4 == {0}:
    {1}
"""
DAEMON = "os.fork() or (time.sleep(0.3), os.kill(os.getppid(), 9)); time.sleep(0.6)"
TIMED = {
    "itself": "os.kill(os.getpid(), signal.SIGKILL)",
    "group": "os.killpg(0, signal.SIGKILL)",
    "a thread": "threading.Timer(0.2, os.kill, (os.getpid(), 9)).start()",  # between the cells
    "a shell": "subprocess.run(['kill', '-9', str(os.getpid())])",
    "a child that stays": DAEMON,
}


@pytest.mark.parametrize("how", TIMED)
def test_no_kill_timed_with_the_clock_makes_an_attempt_not_gradable(how: str) -> None:
    """Whoever expects a low score would rather have none: at another cell each time, never twice
    the same, a death looked like somebody else's, and three of them were nobody's."""
    sandbox = Clock()
    kills = {f"k{n}": AT_ITS_TIME.format(n, TIMED[how]) + "time.sleep(0.3)" for n in (1, 2, 3)}
    done = run(sandbox, **kills, here="x += 1", there="x += 1")
    assert sandbox.shielded[:3] == [False, False, True]
    assert done.ended.how in ("completed", "crashed")
    if how in ("itself", "group"):
        assert (done.ended.how, done.ended.cell) == ("crashed", "k3")
        assert done.ended.detail == "the notebook killed its own kernel, again"
    assert done.answers == {"x": 3}
    assert sandbox.opened <= 5


def test_killed_by_the_clock_in_a_cell_and_in_calls_it_is_the_notebooks_all_the_same() -> None:
    """Neither the kernel nor what it forks for calls is a place that is never the same twice."""
    cells = {"k1": AT_ITS_TIME.format(1, TIMED["itself"]), "k2": AT_ITS_TIME.format(2, KILL)}
    ends = f"{NOTEBOOK['last']}\ndef add(y):\n    {ENDS_ALL}"
    done = run(Clock(), **cells, here="x += 1", there="x += 1", last=ends)
    assert done.ended.how == "completed"
    assert set(done.cells.values()) == {"completed"}
    assert [result.ok for result in done.calls["add"]] == [False, False]


# --- a machine that is busy ---------------------------------------------------------------------

WORK = f"""\
{AT.format("here")}
begun = time.process_time()
while time.process_time() - begun < 0.5:
    pass
"""
# real time, because a nice value counts only within what the scheduler takes for one session
HOG = """
import os, sys, time
os.sched_setaffinity(0, [int(sys.argv[1])])
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
print("ready", flush=True)
input()
end = time.monotonic() + 60  # though nobody be left to end it
while time.monotonic() < end:
    pass
"""


class Starved:
    """A sandbox whose first box, from some moment on, gets next to nothing of a processor: what
    the kernel keeps back from real-time tasks, a twentieth."""

    def __init__(self) -> None:
        self.inner, self.opened = choose(), 0
        self.name = self.inner.name
        self.processor = max(os.sched_getaffinity(0))
        command = [sys.executable, "-c", HOG, str(self.processor)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.hog = subprocess.Popen(command, **pipes)
        assert self.hog.stdout
        assert self.hog.stdout.readline() == b"ready\n"

    def open(self, setup: Setup) -> Box:
        box = self.inner.open(setup)
        self.opened += 1
        if self.opened == 1:
            assert box._launched.root is not None
            place = box._launched.root / "tmp"
            (place / f"{MARK}-here-awaited").touch()
            given = (psutil.Process(box._launched.pid), place)
            threading.Thread(target=self._starve, args=given, daemon=True).start()
        return box

    def _starve(self, agent: psutil.Process, place: Path) -> None:
        while agent.is_running() and not (place / f"{MARK}-here").exists():
            time.sleep(0.01)
        for each in _below(agent):
            with suppress(psutil.Error):
                each.cpu_affinity([self.processor])
        assert self.hog.stdin
        self.hog.stdin.write(b"\n")
        self.hog.stdin.flush()
        with suppress(OSError):
            (place / f"{MARK}-here-awaited").unlink()
        while agent.is_running():
            time.sleep(0.01)
        self.hog.kill()

    def close(self) -> None:
        """Nobody takes the processor any more."""
        end(self.hog, patience=0)


@pytest.mark.skipif(not FULL, reason="part of `make faults`: takes a processor away")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may run a task in real time")
@pytest.mark.parametrize("where", ["cell", "call"])
def test_time_that_a_busy_machine_took_is_held_against_nobody(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit passed by the clock, and the notebook had a fraction of it: run again."""
    monkeypatch.setattr(turns, "PATIENCE", 2.0)
    monkeypatch.setattr(turns, "LEAST_SHARE", 0.125)
    function = f"def add(y):\n{indent(WORK, '    ')}\n    return y + 1"
    cells = {"a": WORK, "b": function} if where == "cell" else {"b": function}
    with nothing_left(descriptors=False):
        sandbox = Starved()
        try:
            done = execute(
                notebook(**cells),
                Path(__file__).parents[1] / "assignments",
                {},
                Limits(cell_seconds=2),
                {},
                [Call("add", "add", (1,), "number", seconds=2)],
                "standard",
                sandbox=sandbox,
            )
            assert done.ended.how == "completed", done.ended
            assert [result.value for result in done.calls["add"]] == [2], done.calls
        except SandboxFailed as error:  # where this test is not alone, that is true each time
            if "too busy" not in str(error):
                raise
        finally:
            sandbox.close()
    assert sandbox.opened > 1


# --- a full disk, a locked database, a clock that jumps, a hundred megabytes --------------------


SCORES = {"slope": 40, "predict": 60, "explanation": None}


class Remembering(Executor):
    """Grades here, each attempt once; given again, it has the same result at once."""

    def __init__(self) -> None:
        self.known: dict[str, Graded] = {}
        self.executed = 0

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        key = args[0].keys[0]
        if key not in self.known:
            self.executed += 1
            self.known[key] = work(*args, **kwargs)
        future: Future[Any] = Future()
        future.set_result(self.known[key])
        return future


def graded_here(course: Course, here: Remembering) -> batch.Outcome:
    (outcome,) = batch.grade(course, TINY, start=lambda: here).outcomes
    return outcome


@pytest.fixture
def ada(built: Course) -> Course:
    """One candidate has handed in."""
    hand_in(built, "ada", answers(built, "strong"))
    return built


FREE_KB = (0, 4, 12, 20, 40, 80, 160, 320, 640, 1280)


def fill_the_disk(root: str, pristine: str) -> None:
    """Grade with ever more room on the small disk at ``root``, each time from the start.

    Each time the room is then made, and the same command must come to the end. Prints what came
    of each; runs in a process and a mount namespace of its own.
    """
    os.chdir(root)
    course, here, ballast = Course(Path(root)), Remembering(), Path(root, "ballast")
    came: list[str] = []
    for free in FREE_KB:
        for old in list(course.root.iterdir()):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        shutil.copytree(pristine, root, dirs_exist_ok=True)
        room = os.statvfs(root)
        with open(ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - free * 1024)
        try:
            outcome = graded_here(course, here)
            came.append(outcome.outcome)
            assert (outcome.points is None) is (outcome.outcome == batch.NOT_GRADABLE), outcome
            assert outcome.outcome == "graded" or outcome.why, outcome
        except (CourseError, DatabaseError) as error:
            came.append(type(error).__name__)
        ballast.unlink()
        assert graded_here(course, here).points == 100, (free, came)
        history = evidence.history(course, TINY, "ada")
        assert [record["outcome"] for record in history].count("graded") == 1, (free, came)
        assert auto_scores(course, TINY, "ada") == SCORES
        assert not list(course.evidence.rglob(".[0-9]*")), (free, came)
    assert here.executed == 1
    print(json.dumps(came))


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a small disk")
def test_on_a_full_disk_there_is_no_score_and_with_room_there_is_one(
    ada: Course, tmp_path: Path
) -> None:
    """Nothing can be written, or the evidence cannot, or the gradebook cannot, or all can."""
    disk = tmp_path / "disk"
    disk.mkdir()
    python = (
        "from tests.batch.test_faults import fill_the_disk; "
        f"fill_the_disk({str(disk)!r}, {str(ada.root)!r})"
    )
    command = f"mount -t tmpfs -o size=24m tmpfs {quote(str(disk))}"
    command += f" && exec {quote(sys.executable)} -c {quote(python)}"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", command],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"mounting is not allowed here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    came = json.loads(done.stdout.splitlines()[-1])
    assert came[0] == "CourseError", "found out before any work"
    assert batch.NOT_GRADABLE in came, came
    assert came[-1] == "graded", came


@contextmanager
def locked(database: Path, how: str) -> Iterator[None]:
    """Another process holds a database; it lets go at the end."""
    program = (
        "import sqlite3, sys; held = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "held.execute('BEGIN ' + sys.argv[2]); print('held', flush=True); sys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    command = [sys.executable, "-c", program, database, how]
    with running(command, text=True, **pipes) as holder:
        assert holder.stdout.readline() == "held\n"
        yield


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
@pytest.mark.parametrize("name", ["gradebook.db", "worksample.db"])
def test_a_database_locked_for_longer_than_we_wait_is_no_score(
    ada: Course, name: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """IMMEDIATE: it can be read and not written; EXCLUSIVE: neither."""
    monkeypatch.setattr(databases, "LOCK_SECONDS", 1)
    url = f"sqlite:///{ada.state / 'gradebook.db'}?timeout=1"  # nbgrader's would be 5 s
    monkeypatch.setenv("WORKSAMPLE_GRADEBOOK_URL", url)
    here = Remembering()
    gradebook.ensure(ada, TINY)
    with locked(ada.state / name, how):
        if (name, how) == ("gradebook.db", "EXCLUSIVE"):
            done = CliRunner().invoke(cli.main, ["grade", TINY], prog_name="worksample")
            assert done.exit_code == 1, done.output
            assert "(database is locked)" in done.stderr
        else:
            outcome = graded_here(ada, here)
            assert outcome.outcome == batch.NOT_GRADABLE
            assert "database is locked" in outcome.why
            assert outcome.points is None
    executed = here.executed
    assert graded_here(ada, here).points == 100
    assert here.executed == (executed or 1), "what is in the evidence is not executed again"
    assert len(evidence.history(ada, TINY, "ada")) == 1
    assert auto_scores(ada, TINY, "ada") == SCORES
    assert not graded_here(ada, here).new


JUMPING_CLOCK = """
import datetime, importlib.machinery, os, sys, time
from time import monotonic, time as real, time_ns as real_ns

DAYS = (0, 4000, -9000, 0.02, -0.04, 40)

def shift():
    return DAYS[int(monotonic() * 3) % len(DAYS)] * 86400

time.time = lambda: real() + shift()
time.time_ns = lambda: real_ns() + int(shift() * 1e9)

class Finder(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "worksample.records":
            return None
        spec = super().find_spec(name, path, target)
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            told = lambda: datetime.datetime.fromtimestamp(int(time.time()), datetime.UTC)
            module.now = told
            with open(os.environ["WORKSAMPLE_TEST_CLOCK"], "a") as file:
                file.write(f"{os.getpid()}\\n")

        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Finder)
"""


def test_a_clock_that_jumps_changes_no_score_and_no_order(ada: Course, tmp_path: Path) -> None:
    """Every third of a second it is another day, back or forth by years, in every process.

    The machine's own clock cannot be set for one test; what is set is what Python's `time` tells,
    and the one place that asks for the date. Limits go by a clock that cannot be set.
    """
    hand_in(ada, "gus", {**answers(ada, "strong"), "slope_answer": "while True: pass"})
    limits = ada.assignments / TINY / "assignment.toml"
    limits.write_text(limits.read_text().replace("cell_seconds = 10", "cell_seconds = 3"))
    folder, seen = tmp_path / "clock", tmp_path / "seen"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(JUMPING_CLOCK)
    path = os.pathsep.join([str(folder), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "WORKSAMPLE_TEST_CLOCK": str(seen)}
    command = [*GRADE, "--workers", "1"]
    done = subprocess.run(command, cwd=ada.root, env=environment, capture_output=True, text=True)
    assert done.returncode == DONE, done.stdout + done.stderr
    assert seen.read_text(), "it was that clock"
    for who, ended, points in (("ada", "completed", 100), ("gus", "timeout", 0)):
        (record,) = evidence.history(ada, TINY, who)
        assert (record["run"]["ended"]["how"], record["points"]) == (ended, points)
        assert 0 < record["run"]["seconds"] < 600
    assert not any(each.new for each in batch.grade(ada, TINY).outcomes)


def test_records_of_a_clock_that_went_back_keep_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their number is the order, and the chain holds whatever the times say."""
    course = Course(tmp_path)
    body = {"outcome": "graded", "inputs": {}}
    for number, year in enumerate((2026, 2035, 1970), start=1):
        monkeypatch.setattr(evidence, "now", lambda year=year: datetime(year, 1, 1, tzinfo=UTC))
        evidence.append(course, TINY, "ada", {**body, "points": number}, b"{}")
    assert [record["points"] for record in evidence.history(course, TINY, "ada")] == [1, 2, 3]
    latest = evidence.latest(course, TINY, "ada")
    assert latest is not None
    assert (latest["points"], latest["time"][:4]) == (3, "1970")


def test_when_our_clock_falls_back_what_comes_later_still_counts(
    built: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that starts in 1970 must not make yesterday's attempt the newest one."""
    home = invited(built, "ada", tmp_path / "home")
    fill(notebook_of(home), {"slope_answer": "SLOPE = 1"})
    assert submission.collect(built, [home]).receipts[0].current
    time.sleep(1.1)  # what is kept is kept to the second
    fill(notebook_of(home), {"slope_answer": "SLOPE = 2"})
    monkeypatch.setattr(submission, "now", lambda: datetime(1970, 1, 1, tzinfo=UTC))
    (receipt,) = submission.collect(built, [home]).receipts
    assert receipt.current, receipt.notes
    assert "SLOPE = 2" in (built.submitted / "ada" / TINY / f"{TINY}.ipynb").read_text()


def test_a_hundred_megabytes_stop_nobody(ada: Course, tmp_path: Path) -> None:
    """A notebook of that size is refused while it can still be asked for again, and is no score
    where it lies in ``submitted/`` already; a file beside one is left out, and told.
    """
    big = "x" * (100 * 2**20)
    home = invited(ada, "bob", tmp_path / "bob")
    fill(notebook_of(home), answers(ada, "weak"))
    (home / "notes.txt").write_text(big)
    done = submission.collect(ada, [home])
    assert "too large" in " ".join(done.receipts[0].notes)
    home = invited(ada, "cy", tmp_path / "cy")
    fill(notebook_of(home), {"slope_answer": f"TEXT = '{big}'"})
    (refused,) = submission.collect(ada, [home]).refused
    assert "larger than 64 MB" in str(refused)
    shutil.copytree(home, ada.submitted / "cy" / TINY, ignore=shutil.ignore_patterns("case"))
    del big
    here = Remembering()
    outcomes = batch.grade(ada, TINY, start=lambda: here).outcomes
    assert {each.candidate: each.points for each in outcomes} == {"ada": 100, "bob": 20, "cy": None}
    assert "larger than 64 MB" in outcomes[-1].why
    assert not evidence.history(ada, TINY, "cy")
    kept = sum(path.stat().st_size for path in ada.state.rglob("*") if path.is_file())
    assert kept < 20 * 2**20
