"""The assessment partner's side of three interfaces: Greenhouse's, Ashby's, and a plain one.

After their public documentation (https://developers.greenhouse.io/assessment.html and
https://developers.ashbyhq.com/docs/creating-an-assessments-integration). The four verbs behind
them are in :mod:`worksample.exchange.orders`.
"""

from __future__ import annotations

import json
from typing import Any

from worksample.errors import SittingError, WorksampleError
from worksample.exchange import orders, outbox, partners
from worksample.exchange.asking import Ask, Reply, data
from worksample.exchange.orders import Status
from worksample.exchange.partners import Partner
from worksample.exchange.tables import opened
from worksample.records.tables import Audit

_LONGEST_ERROR = 500


def _partner(ask: Ask, kind: str) -> Partner:
    """Who asks, if this is the interface that it speaks.

    Raises:
        SittingError: it speaks another one.
    """
    found = partners.everybody(ask.course)[ask.someone.name]
    if found.kind != kind:
        raise SittingError(f"this key is for the {found.kind} interface")
    return found


def _nested(ask: Ask, name: str) -> dict[str, str]:
    """A field that is an object, its values as text; empty where it is none."""
    try:
        value = json.loads(ask.form.get(name, "{}"))
    except ValueError:
        value = {}
    if not isinstance(value, dict):
        return {}
    return {str(key): each for key, each in value.items() if isinstance(each, str)}


def _who(person: dict[str, str]) -> str:
    """What the candidate's id is made for: their address, else their name."""
    name = f"{person.get('first_name', '')} {person.get('last_name', '')}"
    return person.get("email") or name


# ---- Greenhouse ----


def list_tests(ask: Ask) -> Reply:
    """What can be sent."""
    found = orders.tests(ask.course, _partner(ask, "greenhouse"))
    return data([{"partner_test_id": each.id, "partner_test_name": each.title} for each in found])


def send_test(ask: Ask) -> Reply:
    """Send a test; ``url`` is its own for each, so that it names the order too."""
    partner, person = _partner(ask, "greenhouse"), _nested(ask, "candidate")
    url = ask.form.get("url", "")
    external = (
        url or f"{person.get('greenhouse_profile_url', '')} {ask.form.get('partner_test_id')}"
    )
    test = ask.form.get("partner_test_id", "")
    row = orders.order(ask.course, partner, test, external, _who(person), url)
    return data({"partner_interview_id": row.number})


def test_status(ask: Ask) -> Reply:
    """How far it is. There is no score: it is what candidates would be sorted and rejected by."""
    row = orders.find(
        ask.course, _partner(ask, "greenhouse"), ask.query.get("partner_interview_id", "")
    )
    found = orders.status(ask.course, row)
    return data(
        {
            "partner_status": found.state,
            "partner_profile_url": found.address,
            "partner_score": None,
            "metadata": {"Assessment": found.title, **found.profile},
        }
    )


def response_error(ask: Ask) -> Reply:
    """Greenhouse could not make sense of an answer of ours: it is logged, for the team."""
    said = {key: value[:_LONGEST_ERROR] for key, value in sorted(ask.form.items())[:20]}
    row = Audit(
        assignment="",
        candidate="",
        actor=f"partner {ask.someone.name}",
        action="partner error",
        detail={key: said[key] for key in ("api_call", "errors") if key in said},
    )
    opened(ask.course).add(row)
    return data({})


# ---- Ashby ----


def ashby_list(ask: Ask) -> Reply:
    """``assessment.list``"""
    found = orders.tests(ask.course, _partner(ask, "ashby"))
    results = [
        {
            "assessment_type_id": each.id,
            "name": each.title,
            "description": f"To be started until {each.closes:%Y-%m-%d}; "
            f"people decide by {each.decision}.",
        }
        for each in found
    ]
    return data({"success": True, "results": results})


def ashby_start(ask: Ask) -> Reply:
    """``assessment.start``; 409 where the candidate is being assessed for another application."""
    partner, person = _partner(ask, "ashby"), _nested(ask, "candidate")
    application, test = _nested(ask, "application"), ask.form.get("assessment_type_id", "")
    external = " ".join((person.get("ashby_id", ""), application.get("ashby_id", ""), test))
    try:
        running = orders.of_person(ask.course, partner, test, _who(person))
        if running is not None and running.external != external:
            return data({"message": "The candidate is already being assessed."}, 409)
        row = orders.order(ask.course, partner, test, external, _who(person))
    except WorksampleError as error:
        return data({"message": f"{error.what[:1].upper()}{error.what[1:]}."}, 422)
    return _ashby(orders.status(ask.course, row))


def ashby_cancel(ask: Ask) -> Reply:
    """``assessment.cancel``"""
    partner = _partner(ask, "ashby")
    try:
        row = orders.cancel(ask.course, partner, ask.form.get("assessment_id", ""))
    except SittingError as error:
        return data({"success": False, "errors": [error.what]})
    return _ashby(orders.status(ask.course, row))


def _ashby(found: Status) -> Reply:
    results = {
        "assessment_id": found.order.number,
        "update_request": outbox.ashby_update(found),
    }
    return data({"success": True, "results": results})


# ---- plain ----


def plain_list(ask: Ask) -> Reply:
    """What can be ordered."""
    found = orders.tests(ask.course, _partner(ask, "plain"))
    return data({"tests": [{"id": each.id, "name": each.title} for each in found]})


def plain_order(ask: Ask) -> Reply:
    """Order; with the same ``external`` again it is the same order."""
    row = orders.order(
        ask.course,
        _partner(ask, "plain"),
        ask.form.get("test", ""),
        ask.form.get("external", ""),
        _who(_nested(ask, "candidate")),
        ask.form.get("callback", ""),
    )
    return _plain(orders.status(ask.course, row), 201)


def plain_status(ask: Ask) -> Reply:
    """How far it is."""
    row = orders.find(ask.course, _partner(ask, "plain"), ask.named["order"])
    return _plain(orders.status(ask.course, row))


def plain_cancel(ask: Ask) -> Reply:
    """Take it back."""
    row = orders.cancel(ask.course, _partner(ask, "plain"), ask.named["order"])
    return _plain(orders.status(ask.course, row))


def _plain(found: Status, status: int = 200) -> Reply:
    value: dict[str, Any] = outbox.told(found)
    return data(value, status)


# ---- the team's page ----


def overview(ask: Ask) -> Reply:
    """Every order, how far it is, and what its system was told of it."""
    known, problem = {}, ""
    try:
        known = partners.everybody(ask.course)
    except WorksampleError as error:
        problem = error.what
    rows = []
    for row in reversed(orders.every(ask.course)):
        try:
            rows.append((orders.status(ask.course, row), outbox.history(ask.course, row.number)))
        except WorksampleError as error:
            problem = f"{row.opening}: {error.what}"
    return ask.page(
        "partners", "Tracking systems", partners=known.values(), rows=rows, problem=problem
    )
