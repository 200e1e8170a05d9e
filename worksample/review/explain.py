"""What lies behind a score, in words: what ran, on which versions, what each check saw and said.

Everything shown comes from the evidence (:mod:`worksample.records.evidence`), after :mod:`integrity
<worksample.review.integrity>` has held it against what was noted elsewhere. What candidates wrote
is shown as text.
"""

from __future__ import annotations

import itertools
import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from worksample import assignments
from worksample.assignments import case as cases
from worksample.course import Course
from worksample.errors import CandidateError, CourseError, WorksampleError
from worksample.grading import clean
from worksample.records import bank, precision
from worksample.records.evidence import Record
from worksample.records.tables import Records
from worksample.review import integrity, reading
from worksample.review.integrity import Finding, Kept

WIDTH = 100
_LONGEST = 300  # characters of one value; `--json` gives all of it
MOST_SAID = 5  # different errors of a function that are shown

_OUTCOMES = {
    "graded": "graded",
    "candidate_failure": "graded on what was produced",
    "not_gradable_yet": "not gradable yet: no score",
}
_STOPPED = {
    "timeout": "time",
    "memory": "memory",
    "processes": "number of processes",
    "disk": "disk space",
    "output": "output",
}
_CELLS = {
    "completed": "ran to the end",
    "error": "raised an error",
    "timeout": "stopped for time",
    "crashed": "ended the kernel",
    "not_run": "not run",
}
_LIMITS = {
    "cell_seconds": "{:g} s a cell",
    "notebook_seconds": "{:g} s the notebook",
    "cpu_seconds": "{:g} s of CPU",
    "memory_mb": "{:g} MB of memory",
    "processes": "{:g} processes",
    "disk_mb": "{:g} MB of disk",
    "open_files": "{:g} open files",
    "output_kb": "{:g} kB of output",
}


@dataclass(frozen=True)
class Explanation:
    """One record, and whether it and those around it are still what was written.

    Attributes:
        files: every record of this candidate and assignment, oldest first.
        chosen: the one explained.
        findings: one for each part that was looked at.
        sure: how sure the score is: as the record states it, or by the bank as it is now; None
            where nobody knows.
        understood: what readers understood, in words; empty where the work sample asks none.
        asked: what these questions are called.
    """

    assignment: str
    candidate: str
    files: tuple[Kept, ...]
    chosen: Kept
    findings: tuple[Finding, ...]
    sure: Mapping[str, Any] | None = None
    understood: str = ""
    asked: str = ""

    @property
    def verified(self) -> bool:
        """Whether everything is still what was written."""
        return all(finding.ok for finding in self.findings)


def explain(
    course: Course, assignment: str, candidate: str, number: int | None = None
) -> Explanation:
    """Explain a candidate's score.

    Args:
        assignment: nbgrader's: an assignment's id, or its revision's.
        number: which record; default the newest.

    Raises:
        AssignmentError: there is no such assignment.
        CandidateError: there is no such candidate, or nothing of theirs was graded.
        CourseError: there is no such record, or all of them are gone.
    """
    if cases.base_id(assignment) not in assignments.ids(course):
        assignments.find(course, cases.base_id(assignment))  # says which there are
    cases.check_name(candidate)
    files = integrity.kept(course, assignment, candidate)
    if not files:
        raise _nothing(course, assignment, candidate)
    numbers = {each.number: each for each in files}
    if number is not None and number not in numbers:
        raise CourseError(
            f"there is no record {number} of {candidate}'s {assignment}",
            where=str(files[0].path.parent),
            do=f"there are: {', '.join(map(str, numbers))}",
        )
    chosen = files[-1] if number is None else numbers[number]
    findings = integrity.examine(course, assignment, candidate, files, chosen)
    sure = _sure(course, assignment, chosen.record)
    asked, understood = _understood(course, assignment, candidate)
    return Explanation(assignment, candidate, files, chosen, findings, sure, understood, asked)


def _understood(course: Course, name: str, candidate: str) -> tuple[str, str]:
    """What the questions for readers are called, and what came of them; empty without any."""
    known, _ = assignments.sorted_out(course)
    found = next((each for each in known if each.id == cases.base_id(name)), None)
    if found is None or not reading.has_test(found):
        return "", ""
    rows = Records(course.records_url).readings(name, candidate)
    return reading.heading(found), reading.summary(rows, reading.is_probe(found))


