"""JupyterHub's seam for servers: each candidate's JupyterLab in a sandbox of its own."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
from jupyterhub.spawner import Spawner, SpawnException
from jupyterhub.utils import wait_for_http_server
from traitlets import Float, Instance, Unicode, default

from worksample.course import Course
from worksample.errors import WorksampleError
from worksample.hub import boxes, guard, homes, settings, work
from worksample.hub.inside import DISK_MB, PAGES
from worksample.hub.places import SHARED_INSIDE, Places, url
from worksample.limits import Limits

MB = 1 << 20
LOG_LINES = 5
OURS = ("sandbox", "capacity")  # reasons for which a clock stands meanwhile


def wanted(course: Course, name: str) -> work.Work:
    """What the server is for.

    Raises:
        SpawnException: there is nothing for this person to work on.
    """
    todo = work.of(course, name)
    if todo is None:
        raise SpawnException(
            "There is no work for you here: your invitation has ended, or you are one of the "
            "team, whose pages are elsewhere.",
            reason="no work",
            status_code=403,
        )
    return todo


def not_started() -> SpawnException:
    """What a candidate is told where starting failed; the log says why."""
    return SpawnException(
        "Your workspace could not be started. This is our fault, and no time of yours has "
        "passed. Please tell whoever invited you.",
        reason="sandbox",
        status_code=500,
    )


class BoxSpawner(Spawner):
    """Starts a sandbox, knows it again after a restart of the hub, and ends all of it.

    Attributes:
        box: the sandbox; None where there is none.
    """

    course = Unicode(help="the course's folder").tag(config=True)
    pages = Unicode(help="where browsers find the exchange's pages").tag(config=True)
    cores = Float(
        float(min(2, os.cpu_count() or 1)),
        help="processors that one candidate may use; 0: all there are",
    ).tag(config=True)
    room_mb = Float(2048, help="free space below which no server is started").tag(config=True)
    box = Instance(boxes.Running, allow_none=True)
    limits = Instance(Limits, args=())

    @default("env_keep")
    def _nothing_of_the_hub(self) -> list[str]:
        return []

    @property
    def places(self) -> Places:
        return Places(Course(Path(self.course)))

    # --- JupyterHub asks -----------------------------------------------------------------------

    async def start(self) -> str:
        """Start the sandbox and wait until its server answers; its address.

        Raises:
            SpawnException: it is not to be started, or did not start; the words are for the
                candidate.
        """
        try:
            address = await self._started()
        except Exception as error:
            # what fails inside may be of their own making: it stops no clock
            if not isinstance(error, SpawnException) or error.reason in OURS:
                await asyncio.to_thread(work.hold, self.places.course, self.user.name)
            raise
        await asyncio.to_thread(work.let_go, self.places.course, self.user.name)
        return address

    async def _started(self) -> str:
        try:
            plan = await asyncio.to_thread(self._plan)
            # one that a hub had started when it was killed, before it could write that down
            await asyncio.to_thread(boxes.end_remembered, self.places.boxes, plan.name)
            self.box = await asyncio.to_thread(boxes.start, plan)
        except WorksampleError as error:
            self.log.error("The sandbox of %s was not started: %s", self.user.name, error)
            raise not_started() from error
        boxes.remember(self.places.boxes, self.box)
        self.limits = plan.limits
        guard.watch(self.box, plan.home, plan.limits)
        self._connect()
        await self._answer()
        return url(plan.listen)

    async def poll(self) -> int | None:
        if self.box is None:
            return 0
        return None if self.box.alive() else 1

    async def stop(self, now: bool = False) -> None:
        if self.box is not None:
            await asyncio.to_thread(self.box.kill)
            self._forget()

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        yield {"progress": 20, "message": "Your workspace is being made …"}
        await asyncio.sleep(2)
        yield {"progress": 60, "message": "JupyterLab is starting; this takes a few seconds …"}

    # --- what outlives the hub -----------------------------------------------------------------

    def get_state(self) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state()
        if self.box is not None:
            state |= {"box": self.box.record(), "limits": dataclasses.asdict(self.limits)}
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        if "box" in state:
            self.box = boxes.Running.read(state["box"])
            self._connect()
            self.limits = Limits(**state["limits"])
            guard.watch(self.box, self.places.homes / self.user.name, self.limits)

    def clear_state(self) -> None:
        super().clear_state()
        self._forget()

    def _forget(self) -> None:
        if self.box is not None:
            guard.forget(self.box)
            if not self.box.alive():
                self.box.group.remove()
            boxes.forget(self.places.boxes, self.box.name)
            self.places.server_socket(self.user.name).unlink(missing_ok=True)
        self.box = None

    # --- how it is done ------------------------------------------------------------------------

    def _plan(self) -> boxes.Plan:
        places, name = self.places, self.user.name
        todo = wanted(places.course, name)
        if psutil.virtual_memory().available < work.SERVER_MB * MB:
            raise SpawnException(
                "All places are taken at the moment. No time of yours passes; please try again in "
                "some minutes.",
                reason="capacity",
                status_code=503,
            )
        if shutil.disk_usage(places.homes).free < self.room_mb * MB:
            raise WorksampleError("the disk is nearly full", where=str(places.homes))
        home, user = homes.prepare(places, name)
        folder = places.jupyter / ("terminal" if todo.terminal else "plain")
        settings.write(folder, todo.terminal, urlsplit(self.pages).scheme == "https")
        start = f"/lab/tree/{todo.start}" if todo.start else "/lab"
        return boxes.Plan(
            name=name,
            home=home,
            user=user,
            listen=places.server_socket(name),
            shared=places.shared,
            settings=folder,
            log=places.logs / f"{name}.log",
            files=todo.files,
            environment={
                **self.get_env(),
                "JUPYTERHUB_DEFAULT_URL": start,
                DISK_MB: str(todo.limits.disk_mb),
                PAGES: self.pages,
            },
            limits=todo.limits,
            cores=self.cores,
        )

    def get_env(self) -> dict[str, str]:
        environment: dict[str, str] = super().get_env()
        exchange = url(f"{SHARED_INSIDE}/{self.places.exchange_socket.name}")
        return {**environment, "WORKSAMPLE_EXCHANGE": f"{exchange}/services/exchange/"}

    def _connect(self) -> None:
        """Say where the server is: JupyterHub 6.1.1 appends a port to a socket's address."""
        if self.server is not None:
            address = url(self.places.server_socket(self.user.name))
            self.server.connect_url = address + self.server.base_url

    async def _answer(self) -> None:
        """Wait until the server answers, or has ended.

        The socket is there from the start and holds the question until then: nothing is polled.
        """
        question = asyncio.ensure_future(
            wait_for_http_server(f"{self.server.url}api", timeout=self.http_timeout)
        )
        try:
            while not question.done():
                await asyncio.wait({question}, timeout=1)
                if self.box is None or not self.box.alive():
                    raise self._ended()
            await question
        except TimeoutError as error:
            raise self._ended() from error
        finally:
            question.cancel()

    def _ended(self) -> SpawnException:
        log = self.places.logs / f"{self.user.name}.log"
        with contextlib.suppress(OSError):
            said = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
            self.log.error("The server of %s did not start: %s", self.user.name, " | ".join(said))
        return SpawnException(
            "Your workspace did not start. Try it once more; if that does not help, tell whoever "
            "invited you: they can set your clock right. What you saved is kept.",
            reason="ended",
            status_code=500,
        )
