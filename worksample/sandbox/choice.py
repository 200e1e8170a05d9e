"""Which sandbox this machine can have."""

from __future__ import annotations

import sys

from worksample.errors import SandboxUnavailable
from worksample.sandbox.box import Sandbox
from worksample.sandbox.forked import Forked
from worksample.sandbox.unsandboxed import Unsandboxed


def choose(unsafe: bool = False) -> Sandbox:
    """The best sandbox of this machine; with ``unsafe``, none at all and says so.

    Raises:
        SandboxUnavailable: there is none, and ``unsafe`` was not given.
    """
    if unsafe:
        return Unsandboxed()
    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable(
            "grading needs Linux", do="grade on a Linux machine, or pass --unsafe-no-sandbox"
        )
    return Forked.find()