def _sure(course: Course, assignment: str, record: Record | None) -> Mapping[str, Any] | None:
    """Empty where the record is as no record is written."""
    try:
        if record is None or record.get("precision"):
            return (record or {}).get("precision")
        if cases.attempt_of(assignment) != 1:
            return None
        author, case = assignments.find(course, assignment).folder, record["case"]
        return bank.of_score(
            course, assignment, author, case["level"], int(case["seed"], 16), record["points"]
        )
    except (WorksampleError, KeyError, TypeError, ValueError):
        return None


def _nothing(course: Course, assignment: str, candidate: str) -> CandidateError | CourseError:
    gone = Records(course.records_url).gradings(assignment, candidate)
    if gone:
        return CourseError(
            f"the evidence is gone: the database notes {len(gone)} gradings of {candidate}'s "
            f"{assignment} and there is no record of any",
            where=str(course.evidence),
            do="restore state/evidence from a backup",
        )
    cases.bound(course, assignment, candidate)  # says so if nobody of that name was invited
    return CandidateError(
        f"nothing of {candidate}'s has been graded for {assignment}",
        do=f"worksample grade {assignment}",
    )


def as_json(explained: Explanation) -> str:
    """Everything, for programs: the whole record and what was found about it."""
    value = {
        "assignment": explained.assignment,
        "candidate": explained.candidate,
        "verified": explained.verified,
        "findings": [asdict(finding) for finding in explained.findings],
        "records": [_row(each) for each in explained.files],
        "precision": explained.sure,
        "understood": explained.understood,
        "record": explained.chosen.record,
    }
    return json.dumps(value, indent=1)


def _row(each: Kept) -> dict[str, Any]:
    record = each.record or {}
    stated = {name: record.get(name) for name in ("time", "outcome", "points", "possible")}
    return {"number": each.number, "sha256": each.digest, **stated}


def text(explained: Explanation) -> str:
    """Everything a person on the hiring team needs, to be read at a terminal."""
    chosen, others = explained.chosen, [e for e in explained.files if e != explained.chosen]
    lines = [_heading(explained), *_verdict(explained), "", *_can_it_be_trusted(explained)]
    try:
        lines += _body(chosen.record) if chosen.record else []
    except (KeyError, TypeError, ValueError, AttributeError):
        lines += ["", f"Record {chosen.number} is not as records are written; see --json."]
    if explained.understood:
        lines += [
            "",
            "What readers understood",
            *_line(explained.asked.lower(), explained.understood),
        ]
    if others:
        lines += ["", "The other records", *map(_one_line, others)]
    return "\n".join(lines)


# ---- the parts ----


def _heading(explained: Explanation) -> str:
    attempt = ("", "the work", "the revision")[cases.attempt_of(explained.assignment)]
    return f"{explained.candidate} · {cases.base_id(explained.assignment)}, {attempt}"


def _verdict(explained: Explanation) -> Iterator[str]:
    chosen, counts = explained.chosen, integrity.scored(explained.files)
    where = f"record {chosen.number} of {len(explained.files)}"
    yield f"{_result(chosen)} · {where}, {_when((chosen.record or {}).get('time'))}"
    if counts is not None and counts != chosen:
        yield f"The score that counts is that of record {counts.number}: {_result(counts)}."
    for said in _how_sure(explained):
        yield from textwrap.wrap(said, WIDTH, break_on_hyphens=False)


def _how_sure(explained: Explanation) -> Iterator[str]:
    """The standard error of the score in words, or what to do to know it."""
    record, sure = explained.chosen.record, explained.sure
    if record is None or record.get("points") is None:
        return
    if cases.attempt_of(explained.assignment) != 1:
        return
    if sure is None:
        yield (
            "How sure it is, is not known yet: `worksample bank "
            f"{explained.assignment} --level {record['case']['level']}` measures it."
        )
        return
    about = precision.words(record["points"], sure["sem"])
    which = "this case is one of them" if sure["form"] else "this case is not one of them"
    yield (
        f"How sure: {about}, one standard error. About two of three candidates are within it of "
        f"what they would get on average over such cases. From a bank of {sure['forms']} cases, "
        f"{which} (sha256 {integrity.short(sure['bank'])})."
    )
    if sure["changed"]:
        yield f"Changed since that was measured: {', '.join(sure['changed'])}."


