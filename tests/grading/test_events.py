"""Conformance of the evidence *events*: three languages say the same, and nobody edits the record.

All of it goes through one real sandbox, one after the other, as the events of one submission do.
"""

from __future__ import annotations

import pytest

from worksample.grading import tools, trials
from worksample.grading.events import Event, Happening
from worksample.grading.repository import TrialResult
from worksample.limits import Budget, Limits

LIMITS = Limits(memory_mb=1024, processes=256, disk_mb=128, cell_seconds=60, notebook_seconds=200)
TOKEN = "tok-4711"
IMAGE = "registry.example/shop/service"
SECRETS = {"REGISTRY_TOKEN": TOKEN}
RELEASE = f"""docker login -u ci -p "$TOKEN" registry.example
docker build -t {IMAGE}:$SHA --label commit=$SHA .
docker push {IMAGE}:$SHA
smoke {IMAGE}:$SHA
docker tag {IMAGE}:$SHA {IMAGE}:stable
docker push {IMAGE}:stable"""


def indented(spaces: int, mark: str = "") -> str:
    return "\n".join(" " * spaces + mark + line for line in RELEASE.splitlines())


WORKFLOWS = {
    "github": {
        ".github/workflows/ci.yml": f"""
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: nobody/scanner@v1
      - run: python check.py
  push:
    needs: test
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - env:
          TOKEN: ${{{{ secrets.REGISTRY_TOKEN }}}}
          SHA: ${{{{ github.sha }}}}
        run: |
{indented(10)}
"""
    },
    "gitlab": {
        ".gitlab-ci.yml": f"""
stages: [test, push]
test:
  stage: test
  script: [python check.py]
  rules:
    - if: $CI_MERGE_REQUEST_IID
    - if: $CI_COMMIT_BRANCH
push:
  stage: push
  needs: [test]
  variables: {{SHA: $CI_COMMIT_SHA, TOKEN: $REGISTRY_TOKEN}}
  rules:
    - if: $CI_COMMIT_BRANCH == "main" && $CI_PIPELINE_SOURCE == "push"
  script:
{indented(4, "- ")}
"""
    },
    "script": {
        "ci.sh": f"""set -e
python check.py
test "$1" = push || exit 0
SHA=$CI_COMMIT_SHA TOKEN=$REGISTRY_TOKEN
{RELEASE}
"""
    },
}
FILES = {
    "check.py": "import pathlib, socket, sys\nsocket.gethostbyname('localhost')\n"
    "sys.exit(pathlib.Path('bad.txt').exists())\n",
    "Dockerfile": 'FROM python:3.11-slim\nCOPY check.py /srv/\nCMD ["python", "/srv/check.py"]\n',
}
LOOKS = """import json, os, socket
with socket.socket(socket.AF_UNIX) as told:
    told.connect(os.environ["CI_RECORDER"])
    told.sendall(json.dumps({"do": "saw", "values": [*os.environ.values()]}).encode() + b"\\n")
    told.recv(100)
"""
ERASES = """set +e
docker login -u ci -p "$REGISTRY_TOKEN" registry.example
docker build -t registry.example/shop/service:pushed .
docker push registry.example/shop/service:pushed
python - <<'END'
import glob, re
done = 0
for place in glob.glob("/proc/[0-9]*"):
    try:
        spans = re.findall(r"^(\\w+)-(\\w+) rw", open(place + "/maps").read(), re.M)
        with open(place + "/mem", "r+b", 0) as memory:
            for one, two in spans:
                memory.seek(int(one, 16))
                data = memory.read(int(two, 16) - int(one, 16))
                for hit in re.finditer(b"service:pushed", data):
                    memory.seek(int(one, 16) + hit.start())
                    memory.write(b"service:hushed")
    except (OSError, ValueError, OverflowError):
        pass
END
rm -f "$CI_RECORDER"
docker push registry.example/shop/service:pushed
"""


def encoded(files: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


def happenings() -> list[Happening]:
    events = (
        Event("push", {"a.txt": "1"}, secrets=SECRETS),
        Event("push", again=True, secrets=SECRETS),
        Event("push", {"bad.txt": "1"}, secrets=SECRETS),
        Event("push", {"bad.txt": None}, secrets=SECRETS, staging=False),
        Event("fork", {"check.py": LOOKS}, secrets=SECRETS),
    )
    made = [
        Happening(name, encoded({**FILES, **files}), events, TOKEN, 150)
        for name, files in WORKFLOWS.items()
    ]
    erases = encoded({**FILES, "ci.sh": ERASES})
    made.append(Happening("erases", erases, events[:1], TOKEN))
    looks = WORKFLOWS["github"][".github/workflows/ci.yml"].replace(
        "pull_request]", "pull_request_target]"
    )
    careless = looks.replace(
        "      - uses: actions/checkout@v4\n      - uses: nobody",
        "      - uses: actions/checkout@v4\n"
        "        with: {ref: '${{ github.event.pull_request.head.sha }}'}\n      - uses: nobody",
    ).replace(
        "run: python check.py",
        "run: python check.py\n        env: {T: '${{ secrets.REGISTRY_TOKEN }}'}",
    )
    tree = encoded({**FILES, ".github/workflows/ci.yml": careless})
    made.append(Happening("careless", tree, events[4:], TOKEN))
    return [*made, Happening("nothing", encoded(FILES), events[:1], TOKEN)]


@pytest.fixture(scope="module")
def results() -> dict[str, TrialResult]:
    tools.require(["events"])
    return trials.run(happenings(), LIMITS, Budget(seconds=500, cpu_seconds=300), ("yaml",))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_same_release_in_three_languages_leaves_the_same_record(
    results: dict[str, TrialResult], name: str
) -> None:
    result = results[name]
    assert result.ok, result.error
    done = result.happened
    assert done.codes == (0, 0, 1, 1, 0), result.said
    first, again, bad, failing, fork = range(5)
    shas = [push.tag for push in done.pushes(first)]
    assert shas == [done.commits[first], "stable"]
    assert [push.tag for push in done.pushes(again)] == shas
    assert done.commits[first] == done.commits[again] != done.commits[failing]
    assert not done.pushes(bad)
    assert [push.tag for push in done.pushes(failing)] == [done.commits[failing]]
    assert [each["ok"] for each in done.did("smoke")] == [True, True, False]
    assert done.pushes(first)[0].labels == {"commit": done.commits[first]}
    assert not done.pushes(fork)
    assert not done.did("saw"), "a fork's pull request is given no secret"


def test_what_has_reached_the_registry_is_not_erased_by_who_sent_it(
    results: dict[str, TrialResult],
) -> None:
    """Whoever could push first and take it back when a test fails would have gated nothing."""
    done = results["erases"].happened
    assert [push.tag for push in done.pushes()] == ["pushed"], results["erases"].said


def test_a_workflow_that_runs_strangers_code_with_the_token_is_seen(
    results: dict[str, TrialResult],
) -> None:
    assert results["careless"].happened.did("saw"), results["careless"].said


def test_without_a_workflow_nothing_happens_and_it_is_said(
    results: dict[str, TrialResult],
) -> None:
    done = results["nothing"].happened
    assert (done.codes, done.whys) == ((1,), ("there is no workflow",))
    assert not done.records
