"""Papermill's seam: an engine over a sandbox.

``WorksampleEngine`` (entry point ``papermill.engine``) executes a notebook with nbclient in a
:class:`worksample.sandbox.box.Box`.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import signal
import threading
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import ValidationError

from worksample import stages
from worksample.errors import SandboxFailed
from worksample.grading import slots
from worksample.grading.provisioner import SandboxProvisioner as SandboxProvisioner
from worksample.limits import AnswerSpec, Limits
from worksample.sandbox.box import START_SECONDS, Box, Setup, too_busy
from worksample.sandbox.choice import choose
from worksample.sandbox.inside.turns import Allowance, TooBusy
from worksample.sandbox.messages import GuardedClient, Meter, context, watch_connection
from worksample.sandbox.watch import Breach

KB = 1 << 10
INTERRUPT_SECONDS = 3.0
LOST_SECONDS = 1.0
COPIES_A_MESSAGE = 100  # outputs that are rewritten in the time that a message takes
log = logging.getLogger(__name__)


@dataclass
class Session:
    """One pass over a notebook in one box; the engine fills in what came of it.

    Attributes:
        skip: ids of cells that are not to be run.
        statuses: cell id -> status of every code cell.
        killed: id of the cell in which the kernel had to end, or ended.
        how, cell, detail: what went wrong first, and where; empty when nothing did.
        lost: what was killed by nothing that we know of (:func:`unexplained`); else empty.
        recorded, missing: answers as recorded when the last cell was done; why others are not.
        after: called with the box while its kernel answers calls.
    """

    box: Box
    limits: Limits
    skip: frozenset[str] = frozenset()
    statuses: dict[str, str] = field(default_factory=dict)
    answers: Mapping[str, AnswerSpec] = field(default_factory=dict)
    after: Callable[[Box], None] | None = None
    killed: str | None = None
    lost: str = ""
    how: str = ""
    cell: str | None = None
    detail: str = ""
    recorded: dict[str, bytes] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def blame(self, how: str, cell: str | None, detail: str) -> None:
        """Note what went wrong; the first thing counts."""
        if not self.how:
            self.how, self.cell, self.detail = how, cell, detail


class _Manager(AsyncKernelManager):
    """A manager of one kernel in a given box; it leaves no connection file on this side."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """Nobody else is to connect."""

    def cleanup_connection_file(self) -> None:
        """There is none; and the sockets are the sandbox's to remove."""

    def cleanup_ipc_files(self) -> None:
        """See above."""

    @classmethod
    def over(cls, box: Box, client_context: Any) -> _Manager:
        config = {"provisioner_name": "worksample-sandbox", "config": {"box": box}}
        manager = cls(
            kernel_name="worksample",
            context=client_context,
            client_class=f"{GuardedClient.__module__}.GuardedClient",
            connection_file="/nonexistent/worksample.json",
        )
        manager._kernel_spec = KernelSpec(
            argv=["python"], language="python", metadata={"kernel_provisioner": config}
        )
        return manager


