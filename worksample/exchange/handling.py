"""HTTP: from a request to one line of the table, and from its answer to bytes. Denies by default.

Everything that protects the service as a whole is here, once: who may ask, from which pages a form
may come, how large a body may be while it is read, what browsers are told to forbid.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

from tornado import httputil
from tornado.web import HTTPError, RequestHandler, stream_request_body

from worksample import disk, errors
from worksample.errors import WorksampleError
from worksample.exchange import identity as identities
from worksample.exchange import partners
from worksample.exchange.asking import Ask, Endpoint, Reply, Service
from worksample.exchange.identity import Identity, Seen, Sessions
from worksample.exchange.people import Person
from worksample.exchange.rates import Bucket
from worksample.exchange.tables import opened
from worksample.records.tables import Audit

log = logging.getLogger("worksample.exchange")

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # not `no-referrer`: forms would then say that they come from nowhere
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
_STATUS: tuple[tuple[type[WorksampleError], int], ...] = (
    (errors.TooOften, 429),
    (errors.LinkError, 403),
    (errors.CandidateError, 404),
    (errors.SittingError, 409),
    (errors.FeedbackError, 409),
    (errors.RatingError, 409),
    (errors.SubmissionError, 422),
    (errors.AccountError, 422),
)
# what these say to do is said to whoever asks
_FOR_EVERYBODY = (errors.LinkError, errors.TooOften, errors.SittingError, errors.UploadError)
MEMORY = 2**20  # of a body; the rest of it waits on disk
MAX_FIELDS = 200


class Refused(HTTPError):
    """A request that is not answered, with words for who sent it."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(status, words.replace("%", "%%"))
        self.words = words


