"""Checks of containerized-deployment. Messages help and give away no hidden value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worksample.checks import CheckResult, Part, nothing

from worksample.grading.services import ServiceResult
from worksample.kit.scoring import credit

from .hidden.heat import COLUMNS
from .judging import answers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worksample.case import Case
    from worksample.run import Run

NO_TREE = "Nothing of work/ could be taken, so nothing of it was built."
NOBODY = "No image of yours answered, so nothing could be looked at."
LARGE_KB = 1024  # a layer of dependencies, and none of code
ENDS_WELL = (0, -15, 15, 143)
SOON = 5.0  # seconds for what is refused without being worked on
POINTS = {"contract": 25, "load": 10, "lifecycle": 15, "image": 20}
POINTS |= {"records": 10, "guide": 10, "ci": 10}


def _use(run: Run, name: str) -> ServiceResult:
    return run.services.get(name) or ServiceResult(name, False)


def _works(run: Run, case: Case) -> float:
    """Share of the plain requests that are right."""
    truth = case.truth()
    share = answers.singles(
        _use(run, "served").asked("single"), truth["right"]["single"], truth["version"]
    )
    return credit(share, 0.0, 0.9)


def _predicts(run: Run, case: Case) -> float:
    """Whether it predicts at all, rightly or not: each row has an answer of this model's own.

    A constant, or an answer that knows neither row nor model, is none.
    """
    truth = case.truth()
    asked = _use(run, "served").asked("single")
    good: list[object] = []
    for each, row in zip(asked, truth["given"]["single"], strict=False):
        said = answers.parsed(each.body) if each.ok else None
        if (
            isinstance(said, dict)
            and said.get("unit") == row["unit"]
            and type(said.get("probability")) is float
        ):
            good.append(said["probability"])
    rows = len(truth["given"]["single"])
    return float(len(good) >= 0.9 * rows and len(set(good)) >= 0.5 * rows)


def _part(name: str, share: float, points: float, right: str, missing: str, found: str) -> Part:
    return Part(name, round(points * share, 2), points, found, right=right, missing=missing)


def _result(*parts: Part, **details: float) -> CheckResult:
    return CheckResult(parts, details)


def check_contract(run: Run, case: Case) -> CheckResult:
    """Hidden requests against trusted predictions; what is no row is refused."""
    if run.tree.refused or not _use(run, "served").ledger:
        return nothing("answers", 35, NO_TREE if run.tree.refused else NOBODY)
    truth, served = case.truth(), _use(run, "served")
    version, right = truth["version"], truth["right"]
    single = answers.singles(served.asked("single"), right["single"], version)
    missing = answers.singles(served.asked("missing"), right["missing"], version)
    batch = _batch(served.asked("batch"), right["batch"], version)
    if truth["unseen"] == "refused":
        unseen = answers.refused(served.asked("unseen"), (422,))
    else:
        unseen = answers.singles(served.asked("unseen"), right["unseen"], version)
    bad = answers.refused([*served.asked("bad"), *served.asked("bad batch")])
    works = _works(run, case)
    return _result(
        _part(
            "plain rows",
            single,
            12,
            "They are the model's.",
            "Hand the model its numbers as it takes them, and look where the threshold stands.",
            f"{single:.0%} of the plain rows are answered as the model and the contract have it.",
        ),
        _part(
            "values left out",
            credit(missing, 0.5, 1.0),  # some leave out the very number that is taken wrongly
            6,
            "",
            "See what the contract puts in their place.",
            f"{missing:.0%} of the rows with a value left out are answered rightly.",
        ),
        _part(
            "coolants that are not known",
            unseen * works,
            4,
            "",
            "The contract has a sentence on it.",
            f"{unseen:.0%} of the rows with a coolant that is not known are answered as agreed.",
        ),
        _part(
            "a batch",
            batch,
            7,
            "The order is kept.",
            "Each row of a batch has an answer of its own.",
            f"{batch:.0%} of a batch's rows are answered rightly and in their order.",
        ),
        _part(
            "what is no row",
            credit(bad, 0.5, 1.0) * works,
            6,
            "",
            "Whatever is sent, the caller is told that it is theirs, with a 4xx.",
            f"{bad:.0%} of what is no row was refused with a 4xx.",
        ),
        plain=100 * single,
        refused=100 * bad,
    )


def _batch(exchanges: Sequence[Any], right: Sequence[Mapping[str, Any]], version: str) -> float:
    return answers.batch(exchanges[0], right, version) if exchanges else 0.0


def check_crowd(run: Run, case: Case) -> CheckResult:
    """Eight clients at once, each with rows of its own, within memory; what is too large, soon."""
    crowd = _use(run, "crowd")
    if run.tree.refused or not crowd.ledger:
        return nothing("under load", 10, NO_TREE if run.tree.refused else NOBODY)
    share = _own(crowd.asked("load"))
    large = [*crowd.asked("long"), *crowd.asked("large")]
    # who hangs up on a body that is too large refuses it as well
    hung = [each.error == "refused" and each in crowd.asked("large") for each in large]
    soon = (
        sum(
            (each.status == 413 or over) and each.seconds < SOON
            for each, over in zip(large, hung, strict=True)
        )
        / 2
    )
    lasting = all(each.ok for each in crowd.asked("after")) and bool(crowd.asked("after"))
    alive = _predicts(run, case) * lasting
    return _result(
        _part(
            "answers of their own",
            credit(share, 0.6, 1.0) * alive,
            6,
            "",
            "Nothing that is shared may hold a row; count the memory of all processes.",
            f"{share:.0%} of the answers under load were those of their own rows.",
        ),
        _part(
            "too large",
            soon * alive,
            4,
            "",
            "Look at the length before working on it.",
            f"{2 * soon:.0f} of two requests that are too large were refused soon, with 413.",
        ),
        own=100 * share,
    )


def _own(exchanges: Sequence[Any]) -> float:
    """Share of requests whose rows were answered as the same rows are when they come alone.

    Not against the truth: whoever predicts wrongly, and each caller alike, mixes nothing up.
    """
    alone: dict[str, set[Any]] = {}
    told: list[list[tuple[str, Any]]] = []
    for each in exchanges:
        said = answers.parsed(each.body) if each.ok else None
        rows = (
            said.get("predictions") if isinstance(said, dict) and "predictions" in said else [said]
        )
        asked = answers.parsed(each.request.body)
        wanted = asked.get("rows", [asked]) if isinstance(asked, dict) else []
        rows = rows if isinstance(rows, list) and len(rows) == len(wanted) else [None] * len(wanted)
        pairs = []
        for want, row in zip(wanted, rows, strict=True):
            good = isinstance(row, dict) and row.get("unit") == want["unit"]
            value = row.get("probability") if good and isinstance(row, dict) else None
            value = value if type(value) in (int, float) else None
            pairs.append((want["unit"], value))
            alone.setdefault(want["unit"], set()).add(value)
        told.append(pairs)
    values = [value for pairs in told for _, value in pairs]
    if len(set(values)) < len(alone) / 2:  # a constant is nobody's own
        return 0.0
    good = [all(v is not None and len(alone[u]) == 1 for u, v in pairs) for pairs in told]
    return sum(good) / max(len(good), 1)


def check_lifecycle(run: Run, case: Case) -> CheckResult:
    """Told to stop in the middle of an answer; a worker that dies."""
    stopped = _use(run, "stopped")
    if run.tree.refused or not stopped.ledger or not _predicts(run, case):
        return nothing("lifecycle", 15, NO_TREE if run.tree.refused else NOBODY)
    slow = stopped.asked("slow")
    answered = bool(slow) and slow[0].ok
    end = stopped.ends.get("end")
    ended = end is not None and end.code is not None and end.seconds <= 10 and answered
    graceful = ended and end is not None and end.code in ENDS_WELL
    draining = stopped.asked("draining")
    away = bool(draining) and draining[0].status != 200 and (graceful or ended)
    before, after = stopped.workers.get("before", 0), stopped.workers.get("after", 0)
    replaced = stopped.asked("replaced")
    back = bool(replaced) and all(each.ok for each in replaced) and after >= before
    return _result(
        _part(
            "what it had begun",
            answered,
            6,
            "It was answered.",
            "Who is told to stop finishes first.",
            "SIGTERM came in the middle of a full batch.",
        ),
        _part(
            "its end",
            graceful,
            4,
            "It came in time.",
            "Which process gets the signal in your image, and what does it do with it?",
            "After that answer the container has ten seconds to end by itself.",
        ),
        _part(
            "not ready any more",
            away and graceful,
            2,
            "",
            "New callers have to go elsewhere.",
            "While it finishes, it should not call itself ready.",
        ),
        _part(
            "a worker that dies",
            back and graceful,
            3,
            "Answers went on.",
            "A process that is gone has to be started again.",
            "A process of your service was killed.",
        ),
    )


def check_image(run: Run, case: Case) -> CheckResult:
    """Built, by whom it is run, its layers, its secrets, its size, and built again in a year."""
    first = run.images.get("first")
    if run.tree.refused or first is None or first.image is None:
        return nothing("image", 20, NO_TREE if run.tree.refused else "Your image was not built.")
    works = _predicts(run, case)
    user = first.image.config.user.partition(":")[0]
    safe = user not in ("", "0", "root")
    later = run.images.get("later")
    kept = later is not None and later.image is not None and _kept(first.image, later.image)
    small = 0 < first.image.kb <= 1024 * case.truth()["size_mb"]
    moved = _use(run, "moved").asked("moved")
    truth = case.truth()
    again = len(moved) == len(truth["given"]["moved"]) and all(
        each.ok and isinstance(answers.parsed(each.body), dict) for each in moved
    )
    return _result(
        _part(
            "who runs it",
            safe * works,
            4,
            "",
            "Nobody needs root to answer.",
            "It runs as a user of its own." if safe else "It runs as root.",
        ),
        _part(
            "what a change costs",
            kept * works,
            4,
            "",
            "What changes often belongs below.",
            "A change of the code keeps the layer with the dependencies."
            if kept
            else "A change of the code installs the dependencies again.",
        ),
        _part(
            "secrets",
            (not first.found) * works,
            4,
            "",
            "Look at every layer, not at the last one.",
            "Nothing of .env was found in it." if not first.found else "The token lies in it.",
        ),
        _part(
            "built again in a year",
            again * works,
            6,
            "",
            "Which version of what is chosen by nobody?",
            "With newer releases in the index it was built again, and answers."
            if again
            else "With newer releases in the index it does not answer any more.",
        ),
        _part(
            "size",
            small * works,
            2,
            "",
            "What is in it that nobody runs?",
            f"{first.image.kb / 1024:.0f} MB lie above the base.",
        ),
        size=first.image.kb / 1024,
    )


def _kept(first: Any, later: Any) -> bool:
    """Whether a change of the code left every large layer as it was."""
    pairs = zip(first.layers, first.layers_kb, strict=True)
    return all(layer in later.layers for layer, kb in pairs if kb > LARGE_KB)


def check_records(run: Run, case: Case) -> CheckResult:
    """One line a prediction, from which it can be worked out again; nothing personal."""
    served = _use(run, "served")
    if run.tree.refused or not served.ledger:
        return nothing("records", 10, NO_TREE if run.tree.refused else NOBODY)
    log = served.files.get("log", {}).get("log", b"")
    lines = answers.records(log)
    wanted = _wanted(served, case)
    good = _joined(lines, wanted)
    share = good / max(len(wanted), 1)
    extra = max(len(lines) - len(wanted), 0) / max(len(wanted), 1)
    share = max(share - extra, 0.0)
    phones = [
        row["owner_phone"].encode()
        for rows in case.truth()["given"].values()
        for row in rows
        if row.get("owner_phone")
    ]
    quiet = not any(phone in log or phone[4:] in log for phone in phones)
    return _result(
        _part(
            "one a prediction",
            credit(share, 0.3, 1.0),
            7,
            "",
            "Compare docs/CONTRACT.md with one of your lines; a batch has one for each row.",
            f"{share:.0%} of the predictions can be worked out again from their line.",
        ),
        _part(
            "nothing personal",
            quiet * credit(share, 0.3, 1.0),
            3,
            "",
            "A phone number is nobody's feature.",
            "No phone number stands in your log." if quiet else "Phone numbers stand in your log.",
        ),
        records=len(lines),
    )


def _wanted(served: ServiceResult, case: Case) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each row that was answered before the log was fetched, with its answer."""
    found = []
    for name in ("single", "missing", "unseen", "batch"):
        for each in served.asked(name):
            asked, said = answers.parsed(each.request.body), answers.parsed(each.body)
            if each.status != 200 or not isinstance(asked, dict) or not isinstance(said, dict):
                continue
            rows = asked.get("rows", [asked])
            told = said.get("predictions", [said])
            if isinstance(told, list) and len(told) == len(rows):
                found += [(r, t) for r, t in zip(rows, told, strict=True) if isinstance(t, dict)]
    return found


