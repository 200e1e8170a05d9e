"""What one attempt may use."""

from __future__ import annotations

from dataclasses import dataclass


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
class AnswerSpec:
    """An answer that a notebook may record: a JSON file of at most ``max_kb``."""

    max_kb: float = 16
