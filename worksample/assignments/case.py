"""Cases: what one candidate gets, and the truth that stays behind.

``state/cases/<assignment>/<candidate>/`` holds ``public/`` (what the candidate gets),
``private/`` (the truth, a truth card) and ``case.json``. It is written once; grading binds the
case from there and never from what a candidate sends back.
"""

from __future__ import annotations

import difflib
import hashlib
import hmac
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worksample import disk
from worksample.assignments import dressing, mark, own_machine, tree
from worksample.assignments import reading as assignments
from worksample.assignments import skin as skins
from worksample.assignments.model import STANDARD, TREE, Assignment
from worksample.assignments.zips import zipped
from worksample.course import Course
from worksample.errors import CandidateError, CaseError
from worksample.limits import TreeSpec
from worksample.workbook import tasks

REVISION = "-revision"

_CANDIDATE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
_IGNORED = ("__pycache__", ".ipynb_checkpoints", ".DS_Store")


@dataclass(frozen=True)
class Case:
    """One candidate's instance of an assignment.

    Attributes:
        assignment: the assignment's id (never the revision's: a revision is of the same case).
        candidate: whose it is; empty for a case drawn for no one.
        seed: 64 bits; the upper 32 are the opening's, the lower 32 the candidate's.
        level: one of the assignment's levels.
        version: ``scenario.VERSION`` when it was drawn.
        public: folder that the candidate gets.
        private: folder with the truth; never leaves the grader's side.
        skin: whose words it is in; empty where it is as the scenario drew it.
    """

    assignment: str
    candidate: str
    seed: int
    level: str
    version: int
    public: Path
    private: Path
    skin: str = ""

    def truth(self) -> dict[str, Any]:
        """``private/truth.json``."""
        return json.loads((self.private / "truth.json").read_text(encoding="utf-8"))

    def id(self) -> str:
        """What the candidate's files call it: says nothing about seed or truth."""
        return json.loads((self.public / "case.json").read_text(encoding="utf-8"))["case"]


def base_id(assignment_id: str) -> str:
    """The assignment that nbgrader's assignment of that name is a first or second attempt of."""
    return assignment_id.removesuffix(REVISION)


def attempt_of(assignment_id: str) -> int:
    """1 for the work, 2 for the revision."""
    return 2 if assignment_id.endswith(REVISION) else 1


def released(
    course: Course, assignment_id: str, level: str, candidate: str = "", skin: str = ""
) -> Path:
    """The notebook that was given out: the candidate's own if one was made, else the level's.

    Raises:
        CaseError: it was not built.
    """
    own = course.state / "packages" / assignment_id / f"{candidate}.ipynb"
    if attempt_of(assignment_id) == 2 and candidate and own.is_file():
        return own
    first = attempt_of(assignment_id) == 1
    folder = release_name(assignment_id, level, skin) if first else assignment_id
    path = course.release / folder / f"{assignment_id}.ipynb"
    if not path.is_file():
        in_skin = f" in the skin {skin}" if skin else ""
        raise CaseError(
            f"there is no released notebook of {assignment_id} at level {level}{in_skin}",
            where=str(path),
            do=f"worksample build {base_id(assignment_id)}",
        )
    return path


def given(course: Course, assignment_id: str, candidate: str) -> list[bytes]:
    """Every notebook that this candidate was sent, usually one; empty where nobody kept it.

    The author may have built the assignment anew since: what a candidate is said to have changed
    is told by this, never by the release.
    """
    kept = sorted(_given(course, assignment_id, candidate).glob("*.ipynb"))
    # of an invitation made before every notebook was kept
    packed = package_path(course, assignment_id, candidate).with_suffix(".ipynb")
    return [path.read_bytes() for path in kept or ([packed] if packed.is_file() else [])]


def _given(course: Course, assignment_id: str, candidate: str) -> Path:
    return course.state / "given" / assignment_id / candidate


def release_name(assignment_id: str, level: str, skin: str = "") -> str:
    """The folder in ``release/`` that holds a level's notebook, in a skin if one is named."""
    parts = [assignment_id, skin, "" if level == STANDARD else level]
    return "-".join(part for part in parts if part)


