"""The notebook as a Python script and back, for who works in an editor and not in JupyterLab.

Each cell begins with a line that says which it is; text cells are comments. It is the percent
format of many editors, but read by nothing that a hostile file could keep busy: line by line, and
only into cells that the candidate's own notebook has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from worksample.errors import UploadError

MAX_BYTES = 4 * 2**20
_MARKER = re.compile(r'# %% (\[markdown\] )?cell="([\w.-]{1,64})"[ \t]*')
_HEAD = """\
# Your notebook as a script. Work below the lines that begin with "# %%", and leave these lines as
# they are: they say which cell of the notebook follows. Text cells are comments, and so are your
# answers in them. Save it under this name and upload it; it is put back into the notebook.

"""


def of_notebook(notebook: bytes) -> bytes:
    """The script of a notebook; one cell after the other."""
    parts = [_HEAD]
    for cell in json.loads(notebook)["cells"]:
        text = _source(cell)
        if cell["cell_type"] == "markdown":
            text = "\n".join(f"# {line}".rstrip() for line in text.split("\n"))
        kind = "[markdown] " if cell["cell_type"] == "markdown" else ""
        parts.append(f'# %% {kind}cell="{cell["id"]}"\n{text}\n\n')
    return "".join(parts).encode("utf-8")


def into_notebook(script: bytes, notebook: bytes) -> bytes:
    """The notebook with the cells' texts from a script; what the script leaves out stays.

    Raises:
        UploadError: it is no script of this notebook; the line is named.
    """
    if len(script) > MAX_BYTES:
        raise UploadError(f"the script is larger than {MAX_BYTES // 2**20} MB")
    try:
        text = script.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UploadError("the script is not text in UTF-8", do="save it as UTF-8") from None
    book = json.loads(notebook)
    cells = {cell["id"]: cell for cell in book["cells"]}
    for name, lines in _cells(text, cells).items():
        cell = cells[name]
        if cell["cell_type"] == "markdown":
            lines = [line[2:] if line.startswith("# ") else line.lstrip("#") for line in lines]
        cell["source"] = "\n".join(lines).strip("\n")
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return (json.dumps(book, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _cells(text: str, known: Mapping[str, Any]) -> dict[str, list[str]]:
    """Cell -> its lines."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        marker = _MARKER.fullmatch(line)
        if marker is None:
            if current is not None:
                current.append(line)
            continue
        name = marker[2]
        if name not in known or name in found:
            why = "is there twice" if name in found else "is not in your notebook"
            raise UploadError(
                f"line {number}: the cell {name!r} {why}",
                do='leave the lines that begin with "# %%" as they came',
            )
        current = found[name] = []
    if not found:
        raise UploadError(
            "none of its lines says which cell of the notebook follows",
            do="work in the script that can be downloaded here",
        )
    return found


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return "".join(source) if isinstance(source, list) else str(source)
