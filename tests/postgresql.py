"""A PostgreSQL of a test's own, on a Unix socket."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NOBODY = 65534


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A server of its own on a Unix socket; its URL."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    found = shutil.which("initdb") or next(
        map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None
    )
    if not found:
        pytest.skip("no PostgreSQL here (initdb): apt-get install postgresql")
    tools = Path(os.path.realpath(found)).parent
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    # it refuses to run as root
    who: dict[str, Any] = (
        {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    )
    if who:
        os.chown(folder, NOBODY, NOBODY)
    data, log = folder / "data", folder / "log"
    run: dict[str, Any] = {"cwd": folder, "check": True, "stdout": subprocess.DEVNULL, **who}
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    try:
        subprocess.run([tools / "initdb", "-D", data, "-U", "me", "-A", "trust"], **run)
        command = [tools / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w"]
        subprocess.run([*command, "start"], **run)
        try:
            yield f"postgresql+psycopg://me@/postgres?host={folder}"
        finally:
            subprocess.run([*command, "-m", "immediate", "stop"], **run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
