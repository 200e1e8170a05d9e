"""The command line: parses, calls, prints. What a command does lies in the module it calls."""

from __future__ import annotations

import errno
import os
import shlex
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worksample import __version__, interpreter
from worksample.cli import terminal
from worksample.errors import WorksampleError

# everything heavier is imported by the command that needs it: `--help` answers at once
if TYPE_CHECKING:
    from worksample.assignments.model import Assignment
    from worksample.batch.cohort import Batch, Outcome
    from worksample.course import Course
    from worksample.submissions.collecting import Receipt

UNGRADABLE = 3  # exit status: something was graded, something could not be


class _Group(click.Group):
    """Turns errors into one line on standard error and an exit status."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        terminal.take_any_text()
        interpreter.leave_folder()
        interpreter.guard()
        try:
            return super().main(*args, **kwargs)
        except WorksampleError as error:
            _fail(str(error))
        except OSError as error:
            _fail(_of_the_disk(error) or _unexpected(error))
        except Exception as error:
            _fail(_unexpected(error))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order of the work, not of the alphabet


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Work samples for machine-learning engineers, as an nbgrader course.

    Run it inside a course folder, or set WORKSAMPLE_COURSE to one.
    """


def _example(*lines: str) -> str:
    """The example that ends a command's help."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


_UNSAFE = click.option(
    "--unsafe-no-sandbox",
    "unsafe",
    is_flag=True,
    help="Run candidates' code as yourself, where there is no sandbox. The evidence says so.",
)
_SCHEDULER = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Let the workers of this Dask scheduler do it, as in tcp://host:8786.",
)
_SKIN = click.option("--skin", default="", help="In the words of this skin (another trade).")
_ONLY = click.option("--candidate", "-c", "candidates", multiple=True, help="Only this one.")
_BY = click.option("--by", default="", envvar="WORKSAMPLE_ACTOR", help="Who you are.")


@main.command("list", epilog=_example("worksample list"))
def list_() -> None:
    """Show the course's assignments, and how far each one is."""
    from worksample import assignments
    from worksample.assignments import case
    from worksample.assignments import skin as skins
    from worksample.records import evidence
    from worksample.submissions import collecting as submission

    course = _course()
    usable, mistakes = assignments.sorted_out(course)
    known = {each.id: each for each in usable}
    for name in assignments.ids(course):
        if name in mistakes:
            _say(f"{name:28} cannot be used:\n{mistakes[name]}")
            continue
        each, sent = known[name], submission.submitted_candidates(course, name)
        invited = case.candidates(course, name)
        scored = [who for who in sent if evidence.latest(course, name, who)]
        _say(f"{name:28} {each.title}")
        _say(
            f"{'':28} {each.minutes.work:g} + {each.minutes.revision:g} min · "
            f"{', '.join(each.levels)} · {len(invited)} invited, {len(sent)} submitted, "
            f"{len(scored)} graded"
        )
        if worn := skins.names_of(each):
            _say(f"{'':28} skins: {', '.join(worn)}")
    if mistakes:
        _fail(f"cannot be used: {', '.join(mistakes)}")
    _next("worksample preview ASSIGNMENT")


@main.command(
    epilog=_example(
        "worksample new churn-model --like root-cause-analysis",
        "worksample new churn --from model-development --data t.parquet --target y --time day",
    )
)
@click.argument("assignment_id", metavar="ID")
@click.option("--like", help="Copy this assignment instead of the small starter.")
@click.option("--from", "source", help="Let this assignment make one of your own data.")
@click.option("--data", type=click.Path(path_type=Path), help="With --from: your table.")
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
        _say(str(preview.new(_course(), assignment_id, like)))
        return
    if like:
        raise click.UsageError("give --like or --from, not both")
    options = {name: [value] for name, value in named.items() if value}
    options["known"] = list(known)
    _say(str(preview.bring(_course(), assignment_id, source, data, options)))


@main.command(epilog=_example("worksample preview root-cause-analysis --level senior --seed 7"))
@click.argument("assignment_id", metavar="ASSIGNMENT")
@click.option("--level", default="standard", show_default=True)
@click.option("--seed", default=0, show_default=True)
@_SKIN
def preview(assignment_id: str, level: str, seed: int, skin: str) -> None:
    """Write what a candidate would see, as a folder and a page."""
    from worksample.authoring import preview as previews

    course = _course()
    _say(str(previews.preview(course, _assignment(course, assignment_id), level, seed, skin)))
    _next(f"worksample verify {assignment_id} --quick" + (f" --skin {skin}" if skin else ""))


