"""The simulator of designs against a real small service under real load, on this machine.

    python benchmarks/real_service.py              # some ten minutes by the clock, little CPU
    python benchmarks/real_service.py --seconds 120

On a busy machine give it the right of way (`nice -n -10`): where the service itself waits for a
processor it is not the queue that is measured, and the last line says so.

A service of its own process speaks HTTP (tornado), has so many workers before one queue, and
sleeps as long as the facts say that a request takes, so that other load on the machine matters
little; how much later than asked its sleeps end is printed, too. A gateway in this process sends
requests at random times, whatever has become of those before, gives up and repeats. All cases run
at once, each with a service of its own. Prints what docs/serving-architecture.md states.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tornado import httpclient, httpserver, netutil, web

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.workbook.design.firms import DATA, PARTS, steady
from worksample.workbook.design.reading import Design
from worksample.workbook.design.serving import Facts, plant
from worksample.workbook.design.simulator import simulate

SECONDS = 600
SETTLED = 40  # seconds at the beginning that do not count
LEVELS = (0.5, 0.9, 0.99)
QUICK, HEAVY = 1000, 8000  # ms of one request; tens of ms of the machine's own are little beside it
SLO_MS = (4000, 24_000)


def facts_of(slo_ms: Sequence[float] = SLO_MS) -> Facts:
    """The tests' facts with slower work and these limits."""
    data = deepcopy(DATA)
    data["machines"]["plain"]["each_ms"] = {"quick": QUICK, "heavy": HEAVY}
    data["gateway"]["slips"] = 0.0
    for name, limit in zip(data["order"], slo_ms, strict=True):
        data["classes"][name]["slo_ms"] = limit
    return Facts(data)


PATIENT = 60_000  # ms: nothing is given up


@dataclass(frozen=True)
class Case:
    """A design and the requests that it gets."""

    name: str
    rates: tuple[float, float]
    machines: int = 2
    queue: int = 100_000
    timeout_ms: int = PATIENT
    retries: int = 0

    def design(self, facts: Facts) -> Design:
        """As the simulator reads it."""
        parts = deepcopy(PARTS)
        parts["front"] |= {
            "timeout_ms": self.timeout_ms, "retries": self.retries, "retry_budget": 3.0,
        }  # fmt: skip
        parts["models"] |= {"least": self.machines, "queue": self.queue}
        read = facts.checked({"components": parts})
        if read.design is None:
            raise RuntimeError(read.complaint)
        return read.design


def loaded(load: float, machines: int, heavy: float = 0.0) -> tuple[float, float]:
    """Rates of both classes at which workers are busy for such a share of the time."""
    seconds = np.array([QUICK, HEAVY]) / 1000 + 0.009
    mix = np.array([1 - heavy, heavy])
    total = load * 4 * machines / float(mix @ seconds)
    return float(total * mix[0]), float(total * mix[1])


CASES = (
    *(Case(f"8 workers, load {x:g}", loaded(x, 2)) for x in (0.5, 0.7, 0.85, 0.93)),
    *(Case(f"8 workers, load {x:g}, two classes", loaded(x, 2, 0.03)) for x in (0.7, 0.85)),
    Case("load 1.3, a short queue", loaded(1.3, 2), queue=15),
    Case("load 0.9, given up, repeated", loaded(0.9, 2), queue=40, timeout_ms=5000, retries=2),
)


# -- the service, in a process of its own ------------------------------------------------------


class Workers:
    """So many workers before one queue with so many places."""

    def __init__(self, case: Case, seed: int) -> None:
        self.case, self.rng = case, np.random.default_rng(seed)
        self.waiting: deque[tuple[int, asyncio.Future[bool]]] = deque()
        self.free = 4 * case.machines
        self.asked = self.slept = 0.0
        self.tasks: set[asyncio.Task[None]] = set()

    async def answer(self, place: int) -> bool:
        """True when the request was worked out, False if there was no place."""
        if not self.free and len(self.waiting) >= self.case.queue:
            return False
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.waiting.append((place, done))
        if self.free:
            self.free -= 1
            task = asyncio.create_task(self._work())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return await done

    async def _work(self) -> None:
        clock = asyncio.get_running_loop().time
        while self.waiting:
            place, done = self.waiting.popleft()
            each = (QUICK, HEAVY)[place] / 1000
            held = self.rng.exponential(DATA["store"]["base_ms"] / 1000)
            noise = max(0.05, self.rng.normal(1, DATA["noise"]))
            asked = (DATA["machines"]["plain"]["setup_ms"] / 1000 + held + each) * noise
            begun = clock()
            await asyncio.sleep(asked)
            self.asked, self.slept = self.asked + asked, self.slept + clock() - begun
            if not done.done():  # who asked has given up: it was worked out all the same
                done.set_result(True)
        self.free += 1


class Answer(web.RequestHandler):
    """One request."""

    def initialize(self, workers: Workers) -> None:
        self.workers = workers

    async def get(self, place: str) -> None:
        """Worked out, or refused."""
        if not await self.workers.answer(int(place)):
            self.set_status(503)
        self.write("{}")


class Told(web.RequestHandler):
    """How much later than asked the sleeps ended."""

    def initialize(self, workers: Workers) -> None:
        self.workers = workers

    def get(self) -> None:
        """Seconds asked for and slept."""
        self.write(json.dumps([self.workers.asked, self.workers.slept]))


