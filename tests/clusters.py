"""A Dask cluster on this machine, of real processes: a scheduler, and workers to be killed.

Each worker has a home of its own: working directory, temporary files, Dask's local directory.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import alive, below, end, until

START_SECONDS = 600.0  # on a machine that is busy with something else


@dataclass
class Worker:
    """A worker's process (or its nanny's), and everything that it may write to."""

    process: subprocess.Popen[bytes]
    home: Path

    def attempts(self) -> list[Path]:
        """Folders of the attempts that it is grading, or was when it was killed."""
        return list(self.home.rglob("attempt-*"))

    def files(self) -> list[Path]:
        """What it has written besides its log, and besides what Dask keeps for itself."""
        own = ("log", "global.lock", "purge.lock")
        return [
            path
            for path in self.home.rglob("*")
            if path.is_file() and path.name not in own and path.suffix != ".dirlock"
        ]

    def kill(self) -> None:
        """SIGKILL, as from a machine that runs out of memory; nothing below it may go on."""
        left = below(self.process.pid)
        self.process.kill()
        self.process.wait()
        until(lambda: not any(map(alive, left)))


class LocalCluster:
    """A scheduler on this machine, and the workers that were added to it."""

    def __init__(self, folder: Path, protocol: str = "tcp", **options: str) -> None:
        self.folder, self.options = folder, options
        self.workers: list[Worker] = []
        facts = folder / "scheduler.json"
        self.scheduler = self._start(
            "dask_scheduler",
            folder / "scheduler",
            *("--host", "127.0.0.1", "--port", "0", "--dashboard-address", ":0"),
            *("--scheduler-file", str(facts), "--protocol", protocol),
        )
        until(facts.is_file, START_SECONDS)
        self.address: str = json.loads(facts.read_text())["address"]

    def add(
        self, home: Path | None = None, nanny: bool = False, package: Path | None = None
    ) -> Worker:
        """Start a worker; in the ``home`` of an earlier one, or with another ``package``."""
        home = home or self.folder / f"worker-{len(self.workers)}"
        process = self._start(
            "dask_worker",
            home,
            self.address,
            *("--nthreads", "1", "--no-dashboard", "--local-directory", str(home / "local")),
            *(() if nanny else ("--no-nanny",)),
            *("--preload", "worksample.grading.attempt"),
            package=package,
        )
        worker = Worker(process, home)
        self.workers.append(worker)
        log = home / "log"
        started = lambda: "Registered to" in log.read_text() or process.poll() is not None  # noqa: E731
        until(started, START_SECONDS)
        assert process.poll() is None, log.read_text()
        return worker

    def busy(self) -> Worker:
        """A worker that is grading; waits for it."""
        until(lambda: any(each.attempts() for each in self.workers), START_SECONDS)
        return next(each for each in self.workers if each.attempts())

    def close(self) -> None:
        """End everything; at once, since nobody needs what they would do before."""
        for each in (*(worker.process for worker in self.workers), self.scheduler):
            end(each, patience=0)

    def _start(
        self, what: str, home: Path, *arguments: str, package: Path | None = None
    ) -> subprocess.Popen[bytes]:
        (home / "tmp").mkdir(parents=True, exist_ok=True)
        path = [str(package)] if package else [each for each in sys.path if each]
        env = {**os.environ, **self.options, "PYTHONPATH": ":".join(path), "TMPDIR": f"{home}/tmp"}
        command = [sys.executable, "-m", f"distributed.cli.{what}", *arguments]
        with open(home / "log", "wb") as log:
            return subprocess.Popen(command, cwd=home, env=env, stdout=log, stderr=log)


@contextmanager
def local_cluster(
    workers: int = 2, protocol: str = "tcp", **options: str
) -> Iterator[LocalCluster]:
    """A cluster for the length of a block. ``options`` are Dask's, as environment variables."""
    # not below pytest's folders: their long names are no place for sockets
    folder = Path(tempfile.mkdtemp(prefix="ws-dask-"))
    cluster = LocalCluster(folder, protocol, **options)
    try:
        for _ in range(workers):
            cluster.add()
        yield cluster
    finally:
        cluster.close()
        shutil.rmtree(folder)
