"""A Dask cluster: the same results from workers that share no folder, and none lost or doubled."""

from __future__ import annotations

import gc
import json
import pickle
import shutil
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

import worksample
from tests.clusters import START_SECONDS, LocalCluster, local_cluster
from tests.cohort import TINY, answers, hand_in, invited
from tests.processes import running, until
from worksample import feedback
from worksample.batch import attempts, cluster
from worksample.batch import cohort as batch
from worksample.course import Course
from worksample.errors import ClusterError
from worksample.grading import digest
from worksample.grading.attempt import Attempt
from worksample.records import evidence
from worksample.submissions import collecting as submission

pytestmark = pytest.mark.slow

SLOW = "import time\ntime.sleep(2)\n"


@pytest.fixture(scope="module")
def dask() -> Iterator[LocalCluster]:
    """A scheduler and two workers, for all tests that do them no harm."""
    with local_cluster() as started:
        yield started


def slow(course: Course) -> dict[str, str]:
    """Full marks, but it takes its time."""
    strong = answers(course, "strong")
    return {**strong, "slope_answer": SLOW + strong["slope_answer"]}


def without_times(value: Any) -> Any:
    """A record without what differs between two gradings of the same."""
    if isinstance(value, dict):
        times = ("seconds", "stages", "probe", "time", "number", "previous")
        return {key: without_times(each) for key, each in value.items() if key not in times}
    if isinstance(value, list):
        return [without_times(each) for each in value]
    return value


def test_the_same_result_as_on_this_machine(scored: Course, dask: LocalCluster) -> None:
    """Records alike but for times, notebooks byte for byte; on the workers nothing is left."""
    done = batch.grade(scored, TINY, scheduler=dask.address, force=True)
    assert {each.candidate: each.points for each in done.outcomes} == {
        "ada": 100,
        "bob": 20,
        "dee": 40,
    }
    for who in ("ada", "bob", "dee"):
        here, there = evidence.history(scored, TINY, who)
        assert without_times(there) == without_times(here)
        assert here["notebook"] == there["notebook"], "its sha256"
    until(lambda: not any(worker.files() for worker in dask.workers), START_SECONDS)


def test_nothing_to_do_needs_no_worker_to_do_anything(scored: Course, dask: LocalCluster) -> None:
    done = batch.grade(scored, TINY, scheduler=dask.address)
    assert [each.new for each in done.outcomes] == [False] * 3


def test_a_worker_needs_nothing_of_the_course(built: Course, dask: LocalCluster) -> None:
    """The course is taken away as soon as the task has been sent; her own files come along."""
    home = invited(built, "ada", built.root.parent / "home")
    (home / "mine").mkdir()
    (home / "mine" / "fit.py").write_text("SLOPE = 12345.0")
    notebook = json.loads((home / f"{TINY}.ipynb").read_text())
    for cell in notebook["cells"]:
        if cell["id"] == "slope_answer":
            cell["source"] = "from mine.fit import SLOPE"
    (home / f"{TINY}.ipynb").write_text(json.dumps(notebook))
    submission.collect(built, [home])
    attempt = attempts.prepare(built, TINY, "ada")
    with cluster.Cluster(dask.address) as executor:
        future = executor.submit(attempts.grade, attempt)
        built.root.rename(built.root.with_name("away"))
        graded = future.result()
    assert graded.body["outcome"] == "graded"
    assert graded.body["run"]["answers"] == {"slope": 12345.0}


def test_what_is_sent_names_no_folder_of_the_course(scored: Course, tmp_path: Path) -> None:
    attempt = attempts.prepare(scored, TINY, "ada")
    parcel = cluster.Parcel.of(attempts.grade, (attempt,), {}, attempt)
    tree = cluster.Tree.of(attempt.folder)
    for sent in (pickle.dumps(parcel), pickle.dumps(tree)):
        assert str(scored.root).encode() not in sent
    assert "truth" not in repr(parcel) + repr(tree), "a worker's log would show it"


