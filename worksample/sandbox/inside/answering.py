"""Answer the probe's calls inside the candidate's kernel.

Everything here runs in the candidate's process, which may do to it what it likes: no line of
this file is trusted by the other side, which checks every byte that comes back (values.py).

:func:`serve` is started in the kernel after the last cell. It forks once: the fork is a snapshot of
the notebook's final state, and forks again for each call, or for calls that belong together. The
kernel itself is ended then, so that nobody remembers an earlier call.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import socket
import sys
import types
from typing import Any

from worksample.sandbox.inside.frames import BadFrame, Reader, pack

CHANNELS = "WORKSAMPLE_CHANNELS"
MAX_ARGUMENTS = 1 << 30


def serve() -> None:
    """Leave a snapshot that answers calls until the agent hangs up."""
    server, snapshot = (socket.socket(fileno=int(fd)) for fd in os.environ[CHANNELS].split(","))
    _silence()
    if os.fork() == 0:
        server.close()
        _end_with(_fork_on_request, snapshot)
    snapshot.close()
    server.sendall(pack({"hello": True}))
    server.recv(1)  # until the agent ends this process


def _silence() -> None:
    """What calls print would carry hidden inputs into the feedback."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (open for good)


def _end_with(work: Any, channel: socket.socket) -> None:
    """Run ``work`` in a fork and end the fork, whatever happens, without the kernel's clean-up."""
    try:
        work(channel)
    finally:
        os._exit(0)


def _fork_on_request(control: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    control.sendall(pack({"hello": True}))
    while True:
        data, fds, _, _ = socket.recv_fds(control, 1, 1)
        if not data or not fds:
            return
        _bury()
        if os.fork() == 0:
            control.close()
            _end_with(_answer, socket.socket(fileno=fds[0]))
        os.close(fds[0])


def _bury() -> None:
    """The forks that have ended: what they used is counted with their parent only after this."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _answer(channel: socket.socket) -> None:
    channel.sendall(pack({"hello": True}))
    reader = Reader(max_body=MAX_ARGUMENTS)
    while data := channel.recv(1 << 20):
        for question, body in reader.feed(data):
            channel.sendall(_reply(question, body))


def _reply(question: dict[str, Any], body: bytes) -> bytes:
    name, returns = question["function"], question["returns"]
    try:
        import __main__

        function = getattr(__main__, name, None)
        if not callable(function):
            return pack({"problem": "missing" if function is None else "not callable"})
        value = function(*pickle.loads(body))  # made by the trusted side
    except BaseException as error:
        return pack({"problem": "raised", **_describe(error)})
    try:
        header, encoded = _ENCODERS[returns](value)
        return pack({"problem": None, **header}, encoded)
    except BaseException as error:
        return pack({"problem": "unfit", "got": type(value).__name__[:60], **_describe(error)})


def _describe(error: BaseException) -> dict[str, Any]:
    """Type, line of the candidate's code, and a single word such as a missing column's name."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if "ipykernel" in trace.tb_frame.f_code.co_filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    word = getattr(error, "name", None) or (error.args[0] if error.args else "")
    return {"type": type(error).__name__[:60], "line": line, "word": str(word)[:60]}


# --- results as plain bytes; values.py is the other end --------------------------------------


def _plain(value: Any) -> Any:
    """Numpy's and pandas' scalars and arrays as plain JSON data; for ``json.dumps``."""
    for method in ("tolist", "to_dict", "isoformat"):
        if hasattr(value, method):
            return getattr(value, method)()
    if isinstance(value, (set, frozenset, tuple, types.MappingProxyType)):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _json(value: Any) -> tuple[dict[str, Any], bytes]:
    return {}, json.dumps(value, default=_plain).encode()


def _number(value: Any) -> tuple[dict[str, Any], bytes]:
    return {}, json.dumps(float(value)).encode()


def _numbers(value: Any) -> tuple[dict[str, Any], bytes]:
    import numpy

    return {}, numpy.asarray(value, dtype="<f8").ravel().tobytes()


def _bools(value: Any) -> tuple[dict[str, Any], bytes]:
    import numpy

    array = numpy.asarray(value).ravel()
    if array.dtype.kind not in "bui":
        array = array.astype(float)
    if not numpy.isin(array, (0, 1)).all():
        raise ValueError("neither true nor false")
    return {}, array.astype("u1").tobytes()


def _frame(value: Any) -> tuple[dict[str, Any], bytes]:
    import pandas

    if not isinstance(value, pandas.DataFrame):
        raise TypeError("not a DataFrame")
    columns: list[dict[str, Any]] = []
    parts: list[bytes] = []
    if value.index.dtype.kind in "iu":
        columns.append({"name": None, "kind": "int"})
        parts.append(value.index.to_numpy("<i8").tobytes())
    for position, name in enumerate(value.columns):
        kind, data = _column(value.iloc[:, position])
        columns.append({"name": str(name), "kind": kind, "bytes": len(data)})
        parts.append(data)
    described = json.dumps(columns).encode()
    return {"rows": len(value), "columns": len(described)}, described + b"".join(parts)


def _column(column: Any) -> tuple[str, bytes]:
    import pandas

    kind = column.dtype.kind if hasattr(column.dtype, "kind") else "O"
    if isinstance(column.dtype, pandas.CategoricalDtype):
        kind = "O"
    if kind == "b" and not column.isna().any():
        return "bool", column.to_numpy("u1").tobytes()
    if kind in "iu" and not column.isna().any():
        return "int", column.to_numpy("<i8").tobytes()
    if kind in "fiub":
        return "float", column.to_numpy("<f8", na_value=float("nan")).tobytes()
    if kind == "M":
        if getattr(column.dtype, "tz", None) is not None:
            column = column.dt.tz_convert("UTC").dt.tz_localize(None)
        return "time", column.to_numpy("datetime64[ns]").astype("<i8").tobytes()
    codes, values = pandas.factorize(column)
    texts = json.dumps([value if isinstance(value, str) else str(value) for value in values])
    return "text", codes.astype("<i4").tobytes() + texts.encode()


_ENCODERS = {
    "json": _json,
    "number": _number,
    "numbers": _numbers,
    "bools": _bools,
    "frame": _frame,
}

__all__ = ["CHANNELS", "BadFrame", "serve"]
