"""Lay a Dockerfile out as a folder: what `docker build` does here, without root and network.

COPY is done; RUN is run by `sh` in that folder, where installing (`pip`, `apt-get`, `useradd` …) is
looked up and changes nothing, as everything is installed. A path of the image stands for the one
in the folder. So what a container does can be tried, not how large or how safe an image is.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SYSTEM = "usr bin lib lib64 sbin dev proc etc tmp sys var run root"
SYSTEM = frozenset(_SYSTEM.split())
_PATH = re.compile(r"(?<![\w/.}\)$:~*-])/([A-Za-z0-9_][\w.-]*)|(?<==)/([A-Za-z0-9_][\w.-]*)")
_NAME = re.compile(r"(?<!\\)\$(?:\{(\w+)(?:(:?[-+])([^}]*))?\}|(\w+))")
MAX_FILES = 2000
RUN_SECONDS = 60


class BadDockerfile(Exception):
    """What is wrong with it, in the words of the builder."""


@dataclass
class Stage:
    """A stage that is being built: a folder and its configuration, as `docker inspect` has it."""

    root: Path
    name: str = ""
    args: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = ""
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    ports: list[str] = field(default_factory=list)

    def config(self) -> dict[str, Any]:
        """The configuration as plain data."""
        return {
            "Env": self.env,
            "Labels": self.labels,
            "WorkingDir": self.folder,
            "User": self.user,
            "Entrypoint": self.entrypoint,
            "Cmd": self.command,
            "Healthcheck": self.health,
            "ExposedPorts": self.ports,
        }


def inside(root: Path, text: str) -> str:
    """A text in which paths of the image are those in ``root``."""

    def place(found: re.Match[str]) -> str:
        top = found[1] or found[2]
        mapped = (root / top).exists() or (top not in SYSTEM and not os.path.exists(f"/{top}"))
        return f"{root}/{top}" if mapped or top in ("opt", "srv", "home", "app") else found[0]

    return _PATH.sub(place, text)


def path_in(root: Path, folder: str, name: str) -> Path:
    """Where a path of the image lies; it cannot lead out of ``root``."""
    return root / os.path.normpath(os.path.join("/", folder, name)).lstrip("/")


def substituted(text: str, names: Mapping[str, str]) -> str:
    """Variables of a Dockerfile put in."""

    def value(found: re.Match[str]) -> str:
        name, how, other = found[1] or found[4], found[2] or "", found[3] or ""
        known = names.get(name, "")
        if how.endswith("+"):
            return other if known else ""
        return known or other

    return _NAME.sub(value, text).replace("\\$", "$")


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Its instructions, upper case, each with the rest of its line."""
    lines = iter(text.splitlines())
    for line in lines:
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        while line.endswith("\\"):
            more = next(lines, "").strip()
            line = line[:-1] + ("\\" if more.startswith("#") else f" {more}")
        word, _, rest = line.partition(" ")
        mark = re.search(r"<<-?['\"]?(\w+)['\"]?\s*$", rest)
        if mark and word.upper() in ("RUN", "COPY"):
            body = []
            for each in lines:
                if each.strip() == mark[1]:
                    break
                body.append(each)
            rest = rest[: mark.start()] + "\n".join(body)
        yield word.upper(), rest.strip()


def words_of(rest: str) -> list[str]:
    """The exec form's list, or the shell form as a command of `sh`."""
    if rest.startswith("["):
        try:
            found = json.loads(rest)
        except ValueError:
            found = None
        if isinstance(found, list) and all(isinstance(each, str) for each in found):
            return found
    return ["/bin/sh", "-c", rest] if rest else []


def _options(rest: str) -> tuple[dict[str, str], str]:
    options: dict[str, str] = {}
    while rest.startswith("--"):
        word, _, rest = rest.partition(" ")
        name, _, value = word[2:].partition("=")
        options[name] = value
        rest = rest.strip()
    return options, rest