@main.command(
    epilog=_example(
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
@_UNSAFE
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

    course = _course()
    if everything == bool(assignment_ids):
        raise click.UsageError("name assignments, or give --all")
    chosen = (
        [each for each in assignments.all_of(course) if each.graded]
        if everything
        else [_assignment(course, each) for each in assignment_ids]
    )
    done = []
    for each in chosen:
        with _progress(f"verify {each.id}") as step:
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
        _say(verifying.table(found))
    if report:
        report.write_text(verifying.report(done), encoding="utf-8")
    deviations = [line for each in done for line in each.deviations]
    if deviations:
        _fail("not as the solutions' headers state:\n  " + "\n  ".join(deviations))
    _say("Every reference solution is within its stated band.")
    _next(*(f"worksample build {each.id}" for each in chosen))


@main.command(epilog=_example("worksample build root-cause-analysis", "worksample build --check"))
@click.argument("assignment_ids", metavar="[ASSIGNMENT]...", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; fail if anything is out of date.")
def build(assignment_ids: tuple[str, ...], check: bool) -> None:
    """Make source/ and release/ from the authors' folders; all of them if none is named."""
    from worksample import assignments
    from worksample.assignments import build as builds

    course = _course()
    if check:
        stale = builds.stale(course)
        if stale:
            _fail("out of date:\n  " + "\n  ".join(stale) + "\n  → run: worksample build")
        _say("source/ and release/ are up to date.")
        return
    chosen = [_assignment(course, each) for each in assignment_ids] or assignments.all_of(course)
    for each in chosen:
        _say(str(builds.build(course, each)))
    _next("worksample invite CANDIDATE --assignment ASSIGNMENT")


@main.command(
    epilog=_example(
        "worksample invite ada --assignment root-cause-analysis --level senior --extra-time 1.5",
        "worksample invite bob --assignment root-cause-analysis --skin home-visits",
    )
)
@click.argument("candidates", metavar="CANDIDATE...", nargs=-1, required=True)
@click.option("--assignment", "-a", "assignment_id", required=True)
@click.option("--level", default="standard", show_default=True)
@click.option("--extra-time", default=1.0, show_default=True, help="A factor on the minutes.")
@_SKIN
def invite(
    candidates: tuple[str, ...], assignment_id: str, level: str, extra_time: float, skin: str
) -> None:
    """Draw a case for each candidate and write the zip to send. Again changes nothing."""
    from worksample.submissions import invitations

    course = _course()
    assignment = _assignment(course, assignment_id)
    for candidate in candidates:
        done = invitations.invite(course, candidate, assignment, level, extra_time, skin)
        state = "invited" if done.new else "already invited, nothing changed"
        _say(f"{candidate}: {state}; send {_shown(course, done.package)}")
    _next("worksample collect FOLDER_OR_ZIP")


@main.command(epilog=_example("worksample collect inbox/", "worksample collect ada.zip bob.zip"))
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

    course = _course()
    if assignment_id and assignment_id not in submission.known_assignments(course):
        _assignment(course, assignment_id)  # says which there are
    wish = submission.Wish(assignment_id, candidate, notebook, newest)
    done = submission.collect(course, sources, wish=wish)
    for receipt in done.receipts:
        _say(_receipt(receipt))
    told = {"not taken": done.refused, "to be decided": done.unsure}
    if any(told.values()):
        _fail("\n".join(line for head, all_of in told.items() for line in _errors(head, all_of)))
    _next(*(f"worksample grade {each}" for each in sorted({r.assignment for r in done.receipts})))


@main.command(
    epilog=_example(
        "worksample grade root-cause-analysis",
        "worksample grade root-cause-analysis-revision --candidate ada",
        "worksample grade root-cause-analysis --scheduler tcp://host:8786",
    )
)
@click.argument("assignment_id", metavar="ASSIGNMENT")
@_ONLY
@click.option("--force", is_flag=True, help="Execute again; adds a record and removes none.")
@click.option("--workers", type=click.IntRange(1), help="At a time. [default: one a core]")
@_SCHEDULER
@_UNSAFE
def grade(
    assignment_id: str,
    candidates: tuple[str, ...],
    force: bool,
    workers: int | None,
    scheduler: str | None,
    unsafe: bool,
) -> None:
    """Run, check and score what was submitted and has changed.

    Exits with status 3 if anything could not be graded: there is no score for it, and it is
    listed with what to do.
    """
    from worksample.batch import workers as processes

    if scheduler and unsafe:
        raise click.UsageError(
            "--scheduler and --unsafe-no-sandbox: unsealed code could reach the scheduler, and "
            "through it every worker"
        )
    if not scheduler:
        processes.prepare(unsafe)
    from worksample.batch import cohort as batch

    course = _course()
    with _progress(f"grade {assignment_id}") as step:
        done = batch.grade(
            course,
            assignment_id,
            candidates or None,
            force=force,
            unsafe=unsafe,
            workers=workers,
            scheduler=scheduler,
            progress=lambda outcome, total: step(total, outcome.candidate),
        )
    _print_batch(done)
    if done.not_gradable:
        sys.exit(UNGRADABLE)
    _next(
        f"worksample rate CANDIDATE {assignment_id} --by YOU",
        f"worksample feedback {assignment_id}",
    )


@main.command(
    epilog=_example(
        "worksample explain ada root-cause-analysis",
        "worksample explain ada root-cause-analysis --record 1 --json",
    )
)
@click.argument("candidate")
@click.argument("assignment_id", metavar="ASSIGNMENT")
@click.option("--record", "number", type=click.IntRange(1), help="Which. [default: the newest]")
@click.option("--json", "as_json", is_flag=True, help="The whole record, for programs.")
def explain(candidate: str, assignment_id: str, number: int | None, as_json: bool) -> None:
    """Show what lies behind a score, and whether it is still what was written.

    What ran and on which versions, what each check looked at and said, limits, repairs, outcome.
    Exits with status 1 if the evidence was touched, and says which part of it.
    """
    from worksample.review import explain as explaining

    done = explaining.explain(_course(), assignment_id, candidate, number)
    _say(explaining.as_json(done) if as_json else explaining.text(done))
    if not done.verified:
        broken = ", ".join(each.part for each in done.findings if not each.ok)
        _fail(
            f"this is not what was written: {broken}\n"
            "  → compare state/ with a backup before you rely on this score"
        )


@main.command(
    epilog=_example(
        "worksample rate ada root-cause-analysis --by grace",
        "worksample rate ada root-cause-analysis --by grace --criterion prevention --value 3",
    )
)
@click.argument("candidate")
@click.argument("assignment_id", metavar="ASSIGNMENT")
@_BY
@click.option("--criterion", help="Its grade id; without it, all are asked for in turn.")
@click.option("--value", type=int, help="1 to 4 by the anchors; 0: not enough information.")
@click.option("--reason", default="", help="Why 0, or why a rating is changed.")
@click.option("--evidence", "seen", default="", help="What you saw, and where.")
def rate(
    candidate: str,
    assignment_id: str,
    by: str,
    criterion: str | None,
    value: int | None,
    reason: str,
    seen: str,
) -> None:
    """Rate what only people can judge, by the anchors. Nothing is ever overwritten."""
    from worksample.review import rating

    if (criterion is None) != (value is None):
        raise click.UsageError("--criterion and --value belong together")
    if not by:
        raise click.UsageError("a rating is somebody's: give --by YOU")
    course = _course()
    assignment = rating.criteria(course, assignment_id, candidate)
    asked = [criterion] if criterion else list(assignment.criteria)
    for name in asked:
        given = (value, reason, seen) if value is not None else _ask(assignment, name, reason)
        row = rating.rate(course, assignment_id, candidate, name, given[0], by, given[1], given[2])
        _say(f"{name}: {row.value or 'not enough information'} ({row.dimension})")
    _next(f"worksample feedback {assignment_id}")


@main.command(
    epilog=_example(
        "worksample feedback root-cause-analysis",
        "worksample feedback root-cause-analysis -c ada --by grace --improvement transfer",
    )
)
@click.argument("assignment_id", metavar="ASSIGNMENT")
@_ONLY
@_BY
@click.option("--strength", help="Choose this cell instead of the rule's (one candidate).")
@click.option("--improvement", help="Choose this cell instead of the rule's (one candidate).")
@_SCHEDULER
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

    course = _course()
    _assignment(course, _base(assignment_id))
    if strength or improvement:
        if len(candidates) != 1:
            raise click.UsageError("choose for one candidate at a time: give --candidate")
        if scheduler:
            raise click.UsageError("what you choose for one candidate is drawn here, not there")
        drawn = [feedbacks.choose(course, assignment_id, candidates[0], by, strength, improvement)]
    else:
        with _progress(f"feedback {assignment_id}") as step:
            drawn = feedbacks.render(
                course,
                assignment_id,
                candidates or None,
                lambda name: step(None, name),
                scheduler,
            )
    for each in drawn:
        mark = " (approved)" if each.approved else ""
        _say(f"{each.candidate}: {_shown(course, each.page)}{mark}")
        for note in each.notes:
            _say(f"    {note}", err=True)
    _next(f"worksample approve {assignment_id} --by YOU")


@main.command(epilog=_example("worksample approve root-cause-analysis --by grace --except bob"))
@click.argument("assignment_id", metavar="ASSIGNMENT")
@_ONLY
@_BY
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

    course = _course()
    _assignment(course, _base(assignment_id))
    done = feedbacks.approve(course, assignment_id, candidates or None, by, except_, reason)
    _print_outcomes(done, "approved")
    _next(f"worksample release-feedback {assignment_id}")


@main.command(
    "release-feedback", epilog=_example("worksample release-feedback root-cause-analysis")
)
@click.argument("assignment_id", metavar="ASSIGNMENT")
@_ONLY
@_BY
def release_feedback(assignment_id: str, candidates: tuple[str, ...], by: str) -> None:
    """Let approved feedback out: to nbgrader's exchange, or as files to send."""
    from worksample import feedback as feedbacks

    course = _course()
    _assignment(course, _base(assignment_id))
    done = feedbacks.release_feedback(course, assignment_id, candidates or None, by)
    _print_outcomes(done, "released")
    if assignment_id == _base(assignment_id):
        _next(f"worksample revise {assignment_id}")


@main.command(epilog=_example("worksample revise root-cause-analysis ada"))
@click.argument("assignment_id", metavar="ASSIGNMENT")
@click.argument("candidates", metavar="[CANDIDATE]...", nargs=-1)
@_BY
def revise(assignment_id: str, candidates: tuple[str, ...], by: str) -> None:
    """Release the revision: the candidate's own attempt, and the feedback on it."""
    from worksample import feedback as feedbacks
    from worksample.feedback import revision
    from worksample.feedback.approval import drawn_for

    course = _course()
    _assignment(course, _base(assignment_id))
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
        _say(f"{candidate}: {done.minutes} min; send {_shown(course, done.package)}")
    _next("worksample collect FOLDER_OR_ZIP", f"worksample grade {assignment_id}-revision")


@main.command(epilog=_example("worksample demo", "worksample demo root-cause-analysis"))
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

    demos.demo(_course(), into, only=assignment_ids)


@main.group()
def course() -> None:
    """A company's own course, over the work samples of the package."""


@course.command("new", epilog=_example("worksample course new hiring"))
@click.argument("folder", type=click.Path(path_type=Path))
def course_new(folder: Path) -> None:
    """Make a course in FOLDER: its settings, and room for assignments of its own."""
    from worksample.authoring import founding

    founding.found(folder)
    _say(f"{folder} is a course; README.md in it says what to do with it")
    _next(
        f"cd {shlex.quote(str(folder))} && worksample doctor", "worksample build", "worksample list"
    )


@main.command(epilog=_example("worksample doctor"))
def doctor() -> None:
    """Say what this machine can and cannot do, and what to install."""
    from worksample.batch import doctor as doctors

    findings = []
    for finding in doctors.examine(_course()):
        _say(str(finding))
        findings.append(finding)
    _say(doctors.verdict(findings))
    if any(finding.state == "missing" for finding in findings):
        sys.exit(1)


# ---- what commands share ----


def _say(words: str, err: bool = False) -> None:
    """Print; file names and errors may hold what candidates wrote, and a terminal would obey it."""
    from worksample.grading import clean

    click.echo(clean.screen(words), err=err)


def _course() -> Course:
    from worksample.course import Course

    return Course.locate()


def _assignment(course: Course, assignment_id: str) -> Assignment:
    from worksample import assignments

    return assignments.find(course, assignment_id)


def _base(assignment_id: str) -> str:
    return assignment_id.removesuffix("-revision")


def _shown(course: Course, path: Path) -> str:
    """A path as a person would type it from where they are."""
    return os.path.relpath(path) if path.is_relative_to(course.root) else str(path)


def _next(*commands: str) -> None:
    for command in commands:
        click.secho(f"next: {command}", dim=True)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int | None, str], None]]:
    """A bar on standard error; nothing where that is no terminal."""
    from tqdm import tqdm

    from worksample.grading import clean

    shown = sys.stderr.isatty()
    tqdm.monitor_interval = 0  # no thread: workers are forked after this
    with tqdm(desc=label, disable=not shown, leave=False, dynamic_ncols=True) as bar:

        def step(total: int | None, name: str) -> None:
            bar.total = total
            bar.set_postfix_str(clean.terminal(name), refresh=False)
            bar.update()

        yield step


