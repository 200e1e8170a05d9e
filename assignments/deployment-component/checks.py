"""Checks of deployment-component. Messages help and give away no hidden value."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from worksample.checks import CheckResult, Part, nothing

from worksample.grading.services import Exchange, ServiceResult
from worksample.kit.replies import parsed
from worksample.kit.scoring import credit

from . import probe
from .judging import released

if TYPE_CHECKING:
    from worksample.case import Case
    from worksample.run import Run

NO_TREE = "Nothing of work/ could be taken, so nothing of it was run."
NO_FLOW = "There is no workflow that could be run: .github/workflows, .gitlab-ci.yml or ci.sh."
GATE = 50
FORK = 10  # points that a careless answer to a stranger costs
WORTH = (0.4, 1.0)  # stopped times passed: from what a gate is worth something, and all
CLOSE = 1e-6


def check_gate(run: Run, case: Case) -> CheckResult:
    """Hidden commits: share of the bad ones stopped times that of the good ones let in."""
    if run.tree.refused:
        return nothing("work/", GATE, NO_TREE)
    bad = good = stopped = passed = 0
    kinds = {}
    for number, about in enumerate(case.truth()["changes"]):
        done = released.of(run.trials, f"change/{number}")
        if about["bad"]:  # whose record was lost has stopped nothing: it may have pushed before
            out = bool(done.codes) and not released.harmful(done, about["kind"] == "credential")
            bad, stopped = bad + 1, stopped + out
        else:
            out = released.passed(done)
            good, passed = good + 1, passed + out
        kinds[about["kind"]] = out
    share = credit(stopped / bad * passed / good, *WORTH)
    done = released.of(run.trials, "fork")
    careless = bool(not done.codes or done.pushes() or done.did("saw"))
    return CheckResult(
        (
            Part(
                "commits",
                round((GATE - FORK) * share, 2),
                GATE - FORK,
                f"{stopped / bad:.0%} of the commits that must not be released were stopped, and "
                f"{passed / good:.0%} of the others were released.",
                missing="docs/REQUIREMENTS.md, 1: each of its lines may be what a commit breaks, "
                "in more than one way.",
            ),
            Part(
                "a stranger's pull request",
                round(FORK * share * (not careless), 2),
                FORK,
                "A pull request from a fork pushed an image or came near the token."
                if careless
                else "A pull request from a fork pushed nothing and saw no token; this counts as "
                "far as the gate works.",
            ),
        ),
        {"stopped": 100 * stopped / bad, "passed": 100 * passed / good},
        {"kinds": kinds, "careless": careless},
    )


def check_provenance(run: Run, case: Case) -> CheckResult:
    """Tags and labels lead from an image to its commit and its model."""
    if run.tree.refused:
        return nothing("work/", 8, NO_TREE)
    done = released.of(run.trials, "release")
    first, again, other = (released.tags(done, event) for event in (0, 1, 2))
    same = bool(first) and first == again
    apart = bool(other) and not first & other and same
    commits = (*done.commits, "", "", "")
    says = same and all(
        any(commits[event][: released.SHORT] in tag for tag in found)
        for event, found in ((0, first), (2, other))
    )
    pushes = {event: done.pushes(event) for event in (0, 2)}
    model = hashlib.sha256(run.tree.files.get("model/model.json", b"")).hexdigest()
    commit = all(released.labelled(pushes[event], commits[event] or "-") for event in (0, 2))
    label = all(released.labelled(pushes[event], model) for event in (0, 2))
    return CheckResult(
        (
            _part("tags", same and apart, 3, "The same commit has one tag, another commit another"),
            _part("a tag says its commit", bool(says), 1, "A tag holds the commit's identity"),
            _part("label: commit", commit, 2, "Each image's labels say its commit"),
            _part("label: model", label, 2, "Each image's labels say its model's sha256"),
        )
    )


def _part(name: str, right: bool, points: float, words: str, missing: str = "") -> Part:
    verb = "yes" if right else "not yet"
    return Part(name, points * right, points, f"{words}: {verb}.", missing=missing)


def check_rollback(run: Run, case: Case) -> CheckResult:
    """`stable` is moved to what is well on staging, and to nothing else."""
    if run.tree.refused:
        return nothing("work/", 12, NO_TREE)
    done = released.of(run.trials, "release")
    moved = released.moved_well(done, 0)
    waited = moved and released.moved_well(done, 2)
    stayed = moved and released.stayed(done, 3)
    return CheckResult(
        (
            _part("moved", moved, 3, "stable is moved once staging has found an image well"),
            _part(
                "moved later",
                waited,
                5,
                "It is moved as well where staging could not look at once",
                "What does the tool say of itself?",
            ),
            _part("stays", stayed, 4, "Where an image is not well there, stable stays"),
        )
    )


def check_service(run: Run, case: Case) -> CheckResult:
    """Their service as it answers, with models that are there, broken, late or missing."""
    if run.tree.refused:
        return nothing("work/", 18, NO_TREE)
    truth = case.truth()
    plain, missing, broken, slow, attached = (
        run.services.get(name, ServiceResult(name, False))
        for name in ("plain", "missing", "broken", "slow", "attached")
    )
    model = json.loads((case.public / "work" / "model" / "model.json").read_text("utf-8"))
    predicted = [
        _predicted(one, loan, _chance(model, loan, truth))
        for one, loan in zip(plain.asked("loans"), truth["requests"], strict=False)
    ]
    right = sum(predicted) / len(truth["requests"])
    tills, desks = (
        sum(each for n, each in enumerate(predicted) if probe.desks(n) == desk)
        / sum(probe.desks(n) == desk for n in range(len(truth["requests"])))
        for desk in (False, True)
    )
    starts = (
        bool(plain.ready) and max(tills, desks) > 0.5
    )  # else whoever says yes to everything would live
    lines = _lines(plain, truth)
    refused = sum(
        400 <= (one.status or 0) < 500 and not one.error for one in plain.asked("bad")
    ) / max(len(plain.asked("bad")), 1)
    lives = [_statuses(each, name) for each, name in _early(missing, broken, slow)]
    live = starts and all(each[:1] == [200] for each in lives)
    waits = [starts and each[1:] == [503, 503] for each in lives]
    turned = waits[2] and len(slow.ready) == 2 and any(o.ok for o in slow.asked("late"))
    came = (
        starts
        and _statuses(attached, "early")[:2] == [200, 503]
        and len(attached.ready) == 2
        and any(o.ok for o in attached.asked("late"))
    )
    return CheckResult(
        (
            Part(
                "tills",
                round(2 * tills, 2),
                2,
                f"{tills:.0%} of the tills' loans were answered with what the model says.",
            ),
            Part(
                "desks",
                round(3 * desks, 2),
                3,
                f"{desks:.0%} of the desks' loans were answered with what the model says.",
                missing="Run clients/desk.py against it.",
            ),
            _part("live", live, 1, "Alive whatever the model does"),
            _part("no model, no answer", waits[0], 1, "Without a model it is not ready"),
            _part("broken model", waits[1], 1, "With a broken model it is not ready"),
            _part("slow to warm up", bool(turned), 2, "Not ready before it is warm, then ready"),
            _part(
                "as the platform starts it",
                came,
                4,
                "Ready in the end where it is started as the platform starts what it runs",
                "docs/platform.log: what comes first, and what later?",
            ),
            Part(
                "bad input",
                round(refused * max(tills, desks), 2),
                1,
                f"{refused:.0%} of the bodies that are no loan were refused as the caller's fault.",
            ),
            Part(
                "log",
                round(3 * lines, 2),
                3,
                f"{lines:.0%} of the requests can be found in the log with what was answered.",
                missing="One line of JSON a request on standard output, without the reader's data.",
            ),
        ),
        {"answered": 100 * right, "logged": 100 * lines},
    )


def check_image(run: Run, case: Case) -> CheckResult:
    """The image as it was really built: started, by whom, what it holds, what it keeps."""
    if run.tree.refused:
        return nothing("work/", 12, NO_TREE)
    truth = case.truth()
    model = json.loads((case.public / "work" / "model" / "model.json").read_text("utf-8"))
    used = run.services.get("image", ServiceResult("image", False))
    first, later = run.images.get("first"), run.images.get("later")
    asked = used.asked("loans")
    loans = truth["requests"][: len(asked)]
    starts = bool(asked) and all(
        _predicted(one, loan, _chance(model, loan, truth))
        for one, loan in zip(asked, loans, strict=True)
    )
    user = first.image.config.user.partition(":")[0] if first and first.image else ""
    token, *rest = truth["token"], *(first.found if first else ())
    clean = starts and token not in rest
    small = starts and not set(rest) - {token}
    return CheckResult(
        (
            _part("starts", starts, 4, "Built, started with a sealed file system, and answering"),
            _part("its user", starts and user not in ("", "root", "0"), 2, "It runs as not root"),
            _part(
                "packages kept",
                starts and later is not None and later.ok,
                2,
                "A change of the code installs no package anew",
            ),
            _part("no token", clean, 2, "What lies beside the repository is not in it"),
            _part("nothing more", small, 2, "Holdout and tests are not in it"),
        )
    )


def _early(*services: ServiceResult) -> list[tuple[ServiceResult, str]]:
    return list(zip(services, ("alive", "alive", "early"), strict=True))


def _statuses(service: ServiceResult, name: str) -> list[int | None]:
    return [one.status for one in service.asked(name)]


def _chance(model: dict[str, Any], loan: dict[str, Any], truth: dict[str, Any]) -> float:
    from math import exp, log1p

    values = {
        **{name: float(loan[name]) for name in ("days_allowed", "renewals", "reserved")},
        "items_log": log1p(loan["items"]),
        **{name: log1p(loan[name]) for name in ("late_before", "loans_before")},
        **{f"at_{each}": float(loan["branch"] == each) for each in truth["branches"][1:]},
    }
    weights = zip(model["weights"], truth["contract"], strict=True)
    return 1 / (1 + exp(-model["intercept"] - sum(w * values[name] for w, name in weights)))


def _predicted(one: Exchange, loan: dict[str, Any], chance: float) -> bool:
    said = _table(one.body) if one.ok else {}
    late = said.get("late")
    fits = isinstance(late, int | float) and abs(late - chance) < CLOSE
    return fits and said.get("loan_id") == loan["loan_id"]


def _table(data: bytes) -> dict[str, Any]:
    found = parsed(data)
    return found if isinstance(found, dict) else {}


def _lines(plain: ServiceResult, truth: dict[str, Any]) -> float:
    """Share of the loans that have one line each with what was answered; none with a reader."""
    log = plain.files.get("log", {}).get("service.out", b"")
    found: dict[str, list[dict[str, Any]]] = {}
    for line in log.splitlines():
        said = _table(line)
        name = said.get("request_id")
        if isinstance(name, str):
            found.setdefault(name, []).append(said)
    whole = log.decode("utf-8", "replace")
    if any(str(loan[truth["personal"]]) in whole for loan in truth["requests"]):
        return 0.0
    well = 0
    for number, (one, loan) in enumerate(
        zip(plain.asked("loans"), truth["requests"], strict=False)
    ):
        lines = found.get(f"r-{number:03d}", [])
        reply = _table(one.body)
        well += (
            one.ok
            and len(lines) == 1
            and lines[0].get("loan_id") == loan["loan_id"]
            and lines[0].get("status") == one.status
            and lines[0].get("model") == reply.get("model")
            and lines[0].get("late") == reply.get("late")
        )
    return well / len(truth["requests"])