def _result(each: Kept) -> str:
    record = each.record
    if record is None:
        return "cannot be read"
    outcome = _OUTCOMES.get(record["outcome"]) or clean.terminal(record["outcome"])
    if record["points"] is None:
        return outcome
    error = bank.sem(record)
    if error is None:
        return f"{_of(record)}, {outcome}"
    return f"{precision.words(record['points'], error)} of {record['possible']:g} points, {outcome}"


def _can_it_be_trusted(explained: Explanation) -> Iterator[str]:
    yield "Is this still what was written?" + ("" if explained.verified else "  NO")
    for finding in explained.findings:
        yield from _line(finding.part, f"{'yes' if finding.ok else 'NO'}: {finding.said}")


def _body(record: Record) -> Iterator[str]:
    yield from _what_ran(record)
    run = record["run"]
    if run is None:
        yield from ("", "What happened", *_line("no score", record["why"]))
    else:
        yield from _how_it_ended(run)
    yield from _repairs(record["repairs"])
    if record["checks"]:
        yield from ("", "What the checks found (each also read the case, with its hidden truth)")
        for name, check in record["checks"].items():
            yield from _check(name, check, run)


def _what_ran(record: Record) -> Iterator[str]:
    inputs, case, sent = record["inputs"], record["case"], record["submission"]
    files = ", ".join(
        f"{name} (sha256 {integrity.short(digest)})" for name, digest in sent["files"].items()
    )
    yield from ("", "What was run")
    yield from _line("submission", f"handed in {_when(sent['submitted'])}: {files}")
    worn = f", skin {case['skin']}" if "skin" in case else ""
    yield from _line(
        "case",
        f"level {case['level']}, version {case['version']}, seed {case['seed']}{worn} "
        f"(sha256 {integrity.short(inputs['case'])})",
    )
    yield from _line("checks", f"sha256 {integrity.short(inputs['checks'])}")
    # what follows the hash is said where there was no sandbox
    digest, _, remark = inputs["engine"].partition(" ")
    yield from _line("engine", f"sha256 {integrity.short(digest)} {remark}".rstrip())
    if record["run"] is not None:
        run = record["run"]
        yield from _line("versions", _listed(run["versions"]))
        yield from _line("sandbox", run["sandbox"])
        yield from _line("limits", ", ".join(_limits(run["limits"])))


def _limits(limits: Mapping[str, float]) -> Iterator[str]:
    for name, value in limits.items():
        if value:  # CPU has none of its own where it is 0
            yield _LIMITS.get(name, name + " {:g}").format(value)


def _how_it_ended(run: Mapping[str, Any]) -> Iterator[str]:
    ended = run["ended"]
    at = f" (cell {ended['cell']})" if ended["cell"] else ""
    yield from ("", "How it ended")
    yield from _line("ended", f"{ended['detail'] or ended['how']}{at}, after {run['seconds']:g} s")
    yield from _line("cells", "; ".join(_statuses(run["cells"])))
    yield from _line("limits hit", "; ".join(_limits_hit(run)) or "none")


def _statuses(cells: Mapping[str, str]) -> Iterator[str]:
    for status, words in _CELLS.items():
        names = [name for name, had in cells.items() if had == status]
        if names:
            which = "" if status == "completed" else f": {', '.join(names)}"
            yield f"{len(names)} {words}{which}"


def _limits_hit(run: Mapping[str, Any]) -> Iterator[str]:
    ended = run["ended"]
    if ended["how"] in _STOPPED:
        yield f"{_STOPPED[ended['how']]}" + (f", in cell {ended['cell']}" if ended["cell"] else "")
    for name, status in run["cells"].items():
        if status == "timeout" and name != ended["cell"]:
            yield f"time, in cell {name}"
    errors = [call["error"] for made in run["calls"].values() for call in made]
    for error, count in Counter(e for e in errors if _is_of_a_limit(e)).items():
        yield error + (f" ({count} calls)" if count > 1 else "")


