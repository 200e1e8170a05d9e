"""Execute an attempt in a sandbox: notebook and probe in, untrusted :class:`Run` out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from worksample.limits import AnswerSpec, Limits
from worksample.probe import Call, CallResult

__all__ = ["AnswerSpec", "Call", "CallResult", "Ended", "Limits", "Run", "execute"]

How = Literal["completed", "crashed", "timeout", "memory", "processes", "disk", "output"]
Status = Literal["completed", "error", "timeout", "crashed", "not_run"]


@dataclass(frozen=True)
class Ended:
    """How the attempt ended: what stopped it first, and at which cell.

    ``cell`` is None where no single cell is to blame. ``detail`` is one sentence for people.
    """

    how: How
    cell: str | None
    detail: str


@dataclass(frozen=True)
class Run:
    """What came of executing an attempt. Everything in it is of hostile origin.

    Attributes:
        notebook: nbformat v4 notebook as executed, its outputs capped and of known shapes.
        cells: cell id -> status, for every code cell.
        answers: parsed JSON of each declared answer that came back valid.
        refused: answer -> why there is none.
        calls: results of the probe by ``Call.id``, in the order asked.
        seconds: wall clock of everything, reruns and probe included.
        versions: what ran it: python, packages, sandbox.
        limits: the limits that held.
        sandbox: name of the sandbox; says so when there was none.
    """

    notebook: dict[str, Any]
    cells: Mapping[str, Status]
    answers: Mapping[str, Any]
    refused: Mapping[str, str]
    calls: Mapping[str, tuple[CallResult, ...]]
    ended: Ended
    seconds: float
    versions: Mapping[str, str]
    limits: Mapping[str, float]
    sandbox: str


def execute(
    notebook: dict[str, Any],
    case_public: Path,
    files: Mapping[str, Path],
    limits: Limits,
    answers: Mapping[str, AnswerSpec],
    calls: Iterable[Call],
    level: str,
    *,
    unsafe: bool = False,
) -> Run:
    """Run every cell of ``notebook`` in a sandbox, then answer ``calls``.

    Raises:
        NotGradableYet: for a fault of ours; never for what the candidate's code does.
    """
    raise NotImplementedError("the sandbox is not built yet")
