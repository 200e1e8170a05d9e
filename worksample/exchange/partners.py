"""Applicant-tracking systems that may order assessments, and the keys that they bear.

``state/partners.toml``, readable for its owner only, written by ``worksample partner``::

    [recruiting]
    kind = "greenhouse"         # or "ashby", or "plain": what it speaks
    key = "…"                   # it signs in with this
    openings = ["platform"]     # what it may order; left out: every opening
    callback = "https://app.greenhouse.io/"   # what its addresses begin with: nowhere else is told
    callback_key = "…"          # greenhouse, ashby: our key there
    signing_key = "whsec_…"     # plain: what our messages are signed with
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from worksample import disk
from worksample.assignments.toml import Table
from worksample.course import Course
from worksample.errors import AccountError, CourseError
from worksample.exchange import people

Kind = Literal["greenhouse", "ashby", "plain"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: where these systems are told, unless the file says otherwise
CALLBACKS: Mapping[str, str] = {
    "greenhouse": "https://app.greenhouse.io/",
    "ashby": "https://api.ashbyhq.com/",
}
LEAST_KEY, MOST_KEY = 32, 170  # characters; Greenhouse takes no longer one
SIGNING = "whsec_"  # what Standard Webhooks marks its keys with


@dataclass(frozen=True)
class Partner:
    """One tracking system, as the file describes it."""

    name: str
    kind: Kind
    key: str
    openings: tuple[str, ...] = ()
    callback: str = ""
    callback_key: str = ""
    signing_key: str = ""

    def may_order(self, opening: str) -> bool:
        """Whether it may order assessments of this opening."""
        return not self.openings or opening in self.openings

    def may_be_told(self, url: str) -> bool:
        """Whether an address is its own: nobody has us send anything anywhere else."""
        if not self.callback:
            return False
        own, given = urlsplit(self.callback), urlsplit(url)
        same = (given.scheme, given.netloc) == (own.scheme, own.netloc)
        return same and given.path.startswith(own.path)


def path(course: Course) -> Path:
    """The file."""
    return course.state / "partners.toml"


def everybody(course: Course) -> dict[str, Partner]:
    """Every system by its name; none where there is no file.

    Raises:
        AssignmentError: the file has a mistake: file, line and what to do.
        CourseError: others can read the keys in it.
    """
    file = path(course)
    if not file.is_file():
        return {}
    if file.stat().st_mode & 0o077:
        raise CourseError("others can read the keys in it", where=str(file), do=f"chmod 600 {file}")
    tables = Table.read(file, "says which tracking systems may order").tables()
    return {name: _partner(name, table) for name, table in tables.items()}


def _partner(name: str, table: Table) -> Partner:
    word = table.take("kind", str)
    kind = next((each for each in KINDS if each == word), None)
    if kind is None:
        raise table.mistake(f"`kind` is one of {', '.join(KINDS)}", "kind")
    found = Partner(
        name=name,
        kind=kind,
        key=table.take("key", str),
        openings=table.texts("openings", []),
        callback=table.take("callback", str, CALLBACKS.get(kind, "")),
        callback_key=table.take("callback_key", str, ""),
        signing_key=table.take("signing_key", str, ""),
    )
    table.finish()
    if not people.is_name(name):
        raise table.mistake(f"{name!r} cannot be a name: small letters, digits and dashes")
    if not LEAST_KEY <= len(found.key) <= MOST_KEY or ":" in found.key:
        raise table.mistake(f"`key` has {LEAST_KEY} to {MOST_KEY} characters, and no colon", "key")
    if kind == "plain" and found.callback and not _signs(found.signing_key):
        raise table.mistake(f"`signing_key` is {SIGNING} and base64", "signing_key")
    return found


def _signs(key: str) -> bool:
    try:
        return key.startswith(SIGNING) and len(signing_bytes(key)) >= 24
    except (binascii.Error, ValueError):
        return False


def signing_bytes(key: str) -> bytes:
    """The bytes that messages are signed with."""
    return base64.b64decode(key.removeprefix(SIGNING), validate=True)


def who(course: Course, header: str) -> Partner | None:
    """Whose key a request bears, in ``Authorization: Basic`` (as user name) or ``Bearer``."""
    kind, _, given = header.partition(" ")
    if kind.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode("utf-8").partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None
    elif kind.lower() != "bearer":
        return None
    found = [
        each
        for each in everybody(course).values()
        if hmac.compare_digest(each.key.encode(), given.strip().encode())
    ]
    return found[0] if found else None


def add(course: Course, name: str, kind: str, callback: str = "") -> Partner:
    """Write a system into the file, with fresh keys.

    Raises:
        AccountError: the name is taken or cannot be one, or nothing of that kind is spoken.
    """
    people.check_name(name)
    known = everybody(course)
    chosen = next((each for each in KINDS if each == kind), None)
    if name in known or chosen is None:
        what = f"{name!r} is there already" if name in known else f"there is no kind {kind!r}"
        raise AccountError(what, where=str(path(course)), do=f"kinds: {', '.join(KINDS)}")
    made = Partner(
        name=name,
        kind=chosen,
        key=secrets.token_urlsafe(32),
        callback=callback or CALLBACKS.get(kind, ""),
        signing_key=SIGNING + base64.b64encode(secrets.token_bytes(32)).decode(),
    )
    lines = [f"[{name}]", f'kind = "{made.kind}"', f'key = "{made.key}"']
    if made.callback:
        lines.append(f'callback = "{made.callback}"')
    if made.kind == "plain":
        lines.append(f'signing_key = "{made.signing_key}"')
    file = path(course)
    before = file.read_text(encoding="utf-8") + "\n" if file.is_file() else ""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    beside.touch(mode=0o600)
    disk.write_through(beside, (before + "\n".join(lines) + "\n").encode())
    beside.replace(file)
    return made
