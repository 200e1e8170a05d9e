"""The bank: parallel forms of an opening, measured ahead, that invitations draw from.

``state/bank/<assignment>/<level>/`` holds one file a measured form, ``<seed>.json``, written in one
step, and ``bank.json``, which says which of them are kept and how sure a score on them is. Every
``bank.json`` is also kept in the evidence (``state/evidence/.bank/…``), chained by hashes, so that
a score's record can name the bank that its standard error comes from.

A form is kept if each reference solution's total lies within :data:`STRONG_WITHIN` (strong ones) or
:data:`WITHIN` points of that solution's median over all measured forms, and the simulated
candidates' mean within :data:`MEAN_WITHIN` of the median of these means. Totals that lie anywhere
within ±h have a standard deviation of at most h/√3 where they are spread evenly: 10 for at most 6.
"""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from worksample import disk
from worksample.course import Course
from worksample.errors import CourseError
from worksample.grading import digest
from worksample.records.precision import Precision

FORMAT = 1
STRONG_WITHIN, WITHIN, MEAN_WITHIN = 1.0, 10.0, 3.0
_PANEL = ("panel.py", "panel", "solutions")


@dataclass(frozen=True)
class Member:
    """Who measured: a reference solution (``quality``) or a simulated candidate (``ability``)."""

    name: str
    quality: str = ""
    ability: float | None = None

    @property
    def simulated(self) -> bool:
        return self.ability is not None


@dataclass(frozen=True)
class Form:
    """One case and what the panel came to on it.

    Attributes:
        number: which of the opening's forms; the seed follows from it and the course's secret.
        seed: the case's, 64 bits.
        inputs: sha256 of what the measurement depends on.
        case: version of the scenario and sha256 of both parts of the case, in no skin.
        scores: member -> points of 100.
        checks: member -> check -> points.
        ended: member -> how the run ended, where it did not run to the end.
        why: why there is no case for this seed; else empty.
        seconds: that the measurement took.
    """

    assignment: str
    level: str
    number: int
    seed: int
    inputs: Mapping[str, str]
    case: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    checks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    ended: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """Its file's, without the ending."""
        return f"{self.seed:016x}"


@dataclass(frozen=True)
class Judged:
    """Which forms are parallel.

    Attributes:
        middle: member -> median over the measured forms; ``""`` for the simulated ones' mean.
        kept: forms within the band, in the order of their numbers.
        rejected: number -> why.
    """

    middle: Mapping[str, float]
    kept: tuple[Form, ...]
    rejected: Mapping[int, str]


@dataclass(frozen=True)
class Bank:
    """What ``bank.json`` says.

    Attributes:
        digest: sha256 of the file.
        inputs: of the measurements.
        kept: seeds of the forms to draw from.
        rejected: seed -> why, in words.
        precision: on kept forms; None where too little is known.
        unselected: the same for a case that was drawn without the bank.
        figures: the rest, for people.
    """

    digest: str
    inputs: Mapping[str, str]
    kept: tuple[int, ...]
    rejected: Mapping[int, str]
    precision: Precision | None
    unselected: Precision | None
    figures: Mapping[str, Any]


def folder(course: Course, assignment: str, level: str) -> Path:
    """Where the forms of an opening lie."""
    return course.state / "bank" / assignment / level


def inputs(author: Path) -> dict[str, str]:
    """sha256 of each thing that a measurement depends on.

    Args:
        author: the assignment's folder.
    """
    total = hashlib.sha256()
    for name, path in disk.kept(author).items():
        if name.split("/")[0] in _PANEL:
            total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return {
        "engine": digest.engine(),
        "assignment": digest.author(author),
        "panel": total.hexdigest(),
    }


def stale(bank: Bank, author: Path) -> tuple[str, ...]:
    """What has changed since the bank was measured: some of engine, assignment, panel."""
    now = inputs(author)
    return tuple(name for name, value in now.items() if bank.inputs.get(name) != value)


# ---- forms ----


def write(course: Course, form: Form) -> None:
    """Keep a measured form; all of it or nothing."""
    data = json.dumps({"format": FORMAT, **asdict(form), "seed": form.name}, indent=1)
    path = folder(course, form.assignment, form.level) / f"{form.name}.json"
    disk.replace(path, data.encode() + b"\n")


def forms(course: Course, assignment: str, level: str) -> list[Form]:
    """Every form that was measured, by whatever engine, by number.

    Raises:
        CourseError: a file cannot be read.
    """
    found = folder(course, assignment, level).glob("[0-9a-f]*.json")
    read = [_form(path) for path in found if len(path.stem) == 16]
    return sorted(read, key=lambda form: form.number)


def _form(path: Path) -> Form:
    try:
        value = json.loads(path.read_bytes())
        del value["format"]
        return Form(**{**value, "seed": int(value["seed"], 16)})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _unreadable(path, "remove it; `worksample bank` measures that form again") from error


