"""From a submission to a score: grade, serve-grading, explain."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from worksample.batch.outcomes import Batch

from worksample.cli.shared import (
    ONLY,
    SCHEDULER,
    UNGRADABLE,
    UNSAFE,
    example,
    fail,
    print_batch,
    progress,
    say,
    the_course,
    then,
)


@click.command(
    epilog=example(
        "worksample grade root-cause-analysis",
        "worksample grade root-cause-analysis-revision --candidate ada",
        "worksample grade root-cause-analysis --scheduler tcp://host:8786",
    )
)
@click.argument("assignment_id", metavar="ASSIGNMENT")
@ONLY
@click.option("--force", is_flag=True, help="Execute again; adds a record and removes none.")
@click.option("--workers", type=click.IntRange(1), help="At a time. [default: one a core]")
@SCHEDULER
@UNSAFE
def grade(
    assignment_id: str,
    candidates: tuple[str, ...],
    force: bool,
    workers: int | None,
    scheduler: str | None,
    unsafe: bool,
) -> None:
    """Run, check and score what was submitted and has changed.

    Exits with status 3 if anything could not be graded: there is no score for it, and it is
    listed with what to do. Where `worksample serve-grading` runs, it does the work.
    """
    if scheduler and unsafe:
        raise click.UsageError(
            "--scheduler and --unsafe-no-sandbox: unsealed code could reach the scheduler, and "
            "through it every worker"
        )
    asked = scheduler or unsafe or workers
    done = None if asked else _served(assignment_id, candidates, force)
    if done is None:
        done = _graded(assignment_id, candidates, force, workers, scheduler, unsafe)
    print_batch(done)
    if done.not_gradable:
        sys.exit(UNGRADABLE)
    then(
        f"worksample rate CANDIDATE {assignment_id} --by YOU",
        f"worksample feedback {assignment_id}",
    )


def _served(assignment_id: str, candidates: tuple[str, ...], force: bool) -> Batch | None:
    """What the grading service made of it; None where none runs."""
    from worksample.service import client

    course = the_course()
    if not client.runs(course):
        return None
    with progress(f"grade {assignment_id} (by the grading service)") as step:
        return client.grade(
            course,
            assignment_id,
            candidates or None,
            force=force,
            progress=lambda outcome, total: step(total, outcome.candidate),
            wait=lambda why: say(f"waiting: {why}", err=True),
        )


def _graded(
    assignment_id: str,
    candidates: tuple[str, ...],
    force: bool,
    workers: int | None,
    scheduler: str | None,
    unsafe: bool,
) -> Batch:
    from worksample.batch import workers as processes

    if not scheduler:
        processes.prepare(unsafe)
    from worksample.batch import cohort as batch

    course = the_course()
    with progress(f"grade {assignment_id}") as step:
        return batch.grade(
            course,
            assignment_id,
            candidates or None,
            force=force,
            unsafe=unsafe,
            workers=workers,
            scheduler=scheduler,
            progress=lambda outcome, total: step(total, outcome.candidate),
        )


@click.command(
    "serve-grading",
    epilog=example("worksample serve-grading", "worksample serve-grading --workers 8 --idle 3600"),
)
@click.option("--workers", type=click.IntRange(1), help="At a time. [default: one a core]")
@click.option(
    "--renew-after",
    type=click.IntRange(1),
    default=500,
    show_default=True,
    help="Attempts after which its processes are replaced by fresh ones.",
)
@click.option(
    "--idle",
    type=click.FloatRange(min=1),
    default=600,
    show_default=True,
    help="Seconds without work after which it gives memory back.",
)
def serve_grading(workers: int | None, renew_after: int, idle: float) -> None:
    """Stay, and grade what `worksample grade` asks for, without the seconds that a start takes.

    Killed at any time and started again it goes on where it was. Its socket in state/ is for your
    own user alone.
    """
    from worksample.batch import workers as processes

    processes.prepare()
    from worksample.batch.cohort import cores
    from worksample.service import supervisor

    course = the_course()
    say(f"grading service of {course.root}: `worksample grade` uses it; end it with Ctrl-C")
    supervisor.serve(
        course,
        workers=workers or cores(),
        renew_after=renew_after,
        idle_seconds=idle,
        tell=lambda line: say(line),
    )


@click.command(
    epilog=example(
        "worksample explain ada root-cause-analysis",
        "worksample explain ada root-cause-analysis --record 1 --json",
    )
)
@click.argument("candidate")
@click.argument("assignment_id", metavar="ASSIGNMENT")
@click.option("--record", "number", type=click.IntRange(1), help="Which. [default: the newest]")
@click.option("--json", "as_json", is_flag=True, help="The whole record, for programs.")
def explain(candidate: str, assignment_id: str, number: int | None, as_json: bool) -> None:
    """Show what lies behind a score, and whether it is still what was written.

    What ran and on which versions, what each check looked at and said, limits, repairs, outcome.
    Exits with status 1 if the evidence was touched, and says which part of it.
    """
    from worksample.review import explain as explaining

    done = explaining.explain(the_course(), assignment_id, candidate, number)
    say(explaining.as_json(done) if as_json else explaining.text(done))
    if not done.verified:
        broken = ", ".join(each.part for each in done.findings if not each.ok)
        fail(
            f"this is not what was written: {broken}\n"
            "  → compare state/ with a backup before you rely on this score"
        )
    if not as_json:
        then(f"worksample status {candidate}")


COMMANDS = (grade, serve_grading, explain)
