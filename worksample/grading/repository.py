"""Evidence of the kind *repository*: what a probe tries in trees of files, and what comes back.

A probe's ``trials(case, tree)`` yields a :class:`Trial` for each tree that is to be tried: the
candidate's as it came, or put together of theirs and ours (:func:`recompose`), so that each fault
can be looked at by itself. :mod:`worksample.grading.trials` runs them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from worksample.grading.events import Happened


@dataclass(frozen=True)
class Trial:
    """Commands that are run one after the other in a tree.

    Args:
        id: names it; results are found under it.
        tree: name -> bytes of every file.
        commands: each a list of words. ``python -m MODULE …`` and ``python FILE …`` are run by
            an interpreter that has imported the probe's ``LIBRARIES``; anything else is a program.
            A command that fails does not stop the next.
        fetch: names of files in the tree that are brought back if they are there.
        seconds: what all of its commands may take.
    """

    id: str
    tree: Mapping[str, bytes]
    commands: tuple[tuple[str, ...], ...]
    fetch: tuple[str, ...] = ()
    seconds: float = 30


@dataclass(frozen=True)
class TrialResult:
    """What came of a :class:`Trial`; all of it is of hostile origin.

    Attributes:
        ok: its commands ended, however: within time, memory and what may be brought back.
        codes: exit code of each command, in their order; negative for a signal.
        files: name -> bytes of what was fetched and there.
        said: the end of what they put out; for graders, as it may hold hidden inputs.
        happened: what came of the events of a :class:`~worksample.grading.events.Happening`.
        error: one sentence of ours for the candidate; empty if ``ok``.
    """

    id: str
    ok: bool
    codes: tuple[int, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    said: str = ""
    error: str = ""
    seconds: float = 0.0
    digest: str = ""
    happened: Happened = field(default_factory=Happened)

    @property
    def passed(self) -> bool:
        """Every command ended with 0."""
        return self.ok and bool(self.codes) and not any(self.codes)


def recompose(
    base: Mapping[str, bytes], theirs: Mapping[str, bytes], patterns: Iterable[str]
) -> dict[str, bytes]:
    """``base`` with the files of some names taken from ``theirs``, and taken away as there.

    Args:
        patterns: as :mod:`fnmatch` has them, for whole names; ``*`` also stands for ``/``.
    """
    wanted = tuple(patterns)

    def is_theirs(name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in wanted)

    return {
        **{name: data for name, data in base.items() if not is_theirs(name)},
        **{name: data for name, data in theirs.items() if is_theirs(name)},
    }
