"""The sections of a debrief: each a pure function, record in, HTML out; the template calls them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from worksample.debrief.meeting import COMPETENCIES, FACILITATOR, QUESTIONS, RECOMMENDATIONS
from worksample.debrief.schema import (
    FORMAT,
    Attempt,
    Checked,
    DimensionRow,
    Place,
    Point,
    Question,
    Rated,
    Record,
    Talk,
    Work,
)
from worksample.feedback import markup
from worksample.feedback import schema as feedback
from worksample.feedback.markup import anchor_id, esc, show, show_picture
from worksample.feedback.proposal import STATUS
from worksample.feedback.text import excerpt, number

__all__ = ["load", "show", "show_picture"]  # and the sections, which the template names

OUTCOME = {
    "meets": ("✓", "Meets the rule"),
    "does not meet": ("✗", "Does not meet the rule"),
    "insufficient evidence": ("?", "Insufficient evidence: collect more"),
}
CODE_LINES = 30
CHANGED_LINES = 40
FLIPS = 4  # told on the first page


def load(path: str) -> Record:
    """The record at ``path``.

    Raises:
        ValueError: it is of another format than this template.
    """
    record: Record = json.loads(Path(path).read_text(encoding="utf-8"))
    if record.get("format") != FORMAT:
        raise ValueError(f"record of format {record.get('format')}, template of format {FORMAT}")
    return record


# --- the first page ------------------------------------------------------------------------------


def heading(record: Record) -> str:
    """Who and what this is about."""
    works = " · ".join(f"{w['title']} ({w['level']})" for w in record["works"])
    return (
        f"<h1>Debrief: {esc(record['candidate'])}</h1>"
        f"<p class='subtitle'>{esc(works)}</p>"
        f"<p class='facts'>As of {esc(record['as_of'])} · for the hiring team · "
        "people decide; nothing here does</p>"
    )


def in_one_minute(record: Record) -> str:
    """What the rule says, what would change it, and what it rests on."""
    sign, words = OUTCOME[record["outcome"]]
    reasons = "".join(f"<li>{esc(_sentence(each))}</li>" for each in record["reasons"][:4])
    early = ""
    if record["waiting"]:
        early = (
            "<p><strong>Shown early.</strong> Not submitted yet: "
            f"{esc(', '.join(record['waiting']))}. Their ratings are not in it.</p>"
        )
    tampered = "".join(f"<li>{esc(each)}</li>" for each in record["tampered"][:10])
    if tampered:
        tampered = (
            "<p><strong>Records were tampered with. Do not rely on this page.</strong></p>"
            f"<ul>{tampered}</ul>"
        )
    return markup.section(
        "In one minute",
        f"{tampered}{early}<p class='outcome'><span class='sign' aria-hidden='true'>{sign}</span> "
        f"<strong>{words}.</strong> {record['covered']} of {record['planned']} planned "
        f"dimensions were rated, by {_people(record)}.</p>"
        f"<ul class='close'>{reasons}</ul>{_flips(record)}",
        "verdict",
    )


def _people(record: Record) -> str:
    many = len(record["graders"])
    if record["interviews"]:
        return "one person" if many == 1 else f"{many} people, in work samples and interviews"
    return "one grader" if many == 1 else f"{many} graders"


def _flips(record: Record) -> str:
    flips = record["flips"]
    if not flips:
        return (
            "<p>No single rating moved by one level would change that, and no grader left out.</p>"
        )
    left = len(flips) - FLIPS
    more = f"<li>… and {left} more, listed with the rule</li>" if left > 0 else ""
    rows = "".join(f"<li>{_flip(each)}</li>" for each in flips[:FLIPS])
    return f"<p>What alone would flip it:</p><ul class='close'>{rows}{more}</ul>"


def _flip(words: str) -> str:
    what, _, outcome = words.rpartition(": ")
    return f"{esc(what)} → <em>{esc(outcome)}</em>"


def profile_words(record: Record) -> str:
    """What the signs of the picture mean; the picture follows."""
    key = "; ".join(f"{letter} is {esc(name)}" for letter, name in record["graders"].items())
    return (
        f"{markup.title('Profile', 'h3')}<p class='small'>A ring is a rating: {key}. ◆ is the "
        "median, △ the median after the revision, the bar the range; the dashed line parts 2 from "
        "3. Dimensions are not added up.</p>"
    )


def first_page_lists(record: Record) -> str:
    """What to discuss, the strongest and the weakest evidence, what is open."""
    discuss = [_to_discuss(row) for row in record["dimensions"] if row["discuss"]]
    unknown = [row["name"] for row in record["dimensions"] if row["median"] is None]
    opened = "".join(f"<li>Nobody could rate {esc(name)}.</li>" for name in unknown)
    first = record["questions"][:1]
    opened += "".join(f"<li>{_place(q['place'])}: {esc(_short(q['ask']))}</li>" for q in first)
    nothing = "<li>The graders agree: none are two levels or the line between 2 and 3 apart.</li>"
    if len(record["graders"]) == 1:
        nothing = "<li>One person rated, so nobody knows whether others would agree.</li>"
    talks = _list("Interviews", "".join(_in_short(each, record) for each in record["interviews"]))
    strongest = _list("Strongest evidence", _points(record["strongest"], "Nothing stands out."))
    weakest = _list("Weakest evidence", _points(record["weakest"], "Nothing falls short."))
    return (
        f"<div class='lists'>{_list('To discuss', ''.join(discuss) or nothing)}"
        f"{_list('Open questions', opened)}{talks if record['interviews'] else ''}</div>"
        f"<div class='beside'><div>{strongest}</div><div>{weakest}</div></div>"
    )


def _in_short(talk: Talk, record: Record) -> str:
    """An interview in one line: its medians, and which are below the line."""
    rows = [row for row in record["dimensions"] if _of_talk(row, talk)]
    known = [row["median"] for row in rows if row["median"] is not None]
    low = [row["name"] for row in rows if row["median"] is not None and row["median"] < 3]
    spread = f"medians {number(min(known))} to {number(max(known))}" if known else "nothing rated"
    below = f"; below 3: {', '.join(low)}" if low else ""
    link = markup.link_to(talk["anchor"], talk["title"])
    return f"<li>{link} ({esc(talk['people'])}): {esc(spread + below)}</li>"


def _of_talk(row: DimensionRow, talk: Talk) -> bool:
    """Whether this interview rated the dimension."""
    return any(rated["place"]["anchor"] == talk["anchor"] for rated in row["ratings"])


def work_dimensions(record: Record) -> list[DimensionRow]:
    """The profile's first picture: what work samples rate, with what interviews say to the same."""
    return [row for row in record["dimensions"] if not row["stage"]]


