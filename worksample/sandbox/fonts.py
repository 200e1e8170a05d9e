"""Matplotlib's list of fonts, made once per machine and given to every sandbox.

A sandbox starts without caches, and matplotlib then spends over a second on looking for fonts.
The list holds the fonts that come with matplotlib, the only ones a sandbox has.
"""

from __future__ import annotations

import functools
import importlib.metadata
import os
import subprocess
import tempfile
from pathlib import Path

from worksample import interpreter

_MAKE = """
import sys
import matplotlib
from matplotlib import font_manager

ours = matplotlib.get_data_path()
manager = font_manager.fontManager
manager.ttflist = [font for font in manager.ttflist if font.fname.startswith(ours)]
manager.afmlist = [font for font in manager.afmlist if font.fname.startswith(ours)]
folder = sys.argv[1]
font_manager.json_dump(manager, f"{folder}/fontlist-v{manager.__version__}.json")
"""


@functools.cache
def font_list() -> Path | None:
    """The file, named as matplotlib looks for it; None when it cannot be made or kept."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = importlib.metadata.version("matplotlib")
    folder = home.absolute() / "worksample" / f"matplotlib-{version}"
    try:
        return _found(folder) or _made(folder)
    except (OSError, subprocess.SubprocessError):
        return None  # then every attempt that draws takes a second longer


def _found(folder: Path) -> Path | None:
    return next(folder.glob("fontlist-*.json"), None)


def _made(folder: Path) -> Path | None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as fresh:
        command = interpreter.command("-c", _MAKE, fresh)
        subprocess.run(
            command, check=True, capture_output=True, timeout=120, cwd=interpreter.FOLDER
        )
        for made in Path(fresh).iterdir():
            made.chmod(0o644)
            made.replace(folder / made.name)  # at once: another process may look meanwhile
    return _found(folder)
