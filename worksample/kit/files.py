"""Files of a case: the same bytes for the same content, on every machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd


def json_text(value: Any, sort_keys: bool = True) -> str:
    """A JSON document: one space a level, other alphabets as they are, a line end at its end."""
    return json.dumps(value, indent=1, sort_keys=sort_keys, ensure_ascii=False) + "\n"


def write_text(path: Path, text: str) -> None:
    """UTF-8, with line ends as they are in ``text``."""
    path.write_text(text, encoding="utf-8", newline="\n")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """CSV without the index; times to the minute."""
    table.to_csv(
        path, index=False, lineterminator="\n", encoding="utf-8", date_format="%Y-%m-%d %H:%M"
    )