def _to_discuss(row: DimensionRow) -> str:
    # a letter and its number stay on one line
    given = ", ".join(f"{r['letter']}\u00a0{r['value']}" for r in row["ratings"] if r["value"])
    apart = "two levels or more apart" if (row["high"] or 0) - (row["low"] or 0) >= 2 else ""
    return f"<li><strong>{esc(row['name'])}</strong> ({given}){apart and f': {apart}'}</li>"


def _list(title: str, rows: str) -> str:
    return f"{markup.title(title, 'h3')}<ul class='close'>{rows}</ul>"


def _points(points: Sequence[Point], nothing: str) -> str:
    return (
        "".join(
            f"<li><strong>{esc(p['what'])}</strong>, {esc(p['how_much'])}: "
            f"{esc(_short(p['words']))} <span class='small'>({_place(p['place'])})</span></li>"
            for p in points
        )
        or f"<li>{nothing}</li>"
    )


def _short(words: str, limit: int = 130) -> str:
    """Whole words of the beginning."""
    return words if len(words) <= limit else f"{words[:limit].rsplit(' ', 1)[0]} …"


# --- ratings -------------------------------------------------------------------------------------


def ratings(record: Record) -> str:
    """Every grader's rating of every dimension, with what it rests on."""
    return markup.section(
        "Every rating",
        "<p>Within a dimension every rating stands, with the median and the range. Nothing is "
        "averaged over dimensions. “Not enough information” is no number and counts nowhere.</p>"
        + "".join(_dimension(row) for row in record["dimensions"]),
        "newpage",
    )


def _dimension(row: DimensionRow) -> str:
    median = "not enough information"
    if row["median"] is not None:
        spread = f"{row['low']} to {row['high']}"
        one = len([r for r in row["ratings"] if r["value"]]) == 1
        median = f"median {number(row['median'])}" + ("" if one else f", range {spread}")
    marks = [median]
    marks += ["critical"] if row["critical"] else []
    marks += [] if row["planned"] else ["in no stage that was held"]
    marks += [f"after the revision {number(row['later'])}"] if row["later"] else []
    discuss = "".join(f"<p><strong>Discuss.</strong> {esc(d)}</p>" for d in row["discuss"])
    return (
        f"<h3>{esc(row['name'])} <span class='small'>{esc(' · '.join(marks))}</span></h3>"
        f"{discuss}{_rated(row['ratings']) if row['ratings'] else '<p>Nobody rated it.</p>'}"
    )


