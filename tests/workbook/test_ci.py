"""The parts of a rehearsed workflow: rules, Dockerfiles, command lines, requirements."""

from __future__ import annotations

from pathlib import Path

import pytest

from worksample.workbook.ci import __main__ as ci_run
from worksample.workbook.ci import dockerfile, gitlab, pip
from worksample.workbook.ci.docker import SHORT, Options, filled, full, smoke_main
from worksample.workbook.ci.recorder import Recorder

MAIN = {"CI_COMMIT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push", "TAG": "v1.2"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('$CI_COMMIT_BRANCH == "main"', True),
        ('$CI_COMMIT_BRANCH != "main"', False),
        ('$CI_COMMIT_BRANCH == "main" && $CI_PIPELINE_SOURCE == "push"', True),
        ('$CI_COMMIT_BRANCH == "other" || $TAG =~ /^v\\d/', True),
        ("$CI_COMMIT_TAG", False),
        ("$CI_COMMIT_TAG == null", True),
        ("($CI_COMMIT_TAG || $TAG) && $TAG !~ /RC/i", True),
        ('"main" == $CI_COMMIT_BRANCH', True),
    ],
)
def test_rules_as_gitlab_reads_them(rule: str, expected: bool) -> None:
    assert gitlab.holds(rule, MAIN) is expected


@pytest.mark.parametrize("rule", ["$A ==", "main", "($A", '$A == "b" extra'])
def test_a_rule_that_cannot_be_read_is_said_and_not_guessed(rule: str) -> None:
    with pytest.raises(gitlab.BadPipeline):
        gitlab.holds(rule, MAIN)


def built(tmp_path: Path, text: str, files: dict[str, str], **given: str) -> dockerfile.Stage:
    context = tmp_path / "context"
    for name, content in files.items():
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text(content)
    tools = tmp_path / "tools"
    builder = dockerfile.Builder(context, tmp_path / "place", lambda _: None, given, tools)
    return builder.build(text)


def test_a_dockerfile_is_laid_out_as_it_says(tmp_path: Path) -> None:
    text = """
ARG BASE=python:3.11-slim
FROM ${BASE} AS made
WORKDIR /made
COPY one.txt two.txt ./
RUN cat one.txt two.txt > both.txt && \\
    echo more >> both.txt
FROM $BASE
ARG VERSION=0
ENV VERSION=$VERSION
LABEL version="$VERSION" who=me
COPY --from=made --chown=1:1 /made/both.txt /srv/
COPY app /srv/app
WORKDIR /srv
USER 1000
CMD ["python", "-m", "app"]
"""
    files = {"one.txt": "1\n", "two.txt": "2\n", "app/a.py": "", "app/secret.env": "x"}
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / ".dockerignore").write_text("**/*.env\n")
    stage = built(tmp_path, text, files, VERSION="7")
    assert (stage.root / "srv/both.txt").read_text() == "1\n2\nmore\n"
    found = sorted(p.relative_to(stage.root).as_posix() for p in stage.root.rglob("*.*"))
    assert found == ["srv/app/a.py", "srv/both.txt"]
    assert stage.labels == {"version": "7", "who": "me"}
    assert (stage.user, stage.folder, stage.command) == ("1000", "/srv", ["python", "-m", "app"])


@pytest.mark.parametrize(
    "text", ["", "COPY a b", "FROM x\nCOPY gone .", "FROM x\nRUN exit 3", "FROM x\nBUILD all"]
)
def test_what_no_builder_builds_is_not_built(tmp_path: Path, text: str) -> None:
    (tmp_path / "context").mkdir()
    with pytest.raises(dockerfile.BadDockerfile):
        built(tmp_path, text, {"a": "x"})


def test_what_is_copied_stays_in_the_image(tmp_path: Path) -> None:
    stage = built(tmp_path, "FROM x\nCOPY a ../../../b/c\n", {"a": "x"})
    assert (stage.root / "b/c").read_text() == "x"


def test_command_lines_as_docker_reads_them() -> None:
    options = Options(["-dp", "80:90", "--name=n", "--rm", "image", "-x"], True, "p")
    assert (options.words, options.one("p"), options.one("name")) == (["image", "-x"], "80:90", "n")
    assert options.has("d")
    assert options.has("rm")
    assert Options(["-t", "a", "-t", "b", "."], short=SHORT).all("t", "tag") == ["a", "b"]
    assert [full(r) for r in ("a", "h:1/a", "a:b")] == ["a:latest", "h:1/a:latest", "a:b"]
    about = {"Config": {"Labels": {"a.b": "c"}}, "State": {"Running": True}}
    assert filled('{{index .Config.Labels "a.b"}} {{.State.Running}} {{.No}}', about) == "c true "


def test_requirements_are_looked_up_in_what_is_installed(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("numpy>=1  # a comment\n# another\npandas\n")
    assert pip.main(["install", "--no-cache-dir", "-r", str(file)]) == 0
    file.write_text("numpy==0.1\n")
    assert pip.main(["install", "-r", str(file)]) == 1
    assert pip.main(["install", "no-such-thing-anywhere"]) == 1


def test_where_act_lacks_the_candidate_is_told_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/ci.yml").write_text("on: push\n")
    monkeypatch.setattr(ci_run, "missing", lambda kind: "act")
    said, code = ci_run.rehearsed(tmp_path, [ci_run.Event()])
    assert code == 2
    assert "act is not installed on this machine" in said


def test_a_staging_that_is_in_use_says_so_before_it_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes "come again" for "not well" leaves a good image behind."""
    ref = "registry.example/a/b:1"
    monkeypatch.setenv("CI_RECORDER", str(tmp_path / "recorder"))
    monkeypatch.setattr("sys.argv", ["smoke", ref])
    with Recorder(tmp_path / "recorder") as recorder:
        recorder.tags[ref] = {"image": "sha256:1", "labels": {}, "place": ""}
        recorder.busy = 2
        assert [smoke_main() for _ in range(3)] == [75, 75, 0]
        recorder.staging = False
        assert smoke_main() == 1
    assert [each["action"] for each in recorder.records] == ["busy", "busy", "smoke", "smoke"]
