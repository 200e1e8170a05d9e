"""The sections of a feedback notebook: each a pure function, record in, HTML out.

The template's cells call them, one a section. All text goes through :func:`esc`, and the whole
once more through an allow-list when it is shown, so that nothing in a record can become markup.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from worksample.feedback import charts, markup
from worksample.feedback.changes import compared
from worksample.feedback.markup import esc, show, show_picture
from worksample.feedback.proposal import STATUS, strength_title
from worksample.feedback.schema import FORMAT, Cell, CellChange, Check, Criterion, Record, Remark
from worksample.feedback.text import excerpt, number
from worksample.grading.bounded import Budget, Helper, TooCostly

__all__ = [
    "esc",
    "load",
    "show",
    "show_picture",
]  # and the sections below, which the template names

#: CPU seconds of one piece of prose, and the longest that is drawn and not shown as typed
PROSE_SECONDS, PROSE_LENGTH = 2.0, 20_000
CODE_LINES = 24  # of a cell, where it is shown among the others
# how a visible check says no: by an assertion, or by what the skeleton raises where nothing is yet
_OF_A_CHECK = {
    "AssertionError": "was not passed",
    "NotImplementedError": "found nothing to check yet",
}
PROSE_LINES, PROSE_BEGINNING = 8, 1500  # lines and characters of a text that a remark is about
renderer = Helper("worksample.grading.prose")


def load(path: str) -> Record:
    """The record at ``path``.

    Raises:
        ValueError: it is of another format than this template.
    """
    record = json.loads(Path(path).read_text(encoding="utf-8"))
    if record.get("format") != FORMAT:
        raise ValueError(f"record of format {record.get('format')}, template of format {FORMAT}")
    return record


def heading(record: Record) -> str:
    """Title and what this is about."""
    attempt = "your revision" if record["attempt"] == 2 else "your work sample"
    facts = [f"Candidate {record['candidate']}", f"Level: {record['level']}"]
    if record["submitted"]:
        facts.append(f"Submitted {record['submitted'][:16].replace('T', ' ')} UTC")
    return (
        f"<h1>{esc(record['title'])}</h1>"
        f"<p class='subtitle'>Feedback on {attempt}</p>"
        f"<p class='facts'>{' · '.join(map(esc, facts))}</p>"
    )


def what_happened(record: Record) -> str:
    """How the run went, told plainly, with what had to be repaired first."""
    ended = record["ended"]
    if ended["how"] == "completed" and record["outcome"] == "graded":
        said = ["Your notebook was run from top to bottom, and your answers were checked."]
    else:
        titles = {cell["id"]: cell["title"] for cell in record["cells"]}
        place = titles.get(ended["cell"] or "")
        why = _sentence(ended["detail"] or record["why"] or "it did not get to its end")
        said = [f"The run was stopped at “{place}”. {why}" if place else f"The run stopped. {why}"]
        said.append(
            "What could be run without it was run all the same, and you were graded on that."
        )
    stumbled = [c for c in record["cells"] if c["status"] not in ("", "completed")]
    rows = "".join(
        f"<li>{markup.link(cell['id'], cell['title'])} "
        f"{_how(cell, record['limits'], 'stopped')}</li>"
        for cell in stumbled
    )
    repairs = "".join(f"<li>{esc(what)}</li>" for what in record["repairs"])
    return markup.section(
        "What happened",
        "".join(f"<p>{esc(sentence)}</p>" for sentence in said)
        + (f"<ul>{rows}</ul>" if rows else "")
        + (f"<p>Before it could be run, it was repaired:</p><ul>{repairs}</ul>" if repairs else ""),
    )


def _sentence(words: str) -> str:
    words = words.strip()
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) else ".")


def _how(cell: Cell, limits: Mapping[str, float], otherwise: str) -> str:
    """How a cell ran, and what it said if it stumbled, a visible check in words of its own."""
    kind, _, words = cell["error"].partition(": ")
    if cell["kind"] == "check" and kind in _OF_A_CHECK:
        return esc(_OF_A_CHECK[kind] + (f": {words}." if words else "."))
    status = esc(STATUS.get(cell["status"], otherwise)) + _limit(cell["status"], limits)
    if not cell["error"] or cell["status"] == "timeout":  # then it is the interrupt's own
        return f"{status}."
    return f"{status}: <code>{esc(cell['error'])}</code>"


def _limit(status: str, limits: Mapping[str, float]) -> str:
    seconds = limits.get("cell_seconds")
    return f" (the limit is {number(seconds)} s a cell)" if status == "timeout" and seconds else ""


def strength(record: Record) -> str:
    """The one strength, or what can be built on where nothing stands out."""
    remark = record["strength"]
    return _remark(strength_title(remark), "strength", record, remark)


def improvement(record: Record) -> str:
    """The one area for improvement."""
    return _remark("One area for improvement", "improvement", record, record["improvement"])


def _remark(title: str, kind: str, record: Record, remark: Remark) -> str:
    text = [c for c in record["cells"] if c["id"] == remark["cell"] and _is_text(c)]
    same = remark["title"] == remark["place"]
    seen = _sentence(remark["number"]) if same else f"{remark['title']}: {remark['number']}"
    begin = _beginning(text[0]["source"]) if text else remark["excerpt"]
    return markup.section(
        title,
        f"<p class='lead'>{esc(remark['text'])}</p>"
        f"<dl><dt>Where</dt><dd>{markup.link(remark['cell'], remark['place'])}</dd>"
        f"<dt>Seen</dt><dd>{esc(seen)}</dd>"
        f"<dt>Why it matters</dt><dd>{esc(remark['meaning'])}</dd></dl>"
        + _written(begin, bool(text), f"Beginning of your cell {remark['title']}"),
        kind,
    )


def revision(record: Record) -> str:
    """The revision task and its minutes; nothing on the second attempt, which was the revision."""
    if record["attempt"] != 1:
        return ""
    return markup.section(
        "Your revision",
        f"<p class='lead'>{esc(record['task'])}</p>"
        f"<p>You have <strong>{record['minutes']} minutes</strong>, from the moment you open the "
        "revision notebook. It holds your own work and this feedback. Change what you want to "
        "change; in its last cell say what you changed, why, and whether it changes your "
        "conclusions. You may disagree: then say so and show the evidence.</p>",
        "task",
    )


def competencies(record: Record) -> str:
    """The words above the picture of the results per competency."""
    return markup.title("Results by competency") + (
        "<p>The bars are points from automatic checks. The squares are ratings that people gave, "
        "from 1 to 4. The two are kept apart: points are evidence beside a rating and never "
        "become one.</p>"
    )


def competency_table(record: Record) -> str:
    """The same as the picture, as a table."""
    points = charts.points_by_dimension(record["checks"])
    rows = []
    for name in charts.dimensions(record):
        earned = "no automatic check"
        if name in points:
            earned = "{} of {} points".format(*map(number, points[name]))
        rated = [_level(c) for c in record["criteria"] if c["dimension"] == name]
        rows.append((name, earned, "; ".join(rated) or "not rated by people"))
    return markup.table(
        "The same in words", ("Competency", "Automatic checks", "Ratings by people"), rows
    )


def _level(criterion: Criterion) -> str:
    return f"{criterion['title']}: {_state(criterion)}"


def _state(criterion: Criterion) -> str:
    if criterion["value"] is not None:
        return f"{criterion['value']} of 4"
    words = {"not_rated": "not rated yet", "not_enough_information": "not enough information"}
    return words.get(criterion["state"], "not rated yet")


def aspects(record: Record) -> str:
    """What the results say about each aspect that the assignment's feedback speaks to."""
    parts = []
    for aspect in record["aspects"]:
        checks = [c for c in record["checks"] if c["id"] in aspect["about"]]
        criteria = [c for c in record["criteria"] if c["id"] in aspect["about"]]
        said = [_judged(criterion) for criterion in criteria] + _checked(checks)
        said = said or ["<p>Nothing in this attempt was looked at under this aspect.</p>"]
        parts.append(f"<h3>{esc(aspect['name'].capitalize())}</h3>{''.join(said)}")
    names = [aspect["name"] for aspect in record["aspects"]]
    title = (", ".join(names[:-1]) + " and " + names[-1]) if len(names) > 1 else "".join(names)
    return markup.section(title.capitalize(), "".join(parts)) if parts else ""


