"""The `docker` of a workflow that is tried here: build, tag, run, log in, push, and what asks.

Images are folders (`dockerfile`), containers are processes without walls of their own, and the
registry is the recorder. Each job of a workflow has images of its own, as on a server's machines.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from worksample.workbook.ci.dockerfile import (
    BadDockerfile,
    Builder,
    environment,
    identity,
    inside,
    path_in,
)
from worksample.workbook.ci.recorder import say

# long options that take a value, of any command; others are switches
_VALUED = (
    "tag file build-arg label target platform cache-from cache-to output secret network publish "
    "env env-file name volume user workdir entrypoint memory cpus tmpfs security-opt cap-drop "
    "cap-add username password format filter tail health-cmd time builder driver mount pids-limit "
    "restart add-host hostname input progress annotation isolation metadata-file iidfile cidfile "
    "ulimit digestfile authfile log-level since health-interval health-timeout health-retries "
    "health-start-period signal"
)
VALUED = frozenset(_VALUED.split())
SHORT = "tfopevuwmlh"  # short options that take one, where a command does not say otherwise
STOP_SECONDS = 5.0
HEALTH_SECONDS = 10.0
DOCKER_HUB = "docker.io"


class Refused(Exception):
    """What the command ends with: one line, and exit code 1."""


class Options:
    """The options and words of a command line; an option may be given several times.

    Args:
        stop: whether words after the first one are not options any more, as those of ``run``.
        short: the letters that take a value.
    """

    def __init__(self, words: list[str], stop: bool = False, short: str = SHORT) -> None:
        self.short = short
        self.given: dict[str, list[str]] = {}
        self.words: list[str] = []
        rest = iter(words)
        for word in rest:
            if word == "--" or (stop and not word.startswith("-")):
                self.words += [*([] if word == "--" else [word]), *rest]
            elif word.startswith("--"):
                name, equals, value = word[2:].partition("=")
                self._take(name, value if equals else None, rest)
            elif word.startswith("-") and len(word) > 1:
                self._short(word[1:], rest)
            else:
                self.words.append(word)

    def _take(self, name: str, value: str | None, rest: Any) -> None:
        if value is None:
            valued = name in VALUED if len(name) > 1 else name in self.short
            value = next(rest, "") if valued else "true"
        self.given.setdefault(name, []).append(value)

    def _short(self, letters: str, rest: Any) -> None:
        for place, letter in enumerate(letters):
            if letter in self.short:
                value = letters[place + 1 :].removeprefix("=")
                self._take(letter, value or None, rest)
                return
            self._take(letter, "true", rest)

    def all(self, *names: str) -> list[str]:
        """Every value of an option."""
        return [value for name in names for value in self.given.get(name, [])]

    def one(self, *names: str) -> str:
        """The last value of an option; empty without one."""
        return (self.all(*names) or [""])[-1]

    def has(self, *names: str) -> bool:
        """Whether a switch is on."""
        return self.one(*names) not in ("", "false")


def full(ref: str) -> str:
    """A reference with its tag."""
    name = ref.rpartition("/")[2]
    return ref if ":" in name or "@" in ref else f"{ref}:latest"


def main(argv: list[str] | None = None) -> int:
    """Run one command line; its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    while words and words[0].startswith("-"):
        words = words[2:] if words[0].lstrip("-") in VALUED | {"H", "l", "c"} else words[1:]
    if not words:
        print("docker: build, tag, run, login, push, pull, inspect … as tried here")
        return 0
    group = words[0] in ("buildx", "image", "container", "builder", "manifest", "system", "network")
    if group and len(words) > 1:
        words = [f"{words[0]} {words[1]}", *words[2:]]
    name, *rest = words
    try:
        found = COMMANDS.get(name) or COMMANDS.get(name.partition(" ")[2])
        if name.startswith(("system", "builder", "network")) or name in HARMLESS:
            return 0
        if found is None:
            raise Refused(f"{name!r} is not a command that is known here")
        return found(rest) or 0
    except (Refused, BadDockerfile) as error:
        print(f"ERROR: {error}", file=sys.stderr)
    except subprocess.TimeoutExpired:
        print("ERROR: it took too long", file=sys.stderr)
    except OSError as error:
        print(f"ERROR: {error}", file=sys.stderr)
    return 1


