"""A box in which images are built and run: its own users, network, processes and storage.

In it a stranger's ``RUN`` may be root, over nothing: every id is mapped to one that nobody has,
there is no network but its own loopback, and all it can write lies in file systems in memory that
end with the box. Limits are those of every sandbox. What buildah says in there is said beside the
stranger's processes, and is believed as little as they are.

Storage is the kernel's overlay on tmpfs, above a base image that set-up made once
(:mod:`worksample.sandbox.bases`) and that is read-only here.
"""

from __future__ import annotations

import contextlib
import io
import os
import selectors
import signal
import socket
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worksample.errors import SandboxFailed
from worksample.limits import Limits
from worksample.sandbox import namespaces
from worksample.sandbox.box import too_busy
from worksample.sandbox.bubblewrap import MB, Given, binaries, first_process, hidden, pidfd
from worksample.sandbox.inside.turns import Allowance, TooBusy, Turn, numbered
from worksample.sandbox.reaching import Dialler
from worksample.sandbox.watch import Breach, ControlGroup, Usage, measure

STORE = "/store"  # the base image
PLACE = "/attempt"  # all that may be written; `watch` counts it
TICK = 0.1
GATE = 'read -r _ <"/proc/self/fd/$0" && exec "$@"'  # starts when it is in its control group
# pid 1 buries whoever is left; nobody in there can end it
HOLDER = "echo made; trap : TERM INT; while :; do sleep 2; done"
REGISTRIES = 'unqualified-search-registries = ["docker.io"]\n'
POLICY = '{"default": [{"type": "insecureAcceptAnything"}]}\n'
STORAGE = """[storage]
driver = "overlay"
runroot = "/run/containers"
graphroot = "{root}"
[storage.options]
additionalimagestores = [{more}]
"""
PASSWD = "root:x:0:0::/attempt:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"


@dataclass(frozen=True)
class Done:
    """What came of a command in a workshop.

    Attributes:
        code: its exit code, negative for a signal; None where it was stopped.
        out: what it put out, stderr with it, its middle left out where it is long.
        breach: the limit that it passed, if it was stopped.
    """

    code: int | None
    out: bytes
    breach: Breach | None = None

    @property
    def text(self) -> str:
        return self.out.decode("utf-8", "replace")


class NoRoom(Exception):
    """The disk of a workshop is full, which is the doing of those who work in it."""