class Builder:
    """Builds one Dockerfile.

    Args:
        context: the folder that is sent to the builder.
        place: where stages are laid out.
        base: name of an image that is known -> its folder and configuration, or None.
        run: runs the words of a RUN instruction in a folder with variables; its exit code.
    """

    def __init__(
        self,
        context: Path,
        place: Path,
        base: Callable[[str], tuple[Path, dict[str, Any]] | None],
        given: Mapping[str, str],
        tools: Path,
    ) -> None:
        self.context, self.place, self.base, self.given = context, place, base, given
        self.tools = tools
        self.stages: list[Stage] = []
        self.globals: dict[str, str] = {}
        self.ignored = _ignored(context / ".dockerignore")

    def build(self, text: str, target: str = "") -> Stage:
        """The last stage, or ``target``.

        Raises:
            BadDockerfile: it cannot be built.
        """
        for word, rest in instructions(text):
            if word == "FROM" and target and any(each.name == target for each in self.stages):
                break
            if word == "FROM":
                self._from(rest)
            elif word == "ARG" and not self.stages:
                self._arg(rest, self.globals, {})
            elif not self.stages:
                raise BadDockerfile("no build stage in current context")
            else:
                self._do(word, rest, self.stages[-1])
        if not self.stages:
            raise BadDockerfile("the Dockerfile cannot be empty")
        if target and not any(each.name == target for each in self.stages):
            raise BadDockerfile(f"target stage {target!r} could not be found")
        return self.stages[-1]

    def _from(self, rest: str) -> None:
        words = substituted(_options(rest)[1], self.globals).split()
        if not words:
            raise BadDockerfile("FROM requires an image")
        stage = Stage(self.place / str(len(self.stages)))
        stage.root.mkdir(parents=True)
        stage.name = words[2].lower() if len(words) == 3 and words[1].lower() == "as" else ""
        known = next((each for each in self.stages if each.name == words[0].lower()), None)
        base = (known.root, known.config()) if known else self.base(words[0])
        if base is not None:
            folder, config = base
            shutil.copytree(folder, stage.root, symlinks=True, dirs_exist_ok=True)
            stage.env, stage.labels = dict(config["Env"]), dict(config["Labels"])
            stage.folder, stage.user = config["WorkingDir"], config["User"]
            stage.entrypoint, stage.command = list(config["Entrypoint"]), list(config["Cmd"])
            stage.health, stage.ports = list(config["Healthcheck"]), list(config["ExposedPorts"])
        self.stages.append(stage)

    def _arg(self, rest: str, into: dict[str, str], outer: Mapping[str, str]) -> None:
        for each in shlex.split(rest):
            name, equals, value = each.partition("=")
            default = substituted(value, into) if equals else outer.get(name, "")
            into[name] = self.given.get(name, default)

    def _do(self, word: str, rest: str, stage: Stage) -> None:
        names = {**stage.args, **stage.env}
        plain = substituted(rest, names)
        match word:
            case "ARG":
                self._arg(rest, stage.args, self.globals)
            case "ENV" | "LABEL":
                _pairs(plain, stage.env if word == "ENV" else stage.labels)
            case "WORKDIR":
                stage.folder = os.path.join("/", stage.folder, plain)
                path_in(stage.root, stage.folder, "").mkdir(parents=True, exist_ok=True)
            case "USER":
                stage.user = plain
            case "EXPOSE":
                stage.ports += plain.split()
            case "ENTRYPOINT":
                stage.entrypoint, stage.command = words_of(rest), []
            case "CMD":
                stage.command = words_of(rest)
            case "HEALTHCHECK":
                said = _options(rest)[1]
                stage.health = words_of(said[3:].strip()) if said.upper().startswith("CMD") else []
            case "COPY" | "ADD":
                self._copy(plain, stage)
            case "RUN":
                self._run(rest, stage, names)
            case "STOPSIGNAL" | "SHELL" | "VOLUME" | "MAINTAINER":
                pass
            case _:
                raise BadDockerfile(f"unknown instruction: {word}")

    def _copy(self, rest: str, stage: Stage) -> None:
        options, rest = _options(rest)
        words = words_of(rest) if rest.startswith("[") else shlex.split(rest)
        if len(words) < 2:
            raise BadDockerfile("COPY requires at least two arguments")
        *sources, target = words
        whole = path_in(stage.root, stage.folder, target)
        many = target.endswith("/") or target in (".", "./") or len(sources) > 1 or whole.is_dir()
        for source in sources:
            found = list(self._sources(source, options.get("from", "")))
            if not found:
                raise BadDockerfile(f'"/{source.lstrip("./")}": not found')
            for path, names in found:
                for name in names:
                    one = not path.is_dir()
                    to = whole / path.name if one and many else whole if one else whole / name
                    to.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(path if one else path / name, to, follow_symlinks=False)
                if path.is_dir():
                    whole.mkdir(parents=True, exist_ok=True)

    def _sources(self, source: str, stage: str) -> Iterator[tuple[Path, list[str]]]:
        """Each file or folder that a source stands for, with the files in it."""
        if stage:
            number = int(stage) if stage.isdigit() else -1
            known = [s for n, s in enumerate(self.stages[:-1]) if s.name == stage or n == number]
            base = known[-1].root if known else (self.base(stage) or (None,))[0]
            if base is None:
                raise BadDockerfile(f"{stage}: there is no such stage or image")
            left: tuple[str, ...] = ()
        else:
            base, left = self.context, self.ignored
        inner = os.path.normpath("/" + source).lstrip("/") or "."
        for path in sorted(base.glob(inner)) if inner != "." else [base]:
            relative = path.relative_to(base).as_posix()
            if not path.is_dir():
                if not _is_left(relative, left):
                    yield path, [path.name]
                continue
            names = [each.relative_to(path).as_posix() for each in _files(path, links=bool(stage))]
            top = "" if relative == "." else f"{relative}/"
            yield path, [name for name in names if not _is_left(top + name, left)]

    def _run(self, rest: str, stage: Stage, names: Mapping[str, str]) -> None:
        words = words_of(_options(rest)[1])
        folder = path_in(stage.root, stage.folder, "")
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [inside(stage.root, each) for each in words],
            cwd=folder,
            env=environment(stage.root, names, self.tools, building=True),
            timeout=RUN_SECONDS,
            check=False,
        )
        if done.returncode:
            raise BadDockerfile(
                f'process "{rest}" did not complete successfully: exit code: {done.returncode}'
            )


