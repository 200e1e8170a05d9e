"""Equal cases ahead of time: bank."""

from __future__ import annotations

import click

from worksample.cli.shared import (
    UNSAFE,
    example,
    progress,
    say,
    shown,
    the_assignment,
    the_course,
    then,
)


@click.command(
    epilog=example(
        "worksample bank root-cause-analysis --forms 100",
        "worksample bank root-cause-analysis --level senior --seconds 3600",
        "worksample bank root-cause-analysis --show",
    )
)
@click.argument("assignment_id", metavar="ASSIGNMENT")
@click.option("--level", default="standard", show_default=True)
@click.option("--forms", type=click.IntRange(1), default=100, show_default=True, help="To keep.")
@click.option("--seconds", type=click.FloatRange(0), help="Begin no further form after so long.")
@click.option("--workers", type=click.IntRange(1), help="At a time. [default: one a core]")
@click.option("--show", is_flag=True, help="Measure nothing; say how far it is, and how sure.")
@click.option("--markdown", is_flag=True, help="With --show: the kept forms as a table for a page.")
@UNSAFE
def bank(
    assignment_id: str,
    level: str,
    forms: int,
    seconds: float | None,
    workers: int | None,
    show: bool,
    markdown: bool,
    unsafe: bool,
) -> None:
    """Draw cases ahead, measure each with a panel of solvers, keep those that are equally hard.

    `invite` then draws from them. Killed and run again it goes on where it was; what was measured
    before the assignment or the engine changed is measured anew.
    """
    if markdown and not show:
        raise click.UsageError("--markdown goes with --show")
    if not show:
        from worksample.batch import workers as processes

        processes.prepare(unsafe)
    from worksample.authoring import bank as building
    from worksample.authoring import bankreport, panel

    course = the_course()
    assignment = the_assignment(course, assignment_id)
    if show:
        page = bankreport.page if markdown else bankreport.status
        say(page(course, assignment, level))
        then(f"worksample bank {assignment_id} --level {level}")
        return
    with progress(f"bank {assignment_id}") as step:
        done = building.build(
            course,
            assignment,
            level,
            forms,
            seconds=seconds,
            unsafe=unsafe,
            workers=workers,
            progress=lambda what, total: step(total, what),
        )
    say(
        f"{done.measured} forms measured in {done.seconds / 60:.1f} minutes, "
        f"{done.found} had been before"
    )
    say(bankreport.status(course, assignment, level))
    members = panel.read(assignment).members()
    say(f"picture: {shown(course, bankreport.draw(course, assignment, level, members))}")
    if done.short:
        say(
            f"{done.short} forms are missing: run it again with more time, or see what rejects them"
        )
    then(f"worksample invite CANDIDATE --assignment {assignment_id} --level {level}")


COMMANDS = (bank,)