class _Notebook(NotebookClient):
    """nbclient for one pass: runs every cell, whatever the ones before it did."""

    replied = "ok"
    meter: Meter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ids: dict[int, set[str]] = {}  # cell's place -> the display ids that it shows
        self._held: dict[str, int] = {}  # display id -> characters of it but for the first

    async def _check_raise_for_error(
        self, cell: Any, cell_index: int, exec_reply: dict[str, Any] | None
    ) -> None:
        self.replied = (exec_reply or {}).get("content", {}).get("status", "error")

    def output(self, outs: Any, msg: Any, display_id: str | None, cell_index: int) -> Any:
        """Take an output, and note where its id is shown; one that no notebook can hold is none."""
        try:
            made = super().output(outs, msg, display_id, cell_index)
        except ValidationError:
            return None
        if display_id:
            self._ids.setdefault(cell_index, set()).add(display_id)
        return made

    def clear_display_id_mapping(self, cell_index: int) -> None:
        """Only the ids of this cell: nbclient looks at all there are, each time."""
        for display_id in self._ids.pop(cell_index, ()):
            self._display_id_map[display_id].pop(cell_index, None)

    def _update_display_id(self, display_id: str, msg: Any) -> None:
        """An update is put into every output of its id, and counts as what it becomes."""
        shown = self._display_id_map.get(display_id, {})
        copies = sum(map(len, shown.values()))
        if not copies:
            return
        size = sum(len(text) for text in msg["content"]["data"].values() if isinstance(text, str))
        held, before = (copies - 1) * size, self._held.get(display_id, 0)
        self._held[display_id] = held  # beside what was counted as a message
        self.meter.count(max(0, held - before), copies // COPIES_A_MESSAGE)
        if not self.meter.flooded:
            super()._update_display_id(display_id, msg)

    def handle_comm_msg(self, outs: Any, msg: Any, cell_index: int) -> None:
        """Widgets need no answer here, and their state is not kept."""


@functools.cache
def _papermill_engine() -> type[Any]:
    """The class that papermill's entry point names, made when it is asked for.

    Papermill loads its entry points while it is imported. Were it imported at the top of this
    module, whoever imports this module first would have it loaded half made.
    """
    from papermill.engines import Engine

    class WorksampleEngine(Engine):
        """Executes every code cell of a notebook in a sandbox.

        ``session`` says in which box and takes what came of it; without one (plain
        ``papermill --engine worksample``) a box with default limits is opened, around no case.
        """

        __qualname__ = "WorksampleEngine"

        @classmethod
        def execute_managed_notebook(
            cls, nb_man: Any, kernel_name: str, session: Session | None = None, **kwargs: Any
        ) -> None:
            """Run the notebook of ``nb_man``.

            Raises:
                SandboxFailed: the kernel could not be started.
            """
            if session is not None:
                _run_to_end(_execute(nb_man, session))
                return
            with choose().open(Setup(Limits())) as box:
                _run_to_end(_execute(nb_man, Session(box, box.setup.limits)))

    return WorksampleEngine


def __getattr__(name: str) -> Any:
    if name == "WorksampleEngine":
        return _papermill_engine()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _run_to_end(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine, also where a loop is running already (a notebook, formgrader)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, name="worksample-engine")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


async def _execute(nb_man: Any, session: Session) -> None:
    box, limits = session.box, session.limits
    most = limits.output_kb * KB
    client_context = context(most + 64 * KB)
    flood = Breach("output", f"more than {limits.output_kb} kB were put out")
    meter = Meter(most, lambda: _in_thread(box.kill, flood))
    manager = _Manager.over(box, client_context)
    notebook = _Notebook(
        nb_man.nb,
        km=manager,
        timeout=None,
        allow_errors=True,
        record_timing=False,
        skip_cells_with_tag="",
        log=log,
    )
    notebook.meter = meter
    tasks: list[asyncio.Task[None]] = []
    try:
        client = notebook.kc = await _connect(manager, client_context, meter, box.ended.is_set)
        stages.end("kernel", box)
        lost = functools.partial(_in_thread, _lost, box)
        tasks += [
            asyncio.create_task(watch_connection(channel.socket, lost))
            for channel in (notebook.kc.iopub_channel, notebook.kc.shell_channel)
        ]
        with slots.slot():
            stages.end("waiting", box)
            await _candidates_code(nb_man, notebook, client, session)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if notebook.kc is not None:
            notebook.kc.stop_channels()
        manager._close_control_socket()
        client_context.destroy(linger=0)


async def _candidates_code(
    nb_man: Any, notebook: _Notebook, client: GuardedClient, session: Session
) -> None:
    """Cells, answers, calls."""
    box = session.box
    await _all_cells(nb_man, notebook, session)
    # before any call: what is recorded afterwards could hold hidden inputs
    session.recorded, session.missing = await asyncio.to_thread(box.collect, session.answers)
    if box.ended.is_set() and session.killed is None:
        breach = box.breach or Breach("crashed", "the kernel ended after the last cell")
        session.blame(breach.how, None, breach.detail)
        session.lost = unexplained(box)
    stages.end("cells", box)
    if session.after is not None and not box.ended.is_set():
        await _serve(client, box)
        await asyncio.to_thread(session.after, box)
        stages.end("probe", box)


async def _serve(client: GuardedClient, box: Box) -> None:
    """Have the kernel answer calls; from here on nothing that it puts out is read."""
    client.iopub_channel.stop()
    client.control_channel.stop()
    # an expression, not code: input transformers and cell hooks of the candidate are not asked
    serve = "__import__('worksample.sandbox.inside.answering', fromlist=['']).serve()"
    with contextlib.suppress(zmq.Again):  # it has ended, as the box is about to say
        client.execute("", silent=True, store_history=False, user_expressions={"serve": serve})
    await asyncio.to_thread(box.serve)
    client.shell_channel.stop()


def _lost(box: Box) -> None:
    """A connection broke, as ZeroMQ does over a message too large: see the box end, or end it."""
    if not box.ended.wait(LOST_SECONDS):
        most = f"more than {box.setup.limits.output_kb} kB at once"
        box.kill(Breach("output", f"the kernel closed a connection, or sent {most}"))


def _in_thread(work: Callable[..., None], *args: Any) -> None:
    threading.Thread(target=work, args=args, daemon=True).start()


async def _connect(
    manager: _Manager, client_context: Any, meter: Meter, ended: Callable[[], bool]
) -> GuardedClient:
    """Start the kernel and connect to it, once."""
    try:
        await manager._async_start_kernel()
        client: Any = manager.client(context=client_context, meter=meter, ended=ended)
        client.start_channels()
        await client._async_wait_for_ready(START_SECONDS)
    except (TimeoutError, zmq.Again) as error:
        raise SandboxFailed("the kernel in the sandbox did not answer", do="try again") from error
    client.allow_stdin = False
    return client


async def _all_cells(nb_man: Any, notebook: _Notebook, session: Session) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody waits any more
            loop.call_soon_threadsafe(ended.set)

    session.box.on_ended.append(tell)
    if session.box.ended.is_set():  # before there was anybody to tell
        ended.set()
    begun = session.box.turn()
    code = [(i, cell) for i, cell in enumerate(nb_man.nb.cells) if cell.cell_type == "code"]
    session.statuses.update({cell.id: "not_run" for _, cell in code})
    over = False
    for index, cell in code:
        if cell.id in session.skip:
            continue
        # a cell that was stopped at the notebook's limit has had the rest, but for what is given
        # back while it was being stopped
        left = 0.0 if over else session.limits.notebook_seconds - begun.own(session.box.turn())
        if left <= 0:
            session.blame("timeout", None, "the notebook as a whole took too long")
            return
        nb_man.cell_start(cell, index)
        status = await _one_cell(notebook, cell, index, session, ended, left)
        session.statuses[cell.id] = status
        over = status == "timeout" and left <= session.limits.cell_seconds
        if status != "completed":
            nb_man.cell_exception(cell, index)
        nb_man.cell_complete(cell, index)
        if session.box.ended.is_set():
            _note_death(session, cell.id, status)
            return


async def _one_cell(
    notebook: _Notebook,
    cell: Any,
    index: int,
    session: Session,
    ended: asyncio.Event,
    left: float,
) -> str:
    """Run a cell within its time, and the notebook's that is ``left``; returns its status."""
    seconds = min(session.limits.cell_seconds, left)
    work = asyncio.create_task(notebook.async_execute_cell(cell, index))
    death = asyncio.create_task(ended.wait())
    try:
        await _within(seconds, {work, death}, session.box)
        if work.done() and isinstance(work.exception(), zmq.Again):
            await asyncio.to_thread(_lost, session.box)
            await death
        if work.done() and notebook.meter.flooded:  # being ended for it: not the next cell's doing
            await death
        if work.done() and not ended.is_set():
            return _status(work, notebook)
        if not ended.is_set():
            session.blame("timeout", cell.id, f"a cell took more than {seconds:g} seconds")
            return await _stop(work, death, session)
        return "crashed"
    finally:
        for task in (work, death):
            task.cancel()
        await asyncio.gather(work, death, return_exceptions=True)


async def _within(seconds: float, tasks: set[asyncio.Task[Any]], box: Box) -> None:
    """Wait until one of ``tasks`` is done, or the box has had that much time.

    What a busy machine kept it waiting does not count, as it is not the candidate's doing.

    Raises:
        SandboxFailed: it had next to nothing of its time.
    """
    allowed = Allowance(seconds, box.turn)
    while True:
        await asyncio.wait(tasks, timeout=allowed.left, return_when=asyncio.FIRST_COMPLETED)
        if any(task.done() for task in tasks) or box.ended.is_set():
            return
        try:
            if allowed.spent():
                return
        except TooBusy:
            raise too_busy() from None


def _status(work: asyncio.Task[Any], notebook: _Notebook) -> str:
    error = work.exception()
    if isinstance(error, DeadKernelError):
        return "crashed"
    if error is not None:
        raise error
    return "completed" if notebook.replied == "ok" else "error"


async def _stop(work: asyncio.Task[Any], death: asyncio.Task[Any], session: Session) -> str:
    """Interrupt a cell that takes too long; end the kernel if that does not help."""
    await asyncio.to_thread(session.box.interrupt)
    await _within(INTERRUPT_SECONDS, {work, death}, session.box)
    if not work.done():
        breach = Breach("timeout", "a cell took too long and could not be interrupted")
        await asyncio.to_thread(session.box.kill, breach)
    return "timeout"


def unexplained(box: Box) -> str:
    """``kernel`` or ``sandbox`` if that was killed and no limit says why, else nothing.

    A kernel that sends itself SIGKILL and one that somebody else killed (a person, a system short
    of memory) look the same from here; the agent cannot be killed by what it holds.
    """
    if box.breach is not None or not box.ended.is_set():
        return ""
    if box.exit_code is None:
        return "sandbox"
    return "kernel" if box.exit_code == -signal.SIGKILL else ""


def _note_death(session: Session, cell: str, status: str) -> None:
    """Which cell the kernel ended in, and why."""
    breach = session.box.breach or Breach("crashed", "the kernel ended while this cell ran")
    session.killed = cell
    session.blame(breach.how, cell, breach.detail)
    if status != "timeout":
        session.lost = unexplained(session.box)
        session.statuses[cell] = "timeout" if breach.how == "timeout" else "crashed"
