"""The base image of real builds: made once, where its tools are; tests of images take it."""

from __future__ import annotations

import pytest

from worksample.grading import tools
from worksample.sandbox import bases


def ready() -> None:
    """Make the base if need be; skips where a system package lacks, which `.ci/run` installs."""
    lacking = [name for name in tools.missing("image") if name != "base image"]
    if lacking:
        pytest.skip(f"no image can be built here without {', '.join(lacking)}")
    bases.make()  # which has a lock: one of the workers makes it
