"""Read a `.gitlab-ci.yml` and run its jobs: stages, rules, needs, variables, artifacts.

A part of GitLab's language, enough for a release: `script`, `before_script`, `after_script`,
`stage(s)`, `rules` and `workflow:rules` (`if`, `when`, `allow_failure`), `only`/`except`, `needs`,
`variables`, `default`, `extends`, `artifacts:paths` and `reports:dotenv`, `!reference`. What is not
known and would change what is run is an error that says so.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_NOT_JOBS = (
    "stages variables default workflow include image services cache before_script after_script "
    "pages"
)
NOT_JOBS = frozenset(_NOT_JOBS.split())
STAGES = [".pre", "build", "test", "deploy", ".post"]
_TOKEN = re.compile(
    r"""\s*(?:(?P<op>&&|\|\||==|!=|=~|!~|\(|\))|(?P<name>\$\{?\w+\}?)|(?P<text>"[^"]*"|'[^']*')"""
    r"""|(?P<re>/(?:\\.|[^/\\])*/i?)|(?P<null>null))"""
)


class BadPipeline(Exception):
    """What is wrong with the file, or not known here."""


def holds(text: str, variables: Mapping[str, str]) -> bool:
    """Whether the expression of a rule's `if` is true.

    Raises:
        BadPipeline: it cannot be read.
    """
    tokens: list[tuple[str, str]] = []
    place = 0
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if found is None:
            raise BadPipeline(f"this rule cannot be read: {text}")
        tokens.append((str(found.lastgroup), str(found[str(found.lastgroup)])))
        place = found.end()
    tokens.append(("end", ""))

    def value() -> Any:
        kind, word = tokens.pop(0)
        if kind == "name":
            return variables.get(word.strip("${}"))
        if kind in ("text", "re"):
            return word[1:-1] if kind == "text" else word
        if kind == "null":
            return None
        raise BadPipeline(f"this rule cannot be read: {text}")

    def one() -> bool:
        if tokens[0][1] == "(":
            tokens.pop(0)
            inner = either()
            if tokens.pop(0)[1] != ")":
                raise BadPipeline(f"this rule cannot be read: {text}")
            return inner
        left = value()
        operator = tokens[0][1]
        if operator not in ("==", "!=", "=~", "!~"):
            return bool(left)
        tokens.pop(0)
        right = value()
        if operator in ("==", "!="):
            return bool((left == right) == (operator == "=="))
        pattern, _, flag = str(right).strip()[1:].rpartition("/")
        fits = re.search(pattern, left or "", re.I if flag == "i" else 0) is not None
        return fits == (operator == "=~")

    def both() -> bool:
        found = one()
        while tokens[0][1] == "&&":
            tokens.pop(0)
            found = one() and found
        return found

    def either() -> bool:
        found = both()
        while tokens[0][1] == "||":
            tokens.pop(0)
            found = both() or found
        return found

    whole = either()
    if tokens[0][0] != "end":
        raise BadPipeline(f"this rule cannot be read: {text}")
    return whole


def _read(path: Path) -> dict[str, Any]:
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("!reference", lambda load, node: {"!": load.construct_sequence(node)})
    try:
        content = yaml.load(path.read_text("utf-8", "replace"), Loader)
    except yaml.YAMLError as error:
        raise BadPipeline(f"{path.name} is not YAML: {error}") from error
    if not isinstance(content, dict) or "include" in content:
        raise BadPipeline(f"{path.name} has to be a table of jobs, without include")
    return content


def _referred(value: Any, content: Mapping[str, Any]) -> Any:
    if isinstance(value, dict) and set(value) == {"!"}:
        found: Any = content
        for key in value["!"]:
            found = found[key]
        return _referred(found, content)
    if isinstance(value, dict):
        return {key: _referred(each, content) for key, each in value.items()}
    return [_referred(each, content) for each in value] if isinstance(value, list) else value


