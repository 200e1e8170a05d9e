"""A Chromium, and a Jupyter server for it to open."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from worksample.course import Course

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)

NEEDS_BROWSER = (
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM, reason="no Chromium here; `worksample doctor` says how to get one"
    ),
)


def launch(playwright: Any) -> Any:
    """A browser of playwright's; as root it has no sandbox of its own."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@contextmanager
def jupyter_server(course: Course, places: Path) -> Iterator[str]:
    """A Jupyter server with nbgrader's extension in the course folder; its address.

    ``places`` is a folder for its configuration and its log.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(places / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    log = (places / "server.log").open("w")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root"),
            *(f"--ServerApp.port={port}", "--IdentityProvider.token="),
            f"--ServerApp.root_dir={course.root}",
        ],
        cwd=course.root,
        env={**os.environ, **own},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)
        log.close()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    # a busy machine takes a minute over what takes six seconds elsewhere
    begin = time.monotonic()
    while time.monotonic() - begin < 240:
        assert process.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except urllib.error.URLError:
            time.sleep(0.5)
    process.kill()
    raise AssertionError("the server did not start")