def _errors(heading: str, errors: Sequence[Exception]) -> list[str]:
    return [f"{heading}:", *(f"  {error}" for error in errors)] if errors else []


def _receipt(receipt: Receipt) -> str:
    state = "" if receipt.new else ", received before"
    counts = "" if receipt.current else ", not the one that counts"
    lines = [
        f"{receipt.candidate}: {receipt.assignment}, attempt file {receipt.number}, "
        f"receipt {receipt.code}{state}{counts}",
        *(f"    {note}" for note in receipt.notes),
    ]
    return "\n".join(lines)


def _print_batch(batch: Batch) -> None:
    width = max(len(each.candidate) for each in batch.outcomes)
    for each in batch.outcomes:
        _say(f"{each.candidate:{width}}  {_points(each):>14}  {_said(each)}")
    total = len(batch.outcomes)
    new = sum(each.new for each in batch.outcomes) - len(batch.not_gradable)
    _say(f"{total - len(batch.not_gradable)} of {total} have a score, {max(new, 0)} of them new")
    for why, count in batch.not_forked.items():
        _say(f"slower than it could be: {count} had a bubblewrap each, because {why}")
    if batch.not_gradable:
        names = ", ".join(each.candidate for each in batch.not_gradable)
        _say(f"not gradable yet, no score was written: {names}", err=True)


