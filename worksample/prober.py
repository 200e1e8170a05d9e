"""Ask a probe's calls of a box, one at a time, and judge what comes back as data."""

from __future__ import annotations

import builtins
import hashlib
import itertools
import pickle
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from worksample.engine import LOST_SECONDS, unexplained
from worksample.probe import Call, CallResult
from worksample.sandbox import Box, BoxGone
from worksample.values import Unfit, decode, most_bytes

MAX_TIMEOUTS = 3
_NOT_RUN = "was not called, because the notebook's kernel did not survive"
_STOPPED = {"gone": "ended the process it ran in", "large": "the result is too large"}
_REFUSED = {
    "missing": "is not defined in the notebook",
    "not callable": "is not a function",
}


class Prober:
    """Carries calls into a box and keeps their results.

    Args:
        calls: the probe; drawn from once, one call after the other.
        words: words that an error message may repeat. Anything else in it is left out, as it
            could carry hidden inputs into the feedback.

    Attributes:
        lost: what ended during the calls by nothing that we know of; empty when nothing did.
    """

    def __init__(self, calls: Iterable[Call], words: frozenset[str]) -> None:
        self._source, self._words = iter(calls), words
        self._drawn: list[Call] = []
        self._calls = self._draw()
        self.lost = ""
        self._results: defaultdict[str, list[CallResult]] = defaultdict(list)
        self._timeouts: Counter[str] = Counter()
        self._described: set[str] = set()
        self._replaced = self._killed = self._unanswered = self._breached = False

    def _draw(self) -> Iterator[Call]:
        for call in self._source:
            self._drawn.append(call)
            yield call

    def begin(self) -> None:
        """Forget every result: the calls are asked anew, of another box."""
        self._calls = itertools.chain(tuple(self._drawn), self._draw())
        for noted in (self._results, self._timeouts, self._described):
            noted.clear()
        self._replaced = self._killed = self._unanswered = self._breached = False
        self.lost = ""

    def ask_all(self, box: Box) -> None:
        """Ask every call; what the candidate's code does shows in the results only."""
        for call in self._calls:
            self._note(self._ask(box, call))
        if self._breached:
            return
        if self._killed or self._unanswered:
            box.ended.wait(LOST_SECONDS)  # the agent tells of it after its reply
            self.lost = unexplained(box)
        if self._unanswered and not box.setup.shielded:  # where only they can have ended it
            self.lost = self.lost or "kernel"

    def results(self) -> dict[str, tuple[CallResult, ...]]:
        """Results by ``Call.id``; calls that were never asked are in it, as failed."""
        for call in self._calls:
            self._note(_failed(call, _NOT_RUN))
        return {name: tuple(found) for name, found in self._results.items()}

    def _note(self, result: CallResult) -> None:
        self._results[result.id].append(result)

    def _ask(self, box: Box, call: Call) -> CallResult:
        if self._timeouts[call.function] >= MAX_TIMEOUTS:
            return _failed(call, f"was not called after {MAX_TIMEOUTS} calls that took too long")
        box.take_breach()
        try:
            problem, header, body, seconds = self._reply(box, call)
            if problem == "gone" and call.fresh and box.breach is None:
                # it knew of no other call, so it can be asked again, and is believed then
                problem, header, body, seconds = self._reply(box, call)
        except BoxGone:
            self._unanswered = True
            return _failed(call, _NOT_RUN)
        if problem is not None:
            return _failed(call, self._stopped(box, call, problem), seconds)
        error = self._told(call, header)
        if error is not None:
            return _failed(call, error, seconds)
        return _decoded(call, header, body, seconds)

    def _reply(self, box: Box, call: Call) -> tuple[str | None, dict[str, Any], bytes, float]:
        """What one call came to, asked of a fork where that is due; raises BoxGone without one."""
        if call.fresh:
            self._fork(box, fresh=True)
        reply = _timed(box, call)
        if reply[0] == "nobody":
            self._replaced = True
            self._fork(box, fresh=False)
            reply = _timed(box, call)
        return reply

    def _fork(self, box: Box, fresh: bool) -> None:
        """Raises BoxGone where there is no fork to be had; that is not waited for a second time."""
        if self._unanswered or not box.fork(fresh):
            raise BoxGone

    def _stopped(self, box: Box, call: Call, problem: str) -> str:
        """Why there was no reply."""
        breach = box.take_breach()
        if breach is not None:
            self._breached = True
            return f"was stopped: {breach.detail}"
        # the kernel itself answers until it is replaced; only of it we learn how it ended
        self._killed |= problem == "gone" and not call.fresh and not self._replaced
        if problem == "timeout":
            self._timeouts[call.function] += 1
            return f"took more than {call.seconds:g} seconds"
        return _STOPPED.get(problem, _NOT_RUN)

    def _told(self, call: Call, header: dict[str, Any]) -> str | None:
        """What the candidate's process says went wrong, reduced to words that are safe."""
        problem = header.get("problem")
        if problem is None:
            return None
        if problem in ("missing", "not callable"):
            return _REFUSED[problem]
        if problem == "unfit":
            return f"the result is not of the kind asked for: {_WANTED[call.returns]}"
        return f"raised {self._described_once(call, header)}"

    def _described_once(self, call: Call, header: dict[str, Any]) -> str:
        """An error in words; only the first of each function is told more than that.

        Type, line and word are the candidate's to choose: told for every call, they could spell
        out the hidden inputs.
        """
        if call.function in self._described:
            return "an error"
        self._described.add(call.function)
        kind, line, word = header.get("type"), header.get("line"), header.get("word")
        named = kind if isinstance(kind, str) and kind in _ERRORS else "an error"
        at = f" at line {line} of its cell" if type(line) is int and 0 < line < 1000 else ""
        known = isinstance(word, str) and (word in self._words or word in _columns(call))
        return f"{named} ({word}){at}" if known else f"{named}{at}"


def _timed(box: Box, call: Call) -> tuple[str | None, dict[str, Any], bytes, float]:
    question = {"function": call.function, "returns": call.returns, "fresh": call.fresh}
    arguments = pickle.dumps(call.args, protocol=5)
    begun = time.monotonic()
    reply = box.call(question, arguments, call.seconds, most_bytes(call))
    return *reply, time.monotonic() - begun


def _decoded(call: Call, header: dict[str, Any], body: bytes, seconds: float) -> CallResult:
    try:
        value = decode(call, header, body)
        return CallResult(call.id, True, value, "", seconds, hashlib.sha256(body).hexdigest())
    except Unfit as unfit:
        return _failed(call, f"the result {unfit}", seconds)
    except Exception:  # numpy and pandas were not written for hostile bytes
        return _failed(call, "the result could not be read", seconds)


def _failed(call: Call, error: str, seconds: float = 0.0) -> CallResult:
    return CallResult(call.id, False, None, f"{call.function}: {error}", seconds)


def _columns(call: Call) -> set[str]:
    frames = [arg for arg in call.args if isinstance(arg, pd.DataFrame)]
    return {str(name) for frame in frames for name in frame.columns}


_WANTED = {
    "json": "plain data (numbers, text, lists, dictionaries)",
    "number": "a number",
    "numbers": "one number for each row",
    "bools": "true or false for each row",
    "frame": "a data frame",
}
_ERRORS = {name for name in dir(builtins) if name.endswith(("Error", "Exit", "Interrupt"))}
_ERRORS |= {name for name in dir(pd.errors) if name.endswith("Error")} | {"LinAlgError"}
