"""What strangers and hostile candidates send: refused with a clear word, and nothing is harmed."""

from __future__ import annotations

import io
import json
import re
import socket
import time
import zipfile
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.cohort import a_copy
from tests.exchange.afar import OPENING, PASSWORD, TINY, answered, invited, notebook_of, open_now
from tests.exchange.served import Client, candidate, member, served
from worksample.course import Course
from worksample.exchange import links, people, sittings, table
from worksample.exchange.app import Rates
from worksample.exchange.handling import POLICY
from worksample.exchange.rates import Bucket
from worksample.exchange.tables import opened

FEW = Rates(requests=(10_000, 60), failed_links=(4, 600), tried_names=(3, 600))
BODY_SECONDS = 2.0


@pytest.fixture(scope="module")
def afar(
    built_once: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Course, str]]:
    with pytest.MonkeyPatch.context() as patch:
        course = a_copy(built_once, tmp_path_factory.mktemp("hard"), patch)
        open_now(course)
        for person in invited(course, "ada", "bob"):
            sittings.start(course, person, TINY)
        people.add(course, "grace", "grader", PASSWORD)
        with served(course, FEW, BODY_SECONDS) as base:
            yield course, base


@pytest.fixture
def ada(afar: tuple[Course, str]) -> Client:
    course, base = afar
    person = links.holder(course, "ada")
    assert person
    return candidate(base, course, person)


