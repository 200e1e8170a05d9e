"""Candidates' data: what is kept and how long, holds, copies, erasing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worksample.cli.shared import BY, example, fail, say, shown, the_course, then

if TYPE_CHECKING:
    from worksample.course import Course
    from worksample.privacy.erasing import Plan, Receipt


def write_copy(candidate: str, into: Path | None) -> None:
    """What ``worksample export --subject`` does."""
    from worksample.handouts import copy

    course = the_course()
    path = copy.write(course, candidate, into)
    say(f"{candidate}: {shown(course, path)}")
    say("look at it before you send it: people may have written about others in it")
    if into is not None:
        say(f"`worksample erase` does not know {into}: delete it when it was sent", err=True)


@click.command(epilog=example("worksample retention --due", "worksample retention"))
@click.option("--due", is_flag=True, help="Only those whose data should be gone by now.")
def retention(due: bool) -> None:
    """Say how long each candidate's data is kept: the law's least, the course's most, holds."""
    from worksample.privacy import erasing, keeping
    from worksample.records import evidence
    from worksample.records.tables import now

    course = the_course()
    at = now()
    everybody = keeping.everybody(course)
    for kept in everybody:
        if due and not kept.is_due(at):
            continue
        words = f"on hold: {kept.hold}" if kept.hold else f"due {kept.due:%Y-%m-%d}"
        words += ", asked to be erased" if kept.asked else ""
        mark = "now  " if kept.is_due(at) else "     "
        say(f"{mark}{kept.candidate:24} last {kept.last:%Y-%m-%d}  {words}")
    chains = {path.stem for path in evidence.tombstones(course)}
    count = sum(kept.is_due(at) for kept in everybody)
    say(f"{len(everybody)} kept, {count} of them due; {len(chains)} erased")
    if touched := erasing.touched(course):
        fail("hashes of erased evidence are not as they were:\n  " + "\n  ".join(touched))
    for kept in (each for each in everybody if each.is_due(at)):
        then(f"worksample erase {kept.candidate}")


@click.command(
    epilog=example(
        'worksample hold ada --by grace --reason "claim pending"',
        "worksample hold ada --end --by grace",
        "worksample hold",
    )
)
@click.argument("candidate", required=False)
@BY
@click.option("--reason", default="", help="Why; kept in the audit log.")
@click.option("--end", is_flag=True, help="End the hold.")
def hold(candidate: str | None, by: str, reason: str, end: bool) -> None:
    """Keep a candidate's data, whatever is due or asked for. Without a candidate: list holds."""
    from worksample.privacy import keeping

    course = the_course()
    if candidate is None:
        held = [kept for kept in keeping.everybody(course) if kept.hold]
        for kept in held:
            say(f"{kept.candidate}: {kept.hold}")
        say(f"{len(held)} on hold")
    elif end:
        keeping.end_hold(course, candidate, by, reason)
        say(f"{candidate} is not on hold any more")
        then("worksample retention --due")
    else:
        keeping.hold(course, candidate, by, reason)
        say(f"{candidate} is on hold: nothing of theirs is erased until it ends")
        then(f"worksample hold {candidate} --end --by YOU")


@click.command(
    epilog=example(
        "worksample erase ada",
        "worksample erase ada --yes --by grace",
        "worksample erase ada --asked --by grace",
    )
)
@click.argument("candidate")
@BY
@click.option("--yes", is_flag=True, help="Do it. Without this, only what would go is said.")
@click.option(
    "--asked", is_flag=True, help="They asked for it: note that, for when it may be done."
)
def erase(candidate: str, by: str, yes: bool, asked: bool) -> None:
    """Erase everything that is kept about a candidate; a receipt and hashes are left.

    Files, both databases and the evidence. Without --yes nothing is changed. A hold and the law's
    least time (privacy.toml) are respected.
    """
    from worksample.hub.places import Places
    from worksample.privacy import erasing, keeping
    from worksample.records import forgetting

    course = the_course()
    if forgetting.receipt(course, candidate) and not _is_there(course, candidate):
        done = erasing.finish(course, candidate)
        assert done is not None
        say(f"{candidate} was erased before")
        _print_receipt(course, done)
        return
    if asked:
        keeping.ask(course, candidate, by)
        say(f"{candidate} asked to be erased: noted")
    found = erasing.plan(course, candidate)
    if not yes:
        _print_plan(course, found)
        return
    if Places(course).database.is_file() and not erasing.refusal(found):
        from worksample.hub import forgetting as hub

        say("account at the hub …", err=True)
        hub.forget(course, candidate)
    done = erasing.erase(course, candidate, by, lambda step: say(f"{step} …", err=True))
    _print_receipt(course, done)
    for other in found.others:
        then(f"worksample erase {other}")


def _is_there(course: Course, candidate: str) -> bool:
    from worksample.errors import CandidateError
    from worksample.privacy import keeping

    try:
        keeping.check(course, candidate)
    except CandidateError:
        return False
    return True


def _print_plan(course: Course, found: Plan) -> None:
    from worksample.privacy import erasing

    say(f"{found.candidate}: this would go, and nothing has")
    for place in found.places:
        say(f"  {shown(course, place)}")
    say(f"  files in them: {found.files}, {found.size / 1e6:.1f} MB")
    say("  rows: " + ", ".join(f"{name} {count}" for name, count in found.rows.items()))
    if found.submissions is not None:
        say(f"  in nbgrader's gradebook: the student, submissions: {found.submissions}")
    for name, count in found.chains.items():
        say(f"  records of evidence on {name}: {count}; their hashes stay")
    for path in found.logs:
        say(f"  {shown(course, path)}, which names them, all of it")
    if found.others:
        say(f"  not the same person's other ids: {', '.join(found.others)}")
    _print_elsewhere("not reached by any command")
    if why := erasing.refusal(found):
        fail(f"cannot be done now: {why}")
    then(f"worksample erase {found.candidate} --yes --by YOU")


def _print_receipt(course: Course, done: Receipt) -> None:
    when = f"{done.time:%Y-%m-%d %H:%M} UTC"
    say(f"receipt {done.number}: {done.candidate} erased {when} by {done.by}")
    say(f"  gone: files {done.files}, rows {done.rows}, records of evidence {done.records}")
    say(f"  left: this receipt and the records' hashes, under {done.instead}")
    _print_elsewhere("to be done by hand, where there are any")
    if done.left:
        say("these still name them; look, and delete what is theirs:", err=True)
        for path in done.left:
            say(f"  {shown(course, path)}", err=True)
        sys.exit(1)


def _print_elsewhere(heading: str) -> None:
    from worksample.privacy import erasing

    say(f"{heading}:")
    for place in erasing.ELSEWHERE:
        say(f"  {place}")


COMMANDS = (retention, hold, erase)
