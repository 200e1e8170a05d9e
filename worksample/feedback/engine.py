"""A papermill engine that runs the feedback template in this process.

A kernel would have to import matplotlib anew for every candidate (three seconds of CPU each);
the template and the record are ours, so it may run where the imports already are. Nothing that a
candidate wrote is ever run here: it is only text in the record.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines

NAME = "worksample-template"


class TemplateEngine(Engine):
    """Runs each code cell in one IPython shell; stops at the first error, as papermill expects."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **kwargs: Any
    ) -> None:
        """Run ``nb_man.nb`` in place."""
        # a module of its own: by default the shell would put itself in the place of __main__
        module = ModuleType("worksample_template")
        shell = InteractiveShell.instance(user_module=module, user_ns=vars(module))
        shell.reset(new_session=True)
        for index, cell in enumerate(nb_man.nb.cells):
            nb_man.cell_start(cell, index)
            error = _run(shell, cell) if cell.cell_type == "code" else None
            if error:
                nb_man.cell_exception(cell, index)
                break
            nb_man.cell_complete(cell, index)


def _run(shell: InteractiveShell, cell: NotebookNode) -> BaseException | None:
    with capture_output() as captured:
        result = shell.run_cell(cell.source, store_history=False)
    cell.outputs = [_output(output) for output in captured.outputs]
    if captured.stdout:
        cell.outputs.append(new_output("stream", name="stdout", text=captured.stdout))
    error = result.error_before_exec or result.error_in_exec
    if error:
        words = {"ename": type(error).__name__, "evalue": str(error), "traceback": [str(error)]}
        cell.outputs.append(new_output("error", **words))
    return error


def _output(output: RichOutput) -> NotebookNode:
    return new_output("display_data", data=output.data, metadata=output.metadata or {})


papermill_engines.register(NAME, TemplateEngine)
