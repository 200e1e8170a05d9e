"""Measure grading as `make bench` does, and write what came out into docs/performance.md.

    python benchmarks/grading.py                # everything; an hour or more
    python benchmarks/grading.py light --attempts 4 --rounds 1 --page ""    # writes nothing

light   four-cell submissions: against nbgrader's own autograde, overhead, feedback, stages
heavy   a real work sample: against the CPU of the candidates' own cells and calls
service the grading service, warm: CPU of an attempt by part, and how soon a result is there
scale   the same light submissions in batches of growing size
rivals  the light submissions through nbgrader, two nbgraders, papermill and otter-grader

Every run is a whole command on a fresh copy of a course. A ratio is of two runs of one round, one
after the other, in an order that changes from round to round; what is written is the median.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import cohorts
import figures
import metered
import rivals
import served
import warm
from figures import Target
from metered import Cost
from warm import Spent

from worksample.assignments.model import Assignment
from worksample.course import Course
from worksample.submissions import submitted_candidates

ROOT = cohorts.ROOT
LIGHT = ROOT / "benchmarks" / "assignments" / "light"
SPEEDUP = {2: 15.0, 1: 8.0}
ALLOWANCE, SLACK = 0.6, 1.25
GRADING_OVERHEAD, FEEDBACK_OVERHEAD = 0.7, 1.0
GROWTH, MEMORY_GROWTH = 1.10, 1.20
LATENCY, LIGHT_OVERHEAD = 0.4, 0.25
SINGLY, SETTLING_SECONDS = 10, 1.0
LEAST_ROUNDS = 3


@dataclass
class Bench:
    """What all parts share: options, a folder to work in, and the machine."""

    options: argparse.Namespace
    folder: Path
    sandboxes: set[str] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)

    def cohort(self, name: str, assignment: Path, count: int) -> tuple[Course, Assignment]:
        """A course with ``count`` submissions."""
        say(f"{name}: {count} submissions for {assignment.name}, each on a case of its own ...")
        course, loaded = cohorts.course(self.folder / name, assignment)
        cohorts.add(course, loaded, count)
        return course, loaded

    def command(
        self,
        what: str,
        words: Sequence[str],
        folder: Path,
        cores: int,
        more: Mapping[str, str] | None = None,
    ) -> Cost:
        """Run a command and say what it took.

        Args:
            more: environment variables, beside those that keep Jupyter's configuration out.
        """
        settings = {**cohorts.unconfigured(folder), **(more or {})}
        cost = metered.run(words, folder, cores, settings)
        self.counted.add(cost.counted)
        say(f"  {what}: {cost.seconds:.1f} s, {cost.cpu:.1f} s of CPU")
        return cost

    def grade(self, course: Course, assignment: Assignment, cores: int) -> tuple[Cost, list[Any]]:
        """`worksample grade` on a fresh copy; its cost, and each attempt's evidence.

        Raises:
            NotComparable: an attempt has no score.
        """
        fresh = cohorts.copied(course, self.folder / "run")
        words = ["worksample", "grade", assignment.id]
        cost = self.command(f"worksample grade, {cores} core(s)", words, fresh.root, cores)
        records = evidence(fresh, assignment.id)
        wanted = submitted_candidates(course, assignment.id)
        if len(records) != len(wanted) or any(each["points"] is None for each in records):
            raise cohorts.NotComparable(f"{len(records)} records for {len(wanted)} submissions")
        self.sandboxes |= {each["run"]["sandbox"] for each in records}
        return cost, records

    def feedback(self, assignment: Assignment, cores: int) -> Cost:
        """`worksample feedback` for what was graded last."""
        words = ["worksample", "feedback", assignment.id]
        fresh = self.folder / "run"
        return self.command(f"worksample feedback, {cores} core(s)", words, fresh, cores)

    def in_turn(self, sides: Mapping[Any, Callable[[], Any]]) -> list[dict[Any, Any]]:
        """What each side gives, round after round, each round in the other order."""
        rounds = []
        for number in range(self.options.rounds):
            say(f" round {number + 1} of {self.options.rounds}")
            order = list(sides) if number % 2 == 0 else list(reversed(sides))
            rounds.append({side: sides[side]() for side in order})
        return rounds

    def write(self, section: str, *parts: str) -> None:
        """Show a section, and put it into the document."""
        text = "\n\n".join([*parts, self.circumstances()])
        say(f"\n{text}\n")
        if self.options.page and self.options.rounds < LEAST_ROUNDS:
            say(f"Not written: a median takes at least {LEAST_ROUNDS} rounds.")
        elif self.options.page:
            figures.write_section(Path(self.options.page), section, text)

    def circumstances(self) -> str:
        """When, with which command and on what this was measured."""
        given = shlex.join(sys.argv[1:])
        facts = [
            f"`make bench BENCH_ARGS={shlex.quote(given)}`" if given else "`make bench`",
            f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}",
            f"{usable()} cores of {processor()}, {memory_gb():.0f} GB, Linux {platform.release()}",
            f"sandbox: {', '.join(sorted(self.sandboxes))}",
            f"CPU counted by {', '.join(sorted(self.counted))}",
            f"Python {platform.python_version()}, {versions()}",
        ]
        return f"Measured with {'; '.join(facts)}."


def light(bench: Bench) -> None:
    """Four-cell submissions against nbgrader, what is spent beside them, and where."""
    count = bench.options.attempts
    course, assignment = bench.cohort("light", LIGHT, count)
    say("the same for nbgrader with its own settings ...")
    stock = cohorts.stock(course, assignment, bench.folder / "stock")
    alone = candidates_alone(course, assignment)
    own = own_cpu(alone)
    compared, kept = [], {}
    for cores in bench.options.cores:
        if cores > usable():
            say(f"there are no {cores} cores here: left out")
            compared.append(Target(speed_words(cores), SPEEDUP[cores], True, None, " ×"))
            continue
        rounds = bench.in_turn(
            {
                "ours": partial(graded_and_fed_back, bench, course, assignment, cores),
                "nbgrader": partial(autograde, bench, stock, assignment, count, cores),
            }
        )
        faster = figures.ratio((r["nbgrader"].seconds, r["ours"].grading.seconds) for r in rounds)
        compared.append(Target(speed_words(cores), SPEEDUP[cores], True, faster, " ×"))
        kept[cores] = rounds
    ours = [r["ours"] for rounds in kept.values() for r in rounds]
    same_work(alone, ours)
    bench.write(
        "light",
        f"{count} submissions of four cells each. Of their own, cells and calls take "
        f"{own / count:.3f} s of CPU an attempt.",
        figures.targets([*compared, *overheads(ours, own, count)]),
        rates(kept, count),
        *stages(ours[-1], count),
        drawing(ours[-1], count),
    )


def heavy(bench: Bench) -> None:
    """A real work sample: wall clock against what its candidates' code needs."""
    count, cores = bench.options.attempts, most_cores(bench)
    course, assignment = bench.cohort("heavy", bench.options.assignment, count)
    alone = candidates_alone(course, assignment)
    own = own_cpu(alone)
    rounds = bench.in_turn({0: partial(graded_and_fed_back, bench, course, assignment, cores)})
    ours = [each[0] for each in rounds]
    same_work(alone, ours)
    least = figures.least_time(own, count, cores, ALLOWANCE)
    factor = figures.ratio((each.grading.seconds, least) for each in ours)
    what = f"wall clock against (own CPU + {ALLOWANCE:g} s an attempt) / {cores} cores"
    wall = statistics.median(each.grading.seconds for each in ours)
    inside = statistics.median(cells_and_calls(each.records) for each in ours)
    bench.write(
        "heavy",
        f"{count} submissions for {assignment.id}, from {len(cohorts.completed(assignment))} "
        f"reference solutions in turn, each on a case of its own. Of their own, cells and calls "
        f"take {own / count:.2f} s of CPU an attempt; in the sandbox's kernel, which also sends "
        f"messages and may have to import, {inside / count:.2f} s. The batch took {wall:.0f} s.",
        figures.targets([Target(what, SLACK, False, factor, " ×"), *overheads(ours, own, count)]),
        *stages(ours[-1], count),
    )