def judge(measured: Sequence[Form], members: Iterable[Member]) -> Judged:
    """Which of the measured forms are parallel; see the head of this module.

    The outcome depends on nothing but its arguments, so a build that was killed comes to the same.
    """
    members = list(members)
    usable = [form for form in measured if not form.why]
    rejected = {form.number: form.why for form in measured if form.why}
    if not usable:
        return Judged({}, (), rejected)
    solutions = [each for each in members if not each.simulated]
    people = [each.name for each in members if each.simulated]
    middle = {
        each.name: statistics.median(form.scores[each.name] for form in usable)
        for each in solutions
    }
    if people:
        middle[""] = statistics.median(_mean(form, people) for form in usable)
    kept = []
    for form in usable:
        if out := _outside(form, solutions, people, middle):
            rejected[form.number] = out
        else:
            kept.append(form)
    return Judged(middle, tuple(kept), dict(sorted(rejected.items())))


def _outside(
    form: Form, solutions: Iterable[Member], people: Sequence[str], middle: Mapping[str, float]
) -> str:
    """What lies furthest outside its band, in words; empty where nothing does."""
    off = []
    for each in solutions:
        within = STRONG_WITHIN if each.quality == "strong" else WITHIN
        off.append((form.scores[each.name], middle[each.name], within, each.name))
    if people:
        off.append((_mean(form, people), middle[""], MEAN_WITHIN, "the simulated candidates"))
    beyond = [(abs(score - mid) / within, name, score, mid) for score, mid, within, name in off]
    worst = max(beyond, default=(0.0, "", 0.0, 0.0))
    if worst[0] <= 1 + 1e-9:
        return ""
    return f"{worst[1]}: {worst[2]:.1f}, usually {worst[3]:.1f}"


def _mean(form: Form, people: Sequence[str]) -> float:
    return statistics.fmean(form.scores[name] for name in people)


# ---- the bank ----


def load(course: Course, assignment: str, level: str) -> Bank | None:
    """The bank of an opening; None where none was built.

    Raises:
        CourseError: its file cannot be read.
    """
    path = folder(course, assignment, level) / "bank.json"
    if not path.is_file():
        return None
    data = path.read_bytes()
    try:
        value = json.loads(data)
        return Bank(
            digest=hashlib.sha256(data).hexdigest(),
            inputs=value["inputs"],
            kept=tuple(int(seed, 16) for seed in value["kept"]),
            rejected={int(seed, 16): why for seed, why in value["rejected"].items()},
            precision=_precision(value["precision"]),
            unselected=_precision(value["unselected"]),
            figures=value["figures"],
        )
    except (ValueError, TypeError, KeyError) as error:
        raise _unreadable(path, f"worksample bank {assignment} --level {level}") from error


def keep(course: Course, assignment: str, level: str, content: Mapping[str, Any]) -> Bank:
    """Write ``bank.json``, and the same into the evidence if it is new.

    Args:
        content: what :class:`Bank` has, as plain data, seeds in hexadecimal.
    """
    history = course.evidence / ".bank" / assignment / level
    before = sorted(history.glob("[0-9]*.json"), key=lambda path: int(path.stem))
    previous = json.loads(before[-1].read_bytes()) if before else {}
    whole = {"format": FORMAT, "assignment": assignment, "level": level, **content}
    value = json.loads(json.dumps(whole, allow_nan=False))  # as it is read back
    if {**value, "previous": previous.get("previous")} != previous:
        value["previous"] = _sha256(before[-1]) if before else None
        data = json.dumps(value, indent=1).encode() + b"\n"
        disk.replace(history / f"{len(before) + 1}.json", data)
    else:
        data = before[-1].read_bytes()
    disk.replace(folder(course, assignment, level) / "bank.json", data)
    found = load(course, assignment, level)
    assert found is not None
    return found


def sha256(course: Course, form: Form) -> str:
    """Of a form's file, for the bank."""
    return _sha256(folder(course, form.assignment, form.level) / f"{form.name}.json")


def of_score(
    course: Course, assignment: str, author: Path, level: str, seed: int, points: float | None
) -> dict[str, Any] | None:
    """How sure a score is, for its record; None where there is no score or nothing is known.

    Returns:
        ``sem``: the standard error in points at this score; ``bank``: the bank's digest;
        ``form``: whether the case is one of the bank's; ``changed``: what is no longer as it was
        when the bank was measured.
    """
    bank = load(course, assignment, level) if points is not None else None
    if bank is None or points is None:
        return None
    is_form = seed in bank.kept
    known = bank.precision if is_form else bank.unselected
    if known is None or not known.known:
        return None
    return {
        "sem": round(known.at(points), 3),
        "bank": bank.digest,
        "forms": known.forms,
        "form": is_form,
        "changed": list(stale(bank, author)),
    }


def sem(record: Mapping[str, Any]) -> float | None:
    """The standard error that a record of evidence states; None where it states none."""
    stated = record.get("precision")
    return float(stated["sem"]) if stated else None


def _precision(value: dict[str, Any] | None) -> Precision | None:
    return None if value is None else Precision.from_json(value)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _unreadable(path: Path, do: str) -> CourseError:
    return CourseError("this part of the bank cannot be read", where=str(path), do=do)
