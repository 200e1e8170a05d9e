"""What a hostile notebook costs those who grade it: memory and CPU of the trusted side.

Each notebook goes the real way (repaired, executed in a sandbox, checked, drawn, shown in
formgrader) in a process of its own; the sandbox, where the candidate's code runs within limits of
its own, is not counted. An honest notebook in the same run is what the others are held against.

    python benchmarks/hostile.py [NAME ...]

Without names all of them are measured and the table in docs/performance.md is written anew.
"""

from __future__ import annotations

import json
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TINY = "tiny-regression"
MOST_MB, MOST_SECONDS = 300.0, 10.0  # above an honest one
JSON = dict[str, Any]


def code(source: str) -> Callable[[JSON], None]:
    """A notebook whose first cell runs ``source``."""

    def put(notebook: JSON) -> None:
        cell = {"cell_type": "code", "id": "attack", "metadata": {}, "outputs": []}
        notebook["cells"].insert(0, {**cell, "execution_count": None, "source": source})

    return put


def html(markup: str) -> Callable[[JSON], None]:
    """One that displays HTML, twenty times."""
    return code(
        f"for _ in range(20):\n display({{'text/html': {markup}, 'text/plain': 'p'}}, raw=True)"
    )


def words(piece: str, size: int = 60_000, cells: int = 20) -> Callable[[JSON], None]:
    """One with cells of such Markdown, and such outputs."""

    def put(notebook: JSON) -> None:
        source = (piece * size)[:size]
        text = {"cell_type": "markdown", "metadata": {}, "source": source}
        notebook["cells"] += [{**text, "id": f"own-{n}"} for n in range(cells)]
        shown = f"{{'text/markdown': ({piece!r} * {size})[:{size}]}}"
        code(f"for _ in range({cells}):\n display({shown}, raw=True)")(notebook)

    return put


def foreign(notebook: JSON) -> None:
    """Metadata of sixty megabytes."""
    notebook["metadata"]["x"] = [[]] * 15_000_000


def numbers(notebook: JSON) -> None:
    """The same of numbers: as many characters, and fewer brackets."""
    notebook["metadata"]["x"] = [0.1] * 12_000_000


def many_cells(count: int) -> Callable[[JSON], None]:
    """So many cells of the candidate's own."""

    def put(notebook: JSON) -> None:
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        notebook["cells"] += [{**cell, "id": f"own-{n}", "source": "1"} for n in range(count)]

    return put


def old(level: int, cells: int) -> Callable[[JSON], None]:
    """One of format 3, with headings of such a level, of which there may be six."""

    def put(notebook: JSON) -> None:
        heading = {"cell_type": "heading", "level": level, "source": "", "metadata": {}}
        sheet = {"cells": [heading] * cells, "metadata": {}}
        notebook.update(cells=None, worksheets=[sheet], nbformat=3, nbformat_minor=0)

    return put


PNG = """
import base64, struct, zlib
packer = zlib.compressobj(9)
row = bytes(30_000 // 8 + 1)
data = b"".join(packer.compress(row) for _ in range(30_000)) + packer.flush()
size = lambda n: struct.pack(">I", n)
chunk = lambda kind, b: size(len(b)) + kind + b + size(zlib.crc32(kind + b))
header = size(30_000) * 2 + bytes([1, 0, 0, 0, 0])
png = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", header)
png += chunk(b"IDAT", data) + chunk(b"IEND", b"")
display({"image/png": base64.b64encode(png).decode(), "text/plain": "p"}, raw=True)
"""
ATTACKS: dict[str, Callable[[JSON], None]] = {
    "honest": code("print('a table')"),
    "nested HTML": html("('<b><p>' * 9_999)"),
    "deep HTML": html("('<div>' * 19_999)"),
    "attributes": html("('<p ' + ' '.join(f'a{n}=1' for n in range(40_000)) + '>')"),
    "entities": html("('&notit;' * 50_000)"),
    "unclosed links": words("[a]("),
    "nested quotes": words("> - 1. "),
    "emphasis": words("_a **b "),
    "brackets": words("[", 900_000, 6),
    "colours": code("print('\\x1b[31ma' * 1_000_000)"),
    "half colours": code("print('\\x1b[' * 3_000_000)"),
    "one line": code("print('[' * 8_000_000)"),
    "zero width": words("\u200b", 900_000, 6),
    "updates": code(
        "for _ in range(250): h = display({'text/plain': 'x'}, raw=True, display_id='a')\n"
        "h.update({'text/plain': 'x' * 4_000_000}, raw=True)"
    ),
    "display ids": code(
        "from IPython.display import clear_output\nfor n in range(8000):\n"
        " display({'text/plain': 'x'}, raw=True, display_id=f'{n % 4000}')\n"
        " n % 2 or clear_output(wait=True)"
    ),
    "outputs": code("for n in range(15_000): display({'text/plain': 'x'}, raw=True)"),
    "deep bundle": code("display({'application/json': [[]] * 1_500_000}, raw=True)"),
    "an endless error": code("raise type('E' * 1_000_000, (Exception,), {})('[' * 1_000_000)"),
    "a picture": code(PNG),
    "metadata of lists": foreign,
    "metadata of numbers": numbers,
    "2,000 cells": many_cells(2_000),
    "100,000 cells": many_cells(100_000),
    "an old heading": old(600_000_000, 1),
    "old headings": old(1_000_000, 100),
}


