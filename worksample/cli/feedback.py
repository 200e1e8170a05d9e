"""From a score to a person: rate, feedback, approve, release-feedback, revise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from worksample.errors import WorksampleError

if TYPE_CHECKING:
    pass

from worksample.cli.shared import (
    BY,
    INTO,
    ONLY,
    SCHEDULER,
    ask,
    ask_reader,
    base,
    example,
    one_assignment,
    print_outcomes,
    progress,
    say,
    several,
    shown,
    the_assignment,
    the_course,
    then,
)


@click.command(
    epilog=example(
        "worksample rate ada root-cause-analysis --by grace",
        "worksample rate ada root-cause-analysis --by grace --criterion prevention --value 3",
        "worksample rate ada root-cause-analysis --by grace --submit",
    )
)
@click.argument("candidate")
@click.argument("assignment_id", metavar="ASSIGNMENT")
@BY
@click.option("--criterion", help="Its grade id; without it, all are asked for in turn.")
@click.option("--value", type=int, help="1 to 4 by the anchors; 0: not enough information.")
@click.option("--reason", default="", help="Why 0, or why a rating is changed.")
@click.option("--evidence", "seen", default="", help="What you saw.")
@click.option("--cell", default="", help="The candidate's cell that you saw it in.")
@click.option("--submit", is_flag=True, help="You are done: your ratings count from now on.")
def rate(
    candidate: str,
    assignment_id: str,
    by: str,
    criterion: str | None,
    value: int | None,
    reason: str,
    seen: str,
    cell: str,
    submit: bool,
) -> None:
    """Rate what only people can judge, by the anchors. Nothing is ever overwritten.

    Where several people rate (course.toml), ratings are drafts until --submit.
    """
    from worksample.review import rating

    if (criterion is None) != (value is None):
        raise click.UsageError("--criterion and --value belong together")
    if not by:
        raise click.UsageError("a rating is somebody's: give --by YOU")
    course = the_course()
    assignment = rating.criteria(course, assignment_id, candidate)
    asked = [criterion] if criterion else [] if submit else list(assignment.criteria)
    for name in asked:
        given = (value, reason, seen) if value is not None else ask(assignment, name, reason)
        row = rating.rate(
            course, assignment_id, candidate, name, given[0], by, given[1], given[2], cell
        )
        say(f"{name}: {row.value or 'not enough information'} ({row.dimension})")
    if submit:
        rating.submit(course, assignment_id, candidate, by)
        say(f"submitted: {by}’s ratings of {candidate}, {assignment_id}")
        then(f"worksample ratings {candidate} {assignment_id} --by {by}")
    elif several(course, assignment_id):
        then(f"worksample rate {candidate} {assignment_id} --by {by} --submit")
    else:
        then(f"worksample feedback {assignment_id}", f"worksample debrief {candidate}")


@click.command(
    epilog=example(
        "worksample reader ada strategy-communication --by kim",
        "worksample reader ada strategy-communication --paper",
        "worksample reader ada dashboard-design --by grace",
        'worksample reader ada strategy-communication --by kim --answers "b 210 65 c 3 - 20 55"',
    )
)
@click.argument("candidate")
@click.argument("assignment_id", metavar="ASSIGNMENT")
@BY
@click.option("--paper", is_flag=True, help="Write sheets to print: text, questions, key.")
@click.option("--answers", default="", help="From paper: a letter or number for each, - not said.")
@INTO
def reader(
    candidate: str,
    assignment_id: str,
    by: str,
    paper: bool,
    answers: str,
    into: Path | None,
) -> None:
    """Let somebody read a candidate's text, blind, and keep what they understood.

    Before anybody rates. Right, not said and misled are counted apart and become no points. A
    freeze probe (dashboard-design) is answered by each grader, from pictures, before they rate.
    """
    from worksample.disk import replace
    from worksample.exchange.rating_readers import drawn_text
    from worksample.handouts import reader as pages
    from worksample.kit.readers import by_letter
    from worksample.review import reading

    course = the_course()
    test = reading.test_of(course, assignment_id, candidate)
    # what names somebody lies where `worksample erase` finds it
    path = (into or course.state / "readers" / assignment_id) / f"{candidate}.html"
    if paper:
        replace(path, pages.page(test, drawn_text(test).cells, candidate, assignment_id).encode())
        say(f"{shown(course, path)}: print it, and keep the last sheet for whoever enters")
        return
    if not by:
        raise click.UsageError("a reading is somebody's: give --by YOU")
    if why := reading.refusal(course, assignment_id, candidate, by):
        raise WorksampleError(f"this cannot be read by {by}: {why}")
    lines = answers.split()
    if answers and len(lines) != len(test.questions):
        raise click.UsageError(f"{len(test.questions)} answers are wanted; these are {len(lines)}")
    said, none = {}, "the text does not say it"
    if test.is_probe:
        none = "it could not be seen there"
    if test.is_probe and not lines:
        replace(path, pages.page(test, drawn_text(test).cells, candidate, assignment_id).encode())
        say(f"{shown(course, path)}: look at its first sheet for {test.minutes:g} minutes at most")
        click.pause("then close it, and press any key")
    for place, each in enumerate(test.questions):
        given = lines[place] if lines else ask_reader(each, none)
        try:
            said[each.id] = by_letter(each, given)
        except ValueError as error:
            raise WorksampleError(str(error)) from None
    row = reading.read(course, assignment_id, candidate, by, said)
    missing = "not shown" if test.is_probe else "not said"
    say(f"kept: {row.right} right, {row.not_said} {missing}, {row.misled} misled")
    then(f"worksample rate {candidate} {assignment_id} --by {by if test.is_probe else 'GRADER'}")


@click.command(epilog=example("worksample ratings ada root-cause-analysis --by grace"))
@click.argument("candidate")
@click.argument("assignment_id", metavar="ASSIGNMENT")
@BY
def ratings(candidate: str, assignment_id: str, by: str) -> None:
    """Show the ratings of an attempt that you may see.

    Where several people rate, only your own until you have submitted them. On one machine this is
    what the command keeps to: whoever can read state/ can read every rating.
    """
    from worksample.records.ratings import unsubmitted
    from worksample.records.tables import Records
    from worksample.review import rating

    course = the_course()
    for row in rating.shown(course, assignment_id, candidate, by):
        said = row.value or f"not enough information ({row.reason})"
        say(f"{row.criterion}: {said} · {row.grader} · {row.evidence}".rstrip(" ·"))
    waiting = unsubmitted(Records(course.records_url), assignment_id, candidate)
    if several(course, assignment_id) and waiting:
        say(f"not submitted yet: {', '.join(waiting)}")
    then(f"worksample debrief {candidate}")


@click.command(
    epilog=example(
        "worksample feedback root-cause-analysis",
        "worksample feedback root-cause-analysis -c ada --by grace --improvement transfer",
    )
)
@click.argument("assignment_id", metavar="ASSIGNMENT")
@ONLY
@BY
@click.option("--strength", help="Choose this cell instead of the rule's (one candidate).")
@click.option("--improvement", help="Choose this cell instead of the rule's (one candidate).")
@SCHEDULER
def feedback(
    assignment_id: str,
    candidates: tuple[str, ...],
    by: str,
    strength: str | None,
    improvement: str | None,
    scheduler: str | None,
) -> None:
    """Draw the feedback notebooks and pages."""
    from worksample.batch import workers as processes

    processes.prepare(unsafe=True)
    from worksample import feedback as feedbacks

    course = the_course()
    the_assignment(course, base(assignment_id))
    if strength or improvement:
        if len(candidates) != 1:
            raise click.UsageError("choose for one candidate at a time: give --candidate")
        if scheduler:
            raise click.UsageError("what you choose for one candidate is drawn here, not there")
        drawn = [feedbacks.choose(course, assignment_id, candidates[0], by, strength, improvement)]
    else:
        with progress(f"feedback {assignment_id}") as step:
            drawn = feedbacks.render(
                course,
                assignment_id,
                candidates or None,
                lambda name: step(None, name),
                scheduler,
            )
    for each in drawn:
        mark = " (approved)" if each.approved else ""
        say(f"{each.candidate}: {shown(course, each.page)}{mark}")
        for note in each.notes:
            say(f"    {note}", err=True)
    then(f"worksample approve {assignment_id} --by YOU")


@click.command(epilog=example("worksample approve root-cause-analysis --by grace --except bob"))
@click.argument("assignment_id", metavar="ASSIGNMENT")
@ONLY
@BY
@click.option("--except", "except_", multiple=True, help="Leave this one out.")
@click.option("--reason", default="", help="A note, kept with the approval.")
def approve(
    assignment_id: str,
    candidates: tuple[str, ...],
    by: str,
    except_: tuple[str, ...],
    reason: str,
) -> None:
    """Stand behind feedback, so that it can be released."""
    from worksample import feedback as feedbacks

    course = the_course()
    the_assignment(course, base(assignment_id))
    done = feedbacks.approve(course, assignment_id, candidates or None, by, except_, reason)
    print_outcomes(done, "approved")
    then(f"worksample release-feedback {assignment_id}")


@click.command(
    "release-feedback", epilog=example("worksample release-feedback root-cause-analysis")
)
@click.argument("assignment_id", metavar="ASSIGNMENT")
@ONLY
@BY
def release_feedback(assignment_id: str, candidates: tuple[str, ...], by: str) -> None:
    """Let approved feedback out: to nbgrader's exchange, or as files to send."""
    from worksample import feedback as feedbacks

    course = the_course()
    the_assignment(course, base(assignment_id))
    done = feedbacks.release_feedback(course, assignment_id, candidates or None, by)
    print_outcomes(done, "released")
    if assignment_id == base(assignment_id):
        then(f"worksample revise {assignment_id}")


