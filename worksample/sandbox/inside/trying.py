"""Run commands in a tree, inside a box: what ``worksample.grading.trials`` asks of it.

Everything here runs beside the candidate's code, which may do to it what it likes: no line of this
file is trusted by the other side. Standard library only.
"""

from __future__ import annotations

import base64
import os
import runpy
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def trial(question: dict[str, Any], place: Path | None = None) -> dict[str, Any]:
    """Lay the tree out, run the commands in it, bring back what they wrote.

    Args:
        place: where trees are laid out; None: where we are.

    Returns:
        ``codes`` of the commands, ``files`` that were fetched, ``said``: the end of what was put
        out.
    """
    folder = Path(tempfile.mkdtemp(prefix="tree-", dir=place or os.getcwd()))
    for name, data in question["tree"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))
    log = folder.with_suffix(".log")
    codes = [run(command, folder, log) for command in question["commands"]]
    most, files = question["most"], {}
    for name in question["fetch"]:
        data = content(folder / name, most)
        if data is not None:
            most -= len(data)
            files[name] = base64.b64encode(data).decode()
    said = (content(log, 1 << 26) or b"")[-question["said"] :].decode("utf-8", "replace")
    return {"codes": codes, "files": files, "said": said}


def run(command: Sequence[str], folder: Path, log: Path) -> int:
    """One command in ``folder``; its exit code, negative for the signal that ended it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.chdir(folder)
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(out, 1)
            os.dup2(out, 2)
            if command[0] != "python":
                os.execvp(command[0], list(command))
            code = _python(list(command[1:]), folder)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _python(words: list[str], folder: Path) -> int:
    """As the interpreter of that command line: what is imported already is not imported anew."""
    sys.stdout = open(1, "w", closefd=False, buffering=1)  # noqa: SIM115 (open for good)
    sys.stderr = open(2, "w", closefd=False, buffering=1)  # noqa: SIM115
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder))
    # a test runner's hook would have asserts of the tree's own tests say more than they do
    sys.meta_path[:] = [each for each in sys.meta_path if "pytest" not in type(each).__module__]
    own = {path.stem for path in folder.iterdir()}  # the tree's modules go before those of us
    for name in [each for each in sys.modules if each.partition(".")[0] in own]:
        del sys.modules[name]
    try:
        if words[0] == "-m":
            sys.argv = words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = words
            sys.path[0] = str((folder / words[0]).parent)
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        return _code(end.code)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _code(given: Any) -> int:
    """What ``sys.exit`` makes of what it is given."""
    if given is None:
        return 0
    if isinstance(given, int):
        return given & 0xFF
    print(given, file=sys.stderr)
    return 1


def content(path: Path, most: int) -> bytes | None:
    """A regular file's bytes; None for anything else, or for more than ``most``."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:  # a folder is refused here
            data = file.read(most + 1)
    except OSError:
        return None
    return data if len(data) <= most else None
