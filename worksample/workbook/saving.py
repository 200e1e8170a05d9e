"""Whether the notebook on disk holds what ran.

What is handed in is the file. A front end saves it when it is asked to or from time to time, and
the kernel neither sees the editor nor can write its text. So a save is asked for, and then the
cells that ran since the file was last written are looked for in it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from worksample.workbook import celltext, packing
from worksample.workbook.tasks import plain_text, text_of

WAIT_SECONDS = 4.0
# a save takes the text a moment before it writes the file
MARGIN_SECONDS = 0.5
# The keys for "save", as if they had been pressed: the one way into JupyterLab from a kernel. The
# other of the two means nothing on that system.
_PRESS_SAVE = """\
for (const held of ["ctrlKey", "metaKey"]) {
  document.body.dispatchEvent(new KeyboardEvent("keydown",
    {key: "s", code: "KeyS", keyCode: 83, [held]: true, bubbles: true, cancelable: true}));
}"""


_ran: list[tuple[float, str]] = []  # when, and the cell's text as it stood then
_watching: list[Any] = []  # the shells
_refused: list[float] = []  # runs of a cell for which nobody saved


def watch() -> None:
    """Note from now on what is run. Outside of a notebook nothing is done."""
    shell = _shell()
    if shell is None or shell in _watching or not hasattr(shell, "events"):
        return
    _watching.append(shell)
    shell.events.register("pre_run_cell", _note)
    _ran.append((time.time(), celltext.running_source()))  # the cell that imports us


def _note(info: Any) -> None:
    # silent or without history: a front end's own questions
    if getattr(info, "store_history", True) and not getattr(info, "silent", False):
        _ran.append((time.time(), str(info.raw_cell)))


def ask() -> bool:
    """Ask the front end to save; whether the file was written since the last cell began.

    Waits for a few seconds where there is a front end that may do it.
    """
    books = notebooks()
    if not books or not _has_front_end():
        return False
    before = {path: _written(path) for path in books}
    begun = _ran[-1][0] if _ran else time.time()
    if begun in _refused or any(when >= begun for when in before.values()):
        return begun not in _refused
    with _pressed_save():
        until = time.time() + WAIT_SECONDS
        while time.time() < until:
            time.sleep(0.05)
            if any(_written(path) != before[path] for path in books):
                return True
    _refused.append(begun)
    return False


def unsaved() -> list[str]:
    """What ran after the notebook was last saved and does not stand in it; oldest first."""
    books = notebooks()
    if not books:
        return []
    saved = max(map(_written, books)) - MARGIN_SECONDS
    there = {text_of(cell) for path in books for cell in cells_of(path)}
    # what a widget had written into its cell will run next; a script writes nothing into cells
    written = celltext.rewritten if _has_front_end() else []
    since = (text for when, text in sorted([*_ran, *written]) if when > saved)
    late = [text for text in map(plain_text, since) if text and text not in there]
    return list(dict.fromkeys(late))


def notebooks() -> list[Path]:
    """The notebook that this kernel runs; all that lie here, where that cannot be told."""
    found = in_folder()
    shell = _shell()
    named = [os.environ.get("JPY_SESSION_NAME", "")]
    named += [str(shell.user_ns.get("__vsc_ipynb_file__", ""))] if shell is not None else []
    mine = [path for path in found if path.name in {Path(name).name for name in named if name}]
    return mine or found


def in_folder() -> list[Path]:
    """The notebooks that lie here; not what JupyterLab keeps for the moment that it saves one."""
    found = Path().glob("*.ipynb")
    return sorted(path for path in found if path.is_file() and not path.name.startswith("."))


def read(path: Path) -> bytes:
    """A file as it is when nobody is writing it; after a few seconds, as it is.

    JupyterLab cuts a file short and writes it anew. As long as it does, a copy lies beside it.

    Raises:
        OSError: it cannot be read.
    """
    copy, until = path.with_name(f".~{path.name}"), time.monotonic() + WAIT_SECONDS
    while True:
        before, writing = _written(path), copy.exists()
        data = path.read_bytes()
        if not (writing or copy.exists() or _written(path) != before):
            return data
        if time.monotonic() > until:
            return data
        time.sleep(0.05)


def cells_of(path: Path) -> list[Mapping[str, Any]]:
    """A saved notebook's cells; none where it cannot be read."""
    with suppress(OSError):
        return packing.cells_of(read(path)) or []
    return []


def saved_at(books: Iterable[Path]) -> float:
    """When the newest of them was written."""
    return max(map(_written, books), default=0.0)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _has_front_end() -> bool:
    """JupyterLab and its like say which of their cells a run is of; a script does not."""
    return bool(_parent().get("metadata", {}).get("cellId"))


@contextmanager
def _pressed_save() -> Iterator[None]:
    """The keys are pressed by an output, which is empty afterwards."""
    from IPython.display import Javascript, display

    shown = display(Javascript(_PRESS_SAVE), display_id=True)
    try:
        yield
    finally:
        if shown is not None:
            shown.update({"text/plain": ""}, raw=True)


def _shell() -> Any:
    # whoever packs or collects without a notebook need not wait for IPython
    return celltext.shell_here() if "IPython" in sys.modules else None


def _parent() -> Mapping[str, Any]:
    """The message that the running cell came with."""
    shell = _shell()
    return shell.get_parent() if hasattr(shell, "get_parent") else {}
