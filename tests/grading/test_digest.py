"""The engine's digest: all code that a score can depend on, found by reading it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import worksample
from worksample.grading import digest

PACKAGE = Path(worksample.__file__).parent
LOADED = """
import sys
from worksample.grading import attempt, checkhost
from worksample.sandbox.inside import agent, answering, nursery
import worksample.workbook
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith("worksample."):
        print(module.__file__)
"""


def test_whatever_grading_loads_counts():
    told = subprocess.run(
        [sys.executable, "-P", "-c", LOADED], capture_output=True, text=True, check=True
    )
    loaded = {Path(line).resolve() for line in told.stdout.split("\n") if line}
    counted = {path.resolve() for path in digest.scoring_files(PACKAGE)}
    # the finder of old names is asked for none of ours, and packages may be empty
    assert loaded - counted <= {PACKAGE.resolve() / "_moved.py"}
    assert len(loaded) > 20


def test_what_comes_after_the_evidence_does_not_count():
    counted = {path.relative_to(PACKAGE).parts[0] for path in digest.scoring_files(PACKAGE)}
    assert {"grading", "sandbox", "assignments", "workbook"} <= counted
    assert not counted & {"cli", "feedback", "review", "records", "submissions", "batch"}


def test_a_new_import_is_followed_wherever_it_stands(tmp_path: Path):
    root = tmp_path / "worksample"
    shutil.copytree(PACKAGE, root, ignore=shutil.ignore_patterns("__pycache__", "samples"))
    (root / "fresh").mkdir()
    (root / "fresh" / "__init__.py").write_text("")
    (root / "fresh" / "deep.py").write_text("import worksample.other\n")
    (root / "other.py").write_text("ANSWER = 42\n")
    before = digest.scoring_files(root)
    for line in (
        "def late():\n    from worksample.fresh import deep\n",
        "def late():\n    import worksample.fresh.deep\n",
        "COMMAND = ['-m', 'worksample.fresh.deep']\n",
        "from worksample import fresh\n",
    ):
        (root / "grading" / "slots.py").write_text(line)
        found = set(digest.scoring_files(root)) - set(before)
        assert found == {
            root / "fresh" / "__init__.py",
            root / "fresh" / "deep.py",
            root / "other.py",
        }


def test_the_digest_is_of_names_and_bytes(tmp_path: Path):
    root = tmp_path / "worksample"
    shutil.copytree(PACKAGE, root, ignore=shutil.ignore_patterns("__pycache__", "samples"))
    files = digest.scoring_files(root)
    first = digest._digest(root, files)
    assert digest._digest(root, files) == first
    with (root / "sandbox" / "inside" / "agent.py").open("a") as file:
        file.write("# changed\n")
    assert digest._digest(root, files) != first
