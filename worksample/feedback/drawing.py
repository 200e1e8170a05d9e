"""From a record to a notebook and a page: papermill runs the template, the page is its outputs.

Candidates' feedback is drawn in worker processes that have imported matplotlib once; as each
starts from a forked server, a batch pays for that import once and not per candidate.
"""

from __future__ import annotations

import copy
import hashlib
import json
import multiprocessing
import os
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jinja2
import nbformat
import papermill
from nbformat import NotebookNode

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
    with tempfile.TemporaryDirectory(prefix="worksample-feedback-") as folder:
        path = Path(folder) / "record.json"
        path.write_text(json.dumps(record), encoding="utf-8")
        try:
            executed = papermill.execute_notebook(
                TEMPLATE,
                None,
                parameters={"record_path": str(path)},
                engine_name=engine_name,
                kernel_name="python3",
                progress_bar=False,
            )
        except papermill.PapermillExecutionError as error:
            raise FeedbackError(
                f"the feedback template failed: {error.ename}: {error.evalue}",
                where=f"{record['assignment']}, {record['candidate']}",
                do="this is a fault of ours; the evidence record it was drawn from is untouched",
            ) from error
    notebook = finished(executed, f"{record['title']}: feedback")
    text = nbformat.writes(notebook) + "\n"
    return Drawing(text.encode("utf-8"), page(notebook).encode("utf-8"))


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


def page(notebook: NotebookNode) -> str:
    """The notebook's outputs as one self-contained HTML page."""
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
        style=(HERE / "page.css").read_text(encoding="utf-8"),
    )


def _page_template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(HERE)
    return jinja2.Environment(loader=loader, autoescape=True).get_template("page.html.j2")


@contextmanager
def workers(most: int | None = None) -> Iterator[Executor]:
    """Processes that draw; at most one per core."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(most or os.cpu_count() or 1, mp_context=context) as pool:
        yield pool


def draw_all(records: Iterable[Record]) -> Iterator[tuple[Record, Drawing]]:
    """Draw many, in the order given."""
    waiting = list(records)
    if not waiting:
        return
    with workers(min(len(waiting), os.cpu_count() or 1)) as pool:
        yield from zip(waiting, pool.map(draw, waiting), strict=True)