def test_what_is_sent_is_unpacked_as_it_was(scored: Course, tmp_path: Path) -> None:
    """Content and permissions; only we can read it; it is gone when nobody holds it."""
    attempt = attempts.prepare(scored, TINY, "ada")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "run.sh").write_bytes(b"\0\xff")
    (mine / "run.sh").chmod(0o755)
    attempt = replace(attempt, extra={"mine": mine, "one.sh": mine / "run.sh"})
    tree = pickle.loads(pickle.dumps(cluster.Tree.of(attempt.folder)))
    folder = tree.folder(tmp_path)
    assert folder == tree.folder(tmp_path), "once"
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    there = cluster.unpack(*cluster.pack(attempt), tmp_path / "there", folder)
    pairs = [
        (attempt.folder, there.folder),
        (attempt.case.public, there.case.public),
        (attempt.case.private, there.case.private),
        *((attempt.extra[name], there.extra[name]) for name in attempt.extra),
    ]
    for before, after in pairs:
        assert cluster.read(before) == cluster.read(after) != {}
    assert digest.author(there.folder) == digest.author(attempt.folder)
    del tree
    gc.collect()
    assert not folder.exists()


def test_the_assignment_is_sent_once_and_again_when_it_changed(
    scored: Course, dask: LocalCluster
) -> None:
    with cluster.Cluster(dask.address) as executor:
        first = attempts.prepare(scored, TINY, "ada")
        assert executor._shared_by(first) is executor._shared_by(first)
        checks = scored.assignments / TINY / "checks.py"
        checks.write_text(checks.read_text().replace("<= 0.05", "<= -1"))
        changed = executor.submit(attempts.grade, attempts.prepare(scored, TINY, "ada")).result()
    assert changed.body["checks"]["slope"]["points"] == 20


def test_the_coordinator_lets_go_of_what_came_back(scored: Course, dask: LocalCluster) -> None:
    """At once, without waiting for the garbage collector: memory must not grow with the batch."""
    with cluster.Cluster(dask.address) as executor:
        attempt = attempts.prepare(scored, TINY, "ada")
        future = executor.submit(attempts.grade, attempt)
        future.result()
        held = weakref.ref(attempt), weakref.ref(future)
        gc.collect()
        gc.disable()
        try:
            del attempt, future
            until(lambda: not any(each() for each in held))
        finally:
            gc.enable()


def test_a_fault_of_ours_on_a_worker_is_no_score(scored: Course, dask: LocalCluster) -> None:
    """It says which worker, and names the file as the coordinator knows it."""
    checks = scored.assignments / TINY / "checks.py"
    raises = "raise OSError('x')\n    value = run.answers"
    checks.write_text(checks.read_text().replace("value = run.answers", raises))
    done = batch.grade(scored, TINY, ["ada"], scheduler=dask.address)
    (outcome,) = done.not_gradable
    assert outcome.why.startswith("on worker tcp://")
    assert f" {TINY}/checks.py: check_slope raised OSError: x" in outcome.why


def test_feedback_is_the_same(graded: Course, dask: LocalCluster) -> None:
    """Drawn there or here: the same bytes, so that an approval stands."""
    here = feedback.render(graded, TINY)
    before = [each.page.read_bytes() for each in here]
    there = feedback.render(graded, TINY, scheduler=dask.address)
    assert [each.digest for each in there] == [each.digest for each in here]
    assert [each.page.read_bytes() for each in there] == before


# ---- what goes wrong ----


def in_background(work: Callable[[], Any]) -> Future[Any]:
    """Do it in a thread, while the test does harm."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def test_a_worker_killed_mid_task_loses_nobody(built: Course, dask: LocalCluster) -> None:
    """Its attempt is graded elsewhere, once; the next worker removes what it left."""
    for who in ("ada", "bob"):
        hand_in(built, who, slow(built))
    under_way = in_background(lambda: batch.grade(built, TINY, scheduler=dask.address))
    killed = dask.busy()
    (left,) = killed.attempts()
    killed.kill()
    done = under_way.result()
    assert {each.candidate: each.points for each in done.outcomes} == {"ada": 100, "bob": 100}
    assert [len(evidence.history(built, TINY, who)) for who in ("ada", "bob")] == [1, 1]
    assert left.exists(), "nobody could have removed it yet"
    dask.add(home=killed.home)
    until(lambda: not left.exists(), START_SECONDS)


def test_an_attempt_that_kills_workers_again_and_again(
    built: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given up as not gradable; the others, some of them on the same workers, have their scores."""
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 600.0)  # both may be down on a busy machine
    for who in ("ada", "bob", "cy"):
        hand_in(built, who, answers(built, "strong"))
    probe = built.assignments / TINY / "probe.py"
    kill = "    import os\n    if case.candidate == 'bob':\n        os.kill(os.getpid(), 9)\n"
    probe.write_text(probe.read_text().replace("    yield Call", f"{kill}    yield Call"))
    # Dask itself tries four times; once is enough to see that the coordinator tries alone
    option = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with local_cluster(workers=0, **option) as dask:
        dask.add(nanny=True)  # a nanny starts a killed worker again
        dask.add(nanny=True)
        done = batch.grade(built, TINY, scheduler=dask.address)
    points = {each.candidate: each.points for each in done.outcomes}
    assert points == {"ada": 100, "bob": None, "cy": 100}
    (bob,) = done.not_gradable
    assert "killed 3 times" in bob.why
    assert evidence.history(built, TINY, "bob")[-1]["points"] is None