def _judged(criterion: Criterion) -> str:
    words = {
        "rated": f"{criterion['value']} of 4",
        "not_enough_information": "not enough information to rate it",
    }.get(criterion["state"], "not rated yet; a person will read it")
    place = markup.link_to(_rating_id(criterion), criterion["title"])
    return f"<p><strong>{place}: {words}.</strong></p>"


def _checked(checks: Sequence[Check]) -> list[str]:
    if not checks:
        return []
    points, possible = sum(c["points"] for c in checks), sum(c["possible"] for c in checks)
    listed = ", ".join(
        f"{esc(c['title'])} {number(c['points'])} of {number(c['possible'])}" for c in checks
    )
    return [
        f"<p>{_share_in_words(points, possible)} of what the checks look at here was reached "
        f"({number(points)} of {number(possible)} points): {listed}.</p>"
    ]


def _share_in_words(points: float, possible: float) -> str:
    share = points / possible if possible else 0.0
    if number(points) == number(possible):
        return "All"
    steps = ((0.9, "Nearly all"), (0.6, "Most"), (0.4, "About half"))
    return next((words for least, words in steps if share >= least), "Little" if share else "None")


def checks(record: Record) -> str:
    """Every check in words, part by part."""
    parts = "".join(_check(check) for check in record["checks"])
    return markup.section(
        "Every check in words", parts or "<p>This attempt has no automatic checks.</p>"
    )


