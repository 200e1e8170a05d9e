"""The harness of `make bench`: its arithmetic on given figures, and that it runs."""

from __future__ import annotations

import ast
import contextlib
import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

import figures  # noqa: E402
import metered  # noqa: E402
import sessions  # noqa: E402
from figures import Target  # noqa: E402

BUSY = "import time\nwhile time.process_time() < 0.3: pass"
PAGE = "# Page\n\n<!-- bench: one -->\nold\n<!-- end of bench: one -->\n\nkept\n"


def test_a_ratio_is_the_median_over_the_rounds():
    """One round in which the machine was busy must not decide."""
    assert figures.ratio([(10, 1), (90, 3), (24, 2)]) == 12
    assert figures.ratio([(6, 2), (8, 2)]) == 3.5
    with pytest.raises(ValueError, match="no round"):
        figures.ratio([])


def test_least_time_is_own_cpu_and_an_allowance_on_all_cores():
    assert figures.least_time(candidates_cpu=76.0, attempts=40, cores=2, allowance=0.6) == 50.0


def test_overhead_is_what_is_not_the_candidates_own():
    assert figures.overhead(tree_cpu=100.0, candidates_cpu=80.0, attempts=40) == 0.5


@pytest.mark.parametrize(
    ("at_least", "measured", "met"),
    [
        *((True, 15.0, True), (True, 14.99, False)),
        *((False, 15.0, True), (False, 15.01, False)),
        *((True, None, None), (False, None, None)),
    ],
)
def test_a_target_is_met_or_not_or_not_measured(at_least, measured, met):
    assert Target("throughput", 15, at_least, measured).met is met


def test_the_table_says_which_targets_are_missed():
    rows = [Target("a", 15, True, 4.0, " ×"), Target("b", 0.7, False, None, " s")]
    lines = figures.targets(rows).splitlines()
    assert lines[2] == "| a | at least 15 × | 4.00 × | **not met** |"
    assert lines[3] == "| b | at most 0.7 s | – | not measured |"


def test_stages_are_medians_and_means_over_attempts():
    """An attempt without a stage spent nothing on it."""

    def attempt(**cpu: float) -> dict[str, dict[str, float]]:
        return {
            name: {"seconds": 2 * used, "cpu": used, "cpu_elsewhere": used / 2}
            for name, used in cpu.items()
        }

    attempts = [attempt(cells=1.0), attempt(cells=2.0), attempt(cells=6.0, probe=3.0)]
    lines = figures.stage_table(attempts, {"gradebook": (9.0, 1.5)}).splitlines()
    assert lines[2] == "| cells | 4.000 | 2.000 | 1.000 | 6.000 | 4.500 |"
    assert lines[3] == "| probe | 0.000 | 0.000 | 0.000 | 2.000 | 1.500 |"
    assert lines[4] == "| gradebook (coordinator) | – | – | – | 3.000 | 0.500 |"


def test_a_section_is_renewed_and_the_rest_of_the_page_kept(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    figures.write_section(page, "one", r"new \1 text")
    assert page.read_text() == PAGE.replace("old", r"new \1 text")
    with pytest.raises(ValueError, match="two"):
        figures.write_section(page, "two", "text")


def test_the_page_has_a_section_for_every_part():
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    for part in ("light", "heavy", "service", "scale"):
        assert page.count(f"<!-- bench: {part} -->\n") == 1
        assert page.count(f"\n<!-- end of bench: {part} -->") == 1


def test_cpu_of_everything_that_a_command_started_is_counted(tmp_path):
    """Its children's too, and of a child that nobody waited for."""
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])\n{BUSY}"
    cost = metered.run([sys.executable, "-c", code], tmp_path, 1, {})
    assert cost.cpu >= 0.45  # two of 0.3 s each, by clocks that tick differently
    assert cost.seconds > 0


def test_the_group_of_a_harness_that_was_killed_is_swept_up(tmp_path):
    """Without the right to make groups there are none to be left."""
    left = [parent / f"{metered.PREFIX}{2**22 + 1}-left" for parent in metered._parents()]
    for folder in left:
        with contextlib.suppress(OSError):
            folder.mkdir()
    for folder in left:
        metered._sweep(folder.parent)
    metered.run(["true"], tmp_path, 1, {})
    mine = [
        each for folder in left for each in folder.parent.glob(f"{metered.PREFIX}{os.getpid()}-*")
    ]
    assert not mine
    assert not any(folder.exists() for folder in left)


def test_a_command_that_fails_is_no_measurement(tmp_path):
    code = "print('said'); raise SystemExit(3)"
    with pytest.raises(metered.CommandFailed, match=r"ended with 3:\nsaid"):
        metered.run([sys.executable, "-c", code], tmp_path, 1, {})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "said"),
    [
        (["light", "--attempts", "1", "--cores", "1"], "throughput against `nbgrader autograde`"),
        (["scale", "--sizes", "1", "2", "--cores", "1"], "coordinator's memory, from 1 to 2"),
        (
            ["heavy", "--attempts", "1", "--assignment", "benchmarks/assignments/light"],
            "wall clock against (own CPU + 0.6 s an attempt)",
        ),
    ],
)
def test_a_part_runs_from_end_to_end_and_writes_no_section_after_one_round(part, said):
    page = ROOT / "docs" / "performance.md"
    before = page.read_bytes()
    done = subprocess.run(
        [sys.executable, "benchmarks/grading.py", *part, "--rounds", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if said in line)
    assert " – " not in row
    assert "Not written" in done.stdout
    assert page.read_bytes() == before


def test_a_session_is_timed_to_its_first_result_and_its_end(tmp_path):
    sources = ("quiet = 1", "quiet + 1", "import time; time.sleep(1)", "1 / 0")
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    first, total, failed = sessions.timed(nbformat.v4.new_notebook(cells=cells), tmp_path)
    assert 0 < first <= total - 1
    assert failed == [cells[3].id]


def _imported(tree: ast.Module) -> dict[str, object]:
    """Local name -> what of this package is imported under it, anywhere in the file."""
    found: dict[str, object] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("worksample"):
            continue
        for name in node.names:
            with contextlib.suppress(ModuleNotFoundError):  # a function, or a class
                importlib.import_module(f"{node.module}.{name.name}")
            held = importlib.import_module(node.module or "")
            found[name.asname or name.name] = getattr(held, name.name)
    return found


@pytest.mark.parametrize(
    "path",
    sorted([*(ROOT / "benchmarks").glob("*.py"), *(ROOT / "tools").glob("*.py")]),
    ids=lambda path: path.stem,
)
def test_what_a_benchmark_calls_is_still_there(path: Path) -> None:
    """Nothing else runs most of them, so a function that moved would be found by who measures."""
    tree = ast.parse(path.read_text("utf-8"))
    imported = {
        name: held for name, held in _imported(tree).items() if isinstance(held, ModuleType)
    }
    gone = [
        f"{node.value.id}.{node.attr} (line {node.lineno})"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in imported
        and not hasattr(imported[node.value.id], node.attr)
    ]
    assert not gone
