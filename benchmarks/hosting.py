"""What a hosted candidate costs: seconds until the server answers, and memory. Writes a section
of docs/hosting.md.

    python benchmarks/hosting.py [--candidates 3] [--write]

Times are told as ratios to a JupyterLab that is started on the same machine in turn with it,
without a hub and without a sandbox; memory in MB, as proportional set sizes (what processes share
is counted once).
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from figures import write_section  # noqa: E402

from tests import browser as browsers  # noqa: E402
from tests.cohort import build_in  # noqa: E402
from tests.exchange.afar import invited, open_now  # noqa: E402
from tests.hub.site import Site, free_port, served  # noqa: E402
from worksample.course import Course  # noqa: E402
from worksample.exchange import sittings  # noqa: E402
from worksample.hub import boxes  # noqa: E402

PAGE = ROOT / "docs" / "hosting.md"
LIBRARIES = "import matplotlib.pyplot, pandas, sklearn.ensemble"
MACHINE_GB = 24
SYSTEM_MB = 1024  # kept for the system itself


def memory(processes: list[psutil.Process]) -> float:
    """MB that processes hold, what they share with others counted in parts."""
    total = 0
    for each in processes:
        for line in Path(f"/proc/{each.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def plain_start(folder: Path) -> float:
    """Seconds until a JupyterLab that nobody hosts answers."""
    places = Path(tempfile.mkdtemp(dir=folder))
    begin = time.monotonic()
    with browsers.jupyter_server(places, places, app="lab"):
        return time.monotonic() - begin


@contextmanager
def course(folder: Path, names: list[str]) -> Iterator[Site]:
    """A course with so many candidates at work, served."""
    build_in(folder)
    made = Course(folder / "course")
    open_now(made)
    for person in invited(made, *names):
        for sitting in sittings.of_person(made, person):
            sittings.start(made, person, sitting.assignment)
    with served(made, free_port()) as site:
        yield site


def measure(site: Site, chromium: Any, name: str, folder: Path) -> dict[str, float]:
    """One candidate: from the link to work; and the plain start beside it."""
    plain = plain_start(folder)
    page = chromium.new_context().new_page()
    page.set_default_timeout(300_000)
    begin = time.monotonic()
    page.goto(site.link(name))
    page.wait_for_url("**/user/**")
    answers = time.monotonic() - begin
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    site.run(page, name, "pass")
    ready = time.monotonic() - begin
    box = next(each for each in boxes.remembered(site.places.boxes) if each.name == name)
    server = memory(box.processes()[:1])
    bare = memory(box.processes()[1:])
    site.run(page, name, LIBRARIES)
    loaded = memory(box.processes()[1:])
    return {
        "answers": answers / plain,
        "ready": ready / plain,
        "plain": plain,
        "server": server,
        "bare": bare,
        "loaded": loaded,
    }


def section(rows: list[dict[str, float]], parts: dict[str, float]) -> str:
    """The section of the page."""
    middle = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    base = SYSTEM_MB + sum(parts.values())
    each = middle["server"] + middle["loaded"]
    served_at_once = int((MACHINE_GB * 1024 - base) // each)
    table = [
        ("from the link to the server's first answer", f"{middle['answers']:.2f} ×"),
        ("from the link to a notebook with a kernel", f"{middle['ready']:.2f} ×"),
        ("memory of a candidate's server", f"{middle['server']:.0f} MB"),
        ("memory of a kernel", f"{middle['bare']:.0f} MB"),
        ("… with pandas, scikit-learn and matplotlib", f"{middle['loaded']:.0f} MB"),
        *((f"memory of the {name}", f"{mb:.0f} MB") for name, mb in parts.items()),
        (f"candidates with loaded kernels in {MACHINE_GB} GB", f"{served_at_once}"),
    ]
    head = (
        f"Medians of {len(rows)} candidates, one after the other; × is the time that a JupyterLab "
        "without hub and sandbox took to answer on the same machine at the same time.\n"
    )
    return "\n".join([head, "| | |", "|---|---|", *(f"| {a} | {b} |" for a, b in table)])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--candidates", type=int, default=3)
    options.add_argument("--write", action="store_true", help="renew the section of the page")
    given = options.parse_args()
    names = [f"candidate-{number}" for number in range(1, given.candidates + 1)]
    folder = Path(tempfile.mkdtemp(prefix="hosting-"))
    try:
        with course(folder, names) as site, sync_playwright() as playwright:
            chromium = browsers.launch(playwright)
            rows = [measure(site, chromium, name, folder) for name in names]
            kinds = ("hub", "proxy", "exchange", "keeper")
            parts = {name: memory([site.part(name)]) for name in kinds}
            chromium.close()
        text = section(rows, parts)
        print(text)
        if given.write:
            write_section(PAGE, "hosting", text)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
