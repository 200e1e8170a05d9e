"""The process that runs checks: warm, forked once for each attempt, with limits of its own.

A check reads what came out of a sandbox. It must be able neither to hang a batch nor to eat the
machine, and importing its libraries for every attempt would cost seconds. So each grading process
keeps one host: a child that imports an assignment's checks once and forks for every request. The
fork has limits on memory, CPU and files; the host kills it at the end of its time. Requests are
pickles of our own making, replies are JSON.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import pickle
import resource
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from worksample import interpreter, stages
from worksample.assignments import modules
from worksample.errors import CheckExhausted, CheckFailed
from worksample.grading import telling
from worksample.grading.checks import CheckResult, Part
from worksample.grading.slots import ONE_THREAD
from worksample.sandbox.inside import confine
from worksample.sandbox.inside.agent import close_all_but
from worksample.sandbox.inside.turns import used

MOST_WORDS = 1000  # characters of a message, or of a detail that may stand in one
START_SECONDS = 60.0  # for the host to import an assignment's checks and their libraries


@dataclass(frozen=True)
class Request:
    """What to check: ``ids`` name the check functions, in order."""

    folder: Path
    ids: tuple[str, ...]
    run: Any
    case: Any
    seconds: float
    memory_mb: int


def ask(request: Request) -> dict[str, CheckResult]:
    """Run the checks in this process's host.

    Raises:
        CheckFailed: a check raised, hung or ran out of memory, or the host could not.
    """
    request = replace(request, folder=request.folder.absolute())
    with _lock:
        host = _host()
        stages.watch(host)
        try:
            return host.ask(request)
        finally:
            stages.end("checks", host)


class _Host:
    """The client's side of the child process."""

    def __init__(self, process: subprocess.Popen[bytes] | _Fork) -> None:
        self.pid = os.getpid()
        self.process = process

    def ask(self, request: Request) -> dict[str, CheckResult]:
        assert self.process.stdin
        assert self.process.stdout
        try:
            _send(self.process.stdin, pickle.dumps(request))
            reply = _receive(self.process.stdout, request.seconds + START_SECONDS)
        except (OSError, EOFError, TimeoutError) as error:
            self.close()
            raise CheckFailed(
                f"the process that runs checks did not answer ({type(error).__name__})",
                where=str(request.folder / "checks.py"),
                do="grade again; if it stays, look for a check module that hangs while imported",
            ) from None
        return _results(json.loads(reply))

    def cpu_seconds(self) -> float:
        """CPU that it and its forks have used so far."""
        return used(Path("/proc"), [self.process.pid])

    def usable(self) -> bool:
        return self.pid == os.getpid() and self.process.poll() is None

    def close(self) -> None:
        if self.pid == os.getpid():
            self.process.kill()
            self.process.wait()


class _Fork:
    """The child as a fork of this process: what is asked of ``Popen``."""

    def __init__(self) -> None:
        requests, to_child = os.pipe()
        from_child, replies = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            _become_host(requests, replies)
        os.close(requests)
        os.close(replies)
        self.stdin: IO[bytes] | None = os.fdopen(to_child, "wb")
        self.stdout: IO[bytes] | None = os.fdopen(from_child, "rb")
        self._ended = False

    def poll(self) -> int | None:
        """None while it lives."""
        if not self._ended:
            self._ended = os.waitpid(self.pid, os.WNOHANG)[0] != 0
        return 0 if self._ended else None

    def kill(self) -> None:
        """SIGKILL, unless it has been buried."""
        if not self._ended:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end."""
        if not self._ended:
            os.waitpid(self.pid, 0)
            self._ended = True
        return 0


def _become_host(requests: int, replies: int) -> None:
    """In the fork: keep nothing but what it imported, and serve. Never returns."""
    try:
        confine.prctl(confine.PR_SET_PDEATHSIG, signal.SIGKILL)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for fd, source in enumerate((requests, replies, nowhere)):
            os.dup2(source, fd + 100)
        for fd in range(3):
            os.dup2(fd + 100, fd)
        close_all_but({0, 1, 2})
        _serve(os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb"))
    finally:
        os._exit(0)


_lock = threading.Lock()
_current: _Host | None = None


def fork() -> None:
    """Make this process's host a fork of it: only while it has a single thread."""
    global _current
    _current = _Host(_Fork())


def _host() -> _Host:
    global _current
    if _current is None or not _current.usable():
        process = subprocess.Popen(
            interpreter.command("-c", "from worksample.grading.checkhost import serve; serve()"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **ONE_THREAD},
            cwd=interpreter.FOLDER,
        )
        _current = _Host(process)
        atexit.register(_current.close)
    return _current


def _results(reply: Mapping[str, Any]) -> dict[str, CheckResult]:
    if "what" in reply:
        kind = CheckExhausted if reply["exhausted"] else CheckFailed
        error = kind(reply["what"], where=reply["where"], do=reply["do"])
        if isinstance(error, CheckExhausted):
            error.check = reply["exhausted"]
        raise error
    return {name: from_json(value) for name, value in reply["results"].items()}


