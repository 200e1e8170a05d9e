"""The first program of a hosted sandbox: gives up what it must not have, then serves JupyterLab.

It is started with the number of a descriptor from which it reads what it is to do. So no secret
is on a command line or in an environment that another process could read; and it never executes
another program in its own place, because its memory would be readable again after that.
"""

from __future__ import annotations

import io
import json
import os
import socket
import sys
import tarfile
from pathlib import Path
from typing import Any

from worksample.sandbox.inside.confine import PR_SET_DUMPABLE, confine, prctl

WRITABLE = ("/home/candidate", "/tmp", "/dev", "/proc")


def main(descriptor: int) -> None:
    """Read the order, confine this process, serve until it is ended."""
    order = _read(descriptor)
    _log_to(order["log"])
    os.environ.update(order["environment"])
    confine(order["limits"], order["user"], filtered=True, writable=WRITABLE)
    prctl(PR_SET_DUMPABLE, 0)  # the hub's token is in this process: no other may look into it
    os.chdir(order["environment"]["HOME"])
    with os.fdopen(order["files"], "rb") as file:
        lay_out(file.read())
    _serve(socket.socket(fileno=order["socket"]))


def _read(descriptor: int) -> dict[str, Any]:
    with os.fdopen(descriptor, "rb") as file:
        order: dict[str, Any] = json.loads(file.read())
    return order


def _log_to(descriptor: int) -> None:
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    os.close(descriptor)


def lay_out(data: bytes) -> None:
    """Unpack what the candidate starts with; what is there already is theirs, and stays.

    Here and not outside: as the candidate's own user, a link of theirs leads nowhere new.
    """
    # made by us; older patches of 3.11 (before 3.11.4) know no filters
    safely: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            place = Path(member.name)
            if place.exists() or place.is_symlink():
                continue
            try:
                archive.extract(member, **safely)
            except OSError as error:  # their own folder may be in the way: not ours to mend
                print(f"{member.name} was not laid out: {error}", file=sys.stderr)


def _serve(listening: socket.socket) -> None:
    """JupyterHub's single-user server, on a socket that it is given instead of one it makes.

    A candidate's files are no part of the path that the proxy connects to: they could put a link
    to another server's socket there.
    """
    from jupyter_server.serverapp import ServerApp
    from jupyterhub.singleuser.extension import JupyterHubSingleUser

    class GivenSocket(ServerApp):
        def _find_http_port(self) -> None:
            """There is none to be found."""

        def _bind_http_server(self) -> None:
            self.http_server.add_socket(listening)

    listening.setblocking(False)
    JupyterHubSingleUser.serverapp_class = GivenSocket
    JupyterHubSingleUser.launch_instance([])


if __name__ == "__main__":
    main(int(sys.argv[1]))
