"""Names that modules had before there were packages, and the short ones that authors write.

An assignment's ``checks.py``, ``probe.py`` and ``scenario.py`` import from :data:`FOR_AUTHORS`,
whatever this package's inside looks like. Every other old name (in a course's own
``nbgrader_config.py``, in a pickle, in a script) still leads to the module, with a warning that
says the new one. It is the same module under both names, so its classes are the same too.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import warnings
from collections.abc import Sequence
from types import ModuleType

FOR_AUTHORS = {
    "case": "assignments.case",
    "checks": "grading.checks",
    "probe": "grading.probe",
    "run": "grading.run",
}
OLD = {
    "_modules": "assignments.modules",
    "_percent": "assignments.percent",
    "_rules": "assignments.rules",
    "_toml": "assignments.toml",
    "answering": "sandbox.inside.answering",
    "assignment": "assignments.reading",
    "attempt": "grading.attempt",
    "autograding": "batch.autograding",
    "bubblewrap": "sandbox.bubblewrap",
    "build": "assignments.build",
    "checkhost": "grading.checkhost",
    "clean": "grading.clean",
    "cluster": "batch.cluster",
    "confine": "sandbox.inside.confine",
    "demo": "authoring.demo",
    "doctor": "batch.doctor",
    "dressing": "assignments.dressing",
    "engine": "grading.engine",
    "evidence": "records.evidence",
    "explain": "review.explain",
    "fonts": "sandbox.fonts",
    "forked": "sandbox.forked",
    "frames": "sandbox.inside.frames",
    "gradebook": "batch.gradebook",
    "inside": "sandbox.inside.agent",
    "integrity": "review.integrity",
    "listing": "submissions.listing",
    "messages": "sandbox.messages",
    "nursery": "sandbox.inside.nursery",
    "preview": "authoring.preview",
    "prober": "grading.prober",
    "rating": "review.rating",
    "repair": "grading.repair",
    "revision": "feedback.revision",
    "scorecard": "assignments.scorecard",
    "skin": "assignments.skin",
    "submission": "submissions.collecting",
    "unsandboxed": "sandbox.unsandboxed",
    "values": "grading.values",
    "verify": "authoring.verify",
    "watch": "sandbox.watch",
    "workers": "batch.workers",
}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Asked last: only for a name that no file has."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        package, _, short = name.rpartition(".")
        if package != "worksample" or short not in {**FOR_AUTHORS, **OLD}:
            return None
        return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        short = spec.name.rpartition(".")[2]
        new = f"worksample.{FOR_AUTHORS.get(short) or OLD[short]}"
        if short in OLD:
            warnings.warn(f"{spec.name} is now {new}", DeprecationWarning, stacklevel=2)
        module = importlib.import_module(new)
        # the import system writes an alias's name into the module that it is given
        self._own = module.__spec__, module.__loader__, module.__package__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__, module.__loader__, module.__package__ = self._own


def install() -> None:
    """Have the import system know the old names."""
    sys.meta_path.append(_Finder())
