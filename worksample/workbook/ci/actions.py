"""What the actions of a GitHub workflow do here: a few as they are meant, all others nothing.

Each `uses:` of a workflow gets a stub of its own, made from what it is given `with:`.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from worksample.workbook.ci import docker

_OUTPUTS = (
    "cache-hit digest imageid metadata tags labels version json artifact-path python-version "
    "download-path outputs result name"
)
OUTPUTS = tuple(_OUTPUTS.split())


def used(folder: Path) -> dict[str, set[str]]:
    """`owner/name@ref` of each action of the workflows in a folder -> names of its inputs."""
    import yaml

    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*.y*ml")):
        try:
            content = yaml.safe_load(path.read_text("utf-8", "replace"))
        except yaml.YAMLError:
            continue  # the runner says so
        for step in _steps(content):
            name = step.get("uses")
            if isinstance(name, str) and not name.startswith((".", "docker:")) and "@" in name:
                given = step.get("with")
                inputs = {str(each) for each in given} if isinstance(given, dict) else set()
                found.setdefault(name, set()).update(inputs)
    return found


def triggers(folder: Path) -> set[str]:
    """The events that any workflow of a folder is started by."""
    import yaml

    found: set[str] = set()
    for path in sorted(folder.rglob("*.y*ml")):
        try:
            content = yaml.safe_load(path.read_text("utf-8", "replace"))
        except yaml.YAMLError:
            return {"push", "pull_request"}  # the runner says what is wrong with it
        given = content.get("on", content.get(True)) if isinstance(content, dict) else None
        found |= {given} if isinstance(given, str) else {str(each) for each in given or ()}
    return found


def _steps(content: Any) -> Iterator[Mapping[str, Any]]:
    """Everything that says `uses`, however deep."""
    if isinstance(content, dict):
        if "uses" in content:
            yield content
        for each in content.values():
            yield from _steps(each)
    elif isinstance(content, list):
        for each in content:
            yield from _steps(each)


def write_stub(folder: Path, name: str, inputs: set[str]) -> None:
    """A composite action that hands its inputs to :func:`main`."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(inputs)
    given = {
        "name": name,
        "description": name,
        "inputs": {each: {"description": each, "required": False} for each in names},
        "outputs": {
            each: {"description": each, "value": f"${{{{ steps.stub.outputs.{each} }}}}"}
            for each in OUTPUTS
        },
        "runs": {
            "using": "composite",
            "steps": [
                {
                    "id": "stub",
                    "shell": "bash",
                    "run": f'"$CI_TOOLS/action" {shlex.quote(name.partition("@")[0])}',
                    "env": {
                        f"WITH_{number}_{each.replace('-', '__')}": f"${{{{ inputs.{each} }}}}"
                        for number, each in enumerate(names)
                    },
                }
            ],
        },
    }
    (folder / "action.yml").write_text(json.dumps(given, indent=1))  # YAML holds JSON


def main() -> int:
    """Do what the action named on the command line does; its exit code."""
    name = sys.argv[1].lower()
    given = {
        re.sub(r"^WITH_\d+_", "", key).replace("__", "-"): value
        for key, value in os.environ.items()
        if key.startswith("WITH_")
    }
    found = ACTIONS.get(name)
    if found is None:
        print(f"{name}: does nothing here")
        return 0
    return found(given) or 0


def _out(name: str, value: str) -> None:
    with open(os.environ["GITHUB_OUTPUT"], "a") as file:
        file.write(f"{name}<<END_OF_IT\n{value}\nEND_OF_IT\n")


def lines(text: str) -> list[str]:
    """The entries of a list as an input has it: by lines, or by commas."""
    return [each.strip() for each in re.split(r"[\n,]", text) if each.strip()]


def checkout(given: Mapping[str, str]) -> int:
    """Another commit than the event's, or in another folder: the runner does the usual one."""
    ref = given.get("ref") or os.environ["GITHUB_SHA"]
    ref = {"refs/pull/7/merge": "change", "refs/pull/7/head": "change"}.get(ref, ref)
    ref = ref.removeprefix("refs/heads/")
    folder = given.get("path") or "."
    Path(folder).mkdir(parents=True, exist_ok=True)
    git = ["git", "-c", "safe.directory=*", "-C", folder]
    for words in (
        ["init", "--quiet"],
        ["fetch", "--quiet", os.environ["CI_REPOSITORY"], "+refs/heads/*:refs/remotes/origin/*"],
    ):
        subprocess.run([*git, *words], check=True)
    for name in (f"origin/{ref}", ref):
        done = subprocess.run([*git, "checkout", "--quiet", "--force", name], capture_output=True)
        if done.returncode == 0:
            return 0
    print(f"there is no {ref}", file=sys.stderr)
    return 1


