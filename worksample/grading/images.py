"""Build images in a workshop, and drive what they start: builds in, facts and ledgers out.

All builds of an attempt share one workshop, so that a step which one has done is not done again by
the next; what a build leaves running is ended with it. Nothing of a stranger's runs on this side.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from worksample.errors import SandboxFailed
from worksample.grading import exchanging
from worksample.grading.image import Build, Built, Use
from worksample.grading.services import (
    Ask,
    End,
    Ends,
    Exchange,
    Fetch,
    Pause,
    Phase,
    Place,
    Read,
    Ready,
    Request,
    Send,
    ServiceResult,
    Start,
)
from worksample.limits import Budget, Limits
from worksample.sandbox import bases, imaging
from worksample.sandbox.imaging import Image, Running
from worksample.sandbox.inside import turns
from worksample.sandbox.workshop import Workshop

SAID = 4_000
MAX_TRIES = 3  # of a set of builds, as of a service
DISK_MB = 768  # of all layers above the base
PROCESSES = 200  # buildah itself has some thirty threads
ANSWER_BYTES = 1 << 16
_NAME = re.compile(r"[^a-z0-9]+")
_SPENT = "was not tried, because what came before it used up the time for all"


def limits_of(limits: Limits) -> Limits:
    """An attempt's limits, with the room that a build needs; its disk is memory too."""
    return dataclasses.replace(
        limits,
        memory_mb=limits.memory_mb + DISK_MB,
        disk_mb=DISK_MB,
        processes=max(limits.processes, PROCESSES),
    )


def run(
    builds: Iterable[Build], limits: Limits, budget: Budget
) -> tuple[dict[str, Built], dict[str, ServiceResult]]:
    """Build every image and use it; what was built by ``Build.id``, what came by ``Use.id``.

    All of it again, in another workshop, where this machine spoilt it.

    Args:
        budget: what all of them may use together: its seconds and CPU seconds.

    Raises:
        NotGradableYet: this machine cannot build images, or for a fault of ours.
    """
    wanted, usual = tuple(builds), bases.wheels()
    for _ in range(MAX_TRIES - 1):
        with contextlib.suppress(SandboxFailed):
            return _tried(wanted, usual, limits, budget)
    return _tried(wanted, usual, limits, budget)


def _tried(
    builds: Sequence[Build], usual: Mapping[str, bytes], limits: Limits, budget: Budget
) -> tuple[dict[str, Built], dict[str, ServiceResult]]:
    built: dict[str, Built] = {}
    used: dict[str, ServiceResult] = {}
    began = time.monotonic()
    with Workshop(limits, bases.store()) as shop:
        for build in builds:
            left = budget.seconds - (time.monotonic() - began)
            if left <= 0 or shop.cpu_seconds() > budget.cpu_seconds:
                built[build.id] = Built(build.id, error=_SPENT)
                continue
            made = _built(shop, build, usual, min(left, build.seconds))
            built[build.id] = made
            if made.image is None:
                continue
            for use in build.uses:
                used[use.id] = _Driver(shop, made.image, use).carry_out()
    return built, used


def _built(shop: Workshop, build: Build, usual: Mapping[str, bytes], seconds: float) -> Built:
    name = _NAME.sub("-", build.id.lower()).strip("-") or "image"
    index = {**(usual if build.index is None else build.index), **build.more}
    made = imaging.build(shop, name, build.context, index, build.arguments, build.cached, seconds)
    said = made.said[-SAID:]
    if made.image is None:
        why = made.why or "what was built is no image"
        return Built(build.id, said=said, error=why, seconds=made.seconds)
    found = imaging.found(shop, made.image, build.canaries) if build.canaries else []
    return Built(build.id, made.image, tuple(found), said, seconds=made.seconds)


class _Stop(Exception):
    """The rest of a plan is not carried out; says why, as a candidate is told."""