def check_name(candidate: str) -> str:
    """The candidate's id, if it can be one: it names folders and nbgrader's student.

    Raises:
        CandidateError: it cannot.
    """
    if not _CANDIDATE.fullmatch(candidate) or ".." in candidate:
        raise CandidateError(
            f"{candidate!r} cannot be a candidate's id",
            do="use up to 64 letters, digits, dots, dashes and underscores; "
            "a pseudonym is better than a name",
        )
    return candidate


def seed_for(secret: bytes, assignment_id: str, level: str, candidate: str) -> int:
    """The candidate's 64-bit seed; no one without the course's secret can tell it."""
    opening = _hmac32(secret, "opening", assignment_id, level)
    return opening << 32 | _hmac32(secret, "candidate", assignment_id, candidate)


def form_seed(secret: bytes, assignment_id: str, level: str, number: int) -> int:
    """The seed of an opening's n-th form: the opening's half as everybody's, the lower its own."""
    opening = _hmac32(secret, "opening", assignment_id, level)
    return opening << 32 | _hmac32(secret, "form", assignment_id, level, str(number))


def form_order(secret: bytes, assignment_id: str, candidate: str, seed: int) -> bytes:
    """Sorts forms in an order of the candidate's own, which no one can tell without the secret."""
    parts = json.dumps(["order", assignment_id, candidate, f"{seed:016x}"]).encode()
    return hmac.new(secret, parts, hashlib.sha256).digest()


def draw(
    assignment: Assignment,
    seed: int,
    level: str,
    into: Path,
    *,
    candidate: str = "",
    skin: str = "",
) -> Case:
    """Draw a case into the new folder ``into``; the same bytes for the same seed and level.

    Args:
        assignment: as its author wrote it, never dressed.
        skin: the skin that the case is put in once it is drawn; none if empty.

    Raises:
        AssignmentError: there is no such skin, or it has a mistake.
        CaseError: no such level, ``into`` exists, or the scenario did not write what it must.
    """
    worn = skins.load(assignment, skin) if skin else None
    if level not in assignment.levels:
        raise CaseError(
            f"{assignment.id} has no level {level!r}", do=f"levels: {', '.join(assignment.levels)}"
        )
    if into.exists():
        raise CaseError("a case is drawn into a new folder; this one exists", where=str(into))
    scenario = assignments.load_module(assignment, "scenario")
    with _fresh_folder(into) as folder:
        public, private = folder / "public", folder / "private"
        public.mkdir()
        private.mkdir(mode=0o700)
        try:
            scenario.prepare(seed, level, public, private)
        except Exception as error:  # an author's module may raise anything
            raise CaseError(
                f"no case for seed {seed} at level {level}: {type(error).__name__}: {error}",
                where=assignments.blame(assignment, "scenario", error),
                do="mend prepare(); every seed has to give a case",
            ) from error
        _check_drawn(assignment, public, private)
        if worn:
            dressing.dress_case(worn, public, private)
        facts = {"assignment": assignment.id, "level": level, "case": tree_digest(public)[:16]}
        (public / "case.json").write_text(_json(facts), encoding="utf-8")
        kept = {
            **facts,
            "candidate": candidate,
            "seed": f"{seed:016x}",
            "version": int(scenario.VERSION),
            "public": tree_digest(public),
            "private": tree_digest(private),
            **({"skin": skin} if skin else {}),
        }
        (folder / "case.json").write_text(_json(kept), encoding="utf-8")
    return load(into)


def load(folder: Path) -> Case:
    """The case that :func:`draw` wrote into ``folder``."""
    facts = _facts(folder)
    return Case(
        assignment=facts["assignment"],
        candidate=facts["candidate"],
        seed=int(facts["seed"], 16),
        level=facts["level"],
        version=facts["version"],
        public=folder / "public",
        private=folder / "private",
        skin=facts.get("skin", ""),
    )


