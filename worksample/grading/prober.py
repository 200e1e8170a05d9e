"""Ask a probe's calls of a box, one at a time, and judge what comes back as data."""

from __future__ import annotations

import hashlib
import itertools
import pickle
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from worksample.grading.budget import Ledger
from worksample.grading.engine import LOST_SECONDS, unexplained
from worksample.grading.probe import Call, CallResult
from worksample.grading.values import Unfit, decode, most_bytes, size_of
from worksample.limits import Budget
from worksample.sandbox.box import Box, BoxGone

MAX_TIMEOUTS = 3
_NOT_RUN = "was not called, because the notebook's kernel did not survive"
_STOPPED = {"gone": "ended the process it ran in", "large": "the result is too large"}
_REFUSED = {
    "missing": "is not defined in the notebook",
    "not callable": "is not a function",
}
# Kinds of error that are told by name, once for each function. The candidate's code has seen hidden
# inputs by then and chooses the kind, so there are few; a message, a line or a word never is told.
TOLD_ERRORS = (
    *("AttributeError", "IndexError", "KeyError", "NameError", "TypeError", "ValueError"),
    *("MemoryError", "RecursionError", "ZeroDivisionError"),
)


class Prober:
    """Carries calls into a box and keeps their results.

    Args:
        calls: the probe; drawn from once, one call after the other.
        budget: what all of them may use together.

    Attributes:
        lost: what ended during the calls by nothing that we know of; empty when nothing did.
    """

    def __init__(self, calls: Iterable[Call], budget: Budget) -> None:
        self._source, self._ledger = iter(calls), Ledger(budget)
        self._drawn: list[Call] = []
        self._calls = self._draw()
        self.lost = ""
        self._results: defaultdict[str, list[CallResult]] = defaultdict(list)
        self._timeouts: Counter[str] = Counter()
        self._described: set[str] = set()
        self._unanswered = self._breached = self._ended = False
        self._name = ""
        self._session: list[Call] = []  # calls of that name which the present fork has answered

    def _draw(self) -> Iterator[Call]:
        for call in self._source:
            self._drawn.append(call)
            yield call

    def begin(self) -> None:
        """Forget every result: the calls are asked anew, of another box."""
        self._calls = itertools.chain(tuple(self._drawn), self._draw())
        for noted in (self._results, self._timeouts, self._described):
            noted.clear()
        self._ledger = Ledger(self._ledger.budget)
        self._unanswered = self._breached = self._ended = False
        self._name, self._session = "", []
        self.lost = ""

    def ask_all(self, box: Box) -> None:
        """Ask every call; what the candidate's code does shows in the results only."""
        for call in self._calls:
            self._note(self._ask(box, call))
        if self._breached or not self._unanswered:
            return
        box.ended.wait(LOST_SECONDS)  # the agent tells of it after its reply
        self.lost = unexplained(box)
        # shielded, nobody in there can have killed it, and whatever else ended it was theirs
        if not box.setup.shielded or box.exit_code == -signal.SIGKILL:
            self.lost = self.lost or "kernel"

    def results(self) -> dict[str, tuple[CallResult, ...]]:
        """Results by ``Call.id``; calls that were never asked are in it, as failed."""
        for call in self._calls:
            self._note(_failed(call, _NOT_RUN))
        return {name: tuple(found) for name, found in self._results.items()}

    def used(self) -> dict[str, float]:
        """What the calls used of their budget, by the names of its fields."""
        return self._ledger.used()

    def _note(self, result: CallResult) -> None:
        self._results[result.id].append(result)

    def _ask(self, box: Box, call: Call) -> CallResult:
        if self._timeouts[call.function] >= MAX_TIMEOUTS:
            return _failed(call, f"was not called after {MAX_TIMEOUTS} calls that took too long")
        if spent := self._ledger.spent():
            return _failed(call, f"was not called, because the calls before it used up {spent}")
        box.take_breach()
        cut = self._ledger.seconds_left < call.seconds
        try:
            with self._ledger.counted(box):
                problem, header, body, seconds = self._reply(box, call)
            if problem == "gone" and box.breach is None:  # asked again, it is believed
                with self._ledger.counted(box):
                    problem, header, body, seconds = self._reply(box, call)
        except BoxGone:
            self._unanswered = True
            return _failed(call, _NOT_RUN)
        if problem is not None:
            return _failed(call, self._stopped(box, call, problem, cut), seconds)
        error = self._told(call, header)
        if error is not None:
            return _failed(call, error, seconds, _said(header))
        return self._kept(call, _decoded(call, header, body, seconds), len(body))

    def _kept(self, call: Call, result: CallResult, replied: int) -> CallResult:
        """The result, unless it is more than what all results may take."""
        if self._ledger.keep(replied, size_of(result.value)):
            return result
        return _failed(call, f"the result was one too many: it used up {self._ledger.spent()}")

    def _reply(self, box: Box, call: Call) -> tuple[str | None, dict[str, Any], bytes, float]:
        """What one call came to, asked of a fork that knows no more than it may.

        Raises:
            BoxGone: there is no fork to be had.
        """
        same = bool(call.session) and call.session == self._name
        if not same or self._ended:
            self._fork(box, self._session if same else [])
        self._name = call.session
        reply = self._timed(box, call)
        self._ended = reply[0] is not None
        if not self._ended:
            self._session.append(call)
        return reply

    def _timed(self, box: Box, call: Call) -> tuple[str | None, dict[str, Any], bytes, float]:
        question = {"function": call.function, "returns": call.returns}
        arguments = pickle.dumps(call.args, protocol=5)
        most = min(most_bytes(call), self._ledger.bytes_left)
        allowed = min(call.seconds, self._ledger.seconds_left)
        begun = time.monotonic()
        reply = box.call(question, arguments, allowed, most)
        return *reply, time.monotonic() - begun

    def _fork(self, box: Box, earlier: Sequence[Call]) -> None:
        """A new fork, which is told again what the one before it was asked ``earlier``.

        Raises:
            BoxGone: there is no fork to be had; that is not waited for a second time.
        """
        if self._unanswered or not box.fork():
            raise BoxGone
        self._session = []
        for call in earlier:
            self._timed(box, call)
            self._session.append(call)

    def _stopped(self, box: Box, call: Call, problem: str, cut: bool) -> str:
        """Why there was no reply; ``cut``: the call had only what was left of the budget's time."""
        breach = box.take_breach()
        if breach is not None:
            self._breached = True
            return f"was stopped: {breach.detail}"
        if problem == "timeout":
            self._timeouts[call.function] += 1
            return self._too_long(call, cut)
        if problem == "large" and self._ledger.bytes_left < most_bytes(call):
            most = self._ledger.budget.reply_mb
            return f"the result is too large for what was left of the {most:g} MB for all results"
        return _STOPPED.get(problem, _NOT_RUN)

    def _too_long(self, call: Call, cut: bool) -> str:
        if not cut:
            return f"took more than {call.seconds:g} seconds"
        self._ledger.no_time_left()
        return f"was stopped, because it and the calls before it used up {self._ledger.spent()}"

    def _told(self, call: Call, header: dict[str, Any]) -> str | None:
        """What the candidate's process says went wrong, reduced to words that are safe."""
        problem = header.get("problem")
        if problem is None:
            return None
        if problem in ("missing", "not callable"):
            return _REFUSED[problem]
        if problem == "unfit":
            return f"the result is not of the kind asked for: {_WANTED[call.returns]}"
        return f"raised {self._named_once(call, header.get('type'))}"

    def _named_once(self, call: Call, kind: Any) -> str:
        """The kind of an error, of the first of each function: over many, kinds could spell."""
        if call.function in self._described:
            return "an error"
        self._described.add(call.function)
        return kind if isinstance(kind, str) and kind in TOLD_ERRORS else "an error"


def _said(header: dict[str, Any]) -> str:
    """What the candidate's process says of an error: for graders, who know the hidden inputs."""
    kind, line, word = (header.get(name) for name in ("type", "line", "word"))
    return f"{kind} ({word}) at line {line} of its cell" if kind is not None else ""


def _decoded(call: Call, header: dict[str, Any], body: bytes, seconds: float) -> CallResult:
    try:
        value = decode(call, header, body)
        return CallResult(call.id, True, value, "", seconds, hashlib.sha256(body).hexdigest())
    except Unfit as unfit:
        return _failed(call, f"the result {unfit}", seconds)
    except Exception:  # numpy and pandas were not written for hostile bytes
        return _failed(call, "the result could not be read", seconds)


def _failed(call: Call, error: str, seconds: float = 0.0, told: str = "") -> CallResult:
    return CallResult(call.id, False, None, f"{call.function}: {error}", seconds, told=told)


_WANTED = {
    "json": "plain data (numbers, text, lists, dictionaries)",
    "number": "a number",
    "numbers": "one number for each row",
    "bools": "true or false for each row",
    "frame": "a data frame",
}