def zipped(files: dict[str, bytes], mode: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", mode) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def attempts(course: Course) -> int:
    return len(opened(course).submissions(TINY, "ada"))


# ---- what is handed in ----


def test_archives_that_harm_are_refused_and_leave_nothing(
    afar: tuple[Course, str], ada: Client
) -> None:
    course, _ = afar
    own = notebook_of(course, "ada")
    link = zipfile.ZipInfo("link.ipynb")
    link.external_attr = 0o120777 << 16
    with_link = io.BytesIO()
    with zipfile.ZipFile(with_link, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    encrypted = bytearray(zipped({f"{TINY}.ipynb": own}))
    encrypted[6] |= 1
    encrypted[encrypted.index(b"PK\1\2") + 8] |= 1
    bomb = zipped({f"{TINY}.ipynb": own, "zeros.bin": bytes(140 * 2**20)})
    assert len(bomb) < 2**20
    hostile = {
        "lead out": zipped({f"{TINY}.ipynb": own, "../../outside.py": b"x"}),
        "lead out of it": zipped({f"{TINY}.ipynb": own, "/outside.py": b"x"}),
        "larger than": bomb,
        "more than 500 files": zipped({f"f{n}.txt": b"" for n in range(600)}),
        "no notebook": with_link.getvalue(),
        "encrypted": bytes(encrypted),
        "not a zip": b"PK\3\4 and then nothing of the kind",
        "bob": zipped({f"{TINY}.ipynb": notebook_of(course, "bob")}),
    }
    for words, body in hostile.items():
        reply = ada.submit("ada", TINY, body)
        assert (reply.status_code, words in reply.json()["error"]) == (422, True), reply.text
        # the plain door refuses the same
        if words not in ("no notebook", "bob"):
            door = ada.post(f"candidates/ada/{TINY}/upload", files={"files": ("a.zip", body)})
            assert door.status_code == 422, words
    assert attempts(course) == 0
    assert not list(course.root.parent.rglob("outside.py"))
    assert ada.get(f"candidates/ada/{TINY}/").text.count("Nothing is saved here yet") == 1


def test_hostile_names_are_shown_as_text(afar: tuple[Course, str], ada: Client) -> None:
    """A name of a file reaches the team's page: it must be no markup and no other file's name."""
    _course, _ = afar
    for name in ("../x.py", "<img src=x onerror=alert(1)>.py", ".bashrc", "é" * 200):
        files = {"files": (name, b"x = 1")}
        reply = ada.post(f"candidates/ada/{TINY}/upload", files=files)
        assert reply.status_code == 422, name
        assert "<img src=x" not in reply.text
    question = "<script>alert(1)</script> & {{ 7 * 7 }}"
    assert ada.post("candidates/ada/questions", {"text": question}).status_code == 303
    assert "<script" not in ada.get("candidates/ada/").text
    page = member(afar[1], "grace").get("team/questions").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; {{ 7 * 7 }}" in page
    assert "<script" not in page


def test_bodies_are_measured_while_they_are_read(afar: tuple[Course, str], ada: Client) -> None:
    """Ten gigabytes must not be waited for: not by their announcement, and not without one."""
    _, base = afar
    cookie = "; ".join(f"{each.name}={each.value}" for each in ada.session.cookies)
    path = f"/api/candidates/ada/{TINY}/submit"
    host = base.removeprefix("http://").rstrip("/")
    announced = HTTPConnection(host, timeout=30)
    announced.putrequest("POST", path)
    announced.putheader("Cookie", cookie)
    announced.putheader("Content-Type", "application/zip")
    announced.putheader("Content-Length", str(10 * 2**30))
    announced.endheaders()
    reply = announced.getresponse()
    assert (reply.status, b"larger than" in reply.read()) == (413, True)
    announced.close()

    small = "/candidates/ada/questions"  # 64 kB
    head = f"POST {small} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    name, port = host.split(":")
    with socket.create_connection((name, int(port)), timeout=30) as unannounced:
        unannounced.sendall(head.encode())
        piece, sent = b"8000\r\n" + b"x" * 0x8000 + b"\r\n", 0
        try:
            for _ in range(10_000):
                unannounced.sendall(piece)
                sent += 0x8000
        except OSError:
            pass  # hung up on
        assert sent < 64 * 2**20
    assert ada.get("health").status_code == 200


def test_a_slow_client_is_hung_up_on(afar: tuple[Course, str], ada: Client) -> None:
    _, base = afar
    cookie = "; ".join(f"{each.name}={each.value}" for each in ada.session.cookies)
    host, port = base.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as slow:
        slow.sendall(
            f"POST /candidates/ada/questions HTTP/1.1\r\nHost: {host}:{port}\r\n"
            f"Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: 1000\r\n\r\ntext=".encode()
        )
        begun = time.monotonic()
        assert slow.recv(100) == b""
        assert time.monotonic() - begun < BODY_SECONDS + 20


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", ""])
def test_other_kinds_of_bodies_are_refused(
    afar: tuple[Course, str], ada: Client, kind: str
) -> None:
    _, base = afar
    for path in (f"api/candidates/ada/{TINY}/submit", "candidates/ada/questions"):
        reply = ada.session.post(
            base + path, data=b"text=x", headers={"Content-Type": kind}, timeout=30
        )
        assert reply.status_code == 415, path
    for body in ("[1]", "{", '"text"', "{" * 5000):
        reply = ada.session.post(
            f"{base}api/candidates/ada/questions",
            data=body,
            headers={"Content-Type": "application/json", "X-XSRFToken": ada.token()},
            timeout=30,
        )
        assert reply.status_code == 400, body[:10]
        assert set(reply.json()) == {"error", "do"}


# ---- forms of others ----


def test_a_form_of_another_site_does_nothing(afar: tuple[Course, str], ada: Client) -> None:
    """A page on a candidate's server is a neighbour below the same domain: its cookie comes."""
    course, base = afar
    bob = candidate(base, course, links.holder(course, "bob"))  # type: ignore[arg-type]
    send = {"text": "sent by another page"}
    url = f"{base}candidates/ada/questions"
    strange = [
        ({}, send),
        ({}, {**send, "_xsrf": ""}),
        ({}, {**send, "_xsrf": bob.token()}),
        ({}, {**send, "_xsrf": "é"}),
        ({"Origin": "http://user-bob.hub.localhost"}, {**send, "_xsrf": ada.token()}),
        ({"Origin": "null"}, {**send, "_xsrf": ada.token()}),
        ({"Sec-Fetch-Site": "same-site"}, {**send, "_xsrf": ada.token()}),
    ]
    for headers, fields in strange:
        reply = ada.session.post(url, data=fields, headers=headers, timeout=30)
        assert reply.status_code == 403, (headers, fields)
    assert "sent by another page" not in ada.get("candidates/ada/").text
    own = {"Origin": base.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    reply = ada.session.post(url, data={**send, "_xsrf": ada.token()}, headers=own, timeout=30)
    assert reply.status_code == 200
    for each in table.TABLE:
        assert each.method in ("GET", "POST")


def test_a_cookie_that_was_changed_opens_nothing(afar: tuple[Course, str], ada: Client) -> None:
    _, base = afar
    (cookie,) = [each for each in ada.session.cookies if each.name == "worksample-session"]
    value = str(cookie.value)
    for changed in (value[:-2] + "00", value.replace("|", ""), "x", "2|1:0|", ""):
        stranger = Client(base)
        stranger.session.cookies.set("worksample-session", changed)
        assert stranger.get("candidates/ada/").status_code == 401
    raw = ada.session.get(base, timeout=30)
    assert "session" not in raw.headers.get("Set-Cookie", "")


def test_a_session_is_always_new(afar: tuple[Course, str]) -> None:
    """Who sets somebody's cookie beforehand must not share the session that they begin."""
    course, base = afar
    code = links.issue(course, OPENING, "ada").code
    found = set()
    for _ in range(2):
        client = Client(base)
        reply = client.get(f"link/{code}", allow_redirects=False)
        assert (reply.status_code, reply.headers["Location"]) == (303, "/candidates/ada/")
        said = reply.headers["Set-Cookie"]
        assert "HttpOnly" in said and "SameSite=Lax" in said  # noqa: PT018
        found.add(said)
    assert len(found) == 2


# ---- what strangers try ----


def test_guessing_is_slowed_down_and_a_good_link_still_works_elsewhere(
    afar: tuple[Course, str],
) -> None:
    course, base = afar
    client = Client(base)
    codes = [client.get(f"link/{'A' * 42}{n}").status_code for n in range(6)]
    assert codes == [403] * 4 + [429] * 2
    assert "too often" in client.get(f"link/{'B' * 43}").text
    ada = links.holder(course, "ada")
    assert ada and candidate(base, course, ada)  # noqa: PT018
    tries = [client.post("sign-in", {"name": "eve", "password": "no"}) for _ in range(4)]
    assert [each.status_code for each in tries] == [403, 403, 403, 429]
    assert member(base, "grace").get("team/").status_code == 200


def test_a_bucket_fills_again_and_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [0.0]
    bucket = Bucket(2, 10, clock=lambda: at[0])
    assert [bucket.take("a") for _ in range(3)] == [True, True, False]
    assert bucket.take("b")
    at[0] = 5.0
    assert [bucket.take("a") for _ in range(2)] == [True, False]
    monkeypatch.setattr("worksample.exchange.rates.MOST_KEYS", 3)
    for number in range(50):
        bucket.take(str(number))
    assert len(bucket._left) <= 3


def test_pages_forbid_what_they_do_not_need(afar: tuple[Course, str], ada: Client) -> None:
    course, _base = afar
    for path in ("", "candidates/ada/", f"candidates/ada/{TINY}/", "nothing", "team/"):
        reply = ada.get(path)
        assert reply.headers["Content-Security-Policy"] == POLICY
        assert "unsafe" not in POLICY
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Cache-Control"] == "no-store"
        assert "Server" not in reply.headers
        assert not re.search(r"<script|\son\w+=|style=|javascript:", reply.text)
    book = ada.get(f"candidates/ada/{TINY}/files/{TINY}.ipynb")
    assert book.content == notebook_of(course, "ada")
    assert book.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(ada.get("api/me").text)["name"] == "ada"


def test_what_is_taken_is_taken_whole(afar: tuple[Course, str], ada: Client) -> None:
    course, _ = afar
    book = answered(notebook_of(course, "ada"))
    files = {f"{TINY}/{TINY}.ipynb": book, f"{TINY}/more/notes.md": "ä".encode()}
    first = ada.submit("ada", TINY, zipped(files))
    again = ada.submit("ada", TINY, zipped(files, zipfile.ZIP_STORED))
    assert (first.status_code, first.json()["new"], again.json()["new"]) == (200, True, False)
    assert first.json()["digest"] == again.json()["digest"]
    assert set(first.json()["files"]) == {f"{TINY}.ipynb", "more/notes.md"}
    assert attempts(course) == 1
    number = first.json()["number"]
    assert first.json()["digest"] in ada.get(f"candidates/ada/{TINY}/receipts/{number}").text
