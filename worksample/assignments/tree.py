"""The tree that a candidate works in: ``work/`` beside the notebook, with its git history.

A scenario writes it into ``public`` and, if it has a past, ``public/work.history.json``: a list of
commits, oldest first, the last of which leaves what lies there::

    [{"author": "Mira", "time": 1900000000, "message": "…",
      "files": {"a.py": "text", "b.py": null}}]

``files`` are those that the commit changed, whole; null takes one away. The repository is made of
that when the candidate's package is packed, so a case is the same bytes everywhere. What comes back
never holds ``.git``: nothing of ours runs git in a folder of theirs.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from worksample.assignments.model import TREE
from worksample.errors import CaseError

HISTORY = f"{TREE}.history.json"
BRANCH = "main"
_FILE = 0o100644


def given(public: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of ``work/`` as they are packed, by their names beside the notebook.

    Args:
        public: a case's files, named from ``public/``.

    Raises:
        CaseError: the history does not lead to what lies in ``work/``.
    """
    own = {n.removeprefix(f"{TREE}/"): d for n, d in public.items() if n.startswith(f"{TREE}/")}
    if HISTORY not in public:
        return {f"{TREE}/{name}": data for name, data in own.items()}
    commits = json.loads(public[HISTORY])
    if _last(commits) != own:
        raise CaseError(
            f"{HISTORY} does not lead to what lies in {TREE}/", do="mend the scenario's prepare()"
        )
    files = {f"{TREE}/{name}": data for name, data in own.items()}
    return files | {f"{TREE}/.git/{name}": data for name, data in repository(commits).items()}


def rest(public: Mapping[str, bytes]) -> dict[str, bytes]:
    """A case's files but for the tree and its history."""
    return {
        name: data
        for name, data in public.items()
        if name != HISTORY and not name.startswith(f"{TREE}/")
    }


def repository(commits: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """The files of a ``.git`` folder in which these commits were made, one after the other.

    Names and bytes of its objects depend on the commits alone; how they are compressed, on zlib.
    """
    # a fifth of a second, and most commands pack nothing
    from dulwich.index import Index, IndexEntry
    from dulwich.object_store import iter_tree_contents
    from dulwich.objects import Blob, Commit
    from dulwich.refs import Ref
    from dulwich.repo import Repo

    with tempfile.TemporaryDirectory(prefix="history-") as folder:
        repo = Repo.init(folder, default_branch=BRANCH.encode())
        files: dict[str, bytes] = {}
        parents: list[Any] = []
        tree: Any = b""
        for each in commits:
            files = _after(files, each)
            blobs = {name: Blob.from_string(data) for name, data in files.items()}
            for blob in blobs.values():
                repo.object_store.add_object(blob)
            tree = _written(repo, {name.encode(): blob.id for name, blob in blobs.items()})
            commit = Commit()
            commit.tree, commit.parents = tree, parents
            who = f"{each['author']} <{each['author'].split()[0].lower()}@example.org>"
            commit.author = commit.committer = who.encode()
            commit.author_time = commit.commit_time = int(each["time"])
            commit.author_timezone = commit.commit_timezone = 0
            commit.encoding, commit.message = b"UTF-8", f"{each['message']}\n".encode()
            repo.object_store.add_object(commit)
            parents = [commit.id]
        if parents:
            repo.refs[Ref(f"refs/heads/{BRANCH}".encode())] = parents[0]
        index = Index(f"{folder}/.git/index", read=False)
        for entry in iter_tree_contents(repo.object_store, tree) if parents else ():
            size = len(repo.object_store[entry.sha].as_raw_string())
            index[entry.path] = IndexEntry(0, 0, 0, 0, entry.mode, 0, 0, size, entry.sha)
        index.write()
        repo.object_store.pack_loose_objects()
        repo.close()
        found = Path(folder, ".git")
        return {
            path.relative_to(found).as_posix(): path.read_bytes()
            for path in sorted(found.rglob("*"))
            if path.is_file() and path.parent.name != "hooks"
        }


def _written(repo: Any, blobs: Mapping[bytes, Any]) -> Any:
    from dulwich.index import commit_tree

    return commit_tree(repo.object_store, [(name, sha, _FILE) for name, sha in blobs.items()])


def _after(files: Mapping[str, bytes], commit: Mapping[str, Any]) -> dict[str, bytes]:
    changed = commit["files"]
    kept = {name: data for name, data in files.items() if name not in changed}
    return kept | {name: text.encode() for name, text in changed.items() if text is not None}


def _last(commits: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for each in commits:
        files = _after(files, each)
    return files
