"""A kernel client that believes nothing: what a kernel says is written by the candidate.

The candidate's code holds the kernel's key and sockets, so every message may be forged. Here
each is counted before it is decoded, reduced to the fields a notebook can hold, and dropped if
it is anything else. No message can raise an error on this side.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Callable
from queue import Empty
from typing import Any, cast

import zmq
import zmq.asyncio
from jupyter_client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Any as AnyTrait
from traitlets import Type

MAX_MESSAGES = 20_000
MAX_DEPTH = 32
MAX_VALUES = 500_000  # lists, objects and their members: each takes up to a hundred bytes here
# ZeroMQ's own way never to connect again (-1) takes a lost connection's messages away while they
# are read; between two frames of one, that is a failed assertion in libzmq 4.3.5 (fq.cpp), which
# ends this process. So it is to wait for longer than any batch takes: eleven days.
NEVER_MS = 1_000_000_000
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_JSON = re.compile(r"application/(.*\+)?json")  # as nbformat's schema: others are text
_QUIET = {"status", "execute_input", "execute_reply", "kernel_info_reply", "iopub_welcome"}


class Meter:
    """Counts what a kernel puts out, and calls ``on_flood`` once when it passes the limit."""

    def __init__(self, most: int, on_flood: Callable[[], None]) -> None:
        self.most, self.on_flood = most, on_flood
        self.bytes = self.messages = 0
        self.flooded = False

    def count(self, size: int, messages: int = 1) -> None:
        self.bytes, self.messages = self.bytes + size, self.messages + messages
        if not self.flooded and (self.bytes > self.most or self.messages > MAX_MESSAGES):
            self.flood()

    def flood(self) -> None:
        if not self.flooded:
            self.flooded = True
            self.on_flood()


class GuardedChannel(AsyncZMQSocketChannel):
    """A channel whose messages are counted, then checked, then passed on or dropped."""

    meter: Meter | None = None

    async def get_msg(  # type: ignore[override]
        self, timeout: float | None = None
    ) -> dict[str, Any]:
        """The next sound message.

        Raises:
            Empty: there was none within ``timeout`` seconds (None: wait for ever).
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if self.socket is None:
                raise Empty
            if not await self.socket.poll(None if left is None else int(left * 1000)):
                raise Empty
            parts = await self.socket.recv_multipart()
            message = self._sound(parts)
            if message is not None:
                return message

    def _sound(self, parts: list[bytes]) -> dict[str, Any] | None:
        try:
            _, body = self.session.feed_identities(parts)
            sound = sum(map(_values, cast(list[bytes], body))) <= MAX_VALUES
            message = plain_message(self.session.deserialize(body)) if sound else None
        except Exception:  # the parsers below were not written for hostile bytes
            message = None
        # what only frames a cell is not output, and does not count against the author's limit
        quiet = message is not None and message["msg_type"] in _QUIET
        if self.meter is not None:
            self.meter.count(0 if quiet else sum(map(len, parts)))
            if self.meter.flooded and not quiet:
                return None
        return message


