"""Whether an attempt was starved: what Linux counts of real programs that want one processor."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta

import psutil
import pytest

from tests.exchange.afar import PASSWORD, TINY, invited, open_now
from tests.exchange.served import member, served
from tests.processes import end
from worksample.course import Course
from worksample.exchange import parity, people, sittings
from worksample.exchange.parity import Parity
from worksample.hub.boxes import Running
from worksample.hub.pressure import Meter, note
from worksample.privacy import places as private

BUSY = "while True: pass"
AT = datetime.fromisoformat("2026-12-01T10:00:00+00:00")


def test_two_that_want_one_processor_wait_half_the_time() -> None:
    """And one that sleeps waits for nothing: only who wants to run can be starved."""
    one = min(os.sched_getaffinity(0))
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(2)]
    idle = subprocess.Popen(["sleep", "60"])
    try:
        for each in busy:
            os.sched_setaffinity(each.pid, {one})
        time.sleep(0.5)
        meters = {each.pid: (Meter(), psutil.Process(each.pid)) for each in (*busy, idle)}
        for meter, process in meters.values():
            assert meter.look([process]) == (0.0, 0.0), "of what was before nothing is known"
        time.sleep(2)
        had = {pid: meter.look([process]) for pid, (meter, process) in meters.items()}
    finally:
        for process in (*busy, idle):
            end(process, patience=0)
    assert sum(had[idle.pid]) < 0.2
    # of a machine that others use too they have less, never more
    assert sum(had[each.pid][0] for each in busy) < 2.5
    assert all(had[each.pid][1] > 0.5 for each in busy)
    assert meters[idle.pid][0].look([psutil.Process()])[0] == 0.0


def test_the_worst_minute_is_one_in_which_a_processor_was_wanted() -> None:
    found = Parity()
    for minute, (used, waited) in enumerate([(9, 1), (2, 8), (0.1, 0.9), (10, 0), (0, 0)]):
        for half in (0, 30):
            at = AT + timedelta(minutes=minute, seconds=half)
            found = found.with_(at, used / 2, waited / 2, 100 + minute)
    assert found.worst == pytest.approx(0.8), "a second in which little was wanted says nothing"
    assert found.worst_at == "2026-12-01T10:01:00+00:00"
    assert found.share == pytest.approx(9.9 / 31)
    assert found.memory_mb == 104
    assert found.is_starved
    assert not Parity(used=50, waited=10, worst=0.4).is_starved


def test_it_is_kept_with_the_attempt_and_shown_to_the_team(built: Course) -> None:
    open_now(built)
    (ada,) = invited(built, "ada")
    sittings.start(built, ada, TINY)
    box = Running("ada", os.getpid(), "1", "1", ())
    note(built, box, [sittings.find(built, ada, TINY)])
    kept = parity.of(built, TINY, "ada")
    assert kept is not None
    assert kept.limit_mb == 0, "no control group holds it"
    sittings.pause(built, sittings.find(built, ada, TINY), "grace", "a fire drill")
    note(built, box, [sittings.find(built, ada, TINY)])
    assert parity.of(built, TINY, "ada") == kept, "while it stands nothing is kept"
    parity.keep(built, TINY, "ada", replace(kept, used=60, waited=40, memory_mb=800, limit_mb=2560))
    people.add(built, "grace", "grader", PASSWORD)
    with served(built) as base:
        page = " ".join(member(base, "grace").get("team/ada/").text.split())
    assert "The machine was short." in page
    assert "waited 40 % of the time" in page
    assert "at most 800 of 2560 MB" in page
    assert [path.name for path in private.of(built, "ada") if (path / "machine.json").is_file()]