class _Driver:
    """One use of one image; its phases as :mod:`worksample.grading.driving` has them."""

    def __init__(self, shop: Workshop, image: Image, use: Use) -> None:
        self.shop, self.image, self.use = shop, image, use
        self.opened = time.monotonic()
        self.until = self.opened + use.seconds
        self.port = 0
        self.running: Running | None = None
        self.ledger: dict[str, tuple[Exchange, ...]] = {}
        self.ends: dict[str, End] = {}
        self.files: dict[str, Mapping[str, bytes]] = {}
        self.workers: dict[str, int] = {}
        self.ready: list[float] = []
        self.heavy = False
        self.room = exchanging.MAX_KEPT

    def carry_out(self) -> ServiceResult:
        """Do it all; what goes wrong in there is the image's."""
        error, cpu = "", self.shop.cpu_seconds()
        ended = threading.Event()
        weigher = threading.Thread(target=self._weigh, args=(ended,), daemon=True)
        weigher.start()
        try:
            for phase in self.use.phases:
                self._phase(phase)
        except _Stop as stop:
            error = str(stop)
        finally:
            ended.set()
            weigher.join()
            if self.running is not None:
                self.running.close()
            self.shop.clear()
        log = bytes(self.running.log[-SAID:]) if self.running else b""
        return ServiceResult(
            self.use.id,
            not error,
            self.ledger,
            self.ends,
            self.files,
            self.workers,
            tuple(self.ready),
            log.decode("utf-8", "replace"),
            error,
            time.monotonic() - self.opened,
            self.shop.cpu_seconds() - cpu,
        )

    def _weigh(self, ended: threading.Event) -> None:
        while self.use.memory_mb and not ended.wait(0.2):
            running = self.running
            if running is not None and running.memory_mb() > self.use.memory_mb:
                self.heavy = True
                running.signal(9)

    def _phase(self, phase: Phase) -> None:
        """Carry one phase out.

        Raises:
            _Stop: nothing more is to be done.
        """
        if time.monotonic() > self.until:
            raise _Stop("was stopped: it took all the time that it may take")
        if isinstance(phase, Start):
            self._start(phase)
        elif isinstance(phase, Pause):
            time.sleep(min(phase.seconds, max(self.until - time.monotonic(), 0)))
        elif self.running is None:
            raise _Stop("was not started")
        else:
            self._with(self.running, phase)
        if self.heavy:
            raise _Stop(f"was stopped: more than {self.use.memory_mb} MB of memory was in use")
        if self.shop.breach is not None:
            raise _Stop(f"was stopped: {self.shop.breach.detail}")

    def _with(self, running: Running, phase: Phase) -> None:
        match phase:
            case Ready():
                self._await(running, phase)
            case Ask():
                self._ask(phase)
            case Send():
                workers = running.processes()
                if phase.to == "service" or workers:
                    running.signal(phase.number, workers[-1] if phase.to == "worker" else 0)
            case Ends():
                begun = time.monotonic()
                code = running.wait(phase.seconds)
                code = 128 - code if code is not None and code > 128 else code
                self.ends[phase.name] = End(code, time.monotonic() - begun)
            case Fetch():
                self.files[phase.name] = {"log": bytes(running.log)}
            case Read():
                self.workers[phase.name] = len(running.processes())
            case Place():
                raise SandboxFailed("files cannot be put into an image that runs", do="use `files`")

    def _start(self, phase: Start) -> None:
        if self.running is not None:
            self.running.close()
        self.port = phase.port
        env = {"PORT": str(phase.port), **phase.env}
        self.running = Running(
            self.shop, self.image, phase.command, env, self.use.read_only, self.use.files
        )
        if self.running.why:
            raise _Stop(self.running.why)

    def _await(self, running: Running, phase: Ready) -> None:
        begun, before = time.monotonic(), self._turn()
        while True:
            made = self._exchange(Request(phase.path), 2.0, ANSWER_BYTES, before)
            if made.status == phase.status:
                self.ready.append(time.monotonic() - begun)
                return
            if running.code is not None:
                raise _Stop("ended before it was ready")
            if self._spent(before, begun, phase.seconds):
                raise _Stop(f"was not ready at {phase.path} in {phase.seconds:g} seconds")
            time.sleep(exchanging.POLL)

    def _turn(self) -> turns.Turn:
        proc = self.shop.root / "proc"
        return turns.Turn.of(proc, turns.numbered(proc), self.shop.cpu_seconds())

    def _spent(self, before: turns.Turn, begun: float, seconds: float) -> bool:
        """Whether it has had that time, less what the machine kept it waiting.

        Raises:
            SandboxFailed: the machine does not give it to it.
        """
        return exchanging.spent(self._turn(), before, begun, seconds)

    def _ask(self, phase: Ask) -> None:
        before = self._turn()
        made = exchanging.by_clients(
            phase,
            lambda request: self._exchange(request, phase.seconds, phase.most, before),
            lambda: time.monotonic() > self.until or bool(self.heavy),
            self._phase,
        )
        self.ledger[phase.name] = tuple(each for each in made if each is not None)
        if None in made and not self.heavy:
            raise _Stop("was stopped: it took all the time that it may take")

    def _exchange(
        self, request: Request, seconds: float, most: int, before: turns.Turn
    ) -> Exchange:
        begun = time.monotonic()
        at = begun - self.opened

        def spent() -> bool:
            return self._spent(before, begun, seconds)

        connection = _Connection(self.shop, self.port, seconds, most, spent)
        status, headers, body, error = exchanging.exchanged(connection, request, most)
        self.room -= len(body)
        if self.room < 0:
            body, error = b"", "large"
        return Exchange(request, at, time.monotonic() - begun, status, headers, body, error)


class _Connection(exchanging.Connection):
    """To a port in a workshop's network."""

    def __init__(
        self, shop: Workshop, port: int, seconds: float, most: int, spent: Callable[[], bool]
    ) -> None:
        super().__init__(Path(), seconds, most, spent)
        self._shop, self._port = shop, port

    def connect(self) -> None:
        self.over(exchanging.Stream(fileno=self._shop.dial(self._port).detach()))
