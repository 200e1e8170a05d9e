"""What a candidate's cells and calls cost by themselves: no sandbox, no Jupyter, nothing to import.

Each notebook runs in a fork of a process that has imported every library that it needs. The
fork has IPython and inline figures as a kernel has, so cells do the same work; its CPU is read
before and after each cell and each call, and nothing else is counted.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pickle
import resource
import site
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments.case import Case
from worksample.assignments.model import Assignment
from worksample.course import Course
from worksample.sandbox.fonts import font_list
from worksample.submissions import collecting as submission

INLINE = "module://matplotlib_inline.backend_inline"


@dataclass(frozen=True)
class Spent:
    """CPU seconds of one attempt, and what it loaded."""

    cells: float
    calls: float
    errors: int
    figures: int
    modules: Sequence[str] = field(default=())


def measure(course: Course, assignment: Assignment, who: Iterable[str]) -> list[Spent]:
    """CPU of each candidate's cells and calls, the libraries being loaded."""
    attempts = [_attempt(course, assignment, name) for name in who]
    os.environ.update(_settings())
    # the first time only to see what has to be loaded
    for sources, case in attempts[: len(assignment.solutions)]:
        _load(_in_fork(sources, case, assignment).modules)
    gc.collect()
    gc.freeze()  # or collections in a fork would go through everything that was loaded here
    return [_in_fork(sources, case, assignment) for sources, case in attempts]


def _attempt(course: Course, assignment: Assignment, name: str) -> tuple[list[str], Case]:
    path = submission.submitted_folder(course, assignment.id, name) / f"{assignment.id}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return sources, cases.bound(course, assignment.id, name)


def _settings() -> dict[str, str]:
    """The environment of a sandbox's kernel, as far as it bears on what cells cost."""
    single = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    fonts = font_list()
    return {
        **{f"{name}_NUM_THREADS": "1" for name in single},
        **({"MPLCONFIGDIR": str(fonts.parent)} if fonts else {}),
        "MPLBACKEND": INLINE,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _load(names: Iterable[str]) -> None:
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:  # made by its parent in a way of its own, and there by now
            continue


def _in_fork(sources: list[str], case: Case, assignment: Assignment) -> Spent:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            spent = _run(sources, case, assignment)
            with open(writer, "wb") as pipe:
                pickle.dump(spent, pipe)
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(data)  # our own fork of our own solutions


def _run(sources: list[str], case: Case, assignment: Assignment) -> Spent:
    from IPython.utils.capture import capture_output

    with tempfile.TemporaryDirectory(prefix="worksample-warm-") as folder:
        _lay_out(Path(folder), case, assignment)
        shell = _shell()
        cells, errors, figures = 0.0, 0, 0
        for source in sources:
            begun = _cpu()
            with capture_output() as captured:
                done = shell.run_cell(source, store_history=True)
            cells += _cpu() - begun
            errors += not done.success
            figures += sum("image/png" in output.data for output in captured.outputs)
        with capture_output():
            calls = sum(_called(call, shell.user_ns) for call in _calls(assignment, case))
    return Spent(cells, calls, errors, figures, _libraries())


def _lay_out(folder: Path, case: Case, assignment: Assignment) -> None:
    for name, path in assignment.paths.items():
        (folder / name).symlink_to(path.resolve())
    (folder / "case").symlink_to(case.public.resolve())
    (folder / "answers").mkdir()
    os.chdir(folder)
    sys.path.insert(0, "")
    os.environ["WORKSAMPLE_CASE"] = str(case.public)
    os.environ["WORKSAMPLE_ANSWERS"] = str(folder / "answers")
    os.environ["WORKSAMPLE_LEVEL"] = case.level


def _shell() -> Any:
    """IPython with figures drawn as a kernel draws them."""
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib_inline.backend_inline import configure_inline_support

    module = ModuleType("__main__")
    sys.modules["__main__"] = module
    shell = InteractiveShell.instance(user_module=module, user_ns=vars(module))
    configure_inline_support(shell, INLINE)
    return shell


def _calls(assignment: Assignment, case: Case) -> Iterable[Any]:
    if not (assignment.folder / "probe.py").is_file():
        return ()
    return assignments.load_module(assignment, "probe").calls(case)


def _called(call: Any, names: Mapping[str, Any]) -> float:
    """CPU of one call; one that belongs to no session has a fork of its own, as in a sandbox."""
    arguments = pickle.loads(pickle.dumps(call.args))
    function = names.get(call.function)
    if not callable(function):
        return 0.0
    begun = _cpu()
    if not call.session:
        _forked(lambda: function(*arguments))
    else:
        _quietly(lambda: function(*arguments))
    return _cpu() - begun


def _forked(work: Callable[[], Any]) -> None:
    child = os.fork()
    if child == 0:
        try:
            _quietly(work)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _quietly(work: Callable[[], Any]) -> None:
    try:
        work()
    except Exception:  # what a candidate's function raises costs what it costs
        return


def _cpu() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


def _libraries() -> list[str]:
    """Modules that came with Python or were installed; not the assignment's own."""
    homes = (*site.getsitepackages(), os.path.dirname(os.__file__))
    return [
        name
        for name, module in sorted(sys.modules.items())
        if str(getattr(module, "__file__", None) or "").startswith(homes)
    ]
