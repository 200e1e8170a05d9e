"""A folder full of modules that must not be imported: one for every name that could be asked."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

DECOY = "open({mark!r}, 'a').write(__name__ + '\\n')\nraise ImportError('a decoy')\n"


def plant(folder: Path, mark: Path) -> Path:
    """The folder, made if missing; what is imported from it leaves its name in ``mark``."""
    folder.mkdir(exist_ok=True)
    names = {*sys.stdlib_module_names, *importlib.metadata.packages_distributions()}
    for name in {*names, "sitecustomize", "usercustomize", "worksample"}:
        if name.isidentifier():
            (folder / f"{name}.py").write_text(DECOY.format(mark=str(mark)))
    return folder
