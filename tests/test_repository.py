"""The repository itself: pins agree, the package's names are the field's, nothing is half there."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from check_repository import LINK, MACHINE  # noqa: E402
from write_environment import environment, pins  # noqa: E402


def test_environment_has_the_pins_of_the_lock():
    """Users of conda must get what users of the lock file get."""
    lock = (ROOT / "requirements.lock").read_text()
    assert (ROOT / "environment.yml").read_text() == environment(lock)


def test_every_pin_of_the_lock_has_a_hash():
    lock = (ROOT / "requirements.lock").read_text()
    names = [line for line in lock.splitlines() if "==" in line and not line.startswith(" ")]
    assert len(names) == len(pins(lock)) > 50
    assert all(line.endswith("\\") for line in names), "a pin without a hash"


def test_packages_of_the_design_card_are_direct_dependencies():
    text = (ROOT / "pyproject.toml").read_text()
    card = [
        "jupyterlab",
        "ipywidgets",
        "nbgrader",
        "pandas",
        "matplotlib",
        "scikit-learn",
        "papermill",
    ]
    assert [name for name in card if f'"{name}>=' not in text] == []


@pytest.mark.parametrize(
    "line", ["see /" + "root/x/y", "--index" + "-url https://mirror", '"reso' + 'lved": 1']
)
def test_traces_of_a_machine_are_found(line):
    assert MACHINE.search(line)


def test_links_are_found_in_prose():
    assert LINK.findall("[a](docs/a.md) ![p](x.png) [w](https://w.org) [b](b.md#c)") == [
        "docs/a.md",
        "b.md",
    ]