def service(bench: Bench) -> None:
    """The grading service, warm: CPU of an attempt by part, and how soon a result is there."""
    count = bench.options.attempts
    course, assignment = bench.cohort("service", LIGHT, count)
    own = own_cpu(candidates_alone(course, assignment))
    fresh = cohorts.copied(course, bench.folder / "run")
    log, rounds, walls, alone = bench.folder / "stages", [], [], []
    log.touch()
    with served.serving(fresh, log, cohorts.unconfigured(fresh.root)) as serving:
        served.graded(serving, assignment.id)  # whatever is done once
        for number in range(bench.options.rounds):
            say(f" round {number + 1} of {bench.options.rounds}")
            served.lines(log)
            before = serving.read()
            walls.append(served.graded(serving, assignment.id) / count)
            time.sleep(SETTLING_SECONDS)
            after, logged = serving.read(), served.lines(log)
            records = newest(fresh, assignment.id)
            rounds.append(served.parts(before, after, records, logged, own))
            bench.sandboxes |= {each["run"]["sandbox"] for each in records}
            bench.counted.add(metered.GROUP)
            for who in submitted_candidates(fresh, assignment.id)[:SINGLY]:
                whole = served.graded(serving, assignment.id, [who])
                alone.append(whole - notebook_seconds(fresh, assignment.id, who))
    overhead = statistics.median(
        sum(cpu for name, cpu in r.items() if not name.startswith("(")) - own / count
        for r in rounds
    )
    late = statistics.quantiles(alone, n=20)[-1]
    bench.write(
        "service",
        f"The {count} light submissions, graded again and again by one `worksample serve-grading` "
        f"that has been graded with before: {statistics.median(walls):.2f} s of wall clock an "
        f"attempt, with {os.getloadavg()[0]:.0f} processes wanting {usable()} cores. Then "
        f"{len(alone)} one at a time; from the request to the recorded result it took, beyond what "
        "the notebook's own cells took:",
        figures.targets(
            [
                Target("median, beyond the cells", LATENCY, False, statistics.median(alone), " s"),
                Target("95th percentile, beyond the cells", 2 * LATENCY, False, late, " s"),
                Target("CPU beside cells and calls", LIGHT_OVERHEAD, False, overhead, " s"),
            ]
        ),
        served.table(rounds),
    )


