"""Let events happen to a tree inside a grader's box: what ``worksample.grading.trials`` asks of it.

The registry is in this process, which no process of the workflow can write to: they add to its
record, by the socket, and take nothing away. Still no line here is trusted by the other side.
"""

from __future__ import annotations

import base64
import ctypes
import os
import tempfile
from pathlib import Path
from typing import Any

from worksample.workbook.ci.events import Event
from worksample.workbook.ci.recorder import Recorder
from worksample.workbook.ci.running import run

_PR_SET_DUMPABLE = 4


def happening(question: dict[str, Any], place: Path | None = None) -> dict[str, Any]:
    """Lay the tree out, let the events happen, tell what came of them.

    Args:
        place: where all is laid out; None: where we are.

    Returns:
        ``codes``, ``commits`` and ``whys`` of the events, the registry's ``records``, and ``said``:
        the end of what was put out.
    """
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # its memory is nobody's to write
    folder = Path(tempfile.mkdtemp(prefix="events-", dir=place or os.getcwd()))
    tree = folder / "tree"
    for name, data in question["tree"].items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))
    log = folder / "log"
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    events = [Event(**each) for each in question["events"]]
    with Recorder(folder / "registry", question["password"]) as recorder:
        outcomes = run(tree, folder / "run", events, recorder)
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - question["said"]))
        said = file.read().decode("utf-8", "replace")
    return {
        "codes": [each.code for each in outcomes],
        "commits": [each.commit for each in outcomes],
        "whys": [each.why for each in outcomes],
        "records": recorder.records,
        "said": said,
    }