def bound(course: Course, assignment_id: str, candidate: str) -> Case:
    """The case of a candidate, from ``state/``; the revision's is the first attempt's.

    Raises:
        CandidateError: there is no case for this candidate.
        CaseError: its files are not the ones that were drawn.
    """
    base = base_id(assignment_id)
    folder = course.cases / base / check_name(candidate)
    if not (folder / "case.json").is_file():
        known = candidates(course, base)
        close = difflib.get_close_matches(candidate, known, n=1)
        raise CandidateError(
            f"there is no candidate {candidate!r} for {base}",
            do=f"did you mean {close[0]!r}?"
            if close
            else f"worksample invite {candidate} --assignment {base}",
        )
    facts = _facts(folder)
    for part in ("public", "private"):
        if tree_digest(folder / part) != facts[part]:
            raise CaseError(
                f"the {part} files of this case were changed after it was drawn",
                where=str(folder),
                do="restore state/cases from a backup",
            )
    return load(folder)


def candidates(course: Course, assignment_id: str) -> list[str]:
    """Everyone who was invited, sorted."""
    folder = course.cases / base_id(assignment_id)
    return sorted(path.parent.name for path in folder.glob("*/case.json"))


def check_free(course: Course, candidate: str) -> None:
    """Whether the id is mistaken for nothing else, on file systems that ignore case too.

    Raises:
        CandidateError: it is an assignment's name, or differs from another id in case only.
    """
    wanted = candidate.casefold()
    names = {name.casefold() for name in assignments.ids(course)}
    if base_id(wanted) in names:
        raise CandidateError(
            f"{candidate!r} is the name of an assignment, and cannot be a candidate's id",
            do="choose another id",
        )
    others = {path.parent.name for path in course.cases.glob("*/*/case.json")} - {candidate}
    same = sorted(name for name in others if name.casefold() == wanted)
    if same:
        raise CandidateError(
            f"{candidate!r} differs from the candidate {same[0]!r} in upper and lower case only",
            do=f"if it is the same person, invite {same[0]!r}; otherwise choose another id",
        )


def digest(case: Case) -> str:
    """sha256 of everything that makes the case what it is."""
    facts = _facts(case.public.parent)
    return hashlib.sha256(_json(facts).encode()).hexdigest()


def package_path(course: Course, assignment_id: str, candidate: str) -> Path:
    """Where the candidate's zip lies."""
    return course.state / "packages" / assignment_id / f"{candidate}.zip"