def newest(course: Course, name: str) -> list[Any]:
    """The last record of each candidate."""
    last = {each["candidate"]: each for each in sorted(evidence(course, name), key=of_number)}
    return list(last.values())


def of_number(record: Any) -> int:
    return int(record["number"])


def notebook_seconds(course: Course, name: str, who: str) -> float:
    """Wall clock of the cells of a candidate's last attempt."""
    (record,) = [each for each in newest(course, name) if each["candidate"] == who]
    return float(record["run"]["stages"]["cells"]["seconds"])


def scale(bench: Bench) -> None:
    """Batches of growing size: cost an attempt, and the coordinator's memory."""
    sizes, cores = sorted(bench.options.sizes), most_cores(bench)
    courses = {}
    for size in sizes:
        courses[size], assignment = bench.cohort(f"scale-{size}", LIGHT, size)
    rounds = bench.in_turn(
        {size: partial(graded, bench, courses[size], assignment, cores) for size in sizes}
    )
    first, last = sizes[0], sizes[-1]

    def growth(of: Callable[[Cost, int], float]) -> float:
        return figures.ratio((of(r[last], last), of(r[first], first)) for r in rounds)

    words = f"from {first:,} to {last:,} attempts"
    rows = [
        Target(f"wall clock an attempt, {words}", GROWTH, False, growth(seconds_each), " ×"),
        Target(f"CPU an attempt, {words}", GROWTH, False, growth(cpu_each), " ×"),
        Target(f"coordinator's memory, {words}", MEMORY_GROWTH, False, growth(memory), " ×"),
    ]
    middle = {
        size: [statistics.median(of(r[size], size) for r in rounds) for of in PER_SIZE]
        for size in sizes
    }
    bench.write(
        "scale",
        figures.targets(rows),
        figures.table(
            ["attempts", "wall an attempt, s", "CPU an attempt, s", "coordinator's peak, MB"],
            [
                [f"{size:,}", f"{each[0]:.3f}", f"{each[1]:.3f}", f"{each[2]:.0f}"]
                for size, each in middle.items()
            ],
        ),
    )


