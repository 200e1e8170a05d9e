"""What is done beside the candidates: their work record, time that our side owes them, and at the
end of a clock handing in what was saved and stopping the server.

A program of its own, so that neither the hub nor the exchange waits for it. It reads homes from
outside the sandboxes: nothing that a candidate does in there can keep it from handing in.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import logging
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from jupyterhub.httpclient import fetch

from worksample import interpreter
from worksample.assignments import case as cases
from worksample.course import Course
from worksample.errors import SubmissionError, WorksampleError
from worksample.exchange import absence, links, saved, sittings, versions
from worksample.exchange.clock import Clock
from worksample.exchange.people import Person
from worksample.exchange.sittings import Sitting
from worksample.hub import answering, boxes, homes, pressure
from worksample.hub.places import Places, url
from worksample.records.tables import now
from worksample.workbook import packing

LOOK_SECONDS = 5.0
MEASURED_EVERY = 3  # looks
# where the hub is and who asks, if it does not run on this machine
HUB_API, HUB_TOKEN = "JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN"
# so that a candidate sees that the time has ended, and what was handed in, before the page is gone
GRACE = timedelta(minutes=5)

_log = logging.getLogger("worksample.keeper")


def collect(places: Places) -> list[str]:
    """Hand in what lies in the homes of everybody whose clock has ended; in words, what became
    of each.

    What was uploaded at the plain door is the exchange's to collect.
    """
    said = []
    for sitting in sittings.end_of_time(places.course):
        if not saved.listed(places.course, sitting):
            try:
                said.append(f"{sitting.candidate}, {sitting.assignment}: {_one(places, sitting)}")
            except SubmissionError as error:  # it is kept, and listed for a person
                said.append(f"{sitting.candidate}, {sitting.assignment}: {error}")
    return said


def _one(places: Places, sitting: Sitting) -> str:
    own = files(places, sitting)
    if not own:
        sittings.nothing_to_collect(places.course, sitting)
        return "nothing was saved"
    person = Person(sitting.candidate, "candidate", sitting.opening.id)
    receipt = sittings.hand_in(
        places.course, person, own, late=False, by="clock", assignment_id=sitting.assignment
    )
    return f"collected, receipt {receipt.code}"


_recorded: dict[Path, str] = {}  # what was seen of a folder when it was recorded last


def record(places: Places) -> list[str]:
    """Keep what was saved since the last look, of everybody whose clock has begun and not ended;
    in words, of whom."""
    said = []
    for home in sorted(places.homes.iterdir()) if places.homes.is_dir() else []:
        try:
            said += _record_of(places, home)
        except OSError as error:  # of one home: the others are to be recorded nonetheless
            _log.error("the work of %s cannot be recorded: %s", home.name, error)
    return said


def _record_of(places: Places, home: Path) -> list[str]:
    # a candidate may have any number of folders: those of their work are called as it is
    folders = [each for each in home.iterdir() if _is_work(places.course, each)]
    seen = {folder: homes.seen(folder) for folder in folders if not folder.is_symlink()}
    changed = {folder: mark for folder, mark in seen.items() if mark != _recorded.get(folder, "")}
    said = []
    for sitting in _at_work(places.course, home.name) if changed else []:
        mark = changed.pop(home / sitting.assignment, "")
        if mark and _record_one(places, sitting, mark):
            said.append(f"{sitting.candidate}, {sitting.assignment}: a version was kept")
    _recorded.update(changed)  # of no attempt that goes on
    return said


def _is_work(course: Course, folder: Path) -> bool:
    return (course.cases / cases.base_id(folder.name) / folder.parent.name).is_dir()


def _at_work(course: Course, candidate: str) -> list[Sitting]:
    person = links.holder(course, candidate)
    found = sittings.of_person(course, person) if person else []
    return [each for each in found if each.state in ("running", "paused")]


def _record_one(places: Places, sitting: Sitting, mark: str) -> bool:
    """Keep one version, unless something was saved while it was read: then at the next look."""
    name, candidate = sitting.assignment, sitting.candidate
    folder = places.homes / candidate / name
    given = cases.given_names(places.course, name, candidate)
    own = {
        each: data
        for each, data in homes.saved(folder, saved.MAX_BYTES, versions.LARGEST)
        if Path(each).parts[0] not in packing.NOT_OWN | given
    }
    if homes.seen(folder) != mark or _half_saved(folder, own.get(f"{name}.ipynb")):
        return False
    _recorded[folder] = mark
    return versions.Folder.of(places.course, name, candidate).keep(own)


_doubtful: dict[Path, bytes] = {}


def _half_saved(folder: Path, notebook: bytes | None) -> bool:
    """Whether a notebook looks as JupyterLab leaves it in the middle of saving: it cuts the file
    short and writes it anew. One that is still so at the next look is as the candidate has it."""
    if notebook is None or packing.cells_of(notebook) is not None:
        return False
    digest = hashlib.sha256(notebook).digest()
    is_new = _doubtful.get(folder) != digest
    _doubtful[folder] = digest
    return is_new


def files(places: Places, sitting: Sitting) -> dict[str, bytes]:
    """What a candidate has saved for an attempt, without what they were given as it is."""
    folder = places.homes / sitting.candidate / sitting.assignment
    found = homes.saved(folder, saved.MAX_BYTES)
    return {name: data for name, data in found if Path(name).parts[0] not in packing.NOT_OWN}


def finished(course: Course, candidate: str) -> bool:
    """Whether there is nothing that the candidate could go on with in their server."""
    person = links.holder(course, candidate)
    if person is None:
        return True
    begun = [each for each in sittings.of_person(course, person) if each.has_begun]
    return bool(begun) and all(_is_left(each.clock) for each in begun)


def _is_left(clock: Clock) -> bool:
    """Whether its end is so long ago that whoever was at work has read that it came."""
    if clock.over_since is None:
        return False
    return max(clock.over_since, clock.collected or clock.over_since) + GRACE < now()


async def stop_finished(places: Places) -> list[str]:
    """Stop the servers of those who have finished; nobody else's, however quiet it is."""
    running = json.loads(await (await ask(places, "GET", "users?state=active")).read())
    done = [each["name"] for each in running if finished(places.course, each["name"])]
    for name in done:
        await ask(places, "DELETE", f"users/{quote(name)}/server")
    return done


