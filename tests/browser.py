"""A Chromium, and a Jupyter server for it to open."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.processes import running

# a busy machine takes a minute over what takes six seconds elsewhere
START_SECONDS = 240.0
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
    """A browser of playwright's; as root it has no sandbox of its own, and here no graphics card.

    To imitate one takes a sixth of what it costs to show a JupyterLab.
    """
    return playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
    )


@contextmanager
def jupyter_server(folder: Path, places: Path, *options: str, app: str = "server") -> Iterator[str]:
    """A Jupyter server, or another ``app`` of its kind, with ``folder`` at its root; its address.

    ``places`` is a folder for its configuration, what it keeps and its log.
    """
    own = {f"JUPYTER_{name}_DIR": str(places / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"HOME": str(places), "IPYTHONDIR": str(places / "ipython")}
    command = [sys.executable, "-m", "jupyter", app, "--no-browser", "--allow-root", *options]
    command += ["--ServerApp.ip=127.0.0.1", "--IdentityProvider.token="]
    command += [f"--ServerApp.root_dir={folder}"]
    with (
        (places / "server.log").open("w") as log,
        running(
            command,
            cwd=folder,
            env={**os.environ, **own},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as server,
    ):
        yield _address(places / "RUNTIME", server)


def _address(runtime: Path, server: subprocess.Popen[Any]) -> str:
    """Where it listens: it finds a port that is free and writes down which."""
    begin = time.monotonic()
    while time.monotonic() - begin < START_SECONDS:
        assert server.poll() is None, "the server ended"
        for path in runtime.glob("jpserver-*.json"):
            try:
                address = json.loads(path.read_text())["url"].rstrip("/")
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                return address
            except (OSError, ValueError):  # half written, or it does not listen yet
                continue
        time.sleep(0.2)
    raise AssertionError("the server did not start")
