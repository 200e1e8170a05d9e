"""Drawing an attack costs the attack its own output, and whoever draws it next to nothing."""

from __future__ import annotations

import base64
import json
import os
import resource
import struct
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from traitlets.config import PyFileConfigLoader

from worksample.feedback import hooks
from worksample.grading import bounded, clean, cleaner
from worksample.grading.bounded import Budget, Helper, TooCostly
from worksample.grading.cleaner import Cleaner

ROOT = Path(__file__).parents[2]
CPU_SECONDS = 10  # more than an honest notebook takes: what the whole of an attack may cost
GROWTH_KB = 300_000
HONEST = {"output_type": "stream", "name": "stdout", "text": "\x1b[31mstill here\x1b[0m\n"}


def shown(**data: Any) -> dict[str, Any]:
    named = {name.replace("_", "/", 1): value for name, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": named}


def filled(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def html(piece: str, size: int = 170_000) -> dict[str, Any]:
    return shown(text_html=filled(piece, size), text_plain="p")


def png(width: int, height: int) -> str:
    """A whole picture of one colour; thirty thousand squared take 110 kB."""
    rows = zlib.compressobj(9)
    row = b"\0" + b"\0" * ((width + 7) // 8)
    data = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    whole = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + whole).decode()


MANY_ATTRIBUTES = f"<p {' '.join(f'a{n}=1' for n in range(60_000))}>"
OUTPUTS: dict[str, list[dict[str, Any]]] = {
    "nested formatting": [html("<b><p>", 19_999 * 3)] * 3,
    "nested tags": [html("<div>", 19_999 * 5)] * 3,
    "nested tables": [html("<table><td>", 100_000)] * 3,
    "open links": [html("<a href=x><div>", 140_000)] * 3,
    "many attributes": [html(MANY_ATTRIBUTES, len(MANY_ATTRIBUTES))] * 4,
    "entities": [html("&amp;&#0;&notit;", 4_000_000)],
    "one comment": [html("<!-- -", 4_000_000)],
    "unclosed links in Markdown": [shown(text_markdown=filled("[a](", 60_000))] * 4,
    "nested quotes in Markdown": [shown(text_markdown=filled("> - 1. ", 60_000))] * 4,
    "emphasis in Markdown": [shown(text_markdown=filled("_a **b ", 60_000))] * 4,
    "megabytes of Markdown": [shown(text_markdown=filled("](", 8_000_000))],
    "colours": [{"output_type": "stream", "name": "stdout", "text": "\x1b[31ma" * 400_000}],
    "half colours": [{"output_type": "stream", "name": "stdout", "text": "\x1b[" * 1_000_000}],
    "titles": [{"output_type": "stream", "name": "stdout", "text": "\x1b]" * 2_000_000}],
    "brackets": [{"output_type": "stream", "name": "stdout", "text": "[" * 8_000_000}],
    "zero width": [shown(text_plain="\u200b\u202e" * 2_000_000)],
    "an error of megabytes": [
        {
            "output_type": "error",
            "ename": "E" * 3_000_000,
            "evalue": "[" * 3_000_000,
            "traceback": ["\x1b[31mx"] * 100_000,
        }
    ],
    "a deep bundle": [shown(**{"application_json": json.loads("[" * 900 + "]" * 900)})],
    "a list in place of a text": [shown(text_plain=["x"] * 500_000)],
    "base64 of nothing": [shown(image_png="A" * 8_000_000, text_plain="p")],
    "thousands": [{"output_type": "stream", "name": "stdout", "text": "x"}] * 20_000,
    "megabytes of pictures": [shown(image_png=png(1000, 1000) + " " * 4_000_000)] * 2,
}


def page(cells: list[dict[str, Any]]) -> str:
    """formgrader's page of a notebook, but for what is around it."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    templates = Path(sys.prefix, "share", "jupyter", "nbconvert", "templates")
    config.HTMLExporter.template_file = "classic/base.html.j2"
    config.HTMLExporter.extra_template_paths = [str(templates)]
    notebook = nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    )
    return HTMLExporter(config=config).from_notebook_node(notebook)[0]


def code(outputs: list[dict[str, Any]], source: str = "1") -> dict[str, Any]:
    return {
        **{"cell_type": "code", "id": "a", "metadata": {}, "execution_count": 1},
        **{"source": source, "outputs": outputs},
    }


@pytest.fixture
def affordable() -> Iterator[None]:
    """CPU and memory of this process and its helpers; not the clock, which others share."""
    helpers = (cleaner.helper, hooks.renderer)
    kept = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time() + sum(each.cpu_seconds() for each in helpers)
    yield
    spent = time.process_time() + sum(each.cpu_seconds() for each in helpers) - begun
    assert spent < CPU_SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - kept < GROWTH_KB


@pytest.mark.usefixtures("affordable")
@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_that_are_costly_to_draw_cost_only_themselves(name: str) -> None:
    """170 kB of HTML took 11 GB and four minutes, 4 MB of colours blocked formgrader for two."""
    attack = Cleaner().cell(code([*OUTPUTS[name][:900], HONEST]))
    assert attack["outputs"][-1] == HONEST
    nbformat.validate(nbformat.from_dict(attack), ref="code_cell", version=4, version_minor=5)
    assert len(json.dumps(attack)) < 2 * cleaner.MAX_CHARACTERS


@pytest.mark.usefixtures("affordable")
@pytest.mark.parametrize(
    "cell",
    [
        code([*OUTPUTS["colours"], *OUTPUTS["half colours"], HONEST]),
        code([HONEST], "\u200b" * 500_000),
        code([HONEST], '"""' * 100_000),
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "[" * 8_000_000},
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": filled("[a](", 60_000)},
        {"cell_type": "raw", "id": "a", "metadata": {}, "source": filled("![a](", 60_000)},
    ],
    ids=["colours", "zero width", "quotes", "brackets", "links", "raw"],
)
def test_formgraders_page_is_affordable_whatever_lies_in_autograded(cell: dict[str, Any]) -> None:
    """The page is drawn in the server's own process: meanwhile it answers nobody else."""
    drawn = page([cell, {**code([HONEST]), "id": "b"}])
    assert '<span class="ansi-red-fg">still here</span>' in drawn


