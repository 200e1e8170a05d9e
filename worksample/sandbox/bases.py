"""What image builds start from: one base image and a folder of wheels, made once by set-up.

No registry is asked when an attempt is graded. ``worksample doctor --install`` makes the base from
Debian's packages under the name that a Dockerfile asks for, and gets the wheels that
``wheels.lock`` names by their hashes. Both lie in ``$WORKSAMPLE_IMAGES``; without it in
``/var/cache/worksample/images`` for root, whose own folders nobody else may enter, and in
``~/.cache/worksample/images`` for others.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from worksample.errors import SandboxFailed, SandboxUnavailable
from worksample.limits import Limits
from worksample.sandbox import namespaces
from worksample.sandbox.workshop import PLACE, STORE, Workshop

BASE = "docker.io/library/python:3.11-slim"
INDEX = "/opt/index"  # where builds find the package index
PYTHON = "3.11"
FORMAT = 1
TOOLS = {
    "bwrap": "bubblewrap",
    "buildah": "buildah",
    "mmdebstrap": "mmdebstrap",
    "newuidmap": "uidmap",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
}
INSTALL = "apt-get install bubblewrap buildah mmdebstrap uidmap"
MAKE = "run `worksample doctor --install`"
LOCK = Path(__file__).with_name("wheels.lock")
_SUITE = "bookworm"  # of Debian, from its usual mirror; its Python is 3.11
_PACKAGES = "python3,python3-pip,python3-venv"
_PARTS = ("wheels", "base")
_MINUTES = 20
_FINISH = f"""
set -e
rm -f /usr/lib/python3*/EXTERNALLY-MANAGED
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /usr/share/doc/* /usr/share/man/*
ln -sf python3 /usr/bin/python
mkdir -p {INDEX} /usr/local/lib/python{PYTHON}/dist-packages
ln -s dist-packages /usr/local/lib/python{PYTHON}/site-packages
cat > /etc/pip.conf <<END
[global]
no-index = true
find-links = {INDEX}
disable-pip-version-check = true
root-user-action = ignore
END
"""


def folder() -> Path:
    """Where base and wheels lie."""
    given = os.environ.get("WORKSAMPLE_IMAGES")
    if given:
        return Path(given).resolve()
    if os.geteuid() == 0:
        return Path("/var/cache/worksample/images")
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home, "worksample", "images")


def has(tool: str) -> bool:
    """Whether one of ``TOOLS`` is here, or not needed."""
    if tool == "newuidmap" and os.geteuid() == 0:  # root writes the map itself
        return True
    return bool(shutil.which(tool) or shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin"))


def is_made() -> bool:
    """Whether set-up has made base and wheels, of this version, for this machine and user."""
    return all(_is_made(part) for part in _PARTS)


def _is_made(part: str) -> bool:
    try:
        return bool(json.loads((folder() / f"{part}.json").read_text()) == _facts(part))
    except (OSError, ValueError):
        return False


def _missing() -> list[str]:
    return sorted({package for tool, package in TOOLS.items() if not has(tool)})


def store() -> Path:
    """The folder of the base image.

    Raises:
        SandboxUnavailable: set-up has not made it, or a tool lacks.
    """
    if lacking := _missing():
        what = f"no image can be built here without {', '.join(lacking)}"
        raise SandboxUnavailable(what, do=INSTALL)
    if not is_made():
        raise SandboxUnavailable("the base image of builds has not been made here", do=MAKE)
    return folder() / "store"


def wheels() -> dict[str, bytes]:
    """File name -> bytes of every wheel that set-up got.

    Raises:
        SandboxUnavailable: it has not been set up.
    """
    store()
    return {path.name: path.read_bytes() for path in sorted((folder() / "wheels").glob("*.whl"))}


def make(say: Callable[[str], None] = lambda _: None) -> None:
    """Make base and wheels, unless they are there; needs the network, and a minute or two.

    Raises:
        SandboxUnavailable: a tool lacks, or this machine gives no namespaces.
        SandboxFailed: it did not work; nothing half made is left to be used.
    """
    with _alone():
        if lacking := _missing():
            what = f"no image can be built here without {', '.join(lacking)}"
            raise SandboxUnavailable(what, do=INSTALL)
        if not _is_made("wheels"):
            say("the wheels that builds find …")
            _wheels(folder() / "wheels")
            _note("wheels")
        if not _is_made("base"):
            say("the base image, from Debian's packages …")
            place = folder() / "store"
            _emptied(place)
            with TemporaryDirectory(prefix="base-") as temporary:
                _base(place, Path(temporary, "base.tar"))
            _note("base")


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _note(part: str) -> None:
    (folder() / f"{part}.json").write_text(json.dumps(_facts(part)))


def _facts(part: str) -> dict[str, object]:
    facts: dict[str, object] = {"format": FORMAT, "machine": platform.machine()}
    if part == "wheels":
        return {**facts, "lock": hashlib.sha256(LOCK.read_bytes()).hexdigest()}
    made_by = hashlib.sha256(f"{_FINISH}{_PACKAGES}{_SUITE}".encode()).hexdigest()
    return {**facts, "owner": namespaces.owner(), "made_by": made_by}


def _wheels(into: Path) -> None:
    """The wheels for the base image's Python, whatever this one is."""
    shutil.rmtree(into, ignore_errors=True)
    machine = platform.machine()
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    options += ["--only-binary", ":all:", "--python-version", PYTHON, "--implementation", "cp"]
    for kind in ("manylinux2014", "manylinux_2_17"):
        options += ["--platform", f"{kind}_{machine}"]
    command = [sys.executable, "-m", "pip", "download", *options, "-d", str(into), "-r", str(LOCK)]
    _do(command, "the wheels could not be got")


def _base(place: Path, tar: Path) -> None:
    """Debian's smallest system with Python, imported as an image."""
    _do(
        [
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            f"--include={_PACKAGES}",
            _SUITE,
            tar,
        ],
        "the base system could not be made",
    )
    limits = Limits(memory_mb=4096, disk_mb=1536, processes=256)
    with Workshop(limits, place, making=True) as shop:
        steps: list[tuple[list[str], bytes]] = [
            (["sh", "-c", f"cat > {PLACE}/base.tar"], tar.read_bytes()),
            (["buildah", "from", "--name", "base", "scratch"], b""),
            (["buildah", "add", "--quiet", "base", f"{PLACE}/base.tar", "/"], b""),
            (["buildah", "run", "base", "--", "sh", "-c", _FINISH], b""),
            (["buildah", "config", "--cmd", "python3", "--env", "LANG=C.UTF-8", "base"], b""),
            (["buildah", "commit", "--quiet", "--format", "docker", "base", BASE], b""),
            (["buildah", "rm", "base"], b""),
            (["chmod", "-R", "a+rX", STORE], b""),
        ]
        for command, given in steps:
            done = shop.run(command, seconds=60 * _MINUTES, given=given)
            if done.code:
                why = done.text.strip()[-300:]
                raise SandboxFailed(f"the base image could not be made: {command[1]}: {why}")


def _emptied(place: Path) -> None:
    """A new folder that root in a workshop owns."""
    if place.exists():
        if os.geteuid() == 0:
            shutil.rmtree(place)
        else:  # what lies in there belongs to users of the range
            with Workshop(Limits(), place, making=True) as shop:
                shop.run(["sh", "-c", f"rm -rf {STORE}/* {STORE}/.[!.]*"], seconds=120)
    place.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(place, namespaces.FIRST, namespaces.FIRST)


def _do(command: Sequence[str | Path], what: str) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=60 * _MINUTES,
        check=False,
    )
    if done.returncode:
        raise SandboxFailed(f"{what}: {done.stderr.strip()[-400:]}", do="is there a network?")