def _rated(given: Sequence[Rated]) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{esc(r['letter'])} <span class='small'>{esc(r['grader'])}</span></th>"
        f"<td>{esc(r['title'])}</td><td class='level'>{_level(r)}</td><td>{_because(r)}</td></tr>"
        for r in given
    )
    head = "".join(
        f"<th scope='col'>{name}</th>" for name in ("Grader", "Criterion", "Rating", "Evidence")
    )
    return markup.scroll(
        f"<table class='rated'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>",
        "Ratings",
    )


def _level(rated: Rated) -> str:
    shown = (
        f"<strong>{rated['value']}</strong> of 4" if rated["value"] else "not enough information"
    )
    if rated["earlier"]:
        before = ", ".join(str(v) if v else "no information" for v in rated["earlier"])
        shown += f"<br><span class='small'>before: {esc(before)}</span>"
    return shown


def _because(rated: Rated) -> str:
    parts = []
    if rated["evidence"]:
        parts.append(f"<p>{esc(rated['evidence'])} ({_place(rated['place'])})</p>")
    else:
        parts.append(f"<p>{_place(rated['place'])}</p>")
    if rated["reason"]:
        parts.append(f"<p>Reason: {esc(rated['reason'])}</p>")
    if rated["anchor"]:
        parts.append(f"<p class='small'>Anchor of {rated['value']}: {esc(rated['anchor'])}</p>")
    return "".join(parts)


# --- interviews ----------------------------------------------------------------------------------


def interviews(record: Record) -> str:
    """What was held, what it says of the outcomes, and what was noted; nothing where none was."""
    if not record["interviews"]:
        return ""
    return markup.section(
        "Interviews",
        "<p>Their ratings stand with all others above and count in the rule by their dimensions. "
        "The outcomes are predictions of what the candidate would do in the job, and numbers that "
        "a question asks for stay what they are: neither is turned into a rating.</p>"
        + "".join(_interview(each) for each in record["interviews"]),
    )


def _interview(talk: Talk) -> str:
    rows = [
        (question, f"{words} ({number})" if number else words, who)
        for question, who, words, number in talk["notes"]
    ]
    scope = f"Out of scope for this role: {', '.join(talk['out_of_scope'])}."
    notes = markup.table("", ("Question", "What was noted", "By"), rows)
    return (
        f"<h3 id='{esc(talk['anchor'])}'>{esc(talk['title'])} "
        f"<span class='small'>{esc(talk['people'])}</span></h3>"
        + (f"<p>{esc(scope)}</p>" if talk["out_of_scope"] else "")
        + (f"<p>Outcomes, as predicted:</p>{_rated(talk['outcomes'])}" if talk["outcomes"] else "")
        + (notes if rows else "<p class='small'>No notes were kept.</p>")
    )


# --- automatic checks, and both attempts ---------------------------------------------------------


def checks(record: Record) -> str:
    """What was checked by machine, with its standard error; evidence beside the ratings."""
    return markup.section(
        "Automatic checks",
        "<p>Points are evidence beside a rating and never become one. They are of the first "
        "attempt, which was made without feedback.</p>"
        + "".join(_work_checks(work) for work in record["works"]),
    )


