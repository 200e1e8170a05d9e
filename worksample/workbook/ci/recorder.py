"""A registry that keeps a record of what reaches it.

It lives in the memory of whoever started the workflow and is spoken to over a socket: what a
workflow does can add to the record and take nothing away.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MAX_MESSAGE = 1 << 18
MAX_RECORDS = 150
MAX_TEXT = 300  # characters of a text that is kept


class Recorder:
    """A registry at a socket of the file system; a context manager.

    Args:
        place: where the socket is made.
        password: what `docker login` has to give.

    Attributes:
        records: what happened, in order: ``action`` (``login``, ``refused``, ``build``, ``run``,
            ``push``, ``smoke``, ``busy``, ``saw``), ``event`` (number) and what belongs to it. A
            ``push`` holds ``ref``, ``image`` (its identity), ``labels`` and ``ok`` (no mark is in
            its files); a ``smoke`` ``ref``, ``image`` and ``ok``.
        tags: ``repository:tag`` -> what was pushed last under it, with its ``place``.
    """

    def __init__(self, place: Path, password: str = "") -> None:
        self.place, self.password = place, password
        self.records: list[dict[str, Any]] = []
        self.tags: dict[str, dict[str, Any]] = {}
        self.event, self.staging, self.busy = 0, True, 0
        self.watched: tuple[str, ...] = ()
        self.marks: tuple[str, ...] = ()
        self._sessions: set[str] = set()
        self._socket = socket.socket(socket.AF_UNIX)

    def __enter__(self) -> Recorder:
        self._socket.bind(str(self.place))
        self._socket.listen(64)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # only closed, it may go on waiting: a system call that is begun anew takes the number of
        # the descriptor for that of the next socket
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()
        with contextlib.suppress(OSError):
            self.place.unlink()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._hear, args=(connection,), daemon=True).start()

    def _hear(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, ValueError, RecursionError):
            connection.settimeout(20)
            with connection.makefile("rb") as file:
                data = file.readline(MAX_MESSAGE)
            message = json.loads(data)
            reply = self.answer(message) if isinstance(message, dict) else {"ok": False}
            connection.sendall(json.dumps(reply).encode() + b"\n")

    def answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """What the registry says to one message; anything may be in it."""
        found = getattr(self, f"_do_{message.get('do')}", None)
        return found(message) if found is not None else {"ok": False, "why": "not understood"}

    def _note(self, action: str, **facts: Any) -> None:
        if len(self.records) < MAX_RECORDS:
            self.records.append({"action": action, "event": self.event, **facts})

    def _do_login(self, message: Mapping[str, Any]) -> dict[str, Any]:
        right = bool(self.password) and message.get("password") == self.password
        self._note("login" if right else "refused", ref=_text(message.get("registry")))
        if not right:
            return {"ok": False, "why": "unauthorized: wrong user name or token"}
        self._sessions.add(session := secrets.token_hex(8))
        return {"ok": True, "session": session}

    def _do_note(self, message: Mapping[str, Any]) -> dict[str, Any]:
        action = message.get("action")
        if action in ("build", "run"):
            self._note(action, ref=_text(message.get("ref")), ok=bool(message.get("ok")))
        return {"ok": True}

    def _do_push(self, message: Mapping[str, Any]) -> dict[str, Any]:
        ref, image = _text(message.get("ref")), _text(message.get("image"))
        if message.get("session") not in self._sessions:
            self._note("refused", ref=ref)
            return {"ok": False, "why": "denied: log in first"}
        labels = message.get("labels")
        given = labels.items() if isinstance(labels, dict) else ()
        kept = {_text(name): _text(value) for name, value in list(given)[:20]}
        self.tags[ref] = {"image": image, "labels": kept, "place": _text(message.get("place"))}
        clean = not _holds(Path(self.tags[ref]["place"], "root"), self.marks)
        self._note("push", ref=ref, image=image, labels=kept, ok=clean)
        return {"ok": True}

    def _do_find(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Where an image that was pushed lies, by its tag or its identity."""
        ref = _text(message.get("ref"))
        if ref in self.tags:
            return {"ok": True, **self.tags[ref]}
        name, _, digest = ref.partition("@")
        for tag, found in self.tags.items():
            if digest and tag.rpartition(":")[0] == name and found["image"] == digest:
                return {"ok": True, **found}
        return {"ok": False, "why": f"{ref}: not in the registry"}

    def _do_smoke(self, message: Mapping[str, Any]) -> dict[str, Any]:
        found = self._do_find(message)
        if not found["ok"]:
            return found
        ref = _text(message.get("ref"))
        if self.busy > 0:
            self.busy -= 1
            self._note("busy", ref=ref)
            return {"ok": False, "busy": True, "why": "in use by another team: try again"}
        self._note("smoke", ref=ref, image=found["image"], ok=self.staging)
        why = "" if self.staging else "staging: started, and answered no request in 30 s"
        return {"ok": self.staging, "why": why}

    def _do_saw(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """What a stranger's code found where it ran: kept only as whether a secret is in it."""
        values = message.get("values")
        texts = [str(value) for value in values[:2000]] if isinstance(values, list) else []
        for secret in self.watched:
            if any(secret in text for text in texts):
                self._note("saw")
        return {"ok": True}


def _holds(root: Path, marks: tuple[str, ...]) -> bool:
    """Whether a file of an image holds one of the marks."""
    wanted = [mark.encode() for mark in marks]
    files = [path for path in root.rglob("*") if path.is_file()] if wanted else []
    return any(mark in path.read_bytes() for path in files for mark in wanted)


def _text(value: Any) -> str:
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def say(message: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the recorder that `CI_RECORDER` names.

    Raises:
        OSError: there is none.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(os.environ["CI_RECORDER"])
        connection.sendall(json.dumps(message).encode() + b"\n")
        with connection.makefile("rb") as file:
            reply: dict[str, Any] = json.loads(file.readline(MAX_MESSAGE))
    return reply