def _points(outcome: Outcome) -> str:
    if outcome.points is None:
        return "no score"
    return f"{outcome.points:.1f} of {outcome.possible:g}"


def _said(outcome: Outcome) -> str:
    words = {
        "graded": "",
        "candidate_failure": "graded on what was produced: ",
        "not_gradable_yet": "not gradable yet: ",
    }
    parts = [words[outcome.outcome] + " ".join(outcome.why.split())]
    parts += ["unchanged"] if not outcome.new else []
    parts += [f"repaired: {outcome.repairs}"] if outcome.repairs else []
    return " · ".join(part for part in parts if part)


def _print_outcomes(outcomes: list[Any], done: str) -> None:
    for each in outcomes:
        _say(f"{each.candidate}: {each.refused or done}")
    if any(each.refused for each in outcomes):
        _fail(f"not {done}: {', '.join(e.candidate for e in outcomes if e.refused)}")


def _ask(assignment: Assignment, name: str, reason: str) -> tuple[int, str, str]:
    """One criterion with its anchors, answered at the terminal."""
    from worksample.review.rating import NO_INFORMATION

    criterion = assignment.criteria[name]
    _say(f"\n{name} · {criterion.dimension}\nlook at: {criterion.evidence}")
    for value, anchor in sorted(criterion.anchors.items()):
        _say(f"  {value}  {anchor}")
    _say("  0  not enough information")
    value = click.prompt("rating", type=click.IntRange(0, 4))
    if value == 0:
        return 0, click.prompt("why", type=click.Choice(NO_INFORMATION)), ""
    return value, reason, click.prompt("what you saw, and where", default="", show_default=False)