def _check(check: Check) -> str:
    rows = "".join(
        f"<li>{_mark(part['earned'], part['possible'])}"
        f"<span class='told'><strong>{esc(_sentence(part['name']))}</strong> "
        f"{esc(part['message'])}</span></li>"
        for part in check["parts"]
    )
    points = f"{number(check['points'])} of {number(check['possible'])} points"
    return (
        f"<h3>{esc(check['title'])} <span class='small'>{points}</span></h3>"
        f"<p class='small'>Your cell: {markup.link(check['cell'], check['cell'])}</p>"
        f"<ul class='parts'>{rows}</ul>"
    )


def _mark(earned: float, possible: float) -> str:
    """A sign and words for the points of a part, as they are told to two decimals."""
    sign, word = "◐", "partly"
    if number(earned) == number(possible):
        sign, word = "✓", "full"
    elif number(earned) == "0":
        sign, word = "✗", "none"
    return (
        f"<span class='points'><span aria-hidden='true'>{sign}</span> "
        f"{number(earned)} of {number(possible)} <span class='small'>{word}</span></span>"
    )


def ratings(record: Record) -> str:
    """Every criterion that people rate, with the anchor of the level that was given."""
    return (
        markup.section("Ratings by people", "".join(_rating(each) for each in record["criteria"]))
        if record["criteria"]
        else ""
    )


def _rating(criterion: Criterion) -> str:
    seen = "".join(f"<p>Seen by a grader: {esc(words)}</p>" for words in criterion["seen"])
    said = criterion["anchor"] if criterion["state"] == "rated" else criterion["reason"]
    return (
        f"<h3 id='{_rating_id(criterion)}'>{esc(criterion['title'])} "
        f"<span class='small'>{_state(criterion)}</span></h3>"
        f"<p class='small'>{esc(criterion['dimension'])} · your cell: "
        f"{markup.link(criterion['cell'], criterion['cell'])}</p>"
        + (f"<p>{esc(said)}</p>" if said else "")
        + seen
    )


def cells(record: Record) -> str:
    """Your cells: what stands in each, and how it ran. The other sections' links lead here."""
    return markup.section("Your cells", "".join(_cell(cell) for cell in record["cells"]))


def _file(cell: Cell) -> str:
    """A file of the tree: what was changed in it."""
    lines, note = compared(cell.get("came"), cell["source"])
    body = f"<p>{esc(note)}</p>" if note else markup.difference(lines, cell["title"])
    return (
        f"<div class='cell' id='{markup.anchor_id(cell['id'])}'><h3>{esc(cell['title'])}</h3>"
        f"<p class='small'>What you changed in this file.</p>{body}</div>"
    )


def _cell(cell: Cell) -> str:
    if cell["kind"] == "file":
        return _file(cell)
    ran = _how(cell, {}, "text, not run")
    source = cell["source"] if _is_text(cell) else excerpt(cell["source"], CODE_LINES)
    return (
        f"<div class='cell' id='{markup.anchor_id(cell['id'])}'><h3>{esc(cell['title'])}</h3>"
        f"<p class='small'><code>{esc(cell['id'])}</code> · {ran}</p>"
        f"{_written(source, _is_text(cell), cell['title'])}</div>"
    )


def _beginning(source: str) -> str:
    """The first lines of a text, whole ones: half a sentence cannot be drawn as Markdown."""
    rows = source.strip("\n").split("\n")
    begin = "\n".join(rows[:PROSE_LINES])
    if len(begin) > PROSE_BEGINNING:
        return begin[:PROSE_BEGINNING].rsplit(" ", 1)[0] + " …"
    left = len(rows) - PROSE_LINES
    return begin + (f"\n\n… ({left} more line{'s' if left > 1 else ''})" if left > 0 else "")