class Workshop:
    """One box; use it as a context manager.

    Args:
        limits: of everything in it; ``disk_mb`` counts as memory too.
        store: folder of the base image.
        making: the store may be written, for set-up only.

    Raises:
        SandboxUnavailable: this machine cannot have one.
        SandboxFailed: it did not start.
    """

    def __init__(self, limits: Limits, store: Path, making: bool = False) -> None:
        self.limits = limits
        self.breach: Breach | None = None
        self.peak = Usage(0, 0, 0)
        self._group = ControlGroup(limits)
        self._closed = threading.Event()
        self._dialler: Dialler | None = None
        given = Given(own_user=False)
        try:
            with namespaces.ranged() as users:
                self._process, self.pid = self._start(users, given, store, making)
        except BaseException:
            self._group.remove()
            raise
        finally:
            given.close()
        self._pidfd = pidfd(self.pid)
        self.root = Path(f"/proc/{self.pid}/root")
        self._warden = threading.Thread(target=self._guard, name="workshop-warden", daemon=True)
        self._warden.start()
        self.run(["mkdir", "-p", "-m", "755", f"{PLACE}/tmp", f"{PLACE}/images"], seconds=20)

    def __enter__(self) -> Workshop:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what others ask ----------------------------------------------------------------------

    def run(
        self,
        command: Sequence[str],
        seconds: float,
        given: bytes = b"",
        most: int = 64 * 1024,
    ) -> Done:
        """Run a command as the root of this box, and wait for its end.

        Args:
            seconds: of its own; see :class:`Allowance`.
            given: what it reads from its input.
            most: bytes of its output that are kept.

        Raises:
            SandboxFailed: the machine was too busy to give it its time.
        """
        if not self.alive:
            return Done(None, b"", self.breach or Breach("crashed", "the box had ended"))
        process = self.start(command)
        spent = Allowance(seconds, self._turn)
        out = _Kept(most)
        try:
            for data in _talk(process, given):
                out.add(data)
                if self.breach is not None or spent.spent():
                    return Done(None, out.bytes(), self._stop(process, seconds))
            code = process.wait(timeout=20)
        except TooBusy:
            self._stop(process, seconds)
            raise too_busy() from None
        finally:
            process.kill()
            process.wait()
        if self.breach is not None:
            return Done(None, out.bytes(), self.breach)
        return Done(code, out.bytes())

    def start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a command in here; its input and output are pipes of ours."""
        into = ["nsenter", f"--target={self.pid}", "--user", "--mount", "--pid", "--net"]
        into += ["--ipc", "--uts", "--setuid=0", "--setgid=0", "--"]
        gate, go = os.pipe()
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", GATE, str(gate), *into, *_clean(), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(gate,),
                cwd="/",
            )
            self._group.add(process.pid)
            os.write(go, b"\n")
        finally:
            os.close(gate)
            os.close(go)
        return process

    def put(self, place: str, files: Mapping[str, bytes], seconds: float = 60) -> None:
        """Lay files out in a new folder ``place``; its owner is root, all may read it.

        Raises:
            NoRoom: what was built or written in here has filled its disk.
            SandboxFailed: they could not be written for another reason.
        """
        self.run(["mkdir", "-p", place], seconds)
        done = self.run(["tar", "-x", "-C", place, "--no-same-owner"], seconds, archive(files))
        if done.code and "No space left" in done.text:
            raise NoRoom
        if done.code:
            raise SandboxFailed(f"files could not be laid out for a build: {done.text[-300:]}")

    def clear(self) -> None:
        """End every process but the first: what a build has left behind."""
        self.run(["sh", "-c", "kill -KILL -1"], seconds=20)
        self.breach = None

    def dial(self, port: int) -> socket.socket:
        """A connection to a port in here, that does not come from its loopback address.

        Raises:
            ConnectionRefusedError: nobody listens there.
            SandboxFailed: the box has ended.
        """
        self._dialler = self._dialler or Dialler(self.pid)
        return self._dialler.dial(port)

    @property
    def alive(self) -> bool:
        return not self._closed.is_set() and self._process.poll() is None

    def cpu_seconds(self) -> float:
        """CPU that was used in here, as far as it can be told."""
        counted = self._group.cpu_seconds()
        return 0.0 if counted is None else counted

    def close(self) -> None:
        """End it and everything in it."""
        if self._closed.is_set():
            return
        self._closed.set()
        with contextlib.suppress(ProcessLookupError, OSError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._warden.join()
        if self._dialler is not None:
            self._dialler.close()
        if self._process.stderr is not None:
            self._process.stderr.close()
        if self._pidfd >= 0:
            os.close(self._pidfd)
        self._group.remove()

    # --- how ----------------------------------------------------------------------------------

    def _start(
        self, users: int, given: Given, store: Path, making: bool
    ) -> tuple[subprocess.Popen[bytes], int]:
        binary = next(iter(binaries()), None)
        if binary is None:
            raise SandboxFailed("there is no bubblewrap on this machine", do="install bubblewrap")
        facts_read, facts_write = os.pipe()
        command = [
            *namespaces.becoming(), binary, "--userns", str(users),
            *(f"--unshare-{name}" for name in ("pid", "net", "ipc", "uts", "cgroup-try")),
            "--hostname", "workshop", "--die-with-parent", "--as-pid-1", "--new-session",
            "--clearenv", "--cap-add", "ALL",
            *_system(given, str(store), making, self.limits.disk_mb * MB),
            "--info-fd", str(facts_write), "--", "/bin/sh", "-c", HOLDER,
        ]  # fmt: skip
        with os.fdopen(facts_read, "rb", buffering=0) as facts:
            with os.fdopen(facts_write, "wb"):
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    pass_fds=(users, facts_write, *given.descriptors),
                    cwd="/",
                )
            pid = first_process(process, facts)
        assert process.stdout is not None
        with process.stdout as said:
            if said.readline() != b"made\n":  # before, it is not yet all that it will be
                process.kill()
                raise SandboxFailed("a workshop could not be started", do="run `worksample doctor`")
        for each in (process.pid, pid):
            self._group.add(each)
        return process, pid

    def _turn(self) -> Turn:
        proc = self.root / "proc"
        return Turn.of(proc, numbered(proc), self.cpu_seconds())

    def _guard(self) -> None:
        """Hold what only the outside can hold; see :mod:`worksample.sandbox.watch`."""
        most = self.limits
        crowded, proc = 0.0, self.root / "proc"
        while not self._closed.wait(TICK):
            usage = measure(
                proc, self.root, lambda: numbered(proc), most.memory_mb * MB, 2 * most.processes
            )
            self.peak = max(self.peak, usage, key=lambda each: each.memory)
            crowded = (crowded or time.monotonic()) if usage.tasks >= most.processes else 0.0
            if usage.memory > most.memory_mb * MB:  # the control group kills a little later
                self._end(Breach("memory", f"more than {most.memory_mb} MB of memory was in use"))
            elif crowded and time.monotonic() - crowded >= 1:
                self._end(Breach("processes", f"{most.processes} processes were in use"))

    def _end(self, breach: Breach) -> None:
        """What went too far ends, with all that is beside it; the box goes on, if it can."""
        if self.breach is None:
            self.breach = breach
        self._kill_all()

    def _kill_all(self) -> None:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            process = self.start(["sh", "-c", "kill -KILL -1"])
            process.communicate(timeout=20)

    def _stop(self, process: subprocess.Popen[bytes], seconds: float) -> Breach:
        breach = self.breach or Breach("timeout", f"it took longer than {seconds:g} seconds")
        self._kill_all()
        process.kill()
        return breach


class _Kept:
    """The beginning and the end of what is put out."""

    def __init__(self, most: int) -> None:
        self._half, self._first, self._last = most // 2, bytearray(), bytearray()

    def add(self, data: bytes) -> None:
        room = self._half - len(self._first)
        self._first += data[:room]
        self._last += data[max(room, 0) :]
        del self._last[: -self._half]

    def bytes(self) -> bytes:
        return bytes(self._first + self._last)


def _talk(process: subprocess.Popen[bytes], given: bytes) -> Iterator[bytes]:
    """Feed it and hear it until it says no more; every tick, if only with nothing."""
    assert process.stdin is not None
    assert process.stdout is not None
    left = memoryview(given)
    with process.stdout, process.stdin, selectors.DefaultSelector() as ready:
        os.set_blocking(process.stdin.fileno(), False)
        ready.register(process.stdout, selectors.EVENT_READ)
        if left:
            ready.register(process.stdin, selectors.EVENT_WRITE)
        else:
            process.stdin.close()
        heard = True
        while heard:
            data = b""
            for key, _ in ready.select(TICK):
                if key.fileobj is process.stdout:
                    data = os.read(process.stdout.fileno(), 1 << 16)
                    heard = bool(data)
                    continue
                try:
                    left = left[os.write(process.stdin.fileno(), left[: 1 << 16]) :]
                except BlockingIOError:
                    continue
                except OSError:
                    left = left[:0]
                if not left:
                    ready.unregister(process.stdin)
                    with contextlib.suppress(OSError):
                        process.stdin.close()
            if process.poll() is not None and not data:
                heard = False  # whoever it left behind may hold the pipe for ever
            yield data


def archive(files: Mapping[str, bytes]) -> bytes:
    """A tar of regular files, all of which may be read by all."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(files):
            info = tarfile.TarInfo(name)
            info.size = len(files[name])
            info.mode = 0o755 if files[name].startswith(b"#!") else 0o644
            info.mtime = 1_700_000_000
            tar.addfile(info, io.BytesIO(files[name]))
    return out.getvalue()


