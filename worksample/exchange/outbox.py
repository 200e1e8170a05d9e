"""What tracking systems are told: written down first, then sent until it has arrived.

Messages to a system of kind ``plain`` are signed as Standard Webhooks 1.0 says it
(https://www.standardwebhooks.com): ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``,
HMAC-SHA256 over ``id.timestamp.body``. The id stays the same when a message is sent again, so that
whoever gets it twice can tell.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from worksample.course import Course
from worksample.exchange import partners
from worksample.exchange.orders import Status
from worksample.exchange.partners import Partner
from worksample.exchange.tables import Delivery, Outgoing, opened
from worksample.records.tables import now

log = logging.getLogger("worksample.exchange")

SECONDS = 20.0  # for an answer
#: after each try that failed: about four days in all, then it is given up and shown to the team
PAUSES = tuple(
    timedelta(seconds=each)
    for each in (10, 60, 300, 1800, 2 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 48 * 3600)
)
GONE = 410  # whoever answers this wants nothing more
MOST_SAID = 200  # characters of an answer that are kept

Send = Callable[[urllib.request.Request], int]


def rows(course: Course, found: Status) -> list[Outgoing]:
    """What the system that ordered is to be told about this, to be written down."""
    partner = partners.everybody(course).get(found.order.partner)
    return [
        Outgoing(
            assignment="",
            candidate=found.order.candidate,
            partner=partner.name,
            number=found.order.number,
            method=method,
            url=url,
            body=json.dumps(body, ensure_ascii=False) if body else "",
        )
        for method, url, body in (_messages(partner, found) if partner else [])
        if partner
    ]


def _messages(partner: Partner, found: Status) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, address and body of each."""
    own = found.order.callback or partner.callback
    if not own:
        return []
    match partner.kind:
        case "greenhouse":  # it asks for the status when it is told that there is a new one
            wanted = found.order.callback and found.state == "complete"
            return [("PATCH", found.order.callback, {})] if wanted else []
        case "ashby":
            return [("POST", f"{partner.callback}assessment.update", ashby_update(found))]
        case "plain":
            return [("POST", own, {"type": f"order.{found.state}", "data": told(found)})]


def told(found: Status) -> dict[str, Any]:
    """An order as data, for systems without words of their own for it. No score is in it."""
    return {
        "order": found.order.number,
        "external": found.order.external,
        "test": found.order.opening,
        "state": found.state,
        "since": found.since.isoformat(),
        "url": found.address,
        "profile": found.profile,
    }


_ASHBY = {
    "ordered": "Ordered",
    "sent": "Sent",
    "started": "Started",  # this word has Ashby note the time
    "submitted": "Submitted",
    "complete": "Complete",
    "unused": "Expired",
    "cancelled": "Cancelled",
}


def ashby_update(found: Status) -> dict[str, Any]:
    """The body of ``assessment.update``."""
    body: dict[str, Any] = {
        "assessment_id": found.order.number,
        "timestamp": int(found.since.timestamp() * 1000),
        "assessment_status": _field("status", "Status", _ASHBY[found.state]),
        "assessment_profile_url": _field(
            "profile-url", "Everything about it", found.address, "url"
        ),
        "metadata": [
            _field(f"dimension-{number}", name, words)
            for number, (name, words) in enumerate(found.profile.items(), 1)
        ],
    }
    if found.state == "complete":
        words = "People have rated it: see the profile, and decide with it"
        body["assessment_result"] = _field("result", "Result", words)
    if found.state in ("cancelled", "unused"):
        del body["assessment_status"]
        why = found.reason or "the time for it has passed"
        body["cancelled_reason"] = _field("cancelled", "Why", why)
    return body


def _field(identifier: str, label: str, value: str, kind: str = "string") -> dict[str, str]:
    return {
        "identifier": identifier,
        "label": label,
        "type": kind,
        "value": value,
        "description": "",
    }


# ---- sending ----


def send(course: Course, by: Send | None = None, at: datetime | None = None) -> list[str]:
    """Send what waits and may be tried now; in words, what became of each.

    Of each order only the oldest message is tried, so that none overtakes another.
    """
    known, said, at = partners.everybody(course), [], at or now()
    for row, tries, last in waiting(course):
        if last is not None and at < last + PAUSES[min(tries, len(PAUSES)) - 1]:
            continue
        partner = known.get(row.partner)
        arrived, words = (False, "there is no such system any more")
        if partner is not None:
            arrived, words = _try(partner, row, by or _send)
        given_up = partner is None or tries + 1 > len(PAUSES) or words == str(GONE)
        note = Delivery(
            assignment="",
            candidate=row.candidate,
            outgoing=row.id,
            done=arrived or given_up,
            said=words if arrived or not given_up else f"given up: {words}",
            time=at,
        )
        opened(course).add(note)
        said.append(f"{row.partner}, {row.method} for {row.number[:8]}: {note.said}")
    return said


def waiting(course: Course) -> list[tuple[Outgoing, int, datetime | None]]:
    """The oldest message of each order that has not arrived: tries, and when the last was."""
    done = select(Delivery.outgoing).filter_by(done=True)
    oldest = select(func.min(Outgoing.id)).where(Outgoing.id.not_in(done)).group_by(Outgoing.number)
    tries = select(Delivery.outgoing, func.count(Delivery.id), func.max(Delivery.time))
    with opened(course).session() as session:
        rows = session.scalars(select(Outgoing).where(Outgoing.id.in_(oldest))).all()
        tried = {
            row[0]: (row[1], row[2]) for row in session.execute(tries.group_by(Delivery.outgoing))
        }
    return [(row, *tried.get(row.id, (0, None))) for row in rows]


def history(course: Course, number: str) -> list[tuple[Outgoing, list[Delivery]]]:
    """Every message about an order, with what came of each try."""
    with opened(course).session() as session:
        rows = session.scalars(select(Outgoing).filter_by(number=number)).all()
        tries = session.scalars(
            select(Delivery).where(Delivery.outgoing.in_([row.id for row in rows]))
        ).all()
    return [(row, [each for each in tries if each.outgoing == row.id]) for row in rows]


def _try(partner: Partner, row: Outgoing, by: Send) -> tuple[bool, str]:
    """Whether it arrived, and what was answered."""
    if not partner.may_be_told(row.url):
        return False, "that address is none of this system's"
    body = row.body.encode()
    request = urllib.request.Request(row.url, body or None, method=row.method)
    for name, value in headers(partner, f"msg_{row.id}", body).items():
        request.add_header(name, value)
    try:
        status = by(request)
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    except (OSError, ValueError) as error:
        return False, f"{type(error).__name__}: {error}"[:MOST_SAID]
    return 200 <= status < 300, str(status)


def headers(partner: Partner, message: str, body: bytes) -> dict[str, str]:
    """What goes with a message: our key there, or a signature."""
    found = {"User-Agent": "worksample"}
    if body:
        found["Content-Type"] = "application/json"
    if partner.kind == "plain":
        stamp = str(int(now().timestamp()))
        key = partners.signing_bytes(partner.signing_key)
        made = hmac.digest(key, f"{message}.{stamp}.".encode() + body, hashlib.sha256)
        found["webhook-id"], found["webhook-timestamp"] = message, stamp
        found["webhook-signature"] = f"v1,{base64.b64encode(made).decode()}"
    else:
        word = base64.b64encode(f"{partner.callback_key}:".encode()).decode()
        found["Authorization"] = f"Basic {word}"
    return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A message goes where it is meant to go, and not where that points to."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _send(request: urllib.request.Request) -> int:
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(request, timeout=SECONDS) as answer:
        return int(answer.status)
