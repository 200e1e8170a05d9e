"""A repository's past: commits, sixteen nights that were really run, and what they published."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas  # noqa: F401  (imported here, so that the nights that are run need not)
import sklearn.linear_model
import sklearn.pipeline
import sklearn.preprocessing  # noqa: F401

from worksample.sandbox.inside import trying

from .plants import Plant, Stale
from .world import World, day_of

RIGHT = {
    path.relative_to(root).as_posix(): path.read_text("utf-8")
    for root in [Path(__file__).parent / "repository"]
    for path in sorted(root.rglob("*"))
    if path.is_file() and "__pycache__" not in path.parts
}
PEOPLE = ("Mira Tal", "Jonas Lund", "Aisha Noor", "Pavel Duda", "Ines Rocha")
LAST, NIGHTS = 46, 16  # the last night's day, and how many nights have a log

# files that came later than the first commit, with what their commit says
LATER = (
    ("tests/test_model.py", "Tests: models are written and read"),
    ("tests/test_registry.py", "Tests: registry"),
    ("docs/DATA.md", "Docs: what the exports hold"),
    ("tests/test_validate.py", "Tests: validation"),
    ("tests/test_deploy.py", "Tests: served and trained"),
    ("tests/test_gate.py", "Tests: gate"),
    ("docs/EXPECTED.md", "Docs: what a good night does"),
    ("docs/INCIDENTS.md", "Docs: exports that should not have been used"),
    ("guard.py", "Guard: a place to put it"),
)
# what was otherwise in the first commit: (file, then, now, message of the change)
CHANGES = (
    ("config/pipeline.toml", "max_price = 1500", "max_price = 2000", "Config: dearer repairs"),
    ("config/pipeline.toml", "tolerance = 0.0\n", "tolerance = 0.01\n", "Gate: as agreed"),
    ("pipeline/train.py", "LEAST_ROWS = 300", "LEAST_ROWS = 400", "Train: ask for more rows"),
    ("pipeline/deploy.py", "CLOSE = 1e-6", "CLOSE = 1e-9", "Deploy: a stricter comparison"),
    ("pipeline/evaluate.py", "labels=[0, 1])), 4)", "labels=[0, 1])), 6)", "Evaluate: more digits"),
    ("pipeline/clock.py", "as texts.", "as texts, 2031-06-09.", "Clock: say what a day is"),
    ("pipeline/model.py", "indent=2)", "indent=1)", "Model: narrower files"),
)

# harmless, and merged in the evenings about the night since which the tills write otherwise
NEARBY = (
    (
        "pipeline/ingest.py",
        'rows.sort_values(["updated_at"], kind="mergesort")',
        'rows.sort_values("updated_at", kind="stable")',
        "Ingest: another way to sort reports",
    ),
    (
        "pipeline/features.py",
        'rows["visits_before"].where(rows["visits_before"].notna(), 0)',
        'rows["visits_before"].fillna(0)',
        "Features: fill blank visits",
    ),
    (
        "pipeline/features.py",
        "appointment.dt.dayofweek.isin([5, 6])",
        "(appointment.dt.dayofweek >= 5)",
        "Features: weekends by number",
    ),
    (
        "pipeline/features.py",
        "np.log(lead + 1)",
        "np.log1p(lead)",
        "Features: logarithm of the lead time",
    ),
)

# what had to be changed in the last nights, so that going back to an older state mends nothing
WEEKEND = (
    "config/pipeline.toml",
    '"reminder", "web"',
    '"reminder", "weekend", "web"',
    "Config: weekends, they matter",
)
ODDITIES = {
    "mark": (
        "pipeline/ingest.py",
        'encoding="utf-8",',
        'encoding="utf-8-sig",',
        "Ingest: the new exporter puts a mark in front",
    ),
    "comma": (
        "pipeline/ingest.py",
        "return float(text)",
        'return float(text.replace(",", "."))',
        "Ingest: the new till writes a decimal comma",
    ),
}
Change = tuple[str, str, str, str]


@dataclass(frozen=True)
class Commit:
    """A change in the evening of a day: file -> text, None where it is gone."""

    day: int
    message: str
    files: Mapping[str, str | None]


@dataclass(frozen=True)
class Night:
    """One run: what it printed, and the version it published or ''."""

    number: int
    log: str
    published: str


def history(
    planted: Sequence[tuple[int, Plant]],
    stale: Stale | None,
    missing: Plant | None,
    late: Sequence[tuple[int, Change]],
    rng: np.random.Generator,
) -> list[Commit]:
    """Commits, oldest first.

    Args:
        planted: evening and fault.
        stale: a test of what was agreed before, in the suite from the beginning.
        missing: a fault whose test nobody has written.
        late: evening and change of the last nights: needed since then, or harmless.
    """
    end = dict(RIGHT)
    if stale is not None:
        end[stale.file] += stale.text
    if missing is not None:
        end = without_test(end, missing.test)
    first = {name: text for name, text in end.items() if name not in dict(LATER)}
    for name, then, now, _ in (*CHANGES, *(change for _, change in late)):
        first[name] = first[name].replace(now, then)
    steps: list[tuple[str, Any]] = [("add", each) for each in LATER]
    steps += [("change", each) for each in CHANGES]
    steps = [steps[i] for i in rng.permutation(len(steps))]
    evenings = sorted(rng.integers(-25, LAST - 2, len(steps)).tolist())
    found = [Commit(-30, "The pipeline as it runs on the new machine", dict(first))]
    events = [(day, 0, step) for day, step in zip(evenings, steps, strict=True)]
    events += [(day, 0, ("change", change)) for day, change in late]
    events += [(day, 1, ("plant", plant)) for day, plant in planted]
    files = dict(first)
    for day, _, step in sorted(events, key=lambda each: each[:2]):
        before = dict(files)
        if step[0] == "add":
            name, message = step[1]
            files[name] = end[name]
        elif step[0] == "change":
            name, then, now, message = step[1]
            files[name] = files[name].replace(then, now)
        else:
            files, message = step[1].put(files), step[1].subject
        changed = {name: text for name, text in files.items() if before.get(name) != text}
        found.append(Commit(day, message, changed))
    return found


def without_test(files: Mapping[str, str], test: str) -> dict[str, str]:
    """The files without one test: ``test_module.test_name``."""
    module, name = test.split(".")
    path = f"tests/{module}.py"
    before, found, after = files[path].partition(f"\n\ndef {name}(")
    rest = after.partition("\n\n\ndef ")
    if not found:
        raise ValueError(f"there is no {test}")
    text = before.rstrip("\n") + (f"\n\n\ndef {rest[2]}" if rest[1] else "\n")
    return {**files, path: text.rstrip("\n") + "\n"}


def at(commits: Sequence[Commit], number: int) -> dict[str, str]:
    """The files that the night after day ``number`` ran."""
    files: dict[str, str] = {}
    for each in commits:
        if each.day <= number:
            files |= {name: text for name, text in each.files.items() if text is not None}
    return files


def as_json(commits: Sequence[Commit], world: World, rng: np.random.Generator) -> list[Any]:
    """The history as a package wants it."""
    found = []
    for place, each in enumerate(commits):
        evening = datetime.fromisoformat(day_of(world, each.day)).replace(tzinfo=UTC)
        when = evening + timedelta(hours=17, minutes=place)
        found.append(
            {
                "author": PEOPLE[int(rng.integers(len(PEOPLE)))],
                "time": int(when.timestamp()),
                "message": each.message,
                "files": dict(each.files),
            }
        )
    return found


class Machine:
    """A folder in which nights are run: trees come and go, raw exports and models stay."""

    def __init__(self, raw: Mapping[str, str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nights-"))
        self._files: set[str] = set()
        self.lay("raw", raw)

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder)

    def lay(self, place: str, files: Mapping[str, str]) -> None:
        """Write files below a folder."""
        for name, text in files.items():
            path = self.folder / place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")

    def run(self, tree: Mapping[str, str], *words: str) -> tuple[int, str]:
        """A command in a tree; its exit code and what it printed."""
        for name in self._files - set(tree):
            (self.folder / name).unlink()
        self.lay("", tree)
        self._files = set(tree)
        log = self.folder / "log"
        log.unlink(missing_ok=True)
        code = trying.run(("python", *words), self.folder, log)
        return code, _own(log.read_text("utf-8").replace(f"{self.folder}{os.sep}", ""))

    def night(self, tree: Mapping[str, str], day: str, models: str = "models") -> tuple[int, str]:
        """The pipeline for one day; it writes into ``out/<models>/<day>``."""
        return self.run(tree, *night(day, "raw", models, f"out/{models}/{day}"))

    def text(self, name: str) -> str:
        """What a file holds; empty where there is none."""
        path = self.folder / name
        return path.read_text("utf-8") if path.is_file() else ""

    def models(self, place: str = "models") -> dict[str, str]:
        """The registry's files."""
        found = sorted((self.folder / place).glob("*.json"))
        return {path.name: path.read_text("utf-8") for path in found}


def _own(log: str) -> str:
    """Without the lines of a traceback that are about other people's files, wherever they lie."""
    kept, skipping = [], False
    for line in log.splitlines():
        if line.startswith("  File "):
            skipping = line.startswith('  File "/') or line.startswith('  File "<')
        elif not line.startswith("    "):
            skipping = False
        if not skipping:
            kept.append(line)
    return "\n".join(kept) + "\n"


def night(day: str, raw: str, models: str, out: str) -> tuple[str, ...]:
    """The words that run the pipeline."""
    places = ("--raw", raw, "--day", day, "--registry", models, "--out", out)
    return ("-m", "pipeline", *places)


def nights(machine: Machine, commits: Sequence[Commit], world: World) -> list[Night]:
    """The last nights, as they went."""
    machine.night(at(commits, LAST - NIGHTS), day_of(world, LAST - NIGHTS))  # the model before
    found = []
    for number in range(LAST - NIGHTS + 1, LAST + 1):
        before = machine.models()
        _, log = machine.night(at(commits, number), day_of(world, number))
        new = [name for name, text in machine.models().items() if before.get(name) != text]
        found.append(Night(number, log, new[0].removesuffix(".json") if new else ""))
    return found
