"""Names from before there were packages still lead to the same modules."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
import warnings

import pytest

from worksample import _moved
from worksample.grading import checks


@pytest.mark.parametrize("old", sorted(_moved.OLD))
def test_an_old_name_is_the_module_of_the_new_one_and_says_so(old: str):
    sys.modules.pop(f"worksample.{old}", None)
    with pytest.warns(DeprecationWarning, match=rf"worksample\.{old} is now worksample\."):
        module = importlib.import_module(f"worksample.{old}")
    new = importlib.import_module(f"worksample.{_moved.OLD[old]}")
    assert module is new
    assert new.__name__ == f"worksample.{_moved.OLD[old]}" == new.__spec__.name


@pytest.mark.parametrize("name", sorted(_moved.FOR_AUTHORS))
def test_the_names_that_authors_write_stay_without_a_word(name: str):
    sys.modules.pop(f"worksample.{name}", None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module = importlib.import_module(f"worksample.{name}")
    assert module is importlib.import_module(f"worksample.{_moved.FOR_AUTHORS[name]}")


def test_a_pickle_from_before_is_read():
    old = pickle.dumps(checks.Part("a", 1, 2, "b"), 0)
    old = old.replace(b"worksample.grading.checks", b"worksample.checks")
    assert pickle.loads(old) == checks.Part("a", 1, 2, "b")


def test_a_name_that_never_was_is_not_found():
    with pytest.raises(ModuleNotFoundError, match=r"worksample\.nothing"):
        importlib.import_module("worksample.nothing")


def test_entry_points_of_before_can_be_loaded():
    code = (
        "from importlib.metadata import EntryPoint as E; import papermill.engines;"
        "print(E('worksample', 'worksample.engine:WorksampleEngine', 'papermill.engine').load(),"
        "E('x', 'worksample.engine:SandboxProvisioner', 'y').load())"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert "worksample.grading.engine.WorksampleEngine" in done.stdout
    assert "worksample.grading.provisioner.SandboxProvisioner" in done.stdout


def test_a_kernel_can_be_started_where_papermill_was_not_imported():
    """Jupyter loads the provisioner by its entry point alone."""
    code = "import worksample.grading.provisioner, sys; print('papermill' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("first", ["grading.prober", "grading.engine", "grading.run", "batch"])
def test_what_papermill_loads_may_be_imported_before_papermill(first: str):
    """It loads our engine by its entry point, while itself is being imported."""
    code = (
        f"import worksample.{first}; from papermill.engines import papermill_engines as e;"
        "print(e.get_engine('worksample'))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert "worksample.grading.engine.WorksampleEngine" in done.stdout, done.stderr
