"""What people print or read: interview kits and the role."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from worksample.cli.shared import example, say, shown, the_course, then

if TYPE_CHECKING:
    from worksample.course import Course

INTO = click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to, instead of build/handouts.",
)


@click.command(
    epilog=example(
        "worksample kit",
        "worksample kit screening technical-interview",
        "worksample kit --all",
        "worksample kit --own profile",
    )
)
@click.argument("names", metavar="[STAGE]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every stage's kit, and the role.")
@click.option("--own", is_flag=True, help="Copy it into the course's kits/, to edit it there.")
@INTO
def kit(names: tuple[str, ...], everything: bool, own: bool, into: Path | None) -> None:
    """Write the interview kit of a stage: one page that prints on two sheets of A4.

    Without a stage it lists them. "profile" is the role: job description and ideal profile.
    """
    from worksample import kits

    course = the_course()
    wanted = (*kits.NAMES, kits.PROFILE) if everything else names
    if not wanted:
        _list(course)
    elif own:
        _copy(course, wanted)
    else:
        for name in wanted:
            page = _write_kit(course, name, into)
            say(f"{name}: {shown(course, page)}")
        say("open it in a browser and print it: two pages, A4")


def _list(course: Course) -> None:
    from worksample import kits

    for name in kits.NAMES:
        read = kits.kit(course, name)
        minutes = f"{read.minutes[0]}-{read.minutes[1]} min"
        counts = f"{len(read.questions)} questions, {len(read.dimensions)} dimensions"
        say(f"{name:21} {minutes:10} {counts:28} {kits.whose(course, name)}")
    blanks = kits.profile(course).blanks
    left = f"{len(blanks)} blanks to fill in" if blanks else "filled in"
    say(f"{kits.PROFILE:21} {'':10} {'the role, ' + left:28} {kits.whose(course, kits.PROFILE)}")
    then("worksample kit --all", f"worksample kit --own {kits.PROFILE}")


def _copy(course: Course, names: tuple[str, ...]) -> None:
    from worksample import kits

    for name in names:
        path, new = kits.own(course, name)
        say(f"{name}: {shown(course, path)}" + ("" if new else ", which was there and stays"))
    then("worksample kit " + " ".join(names))


def _write_kit(course: Course, name: str, into: Path | None) -> Path:
    from worksample import kits
    from worksample.disk import replace
    from worksample.handouts import kit as pages

    named = kits.known(name)
    text = pages.role(course) if named == kits.PROFILE else pages.page(course, named)
    path = (into or course.root / "build" / "handouts") / f"{named}.html"
    replace(path, text.encode())
    return path


@click.command(epilog=example("worksample guide", "worksample guide ada"))
@click.argument("candidate", required=False)
@INTO
def guide(candidate: str | None, into: Path | None) -> None:
    """Write the candidate's guide: what is judged and how, advice, dates, rights, adjustments.

    With a candidate it begins with where they stand and when they hear.
    """
    from worksample.disk import replace
    from worksample.handouts import guide as pages
    from worksample.privacy import policy

    course = the_course()
    # what names somebody lies where `worksample erase` finds it
    own = course.state / "guides" if candidate else course.root / "build" / "handouts"
    path = (into or own) / f"{candidate or 'guide'}.html"
    replace(path, pages.page(course, candidate).encode())
    say(f"{shown(course, path)}: send it with the invitation")
    _tell_blanks(course, policy.read(course).blanks)


@click.command(epilog=example("worksample statement", "worksample statement --own"))
@click.option("--own", is_flag=True, help="Copy privacy.toml into the course, to fill it in there.")
@INTO
def statement(own: bool, into: Path | None) -> None:
    """Write what is processed about candidates, why, how long, and that people decide."""
    from worksample.disk import replace
    from worksample.handouts import statement as pages
    from worksample.privacy import policy

    course = the_course()
    if own:
        settings, new = policy.own(course)
        say(shown(course, settings) + ("" if new else " was there and stays"))
        then("worksample statement")
        return
    path = (into or course.root / "build" / "handouts") / "statement.html"
    replace(path, pages.page(course).encode())
    say(f"{shown(course, path)}: candidates get it before they start")
    _tell_blanks(course, policy.read(course).blanks)


def _tell_blanks(course: Course, blanks: tuple[str, ...]) -> None:
    from worksample.privacy import policy

    if blanks:
        file = policy.path(course)
        where = shown(course, file) if file != policy.DEFAULT else "privacy.toml"
        say(f"to fill in, in {where}: {'; '.join(blanks)}", err=True)
        then("worksample statement --own")


@click.command(epilog=example("worksample talk ada strategy-communication"))
@click.argument("candidate")
@click.argument("assignment_id", metavar="ASSIGNMENT")
@INTO
def talk(candidate: str, assignment_id: str, into: Path | None) -> None:
    """Write role cards and sheets for those who listen to a candidate's talk.

    What each believes, what is so, what to ask: of this candidate's case.
    """
    from worksample.disk import replace
    from worksample.handouts import talk as pages

    course = the_course()
    # what names somebody lies where `worksample erase` finds it
    path = (into or course.state / "talks" / assignment_id) / f"{candidate}.html"
    replace(path, pages.page(course, assignment_id, candidate).encode())
    say(f"{shown(course, path)}: print it, a card and a sheet for each listener")
    then(f"worksample reader {candidate} {assignment_id} --paper")


COMMANDS = (kit, guide, statement, talk)
