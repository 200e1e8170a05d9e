"""What is answered so far, how much time has gone, and the zip to hand in."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from worksample.workbook.answers import answers_folder
from worksample.workbook.trace import unwritten

PASSPORT = Path("worksample.json")  # which candidate and assignment; comes with the package
STARTED = Path(".started")


def clock(minutes: float) -> None:
    """Print when the work began and until when it goes; the first call begins it.

    ``minutes`` is the assignment's; yours, with an extra time agreed with you and for a revision,
    stand in ``worksample.json``. Only you see this: no score depends on it.
    """
    yours = passport().get("minutes")
    if isinstance(yours, int | float) and 0 < yours < float("inf"):
        minutes = yours
    start = _started()
    end = start + timedelta(minutes=minutes)
    now = datetime.now()
    print(f"Started {start:%H:%M}, {minutes:g} minutes: until {end:%H:%M} (now {now:%H:%M})")


def _started() -> datetime:
    """When the clock was first asked for; now, where that cannot be read."""
    with contextlib.suppress(OSError, ValueError):
        return datetime.fromisoformat(STARTED.read_text("utf-8").strip())
    now = datetime.now().replace(second=0, microsecond=0)
    STARTED.write_text(now.isoformat(timespec="minutes"), "utf-8")
    return now


def passport() -> dict[str, Any]:
    """``worksample.json``; empty where there is none, as when the notebook is graded."""
    try:
        found = json.loads(PASSPORT.read_text("utf-8-sig"))  # an editor may have put a mark first
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def overview(answers: Mapping[str, str]) -> None:
    """Print which of the ``answers`` (name -> what it is) are recorded, and what isn't yet."""
    folder = answers_folder()
    for name, title in answers.items():
        there = (folder / f"{name}.json").is_file()
        print(f"{'recorded' if there else 'MISSING ':9} {title}")
    for name in unwritten():
        print(
            f"MISSING   trace {name}: its points are not in the cell yet, run that cell once more"
        )


def pack() -> None:
    """Write the zip to hand in: the notebooks in this folder as saved, and ``worksample.json``."""
    notebooks = sorted(Path().glob("*.ipynb"))
    if not notebooks:  # as when the notebook is run again at grading
        print("There is no notebook in this folder, so there is nothing to pack.")
        return
    name = str(passport().get("assignment", notebooks[0].stem))
    target = Path(f"{name}-submission.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in [*notebooks, *([PASSPORT] if PASSPORT.is_file() else [])]:
            zipped.write(path, f"{name}/{path.name}")
    for path in notebooks:
        saved = datetime.fromtimestamp(path.stat().st_mtime)
        print(f"{path.name}, as saved at {saved:%H:%M}")
    print(f"→ {target}: hand in this file. Changed something since? Save, then run this again.")
