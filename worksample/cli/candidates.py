"""Out to candidates and back: invite, collect, status."""

from __future__ import annotations

from pathlib import Path

import click

from worksample.cli.shared import (
    SKIN,
    errors,
    example,
    fail,
    receipt_lines,
    say,
    shown,
    the_assignment,
    the_course,
    then,
)


@click.command(
    epilog=example(
        "worksample invite ada --assignment root-cause-analysis --level senior --extra-time 1.5",
        "worksample invite bob --assignment root-cause-analysis --skin home-visits",
        "worksample invite ada-2027 --assignment root-cause-analysis --formerly ada",
    )
)
@click.argument("candidates", metavar="CANDIDATE...", nargs=-1, required=True)
@click.option("--assignment", "-a", "assignment_id", required=True)
@click.option("--level", default="standard", show_default=True)
@click.option("--extra-time", default=1.0, show_default=True, help="A factor on the minutes.")
@click.option(
    "--formerly",
    multiple=True,
    metavar="ID",
    help="Another id of the same person, invited before: they get a form that they have not had.",
)
@SKIN
def invite(
    candidates: tuple[str, ...],
    assignment_id: str,
    level: str,
    extra_time: float,
    formerly: tuple[str, ...],
    skin: str,
) -> None:
    """Draw a case for each candidate and write the zip to send. Again changes nothing.

    Cases come from the bank of that level where there is one (`worksample bank`).
    """
    from worksample.submissions import invitations

    if formerly and len(candidates) > 1:
        raise click.UsageError("--formerly says who one candidate was: invite them one at a time")
    course = the_course()
    assignment = the_assignment(course, assignment_id)
    for candidate in candidates:
        say(f"{candidate}: drawing the case and packing it …", err=True)
        done = invitations.invite(course, candidate, assignment, level, extra_time, skin, formerly)
        state = "invited" if done.new else "already invited, nothing changed"
        say(f"{candidate}: {state}; send {shown(course, done.package)}")
        if done.said:
            say(f"    {done.said}")
    then("worksample collect FOLDER_OR_ZIP")


@click.command(epilog=example("worksample collect inbox/", "worksample collect ada.zip bob.zip"))
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--assignment", "-a", "assignment_id", help="Refuse what is of another one.")
@click.option("--as", "candidate", help="Whose it is, where nothing in it says so.")
@click.option("--notebook", default="", help="The notebook to take, of several in it.")
@click.option("--newest", is_flag=True, help="It counts, whatever its times say.")
def collect(
    sources: tuple[Path, ...],
    assignment_id: str | None,
    candidate: str | None,
    notebook: str,
    newest: bool,
) -> None:
    """Take folders, archives and notebooks back. Prints receipts.

    The newest attempt counts, earlier ones are kept.
    """
    from worksample.submissions import collecting as submission

    course = the_course()
    if assignment_id and assignment_id not in submission.known_assignments(course):
        the_assignment(course, assignment_id)  # says which there are
    wish = submission.Wish(assignment_id, candidate, notebook, newest)
    done = submission.collect(course, sources, wish=wish)
    for receipt in done.receipts:
        say(receipt_lines(receipt))
    told = {"not taken": done.refused, "to be decided": done.unsure}
    if any(told.values()):
        fail("\n".join(line for head, all_of in told.items() for line in errors(head, all_of)))
    then(*(f"worksample grade {each}" for each in sorted({r.assignment for r in done.receipts})))


@click.command(epilog=example("worksample status ada"))
@click.argument("candidate")
def status(candidate: str) -> None:
    """Show how far a candidate is, in every work sample, and what comes next."""
    from worksample.feedback import status as statuses
    from worksample.handouts import guide
    from worksample.records.tables import now

    course = the_course()
    answers = {each.assignment: each.answer for each in guide.standing(course, candidate)}
    for each in statuses.status(course, candidate):
        say(f"{candidate} · {each.assignment} · {each.title}")
        for step, what in each.steps.items():
            say(f"  {step:10} {what}")
        if answer := answers[each.assignment]:
            late = "; that day has passed" if answer < now() else ""
            say(f"  {'answer':10} they hear by {guide.day(answer)}{late}")
        if each.then:
            then(each.then)


COMMANDS = (invite, collect, status)