def to_json(result: CheckResult) -> dict[str, Any]:
    """A result as it stands in the evidence."""
    return {
        "points": round(result.points, 6),
        "possible": round(result.possible, 6),
        "parts": [_short(plain(asdict(part))) for part in result.parts],
        "details": _short(plain(dict(result.details))),
        "private": plain(dict(result.private)),
        "inputs": {kind: list(names) for kind, names in result.inputs.items()},
    }


def _short(words: Mapping[str, Any]) -> dict[str, Any]:
    """What people read: a check may repeat an answer, and that may be a name without end."""
    return {
        name: f"{value[: MOST_WORDS - 1]}…"
        if isinstance(value, str) and len(value) > MOST_WORDS
        else value
        for name, value in words.items()
    }


def from_json(value: Mapping[str, Any]) -> CheckResult:
    """The result that :func:`to_json` wrote."""
    parts = tuple(Part(**part) for part in value["parts"])
    return CheckResult(parts, value["details"], value["private"], value["inputs"])


def plain(value: Any) -> Any:
    """The same as JSON and UTF-8 can hold it: numpy's values unpacked, NaN as None."""
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    return str(value).encode("utf-8", "replace").decode("utf-8")


# ---- the child's side ----


def serve() -> None:
    """Answer requests from standard input until it ends."""
    _serve(sys.stdin.buffer, os.fdopen(os.dup(1), "wb"))


def _serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    # what a check prints is nobody's business, least of all the reply's
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    while True:
        try:
            request = pickle.loads(_receive(requests, None))
        except EOFError:
            return
        _send(replies, json.dumps(_answer(request)).encode())


def _answer(request: Request) -> dict[str, Any]:
    try:
        functions = _functions(request)
        words = telling.words_for(request.folder, request.run)
    except Exception as error:
        return _failure(f"the checks cannot be loaded: {error}", request)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _work(functions, words, request, writer)
    os.close(writer)
    try:
        return _watch(request, reader)
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _functions(request: Request) -> dict[str, Callable[[Any, Any], CheckResult]]:
    module = modules.load(request.folder, "checks")
    return {name: getattr(module, f"check_{name}") for name in request.ids}


class _Noted(Mapping[str, Any]):
    """A mapping that remembers which of its keys were asked for, there or not."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.asked: dict[str, None] = {}

    def __getitem__(self, key: str) -> Any:
        self.asked[str(key)] = None
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _work(
    functions: Mapping[str, Callable[[Any, Any], CheckResult]],
    words: frozenset[str],
    request: Request,
    writer: int,
) -> None:
    """In the fork: run the checks, tell of each as it begins and ends, never return."""
    try:
        _limit(request)
        for name, function in functions.items():
            _tell(writer, {"begins": name})
            answers, calls = _Noted(request.run.answers), _Noted(request.run.calls)
            run = replace(request.run, answers=answers, calls=calls)
            result = telling.coarse(to_json(function(run, request.case)), words)
            result["inputs"] = {"answers": list(answers.asked), "calls": list(calls.asked)}
            _tell(writer, {"ends": name, "result": result})
        _tell(writer, {"done": True})
    except BaseException as error:
        described = _described(error, request.folder)
        _tell(writer, {"raised": described, "memory": isinstance(error, MemoryError)})
    finally:
        os._exit(0)


def _watch(request: Request, reader: int) -> dict[str, Any]:
    """In the host: what the fork tells, until it is done or its time is up."""
    deadline = time.monotonic() + request.seconds
    results: dict[str, Any] = {}
    current, data = "", b""
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            what = f"check_{current} took more than {request.seconds:g} s"
            return _failure(what, request, exhausted=current)
        chunk = os.read(reader, 1 << 16)
        *lines, data = (data + chunk).split(b"\n")
        for event in map(json.loads, lines):
            if "done" in event:
                return {"results": results}
            if "raised" in event:
                spent = current if event["memory"] else ""
                return _failure(f"check_{current} raised {event['raised']}", request, spent)
            current = event.get("begins", current)
            if "ends" in event:
                results[event["ends"]] = event["result"]
        if not chunk:
            what = f"check_{current} ended the process it ran in"
            return _failure(what, request, exhausted=current)


def _limit(request: Request) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + request.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    cpu = math.ceil(request.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**26, 2**26))


def _tell(writer: int, event: Mapping[str, Any]) -> None:
    data = json.dumps(event, allow_nan=False).encode() + b"\n"
    while data:
        data = data[os.write(writer, data) :]


def _described(error: BaseException, folder: Path) -> str:
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(folder)
    ]
    place = f" ({Path(own[-1].filename).name}:{own[-1].lineno})" if own else ""
    return f"{type(error).__name__}: {str(error)[:500]}{place}"


def _failure(what: str, request: Request, exhausted: str = "") -> dict[str, Any]:
    where, do = str(request.folder / "checks.py"), "mend the check, then grade again"
    return {"what": what, "where": where, "do": do, "exhausted": exhausted}


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(len(data).to_bytes(8, "big") + data)
    stream.flush()


def _receive(stream: IO[bytes], seconds: float | None) -> bytes:
    """One message; raises EOFError at the end of the stream, TimeoutError when none comes."""
    if seconds is not None and not select.select([stream], [], [], seconds)[0]:
        raise TimeoutError
    size = int.from_bytes(_exactly(stream, 8), "big")
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
