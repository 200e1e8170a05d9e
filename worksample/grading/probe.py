"""What an assignment's ``probe.py`` asks of a candidate's functions, and what comes back.

A probe runs on the trusted side after the notebook. It yields one :class:`Call` at a time; each
is carried into the sandbox as data, answered by the candidate's function and validated on the
way out. The candidate's process never holds the inputs of a later call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from worksample.limits import Shape

Returns = Literal["json", "number", "numbers", "bools", "frame"]


@dataclass(frozen=True)
class Call:
    """One call of a function that the candidate defined.

    Args:
        id: names the call within its probe; results are found under it. Several calls may share
            an id, their results then keep the order in which they were asked.
        function: name of the function in the candidate's notebook.
        args: positional arguments; each a ``DataFrame``, an ``ndarray`` or plain JSON data.
        returns: what must come back: ``json`` any JSON value, ``number`` one finite number,
            ``numbers`` a 1-d array of floats (NaN allowed) and ``bools`` a 1-d array of booleans,
            both as long as the first argument where that has a length, ``frame`` a table.
        seconds: what the call may take by the clock, less what a busy machine kept it waiting.
        most: what the result may hold at most; more is no result, and no check sees it.
        session: calls in a row that name the same one are answered by one process, which remembers
            the earlier of them. Every other call finds processes and folders as they were when the
            notebook ended.
    """

    id: str
    function: str
    args: tuple[Any, ...] = ()
    returns: Returns = "json"
    seconds: float = 20
    most: Shape = field(default_factory=Shape)
    session: str = ""


@dataclass(frozen=True)
class CallResult:
    """What came of one :class:`Call`; ``value`` is plain, validated data of hostile origin.

    ``value`` is None unless ``ok``. ``error`` is one sentence for the candidate: ours, with no word
    and no number that the candidate's code chose, as it has seen hidden inputs by then. ``seconds``
    is wall clock, measured outside the sandbox. ``digest`` is the sha256 of the reply as it came,
    empty if there was none. ``told`` is what the candidate's code said of an error, for graders.
    """

    id: str
    ok: bool
    value: Any = field(default=None)
    error: str = ""
    seconds: float = 0.0
    digest: str = ""
    told: str = ""