# ---- what a job's machine holds ----


def state() -> Path:
    """The folder of this job's images and containers."""
    job = os.environ.get("GITHUB_JOB") or os.environ.get("CI_JOB_NAME") or "job"
    place = Path(os.environ["CI_STATE"], "jobs", re.sub(r"\W", "_", job))
    for name in ("images", "containers"):
        (place / name).mkdir(parents=True, exist_ok=True)
    return place


def _table(name: str) -> dict[str, Any]:
    path = state() / name
    found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return found


def _keep(name: str, table: Mapping[str, Any]) -> None:
    (state() / name).write_text(json.dumps(table))


def image(ref: str) -> dict[str, Any] | None:
    """An image of this machine by a tag or (the beginning of) its identity."""
    tags = _table("tags.json")
    if full(ref) in tags:
        found: dict[str, Any] = tags[full(ref)]
        return found
    plain = ref.rpartition("@")[2].removeprefix("sha256:")
    for each in tags.values():
        if len(plain) >= 7 and each["image"].removeprefix("sha256:").startswith(plain):
            return dict(each)
    return None


def wanted(ref: str) -> dict[str, Any]:
    """An image, pulled if it is not here.

    Raises:
        Refused: there is none.
    """
    found = image(ref) or _pulled(ref)
    if found is None:
        raise Refused(f"No such image: {ref}")
    return found


def _pulled(ref: str) -> dict[str, Any] | None:
    reply = say({"do": "find", "ref": full(ref)})
    if not reply["ok"]:
        return None
    place = Path(reply["place"])
    about = json.loads((place / "image.json").read_text())
    tags = _table("tags.json")
    tags[full(ref)] = {**about, "place": str(place)}
    _keep("tags.json", tags)
    return dict(tags[full(ref)])


def _base(ref: str) -> tuple[Path, dict[str, Any]] | None:
    """What FROM names: an image of ours; None for one of the world, which is not needed here."""
    found = image(ref)
    return (Path(found["place"], "root"), found["config"]) if found else None


# ---- commands ----


def build(words: list[str]) -> int:
    """`docker build`, `docker buildx build`, `podman build`, `buildah bud`."""
    options = Options(words)
    if len(options.words) != 1:
        raise Refused("docker build requires one argument: the folder to build")
    context = Path(options.words[0])
    place = Path(tempfile.mkdtemp(dir=state() / "images"))
    file = Path(options.one("f", "file") or context / "Dockerfile")
    tags = [full(each) for each in options.all("t", "tag")]
    if not file.is_file() and not options.one("f", "file"):
        file = context / "Containerfile"
    try:
        if not context.is_dir():
            raise Refused(f"unable to prepare context: path {str(context)!r} not found")
        if not file.is_file():
            raise Refused("failed to read dockerfile: no such file")
        given = dict(_assignment(each) for each in options.all("build-arg"))
        builder = Builder(context.resolve(), place / "stages", _base, given, _tools())
        stage = builder.build(file.read_text("utf-8", "replace"), options.one("target"))
    except (Refused, BadDockerfile):
        say({"do": "note", "action": "build", "ref": (tags or [""])[0], "ok": False})
        raise
    stage.labels |= dict(_assignment(each) for each in options.all("label"))
    stage.root.rename(place / "root")
    config = stage.config()
    identifier = identity(place / "root", config)
    about = {"image": identifier, "config": config}
    (place / "image.json").write_text(json.dumps(about))
    entry = {**about, "place": str(place)}
    known = _table("tags.json")
    known |= dict.fromkeys([*tags, identifier], entry)
    _keep("tags.json", known)
    say({"do": "note", "action": "build", "ref": (tags or [""])[0], "ok": True})
    if options.one("iidfile"):
        Path(options.one("iidfile")).write_text(identifier)
    if options.has("push"):
        for tag in tags:
            push([tag])
    print(identifier if options.has("q", "quiet") else f"built {identifier}")
    return 0


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    return name, value if equals else os.environ.get(name, "")


def _tools() -> Path:
    return Path(os.environ["CI_TOOLS"])


