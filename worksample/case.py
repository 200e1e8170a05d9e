"""Cases: what one candidate gets, and the truth that stays behind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Case:
    """One candidate's instance of an assignment.

    Attributes:
        assignment: the assignment's id (never the revision's: a revision is of the same case).
        candidate: whose it is.
        seed: 64 bits; the upper 32 are the opening's, the lower 32 the candidate's.
        level: one of the assignment's levels.
        version: ``scenario.VERSION`` when it was drawn.
        public: folder that the candidate gets.
        private: folder with the truth; never leaves the grader's side.
    """

    assignment: str
    candidate: str
    seed: int
    level: str
    version: int
    public: Path
    private: Path

    def truth(self) -> dict[str, Any]:
        """``private/truth.json``."""
        return json.loads((self.private / "truth.json").read_text(encoding="utf-8"))
