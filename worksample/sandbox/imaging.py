"""Images in a workshop: built, looked at, and their root file system run as a container would be.

Everything here is said inside the box and is hostile: it is parsed within bounds and believed to
nobody's harm but the candidate's own.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from worksample.sandbox import bases
from worksample.sandbox.watch import measure
from worksample.sandbox.workshop import PLACE, NoRoom, Workshop

FILES = ("Dockerfile", "Containerfile")  # either is taken, as by podman
MAX_SAID = 64 * 1024
MAX_LOG = 8 << 20  # bytes of what a running image puts out
MAX_WORDS = 200  # of a command or an environment, and of history
TMP_MB = 64
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_STORAGE = f"{PLACE}/images"


@dataclass(frozen=True)
class Config:
    """What an image says about itself; hostile."""

    user: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    folder: str = "/"
    ports: tuple[str, ...] = ()
    health: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Image:
    """An image that was built.

    Attributes:
        layers: what each of its own layers is (diff ids), the base's left out; the lowest first.
        kb: size of its own layers together; ``layers_kb`` of each of them.
        based: it stands on the base image.
        texts: whatever config and history say, one text, for words to be looked for.
    """

    name: str
    config: Config
    layers: tuple[str, ...] = ()
    kb: int = 0
    layers_kb: tuple[int, ...] = ()
    based: bool = True
    texts: str = ""


@dataclass(frozen=True)
class Attempted:
    """What came of a build: an image, or why there is none; ``said`` is for graders."""

    image: Image | None
    said: str
    why: str = ""
    seconds: float = 0.0


def build(
    shop: Workshop,
    name: str,
    context: Mapping[str, bytes],
    index: Mapping[str, bytes],
    arguments: Mapping[str, str] | None = None,
    cached: bool = True,
    seconds: float = 120,
) -> Attempted:
    """Build ``context`` as its Dockerfile says, with the package index ``index`` and no network.

    Raises:
        SandboxFailed: the machine was too busy, or the context could not be laid out.
    """
    began = time.monotonic()
    places = f"{PLACE}/context/{name}", f"{PLACE}/index/{name}"
    shop.run(["rm", "-rf", *places], 60)
    try:
        for place, files in zip(places, (context, index), strict=True):
            shop.put(place, files)
    except NoRoom:
        return Attempted(None, "", "no room was left on the disk")
    file = next((each for each in FILES if each in context), None)
    if file is None:
        return Attempted(None, "", "there is no Dockerfile")
    command = [
        "buildah",
        "build",
        "--pull-never",
        "--format",
        "docker",
        "--tag",
        f"localhost/{name}",
    ]
    command += ["--layers" if cached else "--no-cache", "--file", f"{places[0]}/{file}"]
    command += ["--volume", f"{places[1]}:{bases.INDEX}:ro"]
    for key, value in (arguments or {}).items():
        command += ["--build-arg", f"{key}={value}"]
    _namespaces(shop, 0)
    done = shop.run([*command, places[0]], seconds, most=MAX_SAID)
    shop.clear()
    spent = time.monotonic() - began
    if done.code != 0:
        shop.run(["sh", "-c", f"buildah rm --all; rm -rf {PLACE}/tmp/*"], 60)
        why = done.breach.detail if done.breach else "a step of the Dockerfile failed"
        return Attempted(None, done.text, why, spent)
    return Attempted(inspect(shop, name), done.text, seconds=spent)


def inspect(shop: Workshop, name: str) -> Image | None:
    """What buildah says of an image; None where that makes no sense."""
    done = shop.run(
        ["buildah", "inspect", "--type", "image", f"localhost/{name}"], 60, most=1 << 20
    )
    base = shop.run(["buildah", "inspect", "--type", "image", bases.BASE], 60, most=1 << 20)
    try:
        told, under = _told(done.text), _told(base.text)
        layers = [str(each) for each in told["rootfs"]["diff_ids"]]
        below = [str(each) for each in under["rootfs"]["diff_ids"]]
        sizes = [int(each["size"]) for each in told["manifest"]["layers"]]
        config = _config(told["config"])
        history = [str(each.get("created_by", "")) for each in told.get("history") or ()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    based = layers[: len(below)] == below
    own = len(below) if based else 0
    texts = "\n".join([json.dumps(told["config"]), *history[:MAX_WORDS]])
    kb = tuple(size // 1024 for size in sizes[own:])
    return Image(name, config, tuple(layers[own:]), sum(kb), kb, based, texts)


def found(shop: Workshop, image: Image, words: Sequence[str], seconds: float = 60) -> list[str]:
    """Which of the ``words`` lie in any layer of any image built here, its config or its history.

    Layers are looked at where they lie, so a file that a later one took away is found as well.
    """
    place = "/run/words"  # where a full disk keeps nobody from looking
    shop.put(place, {str(number): f"{word}\n".encode() for number, word in enumerate(words)})
    script = (
        f'cd {place} && for each in *; do grep -rqaF -f "$each" {_STORAGE}/overlay/*/diff '
        '&& echo "$each"; done; true'
    )
    done = shop.run(["sh", "-c", script], seconds)
    lines = done.text.split()
    return [
        word for number, word in enumerate(words) if str(number) in lines or word in image.texts
    ]


def _told(text: str) -> dict[str, Any]:
    whole = json.loads(text)
    return {**json.loads(whole["Config"]), "manifest": json.loads(whole["Manifest"])}


def _config(told: Mapping[str, Any]) -> Config:
    health = told.get("Healthcheck") or {}
    pairs = [str(each).partition("=") for each in (told.get("Env") or ())[:MAX_WORDS]]
    return Config(
        str(told.get("User") or ""),
        {name: value for name, _, value in pairs if name and "\0" not in name + value},
        _words(told.get("Entrypoint")),
        _words(told.get("Cmd")),
        str(told.get("WorkingDir") or "/"),
        tuple(sorted(str(each) for each in (told.get("ExposedPorts") or {}))),
        _words(health.get("Test")),
        {str(k): str(v) for k, v in (told.get("Labels") or {}).items()},
    )


def _words(told: Any) -> tuple[str, ...]:
    return tuple(str(each).replace("\0", "") for each in (told or ())[:MAX_WORDS])


def _namespaces(shop: Workshop, most: int) -> None:
    """How many user namespaces may be made in there: none by a ``RUN``, one by an image that runs.

    In one of their own they could mount file systems that nobody counts.
    """
    shop.run(["sh", "-c", f"echo {most} > /proc/sys/user/max_user_namespaces"], 20)


class Running:
    """An image's process, as a container without rights: its own user, environment, folder and
    command; its root read-only unless told otherwise, with an empty ``/tmp``.

    Args:
        command: instead of the image's own.
        env: beside the image's own.
        files: place -> bytes that lie over what the image has there.

    Attributes:
        log: what it put out so far.
    """

    def __init__(
        self,
        shop: Workshop,
        image: Image,
        command: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        read_only: bool = True,
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        self.shop, self.image = shop, image
        self.log = bytearray()
        self.pid = 0
        self._number = f"{image.name}-{os.urandom(4).hex()}"
        self._place = f"{PLACE}/running/{self._number}"
        self._process: subprocess.Popen[bytes] | None = None
        self._ended: float | None = None
        self.why = self._begin(command, {**image.config.env, **(env or {})}, read_only, files or {})

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def code(self) -> int | None:
        """Its exit code once it has ended, above 128 for a signal."""
        return None if self._process is None else self._process.poll()

    def wait(self, seconds: float) -> int | None:
        """Its exit code; None if it has not ended by then."""
        if self._process is None:
            return None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self.code

    def signal(self, number: int, pid: int = 0) -> None:
        """Send a signal to its first process, or to one of :meth:`processes`."""
        target = pid or self.pid
        if target > 1:
            self.shop.run(["sh", "-c", f"kill -{int(number)} {int(target)}"], 20)

    def processes(self) -> list[int]:
        """Numbers, within the box, of all its processes but the first."""
        return [pid for pid in self._descendants() if pid != self.pid]

    def memory_mb(self) -> float:
        """Memory that its processes hold now."""
        proc = self.shop.root / "proc"
        return measure(proc, None, lambda: self._descendants(), 0, 1000).memory / (1 << 20)

    def connect(self, port: int) -> socket.socket:
        """A connection to a port that it listens on, from outside of its loopback.

        Raises:
            ConnectionError: nobody listens there.
        """
        return self.shop.dial(port)

    def close(self) -> None:
        """End it."""
        if self._process is None:
            return
        self.signal(9)
        self._process.kill()
        self._process.wait()
        self._reader.join(5)
        root = f"{self._place}/root"
        self.shop.run(["sh", "-c", f"umount -l {root}; buildah rm {self._number}"], 60)
        self._process = None

    def _descendants(self) -> list[int]:
        """The first process and everything below it, found by who started whom."""
        parents: dict[int, int] = {}
        proc = self.shop.root / "proc"
        for pid in [int(name) for name in _listed(proc) if name.isdigit()]:
            with contextlib.suppress(OSError, IndexError, ValueError):
                after = (proc / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
                if after[0] != b"Z":
                    parents[pid] = int(after[1])
        found = {self.pid} & parents.keys()
        while more := {p for p, above in parents.items() if above in found and p not in found}:
            found |= more
        return sorted(found)

    def _begin(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        read_only: bool,
        files: Mapping[str, bytes],
    ) -> str:
        """Start it; returns why not, or nothing."""
        config = self.image.config
        words = [*(command or (*config.entrypoint, *config.command))]
        if not words:
            return "the image has neither command nor entry point"
        root, facts = f"{self._place}/root", f"{self._place}/facts"
        script = (
            f"mkdir -p {root} && buildah from --pull-never --name {self._number} "
            f"localhost/{self.image.name} >&2 && "
            f'mount --bind "$(buildah mount {self._number})" {root} && '
            f"cat {root}/etc/passwd || true"
        )
        done = self.shop.run(["sh", "-c", script], 60)
        user, group, home = who(config.user, done.text)
        if user is None:
            return "the image's user is not known in it"
        _namespaces(self.shop, 16)
        try:
            self.shop.put(f"{self._place}/files", {f"{n}": d for n, d in enumerate(files.values())})
        except NoRoom:
            return "no room was left on the disk"
        env = {"PATH": PATH, "HOME": home, **env}
        over = [(f"{self._place}/files/{n}", place) for n, place in enumerate(files)]
        options = [
            "--unshare-user", "--disable-userns", "--uid", str(user), "--gid", str(group),
            *(f"--unshare-{name}" for name in ("pid", "ipc", "uts")),
            "--as-pid-1", "--die-with-parent", "--new-session", "--clearenv",
            *(word for name, value in env.items() for word in ("--setenv", name, value)),
            "--ro-bind" if read_only else "--bind", root, "/",
            "--proc", "/proc", "--dev", "/dev",
            "--perms", "1777", "--size", str(TMP_MB << 20), "--tmpfs", "/tmp",
            *(word for pair in over for word in ("--ro-bind", *pair)),
            "--chdir", config.folder, "--info-fd", "9",
        ]  # fmt: skip
        drop = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        drop += ["--inh-caps=-all", "--bounding-set=-all"]
        if user == 0:  # bubblewrap, run by root, wants to drop them itself
            drop, options = ["env"], ["--cap-drop", "ALL", *options]
        start = f'exec 9>{facts}; exec "$0" "$@"'
        self._process = self.shop.start(["sh", "-c", start, *drop, "bwrap", *options, "--", *words])
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._reader = threading.Thread(target=self._read, name="image-log", daemon=True)
        self._reader.start()
        self.pid = self._first(facts)
        return "" if self.pid else "its command could not be started"

    def _first(self, facts: str) -> int:
        """Its first process, numbered within the box."""
        for _ in range(50):
            done = self.shop.run(["cat", facts], 20)
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return int(json.loads(done.text)["child-pid"])
            if self.code is not None:
                break
            time.sleep(0.05)
        return 0

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self._process.stdout as out:
            while data := os.read(out.fileno(), 1 << 16):
                if len(self.log) < MAX_LOG:
                    self.log += data


def who(user: str, passwd: str) -> tuple[int | None, int, str]:
    """Number, group and home of an image's ``USER``, by its own list; None for nobody's name."""
    name, _, group = user.partition(":")
    name = name or "0"
    rows = [line.split(":") for line in passwd.splitlines()[:1000]]
    for row in rows:
        if len(row) >= 6 and name in (row[0], row[2]) and row[2].isdecimal() and row[3].isdecimal():
            own = group if group.isdecimal() else row[3]
            return _id(row[2]), _id(own) or 0, row[5] or "/"
    if name.isdecimal():
        return _id(name), _id(group) or 0 if group.isdecimal() else 0, "/"
    return None, 0, "/"


def _id(digits: str) -> int | None:
    return int(digits) if len(digits) <= 5 and int(digits) < 65_536 else None


def _listed(proc: Path) -> list[str]:
    try:
        return os.listdir(proc)
    except OSError:
        return []
