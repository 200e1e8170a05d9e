"""Every assignment's folder shows the same parts, and its modules import in one direction."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(
    path.parent
    for above in ("assignments", "benchmarks/assignments", "tests/assignments", "worksample")
    for path in (ROOT / above).rglob("assignment.toml")
)
CONTRACT = {"bring", "checks", "notebook", "panel", "probe", "scenario"}
PARTS = ("toolkit", "hidden", "judging")  # a part imports those before it and never one after it
FOUND_ELSEWHERE = {"data", "solutions"}  # scripts that are run by hand; answers by cell


def modules(folder: Path) -> dict[str, Path]:
    """Dotted name -> file of what can be imported in an assignment's folder."""
    files = [*folder.glob("*.py"), *(f for part in PARTS for f in folder.glob(f"{part}/**/*.py"))]
    return {_dotted(file.relative_to(folder)): file for file in files}


def imported(folder: Path, name: str, known: dict[str, Path]) -> set[str]:
    """The modules of the folder that a module names, also within functions and for types only."""
    path = known[name]
    here = path.relative_to(folder).parts[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = list(here[: len(here) - node.level + 1]) if node.level else []
            start = ".".join([*above, *([node.module] if node.module else [])])
            inner = {f"{start}.{alias.name}".strip(".") for alias in node.names}
            found |= {each if each in known else start for each in inner}
    return (found & known.keys()) - {name}


def graph(folder: Path) -> dict[str, set[str]]:
    """Module -> what it imports, within the folder."""
    known = modules(folder)
    return {name: imported(folder, name, known) for name in known}


def _dotted(relative: Path) -> str:
    return ".".join(relative.with_suffix("").parts).removesuffix(".__init__")


def _named(folder: Path) -> str:
    return folder.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("folder", FOLDERS, ids=_named)
def test_modules_import_in_no_circle(folder: Path) -> None:
    """Modules in a circle can only be understood, changed and moved together."""
    try:
        TopologicalSorter(graph(folder)).prepare()
    except CycleError as error:
        pytest.fail(f"{_named(folder)}: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("folder", FOLDERS, ids=_named)
def test_parts_import_in_one_direction(folder: Path) -> None:
    """What a candidate gets knows nothing of the truth, and the truth not how it is judged."""
    wrong = []
    for name, others in graph(folder).items():
        part = name.split(".")[0]
        if part not in PARTS:
            continue
        allowed = PARTS[: PARTS.index(part) + 1]
        wrong += [f"{name} imports {each}" for each in others if each.split(".")[0] not in allowed]
    assert wrong == []


@pytest.mark.parametrize("folder", FOLDERS, ids=_named)
def test_the_top_of_a_folder_holds_the_contract_only(folder: Path) -> None:
    """A reader sees from the list of files what is given out, what is hidden and what judges."""
    assert {path.stem for path in folder.glob("*.py")} <= CONTRACT
    inner = {path.relative_to(folder).parts[0] for path in folder.glob("*/**/*.py")}
    inner = {name for name in inner if not (folder / name / "assignment.toml").exists()}
    assert inner - {"__pycache__"} <= {*PARTS, *FOUND_ELSEWHERE}


def test_a_circle_is_found(tmp_path: Path) -> None:
    """As between a scenario and its truth card, in which one import was for types only."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "scenario.py").write_text("from .hidden import card\n")
    (tmp_path / "hidden" / "card.py").write_text("if TYPE:\n    from ..scenario import Drawn\n")
    assert graph(tmp_path) == {"scenario": {"hidden.card"}, "hidden.card": {"scenario"}}
    with pytest.raises(CycleError):
        TopologicalSorter(graph(tmp_path)).prepare()


def test_there_are_folders_to_look_at() -> None:
    names = {_named(folder) for folder in FOLDERS}
    assert {"assignments/warm-up", "tests/assignments/tiny-regression"} <= names
    assert any(name.startswith("worksample/") for name in names)