FROM_ELSEWHERE = """
import importlib.machinery, sys

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "worksample.batch.cluster":
            return importlib.machinery.PathFinder.find_spec(name, [{package!r}])

sys.meta_path.append(Finder)
"""


def test_a_worker_with_another_engine_gives_no_score(
    built: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its scores might be others: it says what differs, and nothing is graded.

    A package that is newer; one that is older, and lacks what an editable installation beside it
    makes up for, as pip's do; one that cannot take a task at all, and ends.
    """
    hand_in(built, "ada", answers(built, "strong"))
    package = tmp_path / "other"
    there, ours = package / "worksample", Path(worksample.__file__).parent
    shutil.copytree(ours, there, ignore=shutil.ignore_patterns("__pycache__"))
    (there / "grading" / "checks.py").write_text(
        (there / "grading" / "checks.py").read_text() + "\n# newer\n"
    )
    differs = "does not run what the coordinator runs: worksample"
    with local_cluster(workers=0) as dask:
        newer = dask.add(package=package)
        (ada,) = batch.grade(built, TINY, scheduler=dask.address).not_gradable
        assert differs in ada.why
        assert ada.points is None
        with cluster.Cluster(dask.address) as executor:
            other = executor.submit(len, "any other work")
            with pytest.raises(ClusterError, match=differs):
                other.result()
        newer.kill()
        (there / "batch" / "cluster.py").unlink()
        (package / "sitecustomize.py").write_text(
            FROM_ELSEWHERE.format(package=str(ours / "batch"))
        )
        older = dask.add(package=package)
        (ada,) = batch.grade(built, TINY, scheduler=dask.address).not_gradable
        assert differs in ada.why
        older.kill()
        (there / "batch" / "cluster.py").write_text("raise ImportError('there is no such module')")
        dask.add(package=package)
        monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 3.0)
        monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.5)
        with pytest.raises(ClusterError, match="that lacks worksample ends at its first task"):
            batch.grade(built, TINY, scheduler=dask.address)
    assert [each["points"] for each in evidence.history(built, TINY, "ada")] == [None, None]


def test_what_cannot_be_read_stops_nobody(scored: Course, dask: LocalCluster) -> None:
    attempt = attempts.prepare(scored, TINY, "ada")
    gone = replace(attempt, extra={"gone.py": scored.root / "gone.py"})
    with cluster.Cluster(dask.address) as executor:
        graded = [executor.submit(attempts.grade, each).result() for each in (gone, attempt)]
    assert [each.body["outcome"] for each in graded] == ["not_gradable_yet", "graded"]
    assert graded[0].body["why"].startswith("what belongs to the attempt cannot be read here: ")


def test_a_worker_that_has_no_place_says_so(scored: Course) -> None:
    """Which worker, and to look at its disk: it is not another version that it lacks."""
    attempt = attempts.prepare(scored, TINY, "ada")
    with local_cluster(workers=1) as dask, cluster.Cluster(dask.address) as executor:
        for place in (dask.workers[0].home / "local").rglob("worker-*"):
            shutil.rmtree(place, ignore_errors=True)
        graded = executor.submit(attempts.grade, attempt).result()
    assert graded.body["outcome"] == "not_gradable_yet"
    assert graded.body["why"].startswith("worker tcp://")
    assert "look at the disk" in graded.body["why"]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.mark.parametrize("command", ["grade", "feedback"])
def test_no_scheduler_at_the_address(scored: Course, command: str) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    hurried = (
        "from worksample import cli; from worksample.batch import cluster; "
        "cluster.CONNECT_SECONDS = 2; cli.main()"
    )
    words = (command, TINY, "--scheduler", address)
    done = run_command(scored, *words, program=(sys.executable, "-c", hurried))
    assert done.returncode == 1
    assert f"\n{address}: no scheduler can be reached" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 3, done.stderr


@pytest.mark.parametrize("address", ["nonsense://x", "host without port", ""])
def test_what_is_no_address(scored: Course, address: str) -> None:
    with pytest.raises(ClusterError, match="no scheduler can be reached"):
        cluster.size(address)


def test_dask_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an optional dependency; without it there is a sentence, no traceback."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match="Dask is not installed here"):
        cluster.size("tcp://127.0.0.1:1")


def test_a_scheduler_without_workers(scored: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the work, and when the last worker goes and none comes back."""
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.5)
    with local_cluster(workers=0) as dask:
        with pytest.raises(ClusterError, match="has had no worker for 1 s"):
            batch.grade(scored, TINY, scheduler=dask.address, force=True)
        attempt: Attempt = attempts.prepare(scored, TINY, "ada")
        with cluster.Cluster(dask.address) as executor:
            future = executor.submit(attempts.grade, attempt)
            with pytest.raises(ClusterError, match="has had no worker"):
                future.result()