def _joined(
    lines: Sequence[dict[str, Any]], wanted: Sequence[tuple[dict[str, Any], dict[str, Any]]]
) -> int:
    """How many predictions have a line of their own: the row's values and what was answered."""
    left: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        left.setdefault(str(line.get("unit")), []).append(line)
    good = 0
    for row, told in wanted:
        for line in left.get(str(row["unit"]), []):
            if _tells(line, row, told):
                left[str(row["unit"])].remove(line)
                good += 1
                break
    return good


def _tells(line: dict[str, Any], row: dict[str, Any], told: dict[str, Any]) -> bool:
    values = line.get("features")
    probability = told.get("probability")
    return (
        isinstance(values, dict)
        and all(name in values and values[name] == row.get(name) for name in COLUMNS)
        and type(probability) in (int, float)
        and answers.is_close(line.get("probability"), probability)
        and line.get("flag") is told.get("flag")
        and line.get("model_version") == told.get("model_version")
    )


def check_guide(run: Run, case: Case) -> CheckResult:
    """The guide's blocks in a clean folder; then with another port."""
    if run.tree.refused:
        return nothing("the guide", 5, NO_TREE)
    parts = []
    for name, words in (("usual", "as it stands"), ("other", "with another port")):
        result = run.trials.get(f"guide/{name}")
        done = result.happened if result is not None and result.ok else None
        good = (
            done is not None
            and done.codes == (0,)
            and bool(done.did("build"))
            and bool(done.did("run"))
        )
        parts.append(
            _part(
                words,
                good,
                2.5,
                "",
                "Follow it yourself, in a new folder, word by word.",
                "Its blocks end in a service that is ready."
                if good
                else "Its blocks do not end in a container that is ready where it should be.",
            )
        )
    return _result(*parts)


