"""What one attempt may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """Limits of one attempt; the names are those of ``[limits]`` in ``assignment.toml``.

    Args:
        cell_seconds: what a cell may take before it is interrupted, by the clock, less what a busy
            machine kept it waiting.
        notebook_seconds: what all cells may take together, counted in the same way.
        memory_mb: memory of all processes, including what lies in the sandbox's file systems.
        processes: processes and threads at one time.
        disk_mb: space beside the notebook.
        open_files: open files per process.
        output_kb: everything the notebook puts out, counted while it runs.
        cpu_seconds: CPU that all processes together may use until the last cell is done, and any
            one of them in all; 0 means twice ``notebook_seconds``.
    """

    cell_seconds: float = 60
    notebook_seconds: float = 600
    memory_mb: int = 2048
    processes: int = 64
    disk_mb: int = 256
    open_files: int = 512
    output_kb: int = 2048
    cpu_seconds: float = 0

    @property
    def cpu(self) -> float:
        """CPU seconds that may be used."""
        return self.cpu_seconds or 2 * self.notebook_seconds


@dataclass(frozen=True)
class Budget:
    """What all calls of an attempt may use together; ``[probe]`` in ``assignment.toml``.

    Args:
        seconds: by the clock, less what a busy machine kept them waiting.
        cpu_seconds: CPU of everything in the sandbox, from the first call on.
        memory_mb: what all results take once they are unpacked, on the trusted side. Memory in the
            sandbox is held by ``Limits.memory_mb``, during the calls as before.
        reply_mb: bytes of all replies.
    """

    seconds: float = 300
    cpu_seconds: float = 300
    memory_mb: float = 64
    reply_mb: float = 16


@dataclass(frozen=True)
class Shape:
    """What an answer or a result may hold at most: trusted work is bounded before it begins.

    Args:
        length: entries of one list or dictionary; rows of what has no rows to go by.
        distinct: different texts and numbers in all, keys counted; in each column of a table, where
            there may always be as many as rows.
        text: characters of one text.
        digits: digits of a whole number, its sign counted.
        depth: lists and dictionaries within each other.
        columns: columns of a table.
        levels: column of a table -> how many different values it may hold.
    """

    length: int = 1000
    distinct: int = 1000
    text: int = 4000
    digits: int = 19
    depth: int = 16
    columns: int = 128
    levels: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TreeSpec:
    """A tree that is part of the answer: ``work/`` beside the notebook; ``[work]`` in
    ``assignment.toml``.

    Args:
        files: files that it may hold.
        kb: all of them together.
        shown_in: the cell of the notebook below which people see what was changed in it.
    """

    files: int = 300
    kb: int = 2048
    shown_in: str = ""


@dataclass(frozen=True)
class AnswerSpec:
    """An answer that a notebook may record: a JSON file of at most ``max_kb``, of that shape."""

    max_kb: float = 16
    shape: Shape = field(default_factory=Shape)
