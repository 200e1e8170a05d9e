"""Import the modules of an assignment's folder, without writing to it or caching what changed."""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from worksample.assignments.toml import place
from worksample.errors import AssignmentError

PREFIX = "worksample_assignment_"


class _Loader(SourceFileLoader):
    """Compiles from the source every time, so no stale bytecode is read and none is written."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class _Finder:
    """Finds the members of the packages that stand for assignments' folders, and nothing else."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(PREFIX) or path is None:
            return None
        for folder in path:
            spec = FileFinder(str(folder), (_Loader, [".py"])).find_spec(name)
            if spec is not None:
                return spec
        return None


def load(folder: Path, name: str) -> ModuleType:
    """The module ``name`` of ``folder``, as a member of a package that stands for the folder.

    So ``from .toolkit import model`` works in it. The package is keyed by the text of every
    Python file of the folder: what has changed is imported afresh.

    Raises:
        AssignmentError: there is no such module, or it raised while it was imported.
    """
    folder = folder.resolve()
    package = _package(folder)
    try:
        return importlib.import_module(f"{package}.{name}")
    except Exception as error:  # an author's module may raise anything
        sys.modules.pop(f"{package}.{name}", None)
        raise AssignmentError(
            f"{name}.py cannot be imported: {type(error).__name__}: {error}",
            where=blame(folder, name, error),
            do="mend it; modules of the folder are imported relatively, `from .toolkit import …`",
        ) from error


def _package(folder: Path) -> str:
    """Name of the package that stands for the folder as it is now; made if there is none yet."""
    name = PREFIX + _digest(folder)
    if name not in sys.modules:
        if _Finder not in sys.meta_path:
            sys.meta_path.insert(0, _Finder)
        package = ModuleType(name, f"Stands for {folder}.")
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    return name


def _digest(folder: Path) -> str:
    digest = hashlib.sha256(os.fsencode(folder))
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"\0{path.relative_to(folder)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def blame(folder: Path, name: str, error: Exception) -> str:
    """The last line within the folder that the error passed through."""
    if isinstance(error, SyntaxError) and error.filename:
        return place(Path(error.filename), error.lineno)
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if Path(f.filename).is_relative_to(folder)]
    return place(Path(own[-1].filename), own[-1].lineno) if own else place(folder / f"{name}.py")
