"""Out to candidates and back: invite, collect, status."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from worksample.cli.links import invite_to_opening
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
        "worksample invite --opening platform-team --people candidates.csv --mail",
    )
)
@click.argument("candidates", metavar="[CANDIDATE]...", nargs=-1)
@click.option("--assignment", "-a", "assignment_id", help="For a zip to send.")
@click.option("--opening", "opening_id", help="For a link to openings/OPENING.toml.")
@click.option(
    "--people",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="With --opening: a list, one a line: id or name, mail address, factor on the time.",
)
@click.option("--mail", is_flag=True, help="With --opening: send the links (state/mail.toml).")
@click.option("--level", default="standard", show_default=True)
@click.option("--extra-time", default=1.0, show_default=True, help="A factor on the minutes.")
@click.option(
    "--formerly",
    multiple=True,
    metavar="ID",
    help="Another id of the same person, invited before: they get a form that they have not had.",
)
@SKIN
@click.pass_context
def invite(
    context: click.Context,
    candidates: tuple[str, ...],
    assignment_id: str | None,
    opening_id: str | None,
    people: Path | None,
    mail: bool,
    level: str,
    extra_time: float,
    formerly: tuple[str, ...],
    skin: str,
) -> None:
    """Draw a case for each candidate and write the zip to send. Again changes nothing.

    With --opening: print or send a link instead, to the hosted exchange. Cases come from the bank
    of that level where there is one (`worksample bank`).
    """
    from worksample.submissions import invitations

    if (assignment_id is None) == (opening_id is None):
        raise click.UsageError("give --assignment for a zip, or --opening for a link")
    if opening_id is not None:
        given = [
            option
            for option in ("level", "skin", "formerly")
            if context.get_parameter_source(option) is not ParameterSource.DEFAULT
        ]
        if given:
            raise click.UsageError(f"--{given[0]}: openings/{opening_id}.toml says that")
        invite_to_opening(opening_id, candidates, people, extra_time, mail)
        return
    assert assignment_id is not None
    if people or mail:
        raise click.UsageError("--people and --mail go with --opening")
    if not candidates:
        raise click.UsageError("name the candidates")
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