def login(given: Mapping[str, str]) -> int:
    """`docker/login-action`."""
    words = ["-u", given.get("username", ""), "-p", given.get("password", "")]
    return docker.main(["login", *words, given.get("registry", "")])


def build_push(given: Mapping[str, str]) -> int:
    """`docker/build-push-action`."""
    words = ["build"]
    for name, option in (("file", "-f"), ("target", "--target")):
        words += [option, given[name]] if given.get(name) else []
    for tag in lines(given.get("tags", "")):
        words += ["-t", tag]
    for name, option in (("labels", "--label"), ("build-args", "--build-arg")):
        for line in given.get(name, "").splitlines():
            words += [option, line.strip()] if line.strip() else []
    words += ["--push"] if given.get("push") == "true" else []
    words += ["--iidfile", iid := f"{os.environ['CI_STATE']}/iid-{os.getpid()}"]
    context = given.get("context", "")
    code = docker.main([*words, "." if not context or "://" in context else context])
    if code == 0:
        image = Path(iid).read_text()
        _out("digest", image)
        _out("imageid", image)
    return code


def metadata(given: Mapping[str, str]) -> int:
    """`docker/metadata-action`: tags of the kinds sha, raw, ref and semver."""
    sha, ref = os.environ["GITHUB_SHA"], os.environ["GITHUB_REF"]
    kind, _, short = ref.removeprefix("refs/").partition("/")
    tags: list[str] = []
    for line in given.get(
        "tags", "type=ref,event=branch\ntype=ref,event=tag\ntype=ref,event=pr"
    ).splitlines():
        fields = dict(each.partition("=")[::2] for each in line.strip().split(",") if each)
        if fields.get("enable", "true") != "true" or not fields:
            continue
        value = ""
        match fields.get("type", "raw"):
            case "sha":
                value = sha if fields.get("format") == "long" else sha[:7]
                fields.setdefault("prefix", "sha-")
            case "ref":
                event = {"branch": "heads", "tag": "tags", "pr": "pull"}.get(
                    fields.get("event", "")
                )
                value = short.replace("/", "-") if event == kind else ""
                value = "pr-7" if value and kind == "pull" else value
            case "semver" if kind == "tags":
                value = short.removeprefix("v")
            case "raw":
                value = fields.get("value", line.strip() if "=" not in line else "")
        if value:
            tags.append(f"{fields.get('prefix', '')}{value}{fields.get('suffix', '')}")
    images = lines(given.get("images", ""))
    labels = [
        f"org.opencontainers.image.revision={sha}",
        "org.opencontainers.image.source=https://github.com/" + os.environ["GITHUB_REPOSITORY"],
        *given.get("labels", "").splitlines(),
    ]
    _out("tags", "\n".join(f"{image}:{tag}" for image in images for tag in tags))
    _out("labels", "\n".join(labels))
    _out("version", tags[0] if tags else "")
    return 0


def upload(given: Mapping[str, str]) -> int:
    """`actions/upload-artifact`, to a folder that the jobs of a run share."""
    place = Path(os.environ["CI_STATE"], "artifacts", given.get("name") or "artifact")
    place.mkdir(parents=True, exist_ok=True)
    found = 0
    for pattern in given.get("path", "").splitlines():
        for path in (
            sorted(Path().glob(pattern.strip()))
            if pattern.strip()[:1] != "/"
            else [Path(pattern.strip())]
        ):
            if path.is_dir():
                shutil.copytree(path, place, dirs_exist_ok=True)
                found += 1
            elif path.is_file():
                shutil.copy2(path, place / path.name)
                found += 1
    return int(not found and given.get("if-no-files-found") == "error")


def download(given: Mapping[str, str]) -> int:
    """`actions/download-artifact`."""
    kept = Path(os.environ["CI_STATE"], "artifacts")
    source = kept / given["name"] if given.get("name") else kept
    if not source.is_dir():
        print(f"Unable to find the artifact {given.get('name')!r}", file=sys.stderr)
        return 1
    shutil.copytree(source, given.get("path") or ".", dirs_exist_ok=True)
    return 0


ACTIONS = {
    "actions/checkout": checkout,
    "docker/login-action": login,
    "docker/build-push-action": build_push,
    "docker/metadata-action": metadata,
    "actions/upload-artifact": upload,
    "actions/download-artifact": download,
}
