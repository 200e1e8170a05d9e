"""Where a hosted course keeps what: its state, and the sockets of what runs now."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from worksample.course import Course
from worksample.errors import HostingError

# as a sandbox sees the folder with the sockets that it may connect to
SHARED_INSIDE = "/run/worksample"


@dataclass(frozen=True)
class Places:
    """Folders and sockets of one hosted course.

    What lasts lies in ``state/hub`` and ``state/homes``. Sockets lie elsewhere, because the path
    of a socket may have 107 bytes and JupyterHub writes it down in lower case: in a folder whose
    name follows from the course's, so that a hub that is started again finds what runs.
    """

    course: Course

    @property
    def state(self) -> Path:
        return self.course.state / "hub"

    @property
    def homes(self) -> Path:
        return self.course.state / "homes"

    @property
    def database(self) -> Path:
        """JupyterHub's own."""
        return self.state / "jupyterhub.sqlite"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def boxes(self) -> Path:
        """A file for each sandbox that was started and not seen to end."""
        return self.state / "boxes"

    @property
    def jupyter(self) -> Path:
        """Settings of the candidates' servers."""
        return self.state / "jupyter"

    @property
    def warm_ups(self) -> Path:
        """What candidates may try before their clock begins."""
        return self.state / "warm-up"

    def given(self, name: str) -> Path:
        """What a candidate's home begins with, where the program inside cannot be handed it."""
        return self.state / "given" / name

    @property
    def run(self) -> Path:
        name = hashlib.sha256(os.fsencode(self.course.root.resolve())).hexdigest()[:8]
        if os.geteuid() == 0:
            return Path("/run") / f"worksample-{name}"
        return Path("/tmp") / f"worksample-{os.geteuid()}-{name}"

    @property
    def shared(self) -> Path:
        """Sockets that sandboxes may connect to: the hub and the exchange."""
        return self.run / "shared"

    @property
    def hub_socket(self) -> Path:
        return self.shared / "hub.sock"

    @property
    def exchange_socket(self) -> Path:
        return self.shared / "exchange.sock"

    @property
    def proxy_socket(self) -> Path:
        """The proxy's own interface, which says where every address leads: for the hub alone."""
        return self.run / "proxy.sock"

    def server_socket(self, name: str) -> Path:
        """What the proxy reaches a candidate's server by."""
        return self.run / "of" / name

    def make(self) -> None:
        """Make the folders, closed to everybody else.

        Raises:
            HostingError: the folder for sockets belongs to somebody else.
        """
        self.run.mkdir(mode=0o700, exist_ok=True)
        found = self.run.lstat()
        if found.st_uid != os.geteuid() or self.run.is_symlink():
            raise HostingError(
                "the folder for sockets belongs to somebody else",
                where=str(self.run),
                do="find out whose it is, and remove it",
            )
        self.run.chmod(0o700)
        for folder in (self.state, self.homes, self.logs, self.boxes, self.jupyter):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        for folder, mode in ((self.shared, 0o755), (self.run / "of", 0o700)):
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)

    def remove_sockets(self) -> None:
        """Remove the folder for sockets; nothing may run any more."""
        shutil.rmtree(self.run, ignore_errors=True)

    def secret(self, name: str) -> str:
        """A secret of 64 hexadecimal digits, made at first use, in a file that only we can read."""
        path = self.state / f"{name}.secret"
        if not path.exists():
            beside = path.with_name(f".{path.name}.{os.getpid()}")
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
            try:
                os.link(beside, path)  # fails if somebody else was first: theirs is as good
            except FileExistsError:
                pass
            finally:
                beside.unlink()
        return path.read_text(encoding="ascii")


def url(socket: Path | str) -> str:
    """JupyterHub's way to write the address of a Unix socket."""
    return f"http+unix://{quote(str(socket), safe='')}"
