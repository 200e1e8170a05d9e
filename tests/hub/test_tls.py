"""With a certificate: the real proxy, hub, exchange and a candidate's server, asked by names that
are checked as a browser checks them."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import re
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.hub import site as hosted
from tests.hub.site import Site, a_course, free_port, served
from tests.processes import until
from worksample.course import Course
from worksample.errors import HostingError
from worksample.hub import certificate, doctor
from worksample.hub.certificate import Files
from worksample.hub.places import Places
from worksample.hub.serving import Site as Served

HOST = "hub.localhost"
NAMES = (HOST, f"*.{HOST}")
_TODAY = datetime.datetime.now(datetime.UTC)


def self_signed(
    folder: Path, names: tuple[str, ...] = NAMES, days: tuple[float, float] = (-1, 90)
) -> Files:
    """A certificate that is its own authority, and its key, for so many days from today."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test's")])
    begins, ends = (_TODAY + datetime.timedelta(days=each) for each in days)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = (
        builder.not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    files = Files(folder / "certificate.pem", folder / "key.pem")
    files.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.fixture
def below_localhost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Browsers take these names for this machine; a resolver of the system's need not."""
    resolve = socket.getaddrinfo

    def here(host: Any, *rest: Any, **named: Any) -> Any:
        local = str(host).endswith(".localhost")
        return resolve("127.0.0.1" if local else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", here)


@pytest.fixture
def secure(built_once: Path, tmp_path: Path, below_localhost: None) -> Iterator[tuple[Site, Files]]:
    course = a_course(tmp_path / "course", built_once)
    port, files = free_port(), self_signed(tmp_path / "tls")
    where = ("--url", f"https://{HOST}:{port}", "--listen", f"https://127.0.0.1:{port}")
    with served(
        course, port, *where, "--certificate", str(files.certificate), "--key", str(files.key)
    ) as site:
        yield site, files


@pytest.mark.slow
@pytest.mark.skipif(bool(hosted._no_node()), reason="no proxy can run here")
def test_a_candidate_works_over_tls_and_a_renewed_certificate_is_taken(
    secure: tuple[Site, Files],
) -> None:
    """Every name is checked; cookies go nowhere without TLS; a kernel's websocket is one of TLS."""
    site, files = secure
    address = f"https://{HOST}:{site.port}"
    session = requests.Session()
    session.trust_env = False  # the machine may name other authorities in its variables
    session.verify = str(files.certificate)
    link = site.link("bob").replace("http://", "https://")
    page = session.get(link, timeout=120)
    assert page.status_code == 200, page.text
    reply = session.get(f"{address}/hub/spawn/bob", timeout=240)
    own = f"https://bob.{HOST}:{site.port}/user/bob"

    def started() -> bool:
        return session.get(f"{own}/api/status", timeout=120).status_code == 200

    # the way to a server's own cookie leads through the hub, as a browser is led
    until(lambda: session.get(f"{own}/lab", timeout=240).url.startswith(own), 240)
    until(started, 240)
    exchange = f"https://exchange--service.{HOST}:{site.port}/services/exchange/"
    assert session.get(exchange, timeout=60).status_code == 200
    assert reply.url.startswith("https://")
    pages = page.text + reply.text
    assert "Your workspace is starting" in pages
    assert 'id="stop-server-btn"' not in pages, "a candidate is to wait, not to wonder"
    cookies: list[Any] = list(session.cookies)
    assert cookies
    assert [(each.name, each.domain) for each in cookies if not each.secure] == []
    entitle = {each.name for each in cookies} - {"jupyterhub-session-id", "_xsrf"}
    assert len(entitle) >= 3, "the hub's, the server's, the exchange's"
    assert all(name.startswith("__Host-") for name in entitle), entitle
    assert asyncio.run(_says_hello(session, own, files)) == "hello\n"
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(f"http://{HOST}:{site.port}/hub/health", timeout=60)

    found = {each.name: each for each in doctor.examine(site.course)}
    assert found["certificate"].state == "ok"
    assert f"for {HOST}, *.{HOST}" in found["certificate"].saw

    kept = site.part("hub"), site.part("proxy")
    first = files.certificate.read_bytes()
    self_signed(files.certificate.parent)
    assert files.certificate.read_bytes() != first
    os.kill(site.server.pid, signal.SIGHUP)
    until(lambda: _shows(site) == _der(files), 120)
    assert not any(each.is_running() and each.status() != "zombie" for each in kept)
    until(started, 120)  # the same session, the same server


def _shows(site: Site) -> bytes:
    try:
        pem = ssl.get_server_certificate((HOST, site.port), timeout=10)
    except OSError:
        return b""
    return ssl.PEM_cert_to_DER_cert(pem)


def _der(files: Files) -> bytes:
    return ssl.PEM_cert_to_DER_cert(files.certificate.read_text())


async def _says_hello(session: requests.Session, own: str, files: Files) -> str:
    """What a kernel of the candidate's puts out, over its websocket."""
    xsrf = {"X-XSRFToken": session.cookies.get("_xsrf", domain=urlsplit(own).hostname) or ""}
    made = session.post(f"{own}/api/kernels", json={}, headers=xsrf, timeout=120)
    assert made.status_code == 201, made.text
    request = requests.Request("GET", own, cookies=session.cookies)
    ask = HTTPRequest(
        f"{own.replace('https', 'wss')}/api/kernels/{made.json()['id']}/channels",
        headers={"Cookie": str(session.prepare_request(request).headers["Cookie"])},
        ssl_options=ssl.create_default_context(cafile=str(files.certificate)),
        request_timeout=120,
    )
    connection = await websocket_connect(ask)
    header = {"msg_id": "1", "msg_type": "execute_request", "username": "", "session": "1"}
    content = {"code": "print('hello')", "silent": False, "store_history": False}
    await connection.write_message(
        json.dumps(
            {
                **{"header": {**header, "version": "5.3"}, "parent_header": {}, "metadata": {}},
                **{"channel": "shell", "content": content},
            }
        )
    )
    while True:
        message = json.loads(await connection.read_message() or "{}")
        if message["msg_type"] == "stream":
            connection.close()
            return str(message["content"]["text"])


# ---- certificates that browsers would refuse ----


@pytest.mark.parametrize(
    ("names", "days", "words"),
    [
        ((HOST,), (-1, 90), r"not for \*\.hub\.localhost"),
        ((f"*.{HOST}",), (-1, 90), r"not for hub\.localhost"),
        (("*.localhost", HOST), (-1, 90), r"not for \*\.hub\.localhost"),
        ((), (-1, 90), "for no name"),
        (NAMES, (-90, -1), "has expired"),
        (NAMES, (1, 90), "holds only from"),
    ],
)
def test_what_browsers_refuse_is_refused_before_it_is_served(
    tmp_path: Path, names: tuple[str, ...], days: tuple[float, float], words: str
) -> None:
    files = self_signed(tmp_path, names, days)
    with pytest.raises(HostingError, match=words):
        certificate.checked(files, f"https://{HOST}:8443")
    assert certificate.checked(self_signed(tmp_path), f"https://{HOST}:8443").names == NAMES


def test_a_key_of_another_certificate_is_none(tmp_path: Path) -> None:
    one, other = self_signed(tmp_path / "one"), self_signed(tmp_path / "other")
    for wrong in (replace(one, key=other.key), replace(one, certificate=tmp_path / "none")):
        with pytest.raises(HostingError, match="cannot be used with this key"):
            wrong.seen()


def test_a_key_that_is_encrypted_is_refused_and_no_passphrase_asked_for(tmp_path: Path) -> None:
    files = self_signed(tmp_path)
    plain = serialization.load_pem_private_key(files.key.read_bytes(), None)
    secret = serialization.BestAvailableEncryption(b"a passphrase")
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    files.key.write_bytes(plain.private_bytes(*form, secret))
    with pytest.raises(HostingError, match="the key is encrypted"):
        files.seen()


def test_a_certificate_wants_addresses_of_tls(tmp_path: Path) -> None:
    files = self_signed(tmp_path)
    assert Served.secure("https://a.example", "", files).listen == "https://0.0.0.0:443"
    for address, listen in (("http://a.example", ""), ("", ""), ("https://a", "http://b:80")):
        with pytest.raises(HostingError, match="no https://"):
            Served.secure(address, listen, files)


# ---- what doctor says ----


def state(course: Course) -> tuple[str, str]:
    (found,) = [each for each in doctor.examine(course) if each.name == "certificate"]
    return found.state, found.saw


def test_doctor_knows_its_names_and_dates(course: Course, tmp_path: Path) -> None:
    places = Places(course)
    places.state.mkdir(parents=True)
    (places.state / "address").write_text(f"https://{HOST}:8443")
    for names, days, wanted, words in (
        (NAMES, (-1.0, 90.0), "ok", "until"),
        (NAMES, (-1.0, 9.0), "weaker", "until"),
        (NAMES, (-9.0, -1.0), "missing", "expired"),
        ((HOST,), (-1.0, 90.0), "missing", r"not for *."),
    ):
        certificate.remember(places, self_signed(tmp_path / "tls", names, days))
        found, saw = state(course)
        assert found == wanted
        assert words in saw
    certificate.remember(places, Files(tmp_path / "gone", tmp_path / "gone"))
    assert state(course)[0] == "missing"


def test_doctor_asks_the_server_in_front_what_it_shows(
    course: Course, tmp_path: Path, below_localhost: None
) -> None:
    places = Places(course)
    places.state.mkdir(parents=True)
    certificate.remember(places, None)
    files = self_signed(tmp_path / "tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        (places.state / "address").write_text(f"https://{HOST}:{port}")

        def answer() -> None:
            connection, _ = listening.accept()
            with context.wrap_socket(connection, server_side=True):
                pass

        thread = threading.Thread(target=answer)
        thread.start()
        found, saw = state(course)
        thread.join()
    assert found == "ok"
    assert re.search(rf"what https://{HOST}:{port} shows: for {HOST}", saw)
    found, saw = state(course)  # nobody listens there any more
    assert found == "weaker"
    assert "cannot be asked" in saw
