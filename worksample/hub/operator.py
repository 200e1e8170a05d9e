"""The operator's way in: a link that ``worksample serve`` prints, which works once.

Who can start the service can read all of its files; so they are its first administrator, and
need no password to be made up for them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from worksample import disk
from worksample.exchange import people
from worksample.exchange.people import Person
from worksample.hub.places import Places

NAME = "operator"
PREFIX = "operator-"
SECONDS = 24 * 3600


def issue(places: Places) -> str:
    """A new code; earlier ones end."""
    if people.member(places.course, NAME) is None:
        people.add(places.course, NAME, "administrator", None)
    code = PREFIX + secrets.token_urlsafe(32)
    place = places.state / "operator"
    disk.replace(place, _digest(code).encode())
    place.chmod(0o600)
    return code


def redeem(places: Places, code: str) -> Person | None:
    """The operator, by a code that was not used yet; else None."""
    place = places.state / "operator"
    try:
        genuine = hmac.compare_digest(place.read_text(encoding="ascii"), _digest(code))
        fresh = time.time() - place.stat().st_mtime < SECONDS
    except FileNotFoundError:
        return None
    if not genuine or not fresh:
        return None
    place.unlink()
    return people.member(places.course, NAME)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