def _work_checks(work: Work) -> str:
    first = work["attempts"][0]
    rows = "".join(_check(each) for each in work["checks"])
    head = "".join(
        f"<th scope='col'>{name}</th>" for name in ("Check", "Points", "Evidence for", "In words")
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return (
        f"<h3>{esc(work['title'])} <span class='small'>{esc(first['points'])} of "
        f"{number(first['possible'])} points · {esc(work['level'])} · {esc(work['minutes'])}</span>"
        f"</h3><p class='small'>{esc(_sentence(first['ran']))} {esc(work['precise'])}</p>"
        f"{markup.scroll(table, 'Automatic checks')}{_understood(work)}"
    )


_WHO_READ = {
    "Reader test": "People who knew nothing of the case read the text before anybody rated, and "
    "answered questions whose answers are computed.",
    "Freeze probe": "Each who rates looked at pictures of the work before that, and answered "
    "from memory; the answers are computed.",
}


def _understood(work: Work) -> str:
    """What blind readers understood, counted apart; that nobody read is said, too."""
    if not work["understood"]:
        return ""
    name = work["asked"]
    return f"<p><b>{name}:</b> {esc(work['understood'])}. {_WHO_READ[name]}</p>"


def _check(check: Checked) -> str:
    told = "".join(f"<p>{esc(each)}</p>" for each in check["messages"])
    return (
        f"<tr><th scope='row'>{_link(check['place'], check['title'])}</th>"
        f"<td>{number(check['points'])} of {number(check['possible'])}</td>"
        f"<td>{esc(check['dimension'])}</td><td>{told}</td></tr>"
    )


def revision(record: Record) -> str:
    """Attempt 1 and 2 side by side, what changed, and how the feedback was taken up."""
    revised = [work for work in record["works"] if work["changes"]]
    parts = "".join(_revised(work) for work in revised)
    nothing = "<p>There was no revision, so how feedback is taken up was not seen.</p>"
    return markup.section("Before and after the feedback", parts or nothing)


def _revised(work: Work) -> str:
    changes = work["changes"]
    assert changes is not None
    first, second = work["attempts"][:2]
    rows = [
        (c["title"], *_before_after(c["before"], c["after"], c["possible"]))
        for c in changes["checks"]
    ]
    both = [
        ("Submitted", first["submitted"], second["submitted"], ""),
        ("The run", first["ran"], second["ran"], ""),
        *rows,
        *((f"Rated: {name}", before, after, "") for name, before, after in work["rated_again"]),
    ]
    changed = "; ".join(
        markup.link_to(_second(work, cell["id"]), cell["title"])
        + ("" if cell["note"] else f" ({cell['removed']} lines out, {cell['added']} in)")
        for cell in changes["cells"]
    )
    return (
        f"<h3>{esc(work['title'])}</h3>"
        f"<p>Asked for: <em>{esc(changes['task'])}</em></p>{_note(work)}{_taken_up(work)}"
        f"{markup.table('', ('What', 'Attempt 1', 'Attempt 2', 'Change'), both)}"
        f"<p>{f'Changed: {changed}.' if changed else 'No cell was changed.'}</p>"
    )


def _second(work: Work, cell: str) -> str:
    return anchor_id(f"{work['id']}-2-{cell}")


def _changed_lines(lines: Sequence[tuple[str, str]], title: str) -> str:
    """The first lines of a change."""
    if not lines:
        return ""
    left = len(lines) - CHANGED_LINES
    more = f"<p class='small'>… and {left} more lines.</p>" if left > 0 else ""
    return markup.difference(lines[:CHANGED_LINES], title) + more


def _note(work: Work) -> str:
    return f"<p>The candidate’s note: “{esc(work['note'])}”</p>" if work["note"] else ""


def _taken_up(work: Work) -> str:
    given = work["receptiveness"]
    how = "how feedback was taken up, rated from the difference and not from the gain in points"
    if not given:
        again = f"worksample rate … {work['id']}-revision --criterion receptiveness"
        return f"<p>Not rated yet: {how} (<code>{esc(again)}</code>).</p>"
    return f"<p>By people: {how}.</p>{_rated(given)}"


def _before_after(
    before: float | None, after: float | None, possible: float
) -> tuple[str, str, str]:
    if before is None or after is None:
        return _of(before, possible), _of(after, possible), "—"
    gain = after - before
    moved = f"{'up' if gain > 0 else 'down'} {number(abs(gain))}"
    return _of(before, possible), _of(after, possible), moved if abs(gain) >= 0.005 else "as before"


def _of(points: float | None, possible: float) -> str:
    return "—" if points is None else f"{number(points)} of {number(possible)}"


# --- the meeting ---------------------------------------------------------------------------------


def questions(record: Record) -> str:
    """The follow-up questions, each with where it comes from and what a good answer covers."""
    rows = "".join(_question(n, q) for n, q in enumerate(record["questions"], start=1))
    return markup.section(
        "Follow-up questions for this candidate",
        "<p>Proposed by a rule that anybody can read, from this candidate’s cells and numbers.</p>"
        f"<ol class='questions'>{rows}</ol>",
        "newpage",
    )


def _question(place: int, question: Question) -> str:
    covers = "".join(f"<li>{esc(each)}</li>" for each in question["covers"])
    return (
        f"<li><p class='lead'>{esc(question['ask'])}</p>"
        f"<p class='small'>From {_place(question['place'])}: {esc(question['because'])}.</p>"
        f"<p class='small'>A good answer covers</p><ul class='close'>{covers}</ul></li>"
    )


def meeting(record: Record) -> str:
    """The requirements, the facilitator's note, and the questions that guide the meeting."""
    outcomes = list(dict.fromkeys(o for work in record["works"] for o in work["outcomes"]))
    competencies = "".join(
        f"<li><strong>{esc(name)}</strong>: {esc(words)}</li>"
        for name, words in COMPETENCIES.items()
    )
    looked_for = "".join(f"<li>{esc(each)}</li>" for each in outcomes)
    guide = "".join(
        f"<li><p><strong>{esc(question)}</strong></p><p class='small'>{esc(why)}</p>"
        "<div class='lines'></div></li>"
        for question, why in QUESTIONS.items()
    )
    return markup.section(
        "The meeting",
        f"<h3>What the role asks for</h3><ul class='close'>{competencies}</ul>"
        "<p>What this work was to give evidence for:</p>"
        f"<ul class='close'>{looked_for}</ul>"
        f"<p class='note'>{esc(FACILITATOR)}</p><ol class='guide'>{guide}</ol>",
    )


def recommendation(record: Record) -> str:
    """What was signed, and a place to sign."""
    rows = [
        (
            each["person"],
            each["time"],
            each["words"] if each["value"] is None else f"{each['value']} · {each['words']}",
            each["reason"],
            each["outcome"],
        )
        for each in record["signed"]
    ]
    head = ("Person", "When", "Recommendation", "Reason", "The rule then")
    signed = markup.table("Signed; the newest of a person counts, none is removed", head, rows)
    scale = " · ".join(f"☐ {v or 0} {words}" for v, words in RECOMMENDATIONS.items())
    return markup.section(
        "Recommendation",
        (signed if rows else "<p>Nobody has signed a recommendation yet.</p>")
        + f"<div class='sign-here'><p>{esc(scale)}</p><p>Reason</p><div class='lines'></div>"
        "<div class='lines'></div><p>Name, date, signature</p><div class='lines'></div></div>"
        f"<p class='small'>To keep it: <code>worksample recommend {esc(record['candidate'])} "
        "--value 3 --reason “…” --by YOU</code></p>",
    )


# --- at the end ----------------------------------------------------------------------------------


def cells(record: Record) -> str:
    """The candidate's cells, to which the evidence leads."""
    parts = []
    for work in record["works"]:
        first = work["attempts"][0]
        parts.append(f"<h3>{esc(work['title'])}, attempt 1</h3>")
        parts += [_cell(work, first, place) for place in range(len(first["cells"]))]
        if work["changes"]:
            parts.append(f"<h3>{esc(work['title'])}, attempt 2: what changed</h3>")
            parts += [_changed(work, cell) for cell in work["changes"]["cells"]]
    return markup.section("The candidate’s cells", "".join(parts), "newpage")


def _cell(work: Work, attempt: Attempt, place: int) -> str:
    cell = attempt["cells"][place]
    ran = STATUS.get(cell["status"], "text, not run")
    error = f": <code>{esc(cell['error'])}</code>" if cell["error"] else ""
    fragment = anchor_id(f"{work['id']}-{attempt['number']}-{cell['id']}")
    return (
        f"<div class='cell' id='{fragment}'><h4>{esc(cell['title'])}</h4>"
        f"<p class='small'><code>{esc(cell['id'])}</code> · {esc(ran)}{error}</p>"
        f"{markup.code(excerpt(cell['source'], CODE_LINES), cell['title'])}</div>"
    )


def _changed(work: Work, cell: feedback.CellChange) -> str:
    counts = f"{cell['removed']} lines out, {cell['added']} in"
    return (
        f"<div class='cell' id='{_second(work, cell['id'])}'><h4>{esc(cell['title'])}</h4>"
        f"<p class='small'><code>{esc(cell['id'])}</code> · {esc(cell['note'] or counts)}</p>"
        f"{_changed_lines(cell['lines'], cell['title'])}</div>"
    )


def about(record: Record) -> str:
    """The rule in full, and how all of this came about."""
    flips = "".join(f"<li>{_flip(each)}</li>" for each in record["flips"])
    evidence = ", ".join(
        f"{esc(a['id'])} record {a['record']}" for w in record["works"] for a in w["attempts"]
    )
    return markup.section(
        "The rule, and how this came about",
        f"<p>{esc(record['rule'])} {esc(record['rule_noted'])} It reads the first attempt, and it "
        "decides nothing: a person recommends, and signs.</p>"
        + (f"<p>Everything that alone would change it:</p><ul class='close'>{flips}</ul>" if flips
           else "")
        + "<p>Where several people rate, each did so before seeing the others’ ratings. On one "
        "machine without a service that is what the commands keep to; whoever can read the "
        "database could have looked.</p>"
        f"<p class='small'>Evidence: {evidence}. The ratings’ chain of hashes ends at "
        f"<code>{esc(record['chain'])}</code>; <code>worksample audit</code> verifies it.</p>",
    )  # fmt: skip


def _place(place: Place) -> str:
    return _link(place, place["title"])


def _link(place: Place, words: str) -> str:
    return markup.link_to(place["anchor"], words)


def _sentence(words: str) -> str:
    words = words.strip()
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) else ".")
