"""Run a repository's workflow for an event, with a recording registry: `ci-run` and its judge.

What a candidate tries in the terminal and what judges them are one program. A workflow is a
folder `.github/workflows` (run by `act`, where it is installed), a `.gitlab-ci.yml` or a `ci.sh`.
"""

from .events import KINDS, Event
from .recorder import Recorder
from .running import Outcome, missing, run, which

__all__ = ["KINDS", "Event", "Outcome", "Recorder", "missing", "run", "which"]
