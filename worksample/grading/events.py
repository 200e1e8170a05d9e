"""Evidence of the kind *events*: what a candidate's workflow makes of commits, requests and tags.

A probe's ``trials(case, tree)`` yields a :class:`Happening` for each sequence of events that is to
be tried; :mod:`worksample.grading.trials` runs it, in the box that the other trials are run in.
A workflow is a folder ``.github/workflows``, a ``.gitlab-ci.yml`` or a ``ci.sh``, equally.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from worksample.workbook.ci.events import KINDS, Event

__all__ = ["KINDS", "Event", "Happened", "Happening", "Push"]

ACTIONS = ("login", "refused", "build", "run", "push", "smoke", "saw")
MAX_RECORDS = 200


@dataclass(frozen=True)
class Happening:
    """Events that happen to a tree, one after the other, with one registry.

    Args:
        id: names it; results are found under it, among those of trials.
        tree: name -> bytes of every file of the first commit.
        events: what happens.
        password: what logs in to the registry.
        seconds: what all of it may take.
    """

    id: str
    tree: Mapping[str, bytes]
    events: tuple[Event, ...]
    password: str = ""
    seconds: float = 60


@dataclass(frozen=True)
class Push:
    """An image that reached the registry, in event number ``event``; ``clean``: without a mark."""

    event: int
    ref: str
    image: str
    labels: Mapping[str, str]
    clean: bool

    @property
    def tag(self) -> str:
        """What stands after the repository's name."""
        return self.ref.rpartition(":")[2]


@dataclass(frozen=True)
class Happened:
    """What came of a :class:`Happening`; all of it is of hostile origin.

    Attributes:
        codes: of each event: 0 if no job failed.
        commits: identity of each event's commit.
        whys: of each event: why nothing could be run; empty where something was.
        records: the registry's, in order.
    """

    codes: tuple[int, ...] = ()
    commits: tuple[str, ...] = ()
    whys: tuple[str, ...] = ()
    records: tuple[Mapping[str, Any], ...] = field(default=())

    def pushes(self, event: int | None = None) -> list[Push]:
        """What reached the registry, in order."""
        return [
            Push(each["event"], each["ref"], each["image"], each["labels"], each["ok"])
            for each in self.records
            if each["action"] == "push" and event in (None, each["event"])
        ]

    def did(self, action: str, event: int | None = None) -> list[Mapping[str, Any]]:
        """The records of one kind."""
        return [
            each
            for each in self.records
            if each["action"] == action and event in (None, each["event"])
        ]


def happened(value: Mapping[str, Any]) -> Happened:
    """What the box replied, put into form.

    Raises:
        TypeError, ValueError: it is not of that form.
    """
    records = list(value["records"])[:MAX_RECORDS]
    return Happened(
        tuple(int(each) for each in value["codes"]),
        tuple(str(each)[:64] for each in value["commits"]),
        tuple(str(each)[:200] for each in value["whys"]),
        tuple(_record(each) for each in records if each["action"] in ACTIONS),
    )


def _record(given: Mapping[str, Any]) -> dict[str, Any]:
    labels = given.get("labels") or {}
    return {
        "action": str(given["action"]),
        "event": int(given["event"]),
        "ref": str(given.get("ref", "")),
        "image": str(given.get("image", "")),
        "ok": given.get("ok") is True,
        "labels": {str(key): str(each) for key, each in dict(labels).items()},
    }
