"""Links to the hosted exchange, and accounts of the team."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from worksample.cli.shared import errors, example, fail, progress, say, the_course, then
from worksample.errors import WorksampleError

if TYPE_CHECKING:
    from worksample.course import Course
    from worksample.exchange.inviting import Guest, Invited
    from worksample.exchange.openings import Opening

KINDS = ("greenhouse", "ashby", "plain")
ROLES = ("grader", "interviewer", "administrator")


def invite_to_opening(
    opening_id: str, candidates: tuple[str, ...], people: Path | None, extra: float, mail: bool
) -> None:
    """Invite everybody; one who cannot be invited stops none of the others."""
    from worksample.exchange import inviting, openings

    course = the_course()
    opening = openings.find(course, opening_id)
    guests = [inviting.Guest(each, extra_time=extra) for each in candidates]
    guests += inviting.read_list(people) if people else []
    if not guests:
        raise click.UsageError("name the candidates, or give --people")
    done: list[tuple[Guest, Invited]] = []
    refused: list[Exception] = []
    with progress(f"invite to {opening_id}") as step:
        for guest in guests:
            try:
                name = inviting.id_for(course, opening, guest.who)
                done.append((guest, inviting.invite(course, opening, name, guest.extra_time)))
            except WorksampleError as error:
                error.where = error.where or guest.who
                refused.append(error)
            step(len(guests), guest.who)
    if mail:
        refused += _send(course, opening, done)
    else:
        _show(course, opening, done)
    if refused:
        fail("\n".join(errors("not invited", refused)))
    then("worksample serve", f"worksample invite --opening {opening_id} …  (again changes nothing)")


def _show(course: Course, opening: Opening, done: list[tuple[Guest, Invited]]) -> None:
    """Each link; of one candidate alone, the text to send with it."""
    from worksample.exchange import links, mail

    for guest, each in done:
        known = "" if guest.who == each.link.candidate else f" ({guest.who})"
        state = "" if each.new else ", invited before"
        say(f"{each.link.candidate}{known}{state}: {links.address(course, each.link)}")
        for line in each.said:
            say(f"    {line}")
    if done:
        address = links.address(course, done[0][1].link)
        subject, text = mail.invitation(opening, done[0][1].link, address)
        say(f"\nto send, each with their own link:\n\nSubject: {subject}\n\n{text}")


def _send(course: Course, opening: Opening, done: list[tuple[Guest, Invited]]) -> list[Exception]:
    """Send each link to its owner; who could not be reached is named, with the link."""
    import smtplib

    from worksample.exchange import links, mail

    settings = mail.settings(course)
    if settings is None:
        say("no mail server is configured (state/mail.toml): here are the links", err=True)
        _show(course, opening, done)
        return []
    refused: list[Exception] = []
    with mail.server(settings) as server:
        for guest, each in done:
            address = links.address(course, each.link)
            if not guest.mail:
                say(f"{each.link.candidate}: no mail address: {address}")
                continue
            subject, text = mail.invitation(opening, each.link, address)
            try:
                mail.send(server, settings.sender, guest.mail, subject, text)
                say(f"{each.link.candidate}: sent to {guest.mail}")
            except (smtplib.SMTPException, ValueError) as error:
                refused.append(WorksampleError(f"the mail was refused: {error}", guest.mail))
    return refused


@click.command(
    epilog=example("worksample account grace --role grader", "worksample account grace --end")
)
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), help="What they may do.")
@click.option("--single-sign-on", is_flag=True, help="No password: they come by your provider.")
@click.option("--end", is_flag=True, help="End the account.")
@click.option("--password", envvar="WORKSAMPLE_PASSWORD", hidden=True)
def account(
    name: str, role: str | None, single_sign_on: bool, end: bool, password: str | None
) -> None:
    """Give somebody of the team an account for the hosted exchange, or a new password."""
    from worksample.exchange import people

    course = the_course()
    if end == (role is not None):
        raise click.UsageError("give --role, or --end")
    if role is None:
        people.remove(course, name)
        say(f"{name}: the account has ended")
        return
    if not single_sign_on and password is None:
        password = click.prompt("password", hide_input=True, confirmation_prompt=True)
    people.add(course, name, role, None if single_sign_on else password)
    say(f"{name}: {role}")
    then("worksample serve")


@click.command("end-links", epilog=example("worksample end-links ada"))
@click.argument("candidate")
def end_links(candidate: str) -> None:
    """End a candidate's links to the hosted exchange; who is in by them is out."""
    from worksample.exchange import links

    ended = links.revoke(the_course(), candidate)
    say(f"{candidate}: {ended} link{'s' if ended != 1 else ''} ended")
    if not ended:
        fail(f"{candidate!r} has no link that works")


@click.command(
    epilog=example(
        "worksample partner recruiting --kind greenhouse",
        "worksample partner own-system --kind plain --callback https://hr.example.org/hooks/",
    )
)
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What it speaks.")
@click.option("--callback", default="", help="What the addresses begin with that it is told at.")
def partner(name: str, kind: str, callback: str) -> None:
    """Let an applicant-tracking system order assessments: makes its key, and shows it once."""
    from worksample.exchange import orders, partners

    course = the_course()
    made = partners.add(course, name, kind, callback)
    say(f"{name} signs in with this key: {made.key}")
    say(f"  its addresses begin with: {orders.base(course) or '…/'}partners/{kind}/")
    if kind == "plain" and made.callback:
        say(f"  what it is sent is signed with: {made.signing_key}")
    elif kind != "plain":
        say(f"  write the key that it gives you as `callback_key` into {partners.path(course)}")
    then("worksample serve")


COMMANDS = (account, end_links, partner)
