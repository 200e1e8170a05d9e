"""Execute an attempt in a sandbox: notebook and probe in, untrusted :class:`Run` out."""

from __future__ import annotations

import copy
import dataclasses
import functools
import importlib.metadata
import json
import platform
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import nbformat
from papermill.engines import papermill_engines

from worksample import stages
from worksample.errors import SandboxFailed
from worksample.grading.engine import Session
from worksample.grading.image import Built
from worksample.grading.probe import Call, CallResult
from worksample.grading.prober import Prober
from worksample.grading.repository import TrialResult
from worksample.grading.services import ServiceResult
from worksample.grading.trees import Tree
from worksample.grading.values import Unfit, plain_json
from worksample.limits import AnswerSpec, Budget, Limits
from worksample.sandbox.box import Sandbox, Setup
from worksample.sandbox.choice import choose

__all__ = ["AnswerSpec", "Call", "CallResult", "Ended", "Limits", "Run", "execute"]

How = Literal["completed", "crashed", "timeout", "memory", "processes", "disk", "output"]
Status = Literal["completed", "error", "timeout", "crashed", "not_run"]


@dataclass(frozen=True)
class Ended:
    """How the attempt ended: what stopped it first, and at which cell.

    ``cell`` is None where no single cell is to blame. ``detail`` is one sentence for people.
    """

    how: How
    cell: str | None
    detail: str


@dataclass(frozen=True)
class Run:
    """What came of executing an attempt. Everything in it is of hostile origin.

    Attributes:
        notebook: nbformat v4 notebook as executed, its outputs capped and of known shapes.
        cells: cell id -> status, for every code cell.
        answers: parsed JSON of each declared answer that came back valid.
        refused: answer -> why there is none.
        calls: results of the probe by ``Call.id``, in the order asked.
        seconds: wall clock of everything, reruns and probe included.
        versions: what ran it: python, packages, sandbox.
        limits: the limits that held.
        sandbox: name of the sandbox; says so when there was none.
        probe: what all calls together used of their budget, by the names of its fields.
        tree: what lay in ``work/``, where the assignment has one.
        trials: what came of running it, by ``Trial.id``.
        services: what came of services started from it, by ``Service.id``, and of uses of images,
            by ``Use.id``.
        images: what came of images built from it, by ``Build.id``.
    """

    notebook: dict[str, Any]
    cells: Mapping[str, Status]
    answers: Mapping[str, Any]
    refused: Mapping[str, str]
    calls: Mapping[str, tuple[CallResult, ...]]
    ended: Ended
    seconds: float
    versions: Mapping[str, str]
    limits: Mapping[str, float]
    sandbox: str
    probe: Mapping[str, float] = field(default_factory=dict)
    tree: Tree = field(default_factory=Tree)
    trials: Mapping[str, TrialResult] = field(default_factory=dict)
    services: Mapping[str, ServiceResult] = field(default_factory=dict)
    images: Mapping[str, Built] = field(default_factory=dict)


MAX_PASSES = 3
MAX_TRIES = 3


def execute(
    notebook: dict[str, Any],
    case_public: Path,
    files: Mapping[str, Path],
    limits: Limits,
    answers: Mapping[str, AnswerSpec],
    calls: Iterable[Call],
    level: str,
    *,
    budget: Budget | None = None,
    libraries: Iterable[str] = (),
    unsafe: bool = False,
    sandbox: Sandbox | None = None,
) -> Run:
    """Run every cell of ``notebook`` in a sandbox, then answer ``calls``.

    A cell that takes the kernel with it is left out and the others are run once more in a
    fresh sandbox, at most twice; answers and calls are those of the last pass. Where it cannot
    be told whether a process was killed by the notebook or by somebody else, the pass is
    repeated: what happens twice at the same cell is the notebook's doing. After two at different
    places the third is shielded: nothing in it can send SIGKILL, so then it can be told.

    Args:
        notebook: nbformat v4 notebook; it is not changed.
        case_public: folder that appears as the case, read-only.
        files: name -> file or folder that appears beside the notebook, read-only.
        answers: the answers that may be recorded.
        calls: asked one at a time; the next is drawn when the one before is answered.
        budget: what all calls may use together; default: the usual one.
        libraries: what the notebook is expected to import.
        unsafe: do without a sandbox; the result says so.
        sandbox: the sandbox to use; default: the best this machine has.

    Raises:
        NotGradableYet: for a fault of ours, or what may be one; never for what is known to be the
            candidate's doing.
    """
    begun = time.monotonic()
    used = sandbox or choose(unsafe)
    notebook = _sound(notebook)
    setup = Setup(limits, case_public, files, level, tuple(libraries))
    prober = Prober(calls, budget or Budget())
    skip: frozenset[str] = frozenset()
    kept: dict[str, tuple[str, list[Any]]] = {}
    first: Session | None = None
    kills_itself = shielded = False
    for _ in range(MAX_PASSES):
        one_pass = functools.partial(_pass, used, setup, notebook, answers, prober, skip)
        done, session = one_pass() if kills_itself else _settled(one_pass, shielded)
        kills_itself |= bool(session.lost)
        shielded = session.box.setup.shielded
        first = first if first is not None and first.how else session
        if session.killed is None:
            break
        kept[session.killed] = (session.statuses[session.killed], _outputs(done, session.killed))
        skip |= {session.killed}
    valid, refused = _answers(session, answers)
    return Run(
        notebook=_plain(done, kept),
        cells=_statuses(session, kept),
        answers=valid,
        refused=refused,
        calls=prober.results(),
        ended=_ended(first or session),
        seconds=time.monotonic() - begun,
        versions=versions(),
        limits=dataclasses.asdict(limits),
        sandbox=used.name,
        probe=prober.used(),
    )


