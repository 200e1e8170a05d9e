"""Work on other machines: a Dask cluster whose workers share no folder with the coordinator.

A task carries the bytes it needs and returns bytes. What many attempts share, the assignment's
folder, is sent and unpacked once a worker; what belongs to one attempt lies in a folder of that
attempt's own, and is gone when it has been graded. A worker that is killed loses nothing: Dask
gives what it had to another one.

Dask runs whatever reaches its scheduler, so the scheduler has to be one that only graders reach.
It also looks at what it passes on, so this module imports little, and work travels wrapped.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import importlib.metadata
import logging
import pickle
import shutil
import stat
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    InvalidStateError,
    ThreadPoolExecutor,
)
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import worksample
from worksample import disk
from worksample.errors import ClusterError

if TYPE_CHECKING:
    import distributed

    from worksample.grading.attempt import Attempt

CONNECT_SECONDS = 20.0
PATIENCE_SECONDS = 60.0  # without any worker; one that was killed may be on its way back
LOOK_SECONDS = 2.0
INSTALL = "pip install distributed, or install requirements.lock, which holds it"
SAME = "install the same worksample and requirements.lock on every worker, then run it again"

Files = Mapping[str, tuple[int, bytes]]  # name -> permissions, content


# ---- the coordinator's side ----


def size(address: str) -> int:
    """How many workers the scheduler at ``address`` has; waits for the first one.

    Raises:
        ClusterError: nobody answers there, or no worker joins it.
    """
    with contextlib.closing(_connect(address)) as client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
        except TimeoutError:
            raise _no_worker(address) from None
        return len(client.nthreads())


class Cluster(Executor):
    """Does work on a cluster's workers.

    Its tasks raise ``BrokenExecutor`` when several workers were killed while they had it, and
    :class:`ClusterError` when the cluster is lost. An attempt that a worker refuses or cannot
    take is not gradable yet.

    Raises:
        ClusterError: nobody answers at ``address``.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._client = _connect(address)
        self._tasks = self._client.get_executor(pure=False)
        self._shared: dict[str, distributed.Future] = {}
        self._open: set[Future[Any]] = set()
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name="cluster-watch", daemon=True).start()

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have ``work`` done; an :class:`Attempt`, as first argument, goes with its files."""
        from worksample.grading.attempt import Attempt

        done: Future[Any] = Future()
        attempt = args[0] if args and isinstance(args[0], Attempt) else None
        try:
            shared = self._shared_by(attempt) if attempt else None
            parcel = Parcel.of(work, args, kwargs, attempt)
            task = self._tasks.submit(work_here, fingerprint(), parcel, shared)
        except Exception as error:
            if self._client.status == "running":  # one bad attempt never stops a batch
                _settle(done, attempt, error)
            else:
                _settle(done, None, self._lost("the connection to the scheduler was lost"))
            return done
        self._open.add(done)
        task.add_done_callback(functools.partial(self._finish, done, attempt))
        return done

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the cluster; its workers forget what they had from us. Does no harm twice."""
        if self._ended.is_set():
            return
        if wait and not cancel_futures:
            for each in list(self._open):
                with contextlib.suppress(Exception):
                    each.exception()
        self._ended.set()
        self._shared.clear()
        _close(self._client)

    def _shared_by(self, attempt: Attempt) -> distributed.Future:
        """The assignment's folder on the cluster, sent once as long as nothing in it changes."""
        from worksample.grading.digest import author

        key = author(attempt.folder)
        if key not in self._shared:
            self._shared[key] = self._share(Tree.of(attempt.folder))
        return self._shared[key]

    def _share(self, tree: Tree) -> distributed.Future:
        """A task that returns it: Dask can do that again when a worker that had it is killed."""
        return self._client.submit(Tree, tree.name, tree.data, key=f"worksample-{tree.digest}")

    def _finish(self, done: Future[Any], attempt: Attempt | None, task: Future[Any]) -> None:
        """In a thread of Dask's: hand on what came of a task."""
        self._open.discard(done)
        if task.cancelled():
            _settle(done, None, self._lost("the connection to the scheduler was lost"))
            return
        error = task.exception()
        if error is None:
            _settle(done, None, None, task.result())
        elif type(error).__name__ == "KilledWorker":
            _settle(done, None, BrokenExecutor(str(error)))
        else:
            _settle(done, attempt, error)

    def _watch(self) -> None:
        """A task waits for ever where there is nobody to do it: end all when that is so."""
        seen = time.monotonic()
        while not self._ended.wait(LOOK_SECONDS):
            count = self._count()
            if count:
                seen = time.monotonic()
            elif time.monotonic() - seen > PATIENCE_SECONDS:
                silent = self._lost("the scheduler does not answer any more")
                self._give_up(silent if count is None else _no_worker(self.address))

    def _count(self) -> int | None:
        """How many workers there are; None when the scheduler does not say."""
        scheduler: Any = self._client.scheduler
        try:
            return len(self._client.sync(scheduler.ncores, callback_timeout=CONNECT_SECONDS))
        except Exception:  # whatever it is: we asked, and got no answer
            return None

    def _give_up(self, error: ClusterError) -> None:
        for each in list(self._open):
            self._open.discard(each)
            _settle(each, None, error)

    def _lost(self, what: str) -> ClusterError:
        return ClusterError(
            what,
            where=self.address,
            do="what came back until then is kept; run the same command again for the rest",
        )


