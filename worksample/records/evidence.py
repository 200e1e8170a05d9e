"""Evidence: what each grading did, append-only, each record chained to the one before it.

``state/evidence/<assignment>/<candidate>/<n>.json`` (n = 1, 2, …) is one grading;
``<n>.ipynb`` beside it is the executed notebook as a person may see it: outputs capped and
cleaned of anything active, every check cell's output replaced by the trusted rendering.
``<assignment>`` is nbgrader's id, so the revision's records lie under ``<id>-revision``.

One record (format 1)::

    {
      "format": 1,
      "assignment": "root-cause-analysis",   # nbgrader's id; "…-revision" on attempt 2
      "candidate": "ada",
      "attempt": 1,                          # 1 the work, 2 the revision
      "number": 1,                           # n-th record of this assignment and candidate
      "time": "2026-11-21T04:30:00+00:00",   # when it was written, UTC
      "outcome": "graded",                   # "graded" | "candidate_failure" | "not_gradable_yet"
      "why": "",                             # words for the last two outcomes, else empty
      "inputs": {"submission": "<sha256>", "case": "<sha256>", "checks": "<sha256>",
                 "engine": "<sha256>"},      # graded again only when one of these changes
      "key": "<sha256 of inputs>",
      "case": {"level": "standard", "version": 1, "seed": "<16 hex digits>", "skin": "<if any>"},
      "submission": {"submitted": "<ISO time or null>", "files": {"<name>": "<sha256>"}},
      "repairs": [{"cell": "onset" | null, "what": "…"}],   # what repair.py had to mend
      "run": {"ended": {"how": "completed", "cell": null, "detail": ""},
              "cells": {"<cell id>": "completed"},          # our own status of every cell
              "answers": {"onset": {…}},                    # as recorded by the candidate's kernel
              "refused": {"<answer>": "<reason>"},
              "calls": {"<call id>": [{"ok": true, "error": "", "seconds": 0.1,
                                       "value": "<sha256 of the reply, or empty>"}]},
              "seconds": 12.3, "versions": {…}, "limits": {…}, "probe": {…}, "sandbox": "…",
              "stages": {"cells": {"seconds": 0.4, "cpu": 0.1,      # of the process that graded
                                   "cpu_elsewhere": 0.3}}},         # of the sandbox; or run: null
      "checks": {"onset": {"points": 5.0, "possible": 10.0,
                           "parts": [{"name": "…", "earned": 5.0, "possible": 10.0,
                                      "message": "…"}],
                           "details": {"days_off": 2.0},    # may be shown to the candidate
                           "private": {…},                  # never shown to the candidate
                           "inputs": {"answers": ["onset"], "calls": []}}},  # what it asked for
      "points": 71.5, "possible": 100.0,     # null when not gradable yet
      "precision": {"sem": 5.2,              # standard error in points at this score; or null:
                    "bank": "<sha256>",      # of the bank it comes from (…/.bank/<a>/<level>/)
                    "forms": 100,            # that it rests on
                    "form": true,            # the case is one of them
                    "changed": []},          # since the bank was measured: "engine", …
      "notebook": "<sha256 of <n>.ipynb>",   # null when not gradable yet
      "previous": "<sha256 of the bytes of <n-1>.json>"     # null in the first record
    }

A candidate's records are erased all at once (:func:`erase`). What is left of them is
``state/evidence/.erased/<assignment>/<pseudonym>.json``, the hashes of the chain and nothing else::

    {"format": 1, "assignment": "…", "erased": "<ISO time>",
     "chain": [{"number": 1, "digest": "<sha256 of 1.json>", "previous": null}, …]}

``checks`` keeps the order of the notebook. A record of outcome ``not_gradable_yet`` has
``run``, ``points`` and ``notebook`` null and ``checks`` empty: it is never a score.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from worksample.course import Course
from worksample.errors import CourseError
from worksample.grading.digest import key_of
from worksample.records import now

Record = dict[str, Any]

SCORED = ("graded", "candidate_failure")
_HALVES = ".[0-9]*"


def folder(course: Course, assignment: str, candidate: str) -> Path:
    """Where the records of one candidate's assignment lie."""
    return course.evidence / assignment / candidate


def paths(course: Course, assignment: str, candidate: str) -> list[Path]:
    """The files of all records, oldest first."""
    found = folder(course, assignment, candidate).glob("[0-9]*.json")
    return sorted((p for p in found if p.stem.isdecimal()), key=lambda path: int(path.stem))


def history(course: Course, assignment: str, candidate: str) -> list[Record]:
    """All records, oldest first.

    Raises:
        CourseError: a record is missing or was changed after it was written.
    """
    records: list[Record] = []
    previous: str | None = None
    for number, path in enumerate(paths(course, assignment, candidate), start=1):
        data = path.read_bytes()
        record = _parsed(path, data)
        if path.stem != str(number) or record["previous"] != previous:
            raise CourseError(
                "the chain of evidence is broken: a record is missing or was changed",
                where=str(path),
                do="restore state/evidence from a backup; do not delete single records",
            )
        previous = hashlib.sha256(data).hexdigest()
        records.append(record)
    return records


def latest(course: Course, assignment: str, candidate: str, *keys: str) -> Record | None:
    """The newest record that holds a score (of inputs with one of ``keys``, if given), or None.

    Raises:
        CourseError: a record cannot be read.
    """
    for path in reversed(paths(course, assignment, candidate)):
        record = _parsed(path, path.read_bytes())
        if record["outcome"] in SCORED and (not keys or record["key"] in keys):
            return record
    return None