async def serve() -> None:
    """A service for each case; their ports are told on the standard output."""
    logging.getLogger("tornado").setLevel(logging.CRITICAL)
    ports, servers = [], []
    for number, case in enumerate(CASES):
        workers = {"workers": Workers(case, number)}
        application = web.Application([(r"/told", Told, workers), (r"/(\d)", Answer, workers)])
        server = httpserver.HTTPServer(application)
        sockets = netutil.bind_sockets(0, "127.0.0.1", backlog=1024)
        server.add_sockets(sockets)
        servers.append(server)
        ports.append(sockets[0].getsockname()[1])
    print(json.dumps(ports), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until it is closed


# -- the gateway -------------------------------------------------------------------------------


@dataclass
class Seen:
    """What became of the requests of a case: class, seconds (NaN: no answer)."""

    places: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def quantile(self, place: int, level: float) -> float:
        """Milliseconds that a share of a class's answers stay below."""
        own = np.array(self.places) == place
        return float(1000 * np.nanquantile(np.array(self.seconds)[own], level))

    def share(self, slo_ms: Sequence[float]) -> float:
        """Share of the requests that were answered within their class's time."""
        limits = np.array(slo_ms)[self.places] / 1000
        return float((np.array(self.seconds) <= limits).mean())


async def drive(case: Case, port: int, seconds: int, seed: int) -> Seen:
    """Requests at random times, each by itself; those of the first seconds are not counted."""
    rng, seen, tasks = np.random.default_rng(seed), Seen(), set()
    clock = asyncio.get_running_loop().time
    coming = [
        (at, place)
        for place, rate in enumerate(case.rates)
        for at in np.cumsum(rng.exponential(1 / rate, int(2 * rate * seconds) + 50) if rate else [])
        if at < seconds
    ]
    begun = clock()
    for at, place in sorted(coming):
        await asyncio.sleep(max(0.0, begun + at - clock()))
        task = asyncio.create_task(_request(case, port, place, seen if at > SETTLED else Seen()))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return seen


async def _request(case: Case, port: int, place: int, seen: Seen) -> None:
    clock = asyncio.get_running_loop().time
    begun, answered = clock(), float("nan")
    for _ in range(case.retries + 1):
        asked = asyncio.create_task(_ask(port, place))
        done, _ = await asyncio.wait([asked], timeout=case.timeout_ms / 1000)
        if not done:
            abandoned.add(asked)  # given up here; the service works on
            asked.add_done_callback(abandoned.discard)
        elif asked.result() == 200:
            answered = clock() - begun
            break
    seen.places.append(place)
    seen.seconds.append(answered)


async def _ask(port: int, place: int) -> int:
    """The status of one answer; a connection of its own, for the client to cost little."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /{place} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    status = int((await reader.readline()).split()[1])
    await reader.read()
    writer.close()
    return status


abandoned: set[asyncio.Task[int]] = set()


async def measure(seconds: int, ports: Sequence[int]) -> list[tuple[Seen, float]]:
    """Per case what was seen, and how much longer than asked its service slept."""
    seen = await asyncio.gather(
        *(drive(c, p, seconds, 100 + n) for n, (c, p) in enumerate(zip(CASES, ports, strict=True)))
    )
    client, longer = httpclient.AsyncHTTPClient(), []
    for port in ports:
        asked, slept = json.loads((await client.fetch(f"http://127.0.0.1:{port}/told")).body)
        longer.append(slept / asked)
    return list(zip(seen, longer, strict=True))


# -- the simulator -----------------------------------------------------------------------------


def told(case: Case, slo_ms: Sequence[float]) -> tuple[np.ndarray, float]:
    """(share of each class that is answered within its time, (2,); of all requests)."""
    facts = facts_of(slo_ms)
    course = simulate(plant([case.design(facts)], facts), [steady(*case.rates, minutes=12)], facts)
    good, offered = course.good[2:].sum(axis=(0, 1)), course.offered[2:].sum(axis=(0, 1))
    return good / np.maximum(offered, 1e-9), float(good.sum() / offered.sum())


def quantile(case: Case, place: int, level: float) -> float:
    """Milliseconds that a share of a class's answers stay below, by halving."""
    low, high = 1.0, 120_000.0
    for _ in range(14):
        middle = (low * high) ** 0.5
        if told(case, [middle] * 2)[0][place] < level:
            low = middle
        else:
            high = middle
    return high


def main(seconds: int) -> None:
    """A line for each case; quantiles where all is answered, the share answered well elsewhere."""
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as service:
        if service.stdout is None or service.stdin is None:
            raise RuntimeError("the service has no pipes")
        found = asyncio.run(measure(seconds, json.loads(service.stdout.readline())))
        service.stdin.close()
    errors: dict[float, list[float]] = {level: [] for level in LEVELS}
    print("| case | requests | answered well: real, simulated | p50, p90, p99 ms: real |", end="")
    print(" simulated |")
    print("|---|---|---|---|---|")
    for case, (seen, _) in zip(CASES, found, strict=True):
        cells = ["–", "–"]
        if case.timeout_ms == PATIENT and case.queue > 1000:
            real = [seen.quantile(0, level) for level in LEVELS]
            ours = [quantile(case, 0, level) for level in LEVELS]
            for level, ratio in zip(LEVELS, np.divide(ours, real), strict=True):
                errors[level].append(float(ratio))
            cells = [", ".join(f"{x:.0f}" for x in each) for each in (real, ours)]
        both = f"{seen.share(SLO_MS):.3f}, {told(case, SLO_MS)[1]:.3f}"
        print(f"| {case.name} | {len(seen.places)} | {both} | {cells[0]} | {cells[1]} |")
    for level, ratios in errors.items():
        print(f"p{100 * level:g}: simulated over real {min(ratios):.2f} to {max(ratios):.2f}")
    longer = [each for _, each in found]
    print(f"sleeps took {min(longer):.3f} to {max(longer):.3f} times as long as asked")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve())
    else:
        main(given.seconds)