def test_a_replacement_says_what_happened() -> None:
    costly = Cleaner().cell(code(OUTPUTS["many attributes"][:1]))["outputs"][0]["data"]
    assert costly == {"text/plain": f"{clean.UNFORMATTED}\np"}
    many = Cleaner().cell(code(OUTPUTS["thousands"]))["outputs"]
    assert len(many) == cleaner.MAX_OUTPUTS + 1
    assert "19000 more outputs are not shown" in many[-1]["text"]
    long = Cleaner().cell({"cell_type": "markdown", "id": "a", "source": "```\n<b>" * 40_000})
    assert long["source"].startswith("[This text is shown as it was typed.]\n\n````\n```")


@pytest.mark.parametrize("mime", ["image/png", "image/gif", "image/jpeg"])
def test_a_picture_too_large_for_a_browser_is_named(mime: str) -> None:
    """Thirty thousand squared are 110 kB in a file and 3.6 GB in a browser."""
    size = struct.pack("<HH", 30_000, 30_000)
    files = {
        "image/png": base64.b64decode(png(30_000, 30_000)),
        # the second hides it in a frame behind a comment
        "image/gif": b"GIF89a\1\0\1\0\0\0\0!\xfe\1x\0,\0\0\0\0" + size + b"\0\2\1x\0;",
        "image/jpeg": b"\xff\xd8\xff\xe0\0\4xx\xff\xff\xc2\0\x0b\x08" + size[::-1] + b"\1\1\x11\0",
    }
    made = clean.output(
        {
            "output_type": "display_data",
            "data": {mime: base64.b64encode(files[mime]).decode(), "text/plain": "p"},
        }
    )
    assert made is not None
    assert list(made["data"]) == ["text/plain"]
    assert "million pixels is not shown" in made["data"]["text/plain"]


def test_pictures_of_a_usual_size_stay_and_together_have_a_limit() -> None:
    figure = shown(image_png=png(6000, 5000), text_plain="f")
    cells = Cleaner().cell(code([figure] * 20))["outputs"]
    kept = [each for each in cells if "image/png" in each.get("data", {})]
    assert len(kept) == cleaner.MAX_PIXELS // 30_000_000
    assert cells[-1]["text"] == cleaner.COSTLY


def test_a_child_that_ends_costs_only_its_own_call() -> None:
    helper = Helper("worksample.grading.clean")
    assert helper.call(Budget(9, 9), "text", "a") == "a"
    child = helper._child
    assert child is not None
    os.kill(child.pid, 9)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert helper.call(Budget(9, 9), "text", "c") == "c"
    with pytest.raises(TooCostly):
        helper.call(Budget(9, 9), "no such function")
    assert helper.call(Budget(9, 9), "text", "b") == "b"
    helper.close()
    assert helper._child is None


def test_a_budget_that_is_spent_is_spent() -> None:
    helper = Helper("worksample.grading.clean")
    budget = Budget(0.3, 0.3)
    with pytest.raises(TooCostly):
        helper.call(budget, "table", MANY_ATTRIBUTES)
    assert budget.left <= 0.21
    assert helper.call(budget, "text", "x") == "x"  # who is cheap is still served
    budget.left = 0.0
    with pytest.raises(TooCostly):
        helper.call(budget, "text", "x")
    helper.close()


def test_a_child_imports_nothing_from_where_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grader's shell may stand in a submission, with a json.py of the candidate's in it."""
    for name in ("json", "worksample", "nh3", "resource", "select"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    helper = Helper("worksample.grading.clean")
    assert helper.call(Budget(9, 9), "table", "<b>x</b>") == "<b>x</b>"
    child = helper._child
    assert child is not None
    assert os.readlink(f"/proc/{child.pid}/cwd") == "/"
    helper.close()


def test_no_more_is_read_of_a_child_than_was_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    helper = Helper("worksample.grading.clean")
    monkeypatch.setattr(bounded, "MOST_BYTES", 100_000)
    with pytest.raises(TooCostly):
        helper.call(Budget(9, 9), "text", "x" * 200_000)
    assert helper.call(Budget(9, 9), "text", "x") == "x"
    with pytest.raises(TooCostly):
        helper.call(Budget(9, 9), "plain", "*" * 60_000)
    helper.close()