def newest(course: Course, assignment: str, candidate: str) -> Record | None:
    """The newest record, whatever it says; None where there is none.

    Raises:
        CourseError: it cannot be read.
    """
    found = paths(course, assignment, candidate)
    return _parsed(found[-1], found[-1].read_bytes()) if found else None


def digest(course: Course, record: Record) -> str:
    """sha256 of the record's file."""
    return hashlib.sha256(_path(course, record).read_bytes()).hexdigest()


def notebook(course: Course, record: Record) -> dict[str, Any]:
    """The executed notebook of a record (nbformat 4).

    Raises:
        CourseError: it is not the one that the record was written with.
    """
    path = _path(course, record).with_suffix(".ipynb")
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != record["notebook"]:
        raise CourseError(
            "the notebook is not the one that this evidence was written with",
            where=str(path),
            do="restore state/evidence from a backup, or grade again with --force",
        )
    return json.loads(data)


def append(
    course: Course, assignment: str, candidate: str, body: Record, executed: bytes | None
) -> Record:
    """Write the next record; returns it with its number, time, key and hashes.

    Only the process that coordinates a grading calls this.

    Args:
        body: the record but for ``format``, ``assignment``, ``candidate``, ``number``, ``time``,
            ``key``, ``notebook`` and ``previous``.
        executed: the bytes of the executed notebook, None when there is none.
    """
    into = folder(course, assignment, candidate)
    into.mkdir(parents=True, exist_ok=True)
    with _locked(into):
        there = paths(course, assignment, candidate)
        record = {
            "format": 1,
            "assignment": assignment,
            "candidate": candidate,
            **body,
            "number": len(there) + 1,
            "time": now().isoformat(),
            "key": key_of(body["inputs"]),
            "notebook": hashlib.sha256(executed).hexdigest() if executed is not None else None,
            "previous": hashlib.sha256(there[-1].read_bytes()).hexdigest() if there else None,
        }
        path = into / f"{record['number']}.json"
        _remove_halves(into)
        if executed is not None:
            # left behind by a kill between the two writes: it belongs to no record
            path.with_suffix(".ipynb").unlink(missing_ok=True)
            _write_once(path.with_suffix(".ipynb"), executed)
        _write_once(path, json.dumps(record, indent=1, allow_nan=False).encode())
    return record


def tidy(course: Course, assignment: str, candidate: str) -> None:
    """Remove what a kill left half written, or written and not put away."""
    into = folder(course, assignment, candidate)
    if any(into.glob(_HALVES)):
        with _locked(into):
            _remove_halves(into)


def erase(course: Course, assignment: str, candidate: str, instead: str) -> None:
    """Remove a candidate's records, and leave their hashes, under a pseudonym.

    Doing it again, after a kill in the midst of it, completes it.
    """
    into = folder(course, assignment, candidate)
    if not into.is_dir():
        return
    with _locked(into):
        left = tombstone(course, assignment, instead)
        links = [_link(path) for path in paths(course, assignment, candidate)]
        if links and not left.exists():
            said = {"format": 1, "assignment": assignment, "erased": now().isoformat()}
            left.parent.mkdir(parents=True, exist_ok=True)
            _write_once(left, json.dumps({**said, "chain": links}, indent=1).encode())
        shutil.rmtree(into)


def tombstone(course: Course, assignment: str, instead: str) -> Path:
    """Where the hashes of erased records lie."""
    return course.evidence / ".erased" / assignment / f"{instead}.json"


def tombstones(course: Course) -> dict[Path, bool]:
    """Every tombstone's file, and whether its chain is whole: each link names the one before."""
    found = sorted((course.evidence / ".erased").glob("*/*.json"))
    return {path: _is_whole(json.loads(path.read_bytes())["chain"]) for path in found}


def _is_whole(links: list[dict[str, Any]]) -> bool:
    befores = [None, *(link["digest"] for link in links)]
    return all(
        (link["number"], link["previous"]) == (number, before)
        for number, (link, before) in enumerate(zip(links, befores, strict=False), start=1)
    )


def _link(path: Path) -> dict[str, Any]:
    """What is kept of a record; one that cannot be read has a hash all the same."""
    data = path.read_bytes()
    try:
        previous = json.loads(data)["previous"]
    except (ValueError, RecursionError, KeyError, TypeError):
        previous = "unreadable"
    return {
        "number": int(path.stem),
        "digest": hashlib.sha256(data).hexdigest(),
        "previous": previous,
    }


def _remove_halves(into: Path) -> None:
    """Of those who were killed: who holds the lock is the only one to write."""
    for half in into.glob(_HALVES):
        half.unlink()


def _parsed(path: Path, data: bytes) -> Record:
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or not record.keys() >= {"previous", "outcome", "key"}:
        raise CourseError(
            "this record of evidence cannot be read",
            where=str(path),
            do="restore state/evidence from a backup; `worksample explain` says what was touched",
        )
    return record


def _path(course: Course, record: Record) -> Path:
    return folder(course, record["assignment"], record["candidate"]) / f"{record['number']}.json"


def _write_once(path: Path, data: bytes) -> None:
    """All of it or nothing, and never over something that is there."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(fresh, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(0o444)
        os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def _locked(into: Path) -> Iterator[None]:
    with open(into / ".lock", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