def _settle(
    done: Future[Any], attempt: Attempt | None, error: BaseException | None, result: Any = None
) -> None:
    """Give a future its end, unless it has one already."""
    from worksample.grading.attempt import not_gradable

    with contextlib.suppress(InvalidStateError):  # another thread may be first at any moment
        if error is None:
            done.set_result(result)
        elif attempt is not None:
            done.set_result(not_gradable(attempt, _why(error)))
        else:
            done.set_exception(error)


def _why(error: BaseException) -> str:
    if isinstance(error, ClusterError):
        return str(error)
    if isinstance(error, OSError):
        return f"what belongs to the attempt cannot be read here: {error}"
    return f"a worker could not take it: {type(error).__name__}: {error}\n  → {SAME}"


def _connect(address: str) -> distributed.Client:
    try:
        import dask
        import distributed
    except ImportError:
        raise ClusterError("Dask is not installed here", do=INSTALL) from None
    # an assignment's folder may be larger than what Dask thinks one should send
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"})
    for name in ("distributed", "distributed.client", "distributed.comm"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # we say it ourselves, once
    try:
        if not address:  # Dask would start a cluster of its own
            raise ValueError("the address is empty")
        # a client that reaches nobody goes on trying, in a thread that nobody can end
        with ThreadPoolExecutor(1) as knocking:
            knocking.submit(asyncio.run, _knock(address)).result()
        return distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError) as error:
        raise ClusterError(
            f"no scheduler can be reached: {error}",
            where=address,
            do="start one (`dask scheduler`), or look at its address; nothing was done",
        ) from None


async def _knock(address: str) -> None:
    """Connect, and leave.

    Raises:
        OSError, ValueError: nobody is there, or nobody who understands us.
    """
    from distributed import Security
    from distributed.comm import connect

    how = Security().get_connection_args("client")
    (await connect(address, timeout=CONNECT_SECONDS, **how)).abort()


def _close(client: distributed.Client) -> None:
    with contextlib.suppress(Exception):  # it may be gone already
        client.close(timeout=CONNECT_SECONDS)


def _no_worker(address: str) -> ClusterError:
    return ClusterError(
        f"the scheduler has had no worker for {PATIENCE_SECONDS:g} s",
        where=address,
        do=f"start one (`dask worker {address} --nthreads 1 --preload worksample.grading.attempt`)"
        ", then run it again; a worker that lacks worksample ends at its first task",
    )


# ---- what is sent ----


@dataclass(frozen=True)
class Parcel:
    """Work to do as bytes, with the files that belong to it alone; opened by a worker only."""

    data: bytes = field(repr=False)  # a worker writes what it failed at into its log

    @classmethod
    def of(
        cls,
        work: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        attempt: Attempt | None,
    ) -> Parcel:
        """Wrap ``work``; if its first argument is an ``attempt``, with that one's files."""
        files: Files = {}
        if attempt is not None:
            packed, files = pack(attempt)
            args = (packed, *args[1:])
        return cls(pickle.dumps((work, args, kwargs, files), protocol=5))


def pack(attempt: Attempt) -> tuple[Attempt, Files]:
    """The attempt with paths relative to some folder, and the files to put there.

    These are its case and the candidate's own files; the assignment's folder goes as a
    :class:`Tree`.
    """
    case = replace(attempt.case, public=Path("case/public"), private=Path("case/private"))
    extra = {name: Path("extra") / name for name in attempt.extra}
    files = {
        **read(attempt.case.public, case.public),
        **read(attempt.case.private, case.private),
    }
    for name, path in attempt.extra.items():
        files |= read(path, extra[name])
    return replace(attempt, folder=Path(attempt.folder.name), case=case, extra=extra), files


def unpack(attempt: Attempt, files: Files, folder: Path, assignment: Path) -> Attempt:
    """The attempt that was packed, its files below ``folder``."""
    write(files, folder)
    case = attempt.case
    return replace(
        attempt,
        folder=assignment,
        case=replace(case, public=folder / case.public, private=folder / case.private),
        extra={name: folder / path for name, path in attempt.extra.items()},
    )


