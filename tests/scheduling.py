"""Which tests one of pytest-xdist's workers does, so that its fixtures are made once."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Mostly waiting, and with nothing in common: each of these goes to whatever worker is free. Of
# every other file one worker does all, since its fixtures are made once for the file.
SINGLY = {
    *("test_cohort", "test_conformance", "test_engine", "test_faults", "test_forked"),
    *("test_hostile", "test_neighbours", "test_run", "test_sandbox", "test_stages"),
}
# Files whose tests take the same cases, which are kept in memory, or the same hub.
TOGETHER = {
    **{
        f"assignments_root_cause_analysis/{name}.py": "root-cause-analysis, drawn in memory"
        for name in (
            *("test_arrival", "test_junior", "test_leaks", "test_remediation", "test_scenario"),
        )
    },
    **{f"hub/{name}.py": "a hub" for name in ("test_candidates_panel", "test_hosting")},
}


class Grouped(LoadScopeScheduling):
    """Groups by file. Those of pytest-xdist 3.8 are marks, and have no effect with pytest 9.2:
    it notes them where pytest does not look any more."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def group(nodeid: str) -> str:
    """What is done by one worker has one name."""
    path = PurePath(nodeid.partition("::")[0])
    if path.stem in SINGLY:
        return nodeid
    return TOGETHER.get("/".join(path.parts[-2:]), str(path))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Grouped:
    return Grouped(config, log)
