"""Every assignment's folder shows the same parts, and its modules import in one direction."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(
    path.parent
    for above in ("assignments", "benchmarks/assignments", "tests/assignments", "worksample")
    for path in (ROOT / above).rglob("assignment.toml")
)
CONTRACT = {"bring", "checks", "notebook", "panel", "probe", "readers", "scenario"}
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


def texts(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    rubric = tomllib.loads((folder / "rubric.toml").read_text(encoding="utf-8"))
    yield from rubric.pop("checks", {}).items()
    yield from rubric.items()


@pytest.mark.parametrize("folder", FOLDERS, ids=_named)
def test_what_could_be_better_is_said_by_the_level_reached_and_points_to_the_next(
    folder: Path,
) -> None:
    """One sentence for all levels is untrue of most of them."""
    for name, given in texts(folder):
        improvement = given["improvement"]
        levels = ["1", "2", "3"] if "anchors" in given else ["1"]
        assert set(levels) <= set(improvement) <= {"1", "2", "3"}, name
        assert all("Next:" in words for words in improvement.values()), name
        assert len(set(improvement.values())) == len(improvement), name


@pytest.mark.parametrize("folder", FOLDERS, ids=_named)
def test_pictures_are_drawn_in_the_style_of_the_package(folder: Path) -> None:
    """A colour, a font or a way to save of its own would make another style."""
    for path in folder.glob("toolkit/**/*.py"):
        text = path.read_text(encoding="utf-8")
        own = re.findall(r"#[0-9a-fA-F]{6}\b|rcParams|class View\b|from matplotlib.*", text)
        assert not own, path.name
        assert "matplotlib" not in text or "workbook import plots" in text, path.name