def tag(words: list[str]) -> int:
    """`docker tag SOURCE TARGET`."""
    source, target = _exactly(words, 2)
    tags = _table("tags.json")
    found = image(source)
    if found is None:
        raise Refused(f"No such image: {source}")
    tags[full(target)] = found
    _keep("tags.json", tags)
    return 0


def _exactly(words: Iterable[str], count: int) -> list[str]:
    plain = Options(list(words)).words
    if len(plain) != count:
        raise Refused(f"this command takes {count} argument(s)")
    return plain


def _auth() -> Path:
    home = os.environ.get("DOCKER_CONFIG") or os.path.join(
        os.environ.get("HOME", "/tmp"), ".docker"
    )
    return Path(home, "config.json")


def login(words: list[str]) -> int:
    """`docker login`; what logs in stands in a file, as with the real one."""
    options = Options(words, short="pu")
    registry = (options.words or [DOCKER_HUB])[0]
    password = options.one("p", "password")
    if options.has("password-stdin"):
        password = sys.stdin.read().rstrip("\r\n")
    reply = say({"do": "login", "registry": registry, "password": password})
    if not reply["ok"]:
        raise Refused(reply["why"])
    user = options.one("u", "username")
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    _auth().parent.mkdir(parents=True, exist_ok=True)
    _auth().write_text(json.dumps({"auths": {registry: {"auth": auth}}}))
    _keep("session.json", {"session": reply["session"]})
    print("Login Succeeded")
    return 0


def logout(words: list[str]) -> int:
    """`docker logout`."""
    with contextlib.suppress(FileNotFoundError):
        _auth().unlink()
    _keep("session.json", {})
    return 0


def push(words: list[str]) -> int:
    """`docker push`, of one tag or with `--all-tags`."""
    options = Options(words, short="")
    name = (options.words or [""])[0]
    refs = [full(name)]
    if options.has("a", "all-tags"):
        refs = [each for each in _table("tags.json") if each.rpartition(":")[0] == name]
    if len(options.words) == 2:  # buildah push IMAGE docker://TARGET
        target = full(options.words[1].removeprefix("docker://"))
        tag([name, target])
        refs = [target]
    for ref in refs:
        found = image(ref)
        if found is None:
            raise Refused(f"An image does not exist locally with the tag: {ref}")
        _push(ref, found)
        print(f"{ref}: digest: {found['image']}")
    return 0


def _push(ref: str, found: Mapping[str, Any]) -> None:
    kept = Path(os.environ["CI_STATE"], "registry", found["image"].removeprefix("sha256:")[:32])
    if not kept.exists():
        shutil.copytree(found["place"], kept, symlinks=True)
    message = {"ref": ref, "image": found["image"], "labels": found["config"]["Labels"]}
    session = _table("session.json").get("session", "")
    reply = say({"do": "push", **message, "place": str(kept), "session": session})
    if not reply["ok"]:
        raise Refused(reply["why"])


def pull(words: list[str]) -> int:
    """`docker pull`."""
    (ref,) = _exactly(words, 1)
    if _pulled(ref) is None and "/" in ref:
        raise Refused(f"manifest for {ref} not found")
    return 0


def retag(words: list[str]) -> int:
    """`docker buildx imagetools create -t NEW OLD`, `skopeo copy`, `crane tag`: in the registry."""
    options = Options(words)
    sources = options.words
    targets = options.all("t", "tag") or sources[1:]
    found = wanted(sources[0].removeprefix("docker://")) if sources else None
    if found is None or not targets:
        raise Refused("give a source and a target")
    for each in targets:
        _push(full(each.removeprefix("docker://")), found)
    return 0


def imagetools(words: list[str]) -> int:
    """`docker buildx imagetools create|inspect`."""
    return retag(words[1:]) if words[:1] == ["create"] else inspect(words[1:])