def _clean() -> list[str]:
    """The environment of commands in here, and nothing of ours."""
    return [
        "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", f"HOME={PLACE}", f"TMPDIR={PLACE}/tmp",
        "LANG=C.UTF-8", "BUILDAH_ISOLATION=chroot", "_CONTAINERS_USERNS_CONFIGURED=1",
        "CONTAINERS_REGISTRIES_CONF=/etc/containers/registries.conf",
    ]  # fmt: skip


def _system(given: Given, store: str, making: bool, size: int) -> list[str]:
    root = STORE if making else f"{PLACE}/images"
    more = "" if making else f'"{STORE}"'
    texts = {
        "/etc/passwd": PASSWD,
        "/etc/group": "root:x:0:\nnogroup:x:65534:\n",
        "/etc/hosts": "127.0.0.1 localhost workshop\n",
        "/etc/containers/policy.json": POLICY,
        "/etc/containers/registries.conf": REGISTRIES,
        "/etc/containers/storage.conf": STORAGE.format(root=root, more=more),
    }
    options = ["--ro-bind", "/usr", "/usr", *hidden()]
    for name in ("bin", "lib", "lib32", "lib64", "sbin"):
        path = Path("/", name)
        if path.is_symlink():
            options += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            options += ["--ro-bind", str(path), str(path)]
    options += ["--proc", "/proc", "--dev", "/dev", "--perms", "0755", "--dir", "/etc"]
    sizes = {"/dev/shm": 16, "/tmp": 64, "/run": 16, "/var": 16}
    for place, most in {**{each: mb * MB for each, mb in sizes.items()}, PLACE: size}.items():
        open_to = "1777" if place in ("/tmp", "/dev/shm") else "0755"
        options += ["--perms", open_to, "--size", str(most), "--tmpfs", place]
    # buildah shows it to every command
    options += ["--remount-ro", "/dev", "--perms", "0555", "--dir", "/sys"]
    options += ["--dir", "/var/tmp", "--perms", "0755", "--dir", "/etc/containers"]
    for place, text in texts.items():
        options += given.text(place, text)
    for place in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/ld.so.conf.d", "/etc/ld.so.conf"):
        if Path(place).exists():
            options += ["--ro-bind", place, place]
    return [*options, "--bind" if making else "--ro-bind", store, STORE]