async def ask(places: Places, method: str, what: str) -> Any:
    """Ask the hub, as its keeper: the one on this machine, or where the environment says."""
    there = os.environ.get(HUB_API) or f"{url(places.hub_socket)}/hub/api"
    token = os.environ.get(HUB_TOKEN) or places.secret("keeper")
    return await fetch(
        f"{there}/{what}", method=method, headers={"Authorization": f"token {token}"}
    )


def made_good(places: Places) -> list[str]:
    """Note whether everything answers, and give back what was lost while it did not."""
    where = answering.asked()
    if where is None or not answering.everything(*where):
        return []
    return absence.answers(places.course)


def measure(places: Places) -> None:
    """Keep what everybody at work has had of the machine since the last time."""
    found = boxes.remembered(places.boxes)
    for box in found:
        pressure.note(places.course, box, _at_work(places.course, box.name))
    pressure.forget({box.pid for box in found})


async def keep(places: Places) -> None:
    """Look every few seconds, for ever."""
    for number in itertools.count():
        await asyncio.sleep(LOOK_SECONDS)
        try:
            # before anybody's clock is taken for ended
            for words in await asyncio.to_thread(made_good, places):
                _log.warning("%s", words)
            for words in await asyncio.to_thread(collect, places):
                _log.info("%s", words)
            for words in await asyncio.to_thread(record, places):
                _log.info("%s", words)
            if number % MEASURED_EVERY == 0 and answering.asked():
                await asyncio.to_thread(measure, places)
            for name in await stop_finished(places):
                _log.info("%s has finished: the server was stopped", name)
        except (WorksampleError, OSError, aiohttp.ClientError) as error:
            _log.error("to be tried again: %s", error)


def main() -> None:
    """Run until it is ended."""
    interpreter.end_quickly()
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    asyncio.run(keep(Places(Course(Path(os.environ["WORKSAMPLE_COURSE"])))))


if __name__ == "__main__":
    main()
