"""Feedback of a batch is drawn in other processes: the same bytes, in order, never half of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.graded import TINY
from worksample.course import Course
from worksample.errors import FeedbackError
from worksample.feedback import approval, drawing
from worksample.feedback.drawing import Drawing
from worksample.feedback.schema import Record

pytestmark = pytest.mark.slow


def test_the_command_draws_in_its_forks_what_this_process_draws(graded: Course) -> None:
    """The forks have nothing to import: the command's own imports are all there are."""
    names = approval.graded(graded, TINY)
    command = (
        "import sys\n"
        "from worksample import cli\nfrom worksample.batch import workers\n"
        "begun = workers._forked\n"
        "workers._forked = lambda *given: print('forked') or begun(*given)\n"
        f"sys.argv = ['worksample', 'feedback', {TINY!r}]\n"
        "cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=graded.root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("forked") == 1
    assert len(names) > 1
    for name in names:
        expected = drawing.draw(approval.build(graded, TINY, name))
        page = approval.page_path(graded, TINY, name)
        assert page.read_bytes() == expected.page
        assert page.with_suffix(".ipynb").read_bytes() == expected.notebook


def test_they_come_in_the_order_given_and_only_a_few_are_taken_ahead(graded: Course) -> None:
    records = [approval.build(graded, TINY, name) for name in approval.graded(graded, TINY)] * 6
    taken = 0

    def counted() -> Iterator[Record]:
        nonlocal taken
        for record in records:
            taken += 1
            yield record

    drawn = drawing.draw_all(counted(), 1)
    first, made = next(drawn)
    assert taken <= 3
    assert (first, made.digest) == (records[0], drawing.draw(records[0]).digest)
    assert [record["candidate"] for record, _ in drawn] == [r["candidate"] for r in records[1:]]


def killed(record: Record) -> Drawing:
    """Stands in for drawing."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_a_killed_process_is_one_clear_error(
    graded: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "draw", killed)
    record = approval.build(graded, TINY, approval.graded(graded, TINY)[0])
    with pytest.raises(FeedbackError, match="was killed"):
        list(drawing.draw_all([record], 1))
