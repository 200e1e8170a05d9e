"""Which tests one of pytest-xdist's workers does, so that its fixtures are made once."""

from __future__ import annotations

from collections.abc import Callable
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


# Groups that take longest, by processor time: they come first, so that none of them is what the
# other workers wait for in the end. Then those with more tests before those with fewer.
LONGEST = (
    "a hub",
    "root-cause-analysis, drawn in memory",
    *(
        f"tests/{name}.py"
        for name in (
            *("workbook/test_keyboard", "batch/test_cluster", "test_benchmarks", "test_wheel"),
            *("assignments/test_build", "workbook/test_browser", "authoring/test_demo"),
            *("service/test_service", "test_interpreter", "batch/test_gradebook"),
            *("feedback/test_hostile_text", "exchange/test_grading", "exchange/test_pages"),
            *("cli/test_cli", "feedback/test_feedback", "exchange/test_rating_screen"),
            *("batch/test_autograding", "authoring/test_verify", "debrief/test_debrief"),
            *("authoring/test_bank", "feedback/test_formgrader"),
        )
    ),
)


# What is called when a worker has done a group.
FORGETTING: list[Callable[[], None]] = []


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


def in_order(nodeids: list[str]) -> list[str]:
    """Tests, the longest groups first, as they are given to workers."""
    groups: dict[str, list[str]] = {}
    for nodeid in nodeids:
        groups.setdefault(group(nodeid), []).append(nodeid)
    last = len(LONGEST)
    rank = {name: place for place, name in enumerate(LONGEST)}
    names = sorted(groups, key=lambda name: (rank.get(name, last), -len(groups[name])))
    return [nodeid for name in names for nodeid in groups[name]]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {nodeid: number for number, nodeid in enumerate(in_order([i.nodeid for i in items]))}
    items.sort(key=lambda item: place[item.nodeid])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Grouped:
    config.option.loadscopereorder = False  # they are in order already
    return Grouped(config, log)


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """What a group has kept in memory, no other asks for."""
    if nextitem is None or group(nextitem.nodeid) != group(item.nodeid):
        for forget in FORGETTING:
            forget()
