"""From ratings to a decision that people sign: debrief, recommend, export, audit, impact."""

from __future__ import annotations

from pathlib import Path

import click

from worksample.cli.privacy import write_copy
from worksample.cli.shared import BY, example, fail, say, shown, the_assignment, the_course, then


@click.command(
    epilog=example("worksample debrief ada", "worksample debrief --cohort root-cause-analysis")
)
@click.argument("candidate", required=False)
@click.option("--cohort", metavar="ASSIGNMENT", help="All candidates, profile beside profile.")
@click.option("--early", is_flag=True, help="Although graders have begun and not submitted.")
@click.option("--pdf", is_flag=True, help="Also as PDF, printed by a Chromium of this machine.")
@BY
def debrief(candidate: str | None, cohort: str | None, early: bool, pdf: bool, by: str) -> None:
    """Draw the page that a hiring team decides with: profile, evidence, questions, the rule.

    Writes a notebook and one HTML file into debrief/. It opens anywhere and prints on A4.
    """
    from worksample.debrief import drawing, printing

    if (candidate is None) == (cohort is None):
        raise click.UsageError("name one candidate, or --cohort ASSIGNMENT")
    course = the_course()
    if cohort:
        the_assignment(course, cohort.removesuffix("-revision"))
        drawn = drawing.debrief_cohort(course, cohort)
    else:
        drawn = drawing.debrief(course, candidate or "", by, early)
    say(f"{shown(course, drawn.page)}")
    if pdf:
        say(f"{shown(course, printing.pdf(drawn.page))}")
    if candidate:
        say(f"the rule says: {drawn.record['outcome']}; it decides nothing")
        then(f'worksample recommend {candidate} --value 3 --reason "…" --by YOU')


@click.command(
    epilog=example('worksample recommend ada --value 3 --reason "she proved the cause" --by lead')
)
@click.argument("candidate")
@click.option(
    "--value",
    type=click.IntRange(0, 4),
    required=True,
    help="1 strong no hire, 2 no hire, 3 hire, 4 strong hire; 0 no decision.",
)
@click.option("--reason", required=True, help="Why; kept with your name.")
@BY
def recommend(candidate: str, value: int, reason: str, by: str) -> None:
    """Sign a recommendation. Who changes their mind signs again; nothing is overwritten."""
    from worksample.debrief import drawing
    from worksample.review import rating

    course = the_course()
    digest, outcome = drawing.digest_of(course, candidate)
    if not digest:
        fail(f"there is no debrief of {candidate} to decide on\n  → worksample debrief {candidate}")
    rating.recommend(course, candidate, value, reason, by, outcome, digest)
    say(f"{candidate}: {value} by {by}, signed")
    then(f"worksample debrief {candidate}", f"worksample export {candidate} --format ats")


@click.command(
    epilog=example(
        "worksample export --format csv > ratings.csv",
        "worksample export ada --format ats",
        "worksample export --subject ada",
        "worksample export --schema",
    )
)
@click.argument("candidates", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "ats"]),
    default="csv",
    show_default=True,
    help="One row a rating; one object a candidate; what applicant-tracking systems take.",
)
@click.option("--schema", is_flag=True, help="The JSON Schema of --format json.")
@click.option(
    "--subject",
    metavar="CANDIDATE",
    help="Write a copy of everything that is kept about them, for them: a zip.",
)
@click.option(
    "--into",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The zip of --subject.",
)
@BY
def export(
    candidates: tuple[str, ...],
    form: str,
    schema: bool,
    subject: str | None,
    into: Path | None,
    by: str,
) -> None:
    """Print the ratings that count, for other programs; or copy a candidate's data for them.

    Drafts of ratings are left out. The copy's index.html is for reading, data.json for programs,
    and the files are theirs; the case's truth is left out, and those who rated are numbers.
    """
    from worksample.scorecards import exports

    if subject:
        if candidates or schema:
            raise click.UsageError("--subject stands alone")
        write_copy(subject, into)
        return
    if schema:
        say(exports.schema())
        return
    click.echo(exports.export(the_course(), form, candidates, by), nl=False)


@click.command(epilog=example("worksample audit", "worksample audit --head 812:5c1f…"))
@click.option("--head", "known", default="", help="A head of before, as a debrief prints it.")
def audit(known: str) -> None:
    """Verify that no rating, recommendation or note was changed, taken away, put in or moved."""
    from worksample.records import chain
    from worksample.records.tables import Records

    number, _, own = known.partition(":")
    if known and (not number.isdecimal() or len(own) != 64):
        raise click.UsageError("--head is NUMBER:HASH, as a debrief prints it")
    records = Records(the_course().records_url)
    found = chain.verify(records, (int(number), own) if known else None)
    for each in found:
        say(each)
    if found:
        fail("this is not what was written\n  → compare state/ with a backup before you rely on it")
    last, own = chain.head(records)
    say(f"whole: {last} links; the head is {last}:{own}")
    then(f"worksample audit --head {last}:{own}, later; keep that line elsewhere until then")


@click.command(
    epilog=example("worksample impact root-cause-analysis --groups kept-apart/groups.csv")
)
@click.argument("assignment_id", metavar="ASSIGNMENT")
@click.option(
    "--groups",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV: candidate, and a column for each question. Keep it away from the course.",
)
def impact(assignment_id: str, groups: Path) -> None:
    """Screen for adverse impact, by group, where groups are large enough. Stores nothing.

    Selected is who meets the rule. A ratio below four fifths is a reason to look closer; a ratio
    above it is no statement of compliance.
    """
    from worksample.debrief import cohort
    from worksample.scorecards import impact as impacts

    course = the_course()
    the_assignment(course, assignment_id.removesuffix("-revision"))
    found = cohort.outcomes(course, assignment_id)
    selected = {name: outcome == "meets" for name, outcome in found.items()}
    for question, ratios in impacts.screen(groups, selected).items():
        say(f"{question}:")
        for each in ratios:
            say(f"  {impacts.words(each)}")


COMMANDS = (debrief, recommend, export, audit, impact)
