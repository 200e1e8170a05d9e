"""From a submission to a score: grade, explain."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    pass

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
    listed with what to do.
    """
    from worksample.batch import workers as processes

    if scheduler and unsafe:
        raise click.UsageError(
            "--scheduler and --unsafe-no-sandbox: unsealed code could reach the scheduler, and "
            "through it every worker"
        )
    if not scheduler:
        processes.prepare(unsafe)
    from worksample.batch import cohort as batch

    course = the_course()
    with progress(f"grade {assignment_id}") as step:
        done = batch.grade(
            course,
            assignment_id,
            candidates or None,
            force=force,
            unsafe=unsafe,
            workers=workers,
            scheduler=scheduler,
            progress=lambda outcome, total: step(total, outcome.candidate),
        )
    print_batch(done)
    if done.not_gradable:
        sys.exit(UNGRADABLE)
    then(
        f"worksample rate CANDIDATE {assignment_id} --by YOU",
        f"worksample feedback {assignment_id}",
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


COMMANDS = (grade, explain)