# ---- what is measured ----


@dataclass(frozen=True)
class Ours:
    """One round of our side."""

    grading: Cost
    feedback: Cost
    records: Sequence[Any]


def graded(bench: Bench, course: Course, assignment: Assignment, cores: int) -> Cost:
    """Grade a fresh copy."""
    return bench.grade(course, assignment, cores)[0]


def graded_and_fed_back(bench: Bench, course: Course, assignment: Assignment, cores: int) -> Ours:
    """Grade a fresh copy, then draw its feedback."""
    grading, records = bench.grade(course, assignment, cores)
    return Ours(grading, bench.feedback(assignment, cores), records)


def autograde(bench: Bench, stock: Path, assignment: Assignment, count: int, cores: int) -> Cost:
    """`nbgrader autograde` with its own settings on a fresh copy.

    Raises:
        NotComparable: it left some without a score.
    """
    fresh = cohorts.copied(Course(stock), bench.folder / "run-stock").root
    words = [cohorts.program("nbgrader"), "autograde", assignment.id]
    cost = bench.command(f"nbgrader autograde, {cores} core(s)", words, fresh, cores)
    scores = cohorts.stock_scores(fresh)
    if len(scores) != count * len(assignment.checks):
        raise cohorts.NotComparable(f"nbgrader gave {len(scores)} scores to {count} submissions")
    return cost


def candidates_alone(course: Course, assignment: Assignment) -> list[Spent]:
    """What each submission's cells and calls take in a warm process."""
    say("what their cells and calls take in a warm process ...")
    who = submitted_candidates(course, assignment.id)
    spent = warm.measure(course, assignment, who)
    say(f"  {own_cpu(spent):.1f} s of CPU in {len(spent)} attempts")
    return spent


def own_cpu(alone: Sequence[Spent]) -> float:
    """CPU seconds of all submissions' cells and calls."""
    return sum(each.cells + each.calls for each in alone)


def same_work(alone: Sequence[Spent], ours: Sequence[Ours]) -> None:
    """A notebook that fails elsewhere in a warm process does other work there.

    Raises:
        NotComparable: an attempt had more or fewer cells with an error.
    """
    wanted = [each.errors for each in alone]
    for each in ours:
        found = [list(r["run"]["cells"].values()).count("error") for r in each.records]
        if found != wanted:
            raise cohorts.NotComparable(f"cells with an error: {wanted} alone, {found} graded")


def evidence(course: Course, name: str) -> list[Any]:
    """The newest record of each candidate."""
    found = sorted((course.evidence / name).glob("*/[0-9]*.json"))
    return [json.loads(path.read_bytes()) for path in found]


# ---- what comes of it ----


def speed_words(cores: int) -> str:
    return f"throughput against `nbgrader autograde`, {cores} core{'s' if cores > 1 else ''}"


def overheads(ours: Sequence[Ours], own: float, count: int) -> list[Target]:
    """CPU an attempt beyond the candidates' own, for grading and for feedback."""
    grading = statistics.median(figures.overhead(o.grading.cpu, own, count) for o in ours)
    feedback = statistics.median(figures.overhead(o.feedback.cpu, 0.0, count) for o in ours)
    return [
        Target("CPU beside cells and calls, grading", GRADING_OVERHEAD, False, grading, " s"),
        Target("CPU more for feedback and its page", FEEDBACK_OVERHEAD, False, feedback, " s"),
    ]


def rates(kept: Mapping[int, Sequence[Mapping[str, Any]]], count: int) -> str:
    """Seconds an attempt on both sides, as medians."""
    rows = []
    for cores, rounds in kept.items():
        ours = statistics.median(r["ours"].grading.seconds for r in rounds) / count
        theirs = statistics.median(r["nbgrader"].seconds for r in rounds) / count
        fed = statistics.median(r["ours"].feedback.seconds for r in rounds) / count
        rows.append([str(cores), f"{ours:.2f}", f"{theirs:.2f}", f"{fed:.2f}"])
    heads = ["`worksample grade`", "`nbgrader autograde`", "`worksample feedback`"]
    return figures.table(["cores; wall an attempt, s", *heads], rows)