def test_a_scheduler_lost_mid_batch_keeps_what_was_graded(built: Course) -> None:
    """One error; the same command again does the rest, and nothing twice."""
    hand_in(built, "ada", answers(built, "strong"))
    for who in ("bob", "cy"):
        hand_in(built, who, slow(built))
    with local_cluster(workers=1) as dask:
        command = [*COMMAND, "grade", TINY, "--scheduler", dask.address]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with running(command, cwd=built.root, text=True, **pipes) as grading:
            until(lambda: bool(evidence.history(built, TINY, "ada")), START_SECONDS)
            dask.busy()
            dask.scheduler.kill()
            _, said = grading.communicate()
    assert grading.returncode == 1
    assert "the connection to the scheduler was lost" in said
    assert "run the same command again" in said
    # besides the lines that say how far it was
    assert len([line for line in said.splitlines() if not line.startswith("grade ")]) == 2, said
    graded = [len(evidence.history(built, TINY, who)) for who in ("ada", "bob", "cy")]
    assert graded[0] == 1
    assert graded[2] == 0
    done = batch.grade(built, TINY)
    assert [each.points for each in done.outcomes] == [100] * 3
    assert [len(evidence.history(built, TINY, who)) for who in ("ada", "bob", "cy")] == [1] * 3


def test_unsealed_code_never_goes_to_a_cluster(scored: Course) -> None:
    """It could reach the scheduler, which runs what it is given on every worker."""
    done = run_command(
        scored, "grade", TINY, "--scheduler", "tcp://127.0.0.1:1", "--unsafe-no-sandbox"
    )
    assert done.returncode == 2
    assert "could reach the scheduler" in done.stderr


def own_certificate(folder: Path) -> dict[str, str]:
    """A certificate that vouches for itself, as Dask's options."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "graders")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*form))
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    options = {f"{tls}CA_FILE": str(folder / "cert.pem")}
    for part in ("SCHEDULER", "WORKER", "CLIENT"):
        options[f"{tls}{part}__CERT"] = str(folder / "cert.pem")
        options[f"{tls}{part}__KEY"] = str(folder / "key.pem")
    return options


def test_with_tls_only_who_has_a_certificate_gets_in(
    built: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reaches a scheduler can run anything: this is how to keep others out."""
    hand_in(built, "ada", answers(built, "strong"))
    options = own_certificate(tmp_path)
    with local_cluster(workers=1, protocol="tls", **options) as dask:
        assert dask.address.startswith("tls://")
        with pytest.raises(ClusterError, match="no scheduler can be reached"):
            cluster.size(dask.address)
        monkeypatch.setattr(cluster, "CONNECT_SECONDS", 2.0)
        with pytest.raises(ClusterError, match="no scheduler can be reached"):
            cluster.size(dask.address.replace("tls", "tcp"))
        for name, value in options.items():
            monkeypatch.setenv(name, value)
        done = run_command(built, "grade", TINY, "--scheduler", dask.address)
    assert done.returncode == 0, done.stderr
    assert evidence.history(built, TINY, "ada")[-1]["points"] == 100


COMMAND = (sys.executable, "-m", "worksample.cli")


def run_command(
    course: Course, *arguments: str, program: tuple[str, ...] = COMMAND
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*program, *arguments], cwd=course.root, capture_output=True, text=True, check=False
    )
