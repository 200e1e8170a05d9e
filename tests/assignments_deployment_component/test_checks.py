"""What earns points, what earns none, and which check a requirement costs that is not met."""

from __future__ import annotations

import os

import pytest

from tests.words import assert_fitting
from worksample.grading.repository import TrialResult
from worksample.grading.services import Exchange, Request

from .drawn import Files, assignment, built, case, checked, events, module, services, tree

FULL = os.environ.get("WORKSAMPLE_FULL") == "1"
Done = dict[str, TrialResult]


@pytest.fixture(scope="module")
def strong() -> tuple[Files, Done]:
    files = tree("strong", case())
    return files, events(case(), files)


def test_a_strong_release_stops_what_is_bad_and_lets_the_rest_through(
    strong: tuple[Files, Done],
) -> None:
    found = checked(case(), *strong)
    points = {name: found[name].points for name in ("gate", "provenance", "rollback")}
    assert points == {"gate": 50, "provenance": 8, "rollback": 12}, found["gate"].private
    assert_fitting(assignment(), found)


def test_a_strong_service_and_one_that_says_yes_to_everything() -> None:
    files = tree("strong", case())
    found = checked(case(), files, {}, services=services(case(), files))
    assert found["service"].points == 18
    lazy = tree("idle_stops_everything", case())
    found = checked(case(), lazy, {}, services=services(case(), lazy))
    assert found["service"].points <= 2


SERVICES = {
    "the kind that a client does not say": ("force=True, ", "", 13.5),
    "a model that comes later": ("            time.sleep(0.2)\n", "            return\n", 14),
}


@pytest.mark.parametrize("left_out", SERVICES if FULL else ["a model that comes later"])
def test_what_clients_and_platform_do_costs_its_own_part(left_out: str) -> None:
    old, new, points = SERVICES[left_out]
    files = changed(tree("strong", case()), "app/serve.py", old, new)
    found = checked(case(), files, {}, services=services(case(), files))
    assert found["service"].points == pytest.approx(points, abs=0.01)


def test_nothing_done_earns_nothing() -> None:
    files = {
        path.relative_to(case().public / "work").as_posix(): path.read_bytes()
        for path in (case().public / "work").rglob("*")
        if path.is_file()
    }
    found = checked(case(), files, events(case(), files, ("release", "documentation")))
    assert {name: result.points for name, result in found.items()} == dict.fromkeys(found, 0)


@pytest.mark.parametrize("name", ["idle_stops_everything", "idle_pushes_everything"])
def test_extremes_of_a_gate_earn_nothing(name: str) -> None:
    """The share of the bad ones stopped times the share of the good ones released."""
    files = tree(name, case())
    wanted = ("",) if FULL else ("release", "documentation", "worse model")
    done = events(case(), files, wanted)
    found = checked(case(), files, done)
    assert [found[each].points for each in ("gate", "provenance", "rollback")] == [0, 0, 0]
    kinds = found["gate"].private["kinds"]
    assert kinds["documentation"] != kinds["worse model"]


def test_who_ends_the_record_after_a_push_has_stopped_nothing(
    strong: tuple[Files, Done],
) -> None:
    """Else: push first, test then, and take the driver along where a test fails."""
    kinds = [each["bad"] for each in case().truth()["changes"]]
    lost = {f"change/{n}": TrialResult(f"change/{n}", False) for n, bad in enumerate(kinds) if bad}
    assert checked(case(), strong[0], {**strong[1], **lost})["gate"].points == 0
    lost = {"fork": TrialResult("fork", False)}
    assert checked(case(), strong[0], {**strong[1], **lost})["gate"].points == 40


GATE, FLOW = "release/gate.py", ".github/workflows/release.yml"
# what is left out -> (file, text, its place, kind of commit that this is about, what is lost)
GATES = {
    "tests": (FLOW, "      - run: python -m unittest\n", "", "failing test"),
    "start": (FLOW, "      - run: python -m release.ready\n", "", "never ready"),
    "import": (FLOW, "      - run: python -m release.ready\n", "", "dependency does not import"),
    "measure": (GATE, "if fallen > NOISES * noise:", "if False:", "worse model"),
    "noise": (GATE, "NOISES = 2.0", "NOISES = 0.0", "equal model"),
    "holdout": (GATE, 'if each["measured_on"] == HOLDOUT', "", "worse model"),
    "features": (
        GATE,
        "    if max(abs(a - b)",
        "    if False and max(abs(a - b)",
        "features that slip",
    ),
    "encoded": (GATE, "ENCODED.findall(data)", "()", "credential, encoded"),
    "only what is shipped": (
        GATE,
        '("app", "vendor"',
        '("tests", "app", "vendor"',
        "example of a credential",
    ),
    "branch": (GATE, "if measured(new, there)", "if False and measured(new, there)", "branch lost"),
    "contract": (GATE, '["features"] != contract', '["features"] == ""', "features exchanged"),
    "card": (GATE, '!= card["sha256"]', '== ""', "not the card's model"),
    "credential": (GATE, "if CREDENTIAL.search(data):", "if False:", "credential"),
}