def check_ci(run: Run, case: Case) -> CheckResult:
    """A sound commit has to be pushed; one with a failing test, broken code or model must not."""
    if run.tree.refused:
        return nothing("commits", 5, NO_TREE)
    pushed: dict[str, list[Any]] = {}
    commits: dict[str, str] = {}
    for name in ("sound", "test", "code", "model"):
        result = run.trials.get(f"ci/{name}")
        if result is None or not result.ok or result.happened is None:
            continue
        pushed[name] = result.happened.pushes()
        commits[name] = (*result.happened.commits, "")[0]
    passed = bool(pushed.get("sound"))
    tagged = passed and any(
        len(push.tag) >= 7 and commits["sound"].startswith(push.tag.removeprefix("sha-"))
        for push in pushed["sound"]
    )
    stopped = sum(not pushed[name] for name in ("test", "code", "model") if name in pushed)
    return _result(
        _part(
            "bad commits",
            passed * stopped / 3,
            4,
            "",
            "What would have to fail before the push?",
            f"A sound commit {'was' if passed else 'was not'} pushed; of three bad ones, "
            f"{stopped} were not.",
        ),
        _part(
            "its tag",
            tagged * (stopped > 0),
            1,
            "",
            "A tag should lead back to its commit.",
            "The image's tag is its commit's." if tagged else "No tag leads back to the commit.",
        ),
        stopped=stopped,
    )
