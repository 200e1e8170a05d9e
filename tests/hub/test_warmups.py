"""What lies in every home before the clock begins: this repository's ungraded work sample."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cohort import ROOT
from tests.exchange.afar import TINY, invited, open_now
from worksample.course import Course
from worksample.exchange import sittings
from worksample.hub import warmups, work
from worksample.hub.inside import progress

NAME = "warm-up"


def test_ungraded_work_is_there_from_the_start_and_only_what_candidates_may_see(
    built: Course, tmp_path: Path
) -> None:
    assert warmups.write(built) == []
    for folder in ("assignments", "release"):
        shutil.copytree(ROOT / folder / NAME, built.root / folder / NAME)
    assert warmups.write(built) == [NAME]
    open_now(built)
    (ada,) = invited(built, "ada")
    todo = work.of(built, "ada")
    assert todo is not None
    assert todo.start == "", "it is opened from the panel, with the words about it"
    assert {name.split("/")[0] for name in todo.files} == {NAME}
    assert f"{NAME}/case/readings.csv" in todo.files
    assert not [name for name in todo.files if "truth" in name or "private" in name]
    for name, data in todo.files.items():
        (tmp_path / "home" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "home" / name).write_bytes(data)
    (found,) = progress.attempts(tmp_path / "home")
    assert found["warm_up"]
    assert {task["state"] for task in found["tasks"]} <= {"as it came", "empty"}
    assert len(found["tasks"]) > 2
    sittings.start(built, ada, TINY)
    begun = work.of(built, "ada")
    assert begun is not None
    assert begun.start == f"{TINY}/{TINY}.ipynb"
    assert {name.split("/")[0] for name in begun.files} == {NAME, TINY}
    shutil.rmtree(built.root / "release" / NAME)
    assert warmups.write(built) == []
    assert warmups.files(built) == {}