def _sound(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which every cell has the fields of nbformat 4.5, and an id of its own."""
    sound = copy.deepcopy(dict(notebook))
    sound.setdefault("metadata", {})
    taken: set[str] = set()
    for number, cell in enumerate(sound["cells"]):
        cell["source"] = "".join(cell.get("source", ""))
        cell.setdefault("metadata", {})
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
        if not isinstance(cell.get("id"), str) or cell["id"] in taken:
            cell["id"] = f"unnamed-{number}"
        taken.add(cell["id"])
    return {**sound, "nbformat": 4, "nbformat_minor": 5}


def _pass(
    sandbox: Sandbox,
    setup: Setup,
    notebook: dict[str, Any],
    answers: Mapping[str, AnswerSpec],
    prober: Prober,
    skip: frozenset[str],
    shielded: bool = False,
) -> tuple[Any, Session]:
    """One pass over a copy of the notebook in a fresh box."""
    prober.begin()
    setup = dataclasses.replace(setup, shielded=shielded)
    node = nbformat.from_dict(copy.deepcopy(notebook))
    node.metadata["papermill"] = {}
    stages.end("prepare")
    with sandbox.open(setup) as box:
        stages.end("sandbox", box)
        session = Session(box, setup.limits, skip, answers=answers, after=prober.ask_all)
        done = papermill_engines.execute_notebook_with_engine(
            "worksample", node, kernel_name="python3", progress_bar=False, session=session
        )
    stages.end("close")
    session.lost = session.lost or prober.lost
    return done, session


def _settled(one_pass: Callable[..., tuple[Any, Session]], shielded: bool) -> tuple[Any, Session]:
    """A pass that nothing from outside has spoilt: repeated where that cannot be told.

    Raises:
        SandboxFailed: it never could be started; or was ended each time, and never twice at the
            same cell, the last time although nothing in it could; or the machine ran out of
            memory, and the system chose what to kill.
    """
    failed: SandboxFailed | None = None
    ends: list[str | None] = []
    faults = 0
    while max(faults, len(ends)) < MAX_TRIES:
        kills = _memory_kills()
        try:
            done, session = one_pass(shielded=shielded or len(ends) == MAX_TRIES - 1)
        except SandboxFailed as error:
            failed, faults = error, faults + 1
            continue
        if not session.lost:
            return done, session
        if session.lost == "sandbox":  # which nothing in it can end
            faults += 1
            continue
        if session.killed in ends and _memory_kills() == kills:
            session.detail += "; so it did when it was run again"
            return done, session
        ends.append(session.killed)
    raise failed or SandboxFailed(
        f"what ran in the sandbox was killed {MAX_TRIES} times, by nothing that is known",
        do="look for what kills processes here (is there enough memory?), then grade again",
    )


def _memory_kills() -> int:
    """How many processes this machine has killed for want of memory since it was started."""
    lines = Path("/proc/vmstat").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def _outputs(notebook: Any, cell_id: str) -> list[Any]:
    return next(cell.get("outputs", []) for cell in notebook.cells if cell.id == cell_id)


def _plain(notebook: Any, kept: Mapping[str, tuple[str, list[Any]]]) -> dict[str, Any]:
    """The executed notebook as plain data, without papermill's notes.

    A cell that ended the kernel shows what it put out before that.
    """
    plain = json.loads(json.dumps(notebook))
    plain["metadata"].pop("papermill", None)
    for cell in plain["cells"]:
        cell["metadata"].pop("papermill", None)
        if cell["cell_type"] == "code":
            outputs = kept[cell["id"]][1] if cell["id"] in kept else cell["outputs"]
            cell["outputs"] = _joined(outputs)
    return plain


def _joined(outputs: Iterable[Any]) -> list[dict[str, Any]]:
    """Outputs with neighbouring pieces of one stream put together."""
    joined: list[dict[str, Any]] = []
    pieces: list[str] = []
    for output in map(dict, outputs):
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            pieces.append(output["text"])
            continue
        if pieces:
            last["text"] = "".join([last["text"], *pieces])
            pieces = []
        joined.append(output)
    if pieces:
        joined[-1]["text"] = "".join([joined[-1]["text"], *pieces])
    return joined


def _statuses(session: Session, kept: Mapping[str, tuple[str, list[Any]]]) -> dict[str, Status]:
    last = {**session.statuses, **{cell: status for cell, (status, _) in kept.items()}}
    return cast(dict[str, Status], last)


def _answers(
    session: Session, specs: Mapping[str, AnswerSpec]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Recorded answers that are sound JSON, and why the others are not."""
    valid: dict[str, Any] = {}
    refused = dict(session.missing)
    for name, data in session.recorded.items():
        try:
            valid[name] = plain_json(data, len(data), specs[name].shape)
        except Unfit as error:
            refused[name] = str(error)
    return valid, refused


def _ended(session: Session) -> Ended:
    if not session.how:
        return Ended("completed", None, "every cell was run")
    return Ended(cast(How, session.how), session.cell, session.detail)


@functools.cache
def versions() -> Mapping[str, str]:
    """What an attempt runs on."""
    packages = [
        "worksample",
        "ipykernel",
        "nbclient",
        "numpy",
        "pandas",
        "papermill",
        "pyarrow",
        "scikit-learn",
    ]
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}",
        **{name: importlib.metadata.version(name) for name in packages},
    }