@stream_request_body
class Handler(RequestHandler):
    """Answers every request of one path by its lines of the table."""

    def initialize(
        self,
        endpoints: Mapping[str, Endpoint],
        service: Service,
        identity: Identity,
        executor: Executor,
        rate: Bucket,
    ) -> None:
        self.endpoints, self.service, self.identity = endpoints, service, identity
        self.executor, self.rate = executor, rate
        self.endpoint: Endpoint | None = None
        self.who = Seen(None, "")
        self.spool: IO[bytes] | None = None
        self.received = 0
        self.is_read = False

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Security-Policy", POLICY)
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def check_xsrf_cookie(self) -> None:
        """Ours is checked once the body has been read (:meth:`_check_form`)."""

    async def prepare(self) -> None:
        self.endpoint = self.endpoints.get(self.request.method or "")
        if self.endpoint is None:
            raise Refused(405, "this cannot be done here")
        self._check_rate(self.request.remote_ip)
        self.who = await (self._partner() if self._for_partners else self.identity.seen(self))
        self._check_rate(f"as {self.who.person.name}" if self.who.person else None)
        await self._check_allowed(self.endpoint)
        if self.request.method == "POST":
            self._check_origin()
            self._check_length(self.endpoint.limit)
            self.spool = tempfile.SpooledTemporaryFile(MEMORY)  # noqa: SIM115 (on_finish)

    def data_received(self, chunk: bytes) -> None:
        if self.spool is None or self.endpoint is None:
            return  # it was refused already
        self.received += len(chunk)
        if self.received <= self.endpoint.limit:
            self.spool.write(chunk)
        elif not self._finished:
            refused = Refused(413, _too_large(self.endpoint.limit))
            self.send_error(413, exc_info=(Refused, refused, None))

    async def get(self, **named: str) -> None:
        await self._answer(named)

    async def post(self, **named: str) -> None:
        await self._answer(named)

    def on_finish(self) -> None:
        if self.spool is not None:
            self.spool.close()

    # ---- who may ----

    @property
    def _for_partners(self) -> bool:
        return self.endpoint is not None and self.endpoint.for_partners

    async def _partner(self) -> Seen:
        """The tracking system whose key this request bears; a browser's session is nobody's."""
        address = self.request.remote_ip or ""
        if self.service.failed_passwords.is_empty(address):
            raise Refused(429, "that was tried too often; wait some minutes")
        header = self.request.headers.get("Authorization", "")
        loop = asyncio.get_running_loop()
        course = self.service.course
        found = await loop.run_in_executor(self.executor, partners.who, course, header)
        if found is None:
            if header:  # who bears none has not tried one
                self.service.failed_passwords.take(address)
            return Seen(None, "")
        return Seen(Person(found.name, "partner"), "")

    def _check_rate(self, key: str | None) -> None:
        # tornado knows no address of who comes through a Unix socket
        if key not in (None, "", "0.0.0.0") and not self.rate.take(str(key)):
            raise Refused(429, "that was too much at once; wait a minute")

    async def _check_allowed(self, endpoint: Endpoint) -> None:
        person, candidate = self.who.person, self.path_kwargs.get("candidate")
        if endpoint.allows(person, candidate):
            return
        if person is None:
            raise Refused(401, "sign in first")
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self.executor, self._note_refusal, endpoint, candidate)
        # whether there is somebody of that name is nobody's business
        raise Refused(404, "there is no such page")

    def _note_refusal(self, endpoint: Endpoint, candidate: str | None) -> None:
        person = self.who.person
        log.warning("refused: %s asked %s", person, endpoint.path)
        row = Audit(
            assignment="",
            candidate=(candidate or "")[:128],
            actor=person.name if person else "",
            action="refused",
            detail={"path": endpoint.path, "method": endpoint.method},
        )
        opened(self.service.course).add(row)

    def _check_origin(self) -> None:
        """A form of another site, also of a neighbour below the same domain, is none of ours."""
        site = self.request.headers.get("Sec-Fetch-Site", "same-origin")
        origin = self.request.headers.get("Origin")
        if site not in ("same-origin", "none") or (
            origin is not None and urlsplit(origin).netloc != self.request.host
        ):
            raise Refused(403, "this form was sent from another site")

    def _check_length(self, limit: int) -> None:
        said = self.request.headers.get("Content-Length", "0")
        if said.isdecimal() and int(said) > limit:
            raise Refused(413, _too_large(limit))
        # a body that does not say how long it is is told so at `limit`, and cut off here
        connection: Any = self.request.connection
        connection.set_max_body_size(limit + MEMORY)

    # ---- the body ----

    def _parsed(self, endpoint: Endpoint) -> tuple[dict[str, str], dict[str, bytes]]:
        """Fields and uploads; a field that is there twice has its last value."""
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        assert self.spool is not None
        if endpoint.raw:
            if kind not in ("application/zip", "application/octet-stream"):
                raise Refused(415, "send a zip: Content-Type: application/zip")
            return {}, {}
        self.spool.seek(0)
        body = self.spool.read()
        if kind == "application/json":
            return _json_fields(body), {}
        if kind not in ("application/x-www-form-urlencoded", "multipart/form-data") and body:
            raise Refused(415, "send a form, or JSON")
        fields: dict[str, list[bytes]] = {}
        files: dict[str, list[httputil.HTTPFile]] = {}
        try:
            httputil.parse_body_arguments(
                self.request.headers.get("Content-Type", ""), body, fields, files
            )
            if len(fields) > MAX_FIELDS:
                raise ValueError("too many fields")
            text = {name: values[-1].decode("utf-8") for name, values in fields.items()}
        except (ValueError, httputil.HTTPInputError) as error:
            raise Refused(400, "this form cannot be read") from error
        sent = [each for group in files.values() for each in group if each["filename"]]
        return text, {each["filename"]: each["body"] for each in sent}

    def _check_form(self, fields: Mapping[str, str]) -> None:
        if not self.who.session:
            return  # a token of its own, which no browser adds by itself
        sent = fields.get("_xsrf") or self.request.headers.get("X-XSRFToken", "")
        if not hmac.compare_digest(sent.encode(), self._form_token().encode()):
            raise Refused(403, "this form is too old, or not one of ours: go back and reload it")

    def _form_token(self) -> str:
        return identities.form_token(self.service.course, self.who.session)

    # ---- the answer ----

    async def _answer(self, named: Mapping[str, str]) -> None:
        endpoint, self.is_read = self.endpoint, True
        assert endpoint is not None
        fields, uploads = ({}, {}) if self.spool is None else self._parsed(endpoint)
        if self.spool is not None:
            self._check_form(fields)
        query = {
            name: values[-1].decode("utf-8", "replace")
            for name, values in self.request.query_arguments.items()
        }
        with disk.scratch("asked") as scratch:
            body = self._raw_body(endpoint, Path(scratch))
            ask = Ask(
                self.service,
                self.who.person,
                named=named,
                form=fields,
                uploads=uploads,
                query=query,
                body=body,
                address=self.request.remote_ip or "",
                form_token=self._form_token() if self.who.session else "",
                session=self.who.session,
            )
            begun = time.monotonic()
            loop = asyncio.get_running_loop()
            reply = await loop.run_in_executor(self.executor, endpoint.call, ask)
            log.debug("%s %.3f s", endpoint.path, time.monotonic() - begun)
        self._send(reply)

    def _raw_body(self, endpoint: Endpoint, scratch: Path) -> Path | None:
        if not endpoint.raw or self.spool is None:
            return None
        path = scratch / "body"
        self.spool.seek(0)
        with path.open("wb") as copy:
            while piece := self.spool.read(MEMORY):
                copy.write(piece)
        return path

    def _send(self, reply: Reply) -> None:
        if isinstance(self.identity, Sessions):
            if reply.begin:
                self.identity.begin(self, reply.begin)
            if reply.end:
                self.identity.forget(self)
        self.set_status(reply.status)
        self.set_header("Content-Type", reply.kind)
        if reply.policy:
            self.set_header("Content-Security-Policy", reply.policy)
        if reply.is_public:
            self.set_header("Cross-Origin-Resource-Policy", "cross-origin")
        if reply.location:
            self.set_header("Location", reply.location)
        if reply.filename:
            self.set_header("Content-Disposition", _attachment(reply.filename))
        self.finish(reply.body)

    # ---- what went wrong ----

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Words for a person, or for a program; never a traceback."""
        if not self.is_read:
            # tornado hangs up on whoever is answered before all was read, and does not say so
            self.set_header("Connection", "close")
        error = kwargs.get("exc_info", (None, None, None))[1]
        words, do = _told(error, status_code, self.who.person)
        is_data = self.endpoint is not None and self.endpoint.is_data
        if status_code == 401 and self._for_partners:
            self.set_header("WWW-Authenticate", 'Basic realm="worksample"')
        if is_data or self.request.method not in ("GET", "POST"):
            self.set_header("Content-Type", "application/json")
            self.finish(json.dumps({"error": words, "do": do}))
            return
        way_in = self.identity.way_in(self) if status_code == 401 else None
        if way_in:
            self.set_status(302)
            self.set_header("Location", way_in)
            self.finish()
            return
        ask = Ask(self.service, self.who.person, form_token=self._form_token())
        template = "sign-in" if status_code == 401 else "refused"
        page = ask.page(template, words[:1].upper() + words[1:], status_code, words=words, do=do)
        self.set_header("Content-Type", page.kind)
        self.finish(page.body)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, WorksampleError):
            status_code = _status(error)
        super().send_error(status_code, **kwargs)

    def shown_path(self) -> str:
        """The path for a log: without the code of a link in it, which is a secret."""
        return _loggable(self.request.path)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if isinstance(value, WorksampleError | HTTPError):
            ours = isinstance(value, WorksampleError) and _status(value) >= 500
            log.log(
                logging.ERROR if ours else logging.INFO,
                "%s %s: %s",
                self.request.method,
                self.shown_path(),
                value,
            )
        else:
            super().log_exception(typ, value, tb)


class NotFound(Handler):
    """What is not in the table."""

    async def prepare(self) -> None:
        self._check_rate(self.request.remote_ip)
        raise Refused(404, "there is no such page")


def _loggable(path: str) -> str:
    head, found, _ = path.partition("/link/")
    return f"{head}{found}…" if found else path


def _status(error: WorksampleError) -> int:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def _told(error: object, status: int, person: Person | None) -> tuple[str, str]:
    """What is said, and what to do: commands and files are the team's affair."""
    if isinstance(error, Refused):
        return error.words, ""
    ours = person is not None and not person.is_candidate
    if isinstance(error, WorksampleError) and (ours or status < 500):
        if ours or isinstance(error, _FOR_EVERYBODY):
            return error.what, error.do or ""
        return error.what, "nothing was taken; what you have saved is still there"
    if status == 404:
        return "there is no such page", ""
    if status < 500:
        return "this request cannot be understood", ""
    return "something of ours went wrong; nothing that was acknowledged is lost", "try it again"


def _too_large(limit: int) -> str:
    size = f"{limit // 2**20} MB" if limit >= 2**20 else f"{limit // 2**10} kB"
    return f"this is larger than {size}, and was not taken"


def _json_fields(body: bytes) -> dict[str, str]:
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Refused(400, "this is not JSON") from None
    if not isinstance(value, dict) or len(value) > MAX_FIELDS:
        raise Refused(400, "send one JSON object")
    return {
        str(name): each if isinstance(each, str) else json.dumps(each)
        for name, each in value.items()
    }


def _attachment(filename: str) -> str:
    """RFC 6266: a plain name for everybody, the whole one for those who can."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename)}"
