"""Inviting to an opening: a case for each of its assignments, a link, and a mail with it."""

from __future__ import annotations

import csv
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from worksample import assignments, disk
from worksample.assignments import case as cases
from worksample.assignments.toml import place
from worksample.course import Course
from worksample.errors import CandidateError
from worksample.exchange import links, people
from worksample.exchange.links import Link
from worksample.exchange.openings import Opening
from worksample.submissions import invitations

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another


@dataclass(frozen=True)
class Guest:
    """A line of a list of people.

    Attributes:
        who: an id, or a name that an id is made for.
        mail: empty where nothing is to be sent.
        extra_time: a factor on the minutes.
        line: in the file; 0 where it was typed.
    """

    who: str
    mail: str = ""
    extra_time: float = 1.0
    line: int = 0


@dataclass(frozen=True)
class Invited:
    """A candidate of an opening.

    Attributes:
        new: False where nothing had to be done.
        said: where the cases come from, in words; empty where nothing was drawn.
    """

    link: Link
    new: bool
    said: tuple[str, ...]


def invite(course: Course, opening: Opening, candidate: str, extra_time: float = 1.0) -> Invited:
    """Draw the candidate's cases and make their link. Again changes nothing.

    The link is made first: it says whether the id can be used at all, before a case is drawn.

    Raises:
        LinkError: the id cannot be used, or is another opening's.
        AssignmentError, CandidateError, CaseError: as :func:`invitations.invite`.
    """
    cases.check_name(candidate)
    cases.check_free(course, candidate)
    link = links.issue(course, opening.id, candidate)
    done = [
        invitations.invite(
            course,
            candidate,
            assignments.find(course, name),
            opening.level,
            extra_time,
            opening.skin,
            minutes=opening.minutes,
        )
        for name in opening.assignments
    ]
    said = tuple(each.said for each in done if each.said)
    return Invited(link, any(each.new for each in done), said)


def read_list(path: Path) -> list[Guest]:
    """A list of people, one a line: an id or a name, a mail address, a factor on the time.

    These are separated by commas, in any order, and all but one may be left out; ``#`` begins a
    remark.

    Raises:
        CandidateError: the file or a line of it cannot be read; the line is named.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CandidateError(f"this list cannot be read: {error}", where=str(path)) from None
    found = []
    for number, line in enumerate(lines, 1):
        said = line.partition("#")[0].strip()
        if said:
            found.append(_guest(path, number, next(csv.reader([said], skipinitialspace=True))))
    if not found:
        raise CandidateError("there is nobody on this list", where=place(path))
    return found


def _guest(path: Path, line: int, parts: Iterable[str]) -> Guest:
    who, mail, extra = list[str](), list[str](), list[str]()
    for part in (each.strip() for each in parts):
        kind = mail if "@" in part else extra if _is_number(part) else who
        kind += [part] if part else []
    if len(who) > 1 or len(mail) > 1 or len(extra) > 1 or not (who or mail):
        raise CandidateError(
            "a line is an id or a name, a mail address and a factor on the time, one of each",
            where=place(path, line),
            do="as in: ada, ada@example.org, 1.5",
        )
    return Guest((who or mail)[0], mail[0] if mail else "", float(extra[0]) if extra else 1.0, line)


def _is_number(part: str) -> bool:
    try:
        float(part)
    except ValueError:
        return False
    return True


def id_for(course: Course, opening: Opening, who: str) -> str:
    """The id of somebody: what was given if it can be one, else one made for them and kept.

    Names and addresses are kept here alone, apart from what people's work is known by.
    """
    if people.is_name(who):
        return who
    path = _names(course)
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    ids = known.setdefault(opening.id, {})
    if who not in ids:
        ids[who] = "c-" + "".join(secrets.choice(_LETTERS) for _ in range(6))
        text = json.dumps(known, indent=1, ensure_ascii=False, sort_keys=True)
        disk.replace_through(path, text.encode("utf-8"))
        path.chmod(0o600)
    return ids[who]


def names(course: Course, opening_id: str) -> dict[str, str]:
    """Name or address -> the id that was made for it, of one opening."""
    path = _names(course)
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return dict(known.get(opening_id, {}))


def _names(course: Course) -> Path:
    return course.state / "exchange" / "names.json"
