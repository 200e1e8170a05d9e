"""What a package holds so that it runs where the candidate sits.

A wheel of what the notebook imports, the libraries with the versions that the grading has, and one
page that says what to type.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from worksample.assignments.imports import imported
from worksample.assignments.model import TREE
from worksample.assignments.wheel import wheel
from worksample.workbook.submission import HAND_IN

PYTHON = "3.11"  # the oldest that the package runs on
BASE = ("ipywidgets", "jupyterlab", "matplotlib", "numpy", "pandas", "scikit-learn", "scipy")
_NAMES = {"sklearn": "scikit-learn", "PIL": "pillow", "yaml": "PyYAML", "IPython": "ipython"}
REQUIREMENTS, ENVIRONMENT, README = "requirements.txt", "environment.yml", "README.md"


def files(
    title: str, assignment_id: str, minutes: float, given: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Name -> bytes of the wheel, the lists of libraries and the README.

    Args:
        assignment_id: what the notebook is called.
        given: the other files of the package: what they import is listed.
    """
    name, data = wheel()
    return {
        name: data,
        REQUIREMENTS: _requirements(name, given).encode(),
        ENVIRONMENT: _ENVIRONMENT.encode(),
        README: _readme(title, assignment_id, minutes, _has_tree(given)).encode(),
    }


def _requirements(wheel_name: str, given: Mapping[str, bytes]) -> str:
    """Pins of what is installed here, where the notebook is graded."""
    found = {_NAMES.get(name, name) for name in _imported(given)}
    if any(name.endswith(".parquet") for name in given):
        found.add("pyarrow")  # pandas imports it when it is asked to read one
    wanted = sorted({*BASE, *found}, key=str.lower)
    lines = [pin for name in wanted for pin in _pin(name)]
    return "\n".join(["# as where your notebook is graded", *lines, f"./{wheel_name}"]) + "\n"


def _pin(name: str) -> Iterator[str]:
    """``name==version``; at most that version where it does not run on every Python of ours."""
    # every command that reads an assignment imports this file, and few pack one
    from importlib import metadata

    from packaging.specifiers import SpecifierSet

    try:
        about = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return  # no library of that name: a module of the toolkit's own
    (needs, *_) = about.metadata.get_all("Requires-Python") or [""]
    runs = SpecifierSet(needs).contains(f"{PYTHON}.99")
    yield f"{name}{'==' if runs else '<='}{about.version}"


def _imported(given: Mapping[str, bytes]) -> set[str]:
    """The first names of what the package's Python files import, its own modules aside."""
    code = [data.decode("utf-8", "replace") for name, data in given.items() if name.endswith(".py")]
    own = {name.split("/")[0].removesuffix(".py") for name in given}
    return imported(code) - own - set(sys.stdlib_module_names) - {"worksample"}


_ENVIRONMENT = f"""\
# conda env create -f environment.yml
# conda activate worksample
name: worksample
channels:
  - conda-forge
dependencies:
  - python={PYTHON}
  - pip
  - pip:
      - -r {REQUIREMENTS}
"""


def _has_tree(given: Mapping[str, bytes]) -> bool:
    return any(name.startswith(f"{TREE}/") for name in given)


_WORK = f"""
`{TREE}/` is part of your answer: change its files with any editor, and run what is in it in a
terminal with the same `.venv`. It is a git repository; its history stays with you.
"""


def _readme(title: str, assignment_id: str, minutes: float, tree: bool) -> str:
    return f"""# {title}

You have {minutes:g} minutes, from when you run the first cell with code. The minutes of each task
stand in the notebook.

## Open it

You need Python {PYTHON} or later. Unpack this folder anywhere, open a terminal in it, and type two
commands. The first takes a few minutes, once; the second opens the notebook in your browser.

Linux, macOS:

    python3 -m venv .venv && .venv/bin/python -m pip install -r {REQUIREMENTS}
    .venv/bin/python -m jupyterlab {assignment_id}.ipynb

Windows, in the Command Prompt:

    py -m venv .venv && .venv\\Scripts\\python -m pip install -r {REQUIREMENTS}
    .venv\\Scripts\\python -m jupyterlab {assignment_id}.ipynb

In VS Code: the first command, then open this folder and choose `.venv` as the notebook's kernel.
With conda: `conda env create -f {ENVIRONMENT}`, then `conda activate worksample` and
`jupyter lab {assignment_id}.ipynb`.

## Work in it

Answer in the cells marked ✎, and run the check cells as often as you like: a line that begins with
✓ or ✗ says whether what you have can be used. Files of your own may lie beside the notebook; they
are handed in with it. `case/` holds your data, and is yours alone. `worksample.json` says whose
work this is: leave it as it is.
{_WORK if tree else ""}
## Hand it in

{HAND_IN}
"""