def given_names(course: Course, assignment_id: str, candidate: str) -> set[str]:
    """What lay beside the notebook in the package that this candidate was sent; never their own.

    The kept package says it; where that is lost, what every package holds.
    """
    try:
        with zipfile.ZipFile(package_path(course, assignment_id, candidate)) as package:
            facts = json.loads(package.read(f"{assignment_id}/{mark.NAME}"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return {own_machine.README, own_machine.REQUIREMENTS, own_machine.ENVIRONMENT}
    return set(facts.get("given", ()))


def pack(
    course: Course,
    assignment: Assignment,
    case: Case,
    assignment_id: str,
    notebook: bytes,
    minutes: float,
    extra: Mapping[str, bytes] | None = None,
    work: Mapping[str, bytes] | None = None,
) -> Path:
    """Write what a candidate gets as a zip, the same bytes every time, and keep its notebook.

    Args:
        assignment_id: nbgrader's: the assignment's id, or the revision's.
        notebook: the notebook to work in.
        minutes: how long the candidate has, accommodations included.
        extra: more files beside the notebook, by name (the feedback, on a revision).
        work: the tree to go on with, by name within it; None: the one of the case, with its past.
    """
    identity = mark.signed(course, assignment_id, case.candidate, case.id())
    public = _tree(case.public, "")
    own = tree.given(public)
    if work is not None:
        own = {n: d for n, d in own.items() if n.startswith(f"{TREE}/.git/")}
        own |= {f"{TREE}/{name}": data for name, data in work.items()}
    given = {**{f"case/{n}": d for n, d in tree.rest(public).items()}, **(extra or {})}
    for name, path in assignment.paths.items():
        given |= _tree(path, name) if path.is_dir() else {name: path.read_bytes()}
    given |= own_machine.files(assignment.title, assignment_id, minutes, {**own, **given})
    facts = {
        **identity,
        "attempt": attempt_of(assignment_id),
        "level": case.level,
        "minutes": minutes,
        "given": sorted({name.split("/")[0] for name in given}),
        "tasks": tasks.of_cells(json.loads(notebook)["cells"]),
        **({"work": _room(assignment.work)} if assignment.work else {}),
    }
    files: dict[str, bytes] = {
        f"{assignment_id}.ipynb": mark.put(notebook, identity),
        "worksample.json": _json(facts).encode(),
        **given,
        **(own if assignment.work else {}),
    }
    target = package_path(course, assignment_id, case.candidate)
    disk.replace(target.with_suffix(".ipynb"), notebook)
    name = f"{hashlib.sha256(notebook).hexdigest()[:16]}.ipynb"
    disk.replace(_given(course, assignment_id, case.candidate) / name, notebook)
    disk.replace(target, zipped({f"{assignment_id}/{name}": data for name, data in files.items()}))
    return target


def _room(spec: TreeSpec) -> dict[str, int]:
    return {"files": spec.files, "kb": spec.kb}


def tree_digest(folder: Path) -> str:
    """sha256 of the names and bytes of every file below ``folder``."""
    total = hashlib.sha256()
    for name, data in sorted(_tree(folder, "").items()):
        total.update(f"{name}\0{hashlib.sha256(data).hexdigest()}\n".encode())
    return total.hexdigest()


def _hmac32(secret: bytes, *parts: str) -> int:
    mac = hmac.new(secret, json.dumps(parts).encode(), hashlib.sha256)
    return int.from_bytes(mac.digest()[:4], "big")


def _check_drawn(assignment: Assignment, public: Path, private: Path) -> None:
    truth = private / "truth.json"
    try:
        readable = isinstance(json.loads(truth.read_text(encoding="utf-8")), dict)
    except (OSError, ValueError):
        readable = False
    if not readable or not (private / "truth_card.md").is_file():
        raise CaseError(
            "prepare() must write truth.json (an object) and truth_card.md into `private`",
            where=str(assignment.folder / "scenario.py"),
        )
    if bool(assignment.work) != (public / TREE).is_dir():
        raise CaseError(
            f"prepare() must write public/{TREE}/"
            if assignment.work
            else f"public/{TREE}/ is a tree to work in, and assignment.toml has no [{TREE}]",
            where=str(assignment.folder / "scenario.py"),
        )
    if (public / "case.json").exists():
        raise CaseError(
            "prepare() must leave public/case.json to us",
            where=str(assignment.folder / "scenario.py"),
        )
    for path in _regular(public):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _facts(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "case.json").read_text(encoding="utf-8"))


def _json(value: object) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _paths(folder: Path) -> Iterable[Path]:
    for path in sorted(folder.rglob("*")):
        if not any(part in _IGNORED for part in path.relative_to(folder).parts):
            yield path


def _regular(folder: Path) -> Iterator[Path]:
    """The files and folders below ``folder``.

    Raises:
        CaseError: something in it is neither, a link for example.
    """
    for path in _paths(folder):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise CaseError("only regular files may be part of a case or package", where=str(path))
        yield path


def _tree(folder: Path, under: str) -> dict[str, bytes]:
    """Name -> bytes of every regular file below ``folder``; links are not followed.

    Raises:
        CaseError: something in it is neither a file nor a folder.
    """
    files = {}
    for path in _regular(folder):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            files[f"{under}/{name}" if under else name] = path.read_bytes()
    return files


@contextmanager
def _fresh_folder(into: Path) -> Iterator[Path]:
    """A folder that becomes ``into`` when all went well, and is gone when it did not."""
    into.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".drawing-", dir=into.parent))
    try:
        yield folder
        folder.rename(into)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