@pytest.mark.parametrize(
    "left_out", GATES if FULL else ["holdout", "features", "encoded", "only what is shipped"]
)
def test_a_line_of_the_requirements_that_no_step_looks_at_lets_its_commit_slip(
    strong: tuple[Files, Done], left_out: str
) -> None:
    """Each costs its own commit; tried whole, nothing but the gate, with WORKSAMPLE_FULL=1."""
    name, old, new, kind = GATES[left_out]
    files = changed(strong[0], name, old, new)
    done = events(case(), files, ("",) if FULL else (kind,))
    found = checked(case(), files, {**strong[1], **done})
    wrong = {each for each, right in found["gate"].private["kinds"].items() if not right}
    slipping = (
        {"never ready", "dependency does not import"} if new == "" and "ready" in old else {kind}
    )
    assert wrong == slipping if FULL else kind in wrong
    assert found["gate"].points < 45
    assert found["provenance"].points + found["rollback"].points == 20


PROVENANCE = {
    "one tag for all": ("release.yml", "IMAGE:$GITHUB_SHA", "IMAGE:latest", "provenance"),
    "no label for the model": ("release.yml", "late.model.sha256=$MODEL", "a=b", "provenance"),
    "stable before staging": (
        "release.yml",
        '            smoke "$IMAGE:$GITHUB_SHA" || code=$?\n',
        "",
        "rollback",
    ),
    "one try at staging": ("release.yml", "[ $code = 75 ] || break", "break", "rollback"),
}


@pytest.mark.parametrize("left_out", PROVENANCE if FULL else ["one try at staging"])
def test_a_release_that_cannot_be_traced_or_rolled_back_costs_its_own_check(
    strong: tuple[Files, Done], left_out: str
) -> None:
    _, old, new, check = PROVENANCE[left_out]
    files = changed(strong[0], FLOW, old, new)
    found = checked(case(), files, {**strong[1], **events(case(), files, ("release",))})
    lost = {
        n
        for n in ("gate", "provenance", "rollback")
        if found[n].points < {"gate": 50, "provenance": 8}.get(n, 12)
    }
    assert lost == {check}


def test_a_stranger_who_comes_near_the_token_costs_a_quarter_of_the_gate(
    strong: tuple[Files, Done],
) -> None:
    old = "  pull_request:\n"
    new = "  pull_request_target:\n"
    files = changed(strong[0], FLOW, old, new)
    files = changed(
        files,
        FLOW,
        "      - uses: actions/checkout@v4\n      - uses: actions/setup-python",
        "      - uses: actions/checkout@v4\n"
        "        with: {ref: '${{ github.event.pull_request.head.sha || github.sha }}'}\n"
        "      - uses: actions/setup-python",
    )
    files = changed(
        files,
        FLOW,
        "permissions:",
        "env:\n  REGISTRY_TOKEN: ${{ secrets.REGISTRY_TOKEN }}\n"
        "  IMAGE: registry.example/libraries/late\n\npermissions:",
    )
    files = changed(files, FLOW, "env:\n  IMAGE: registry.example/libraries/late\n\njobs", "jobs")
    done = events(case(), files, ("fork",))
    found = checked(case(), files, {**strong[1], **done})
    assert found["gate"].points == 40


@pytest.mark.skipif(not FULL, reason="builds images: the default run keeps to its minutes")
def test_the_image_as_it_is_really_built() -> None:
    files = tree("strong", case())
    made, used = built(case(), files)
    assert checked(case(), files, {}, images=made, services=used)["image"].points == 12
    for old, new, least in (
        ("USER late\n", "", 10),
        ("COPY requirements.txt .\n", "COPY . .\n", 10),
    ):
        mutant = changed(files, "Dockerfile", old, new)
        made, used = built(case(), mutant)
        assert checked(case(), mutant, {}, images=made, services=used)["image"].points == least


def changed(files: Files, name: str, old: str, new: str) -> Files:
    text = files[name].decode()
    assert old in text, (name, old)
    return {**files, name: text.replace(old, new).encode()}


def test_the_solutions_state_what_they_come_to() -> None:
    assert {each.quality for each in assignment().solutions} >= {
        "strong",
        "adequate",
        "weak",
        "idle",
    }


@pytest.mark.parametrize("late", [b"1" * 400, b"NaN", b'"x"', b"[]", b"true"])
def test_no_answer_of_a_service_makes_its_judge_raise(late: bytes) -> None:
    one = Exchange(Request("/"), 0.0, 0.0, 200, body=b'{"loan_id": 1, "late": %s}' % late)
    assert not module("checks")._predicted(one, {"loan_id": 1}, 0.5)
