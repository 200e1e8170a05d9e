"""The parts of a hosted course run again when they end, and end with whoever runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.processes import alive, end, until
from worksample.course import Course
from worksample.errors import HostingError
from worksample.hub import proxy, supervisor
from worksample.hub.authenticator import Throttle
from worksample.hub.places import Places
from worksample.hub.supervisor import Part, Supervisor

# as `worksample serve` does: a process of its own, with parts that do nothing
PROGRAM = """
import logging, sys
from contextlib import suppress
from pathlib import Path
from worksample.course import Course
from worksample.hub.places import Places
from worksample.hub.supervisor import Part, Supervisor, alone
logging.basicConfig(format="%(message)s")
places = Places(Course(Path(sys.argv[1])))
places.make()
with alone(places):
    reads = (places.course.root / "certificate",)
    Supervisor(places, [Part("one", ["sleep", "1000"], {"PATH": "/usr/bin:/bin"}, reads=reads),
                        Part("two", ["sleep", "2000"], {"PATH": "/usr/bin:/bin"})]).run()
print("ended")
"""


def parts(process: subprocess.Popen[str]) -> dict[str, psutil.Process]:
    """Seconds that it sleeps -> part."""
    found = {}
    for each in psutil.Process(process.pid).children():
        with suppress(psutil.NoSuchProcess):  # or it is a zombie, which is one of these
            if each.name() == "sleep":
                found[each.cmdline()[-1]] = each
    return found


def test_parts_are_kept_running_and_end_with_the_supervisor(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        until(lambda: len(parts(process)) == 2)
        first = parts(process)
        first["1000"].kill()
        until(lambda: parts(process).get("1000", first["1000"]) != first["1000"])
        assert parts(process)["2000"] == first["2000"]
        with (
            pytest.raises(HostingError, match="served already"),
            supervisor.alone(Places(Course(tmp_path))),
        ):
            pass
        # after an upgrade: all but the proxy
        before = parts(process)
        process.send_signal(signal.SIGHUP)
        until(lambda: parts(process).get("2000", before["2000"]) != before["2000"])
        assert parts(process)["1000"] == before["1000"]
        # and the proxy too, where its certificate was renewed
        before = parts(process)
        (tmp_path / "certificate").write_text("renewed")
        process.send_signal(signal.SIGHUP)
        until(lambda: parts(process).get("1000", before["1000"]) != before["1000"])
        until(lambda: parts(process).get("2000", before["2000"]) != before["2000"])
        before = parts(process)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[0] == "ended\n"
        assert not any(alive(each) for each in before.values())

        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        until(lambda: len(parts(process)) == 2)
        left = list(parts(process).values())
        process.kill()
        until(lambda: not any(alive(each) for each in left))
    finally:
        end(process)
        Places(Course(tmp_path)).remove_sockets()


def test_what_ends_at_once_is_not_started_again_and_again(tmp_path: Path) -> None:
    """A hub with a mistake in its settings would take the machine."""
    places = Places(Course(tmp_path))
    places.make()
    places.remove_sockets()
    part = Part("broken", ["false"], {"PATH": os.environ["PATH"]})
    keeper = Supervisor(places, [part])
    starts = set()
    for _ in range(40):
        keeper.look()
        if part.process is not None:
            starts.add(part.process.pid)
            part.process.wait()
    assert len(starts) == 2, "once more at once, then not before a pause"


def test_wrong_tries_are_counted_by_source() -> None:
    throttle = Throttle(3)
    for _ in range(3):
        assert not throttle.closed("one")
        throttle.wrong("one")
    assert throttle.closed("one")
    assert not throttle.closed("another")


def test_a_node_that_is_too_old_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, says in (("node", "v18.20.4"), ("npm", "9.2.0")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {says}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(proxy, "_carried", lambda: None)
    with pytest.raises(HostingError, match=r"here is 18\.20\.4"):
        proxy.node()
    (tmp_path / "node").write_text("#!/bin/sh\necho v22.1.0 /opt/a node\n")
    found = proxy.node()
    assert (found.version, found.node) == ("22.1.0", "/opt/a node"), "not the script, but its node"


def test_the_pins_of_the_proxy_name_no_registry() -> None:
    """Whoever has a mirror of their own uses that."""
    lock = (proxy.PINNED / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity": "sha512-') >= 30
