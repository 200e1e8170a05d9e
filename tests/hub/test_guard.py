"""What holds a home within its limit where no file system does; on real processes and disks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.processes import end
from worksample.hub import guard
from worksample.hub.boxes import Running

# says at each line that it reads whether it could write
WRITES = """
import os, sys
for line in sys.stdin:
    try:
        place = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
        os.write(place, b"text")
        os.close(place)
        print("wrote", flush=True)
    except OSError as error:
        print(type(error).__name__, error.errno, flush=True)
"""
SYSTEMS = "/usr/bin/python3"  # that other users can run, too


@pytest.mark.parametrize("user", [None, 54321])
def test_nothing_can_be_written_until_it_is_let_go(
    user: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if user is not None and (os.geteuid() != 0 or not Path(SYSTEMS).exists()):
        pytest.skip("only root can start a process of somebody else")
    place = Path("/tmp", f"worksample-guard-{os.getpid()}") if user else tmp_path / "text"
    process = subprocess.Popen(
        [SYSTEMS if user else sys.executable, "-c", WRITES, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        cwd="/",
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )
    box = Running("ada", process.pid, "1", "1", ())
    found = psutil.Process(process.pid)
    monkeypatch.setattr(Running, "processes", lambda _: [found])

    def tries() -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        return process.stdout.readline().strip()

    try:
        assert tries() == "wrote"
        guard.hold_writes(box, 0)
        assert tries() == "OSError 27"  # EFBIG: the file is too large
        guard.hold_writes(box, 1 << 20)
        assert tries() == "wrote"
    finally:
        end(process)
        place.unlink(missing_ok=True)


def test_homes_are_looked_at_as_soon_as_the_disk_fills(tmp_path: Path) -> None:
    room = guard.Room()
    assert not room.shrinks([tmp_path])
    big = tmp_path / "big"
    with big.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, (guard.NOTICED_MB + 400) << 20)
    assert room.shrinks([tmp_path, tmp_path / "gone"])
    big.unlink()
    assert not room.shrinks([tmp_path])