def _extended(name: str, content: Mapping[str, Any], seen: tuple[str, ...] = ()) -> dict[str, Any]:
    job = content.get(name)
    if not isinstance(job, dict) or name in seen:
        raise BadPipeline(f"{name} is not a job")
    above = job.get("extends", [])
    whole: dict[str, Any] = {}
    for each in [above] if isinstance(above, str) else above:
        whole = _merged(whole, _extended(each, content, (*seen, name)))
    return _merged(whole, {key: value for key, value in job.items() if key != "extends"})


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(one)
    for key, value in other.items():
        deep = isinstance(value, dict) and isinstance(both.get(key), dict)
        both[key] = _merged(both[key], value) if deep else value
    return both


def _decision(job: Mapping[str, Any], variables: Mapping[str, str]) -> tuple[str, bool]:
    """When a job is run (``never`` and ``manual``: it is not), and whether it may fail."""
    when, lenient = str(job.get("when", "on_success")), bool(job.get("allow_failure", False))
    rules = job.get("rules")
    if isinstance(rules, list):
        for rule in _flat(rules):
            if not isinstance(rule, dict) or {"changes", "exists"} & set(rule):
                raise BadPipeline("rules:changes and rules:exists are not known here")
            if holds(str(rule["if"]), variables) if "if" in rule else True:
                return str(rule.get("when", when)), bool(rule.get("allow_failure", lenient))
        return "never", lenient
    request = "CI_MERGE_REQUEST_IID" in variables
    if "only" not in job and "except" not in job:
        return ("never" if request else when), lenient
    only, left = (_refs(job.get(name)) for name in ("only", "except"))
    chosen = (not only or _fits(only, variables)) and not _fits(left, variables)
    return (when if chosen else "never"), lenient


def _refs(given: Any) -> list[str]:
    given = given.get("refs", []) if isinstance(given, dict) else given
    return [given] if isinstance(given, str) else [str(each) for each in given or ()]


def _fits(refs: Sequence[str], variables: Mapping[str, str]) -> bool:
    ref = variables["CI_COMMIT_REF_NAME"]
    kinds = {
        "branches": "CI_COMMIT_BRANCH" in variables,
        "tags": "CI_COMMIT_TAG" in variables,
        "merge_requests": "CI_MERGE_REQUEST_IID" in variables,
        "pushes": variables["CI_PIPELINE_SOURCE"] == "push",
    }
    return any(
        kinds.get(each, each == ref or (each[:1] == "/" and bool(re.search(each.strip("/"), ref))))
        for each in refs
    )


def _flat(given: Any) -> Iterator[Any]:
    for each in given if isinstance(given, list) else [given] if given else []:
        if isinstance(each, list):
            yield from _flat(each)
        else:
            yield each


def run(
    repository: Path,
    place: Path,
    variables: Mapping[str, str],
    environment: Mapping[str, str],
    call: Callable[[list[str], Path, Mapping[str, str]], int],
) -> int:
    """Run every job that the rules choose; 0 if none failed that may not.

    Args:
        repository: a clean clone is made of it for each job.
        variables: GitLab's own and the project's.
        environment: what else each command gets.
        call: runs words in a folder with an environment; their exit code.

    Raises:
        BadPipeline: the file cannot be read.
    """
    content = _read(repository / ".gitlab-ci.yml")
    content = {key: _referred(value, content) for key, value in content.items()}
    overall = {**_variables(content), **variables}
    flow = content.get("workflow")
    if isinstance(flow, dict) and _decision(flow, overall)[0] == "never":
        return 0
    jobs = {
        name: {**(content.get("default") or {}), **_extended(name, content)}
        for name, job in content.items()
        if name not in NOT_JOBS and not name.startswith(".") and isinstance(job, dict)
    }
    if not jobs:
        raise BadPipeline("there is no job in .gitlab-ci.yml")
    stages = [".pre", *content.get("stages", STAGES[1:-1]), ".post"]
    state: dict[str, str] = {}
    failed = False
    carried: dict[str, tuple[Path, dict[str, str]]] = {}
    for name in sorted(jobs, key=lambda each: stages.index(_stage(jobs[each], stages))):
        job = jobs[name]
        when, lenient = _decision(job, {**overall, **_variables(job)})
        if when in ("never", "manual"):
            continue
        needs = [each["job"] if isinstance(each, dict) else each for each in job.get("needs") or ()]
        before = (
            needs
            if "needs" in job
            else [
                each
                for each in state
                if stages.index(_stage(jobs[each], stages)) < stages.index(_stage(job, stages))
            ]
        )
        if needs and not set(needs) <= set(state):
            optional = {e["job"] for e in job["needs"] if isinstance(e, dict) and e.get("optional")}
            if set(needs) - set(state) - optional:
                raise BadPipeline(f"{name} needs a job that is not in the pipeline")
        bad = any(state.get(each) in ("failed", "skipped") for each in before)
        if (bad and when != "always") if when != "on_failure" else not bad:
            state[name] = "skipped"
            continue
        carry = [carried[each] for each in (needs or before) if each in carried]
        code, made = _job(name, job, content, repository, place, overall, environment, carry, call)
        carried[name] = made
        state[name] = "passed" if code == 0 or lenient else "failed"
        failed |= state[name] == "failed"
    return int(failed)


