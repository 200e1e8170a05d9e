"""Every error this package raises on purpose.

WorksampleError
├── CourseError            the course folder or its configuration is not usable
├── AssignmentError        an author's folder has a mistake (file and line in `where`)
├── CaseError              a case cannot be drawn, found or trusted
├── SubmissionError        what a candidate handed in cannot be taken as it is
│   └── UploadError          the same, in words for the candidate
├── CandidateError         no such candidate, or a name that cannot be one
├── ClusterError           the Dask cluster that was asked for cannot be used, or was lost
├── FeedbackError          feedback cannot be drawn, approved or released
├── HostingError           the hosted JupyterLab cannot be started or used
├── LinkError              a candidate's link cannot be made, or does not work
├── AccountError           an account of the team cannot be made, or there is none
├── TooOften               somebody tried something more often than is allowed in that time
├── SittingError           the clock does not allow it: not begun, ended, paused, not yet open
├── PrivacyError           what is kept about somebody cannot be held, copied or erased
└── NotGradableYet         our fault, never the candidate's: no score, retried, listed for a human
    ├── ToolsMissing         a program that a kind of evidence needs is not installed
    ├── SandboxUnavailable   no sandbox can be started on this machine
    ├── SandboxFailed        a sandbox started and then failed for a reason of ours
    └── CheckFailed          a check raised, hung or ran out of memory
        └── CheckExhausted     the latter two: whose doing it was has to be found out (beyond.py)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self


class WorksampleError(Exception):
    """An error a person can act on.

    Args:
        what: what happened, one sentence.
        where: the file (and line), candidate or assignment it happened at.
        do: what to do next, one sentence.
        others: errors found with it, told after it.
    """

    def __init__(
        self,
        what: str,
        where: str | None = None,
        do: str | None = None,
        others: Sequence[WorksampleError] = (),
    ) -> None:
        self.what, self.where, self.do, self.others = what, where, do, tuple(others)
        super().__init__(what, where, do, self.others)

    def kept(self) -> Self:
        """The same to be told later: without what its frames held, which may be megabytes."""
        self.__context__ = self.__cause__ = None
        return self.with_traceback(None)

    def __str__(self) -> str:
        # a name in it may be a candidate's, and must not look like lines of ours
        place = f"{' '.join(self.where.split())}: " if self.where else ""
        remedy = f"\n  → {self.do}" if self.do else ""
        return "\n".join([f"{place}{self.what}{remedy}", *map(str, self.others)])


class CourseError(WorksampleError):
    """The course folder or its configuration is not usable."""


class AssignmentError(WorksampleError):
    """An author's assignment folder has a mistake."""


def together(mistakes: Sequence[AssignmentError]) -> AssignmentError:
    """One error that says all of them."""
    first, *others = mistakes
    return AssignmentError(first.what, first.where, first.do, [*first.others, *others])


class CaseError(WorksampleError):
    """A case cannot be drawn, found or trusted."""


class SubmissionError(WorksampleError):
    """What a candidate handed in cannot be taken as it is."""


class UploadError(SubmissionError):
    """What a candidate sent cannot be kept; what to do is said to the candidate."""


class CandidateError(WorksampleError):
    """No such candidate, or a name that cannot be one."""


class ClusterError(WorksampleError):
    """The Dask cluster that was asked for cannot be used, or was lost."""


class FeedbackError(WorksampleError):
    """Feedback cannot be drawn, approved or released."""


class HostingError(WorksampleError):
    """The hosted JupyterLab cannot be started or used."""


class LinkError(WorksampleError):
    """A candidate's link cannot be made, or does not work."""


class AccountError(WorksampleError):
    """An account of the team cannot be made, or there is none."""


class TooOften(WorksampleError):
    """Somebody tried something more often than is allowed in that time."""


class SittingError(WorksampleError):
    """The clock does not allow it: not begun, ended, paused, not open yet."""


class RatingError(WorksampleError):
    """A rating cannot be taken as it is given."""


class PrivacyError(WorksampleError):
    """What is kept about somebody cannot be held, copied or erased."""


class NotGradableYet(WorksampleError):
    """Our fault, never the candidate's: there is no score until it is mended and retried."""


class SandboxUnavailable(NotGradableYet):
    """No sandbox can be started on this machine."""


class ToolsMissing(NotGradableYet):
    """A program that an assignment's kind of evidence needs is not installed on this machine."""


class SandboxFailed(NotGradableYet):
    """A sandbox started and then failed for a reason of ours."""


class CheckFailed(NotGradableYet):
    """A check raised, hung or ran out of memory."""


class CheckExhausted(CheckFailed):
    """A check ran out of its time or memory, or what it called ended its process.

    Attributes:
        check: the id of its cell.
    """

    check = ""