class GuardedClient(AsyncKernelClient):
    """Client over guarded channels: no heartbeat, no stdin, no second connection."""

    meter = AnyTrait()
    ended = AnyTrait(lambda: False)  # says whether the kernel's sandbox has ended
    shell_channel_class = Type(GuardedChannel)
    iopub_channel_class = Type(GuardedChannel)
    control_channel_class = Type(GuardedChannel)

    def start_channels(self, *_: Any, **__: Any) -> None:
        super().start_channels(shell=True, iopub=True, stdin=False, hb=False, control=True)
        for channel in (self.shell_channel, self.iopub_channel, self.control_channel):
            channel.meter = self.meter

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until all three connections are made; none is made again later.

        Raises:
            TimeoutError: the kernel did not answer, or has ended.
        """
        deadline = time.monotonic() + (timeout or 60.0)
        waiting = {"shell", "iopub", "control"}
        while waiting:
            if time.monotonic() > deadline or self.ended():
                raise TimeoutError("the kernel did not answer")
            if "shell" in waiting or "iopub" in waiting:
                self.kernel_info()
            if "control" in waiting:
                self.control_channel.send(self.session.msg("kernel_info_request"))
            for name in sorted(waiting):
                if await self._heard(name, 0.1):
                    waiting.discard(name)

    wait_for_ready = _async_wait_for_ready

    async def _heard(self, name: str, seconds: float) -> bool:
        channel = {
            "shell": self.shell_channel,
            "iopub": self.iopub_channel,
            "control": self.control_channel,
        }[name]
        try:
            await channel.get_msg(timeout=seconds)
        except Empty:
            return False
        return True


def context(most: int) -> zmq.asyncio.Context:
    """A ZeroMQ context for one kernel.

    No message over ``most`` bytes is received, few wait unread, and a connection that is lost
    is not made again: by then its path could lead elsewhere. What is sent then reaches nobody; to
    send where too much waits already raises ``zmq.Again``, for it would else wait for ever.
    """
    made = zmq.asyncio.Context()
    made.setsockopt(zmq.MAXMSGSIZE, most)
    made.setsockopt(zmq.RCVHWM, 64)
    made.setsockopt(zmq.RECONNECT_IVL, NEVER_MS)
    made.setsockopt(zmq.LINGER, 0)
    made.setsockopt(zmq.SNDTIMEO, 0)
    return made


async def watch_connection(socket: zmq.asyncio.Socket, lost: Callable[[], None]) -> None:
    """Call ``lost`` when the connection of ``socket`` breaks (ZeroMQ does so on a huge message)."""
    monitor = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    try:
        await monitor.recv_multipart()
        lost()
    except asyncio.CancelledError:
        pass  # the notebook has ended with the connection whole
    finally:
        socket.disable_monitor()


# --- from a message to what a notebook can hold ------------------------------------------------


def plain_message(message: dict[str, Any]) -> dict[str, Any] | None:
    """The message with checked fields only; None if it is not one that we use.

    Raises:
        KeyError, TypeError, ValueError: it is malformed.
    """
    kind = message["msg_type"]
    if kind not in _CONTENT:
        return None
    parent = message["parent_header"].get("msg_id", "")
    if not isinstance(parent, str):
        return None
    return {
        "header": {"msg_type": kind},
        "msg_type": kind,
        "parent_header": {"msg_id": parent},
        "metadata": {},
        "content": _CONTENT[kind](message["content"]),
        "buffers": [],
    }


def _values(data: bytes) -> int:
    """About how many values JSON text holds; what stands in its strings are none."""

    def count(text: bytes) -> int:
        return text.count(b"[") + text.count(b"{") + text.count(b",")

    rough = count(data)
    return rough if rough <= MAX_VALUES else count(_STRING.sub(b"", data))


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = "".join(value)
    if not isinstance(value, str):
        raise TypeError("not text")
    return value.encode("utf-8", "replace").decode()  # no lone surrogates: they can't be written


def _stream(content: dict[str, Any]) -> dict[str, Any]:
    name = "stderr" if content["name"] == "stderr" else "stdout"
    return {"name": name, "text": _text(content["text"])}


def _display(content: dict[str, Any]) -> dict[str, Any]:
    data = {}
    for mime, value in content["data"].items():
        name = _text(mime)[:200]
        as_json = _JSON.fullmatch(name)
        data[name] = _bounded(value, MAX_DEPTH) if as_json else _text(value)
    plain: dict[str, Any] = {"data": data, "metadata": {}}
    if "execution_count" in content:
        plain["execution_count"] = _count(content["execution_count"])
    display_id = (content.get("transient") or {}).get("display_id")
    if isinstance(display_id, str):
        plain["transient"] = {"display_id": display_id}
    return plain


def _result(content: dict[str, Any]) -> dict[str, Any]:
    return {"execution_count": None, **_display(content)}


def _error(content: dict[str, Any]) -> dict[str, Any]:
    return {
        "ename": _text(content["ename"]),
        "evalue": _text(content["evalue"]),
        "traceback": [_text(line) for line in content["traceback"]],
    }


def _status(content: dict[str, Any]) -> dict[str, Any]:
    return {"execution_state": _text(content["execution_state"])}


def _reply(content: dict[str, Any]) -> dict[str, Any]:
    status = content["status"]
    if status not in ("ok", "error", "aborted", "abort"):
        raise ValueError("no such status")
    return {"status": "ok" if status == "ok" else "error"}


def _input(content: dict[str, Any]) -> dict[str, Any]:
    return {"execution_count": _count(content["execution_count"])}


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value < 1_000_000 else None


def _bounded(value: Any, depth: int) -> Any:
    """JSON data of bounded depth, its texts writable."""
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return {_text(key): _bounded(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_bounded(item, depth - 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # not JSON, though Python's parser takes it
    return _text(value) if isinstance(value, str) else value


_CONTENT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "stream": _stream,
    "display_data": _display,
    "update_display_data": _display,
    "execute_result": _result,
    "error": _error,
    "status": _status,
    "execute_input": _input,
    "execute_reply": _reply,
    "clear_output": lambda content: {"wait": bool(content.get("wait"))},
    "kernel_info_reply": lambda content: {},
    "iopub_welcome": lambda content: {},
}