def _is_of_a_limit(error: str) -> bool:
    return "took more than" in error or "was stopped" in error or "too large" in error


def _repairs(repairs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield from ("", "What had to be mended before it could be run")
    for note in repairs:
        yield from _line(note["cell"] or "notebook", note["what"])
    if not repairs:
        yield from _line("nothing", "")


def _check(name: str, check: Mapping[str, Any], run: Mapping[str, Any] | None) -> Iterator[str]:
    yield from ("", f"  {clean.terminal(name)}: {_passed(check)}, {_of(check)}")
    for part in check["parts"]:
        yield from _line("verdict", f"{part['name']}: {_of(part, 'earned')}. {part['message']}", 4)
    inputs = check.get("inputs")
    if inputs is None or run is None:
        yield from _line("looked at", "was not noted when this record was written", 4)
    else:
        for label, said in (*_answers(inputs, run), *_calls(inputs, run)):
            yield from _line(label, said, 4)
    if check["private"]:
        yield from _line("graders only", _listed(check["private"]), 4)


def _passed(check: Mapping[str, Any]) -> str:
    points = round(check["points"], 2)  # as it is shown
    if points >= check["possible"]:
        return "passed"
    return "partly passed" if points > 0 else "not passed"


def _answers(inputs: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the candidate's notebook had recorded, of what the check asked for."""
    for name in inputs["answers"]:
        if name in run["answers"]:
            yield "looked at", f"answer {name} = {_value(run['answers'][name])}"
        else:
            yield "looked at", f"answer {name}: none, it {run['refused'].get(name) or 'is missing'}"


def _calls(inputs: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the candidate's functions had answered; numbered calls together."""
    known = [name for name in inputs["calls"] if name in run["calls"]]
    for name in inputs["calls"]:
        if name not in known:
            yield "looked at", f"call {name}: was not made"
    for family, names in itertools.groupby(known, key=_family):
        made = [call for name in names for call in run["calls"][name]]
        yield "looked at", f"call {family}: {_replies(made)}"
        said = list(dict.fromkeys(call["told"] for call in made if call.get("told")))[:MOST_SAID]
        yield from (("graders only", f"an error said: {clean.terminal(told)}") for told in said)


def _family(name: str) -> str:
    return re.sub(r"[-_./]?\d+$", "", name)


def _replies(made: list[Mapping[str, Any]]) -> str:
    seconds = sum(call["seconds"] for call in made)
    answered = sum(bool(call["ok"]) for call in made)
    if len(made) == 1 and answered:
        reply = made[0].get("value")
        return f"answered in {seconds:.2g} s" + (
            f" (sha256 {integrity.short(reply)})" if reply else ""
        )
    words = f"{answered} of {len(made)} answered in {seconds:.2g} s"
    errors = Counter(call["error"] for call in made if not call["ok"])
    told = [f"{error} ({count}×)" if count > 1 else error for error, count in errors.items()]
    return "; ".join([words, *told])


def _one_line(each: Kept) -> str:
    when = _when((each.record or {}).get("time"))
    return f"  {each.number}  {when}  {_result(each)}  sha256 {integrity.short(each.digest)}"


# ---- words ----


def _of(record: Mapping[str, Any], earned: str = "points") -> str:
    said = f"{round(record[earned], 2):g} of {record['possible']:g}"
    return said + (" points" if earned == "points" else "")


def _when(time: object) -> str:
    try:
        return f"{datetime.fromisoformat(str(time)):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return "at an unknown time"


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in values.items())


def _value(value: Any) -> str:
    """A value as text of bounded length."""
    said = value if isinstance(value, str) else json.dumps(_rounded(value), ensure_ascii=False)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"


def _rounded(value: Any) -> Any:
    """Numbers as people read them; `--json` gives all digits."""
    if isinstance(value, Mapping):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _line(label: str, said: str, indent: int = 2) -> Iterator[str]:
    """``label   said``, wrapped under itself; whoever wrote it, it is one paragraph of text."""
    head = f"{'':{indent}}{clean.terminal(label):12} "
    wrapped = textwrap.wrap(
        clean.terminal(said),
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_on_hyphens=False,
    )
    yield from wrapped or [head.rstrip()]