def main() -> None:
    """Measure and print; everything is also written into the page."""
    names = sys.argv[1:] or list(ATTACKS)
    rows: list[str] = []

    def say(row: str) -> None:
        rows.append(row)
        print(row, flush=True)

    with tempfile.TemporaryDirectory(prefix="worksample-hostile-") as folder:
        course = made_course(Path(folder))
        say("| notebook | CPU s | own MB | helpers MB | what came of it |")
        say("|---|---:|---:|---:|---|")
        honest: tuple[float, float] | None = None
        for name in dict.fromkeys(["honest", *names]):
            command = [sys.executable, __file__, "--one", str(course), name]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            cpu, own, helpers, said = json.loads(done.stdout.splitlines()[-1])
            honest = honest or (cpu, own + helpers)
            more = cpu - honest[0] > MOST_SECONDS or own + helpers - honest[1] > MOST_MB
            mark = " **(more than is aimed at)**" if more else ""
            say(f"| {name}{mark} | {cpu:.1f} | {own:.0f} | {helpers:.0f} | {said} |")
    if not sys.argv[1:]:
        from figures import write_section  # what measures one notebook imports as little as it can
        from grading import commit

        when = (
            f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}, Python {platform.python_version()}"
        )
        told = f"Measured with `python benchmarks/hostile.py`; {when}."
        write_section(ROOT / "docs" / "performance.md", "hostile", "\n".join([*rows, "", told]))


def made_course(folder: Path) -> Path:
    """A course with one candidate."""
    from worksample.assignments import build
    from worksample.assignments import reading as assignment
    from worksample.course import Course
    from worksample.submissions import invitations

    shutil.copy(ROOT / "nbgrader_config.py", folder)
    there = folder / "assignments" / TINY
    shutil.copytree(ROOT / "tests" / "assignments" / TINY, there)
    toml = there / "assignment.toml"
    # as much as the largest of ours may put out
    toml.write_text(toml.read_text().replace("[limits]", "[limits]\noutput_kb = 8192"))
    course = Course(folder)
    build.build(course, assignment.find(course, TINY))
    invitations.invite(course, "mallory", assignment.find(course, TINY))
    return folder


def one(folder: Path, name: str) -> None:
    """Grade and show one notebook, and print what it took of this side."""
    from worksample.assignments import case
    from worksample.batch import attempts
    from worksample.course import Course
    from worksample.errors import WorksampleError
    from worksample.feedback import hooks
    from worksample.grading import attempt, checkhost, cleaner
    from worksample.submissions import collecting as submission

    course = Course(folder)
    notebook = json.loads(case.released(course, TINY, "standard", "mallory").read_bytes())
    ATTACKS[name](notebook)
    data = json.dumps(notebook).encode()
    del notebook
    shutil.rmtree(course.submitted, ignore_errors=True)
    there = submission.submitted_folder(course, TINY, "mallory")
    there.mkdir(parents=True)
    (there / f"{TINY}.ipynb").write_bytes(data)
    del data
    # what it took to make the notebook is not what it takes to grade it
    Path("/proc/self/clear_refs").write_text("5")
    begun = time.process_time()
    try:
        graded = attempt.grade(attempts.prepare(course, TINY, "mallory"))
        said = f"{graded.body['outcome']}: {graded.body['why']}"[:60]
        if graded.notebook:
            said += f"; {len(graded.notebook) / 1e6:.1f} MB kept, a page of {page(graded.notebook)}"
    except WorksampleError as error:
        said = f"refused: {error.what}"[:70]
    helpers = [cleaner.helper, hooks.renderer]
    cpu = time.process_time() - begun + sum(each.cpu_seconds() for each in helpers)
    host = checkhost._current
    cpu += host.cpu_seconds() if host else 0.0
    pids = [each._child.pid for each in helpers if each._child] + (
        [host.process.pid] if host else []
    )
    # those that were ended had no more than they may have
    print(json.dumps([cpu, peak_mb("self"), sum(map(peak_mb, pids)), said]))


def peak_mb(process: object) -> float:
    """The most memory that a process ever had, since it was reset."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def page(notebook: bytes) -> str:
    """Size of formgrader's page of it, but for what is around."""
    import nbformat
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    config.HTMLExporter.template_file = "classic/base.html.j2"
    templates = Path(sys.prefix, "share", "jupyter", "nbconvert", "templates")
    config.HTMLExporter.extra_template_paths = [str(templates)]
    node = nbformat.reads(notebook.decode(), as_version=4)
    return f"{len(HTMLExporter(config=config).from_notebook_node(node)[0]) / 1e6:.1f} MB"


if __name__ == "__main__":
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.argv[1:2] == ["--one"]:
        one(Path(sys.argv[2]), sys.argv[3])
    else:
        main()
