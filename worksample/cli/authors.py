"""For authors: list, new, preview, verify, practice, build."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    pass

from worksample.cli.shared import (
    SKIN,
    UNSAFE,
    example,
    fail,
    progress,
    say,
    the_assignment,
    the_course,
    then,
)


@click.command("list", epilog=example("worksample list"))
def list_() -> None:
    """Show the course's assignments, and how far each one is."""
    from worksample import assignments
    from worksample.assignments import case
    from worksample.assignments import skin as skins
    from worksample.assignments.model import MAX_IDLE, STANDARD
    from worksample.records import evidence
    from worksample.submissions import submitted_candidates

    course = the_course()
    usable, mistakes = assignments.sorted_out(course)
    known = {each.id: each for each in usable}
    for name in assignments.ids(course):
        if name in mistakes:
            say(f"{name:28} cannot be used:\n{mistakes[name]}")
            continue
        each, sent = known[name], submitted_candidates(course, name)
        invited = case.candidates(course, name)
        scored = [who for who in sent if evidence.latest(course, name, who)]
        say(f"{name:28} {each.title}")
        seed = f"seed {each.seed_activity} · " if each.seed_activity else ""
        say(
            f"{'':28} {seed}{each.minutes.work:g} + {each.minutes.revision:g} min · "
            f"{', '.join(each.levels)}"
        )
        if floor := each.floor(STANDARD):
            low, high = floor
            say(
                f"{'':28} {STANDARD}: one pass of an assistant {low:g} to {high:g} of 100, "
                f"answers without any work at most {MAX_IDLE:g}"
            )
        say(f"{'':28} {len(invited)} invited, {len(sent)} submitted, {len(scored)} graded")
        if worn := skins.names_of(each):
            say(f"{'':28} skins: {', '.join(worn)}")
    if mistakes:
        fail(f"cannot be used: {', '.join(mistakes)}")
    then("worksample preview ASSIGNMENT")


@click.command(
    epilog=example(
        "worksample new churn-model --like root-cause-analysis",
        "worksample new churn --from model-development --data t.parquet --target y --time day",
    )
)
@click.argument("assignment_id", metavar="ID")
@click.option("--like", help="Copy this assignment instead of the small starter.")
@click.option("--from", "source", help="Let this assignment make one of your own data.")
@click.option("--data", type=click.Path(path_type=Path), help="With --from: your table or firm.")
@click.option("--target", help="With --from: the column to be predicted.")
@click.option("--time", help="With --from: hidden rows are the last by this column.")
@click.option("--group", help="With --from: hidden rows are whole groups of this column.")
@click.option("--known", multiple=True, help="With --from: a suspect column that is known before.")
def new(
    assignment_id: str,
    like: str | None,
    source: str | None,
    data: Path | None,
    known: tuple[str, ...],
    **named: str | None,
) -> None:
    """Begin a new assignment's folder."""
    from worksample.authoring import preview

    if (source is None) != (data is None):
        raise click.UsageError("--from and --data belong together")
    if source is None or data is None:
        if known or any(named.values()):
            raise click.UsageError(
                "--target, --time, --group and --known go with --from and --data"
            )
        say(str(preview.new(the_course(), assignment_id, like)))
        return
    if like:
        raise click.UsageError("give --like or --from, not both")
    options = {name: [value] for name, value in named.items() if value}
    options["known"] = list(known)
    say(str(preview.bring(the_course(), assignment_id, source, data, options)))


@click.command(epilog=example("worksample preview root-cause-analysis --level senior --seed 7"))
@click.argument("assignment_id", metavar="ASSIGNMENT")
@click.option("--level", default="standard", show_default=True)
@click.option("--seed", default=0, show_default=True)
@SKIN
def preview(assignment_id: str, level: str, seed: int, skin: str) -> None:
    """Write what a candidate would see, as a folder and a page."""
    from worksample.authoring import preview as previews

    course = the_course()
    say(str(previews.preview(course, the_assignment(course, assignment_id), level, seed, skin)))
    then(f"worksample verify {assignment_id} --quick" + (f" --skin {skin}" if skin else ""))


@click.command(epilog=example("worksample practice root-cause-analysis"))
@click.argument("assignment_id", metavar="ASSIGNMENT")
@click.option("--workers", type=click.IntRange(1), help="At a time. [default: one a core]")
@UNSAFE
def practice(assignment_id: str, workers: int | None, unsafe: bool) -> None:
    """Run the rated reference solutions, so that graders can practise on the rating screen."""
    from worksample.authoring import practice as practising

    course = the_course()
    with progress(f"practice for {assignment_id}") as step:
        done = practising.prepare(
            course, assignment_id, unsafe=unsafe, workers=workers, progress=step
        )
    say(f"{len(done)} reference solutions to practise on, in state/practice/{assignment_id}")
    then("worksample serve", "then, as a grader: Ratings")


