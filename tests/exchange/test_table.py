"""Every line of the table, asked as everybody, about themselves and about others.

The table below is written by hand and not taken from the code: a line that lets in more than is
meant must not pass because the test reads it too.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from tests.cohort import a_copy
from tests.exchange.afar import PASSWORD, TINY, answered, handed_in, invited, notebook_of, open_now
from tests.exchange.served import Client, candidate, member, served
from worksample.course import Course
from worksample.exchange import people, questions, sittings, table
from worksample.records.tables import Audit, Records

# address -> who is meant; `ada` asks about herself, `bob` about her
MEANT = {
    "GET ": "nobody ada bob grader interviewer administrator",
    "GET style.css": "nobody ada bob grader interviewer administrator",
    "GET health": "nobody ada bob grader interviewer administrator",
    "GET link/{code}": "nobody ada bob grader interviewer administrator",
    "POST sign-in": "nobody ada bob grader interviewer administrator",
    "POST sign-out": "ada bob grader interviewer administrator",
    "GET candidates/{candidate}/": "ada",
    "POST candidates/{candidate}/notice": "ada",
    "POST candidates/{candidate}/questions": "ada",
    "GET candidates/{candidate}/{assignment}/": "ada",
    "POST candidates/{candidate}/{assignment}/start": "ada",
    "GET candidates/{candidate}/{assignment}/package": "ada",
    "GET candidates/{candidate}/{assignment}/script": "ada",
    "GET candidates/{candidate}/{assignment}/files/{file}": "ada",
    "POST candidates/{candidate}/{assignment}/upload": "ada",
    "POST candidates/{candidate}/{assignment}/remove": "ada",
    "POST candidates/{candidate}/{assignment}/hand-in": "ada",
    "GET candidates/{candidate}/{assignment}/receipts/{number}": (
        "ada grader interviewer administrator"
    ),
    "GET candidates/{candidate}/{assignment}/feedback": "ada grader administrator",
    "GET candidates/{candidate}/{assignment}/feedback-notebook": "ada grader administrator",
    "GET api/me": "ada bob grader interviewer administrator",
    "GET api/candidates/{candidate}/": "ada",
    "POST api/candidates/{candidate}/notice": "ada",
    "GET api/candidates/{candidate}/questions": "ada",
    "POST api/candidates/{candidate}/questions": "ada",
    "POST api/candidates/{candidate}/{assignment}/start": "ada",
    "GET api/candidates/{candidate}/{assignment}/package": "ada",
    "POST api/candidates/{candidate}/{assignment}/submit": "ada",
    "GET api/candidates/{candidate}/{assignment}/receipts/{number}": "ada",
    "GET api/candidates/{candidate}/{assignment}/versions": "ada",
    "GET api/candidates/{candidate}/{assignment}/versions/{number}": "ada",
    "GET api/candidates/{candidate}/{assignment}/feedback": "ada",
    "GET team/": "grader interviewer administrator",
    "GET team/live.js": "grader interviewer administrator",
    "GET api/team/changes": "grader interviewer administrator",
    "POST team/grade": "grader administrator",
    "POST team/draw": "grader administrator",
    "GET team/questions": "grader interviewer administrator",
    "POST team/questions/{number}": "grader administrator",
    "GET team/retention": "administrator",
    "GET team/partners": "administrator",
    "GET team/log": "administrator",
    "GET team/rating/": "grader interviewer administrator",
    "GET team/rating/graders": "grader interviewer administrator",
    "GET team/rating/screen.css": "nobody ada bob grader interviewer administrator",
    "GET team/rating/screen.js": "nobody ada bob grader interviewer administrator",
    "GET team/rating/kit.js": "nobody ada bob grader interviewer administrator",
    "GET team/rating/attempt.css": "nobody ada bob grader interviewer administrator",
    "GET team/rating/attempt.js": "nobody ada bob grader interviewer administrator",
    "GET team/rating/practice/{assignment}/result": "grader administrator",
    "GET team/rating/{kind}/{assignment}/": "grader administrator",
    "GET team/rating/{kind}/{assignment}/{code}": "grader administrator",
    "GET team/rating/{kind}/{assignment}/{code}/attempt": "grader administrator",
    "POST team/rating/{kind}/{assignment}/{code}/save": "grader administrator",
    "POST team/rating/{kind}/{assignment}/{code}/submit": "grader administrator",
    "POST team/rating/{kind}/{assignment}/{code}/change": "grader administrator",
    "GET team/rating/reader.js": "nobody ada bob grader interviewer administrator",
    "GET team/rating/readers/{assignment}/": "grader administrator",
    "GET team/rating/readers/{assignment}/{code}": "grader administrator",
    "GET team/rating/readers/{assignment}/{code}/text": "grader administrator",
    "POST team/rating/readers/{assignment}/{code}/begin": "grader administrator",
    "POST team/rating/readers/{assignment}/{code}/seen": "grader administrator",
    "POST team/rating/readers/{assignment}/{code}/answer": "grader administrator",
    "GET team/rating/kits/": "grader interviewer administrator",
    "GET team/rating/kits/{kit}/{candidate}/": "grader interviewer administrator",
    "POST team/rating/kits/{kit}/{candidate}/save": "grader interviewer administrator",
    "POST team/rating/kits/{kit}/{candidate}/submit": "grader interviewer administrator",
    "GET team/{candidate}/": "grader interviewer administrator",
    "POST team/{candidate}/revoke": "administrator",
    "POST team/{candidate}/link": "administrator",
    "POST team/{candidate}/{assignment}/pause": "grader administrator",
    "POST team/{candidate}/{assignment}/resume": "grader administrator",
    "POST team/{candidate}/{assignment}/extend": "grader administrator",
    "POST team/{candidate}/{assignment}/count": "grader administrator",
    "POST team/{candidate}/{assignment}/grade": "grader administrator",
    "POST team/{candidate}/{assignment}/draw": "grader administrator",
    "POST team/{candidate}/{assignment}/approve": "grader administrator",
    "POST team/{candidate}/{assignment}/release": "grader administrator",
    "GET team/{candidate}/{assignment}/drawn": "grader administrator",
    "GET team/{candidate}/{assignment}/record": "grader interviewer administrator",
    "GET team/{candidate}/{assignment}/live": "grader interviewer administrator",
    "GET api/team/{candidate}/{assignment}/live": "grader interviewer administrator",
    "POST team/{candidate}/{assignment}/live/pause": "grader interviewer administrator",
    "POST team/{candidate}/{assignment}/live/resume": "grader interviewer administrator",
    "GET team/{candidate}/{assignment}/attempt": "grader administrator",
    "GET team/{candidate}/{assignment}/truth": "grader administrator",
    "GET team/{candidate}/{assignment}/explain": "grader administrator",
    # by the key of a tracking system alone (test_partners.py)
    "GET partners/greenhouse/list_tests": "",
    "POST partners/greenhouse/send_test": "",
    "GET partners/greenhouse/test_status": "",
    "POST partners/greenhouse/response_error": "",
    "POST partners/ashby/assessment.list": "",
    "POST partners/ashby/assessment.start": "",
    "POST partners/ashby/assessment.cancel": "",
    "GET partners/plain/tests": "",
    "POST partners/plain/orders": "",
    "GET partners/plain/orders/{order}": "",
    "POST partners/plain/orders/{order}/cancel": "",
}
WHO = ("nobody", "ada", "bob", "grader", "interviewer", "administrator")
DENIED = (401, 404)
ENDS_SOMETHING = ("sign-out", "revoke")


@dataclass
class Afar:
    """A course that is served, and one client for each of the people."""

    course: Course
    base: str
    clients: dict[str, Client]


@pytest.fixture(scope="module")
def afar(built_once: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Afar]:
    with pytest.MonkeyPatch.context() as patch:
        course = a_copy(built_once, tmp_path_factory.mktemp("table"), patch)  # type: ignore[arg-type]
        open_now(course)
        ada, bob = invited(course, "ada", "bob")
        for person in (ada, bob):
            sittings.start(course, person, TINY)
        handed_in(course, ada, {f"{TINY}.ipynb": answered(notebook_of(course, "ada"))})
        questions.ask(course, "ada", "May I?")
        for role in ("grader", "interviewer", "administrator"):
            people.add(course, role, role, PASSWORD)
        with served(course) as base:
            clients = {"nobody": Client(base)}
            clients |= {p.name: candidate(base, course, p) for p in (ada, bob)}
            clients |= {role: member(base, role) for role in WHO[3:]}
            yield Afar(course, base, clients)


def test_the_table_is_the_one_that_is_meant() -> None:
    assert set(MEANT) == {f"{each.method} {each.path}" for each in table.TABLE}
    assert len(table.TABLE) == len(MEANT)


@pytest.mark.parametrize("line", MEANT)
def test_who_is_let_in(afar: Afar, line: str) -> None:
    method, path = line.split(" ", 1)
    values = {"candidate": "ada", "assignment": TINY, "number": "1", "code": "guess"}
    values |= {"kind": "attempts", "kit": "screening"}
    address = path.format(**values, file=f"{TINY}.ipynb", order="0" * 32)
    meant = MEANT[line].split()
    for who in WHO:
        if who in meant and line.endswith(ENDS_SOMETHING):
            continue  # tried below, where it ends nothing that others need
        reply = _ask(afar.clients[who], method, address)
        denied = reply.status_code in DENIED
        # what a page of somebody's own says in these codes is told from a denial by its words
        if denied and who in meant:
            denied = "sign in first" in reply.text.lower() or "no such page" in reply.text
        assert denied == (who not in meant), (who, line, reply.status_code, reply.text[-300:])


def _ask(client: Client, method: str, address: str) -> requests.Response:
    if method == "GET":
        return client.get(address, allow_redirects=False)
    if address.startswith("api/") and address.endswith("/submit"):
        page = client.get("").text
        has_token = 'name="_xsrf"' in page
        assert has_token
        return client.submit("ada", TINY, b"no zip")
    return client.post(address)


def test_who_may_end_a_session_or_links(afar: Afar) -> None:
    grace = member(afar.base, "grader")
    cookies = dict(grace.session.cookies)
    assert grace.post("sign-out").status_code == 303
    replayed = Client(afar.base)
    replayed.session.cookies.update(cookies)
    assert replayed.get("team/").status_code == 401  # a copy of the cookie opens nothing
    (eve,) = invited(afar.course, "eve")
    client = candidate(afar.base, afar.course, eve)
    assert client.get("candidates/eve/").status_code == 200
    assert afar.clients["administrator"].post("team/eve/revoke").status_code == 303
    assert client.get("candidates/eve/").status_code == 401


def test_what_was_refused_is_logged(afar: Afar) -> None:
    afar.clients["bob"].get("candidates/ada/")
    with Records(afar.course.records_url).session() as session:
        row = session.query(Audit).filter_by(action="refused", actor="bob").first()
    assert row is not None
    assert (row.candidate, row.detail["path"]) == ("ada", "candidates/{candidate}/")


def test_nothing_else_is_answered(afar: Afar) -> None:
    host = afar.base.removeprefix("http://").rstrip("/")
    cookies = afar.clients["ada"].session.cookies
    cookie = "; ".join(f"{each.name}={each.value}" for each in cookies)
    for path in (
        *("/../state/secret", "/state/secret", "/candidates/ada", "/%2e%2e/x", "//team/"),
        *("/candidates/ada/../bob/", "/candidates/ada/%2e%2e/", "/candidates/ada%2f..%2fbob/"),
        *("/candidates/ada\0/", "/team/ada/", "/candidates/ADA/", "/candidates//"),
        f"/candidates/ada/{TINY}/files/../../../secret",
        f"/candidates/ada/{TINY}/files/%2fetc%2fpasswd",
    ):
        asking = http.client.HTTPConnection(host, timeout=30)
        asking.putrequest("GET", path.replace("\0", "%00"), skip_accept_encoding=True)
        asking.putheader("Cookie", cookie)
        asking.endheaders()
        assert asking.getresponse().status in (404, 409), path
        asking.close()
    for method in ("PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"):
        reply = afar.clients["ada"].session.request(method, afar.base + "team/", timeout=30)
        assert reply.status_code == 405
