"""nbgrader's own verbs as a person runs them, by a process that has imported nbgrader once.

Importing it takes some three seconds of processor time, and two dozen tests run a verb.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests import processes

# For each line a fork, which becomes what `nbgrader` in a shell is: environment, folder, streams.
_SERVER = """
import gc, json, os, sys
from nbgrader.apps.nbgraderapp import main

gc.collect()
gc.freeze()
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child == 0:
        os.chdir(asked["cwd"])
        os.environ.clear()
        os.environ.update(asked["env"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for stream, path in ((1, asked["out"]), (2, asked["err"])):
            os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND), stream)
        sys.argv[:] = ["nbgrader", *asked["words"]]
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def nbgrader(
    cwd: Path, *words: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one of nbgrader's verbs in a folder; ``env`` in place of this process's environment."""
    server = _server()
    assert server.stdin
    assert server.stdout
    with tempfile.NamedTemporaryFile("r") as out, tempfile.NamedTemporaryFile("r") as err:
        asked = {
            "words": words,
            "cwd": str(cwd),
            "env": dict(os.environ if env is None else env),
            "out": out.name,
            "err": err.name,
        }
        server.stdin.write(json.dumps(asked) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        return subprocess.CompletedProcess(["nbgrader", *words], status, out.read(), err.read())


@functools.cache
def _server() -> subprocess.Popen[str]:
    """One for each process that runs tests; it ends with it."""
    server = subprocess.Popen(
        [sys.executable, "-P", "-c", _SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(processes.end, server)
    return server
