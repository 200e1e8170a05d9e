"""Drive services in a sandbox: phases in, a ledger out.

Each service has a box of its own, without a kernel: the agent starts its command as the candidate's
user, and requests reach it through a socket in the box. This side sends bytes, reads bounded ones,
and writes down both. Nothing that a service does is an error of ours, and nothing that this machine
does to it is its failure: where its box was kept waiting, or was lost, it is all done again.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from worksample.errors import SandboxFailed
from worksample.grading import exchanging
from worksample.grading.services import (
    Ask,
    End,
    Ends,
    Exchange,
    Fetch,
    Image,
    Pause,
    Phase,
    Place,
    Read,
    Ready,
    Request,
    Send,
    Service,
    ServiceResult,
    Start,
)
from worksample.limits import Budget, Limits
from worksample.sandbox.box import BOXED, Box, BoxGone, Sandbox, Setup
from worksample.sandbox.choice import choose
from worksample.sandbox.inside.hosting import IMAGE
from worksample.sandbox.inside.turns import Turn

MAX_TRIES = 3
MAX_FETCHED = 8 << 20
SAID = 4_000


def run(
    services: Iterable[Service],
    limits: Limits,
    budget: Budget,
    unsafe: bool = False,
    sandbox: Sandbox | None = None,
) -> dict[str, ServiceResult]:
    """Drive every service; results by ``Service.id``.

    Args:
        budget: what all of them may use together: its seconds and CPU seconds.

    Raises:
        NotGradableYet: for a fault of ours.
    """
    used = sandbox or choose(unsafe)
    results: dict[str, ServiceResult] = {}
    seconds, cpu = budget.seconds, budget.cpu_seconds
    for each in services:
        if seconds <= 0 or cpu <= 0:
            error = "was not started, because the services before it used up the time for all"
            results[each.id] = ServiceResult(each.id, False, error=error)
            continue
        made = drive(used, each, limits, min(seconds, each.seconds))
        seconds, cpu = seconds - made.seconds, cpu - made.cpu_seconds
        results[each.id] = made
    return results


def drive(sandbox: Sandbox, service: Service, limits: Limits, seconds: float) -> ServiceResult:
    """Drive one service; again, in another box, where this machine spoilt it.

    Raises:
        SandboxFailed: it was spoilt each time.
    """
    failed: SandboxFailed | None = None
    memory = service.memory_mb or limits.memory_mb
    setup = Setup(
        dataclasses.replace(limits, memory_mb=memory),
        image=service.image.root if service.image else None,
    )
    for _ in range(MAX_TRIES):
        try:
            with sandbox.open(setup) as box:
                return _Driver(box, service, seconds).carry_out()
        except SandboxFailed as error:
            failed = error
        except BoxGone:
            failed = SandboxFailed(
                "the sandbox of a service ended by nothing that is known",
                do="look for what kills processes here, then grade again",
            )
    assert failed is not None
    raise failed


class _Stop(Exception):
    """The rest of a plan is not carried out; says why, as a candidate is told."""


class _Driver:
    """One service in one box."""

    def __init__(self, box: Box, service: Service, seconds: float) -> None:
        self.box, self.service = box, service
        self.opened = time.monotonic()
        self.until = self.opened + seconds
        self.folder = f"{box.layout.work}/tree"
        image = service.image is not None
        self.said = "/tmp/said.log" if image else f"{box.layout.work}/said.log"
        self.socket = ""
        self.relays: dict[int, str] = {}
        self.ledger: dict[str, tuple[Exchange, ...]] = {}
        self.ends: dict[str, End] = {}
        self.files: dict[str, Mapping[str, bytes]] = {}
        self.workers: dict[str, int] = {}
        self.ready: list[float] = []
        self.room = exchanging.MAX_KEPT

    def carry_out(self) -> ServiceResult:
        error = ""
        try:
            self._files(files=self.service.tree)
            for phase in self.service.phases:
                self._phase(phase)
        except _Stop as stop:
            error = str(stop)
        except BoxGone:
            if self.box.breach is None:
                raise
            error = f"was stopped: {self.box.breach.detail}"
        said = self._last_words()
        return ServiceResult(
            self.service.id,
            not error,
            self.ledger,
            self.ends,
            self.files,
            self.workers,
            tuple(self.ready),
            said,
            error,
            time.monotonic() - self.opened,
            self.box.turn().cpu,
        )

    def _phase(self, phase: Phase) -> None:
        """Carry one phase out.

        Raises:
            _Stop: nothing more is to be done.
        """
        if time.monotonic() > self.until:
            raise _Stop("was stopped: it took all the time that it may take")
        match phase:
            case Start():
                self._start(phase)
            case Ready():
                self._await(phase)
            case Ask():
                self._ask(phase)
            case Send():
                facts = {"signal": int(phase.number), "to": phase.to}
                self.box.host("signal", facts)
            case Ends():
                self.ends[phase.name] = self._end(phase)
            case Pause():
                time.sleep(min(phase.seconds, max(self.until - time.monotonic(), 0)))
            case Place():
                self._files(phase.files, phase.modes, phase.slow)
            case Fetch():
                self.files[phase.name] = self._fetched(phase.patterns)
            case Read():
                looked, _ = self.box.host("look", {})
                self.workers[phase.name] = _number(looked.get("workers")) or 0
        if self.box.breach is not None:
            raise _Stop(f"was stopped: {self.box.breach.detail}")

    # ---- starting and ending ----

    def _start(self, phase: Start) -> None:
        at, image = self.box.layout, self.service.image
        if phase.socket:
            self.socket = f"{at.sockets}/service.sock"
        else:
            self.socket = self.relays.get(phase.port) or self._relay(phase.port)
        env = _environment(at.work, image) | {"PORT": str(phase.port), **phase.env}
        env |= {"SOCKET": self.socket} if phase.socket else {}
        asked = {
            "command": list(phase.command),
            "env": env,
            "folder": image.folder if image else self.folder,
            "said": self.said,
            "image": image is not None,
        }
        own_user = image is not None and self.box.own_user
        facts = {"user": image.user} if own_user and image and image.user is not None else {}
        self.box.host("start", facts, json.dumps(asked).encode())

    def _relay(self, port: int) -> str:
        place = f"{self.box.layout.sockets}/port-{port}.sock"
        said, _ = self.box.host("relay", {"socket": place, "port": port})
        if said.get("problem"):
            raise SandboxFailed("the way to a service could not be made", do="grade again")
        self.relays[port] = place
        return place

    def _await(self, phase: Ready) -> None:
        begun, before = time.monotonic(), self.box.turn()
        while True:
            made = self._exchange(Request(phase.path), 2.0, 1 << 20, before)
            waited = time.monotonic() - begun
            if made.status == phase.status:
                self.ready.append(waited)
                return
            if self.box.breach is not None:
                raise _Stop(f"was stopped: {self.box.breach.detail}")
            looked, _ = self.box.host("look", {})
            if not looked.get("alive"):
                raise _Stop("ended before it answered")
            if waited > phase.seconds and self._spent(before, begun, phase.seconds):
                raise _Stop(f"did not answer {phase.path} with {phase.status} in time")
            time.sleep(exchanging.POLL)

    def _spent(self, before: Turn, begun: float, seconds: float) -> bool:
        return exchanging.spent(self.box.turn(), before, begun, seconds)

    def _end(self, phase: Ends) -> End:
        begun = time.monotonic()
        while True:
            looked, _ = self.box.host("look", {})
            waited = time.monotonic() - begun
            if not looked.get("alive"):
                return End(_number(looked.get("code")), waited)
            if waited > phase.seconds:
                return End(None, waited)
            time.sleep(exchanging.POLL)

    # ---- files ----

    def _files(
        self,
        files: Mapping[str, bytes | None] | None = None,
        modes: Mapping[str, int] | None = None,
        slow: Mapping[str, float] | None = None,
    ) -> None:
        coded = {
            name: None if data is None else base64.b64encode(data).decode()
            for name, data in (files or {}).items()
        }
        self._handled({"files": coded, "modes": dict(modes or {}), "slow": dict(slow or {})}, 1024)

    def _fetched(self, patterns: Iterable[str]) -> dict[str, bytes]:
        said = self._handled({"fetch": list(patterns), "most": MAX_FETCHED}, 2 * MAX_FETCHED)
        found: dict[str, bytes] = {}
        try:
            for name, data in dict(said.get("files") or {}).items():
                found[str(name)[:300]] = base64.b64decode(data, validate=True)
        except (TypeError, ValueError, binascii.Error):
            return {}  # who handled them is the candidate's user, and so may be the candidate
        return found

    def _last_words(self) -> str:
        try:
            said = self._handled({"said_most": SAID}, 16 * SAID)
        except BoxGone:
            return ""
        return str(said.get("said") or "")[:SAID]

    def _handled(self, asked: dict[str, Any], most: int) -> dict[str, Any]:
        said_in = self.said if self.service.image is None else f"{IMAGE}{self.said}"
        asked = {"folder": self.folder, "said": said_in, **asked}
        header, body = self.box.host("files", {}, json.dumps(asked).encode(), most + 4096)
        try:
            said = {} if header.get("problem") else json.loads(body)
        except (ValueError, RecursionError):
            said = {}
        return said if isinstance(said, dict) else {}

    # ---- requests ----

    def _ask(self, phase: Ask) -> None:
        before = self.box.turn()
        made = exchanging.by_clients(
            phase,
            lambda request: self._exchange(request, phase.seconds, phase.most, before),
            lambda: time.monotonic() > self.until,
            self._phase,
        )
        kept = tuple(each for each in made if each is not None)
        self.ledger[phase.name] = kept
        if len(kept) < len(made):
            raise _Stop("was stopped: it took all the time that it may take")

    def _exchange(self, request: Request, seconds: float, most: int, before: Turn) -> Exchange:
        begun = time.monotonic()
        at = begun - self.opened

        def spent() -> bool:
            return self._spent(before, begun, seconds)

        connection = exchanging.Connection(self._outside(), seconds, most, spent)
        status, headers, body, error = exchanging.exchanged(connection, request, most)
        self.room -= len(body)
        if self.room < 0:
            body, error = b"", "large"
        return Exchange(request, at, time.monotonic() - begun, status, headers, body, error)

    def _outside(self) -> Path:
        layout = self.box.layout
        return Path(layout.sockets_outside, Path(self.socket).relative_to(layout.sockets))


def _environment(work: str, image: Image | None) -> dict[str, str]:
    if image is not None:
        return dict(image.env)
    single = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {
        **dict.fromkeys(single, "1"),
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": work,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TMPDIR": "/tmp" if work == BOXED else work,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _number(value: Any) -> int | None:
    return value if type(value) is int and abs(value) < 1 << 31 else None
