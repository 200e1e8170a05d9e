"""Papermill's engine and Jupyter's provisioner, each used the way others use them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat.v4 import output_from_msg
from papermill.engines import papermill_engines

from tests.processes import PATIENCE_SECONDS
from tests.sandboxes import notebook, nothing_left
from worksample.errors import SandboxFailed, SandboxUnavailable
from worksample.grading import engine
from worksample.grading.engine import Session, WorksampleEngine
from worksample.grading.run import execute
from worksample.limits import Limits
from worksample.sandbox.box import START_SECONDS, Setup
from worksample.sandbox.choice import choose
from worksample.sandbox.messages import MAX_MESSAGES, Meter, plain_message

WHERE = "import os\nos.path.exists('/attempt') and os.getcwd() == '/attempt'"


def test_the_engine_is_found_by_its_entry_point() -> None:
    assert papermill_engines.get_engine("worksample") is WorksampleEngine


def test_papermill_runs_a_notebook_in_the_sandbox(tmp_path: Path) -> None:
    """``papermill --engine worksample``, parameters and all, with nothing of ours around it."""
    node = nbformat.from_dict(notebook("import os\nx = 1", "x + 1, os.getcwd()"))
    node.cells[0].metadata["tags"] = ["parameters"]
    node.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "x"}
    nbformat.write(node, tmp_path / "in.ipynb")
    command = [sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", "-p", "x", "41"]
    command += ["--engine", "worksample", "--no-progress-bar"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ran = nbformat.read(tmp_path / "out.ipynb", 4)
    assert ran.cells[-1].outputs[0].data["text/plain"] == "(42, '/attempt')"


def test_a_session_tells_what_papermill_does_not() -> None:
    """After a dead kernel papermill stamps cells that never ran as completed."""
    node = nbformat.from_dict(notebook("1", "import os\nos._exit(0)", "3"))
    node.metadata["papermill"] = {}
    with nothing_left(), choose().open(Setup(Limits())) as box:
        session = Session(box, Limits())
        papermill_engines.execute_notebook_with_engine(
            "worksample", node, kernel_name="x", progress_bar=False, session=session
        )
    assert session.statuses == {"c0": "completed", "c1": "crashed", "c2": "not_run"}
    assert session.killed == "c1"


def test_a_kernel_that_ends_before_its_first_word_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Our fault, and told at once: not after the minute that a slow start may take."""
    start = engine._Manager._async_start_kernel

    async def ends(self: Any) -> None:
        await start(self)
        self.provisioner.box.kill()

    monkeypatch.setattr(engine._Manager, "_async_start_kernel", ends)
    node = nbformat.from_dict(notebook("1 + 1"))
    node.metadata["papermill"] = {}
    begun = time.monotonic()
    with (
        nothing_left(),
        choose().open(Setup(Limits())) as box,
        pytest.raises(SandboxFailed, match="did not answer"),
    ):
        papermill_engines.execute_notebook_with_engine(
            "worksample", node, kernel_name="x", progress_bar=False, session=Session(box, Limits())
        )
    assert time.monotonic() - begun < START_SECONDS / 2


def test_it_runs_where_an_event_loop_runs_already(tmp_path: Path) -> None:
    """Formgrader's button runs in one."""

    async def within() -> Any:
        return execute(notebook("1"), tmp_path, {}, Limits(), {}, [], "junior")

    with nothing_left():
        assert asyncio.run(within()).cells == {"c0": "completed"}


@pytest.fixture
def kernel_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installed kernel that names our provisioner."""
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "data.txt").write_text("public")
    config = {"case": str(tmp_path / "case"), "limits": {"memory_mb": 900}}
    spec = {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "sealed",
        "language": "python",
        "metadata": {
            "kernel_provisioner": {"provisioner_name": "worksample-sandbox", "config": config}
        },
    }
    folder = tmp_path / "share" / "kernels" / "sealed"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    assert "sealed" in KernelSpecManager().find_kernel_specs()
    return "sealed"


def test_plain_nbclient_runs_in_the_sandbox_through_the_provisioner(
    kernel_name: str, tmp_path: Path
) -> None:
    node = nbformat.from_dict(notebook(WHERE, "open('/case/data.txt').read()"))
    with nothing_left(descriptors=False):  # nbclient keeps an event loop
        NotebookClient(node, kernel_name=kernel_name).execute()
    shown = [cell.outputs[0].data["text/plain"] for cell in node.cells]
    assert shown == ["True", "'public'"]
    assert not list((tmp_path / "runtime").glob("*"))


def test_a_kernel_can_be_interrupted_and_restarted_through_the_provisioner(
    kernel_name: str,
) -> None:
    async def live() -> list[str]:
        manager = AsyncKernelManager(kernel_name=kernel_name)
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=PATIENCE_SECONDS)
        statuses = []
        client.execute("import time\nprint('here', flush=True)\ntime.sleep(600)")
        while (await client.get_iopub_msg(timeout=PATIENCE_SECONDS))["msg_type"] != "stream":
            pass
        await manager.interrupt_kernel()
        statuses.append((await client.get_shell_msg(timeout=PATIENCE_SECONDS))["content"]["status"])
        client.stop_channels()
        assert await manager.is_alive()
        await manager.shutdown_kernel(now=True)
        assert not await manager.is_alive()
        return statuses

    with nothing_left():
        assert asyncio.run(live()) == ["error"]


def test_without_a_sandbox_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusing to grade is better than running candidate code in the open by accident."""
    monkeypatch.setattr("worksample.sandbox.bubblewrap.binaries", list)
    touched = tmp_path / "touched"
    with pytest.raises(SandboxUnavailable):
        execute(notebook(f"open({str(touched)!r}, 'w')"), tmp_path, {}, Limits(), {}, [], "x")
    assert not touched.exists()
    ran = execute(
        notebook(f"open({str(touched)!r}, 'w')"), tmp_path, {}, Limits(), {}, [], "x", unsafe=True
    )
    assert touched.exists()
    assert "unsafe" in ran.sandbox


# --- messages ----------------------------------------------------------------------------------

KINDS = ["stream", "display_data", "execute_result", "error", "status", "execute_reply"]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["name", "text", "data", "metadata", "ename", "evalue", "traceback", "execution_count"]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([*KINDS, "comm_open", "nonsense"]),
    st.dictionaries(st.sampled_from([*NAMES, "status", "execution_state", "transient"]), JSON),
)
def test_what_passes_for_a_message_can_be_written_into_a_notebook(
    kind: str, content: dict[str, Any]
) -> None:
    """Whatever is in it: what comes out is an output of the known shape, or nothing."""
    message = {"msg_type": kind, "header": {}, "parent_header": {"msg_id": "x"}, "content": content}
    try:
        plain = plain_message(message)
    except (KeyError, TypeError, ValueError, AttributeError):
        return  # the channel drops it
    if plain is None or kind in ("status", "execute_reply"):
        return
    node = nbformat.v4.new_notebook()
    node.cells = [nbformat.v4.new_code_cell("1", outputs=[output_from_msg(plain)])]
    nbformat.validate(node)
    json.dumps(node, allow_nan=False).encode()


def test_a_meter_tells_once() -> None:
    told: list[int] = []
    meter = Meter(100, lambda: told.append(1))
    meter.count(100)
    assert not told
    meter.count(1)
    meter.count(1)
    assert told == [1]
    meter = Meter(100, lambda: told.append(2))
    for _ in range(MAX_MESSAGES + 1):
        meter.count(0)
    assert told == [1, 2]
