"""A user namespace with a range of ids: in it somebody is root over files and processes of their
own, and outside of it they are nobody.

Image builds need more than one user (``USER app``, files of root's), so bubblewrap's namespaces of
a single one do not do. Run by root, the range lies far outside of all that systems use, and even
its first user has no rights here. Run by anybody else, it is what ``/etc/subuid`` gives them.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from worksample.errors import SandboxUnavailable

FIRST = 0x78000000  # outside every range that systems, containers, people or our boxes use
COUNT = 65_536
INSTALL = (
    "install `uidmap`, have `/etc/subuid` and `/etc/subgid` give this user 65536 ids, "
    "and allow user namespaces; or run as root"
)


def owner() -> int:
    """The user, in our numbers, who is root in there."""
    return FIRST if os.geteuid() == 0 else os.geteuid()


def becoming() -> list[str]:
    """The words before a command that has to be run by :func:`owner`."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={FIRST}", f"--regid={FIRST}", "--clear-groups"]


@contextlib.contextmanager
def ranged() -> Iterator[int]:
    """A new user namespace, as a descriptor that keeps it.

    Raises:
        SandboxUnavailable: this machine gives no such namespace.
    """
    command = [*becoming(), "unshare", "--user", "sh", "-c", "echo made; read _"]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/"
        )
    except OSError as error:
        raise SandboxUnavailable(f"no user namespace can be made: {error}", do=INSTALL) from error
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            if process.stdout.readline() != b"made\n":
                said = process.stderr.read(500).decode(errors="replace").strip()
                raise SandboxUnavailable(f"no user namespace can be made: {said}", do=INSTALL)
            _map(process.pid)
            descriptor = os.open(f"/proc/{process.pid}/ns/user", os.O_RDONLY)
        finally:
            process.kill()
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _map(pid: int) -> None:
    """Say which ids of ours those in the namespace of process ``pid`` are."""
    if os.geteuid() == 0:
        for kind in ("uid_map", "gid_map"):
            Path(f"/proc/{pid}/{kind}").write_text(f"0 {FIRST} {COUNT}\n")
        return
    for tool, table, own in (
        ("newuidmap", "/etc/subuid", os.getuid()),
        ("newgidmap", "/etc/subgid", os.getgid()),
    ):
        first = _given(Path(table))
        if first is None or shutil.which(tool) is None:
            raise SandboxUnavailable(
                f"this user has no range of ids in {table}, or there is no {tool}", do=INSTALL
            )
        words = [tool, str(pid), "0", str(own), "1", "1", str(first), str(COUNT - 1)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SandboxUnavailable(f"{tool} failed: {done.stderr.strip()[:300]}", do=INSTALL)


def _given(table: Path) -> int | None:
    """The first id of the range that ``table`` gives to this user; None: none that is enough."""
    try:
        names = {pwd.getpwuid(os.getuid()).pw_name, str(os.getuid())}
        rows = [line.split(":") for line in table.read_text().splitlines()]
    except (OSError, KeyError):
        return None
    found = [int(r[1]) for r in rows if len(r) == 3 and r[0] in names and int(r[2]) >= COUNT - 1]
    return found[0] if found else None