@click.command(
    epilog=example(
        "worksample verify root-cause-analysis --seeds 20",
        "worksample verify root-cause-analysis --quick --skin home-visits",
        "worksample verify --all --quick",
    )
)
@click.argument("assignment_ids", metavar="[ASSIGNMENT]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every assignment of the course.")
@click.option("--seeds", type=click.IntRange(1), help="Cases a level. [default: 20; 2 if --quick]")
@click.option("--level", "levels", multiple=True, help="Only this level.")
@click.option("--solution", "solutions", multiple=True, help="Only this reference solution.")
@click.option("--quick", is_flag=True, help="Two cases at the standard level.")
@click.option("--skin", default="", help="Each case in this skin too; scores must be the same.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write JSON here.")
@UNSAFE
def verify(
    assignment_ids: tuple[str, ...],
    everything: bool,
    seeds: int | None,
    levels: tuple[str, ...],
    solutions: tuple[str, ...],
    quick: bool,
    skin: str,
    report: Path | None,
    unsafe: bool,
) -> None:
    """Run the reference solutions on many cases and hold them against their headers."""
    from worksample.batch import workers as processes

    processes.prepare(unsafe)
    from worksample import assignments
    from worksample.authoring import verify as verifying

    course = the_course()
    if everything == bool(assignment_ids):
        raise click.UsageError("name assignments, or give --all")
    chosen = (
        [each for each in assignments.all_of(course) if each.graded]
        if everything
        else [the_assignment(course, each) for each in assignment_ids]
    )
    done = []
    for each in chosen:
        with progress(f"verify {each.id}") as step:
            found = verifying.verify(
                course,
                each,
                seed_list=verifying.seeds(seeds) if seeds else None,
                levels=levels or None,
                solutions=solutions or None,
                quick=quick,
                skin=skin,
                unsafe=unsafe,
                progress=lambda result, total: step(total, result.solution),
            )
        done.append(found)
        say(verifying.table(found))
    if report:
        report.write_text(verifying.report(done), encoding="utf-8")
    deviations = [line for each in done for line in each.deviations]
    if deviations:
        fail("not as the solutions' headers state:\n  " + "\n  ".join(deviations))
    say("Every reference solution is within its stated band.")
    then(*(f"worksample build {each.id}" for each in chosen))


@click.command(epilog=example("worksample separates our-serving --cases 2"))
@click.argument("assignment_id", metavar="ASSIGNMENT")
@click.option("--cases", type=click.IntRange(1), default=3, show_default=True)
@click.option("--level", default="standard", show_default=True)
@UNSAFE
def separates(assignment_id: str, cases: int, level: str, unsafe: bool) -> None:
    """Say in minutes whether an edited assignment still tells good work from other work."""
    from worksample.batch import workers as processes

    processes.prepare(unsafe)
    from worksample.authoring import separation
    from worksample.authoring import verify as verifying

    course = the_course()
    assignment = the_assignment(course, assignment_id)
    with progress(f"separates {assignment_id}") as step:
        found = verifying.verify(
            course,
            assignment,
            seed_list=verifying.seeds(cases),
            levels=[level],
            solutions=separation.chosen(assignment),
            unsafe=unsafe,
            progress=lambda result, total: step(total, result.solution),
        )
    lines = separation.lines(found.results)
    say(separation.table(lines))
    if wrong := separation.verdict(lines):
        fail("it does not separate:\n  " + "\n  ".join(wrong))
    say("It separates: floor, assistant and strong work lie apart as they should.")
    then(f"worksample verify {assignment_id}")


@click.command(epilog=example("worksample build root-cause-analysis", "worksample build --check"))
@click.argument("assignment_ids", metavar="[ASSIGNMENT]...", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; fail if anything is out of date.")
def build(assignment_ids: tuple[str, ...], check: bool) -> None:
    """Make source/ and release/ from the authors' folders; all of them if none is named."""
    from worksample import assignments
    from worksample.assignments import build as builds

    course = the_course()
    if check:
        stale = builds.stale(course)
        if stale:
            fail("out of date:\n  " + "\n  ".join(stale) + "\n  → run: worksample build")
        say("source/ and release/ are up to date.")
        return
    chosen = [the_assignment(course, each) for each in assignment_ids] or assignments.all_of(course)
    for each in chosen:
        say(str(builds.build(course, each)))
    then("worksample invite CANDIDATE --assignment ASSIGNMENT")


COMMANDS = (list_, new, preview, verify, separates, practice, build)
