"""What the tests of every skin look for: words that are left, and the case without the skin."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from tests.conftest import ROOT
from worksample.assignments import case, dressing
from worksample.assignments.case import Case
from worksample.assignments.model import Assignment
from worksample.assignments.skin import Skin


def in_skin(bare: Case, skin: Skin, into: Path) -> Case:
    """A drawn case put into a skin, as ``case.draw`` does with one that it has drawn.

    That it does is shown on the tests' own assignment (tests/assignments/test_dressing.py).
    """
    shutil.copytree(bare.public.parent, into)
    dressing.dress_case(skin, into / "public", into / "private")
    return dataclasses.replace(bare, public=into / "public", private=into / "private")


def texts(folder: Path) -> dict[str, str]:
    """Relative name -> text of every text file below a folder."""
    found = (path for path in folder.rglob("*") if path.suffix in dressing.TEXTS)
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in found}


def words_of_tables(folder: Path) -> dict[str, str]:
    """Name -> columns and distinct words, one a line, of every Parquet table in a folder."""
    found = {}
    for path in folder.glob("*.parquet"):
        table = pd.read_parquet(path)
        words = (table[column].dropna().unique() for column in _with_words(table))
        found[path.name] = "\n".join([*table.columns, *(w for each in words for w in each)])
    return found


def left(words: re.Pattern[str], files: Mapping[str, str]) -> list[str]:
    """File and line, wherever one of the words stands."""
    return [
        f"{name}: {line.strip()[:100]}"
        for name, text in files.items()
        for line in text.splitlines()
        if words.search(line)
    ]


def released(assignment: Assignment, level: str, skin: str) -> dict[str, str]:
    """Cell -> source of the notebook that candidates of this repository's course get."""
    folder = ROOT / "release" / case.release_name(assignment.id, level, skin)
    notebook = json.loads((folder / f"{assignment.id}.ipynb").read_text("utf-8"))
    return {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}


def differing(skin: Skin, bare: Path, worn: Path, prose: Iterable[str]) -> list[str]:
    """Files below two folders that differ when the second is given its names back.

    ``prose`` are those that say the same in other words: they only have to be there.
    """
    drawn = texts(bare)
    back = {skin.undress(name): skin.undress(text) for name, text in texts(worn).items()}
    assert back.keys() == drawn.keys()
    return [name for name in drawn if back[name] != drawn[name] and name not in prose]


def assert_same_tables(skin: Skin, bare: Path, worn: Path) -> None:
    """Every Parquet table of a folder is that of the other when it is given its names back."""
    for path in sorted(bare.glob("*.parquet")):
        one, other = pd.read_parquet(path), pd.read_parquet(worn / path.name)
        other.columns = [skin.undress(column) for column in other.columns]
        for column in _with_words(other):
            other[column] = other[column].map(skin.undress, na_action="ignore")
        pd.testing.assert_frame_equal(one, other)


def _with_words(table: pd.DataFrame) -> list[str]:
    return [c for c, kind in table.dtypes.items() if pd.api.types.is_string_dtype(kind)]
