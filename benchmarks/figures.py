"""The arithmetic of the benchmarks, and how results are written. Nothing is measured here."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Target:
    """A figure beside what it should be.

    Attributes:
        what: in words.
        bound: the number it is held against.
        at_least: whether more is better; else less is.
        measured: None where it could not be measured.
        unit: follows both numbers.
    """

    what: str
    bound: float
    at_least: bool
    measured: float | None
    unit: str = ""

    @property
    def met(self) -> bool | None:
        """None where nothing was measured."""
        if self.measured is None:
            return None
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    def row(self) -> list[str]:
        """Cells of the table of targets."""
        verdict = {True: "met", False: "**not met**", None: "not measured"}[self.met]
        shown = "–" if self.measured is None else f"{self.measured:.2f}{self.unit}"
        word = "at least" if self.at_least else "at most"
        return [self.what, f"{word} {self.bound:g}{self.unit}", shown, verdict]


def targets(rows: Iterable[Target]) -> str:
    """The table of targets."""
    return table(["", "target", "measured", ""], [each.row() for each in rows])


def ratio(pairs: Iterable[tuple[float, float]]) -> float:
    """Median of the ratios first / second, each of one round.

    Raises:
        ValueError: there is no round.
    """
    ratios = [first / second for first, second in pairs]
    if not ratios:
        raise ValueError("no round was measured")
    return statistics.median(ratios)


def least_time(candidates_cpu: float, attempts: int, cores: int, allowance: float) -> float:
    """Wall clock that the candidates' own work and an allowance an attempt would take, in seconds.

    Args:
        candidates_cpu: CPU seconds of all their cells and calls.
        allowance: CPU seconds an attempt for everything else.
    """
    return (candidates_cpu + allowance * attempts) / cores


def overhead(tree_cpu: float, candidates_cpu: float, attempts: int) -> float:
    """CPU seconds an attempt beyond the candidates' own cells and calls."""
    return (tree_cpu - candidates_cpu) / attempts


def stage_table(
    attempts: Sequence[Mapping[str, Mapping[str, float]]],
    coordinator: Mapping[str, tuple[float, float]],
) -> str:
    """Where the time of attempts went.

    Args:
        attempts: ``run.stages`` of each attempt's evidence.
        coordinator: stage -> (seconds, CPU seconds) of all attempts together.
    """
    rows = []
    for stage in dict.fromkeys(name for attempt in attempts for name in attempt):
        spent = [attempt.get(stage, {}) for attempt in attempts]
        columns = [
            [each.get(key, 0.0) for each in spent] for key in ("seconds", "cpu", "cpu_elsewhere")
        ]
        rows.append([stage, *(f"{statistics.median(c):.3f}" for c in columns), *_means(columns)])
    count = len(attempts)
    for stage, (seconds, cpu) in coordinator.items():
        wall, own = seconds / count, cpu / count
        rows.append([f"{stage} (coordinator)", "–", "–", "–", f"{wall:.3f}", f"{own:.3f}"])
    heads = ["stage", "wall, median", "CPU of the worker, median", "CPU of other processes, median"]
    return table([*heads, "wall, mean", "CPU, mean"], rows)


def _means(columns: Sequence[Sequence[float]]) -> list[str]:
    wall, own, others = (statistics.fmean(column) for column in columns)
    return [f"{wall:.3f}", f"{own + others:.3f}"]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def write_section(page: Path, name: str, text: str) -> None:
    """Put ``text`` between the markers of section ``name``.

    Raises:
        ValueError: the page has no such section.
    """
    before = page.read_text(encoding="utf-8")
    begin, end = f"<!-- bench: {name} -->", f"<!-- end of bench: {name} -->"
    pattern = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(before):
        raise ValueError(f"{page} has no section {begin}")
    after = pattern.sub(lambda _: f"{begin}\n{text.strip()}\n{end}", before)
    page.write_text(after, encoding="utf-8")