def _stage(job: Mapping[str, Any], stages: Sequence[str]) -> str:
    stage = str(job.get("stage", "test"))
    if stage not in stages:
        raise BadPipeline(f"there is no stage {stage!r}")
    return stage


def _variables(table: Mapping[str, Any]) -> dict[str, str]:
    found = table.get("variables")
    given = found if isinstance(found, dict) else {}
    return {
        str(name): str(value.get("value", "") if isinstance(value, dict) else value)
        for name, value in given.items()
    }


def _job(
    name: str,
    job: Mapping[str, Any],
    content: Mapping[str, Any],
    repository: Path,
    place: Path,
    overall: Mapping[str, str],
    environment: Mapping[str, str],
    carry: Sequence[tuple[Path, Mapping[str, str]]],
    call: Callable[[list[str], Path, Mapping[str, str]], int],
) -> tuple[int, tuple[Path, dict[str, str]]]:
    """Run one job in a clean clone with the artifacts of those before it."""
    folder = place / re.sub(r"\W", "_", name)
    shutil.copytree(repository, folder, symlinks=True)
    told: dict[str, str] = {}
    for kept, variables in carry:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        told |= variables
    named = {
        **overall,
        **_variables(job),
        **told,
        "CI_JOB_NAME": name,
        "CI_PROJECT_DIR": str(folder),
    }
    for key, value in list(named.items()):
        named[key] = re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda f: named.get(f[1] or f[2], ""), value)
    print(f"[{name}] begins", flush=True)
    script = [
        str(e)
        for part in ("before_script", "script")
        for e in _flat(job.get(part, content.get(part)))
    ]
    env = {**environment, **named}
    code = call(["bash", "-eo", "pipefail", "-c", "\n".join(script)], folder, env)
    after = [str(each) for each in _flat(job.get("after_script", content.get("after_script")))]
    if after:
        call(["bash", "-c", "\n".join(after)], folder, env)
    print(f"[{name}] ended with {code}", flush=True)
    return code, _artifacts(job, folder, place / f"{folder.name}.kept")


def _artifacts(job: Mapping[str, Any], folder: Path, kept: Path) -> tuple[Path, dict[str, str]]:
    kept.mkdir()
    given = job.get("artifacts")
    given = given if isinstance(given, dict) else {}
    for pattern in given.get("paths") or ():
        for path in sorted(folder.glob(str(pattern).strip("/"))):
            to = kept / path.relative_to(folder)
            to.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, to, dirs_exist_ok=True)
            else:
                shutil.copy2(path, to)
    reports = given.get("reports")
    file = folder / str((reports if isinstance(reports, dict) else {}).get("dotenv") or "no.env")
    text = file.read_text("utf-8", "replace") if file.is_file() else ""
    told = dict(line.partition("=")[::2] for line in text.splitlines() if "=" in line)
    return kept, told


__all__ = ["BadPipeline", "holds", "run"]