@click.command(
    epilog=example(
        "worksample revise ada bob root-cause-analysis", "worksample revise root-cause-analysis"
    )
)
@click.argument("words", metavar="[CANDIDATE]... ASSIGNMENT", nargs=-1, required=True)
@BY
def revise(words: tuple[str, ...], by: str) -> None:
    """Release the revision: the candidate's own attempt, and the feedback on it.

    Without a candidate: of everybody whose feedback was approved.
    """
    from worksample import feedback as feedbacks
    from worksample.feedback import revision
    from worksample.feedback.approval import drawn_for

    course = the_course()
    assignment_id, candidates = one_assignment(course, words)
    chosen = candidates or [
        each
        for each in drawn_for(course, assignment_id)
        if not feedbacks.not_releasable(course, assignment_id, each)
    ]
    if not chosen:
        raise WorksampleError(
            f"nobody's feedback on {assignment_id} has been approved",
            do=f"worksample approve {assignment_id} --by YOU",
        )
    for candidate in chosen:
        done = revision.revise(course, assignment_id, candidate, by)
        say(f"{candidate}: {done.minutes} min; send {shown(course, done.package)}")
    then("worksample collect FOLDER_OR_ZIP", f"worksample grade {assignment_id}-revision")


COMMANDS = (rate, reader, ratings, feedback, approve, release_feedback, revise)
