"""The course and the machine: demo, course, doctor, backup, restore."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    pass

from worksample.cli.shared import example, progress, say, the_course, then


@click.command(epilog=example("worksample demo", "worksample demo root-cause-analysis"))
@click.argument("assignment_ids", metavar="[ASSIGNMENT]...", nargs=-1)
@click.option(
    "--into",
    default="demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Made anew; what was there is removed.",
)
def demo(assignment_ids: tuple[str, ...], into: Path) -> None:
    """Do the whole job on an invented cohort, from nothing."""
    from worksample.authoring import demo as demos

    demos.demo(the_course(), into, only=assignment_ids)


@click.group(epilog=example("worksample course new hiring"))
def course() -> None:
    """A company's own course, over the work samples of the package."""


@course.command("new", epilog=example("worksample course new hiring"))
@click.argument("folder", type=click.Path(path_type=Path))
def course_new(folder: Path) -> None:
    """Make a course in FOLDER: its settings, and room for assignments of its own."""
    from worksample.authoring import founding

    founding.found(folder)
    say(f"{folder} is a course; README.md in it says what to do with it")
    then(
        f"cd {shlex.quote(str(folder))} && worksample doctor", "worksample build", "worksample list"
    )


@click.command(epilog=example("worksample doctor"))
@click.option(
    "--install",
    is_flag=True,
    help="First make what image builds start from: a base image and a folder of wheels.",
)
def doctor(install: bool) -> None:
    """Say what this machine can and cannot do, and what to install.

    Second, what a hosted course still needs; that changes nothing about the exit status.
    """
    from worksample.batch import doctor as doctors
    from worksample.hub import doctor as hosting

    if install:
        from worksample.sandbox import bases

        bases.make(say)
    findings = []
    for finding in doctors.examine(the_course()):
        say(str(finding))
        findings.append(finding)
    say(doctors.verdict(findings))
    say("\nTo serve it, as a hosted JupyterLab:")
    hosted = []
    for finding in hosting.examine(the_course()):
        say(str(finding))
        hosted.append(finding)
    say(hosting.verdict(hosted))
    if any(finding.state == "missing" for finding in findings):
        sys.exit(1)


@click.command(epilog=example("worksample backup /mnt/elsewhere/hiring"))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def backup(folder: Path) -> None:
    """Write a copy of the course into FOLDER, while everything runs.

    It holds secrets and candidates' work: whoever can read it can read all of these.
    """
    from worksample.records import backup as backups

    with progress("backup") as step:
        done = backups.backup(the_course(), folder, lambda name: step(None, name))
    say(f"{done.archive}: {done.files} files, {len(done.databases)} of them databases")
    if done.skipped:
        say(f"{done.skipped} left out: links, pipes, and what was gone by then", err=True)
    for each in done.elsewhere:
        say(f"not in it: {each}; copy that by its own means (pg_dump)", err=True)
    then(f"worksample restore {shlex.quote(str(done.archive))} FOLDER  (to try it)")


@click.command(epilog=example("worksample restore hiring-20261201T030000Z.tar.gz /srv/hiring"))
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
def restore(archive: Path, folder: Path) -> None:
    """Lay a backup out in FOLDER, which is to be new."""
    from worksample.records import backup as backups

    count = backups.restore(archive, folder)
    say(f"{folder}: {count} files; its databases are whole")
    there = shlex.quote(str(folder))
    then(f"cd {there} && worksample audit", "worksample retention  (erase again who was erased)")


COMMANDS = (demo, course, doctor, backup, restore)
