"""Tracking systems: clients that ask and listen as Greenhouse, Ashby and Standard Webhooks say."""

from __future__ import annotations

import base64
import http.server
import json
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from sqlalchemy import update
from standardwebhooks import Webhook

from tests.cohort import a_copy
from tests.exchange.afar import OPENING, PASSWORD, TINY, answered, notebook_of, open_now
from tests.exchange.served import member, served
from tests.graded import add_grading, rate
from worksample import feedback
from worksample.cli import main
from worksample.course import Course
from worksample.errors import AssignmentError, CourseError
from worksample.exchange import (
    inviting,
    links,
    orders,
    outbox,
    partners,
    people,
    releases,
    sittings,
)
from worksample.exchange.orders import Clerk
from worksample.exchange.tables import ClockEvent, opened
from worksample.records.tables import Audit, Records, now
from worksample.service.queue import Queue

SECONDS = 60


@dataclass
class Listener:
    """What a tracking system has listening: notes what it is sent, and answers as it is told to."""

    address: str
    answers: list[int] = field(default_factory=list)
    got: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            heads = {name.lower(): value for name, value in self.headers.items()}
            found.got.append((self.command, self.path, heads, body))
            self.send_response(found.answers.pop(0) if found.answers else 200)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        do_PATCH = do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Listener(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join(SECONDS)
    server.server_close()


@pytest.fixture
def course(
    built_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> Course:
    course = a_copy(built_once, tmp_path, monkeypatch)
    open_now(course)
    for kind in partners.KINDS:
        made = ["partner", f"their-{kind}", "--kind", kind, "--callback", listener.address]
        done = CliRunner().invoke(main, made)
        assert done.exit_code == 0, done.output
        assert partners.everybody(course)[f"their-{kind}"].key in done.output
    return course


class System:
    """A tracking system that asks over HTTP."""

    def __init__(self, base: str, course: Course, kind: str) -> None:
        self.base = f"{base}partners/{kind}/"
        self.key = partners.everybody(course)[f"their-{kind}"].key

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        word = base64.b64encode(f"{self.key}:".encode()).decode()
        return requests.request(
            method,
            self.base + path,
            json=body,
            headers={"Authorization": f"Basic {word}"},
            timeout=SECONDS,
        )

    def said(self, method: str, path: str, body: Any = None) -> Any:
        reply = self.ask(method, path, body)
        assert reply.ok, (path, reply.status_code, reply.text)
        return reply.json()


def clerk(course: Course) -> Clerk:
    return Clerk(course, lambda found: outbox.rows(course, found))


def done_with(course: Course, candidate: str) -> None:
    """Work, grading, rating, approval, release; and the revision's days have passed."""
    person = links.holder(course, candidate)
    assert person is not None
    sittings.start(course, person, TINY)
    work = answered(notebook_of(course, candidate))
    sittings.hand_in(course, person, {f"{TINY}.ipynb": work}, by=candidate)
    last = opened(course).last_submission(TINY, candidate)
    assert last is not None
    for each in Queue(course).everything():
        Queue(course).done(each.id)  # it is graded by hand below
    record = add_grading(course, candidate, {"slope": 40, "predict": 57})
    assert record["points"] == 97
    _is_of(course, candidate, last.digest)
    rate(course, candidate, 3)
    feedback.render(course, TINY, [candidate])
    releases.approve(course, TINY, candidate, "grace")
    releases.give_out(course, TINY, candidate, "grace")
    with opened(course).session() as session:
        ago = now() - timedelta(days=8)
        for table, action in ((ClockEvent, "start"), (Audit, "revision released")):
            those = (table.candidate == candidate, table.action == action)
            session.execute(update(table).where(*those).values(time=ago))


def _is_of(course: Course, candidate: str, digest: str) -> None:
    """The record that was written by hand is of what was handed in."""
    path = course.evidence / TINY / candidate / "1.json"
    record = json.loads(path.read_text())
    record["inputs"]["submission"] = digest
    path.chmod(0o644)
    path.write_text(json.dumps(record))


def test_greenhouse_lists_sends_and_reads_a_profile_without_a_score(
    course: Course, listener: Listener
) -> None:
    with served(course) as base:
        greenhouse = System(base, course, "greenhouse")
        (test,) = greenhouse.said("GET", "list_tests")
        assert test == {"partner_test_id": OPENING, "partner_test_name": "Engineer, platform team"}
        send = {
            "partner_test_id": OPENING,
            "candidate": {
                "first_name": "Ada",
                "last_name": "Example",
                "preferred_name": None,
                "email": "ada@example.org",
                "greenhouse_profile_url": "https://app.example.org/people/17",
            },
            "url": f"{listener.address}assessments/17",
        }
        sent = greenhouse.said("POST", "send_test", send)
        assert greenhouse.said("POST", "send_test", send) == sent, "sent twice it is one test"
        (row,) = orders.every(course)
        assert not (course.cases / TINY / row.candidate).exists(), "answered first, drawn later"
        place = f"test_status?partner_interview_id={sent['partner_interview_id']}"
        assert greenhouse.said("GET", place)["partner_status"] == "ordered"
        assert [each.state for each in clerk(course).work()] == ["sent"]
        assert clerk(course).work() == []
        assert greenhouse.said("GET", place)["partner_status"] == "sent"
        done_with(course, row.candidate)
        assert [each.state for each in clerk(course).work()] == ["complete"]
        assert len(outbox.send(course)) == 1
        method, path, heads, body = listener.got.pop()
        assert (method, path, body) == ("PATCH", "/assessments/17", b"")
        assert heads["authorization"] == "Basic " + base64.b64encode(b":").decode()
        found = greenhouse.said("GET", place)  # as Greenhouse does when it has been told
        assert found["partner_status"] == "complete"
        assert found["partner_score"] is None
        assert found["partner_profile_url"].endswith(f"team/{row.candidate}/")
        assert found["metadata"] == {
            "Assessment": "Engineer, platform team",
            "Documentation & Communication": "rated 3 of 4, in 1 rating",
        }
        assert "97" not in json.dumps(found)
        assert greenhouse.said("POST", "response_error", {"api_call": "x", "errors": ["y"]}) == {}
        people.add(course, "alan", "administrator", PASSWORD)
        page = member(base, "alan").get("team/partners").text
        assert "arrived" in page
        assert "ada@example.org" not in page
    assert inviting.names(course, OPENING) == {"ada@example.org": row.candidate}


def test_ashby_starts_is_updated_and_cancels(course: Course, listener: Listener) -> None:
    with served(course) as base:
        ashby = System(base, course, "ashby")
        (kind,) = ashby.said("POST", "assessment.list", {})["results"]
        start = {
            "assessment_type_id": kind["assessment_type_id"],
            "candidate": {
                "ashby_id": "c-1",
                "first_name": "Bob",
                "last_name": "Example",
                "email": "bob@example.org",
                "ashby_profile_url": "https://app.example.org/c-1",
            },
            "application": {"ashby_id": "a-1", "status": "Active"},
            "job": {"ashby_id": "j-1", "name": "Engineer", "ashby_job_url": "https://x.example"},
        }
        results = ashby.said("POST", "assessment.start", start)["results"]
        number = results["assessment_id"]
        _is_update(results["update_request"])
        assert ashby.said("POST", "assessment.start", start)["results"]["assessment_id"] == number
        other = {**start, "application": {"ashby_id": "a-2", "status": "Active"}}
        assert ashby.ask("POST", "assessment.start", other).status_code == 409
        strange = ashby.ask("POST", "assessment.start", {**other, "assessment_type_id": "nothing"})
        assert strange.status_code == 422
        assert strange.json()["message"] == "There is no such assessment, or it is closed."
        done = clerk(course)
        done.work()
        (row,) = orders.every(course)
        person = links.holder(course, row.candidate)
        assert person is not None
        cancelled = ashby.said("POST", "assessment.cancel", {"assessment_id": number})
        assert cancelled["success"]
        assert "cancelled_reason" in cancelled["results"]["update_request"]
        assert links.holder(course, row.candidate) is None, "the link has ended"
        assert not ashby.said("POST", "assessment.cancel", {"assessment_id": "x"})["success"]
        # once the candidate has begun, they are owed an answer
        assert ashby.said("POST", "assessment.start", other)["success"]
        done.work()
        person = links.holder(course, row.candidate)
        assert person is not None
        sittings.start(course, person, TINY)
        assert [each.state for each in done.work()] == ["started"]
        number = orders.every(course)[-1].number
        refused = ashby.said("POST", "assessment.cancel", {"assessment_id": number})
        assert refused == {
            "success": False,
            "errors": ["the candidate has begun, and is owed an answer"],
        }
    while outbox.send(course):
        pass
    bodies = [json.loads(body) for _, path, _, body in listener.got if path == "/assessment.update"]
    assert [each["assessment_status"]["value"] for each in bodies] == ["Sent", "Sent", "Started"]
    for each in bodies:
        _is_update(each)


def _is_update(body: dict[str, Any]) -> None:
    """As Ashby's documentation has it."""
    assert isinstance(body["assessment_id"], str)
    assert body["timestamp"] > 1_600_000_000_000
    given = [value for value in body.values() if isinstance(value, dict)]
    for each in [*given, *body["metadata"]]:
        assert each.keys() == {"identifier", "label", "type", "value", "description"}
        assert each["type"] in ("url", "string"), "no number to sort people by"


def test_messages_are_signed_and_sent_until_they_arrive(course: Course, listener: Listener) -> None:
    with served(course) as base:
        system = System(base, course, "plain")
        asked = {"test": OPENING, "external": "order 1", "candidate": {"email": "cem@example.org"}}
        first = system.said("POST", "orders", {**asked, "callback": f"{listener.address}hook"})
        assert system.said("POST", "orders", asked)["order"] == first["order"]
        for place in ("http://169.254.169.254/", f"{listener.address[:-1]}.example.org/"):
            refused = system.ask("POST", "orders", {**asked, "external": "2", "callback": place})
            assert refused.status_code == 409, "nobody has us ask other machines"
        assert system.said("GET", f"orders/{first['order']}")["state"] == "ordered"
        clerk(course).work()
        listener.answers = [500, 302, 200]  # a redirect is not followed
        later = now()
        for tries in range(1, 4):
            assert len(outbox.send(course, at=later)) == 1
            assert outbox.send(course, at=later) == [], "not again at once"
            later += outbox.PAUSES[tries]
        assert outbox.send(course, at=later + timedelta(days=9)) == [], "it has arrived"
        assert {path for _, path, _, _ in listener.got} == {"/hook"}
        assert len({heads["webhook-id"] for _, _, heads, _ in listener.got}) == 1
        verifier = Webhook(partners.everybody(course)["their-plain"].signing_key)
        for _, _, heads, body in listener.got:
            told = verifier.verify(body, heads)
            assert told["type"] == "order.sent"
            assert told["data"]["external"] == "order 1"
        with pytest.raises(Exception, match="signature"):
            verifier.verify(body + b" ", heads)
        assert system.said("POST", f"orders/{first['order']}/cancel")["state"] == "cancelled"


def test_what_never_arrives_is_given_up_and_stops_nothing_else(
    course: Course, listener: Listener
) -> None:
    partner = partners.everybody(course)["their-plain"]
    for name in ("one", "two"):
        orders.order(course, partner, OPENING, name, name, f"{listener.address}{name}")
    clerk(course).work()
    later, said = now(), list[str]()
    for _ in range(len(outbox.PAUSES) + 2):
        listener.answers = [503 if name == "one" else 200 for name in _waiting(course)]
        said += outbox.send(course, at=later)
        later += timedelta(days=3)
    assert sum("given up: 503" in each for each in said) == 1
    assert len([path for _, path, _, _ in listener.got if path == "/two"]) == 1
    assert len([path for _, path, _, _ in listener.got if path == "/one"]) == len(outbox.PAUSES) + 1


def _waiting(course: Course) -> list[str]:
    return [row.url.rpartition("/")[2] for row, _, _ in outbox.waiting(course)]


def test_keys_open_only_their_own_interface_and_are_kept_from_others(
    course: Course, listener: Listener
) -> None:
    file = partners.path(course)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with served(course) as base:
        greenhouse = System(base, course, "greenhouse")
        greenhouse.base = f"{base}partners/plain/"
        assert greenhouse.ask("GET", "tests").status_code == 409
        made = orders.order(
            course, partners.everybody(course)["their-ashby"], OPENING, "x", "dee@example.org"
        )
        plain = System(base, course, "plain")
        assert plain.ask("GET", f"orders/{made.number}").status_code == 409, "another's order"
        place = f"{base}partners/plain/tests"
        bearer = {"Authorization": f"Bearer {plain.key}"}
        assert requests.get(place, headers=bearer, timeout=SECONDS).status_code == 200
        assert requests.get(f"{base}team/", headers=bearer, timeout=SECONDS).status_code == 401
        wrong = [requests.get(place, auth=("guess", ""), timeout=SECONDS) for _ in range(31)]
        assert {each.status_code for each in wrong[:30]} == {401}
        assert wrong[0].headers["WWW-Authenticate"].startswith("Basic")
        assert wrong[30].status_code == 429
    file.chmod(0o644)
    with pytest.raises(CourseError, match="others can read"):
        partners.everybody(course)
    file.chmod(0o600)
    file.write_text(file.read_text() + '\n[other]\nkind = "plain"\nkey = "short"\n')
    with pytest.raises(AssignmentError, match="32 to 170"):
        partners.everybody(course)


def test_a_case_that_cannot_be_drawn_is_tried_again_and_said(course: Course) -> None:
    partner = partners.everybody(course)["their-plain"]
    row = orders.order(course, partner, OPENING, "1", "eve@example.org")
    prepared = course.assignments / TINY / "scenario.py"
    text = prepared.read_text()
    prepared.write_text(f"{text}\n\ndef prepare(*_):\n    raise OSError('no disk')\n")
    waits = clerk(course)
    assert waits.work() == []
    found = orders.status(course, row)
    assert found.state == "ordered"
    assert found.reason
    prepared.write_text(text)
    assert waits.work() == [], "not at once"
    assert [each.state for each in clerk(course).work()] == ["sent"]
    rows = Records(course.records_url).session
    with rows() as session:
        noted = session.query(Audit).filter_by(action="order sent").all()
    assert [each.candidate for each in noted] == [row.candidate]
