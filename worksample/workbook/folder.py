"""Where the candidate's case lies, and which level it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

from worksample.errors import CaseError


def case_folder() -> Path:
    """The public part of the case: ``$WORKSAMPLE_CASE``, or ``case`` beside the notebook.

    Raises:
        CaseError: there is no such folder.
    """
    folder = Path(os.environ.get("WORKSAMPLE_CASE") or "case")
    if not folder.is_dir():
        raise CaseError(
            "the case folder is not here",
            where=str(folder),
            do="open the notebook from the folder you unpacked: it has a folder 'case' beside it",
        )
    return folder


def about() -> dict[str, str]:
    """``case.json`` of the case: assignment, level and an opaque case id; empty without one."""
    path = case_folder() / "case.json"
    if not path.is_file():
        return {}
    return {str(k): str(v) for k, v in json.loads(path.read_text("utf-8")).items()}


def level() -> str:
    """``junior``, ``standard`` or ``senior``."""
    return os.environ.get("WORKSAMPLE_LEVEL") or about().get("level", "standard")
