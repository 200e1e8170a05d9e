"""The command line: parses, calls, prints. What a command does lies in the module it calls."""

from __future__ import annotations

from typing import Any

import click

from worksample import __version__, interpreter
from worksample.cli import (
    authors,
    bank,
    candidates,
    debrief,
    feedback,
    grading,
    handouts,
    hosting,
    house,
    links,
    privacy,
    terminal,
)
from worksample.cli.shared import fail, of_the_disk, unexpected
from worksample.errors import WorksampleError


class _Group(click.Group):
    """Turns errors into one line on standard error and an exit status."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        terminal.take_any_text()
        interpreter.leave_folder()
        interpreter.guard()
        interpreter.end_quickly()
        try:
            return super().main(*args, **kwargs)
        except WorksampleError as error:
            fail(str(error))
        except OSError as error:
            fail(of_the_disk(error) or unexpected(error))
        except Exception as error:
            fail(unexpected(error))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order of the work, not of the alphabet


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Work samples for machine-learning engineers, as an nbgrader course.

    Run it inside a course folder, or set WORKSAMPLE_COURSE to one.
    """


# in the order of the work
for _group in (
    *(authors, bank, candidates, links, grading, feedback),
    *(debrief, handouts, privacy, hosting, house),
):
    for _command in _group.COMMANDS:
        main.add_command(_command)
