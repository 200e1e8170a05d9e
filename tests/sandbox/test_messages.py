"""What a kernel's connection does to this process, whatever the kernel does to the connection."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import nbformat
import pytest

from worksample.sandbox import messages

ENDS_WITHIN_A_MESSAGE = """
import os, tempfile, time
import zmq
from worksample.sandbox.messages import context

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # our thread before ZeroMQ's own
place = f"ipc://{tempfile.mkdtemp()}/k"
kernel = os.fork()
if kernel == 0:
    sender = zmq.Context().socket(zmq.PUSH)
    sender.sndhwm = 100_000
    sender.bind(place)
    sender.send_multipart([b"x"] * 3000)
    time.sleep(0.3)
    os._exit(0)
ours = context(1 << 20).socket(zmq.PULL)
receiver = zmq.Socket.shadow(ours.underlying)
receiver.rcvtimeo = 10_000
while not os.path.exists(place.removeprefix("ipc://")):
    time.sleep(0.01)
receiver.connect(place)
frames = [receiver.recv()]
os.waitpid(kernel, 0)
time.sleep(0.05)
while receiver.getsockopt(zmq.RCVMORE):
    frames.append(receiver.recv())
print(len(frames), flush=True)
os._exit(0)
"""


def test_a_connection_lost_within_a_message_ends_nothing_here():
    """With ZeroMQ's own way of never connecting again, this process is aborted (SIGABRT)."""
    for _ in range(4):  # the others' thread is faster now and then
        command = [sys.executable, "-c", ENDS_WITHIN_A_MESSAGE]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, "3000\n", "")


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        ("application/json", {"a": 1}, True),
        ("application/vnd.x.v1+json", [1], True),
        ("model/gltf+json", {"a": 1}, False),
        ("application/" + "a" * 300 + "+json", {"a": 1}, False),
        ("application/json\n", {"a": 1}, False),
        ("model/gltf+json", "text", True),
    ],
)
def test_an_output_is_one_that_a_notebook_can_hold_or_none(kind: str, value: Any, held: bool):
    """Else nbformat's refusal would be an error of ours, in the middle of an attempt."""
    message = {
        "msg_type": "display_data",
        "parent_header": {"msg_id": "x"},
        "content": {"data": {kind: value}},
    }
    try:
        made = messages.plain_message(message)
    except TypeError:
        made = None
    assert (made is not None) is held
    if made is not None:
        nbformat.v4.new_output("display_data", data=made["content"]["data"])
