"""Length-prefixed frames: what the trusted side, the agent and a kernel say to each other.

A frame is a JSON object (the header) and bytes (the body). Both ends treat the other as
hostile: sizes are checked before anything is stored, and a header is JSON of known depth.
This file runs on both sides of the sandbox and imports nothing but the standard library.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

SIZES = struct.Struct("!II")
MAX_HEADER = 1 << 16


class BadFrame(Exception):
    """The other end sent something that is no frame, or is larger than was agreed."""


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """The bytes of one frame."""
    head = json.dumps(header).encode()
    return SIZES.pack(len(head), len(body)) + head + body


class TooLarge(BadFrame):
    """A frame is larger than was agreed."""


class Reader:
    """Cuts a stream of bytes into frames; never holds more than one frame over its limit.

    Args:
        max_body: largest body accepted; may be changed between frames.
    """

    def __init__(self, max_body: int) -> None:
        self.max_body = max_body
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Yield the frames completed by ``data``.

        Raises:
            BadFrame: a size is over its limit (TooLarge), or a header is not a JSON object.
        """
        self._held += data
        while (frame := self._next()) is not None:
            yield frame

    def _next(self) -> tuple[dict[str, Any], bytes] | None:
        if len(self._held) < SIZES.size:
            return None
        head_size, body_size = SIZES.unpack_from(self._held)
        if head_size > MAX_HEADER or body_size > self.max_body:
            raise TooLarge(f"a frame of {head_size} + {body_size} bytes")
        end = SIZES.size + head_size + body_size
        if len(self._held) < end:
            return None
        head = bytes(self._held[SIZES.size : SIZES.size + head_size])
        body = bytes(self._held[SIZES.size + head_size : end])
        del self._held[:end]
        return _header(head), body


def _header(head: bytes) -> dict[str, Any]:
    try:
        header = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise BadFrame("a header that is not JSON") from error
    if not isinstance(header, dict):
        raise BadFrame("a header that is not an object")
    return header