class Tree:
    """An assignment's folder as bytes, and on a worker as a folder while this object lives.

    Dask keeps one of them for all tasks of a worker and drops it when the coordinator leaves.
    """

    def __init__(self, name: str, data: bytes) -> None:
        self.name, self.data = name, data
        self._folder: Path | None = None

    @classmethod
    def of(cls, folder: Path) -> Tree:
        """Read a folder, without what editors and Python leave in it."""
        files = read(folder)
        kept = {name: files[name] for name in disk.kept(folder)}
        return cls(folder.name, pickle.dumps(kept, protocol=5))

    def __reduce__(self) -> tuple[Any, ...]:
        return Tree, (self.name, self.data)

    @property
    def digest(self) -> str:
        """sha256 of name and content."""
        return hashlib.sha256(self.name.encode() + b"\0" + self.data).hexdigest()

    def folder(self, below: Path) -> Path:
        """Where it lies, unpacked at first use into a folder of its own below ``below``."""
        if self._folder is None:
            fresh = Path(tempfile.mkdtemp(prefix="assignment-", dir=below))
            weakref.finalize(self, shutil.rmtree, fresh, ignore_errors=True)
            write(pickle.loads(self.data), fresh / self.name)
            self._folder = fresh / self.name
        return self._folder


def read(path: Path, under: Path = Path()) -> dict[str, tuple[int, bytes]]:
    """Permissions and content of a file, or of every file below a folder, by name.

    Raises:
        OSError: it is not there, or cannot be read.
    """
    if path.is_dir():
        inside = {each: under / each.relative_to(path) for each in sorted(path.rglob("*"))}
    else:
        inside = {path: under}
    return {
        place.as_posix(): (stat.S_IMODE(each.stat().st_mode), each.read_bytes())
        for each, place in inside.items()
        if not each.is_dir()
    }


def write(files: Files, folder: Path) -> None:
    """Write what :func:`read` gave."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (mode, data) in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(mode)


# ---- the worker's side ----

_one_at_a_time = threading.Lock()


def work_here(theirs: Mapping[str, str], parcel: Parcel, tree: Tree | None) -> Any:
    """On a worker: do the work, if it would give what it gives at the coordinator's.

    Args:
        theirs: the coordinator's :func:`fingerprint`.
        tree: folder of the attempt's assignment; None for other work.

    Raises:
        ClusterError: this worker runs something else than the coordinator, or its disk is full.
    """
    import distributed

    here = distributed.get_worker()
    _check_same(theirs, fingerprint(), here.address)
    work, args, kwargs, files = pickle.loads(parcel.data)
    with _one_at_a_time:
        if tree is None:
            return work(*args, **kwargs)
        below = Path(here.local_directory)
        try:
            assignment = tree.folder(below)
            with _own_folder(below) as folder:
                attempt = unpack(args[0], files, folder, assignment)
                graded = work(attempt, *args[1:], **kwargs)
        except OSError as error:  # grading itself has a result, whatever happens in it
            raise ClusterError(
                f"the attempt cannot be unpacked: {error}",
                where=f"worker {here.address}",
                do="look at the disk that its --local-directory is on, then run it again",
            ) from None
    if graded.body["outcome"] == "not_gradable_yet":
        # the paths of a folder that is gone help nobody, the machine's name does
        why = graded.body["why"].replace(f"{assignment.parent}/", "")
        graded.body["why"] = f"on worker {here.address}: {why}"
    return graded


@contextlib.contextmanager
def _own_folder(below: Path) -> Iterator[Path]:
    """A folder that only we can read; if this process is killed, the next worker removes it.

    Dask does that for everything below a worker's local directory.
    """
    with tempfile.TemporaryDirectory(prefix="attempt-", dir=below) as folder:
        yield Path(folder)


@functools.cache
def fingerprint() -> Mapping[str, str]:
    """What a result may depend on besides its inputs: our code, Python, packages."""
    from worksample.grading.run import versions

    # not where this file lies: a module that the package lacks may come from another installation
    package = Path(worksample.__file__).parent
    total = hashlib.sha256()
    for name, path in disk.kept(package).items():
        total.update(f"{name}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    ours = {name: version for name, version in versions().items() if name != "machine"}
    drawn = {"matplotlib": importlib.metadata.version("matplotlib")}
    return {**ours, **drawn, "worksample": f"{ours['worksample']} ({total.hexdigest()[:16]})"}


def _check_same(theirs: Mapping[str, str], ours: Mapping[str, str], address: str) -> None:
    differs = [
        f"{name} {ours.get(name, 'none')} instead of {theirs.get(name, 'none')}"
        for name in sorted({*theirs, *ours})
        if theirs.get(name) != ours.get(name)
    ]
    if differs:
        raise ClusterError(
            f"this worker does not run what the coordinator runs: {', '.join(differs)}",
            where=f"worker {address}",
            do=SAME,
        )
