"""The service as a tornado application, and its process.

``python -m worksample.exchange`` runs it: under JupyterHub where that started it, else by itself
with the plain door and its own sessions. Many requests are answered beside each other by threads;
what is handed in is written by one at a time.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import re
import signal
import sys
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from tornado.httpserver import HTTPServer
from tornado.web import Application

from worksample.course import Course
from worksample.errors import WorksampleError
from worksample.exchange import absence, links, outbox, saved
from worksample.exchange.asking import MB, Service
from worksample.exchange.drawing import Drawer
from worksample.exchange.handling import Handler, NotFound
from worksample.exchange.identity import Identity, Sessions
from worksample.exchange.orders import Clerk
from worksample.exchange.pages import Pages
from worksample.exchange.queueing import Overlooked
from worksample.exchange.rates import Bucket
from worksample.exchange.table import by_path, pattern
from worksample.exchange.tables import opened

log = logging.getLogger("worksample.exchange")

THREADS = 4
COLLECT_SECONDS = 10.0
ORDER_SECONDS = 5.0
HEADER_SECONDS, BODY_SECONDS = 20.0, 300.0  # after which a slow client is hung up on


@dataclass(frozen=True)
class Rates:
    """How much one address, or one name, may try: tries, and in how many seconds."""

    requests: tuple[float, float] = (600, 60)  # an office may come from one address
    failed_links: tuple[float, float] = (20, 60)
    failed_passwords: tuple[float, float] = (30, 300)
    tried_names: tuple[float, float] = (10, 300)


def make_app(
    course: Course,
    *,
    prefix: str = "/",
    identity: Identity | None = None,
    rates: Rates | None = None,
    executor: Executor | None = None,
) -> Application:
    """The service for a course.

    Args:
        prefix: what its addresses begin with; begins and ends with a slash.
        identity: who tells who is asking; None for the service's own sessions.
        rates: how often strangers may try.
        executor: where requests are answered; by default threads of its own.
    """
    opened(course)  # the tables are made before anybody asks
    identity = identity or Sessions(course, prefix)
    rates = rates or Rates()
    service = Service(
        course,
        prefix,
        Pages(),
        identity.homes,
        identity.way_out,
        Bucket(*rates.failed_links),
        Bucket(*rates.failed_passwords),
        Bucket(*rates.tried_names),
        Drawer(course),
    )
    shared: dict[str, Any] = {
        "service": service,
        "identity": identity,
        "executor": executor or ThreadPoolExecutor(THREADS, "asked"),
        "rate": Bucket(*rates.requests),
    }
    routes: list[Any] = [
        (f"{re.escape(prefix)}{pattern(path)}", Handler, {"endpoints": lines, **shared})
        for path, lines in by_path().items()
    ]
    routes += [(f"{re.escape(prefix)}{path}", *rest) for path, *rest in identity.handlers]
    return Application(
        routes,
        default_handler_class=NotFound,
        default_handler_args={"endpoints": {}, **shared},
        cookie_secret=course.secret(),
        serve_traceback=False,
        # of what JupyterHub lends us; forms of ours are bound to the session
        xsrf_cookie_kwargs={"secure": identity.way_out.startswith("https:")},
        log_function=_log_request,
    )


def serve(application: Application, *, behind_proxy: bool) -> HTTPServer:
    """A server for it; it listens where its caller has it listen.

    Args:
        behind_proxy: believe the address that a proxy of ours adds. Without one, it would be a
            stranger's word.
    """
    return HTTPServer(
        application,
        xheaders=behind_proxy,
        idle_connection_timeout=HEADER_SECONDS,
        body_timeout=BODY_SECONDS,
        max_header_size=32 * 2**10,
        max_body_size=MB,  # until a line of the table allows more
        chunk_size=64 * 2**10,
    )


async def collect_for_ever(course: Course, homes: bool, executor: Executor | None = None) -> None:
    """Hand in what is saved of whoever's clock has ended, every few seconds."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            for said in await loop.run_in_executor(executor, saved.collect_ended, course, homes):
                log.info("the time has ended: %s", said)
        except (WorksampleError, OSError):
            log.exception("what was saved could not be collected; it is tried again")
        await asyncio.sleep(COLLECT_SECONDS)


async def answer_for_ever(course: Course) -> None:
    """Say that candidates are answered; what they lost before is given back."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            for said in await loop.run_in_executor(None, absence.answers, course):
                log.warning("%s", said)
        except (WorksampleError, OSError, SQLAlchemyError):
            log.exception("what was lost could not be given back; it is tried again")
        await asyncio.sleep(COLLECT_SECONDS)


async def queue_for_ever(course: Course, executor: Executor | None = None) -> None:
    """Queue what was handed in and is neither graded nor queued, every few seconds."""
    loop = asyncio.get_running_loop()
    overlooked = Overlooked(course)
    while True:
        try:
            for said in await loop.run_in_executor(executor, overlooked.queue):
                log.info("queued: %s", said)
        except (WorksampleError, OSError, SQLAlchemyError):
            log.exception("what was handed in could not be queued; it is tried again")
        await asyncio.sleep(COLLECT_SECONDS)


async def clerk_for_ever(course: Course, executor: Executor | None = None) -> None:
    """Do what tracking systems have ordered, and tell them how far it is."""
    loop = asyncio.get_running_loop()
    clerk = Clerk(course, functools.partial(outbox.rows, course))

    def work() -> list[str]:
        clerk.work()
        return outbox.send(course)

    while True:
        try:
            for said in await loop.run_in_executor(executor, work):
                log.info("%s", said)
        except (WorksampleError, OSError, SQLAlchemyError):
            log.exception("what was ordered could not be done; it is tried again")
        await asyncio.sleep(ORDER_SECONDS)


def _log_request(handler: Any) -> None:
    # no address of a request is logged as it is: a code would stand in the log
    shown = handler.shown_path() if isinstance(handler, Handler) else type(handler).__name__
    log.debug("%s %s %d", handler.request.method, shown, handler.get_status())


def main(course: Course, port: int, address: str = "127.0.0.1", public: str = "") -> None:
    """Serve the plain door until a signal ends it.

    Args:
        public: the address that people use, of a proxy in front of it; empty where there is none.
    """
    asyncio.run(_serve(course, port, address, public))


async def _serve(course: Course, port: int, address: str, public: str) -> None:
    server = serve(make_app(course), behind_proxy=bool(public))
    server.listen(port, address=address)
    base = public or f"http://{address}:{port}/"
    links.announce(course, f"{base.rstrip('/')}/link/")
    print(f"the exchange answers at {base}", file=sys.stderr, flush=True)
    await until_ended(server, course, homes=False)


async def until_ended(server: HTTPServer, course: Course, homes: bool) -> None:
    """Answer, and collect what is saved at the end of everybody's time, until a signal comes."""
    beside = [
        asyncio.create_task(collect_for_ever(course, homes)),
        asyncio.create_task(queue_for_ever(course)),
        asyncio.create_task(clerk_for_ever(course)),
    ]
    if not homes:  # where there are homes, the keeper asks the hub too
        beside.append(asyncio.create_task(answer_for_ever(course)))
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ended.set)
    await ended.wait()
    for task in beside:
        task.cancel()
    server.stop()
    await server.close_all_connections()
