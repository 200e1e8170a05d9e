"""From a record to a notebook and a page: papermill runs the template, the page is its outputs.

Candidates' feedback is drawn on every core, in processes that have matplotlib and papermill
imported already: forks of the command, or where that has threads (a notebook server) forks of a
server that is kept. So a batch pays for the imports once and not per candidate.
"""

from __future__ import annotations

import copy
import hashlib
import json
import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import nbformat
import papermill
from nbformat import NotebookNode

from worksample import disk, interpreter
from worksample.batch import workers
from worksample.errors import FeedbackError
from worksample.feedback import engine
from worksample.feedback.schema import Record

HERE = Path(__file__).parent
TEMPLATE = HERE / "template.ipynb"


@dataclass(frozen=True)
class Drawing:
    """One candidate's feedback, ready to be written: the notebook and the same as HTML."""

    notebook: bytes
    page: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of both: what a person approves."""
        return hashlib.sha256(self.page + b"\0" + self.notebook).hexdigest()


def draw(record: Record, engine_name: str = engine.NAME) -> Drawing:
    """Run the template on ``record``; the same record gives the same bytes.

    Raises:
        FeedbackError: the template failed on this record.
    """
    where = f"{record['assignment']}, {record['candidate']}"
    executed = run(TEMPLATE, record, where, engine_name)
    notebook = finished(executed, f"{record['title']}: feedback")
    return Drawing(as_bytes(notebook), page(notebook).encode("utf-8"))


def run(
    template: Path, record: Mapping[str, Any], where: str, engine_name: str = engine.NAME
) -> NotebookNode:
    """The template with what it shows of ``record``.

    Args:
        where: whose it is, for the error.

    Raises:
        FeedbackError: the template failed on this record.
    """
    with disk.scratch("feedback") as folder:
        path = Path(folder) / "record.json"
        path.write_text(json.dumps(record), encoding="utf-8")
        try:
            return papermill.execute_notebook(
                template,
                None,
                parameters={"record_path": str(path)},
                engine_name=engine_name,
                kernel_name="python3",
                progress_bar=False,
            )
        except papermill.PapermillExecutionError as error:
            raise FeedbackError(
                f"the {template.parent.name} template failed: {error.ename}: {error.evalue}",
                where=where,
                do="this is a fault of ours; the evidence record it was drawn from is untouched",
            ) from error


def as_bytes(notebook: NotebookNode) -> bytes:
    """The notebook's file."""
    return (nbformat.writes(notebook) + "\n").encode("utf-8")


def finished(executed: NotebookNode, title: str) -> NotebookNode:
    """The notebook as it is handed out: no paths and times of the machine that drew it."""
    notebook = copy.deepcopy(executed)
    notebook.metadata.pop("papermill", None)
    notebook.metadata["title"] = title
    notebook.metadata["language_info"] = nbformat.from_dict({"name": "python"})
    kept = []
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        if {"parameters", "injected-parameters"} & set(cell.metadata.get("tags", ())):
            continue
        # what a kernel adds and this process does not: the same bytes, whoever ran the template
        cell.execution_count = None
        cell.metadata = nbformat.from_dict({"jupyter": {"source_hidden": True}})
        if cell.outputs:
            kept.append(cell)
    notebook.cells = kept
    return notebook


def page(
    notebook: NotebookNode, style: str = "", first: str = "what-happened", skip: str = "feedback"
) -> str:
    """The notebook's outputs as one self-contained HTML page.

    Args:
        style: more of it, after the feedback's own.
        first: where the link leads that skips the heading.
        skip: what it leads to.
    """
    outputs = [
        {
            "html": output.data.get("text/html"),
            "png": output.data.get("image/png", "").replace("\n", ""),
            "alt": output.data.get("text/plain", ""),
        }
        for cell in notebook.cells
        for output in cell.outputs
        if output.output_type == "display_data"
    ]
    return _page_template().render(
        title=notebook.metadata["title"],
        outputs=outputs,
        style=(HERE / "page.css").read_text(encoding="utf-8") + style,
        first=first,
        skip=skip,
    )


def _page_template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(HERE)
    return jinja2.Environment(loader=loader, autoescape=True).get_template("page.html.j2")


def draw_all(
    records: Iterable[Record], many: int, scheduler: str | None = None
) -> Iterator[tuple[Record, Drawing]]:
    """Draw records, in the order given, as they are drawn from the iterable.

    At most a few are under way, so memory does not grow with the batch.

    Args:
        many: how many there are; there is no use in more processes than that.
        scheduler: address of a Dask scheduler; its workers draw instead of this machine.

    Raises:
        FeedbackError: the template failed, or a process was killed.
        ClusterError: the cluster cannot be reached, or was lost.
    """
    most, places = _places(many, scheduler)
    running: deque[tuple[Record, Future[Drawing]]] = deque()
    with places as executor:
        try:
            for record in records:
                running.append((record, executor.submit(draw, record)))
                if len(running) > 2 * most:
                    yield _next(running)
            while running:
                yield _next(running)
        finally:
            # whoever stops does not want to wait for what was still to come
            executor.shutdown(cancel_futures=True)


def _next(running: deque[tuple[Record, Future[Drawing]]]) -> tuple[Record, Drawing]:
    record, future = running.popleft()
    try:
        return record, future.result()
    except BrokenExecutor:
        raise FeedbackError(
            "a process that drew feedback was killed",
            where=f"{record['assignment']}, {record['candidate']}",
            do="is there enough memory? What was drawn before is there; run the command again",
        ) from None


def _places(many: int, scheduler: str | None) -> tuple[int, Executor]:
    """How many draw at a time, and who."""
    if scheduler is None:
        most = min(many, len(os.sched_getaffinity(0)))
        return most, _processes(most)
    from worksample.batch.cluster import Cluster, size

    return size(scheduler), Cluster(scheduler)


def _processes(most: int) -> Executor:
    if workers.can_fork():
        return workers.Pool(most, grading=False)()
    interpreter.guard()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "worksample.feedback.view"])
    return ProcessPoolExecutor(most, mp_context=context)
