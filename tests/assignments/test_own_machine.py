"""What a package holds so that it runs elsewhere: the wheel, the libraries, one page."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from worksample.assignments import own_machine, percent, wheel
from worksample.workbook.submission import HAND_IN

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(
    [
        *(ROOT / "assignments").glob("**/notebook.py"),
        *(ROOT / "worksample" / "templates").glob("**/notebook.py"),
    ]
)


def opened() -> zipfile.ZipFile:
    return zipfile.ZipFile(BytesIO(wheel.wheel()[1]))


def test_the_wheel_holds_the_workbook_part_and_nothing_else() -> None:
    """No grading code, no kit, no author's file: it lies on every candidate's machine."""
    with opened() as archive:
        code = {name for name in archive.namelist() if ".dist-info/" not in name}
    here = Path(wheel.HERE)
    modules = {f"worksample/{p.relative_to(here)}" for p in (here / "workbook").rglob("*.py")}
    assert code == {"worksample/__init__.py", "worksample/errors.py", *modules}


def test_the_wheel_is_the_same_bytes_every_time() -> None:
    name, data = wheel.wheel()
    wheel.wheel.cache_clear()
    assert wheel.wheel() == (name, data)
    assert re.fullmatch(r"worksample_candidate-[\d.]+\+[0-9a-f]{8}-py3-none-any\.whl", name)


def test_the_wheel_lists_what_is_in_it() -> None:
    """pip compares sizes and hashes with the record."""
    with opened() as archive:
        (record,) = [name for name in archive.namelist() if name.endswith("/RECORD")]
        lines = [line.split(",") for line in archive.read(record).decode().splitlines()]
        assert {name for name, _, _ in lines} == set(archive.namelist())
        for name, digest, size in lines:
            if name != record:
                assert len(archive.read(name)) == int(size)
                made = wheel._hash(archive.read(name))
                assert digest == f"sha256={made}"
    assert wheel._hash(b"") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"


def files(given: dict[str, bytes]) -> dict[str, str]:
    made = own_machine.files("A title", "tiny", 67.5, given)
    return {name: data.decode() for name, data in made.items() if not name.endswith(".whl")}


def test_requirements_are_pins_of_here_and_no_address() -> None:
    code = b"import json\nimport sklearn.tree\nfrom toolkit import x\nimport nosuchlibrary\n"
    lines = files({"toolkit/a.py": code, "toolkit/broken.py": b"def"})["requirements.txt"]
    names = re.findall(r"^([A-Za-z-]+)[=<]=[\w.]+$", lines, re.MULTILINE)
    assert set(own_machine.BASE) == set(names)
    assert f"./{wheel.wheel()[0]}" in lines.splitlines()
    assert "://" not in lines
    assert "index" not in lines
    assert "pyarrow" in files({"case/rows.parquet": b""})["requirements.txt"]
    assert "tqdm==" in files({"toolkit/a.py": b"import tqdm"})["requirements.txt"]


def test_the_page_says_two_commands_a_system_and_how_to_hand_in() -> None:
    page = files({})["README.md"]
    assert len(page.splitlines()) < 60
    assert "67.5 minutes" in page
    assert HAND_IN in page
    commands = [line.strip() for line in page.splitlines() if line.startswith("    ")]
    assert len(commands) == 4
    assert sum("pip install -r requirements.txt" in line for line in commands) == 2
    assert sum("-m jupyterlab tiny.ipynb" in line for line in commands) == 2


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_every_notebook_hands_in_alike_and_checks_in_lines(path: Path) -> None:
    """One way and one wording; and no check that looks like a crash."""
    _, cells = percent.parse(path.read_text("utf-8"), path)
    texts = [cell.source for cell in cells if cell.type == "markdown"]
    assert sum(HAND_IN in text for text in texts) == 1
    code = [cell for cell in cells if cell.type == "code"]
    assert code[-1].source.split() == ["overview()", "submit()"]
    for cell in code:
        if cell.options.get("kind") == "check":
            assert f'with visible_check("{cell.options["cell"]}"):' in cell.source
            outside = [line for line in cell.source.splitlines() if line.startswith("record(")]
            assert not outside, "recorded only once it is valid"