def environment(
    root: Path, names: Mapping[str, str], tools: Path, building: bool = False
) -> dict[str, str]:
    """Variables of a process in the image: its own, and what it is here by."""
    own = {name: inside(root, value) for name, value in names.items()}
    first = [str(tools / "building")] if building else []
    path = os.environ.get("PATH", "/usr/bin:/bin")
    usual = [*first, own.get("PATH", path), path]
    kept = {name: os.environ[name] for name in ("CI_RECORDER", "CI_STATE") if name in os.environ}
    # an interpreter of ours has its own ideas of where libraries lie; an image has these
    return {"HOME": "/tmp", "LANG": "C.UTF-8", **kept, **own, "PATH": ":".join(usual)}


def identity(root: Path, config: Mapping[str, Any]) -> str:
    """The identity of an image: of its files and its configuration."""
    total = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for path in _files(root):
        total.update(f"\0{path.relative_to(root)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{total.hexdigest()}"


def _files(folder: Path, links: bool = False) -> list[Path]:
    """Every file below; links only where they are asked for, as those of a stage's environment."""
    every = sorted(folder.rglob("*"))
    found = [each for each in every if each.is_file() and (links or not each.is_symlink())]
    if len(found) > MAX_FILES:
        raise BadDockerfile(f"more than {MAX_FILES} files: what should be left out?")
    return found


def _pairs(text: str, into: dict[str, str]) -> None:
    words = shlex.split(text)
    if words and "=" not in words[0]:
        into[words[0]] = text.partition(" ")[2].strip()
        return
    for each in words:
        name, _, value = each.partition("=")
        into[name] = value


def _ignored(path: Path) -> tuple[str, ...]:
    lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
    kept = (line.strip() for line in lines)
    return tuple(line.rstrip("/") for line in kept if line and not line.startswith("#"))


def _is_left(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether `.dockerignore` leaves a file out; the last pattern that fits decides."""
    out = name == ".git" or name.startswith(".git/")
    parts = name.split("/")
    above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    for line in patterns:
        pattern = line.removeprefix("!").lstrip("/")
        plain = pattern.removeprefix("**/")
        fits = any(
            each.count("/") == pattern.count("/") and fnmatch.fnmatchcase(each, pattern)
            for each in above
        )
        fits |= pattern.startswith("**/") and any(fnmatch.fnmatchcase(p, plain) for p in parts)
        fits |= "**" in pattern and fnmatch.fnmatchcase(name, pattern)
        out = not line.startswith("!") if fits else out
    return out
