"""The mark that says whose work something is: signed, in ``worksample.json`` and the notebook.

A candidate cannot make another's. Who passes their own folder on passes the mark on with it; that
cannot be told from here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worksample.course import Course

NAME = "worksample.json"
_FIELDS = ("assignment", "candidate", "case")


@dataclass(frozen=True)
class Mark:
    """What something says of itself; ``signature`` is empty where there is none."""

    assignment: str
    candidate: str
    case: str
    signature: str

    def is_genuine(self, course: Course) -> bool:
        """Whether this course gave it out."""
        made = _signature(course, self.assignment, self.candidate, self.case)
        return hmac.compare_digest(made.encode(), self.signature.encode("utf-8", "replace"))


def signed(course: Course, assignment_id: str, candidate: str, case_id: str) -> dict[str, str]:
    """The facts to write into what a candidate gets.

    Args:
        assignment_id: nbgrader's, the revision's on attempt 2.
    """
    facts = dict(zip(_FIELDS, (assignment_id, candidate, case_id), strict=True))
    return {**facts, "mark": _signature(course, assignment_id, candidate, case_id)}


def put(notebook: bytes, identity: Mapping[str, str]) -> bytes:
    """The notebook with the mark in its metadata, where editors leave it alone."""
    value = json.loads(notebook)
    ours = value["metadata"].get("worksample", {})
    value["metadata"]["worksample"] = {**ours, "identity": dict(identity)}
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def of_facts(facts: object) -> Mark | None:
    """What ``worksample.json`` says; None if it names no candidate."""
    if not isinstance(facts, Mapping):
        return None
    texts = [facts.get(name) for name in (*_FIELDS, "mark")]
    said = [value if isinstance(value, str) else "" for value in texts]
    return Mark(*said) if said[1] else None


def of_notebook(notebook: Mapping[str, Any]) -> Mark | None:
    """What a notebook's metadata says; None if it names no candidate."""
    metadata = notebook.get("metadata")
    ours = metadata.get("worksample") if isinstance(metadata, Mapping) else None
    return of_facts(ours.get("identity")) if isinstance(ours, Mapping) else None


def _signature(course: Course, *parts: str) -> str:
    message = json.dumps(["mark", *parts]).encode()
    return hmac.new(course.secret(), message, hashlib.sha256).hexdigest()[:32]