def stages(last: Ours, count: int) -> list[str]:
    """Where the time of the last round's grading went, and what is left of its CPU."""
    attempts = [each["run"]["stages"] for each in last.records]
    told = sum(
        stage["cpu"] + stage["cpu_elsewhere"] for each in attempts for stage in each.values()
    )
    listed = sum(cpu for _, cpu in last.grading.stages.values())
    rest = last.grading.own_cpu - listed
    starts = last.grading.cpu - told - last.grading.own_cpu
    return [
        "Seconds an attempt by stage, in the last round:",
        figures.stage_table(attempts, last.grading.stages),
        f"Of the {last.grading.cpu:.1f} s of CPU in all, {rest:.1f} s are the rest of the "
        f"coordinator (its start, and waiting), and {starts:.1f} s what no stage saw: starting "
        f"workers and the processes that they share. That is {(rest + starts) / count:.3f} s an "
        "attempt.",
    ]


def drawing(last: Ours, count: int) -> str:
    """Where the CPU of the last round's feedback went."""
    cost = last.feedback
    told = [f"{name} {cpu / count:.3f} s" for name, (_, cpu) in cost.stages.items()]
    coordinator = cost.own_cpu - sum(cpu for _, cpu in cost.stages.values())
    return (
        f"Of the feedback's {cost.cpu / count:.3f} s of CPU an attempt, in the last round: "
        f"{', '.join(told)}, the rest of the coordinator (its start, and waiting) "
        f"{coordinator / count:.3f} s, the processes that draw, their start included, "
        f"{(cost.cpu - cost.own_cpu) / count:.3f} s."
    )


def cells_and_calls(records: Sequence[Any]) -> float:
    """CPU seconds that the sandboxes' processes used in cells and calls."""
    spent = [record["run"]["stages"] for record in records]
    return sum(s.get(name, {}).get("cpu_elsewhere", 0.0) for s in spent for name in INSIDE)


INSIDE = ("cells", "probe")


def seconds_each(cost: Cost, count: int) -> float:
    return cost.seconds / count


def cpu_each(cost: Cost, count: int) -> float:
    return cost.cpu / count


def memory(cost: Cost, count: int) -> float:
    return cost.memory_mb


PER_SIZE = (seconds_each, cpu_each, memory)


# ---- the machine ----


def usable() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def most_cores(bench: Bench) -> int:
    """The most that were asked for and are there."""
    return min(usable(), max(bench.options.cores))


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def memory_gb() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def versions() -> str:
    names = ("nbgrader", "nbclient", "ipykernel", "papermill", "pandas", "scikit-learn")
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)


def commit() -> str:
    """The commit that is checked out, and whether the package differs from it."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "worksample", "benchmarks")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (" with changes" if changed else "")


def say(line: str) -> None:
    print(line, flush=True)


PARTS: dict[str, Callable[[Bench], None]] = {
    "light": light,
    "heavy": heavy,
    "service": service,
    "scale": scale,
    "rivals": partial(rivals.measure, light=LIGHT),
}


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; else all")
    parser.add_argument("--attempts", type=int, default=40, help="submissions (40)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is taken (3)")
    parser.add_argument("--cores", type=int, nargs="+", choices=(2, 1), default=[2, 1])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000], help="for scale")
    parser.add_argument(
        "--assignment",
        type=Path,
        default=ROOT / "assignments" / "root-cause-analysis",
        help="folder of the work sample for heavy",
    )
    parser.add_argument("--otter", help="rivals: command of an environment with otter-grader")
    page = ROOT / "docs" / "performance.md"
    parser.add_argument("--page", default=str(page), help='document to renew; "" for none')
    given = parser.parse_args(words)
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; known: {', '.join(PARTS)}")
    return given


def main(words: Sequence[str] | None = None) -> None:
    """Measure the parts that were asked for."""
    given = options(words)
    for name in given.parts or PARTS:
        say(f"== {name}")
        with tempfile.TemporaryDirectory(prefix="worksample-bench-") as folder:
            PARTS[name](Bench(given, Path(folder)))


if __name__ == "__main__":
    main()