def _fail(message: str) -> None:
    _say(message, err=True)
    sys.exit(1)


def _of_the_disk(error: OSError) -> str | None:
    """Words for what a person can mend; None for everything else."""
    remedies = {
        errno.EROFS: "mount it writable, or move the course",
        errno.EACCES: "make it readable and writable for you",
        errno.EPERM: "make it readable and writable for you",
        errno.ENOSPC: "free some space",
        errno.EDQUOT: "free some space",
    }
    if error.errno not in remedies:
        return None
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror}\n  → {remedies[error.errno]}, then run the same command again"


def _unexpected(error: Exception) -> str:
    """One line, and where the traceback went."""
    if "worksample.databases" in sys.modules:  # else no database was opened
        from worksample.databases import explained

        if known := explained(error):
            return str(known)
    text = "".join(traceback.format_exception(error))
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    try:
        folder = _course().state / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / name
        log.write_text(text, encoding="utf-8")
    except (OSError, WorksampleError):
        log = Path(tempfile.gettempdir(), f"worksample-{name}")
        log.write_text(text, encoding="utf-8")
    said = str(error).splitlines()[0][:200] if str(error) else ""
    return (
        f"unexpected: {type(error).__name__}: {said}\n  → this is a fault of worksample; see {log}"
    )


if __name__ == "__main__":
    main()
