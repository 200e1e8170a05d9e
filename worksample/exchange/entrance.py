"""The way in and out: links, passwords, and where each person's page is."""

from __future__ import annotations

from worksample.errors import LinkError, TooOften
from worksample.exchange import identity, links, people
from worksample.exchange.asking import Ask, Reply
from worksample.exchange.handling import Refused
from worksample.records.tables import Audit, Records

_SLOWLY = "that was tried too often; wait some minutes"


def front(ask: Ask) -> Reply:
    """Leads everybody to their own page; a stranger is told how to come in."""
    if ask.person is None:
        _only_here(ask)
        return ask.page("sign-in", "Sign in")
    return ask.to(home(ask))


def home(ask: Ask) -> str:
    """The page that a person's day begins on, below the prefix."""
    person = ask.someone
    return f"candidates/{person.name}/" if person.is_candidate else "team/"


def link(ask: Ask) -> Reply:
    """The code in the address becomes a cookie, and the address is left behind."""
    _only_here(ask)
    try:
        person = links.redeem(ask.course, ask.named["code"])
    except LinkError:
        # a link that works does so however many others were tried from the same office
        if not ask.service.failed_links.take(ask.address):
            raise TooOften(_SLOWLY) from None
        raise
    number = links.number_of(ask.course, ask.named["code"])
    return Reply(
        status=303,
        location=f"{ask.service.prefix}candidates/{person.name}/",
        begin=identity.of_link(number),
    )


def sign_in(ask: Ask) -> Reply:
    """By a password, for the team."""
    _only_here(ask)
    name, password = ask.form.get("name", ""), ask.form.get("password", "")
    tried = ask.service.tried_names
    if ask.service.failed_passwords.is_empty(ask.address) or not tried.take(name[:64]):
        raise TooOften(_SLOWLY)
    person = people.check(ask.course, name, password)
    _note(ask, name if person else "", "signed in" if person else "sign-in refused")
    row = people.account(ask.course, name)
    if person is None or row is None:
        ask.service.failed_passwords.take(ask.address)
        return ask.page("sign-in", "Sign in", 403, words="name or password is wrong")
    return Reply(status=303, location=f"{ask.service.prefix}team/", begin=identity.of_account(row))


def _only_here(ask: Ask) -> None:
    """Where a hub lets people in, nobody comes in by this service."""
    if ask.service.homes:
        raise Refused(401, "sign in first")


def sign_out(ask: Ask) -> Reply:
    """End this session everywhere."""
    identity.end(ask.course, ask.session)
    return Reply(status=303, location=ask.service.prefix, end=True)


def style(ask: Ask) -> Reply:
    """The style sheet of all pages."""
    return Reply(ask.service.pages.style, "text/css; charset=utf-8")


def health(ask: Ask) -> Reply:
    """Whether the service answers and its database can be read; for supervisors."""
    people.account(ask.course, "nobody")
    return Reply(b"well\n", "text/plain; charset=utf-8")


def _note(ask: Ask, name: str, action: str) -> None:
    row = Audit(assignment="", candidate="", actor=name, action=action, detail={})
    Records(ask.course.records_url).add(row)