def _is_text(cell: Cell) -> bool:
    return cell["status"] == ""


def _written(source: str, text: bool, label: str) -> str:
    """What a candidate wrote: code as code, text as it was meant to look."""
    if not source.strip() or not text:
        return markup.code(source, label)
    if len(source) <= PROSE_LENGTH:
        try:
            drawn = renderer.call(Budget(3 * PROSE_SECONDS, PROSE_SECONDS), "prose", source)
            return f"<div class='prose'>{drawn}</div>"
        except TooCostly:
            pass
    shown = (
        f"<p class='small'>Shown as it was typed.</p>{markup.code(source[:PROSE_LENGTH], label)}"
    )
    return f"<div class='prose'>{shown}</div>"


def about(record: Record) -> str:
    """How this came about, and what can be asked for."""
    chosen = {record["strength"]["chosen"], record["improvement"]["chosen"]}
    how = "by a rule that is the same for everybody"
    if "grader" in chosen:
        how = "by a grader" if chosen == {"grader"} else "in part by a grader, in part by a rule"
    return markup.section(
        "About this feedback",
        "<p>Your notebook was run in a closed environment, and what it defined was checked "
        "outside it. Speed was not scored. The strength and the improvement were chosen "
        f"{how}; a person read and approved this feedback before you got it. It is about this "
        "piece of work and nothing else. If you think that something was judged wrongly, ask for "
        "it to be marked again: a person will answer.</p>"
        f"<p class='small'>Evidence record {record['evidence']}, attempt {record['attempt']} of "
        f"<code>{esc(record['assignment'])}</code>.</p>",
    )


def changes(record: Record) -> str:
    """On a revision: what was asked, and every check before and after."""
    changed = record["changes"]
    if not changed:
        return ""
    rows = []
    for check in changed["checks"]:
        before, after = check["before"], check["after"]
        rows.append(
            f"<tr><th scope='row'>{esc(check['title'])}</th><td>{_points(before)}</td>"
            f"<td>{_points(after)}</td><td>{_step(before, after)}</td>"
            f"<td>{_messages(check['messages_before'], check['messages_after'])}</td></tr>"
        )
    names = ("Check", "Before", "After", "Change", "In words")
    head = "".join(f"<th scope='col'>{name}</th>" for name in names)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return markup.section(
        "What changed",
        f"<p>You were asked: <em>{esc(changed['task'])}</em></p>"
        f"<h3>Check by check</h3>{markup.scroll(table, 'Checks before and after')}",
    )


def changed_cells(record: Record) -> str:
    """On a revision: every changed cell, line by line, and the names of the others."""
    changed = record["changes"]
    if not changed:
        return ""
    parts = [_changed(cell) for cell in changed["cells"]]
    if not parts:
        parts = ["<p>No cell was changed.</p>"]
    elif changed["unchanged"]:
        parts.append(f"<p>Unchanged: {esc(', '.join(changed['unchanged']))}.</p>")
    key = (
        "<p>Lines that begin with <code>−</code> were taken out, lines that begin with "
        "<code>+</code> were put in, the others stayed.</p>"
    )
    return markup.title("Cell by cell", "h3") + (key if changed["cells"] else "") + "".join(parts)


def _changed(cell: CellChange) -> str:
    counts = f" · {_lines(cell['removed'])} taken out, {_lines(cell['added'])} put in"
    counts = "" if cell["note"] else counts
    body = (
        f"<p>{esc(cell['note'])}</p>"
        if cell["note"]
        else markup.difference(cell["lines"], cell["title"])
    )
    return (
        f"<h4>{esc(cell['title'])}</h4>"
        + f"<p class='small'><code>{esc(cell['id'])}</code>{counts}</p>{body}"
    )


def _lines(count: int) -> str:
    return f"{count} line{'' if count == 1 else 's'}"


def _points(value: float | None) -> str:
    return "—" if value is None else number(value)


def _step(before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return "—"
    gain = after - before
    if abs(gain) < 0.005:
        return "as before"
    return f"{'up' if gain > 0 else 'down'} {number(abs(gain))}"


def _messages(before: Sequence[str], after: Sequence[str]) -> str:
    if list(before) == list(after):
        return "".join(f"<p>{esc(words)}</p>" for words in after)
    was = "".join(f"<p>Before: {esc(words)}</p>" for words in before)
    return was + "".join(f"<p>After: {esc(words)}</p>" for words in after)


def _rating_id(criterion: Criterion) -> str:
    return markup.anchor_id(criterion["id"]).replace("cell-", "rating-", 1)
