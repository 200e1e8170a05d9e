"""What solutions and simulated candidates earn over many forms, without notebook and sandbox.

    python benchmarks/forms.py migration-strategy --forms 40 --page docs/migration-strategy.md

Cells are run in this process, answers checked. Prints a line a level and solution, of simulated
candidates the rank correlation of ability and points; ``--page`` writes the tables between that
page's markers. ``--keep`` is a folder in which what was measured stays, so that it goes on where it
stopped; it is measured anew when the assignment or its tests' helper changes.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from figures import table, write_section  # noqa: E402

from tests import once  # noqa: E402
from worksample import assignments  # noqa: E402

FIRST = (1 << 32) | 100
LEVELS = ("junior", "standard", "senior")
ORDER = ("strong", "adequate", "assistant", "textbook", "weak", "idle", "blank")
Row = dict[str, float]


def digest(files: Sequence[Path]) -> str:
    """Of their names and contents; what a case says in prose is not what is measured."""
    found = hashlib.sha256()
    for each in sorted(f for f in files if f.suffix in (".py", ".toml") and f.exists()):
        found.update(each.name.encode() + each.read_bytes())
    return found.hexdigest()[:12]


class Bench:
    """One assignment's forms, and what was measured on them."""

    def __init__(self, name: str, keep: Path) -> None:
        self.name = name
        package = f"tests.assignments_{name.replace('-', '_')}"
        self.drawn = importlib.import_module(f"{package}.drawn")
        folder = ROOT / "assignments" / name
        helper = ROOT / package.replace(".", "/") / "drawn.py"
        made = [folder / "scenario.py", *(folder / "hidden").rglob("*")]
        made += (folder / "toolkit").rglob("*")
        judged = [helper, folder / "checks.py", folder / "notebook.py", folder / "probe.py"]
        judged += (folder / "judging").rglob("*")
        self.panel = digest([folder / "panel.py"])
        self.keep = keep / f"{name}-{digest(made)}"
        self.rows = self.keep / f"rows-{digest(judged)}"
        self.rows.mkdir(parents=True, exist_ok=True)
        once._folder = self.keep / "drawn"
        once._folder.mkdir(exist_ok=True)
        self.loaded = assignments.load(folder)

    def solutions(self) -> list[str]:
        """Those that end by themselves, the best first."""
        every = [s for s in self.loaded.solutions if s.quality in ORDER]
        return [s.name for s in sorted(every, key=lambda s: (ORDER.index(s.quality), s.name))]

    def row(self, who: str, level: str, seed: int) -> Row:
        """Check -> points of a solution, or of simulated candidate ``#3``."""
        of = self.panel if who.startswith("#") else self._sources(who, level)
        file = self.rows / f"{level}-{seed & 0xFFFFFFFF}-{who}-{of}.json"
        if not file.exists():
            if who.startswith("#"):
                found = self.drawn.panel_earned(int(who[1:]), level, seed)
            else:
                found = self.drawn.earned(who, level, seed)
            file.write_text(json.dumps(found))
        told: Row = json.loads(file.read_text())
        return told

    def _sources(self, who: str, level: str) -> str:
        sources = self.loaded.solution(who).sources(level)
        return hashlib.sha256(json.dumps(sources, sort_keys=True).encode()).hexdigest()[:12]

    def forget(self) -> None:
        """Let go of the form that the tests' helper holds in memory."""
        for each in vars(self.drawn).values():
            if hasattr(each, "cache_clear") and each is not getattr(self.drawn, "sample", None):
                each.cache_clear()


def line(level: str, who: str, rows: Sequence[Row]) -> list[str]:
    """Of a table: total and each check's mean."""
    total = np.array([sum(row.values()) for row in rows])
    means = [f"{np.mean([row[check] for row in rows]):.1f}" for check in rows[0]]
    spread = f"{total.std(ddof=1):.1f}" if len(total) > 1 else ""
    told = [f"{total.mean():.1f}", spread, f"{total.min():.1f}", f"{total.max():.1f}"]
    return [f"{level} `{who}`", str(len(rows)), *told, *means]


def panel_line(level: str, abilities: Sequence[float], totals: np.ndarray) -> list[str]:
    """Of a table: rank correlation of ability and points, on each form and of the means."""
    each = [_spearman(abilities, form) for form in totals]
    whole = _spearman(abilities, totals.mean(axis=0))
    lowest, highest = totals.mean(axis=0)[[0, -1]]
    numbers = (np.mean(each), np.min(each), whole)
    return [
        level,
        str(len(totals)),
        *(f"{x:.2f}" for x in numbers),
        f"{lowest:.0f}",
        f"{highest:.0f}",
    ]


def _spearman(one: Sequence[float], other: Sequence[float]) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(one, other).statistic)


def measured(bench: Bench, options: Any) -> dict[str, str]:
    """Section -> table."""
    who = options.solution or bench.solutions()
    lines, people, checks = [], [], []
    for level in options.level:
        rows: dict[str, list[Row]] = {name: [] for name in who}
        panel = bench.drawn.module("panel").PEOPLE if options.panel else []
        totals = []
        for number in range(options.forms):
            seed = FIRST + number
            for name in who:
                rows[name].append(bench.row(name, level, seed))
            if number < options.panel:
                found = [bench.row(f"#{place}", level, seed) for place in range(len(panel))]
                totals.append([sum(each.values()) for each in found])
            bench.forget()
        for name in who:
            checks = list(rows[name][0])
            lines.append(line(level, name, rows[name]))
            print(*lines[-1], flush=True)
        if totals:
            people.append(panel_line(level, [p.ability for p in panel], np.array(totals)))
            print(*people[-1], flush=True)
    heads = ["solution", "forms", "mean", "sd", "least", "most", *checks]
    found = {"solutions": table(heads, lines)}
    if people:
        heads = ["level", "forms", "ρ, mean", "ρ, least", "ρ of means", "least able", "most able"]
        found["panel"] = table(heads, people)
    return found


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignment")
    parser.add_argument("--forms", type=int, default=40, help="forms a level")
    parser.add_argument("--panel", type=int, default=0, help="forms of these with the panel")
    parser.add_argument("--level", action="append", choices=LEVELS)
    parser.add_argument("--solution", action="append")
    parser.add_argument("--keep", type=Path, help="folder for what was measured")
    parser.add_argument("--page", type=Path, help="page whose sections are renewed")
    options = parser.parse_args()
    options.level = options.level or LEVELS
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.assignment, options.keep or Path(folder))
        for name, text in measured(bench, options).items():
            if options.page:
                write_section(options.page, name, text)


if __name__ == "__main__":
    main()