def run(words: list[str]) -> int:
    """`docker run`: the command of an image as a process, its ports those of this machine."""
    options = Options(words, stop=True, short="epvuwmlh")
    ref, *command = options.words or [""]
    found = wanted(ref)
    name = options.one("name") or f"c{time.monotonic_ns():x}"
    if (state() / "containers" / f"{name}.json").is_file():
        raise Refused(f"the container name {name!r} is already in use")
    config, root = dict(found["config"]), Path(found["place"], "root")
    if options.one("entrypoint"):
        config["Entrypoint"], config["Cmd"] = [options.one("entrypoint")], []
    names = dict(config["Env"])
    for file in options.all("env-file"):
        lines = Path(file).read_text().splitlines()
        names |= dict(_assignment(line) for line in lines if line and line[0] != "#")
    names |= dict(_assignment(each) for each in options.all("e", "env"))
    for each in options.all("v", "volume"):
        _mounted(root, each)
    folder = path_in(root, config["WorkingDir"], options.one("w", "workdir"))
    folder.mkdir(parents=True, exist_ok=True)
    argv = [inside(root, word) for word in [*config["Entrypoint"], *(command or config["Cmd"])]]
    if not argv:
        raise Refused("no command specified")
    detached = options.has("d", "detach")
    log = state() / "containers" / f"{name}.log"
    env = environment(root, names, _tools())
    if not detached:
        done = subprocess.run(argv, cwd=folder, env=env, check=False)
        say({"do": "note", "action": "run", "ref": full(ref), "ok": done.returncode == 0})
        return done.returncode if done.returncode >= 0 else 128 - done.returncode
    with log.open("wb") as out:
        process = subprocess.Popen(
            argv, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    forwards = [_forward(each) for each in options.all("p", "publish")]
    about = {"pid": process.pid, "forwards": [each for each in forwards if each], "image": found}
    _keep(f"containers/{name}.json", {**about, "folder": str(folder), "env": env, "name": name})
    say({"do": "note", "action": "run", "ref": full(ref), "ok": True})
    print(name)
    return 0


def _mounted(root: Path, volume: str) -> None:
    """A folder or file of this machine as a copy of it in the image's folder."""
    source, _, rest = volume.partition(":")
    target = path_in(root, "/", rest.partition(":")[0])
    if Path(source).is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif Path(source).is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _forward(published: str) -> int:
    """Start what passes a port on to another one; its number, 0 where both are the same."""
    *_, outer, inner = ["", *published.partition("/")[0].split(":")]
    if not outer or outer == inner:
        return 0
    words = [sys.executable, *sys.orig_argv[1 : -len(sys.argv[1:]) or None]]
    started = subprocess.Popen(
        [*words, "forward", outer, inner],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return started.pid


def forward(words: list[str]) -> int:
    """Pass connections of one port of this machine on to another, until ended."""
    outer, inner = map(int, words)
    with socket.create_server(("127.0.0.1", outer)) as server:
        while True:
            client, _ = server.accept()
            try:
                other = socket.create_connection(("127.0.0.1", inner), 5)
            except OSError:
                client.close()
                continue
            for one, two in ((client, other), (other, client)):
                threading.Thread(target=_pump, args=(one, two), daemon=True).start()


def _pump(one: socket.socket, two: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(1 << 16):
            two.sendall(data)
        two.shutdown(socket.SHUT_WR)


def _container(name: str) -> dict[str, Any]:
    path = state() / "containers" / f"{name}.json"
    if not path.is_file():
        raise Refused(f"No such container: {name}")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _is_running(about: Mapping[str, Any]) -> bool:
    try:
        text = Path(f"/proc/{about['pid']}/stat").read_text()
    except OSError:
        try:
            os.kill(about["pid"], 0)
        except OSError:
            return False
        return not Path("/proc/self").exists()  # a system without /proc
    return text.rpartition(")")[2].split()[0] not in "ZX"


def stop(words: list[str]) -> int:
    """`docker stop`, `docker kill` and `docker rm -f`."""
    for name in Options(words, short="ts").words:
        about = _container(name)
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(OSError):
                os.killpg(about["pid"], number)
            until = time.monotonic() + STOP_SECONDS
            while _is_running(about) and time.monotonic() < until:
                time.sleep(0.02)
        for pid in about["forwards"]:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        print(name)
    return 0


def remove(words: list[str]) -> int:
    """`docker rm`; with `-f` what is missing is no error."""
    options = Options(words, short="")
    for name in options.words:
        try:
            stop([name])
        except Refused:
            if not options.has("f", "force"):
                raise
            continue
        (state() / "containers" / f"{name}.json").unlink()
    return 0


def logs(words: list[str]) -> int:
    """`docker logs`."""
    (name,) = Options(words, short="n").words or [""]
    _container(name)
    log = state() / "containers" / f"{name}.log"
    sys.stdout.write(log.read_text("utf-8", "replace"))
    return 0


def execute(words: list[str]) -> int:
    """`docker exec`."""
    options = Options(words, stop=True, short="euw")
    name, *argv = options.words
    about = _container(name)
    if not _is_running(about):
        raise Refused(f"container {name} is not running")
    root = Path(about["image"]["place"], "root")
    mapped = [inside(root, each) for each in argv]
    env = {**about["env"], **dict(_assignment(each) for each in options.all("e", "env"))}
    return subprocess.run(mapped, cwd=about["folder"], env=env, check=False).returncode


def processes(words: list[str]) -> int:
    """`docker ps`."""
    options = Options(words)
    for path in sorted((state() / "containers").glob("*.json")):
        about = json.loads(path.read_text())
        if options.has("a", "all") or _is_running(about):
            print(about["name"])
    return 0


def wait(words: list[str]) -> int:
    """`docker wait`."""
    (name,) = _exactly(words, 1)
    about = _container(name)
    while _is_running(about):
        time.sleep(0.05)
    print(0)
    return 0


def inspect(words: list[str]) -> int:
    """`docker inspect` of images and containers, whole or by a template of fields."""
    options = Options(words)
    for name in options.words:
        if (state() / "containers" / f"{name}.json").is_file():
            about = _of_container(name, options.one("f", "format"))
        else:
            found = wanted(name)
            repository = name.partition("@")[0].rpartition(":")[0] or name
            digests = [f"{repository}@{found['image']}"]
            env = [f"{key}={value}" for key, value in found["config"]["Env"].items()]
            ports: dict[str, Any] = {
                each if "/" in each else f"{each}/tcp": {}
                for each in found["config"]["ExposedPorts"]
            }
            config = {**found["config"], "Env": env, "ExposedPorts": ports}
            about = {"Id": found["image"], "Config": config, "RepoDigests": digests}
        template = options.one("f", "format")
        print(filled(template, about) if template else json.dumps([about], indent=1))
    return 0


def _of_container(name: str, template: str) -> dict[str, Any]:
    about = _container(name)
    running = _is_running(about)
    status: dict[str, Any] = {
        "Running": running,
        "Status": "running" if running else "exited",
        "ExitCode": 0,
    }
    health = about["image"]["config"]["Healthcheck"]
    if health and ("Health" in template or not template):
        status["Health"] = {"Status": _health(about, health) if running else "unhealthy"}
    config = about["image"]["config"]
    return {"Id": name, "Name": name, "State": status, "Config": config}


def _health(about: Mapping[str, Any], command: list[str]) -> str:
    """Asked when it is looked at."""
    root = Path(about["image"]["place"], "root")
    argv = [inside(root, each) for each in command]
    try:
        done = subprocess.run(
            argv, cwd=about["folder"], env=about["env"], capture_output=True,
            timeout=HEALTH_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "starting"
    return "healthy" if done.returncode == 0 else "starting"


def filled(template: str, about: Mapping[str, Any]) -> str:
    """A template of fields: `{{.A.B}}`, `{{json .A}}`, `{{index .A "b"}}`; else it is empty."""

    def value(found: re.Match[str]) -> str:
        words = re.findall(r'"[^"]*"|\S+', found[1].strip())
        how = words.pop(0) if words and words[0] in ("json", "index") else ""
        place: Any = about
        for word in words:
            keys = [word.strip('"')] if word.startswith('"') else word.strip(".").split(".")
            for key in keys if word != "." else []:
                if isinstance(place, list) and key.isdigit():
                    place = place[int(key)] if int(key) < len(place) else None
                else:
                    place = place.get(key) if isinstance(place, dict) else None
        if how == "json":
            return json.dumps(place)
        if place is None:
            return ""
        return str(place).lower() if isinstance(place, bool) else str(place)

    return re.sub(r"\{\{-?(.*?)-?\}\}", value, template)


def images(words: list[str]) -> int:
    """`docker images`, and `docker image ls`."""
    options = Options(words)
    for ref, found in _table("tags.json").items():
        if not options.words or ref.startswith(options.words[0]):
            print(found["image"] if options.has("q", "quiet") else ref)
    return 0


def save(words: list[str]) -> int:
    """`docker save -o FILE IMAGE…`, or to standard output."""
    options = Options(words)
    out = options.one("o", "output")
    with contextlib.ExitStack() as stack:
        file: Any = stack.enter_context(open(out, "wb")) if out else sys.stdout.buffer
        archive = stack.enter_context(tarfile.open(fileobj=file, mode="w|"))
        for ref in options.words:
            found = wanted(ref)
            archive.add(
                found["place"], arcname=base64.urlsafe_b64encode(full(ref).encode()).decode()
            )
    return 0


def load(words: list[str]) -> int:
    """`docker load -i FILE`, or from standard input."""
    given = Options(["--" + "file" if each == "-i" else each for each in words]).one(
        "file", "input"
    )
    place = Path(tempfile.mkdtemp(dir=state() / "images"))
    tags = _table("tags.json")
    with contextlib.ExitStack() as stack:
        file: Any = stack.enter_context(open(given, "rb")) if given else sys.stdin.buffer
        archive = stack.enter_context(tarfile.open(fileobj=file, mode="r|*"))
        # their own archive in their own box; 3.11 before 3.11.4 knows no filters
        safely: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(place, **safely)
    for folder in place.iterdir():
        ref = base64.urlsafe_b64decode(folder.name).decode()
        about = json.loads((folder / "image.json").read_text())
        tags[ref] = {**about, "place": str(folder)}
        print(f"Loaded image: {ref}")
    _keep("tags.json", tags)
    return 0


BUSY = 75  # EX_TEMPFAIL of sysexits.h
SMOKE = f"""smoke REF: start an image of the registry on staging, and ask it for a prediction.
Ends with 0: it is well; 1: it is not; {BUSY}: another team has staging for seconds, try again."""


def smoke_main() -> int:
    """The company's own tool: start a pushed image on staging and ask it for a prediction."""
    words = sys.argv[1:]
    if len(words) != 1:
        print(SMOKE, file=sys.stderr)
        return 2
    reply = say({"do": "smoke", "ref": full(words[0])})
    print("staging: well" if reply["ok"] else f"staging: {reply['why']}")
    return 0 if reply["ok"] else BUSY if reply.get("busy") else 1


def version(words: list[str]) -> int:
    """`docker version`, `docker info`."""
    print("Docker as tried here: builds lay files out, containers are processes")
    return 0


HARMLESS = (
    *("rmi", "image rm", "image prune", "buildx create", "buildx use", "buildx rm"),
    *("buildx ls", "prune", "container prune"),
)
COMMANDS = {
    **dict.fromkeys(("build", "buildx build", "bud", "image build"), build),
    **dict.fromkeys(("tag", "image tag"), tag),
    "login": login,
    "logout": logout,
    **dict.fromkeys(("push", "image push"), push),
    **dict.fromkeys(("pull", "image pull"), pull),
    "buildx imagetools": imagetools,
    **dict.fromkeys(("copy", "retag"), retag),
    **dict.fromkeys(("run", "container run"), run),
    **dict.fromkeys(("stop", "kill", "container stop"), stop),
    **dict.fromkeys(("rm", "container rm"), remove),
    **dict.fromkeys(("logs", "container logs"), logs),
    **dict.fromkeys(("exec", "container exec"), execute),
    **dict.fromkeys(("ps", "container ls"), processes),
    "wait": wait,
    **dict.fromkeys(("inspect", "image inspect", "container inspect", "manifest inspect"), inspect),
    **dict.fromkeys(("images", "image ls"), images),
    **dict.fromkeys(("save", "image save"), save),
    **dict.fromkeys(("load", "image load"), load),
    "forward": forward,
    **dict.fromkeys(("version", "info"), version),
}
