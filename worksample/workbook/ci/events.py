"""What happens to a repository: a push, a pull request of a colleague or of a stranger, a tag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = ("push", "pull_request", "fork", "tag")
OWNER = "shop/service"  # the repository's name on its server
STRANGER = "stranger/service"


@dataclass(frozen=True)
class Event:
    """One event.

    Args:
        kind: ``push``, ``pull_request``, ``fork`` (a pull request from a stranger's fork) or
            ``tag``.
        change: name -> text of each file that the event's commit changes; None takes it away.
        message: of that commit.
        branch: what is pushed to, or what a pull request asks to be merged into.
        tag: of a tag.
        again: the same commit as the event before it; ``change`` and ``message`` do not count.
        secrets: name -> value; a workflow started by a fork's pull request does not get them.
        marks: texts that no image should hold; whether one does is noted when it is pushed.
        staging: what `smoke` finds of an image that was pushed: True, it serves there.
        busy: how many times before that `smoke` finds staging in use, and asks to come again.
    """

    kind: str = "push"
    change: Mapping[str, str | None] = field(default_factory=dict)
    message: str = "Change"
    branch: str = "main"
    tag: str = "v1.0.0"
    again: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    staging: bool = True
    busy: int = 0

    @property
    def head(self) -> str:
        """The branch that the commit is on."""
        return "change" if self.kind in ("pull_request", "fork") else self.branch

    @property
    def ref(self) -> str:
        """What the workflow runs on."""
        if self.kind == "tag":
            return f"refs/tags/{self.tag}"
        return "refs/pull/7/merge" if self.head == "change" else f"refs/heads/{self.branch}"


def payload(event: Event, base: str, sha: str) -> dict[str, Any]:
    """The event as GitHub tells it: what workflows ask of ``github.event``."""
    owner, name = OWNER.split("/")
    here = {
        "name": name,
        "full_name": OWNER,
        "default_branch": "main",
        "owner": {"login": owner},
        "fork": False,
    }
    common = {"repository": here, "sender": {"login": "ada"}}
    if event.head != "change":
        head = {"id": sha, "message": event.message, "author": {"name": "Ada"}}
        pushed = {"ref": event.ref, "before": base, "after": sha, "head_commit": head}
        return {**common, **pushed, "commits": [head], "pusher": {"name": "ada"}}
    fork = event.kind == "fork"
    theirs = {**here, "full_name": STRANGER, "owner": {"login": "stranger"}, "fork": True}
    request = {
        "number": 7,
        "title": event.message,
        "draft": False,
        "merged": False,
        "author_association": "NONE" if fork else "MEMBER",
        "head": {"ref": "change", "sha": sha, "repo": theirs if fork else here},
        "base": {"ref": event.branch, "sha": base, "repo": here},
        "labels": [],
        "user": {"login": "stranger" if fork else "ada"},
    }
    return {**common, "action": "opened", "number": 7, "pull_request": request}
