"""Checks of drift-monitoring. Messages help and give away no hidden value."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from worksample.checks import CheckResult, Part, answer, calls, is_number, why_no_answer

from .hidden import plan as response
from .hidden import retraining
from .judging import samples, scoring
from .judging.scoring import Figures, Heard

if TYPE_CHECKING:
    from worksample.case import Case
    from worksample.run import Run


# --- psi -------------------------------------------------------------------------------------


def check_psi_check(run: Run, case: Case) -> CheckResult:
    """Properties that every convention of the index has; exact values only from counts."""
    v = {id.removeprefix("psi/"): _number(run, id) for id in run.calls if id.startswith("psi/")}
    tests = (
        ("same distribution", 2, "about 0 for samples of the same distribution", _small(v)),
        ("never negative", 2, "never below 0", _all(v, *v, test=lambda x: x > -1e-6)),
        (
            "grows with the shift",
            3,
            "larger for a larger shift, of numbers and of categories",
            _rising(v, "alike", "shift0", "shift1", "shift2")
            and _rising(v, "levels_alike", "levels_shift0", "levels_shift1"),
        ),
        (
            "finite at the edges",
            3,
            "a finite number with empty bins, constants, missing values and levels never seen, "
            "and clearly above 0 where all values moved far or a level came or went",
            _all(v, "gaps", "all_gaps", "moved_constant", test=lambda x: True)
            and _all(v, "far", "unseen", "lost", test=lambda x: x > 0.02),
        ),
        (
            "order of rows",
            1,
            "the same whatever the order of the rows",
            _all(v, "shift1", "shuffled", test=lambda x: True)
            and abs(v["shift1"] - v["shuffled"]) < 1e-6,
        ),
        (
            "stable and shifted samples",
            2,
            "larger for nearly every shifted sample than for samples without a shift",
            _ranked(v),
        ),
    )
    alive = _ranked(v, LEAST_RANKED)
    parts = [
        Part(name, points if good and alive else 0, points, _psi_words(words, good, alive))
        for name, points, words, good in tests
    ]
    values = {k: x for k, x in v.items() if x is not None}
    return CheckResult((*parts, _from_counts(run, case)), private={"values": values})


def _psi_words(words: str, good: bool, alive: bool) -> str:
    if good and not alive:
        return f"psi is {words}; that counts once it is larger for shifted samples than for others."
    return f"psi {'is' if good else 'should be'} {words}."


#: of all pairs of a stable and a shifted sample: an index that gets fewer right tells nothing, and
#: what a constant or a random number has of the other properties is no merit. Chance is a half
LEAST_RANKED = 0.75

COUNTS = "from counts"
CLOSE = 0.03  # conventions that add half a row to each bin differ by less


def _from_counts(run: Run, case: Case) -> Part:
    """Exact values, in any convention; with an empty bin any finite value above the full ones."""
    given = {name: _number(run, f"counts/{name}") for name, _, _ in samples.counts(case.seed)}
    if None in given.values():
        words = "psi_of_counts should give a finite number for rows per bin, empty bins too."
        return Part(COUNTS, 0, 2, words)
    pairs = {name: (reference, current) for name, reference, current in samples.counts(case.seed)}
    exact = [_conventions(given[name], *pairs[name]) for name in pairs if name.startswith("full")]
    right = bool(set.intersection(*exact)) and abs(given["kept"]) < 1e-6
    edge = given["empty"] > max(0.0, given["kept"])
    filled = "agrees with a convention" if right else "agrees with no convention"
    words = (
        f"With filled bins psi_of_counts {filled} in use; with a bin that has become empty it "
        f"is {'above 0' if edge else 'not above 0'}."
    )
    wanted = (
        "It should give the index (or the divergence you chose instead) of the shares: work one "
        "example with filled bins out by hand."
    )
    missing = "It should be above 0 there too." if right else wanted
    return Part(COUNTS, float(right) + float(edge), 2, words, missing=missing)


def _conventions(value: float, reference: list[int], current: list[int]) -> set[str]:
    """Names of the conventions by which the value is right."""
    known = samples.accepted(reference, current)
    return {name for name, exact in known.items() if abs(value - exact) <= CLOSE * exact}


def _small(values: dict[str, float | None]) -> bool:
    return _all(values, "alike", "levels_alike", test=lambda x: x < 0.15) and _all(
        values, "same", "constant", test=lambda x: abs(x) < 0.02
    )


def _number(run: Run, id: str) -> float | None:
    result = next(iter(calls(run, id)), None)
    return result.value if result and result.ok and is_number(result.value) else None


def _all(values: dict[str, float | None], *names: str, test: Any) -> bool:
    found = [values.get(name) for name in names]
    return bool(found) and all(x is not None and test(x) for x in found)


def _rising(values: dict[str, float | None], *names: str) -> bool:
    found = [values.get(name) for name in names]
    return None not in found and all(a < b for a, b in pairwise(found))


def _ranked(values: dict[str, float | None], least: float = 0.95) -> bool:
    stable = [x for k, x in values.items() if k.startswith("rank_stable")]
    shifted = [x for k, x in values.items() if k.startswith("rank_shifted")]
    if not stable or None in stable or None in shifted:
        return False
    return sum(a < b for a in stable for b in shifted) >= least * len(stable) * len(shifted)


# --- monitor and columns ---------------------------------------------------------------------


def heard(run: Run, truth: dict[str, Any]) -> tuple[list[Heard], int]:
    """What the monitor said on each hidden stream, and how many calls gave no usable answer."""
    found, failed = [], 0
    for number, stream in enumerate(truth["streams"]):
        results = calls(run, f"stream/{number}")
        failed += sum(not r.ok for r in results)
        named = [_names(r.value) if r.ok else [] for r in results]
        fault = stream["fault"] or {}
        found.append(
            Heard(
                stream["onset"],
                fault.get("kind", ""),
                tuple(fault.get("columns", ())),
                named,
                fault.get("size", ""),
            )
        )
    return found, failed


def _names(value: Any) -> list[str]:
    return [str(v) for v in value[:20]] if isinstance(value, list) else []


def check_monitor(run: Run, case: Case) -> CheckResult:
    """Faults found beyond chance, false alarms; for seniors the retraining policy too."""
    truth = case.truth()
    streams, failed = heard(run, truth)
    f = scoring.figures(streams)
    senior = case.level == "senior"
    possible = 45 if senior else 55
    earned = possible * scoring.detection(f, case.level, truth["costs"])
    parts = [
        Part(
            "the monitor",
            round(earned, 2),
            possible,
            _told(f),
            missing=_left(f, failed),
        )
    ]
    private: dict[str, Any] = {
        "by_kind": dict(f.by_kind),
        "failed_calls": failed,
        "waited": f.waited,
        "stable_windows": f.stable,
    }
    if senior:
        weeks = [_first_true(calls(run, f"history/{i}")) for i in range(len(truth["histories"]))]
        share = retraining.share(weeks, truth["histories"], truth["costs"])
        full = POLICY_FULL * retraining.simple(truth["histories"], truth["costs"])
        private["retrained"] = weeks
        parts.append(
            Part(
                "retraining policy",
                round(10 * min(1, share / full), 2),
                10,
                POLICY_SAVES if share > 0 else POLICY_COSTS,
                right="It retrains when it pays and mostly leaves alone what passes.",
                missing="Noise, passing storms and late starts cost the rest." if share > 0 else "",
            )
        )
    details = {
        "false_alarms": 100 * f.false_alarms,
        "found": 100 * f.found,
        "delay": f.delay if f.delay is not None else "no",
    }
    return CheckResult(tuple(parts), details, private)


POLICY_FULL = 0.6  # of what the best simple policy saves, chosen with these very histories
POLICY_SAVES = "The policy saves something against retraining never or at once."
POLICY_COSTS = "The policy costs as much as retraining never or at once."


def _told(f: Figures) -> str:
    return (
        f"False alarms in {f.false_alarms:.0%} of the windows in which nothing was wrong; "
        f"{f.found:.0%} of the faults found within five windows, and on average a fault went "
        f"unnoticed for {f.waited / max(f.faults, 1):.1f} windows."
    )


def _left(f: Figures, failed: int) -> str:
    words = []
    if failed:
        words.append(
            "Some calls gave no usable answer and count as no alarm: run the check "
            "cell on windows with few rows and empty outcomes."
        )
    if f.false_alarms > CALM:
        words.append(
            "False alarms cost most of what is left: find out with simulate() which figures call "
            "too often, and in which windows of a stream."
        )
    else:
        words.append(
            "Faults that went unnoticed cost most of what is left: think of what no distribution "
            "of a single column shows, of small changes that last, and of what the limits were "
            "taken from."
        )
    return " ".join(words)


CALM = 0.04  # false alarms per window from which on these are what to look at first


def _first_true(results: Any) -> int | None:
    return next((week for week, r in enumerate(results) if r.ok and r.value is True), None)


def check_columns(run: Run, case: Case) -> CheckResult:
    """Faults whose column is among the first two names of the first alarm in time."""
    f = scoring.figures(heard(run, case.truth())[0])
    words = f"For {f.named:.0%} of the faults a right column was among the first two names."
    missing = "Put first what moved most against its own usual variation."
    if f.named - f.named_beyond > 0.1:
        missing = f"Names that come up when nothing is wrong are not counted. {missing}"
    return CheckResult(
        (Part("columns named", round(15 * scoring.naming(f), 2), 15, words, missing=missing),),
        {"named": 100 * f.named},
    )


# --- plan and dashboard ----------------------------------------------------------------------


def check_plan(run: Run, case: Case) -> CheckResult:
    """Cost of the plan, between the best single action and the best for each alert."""
    given = answer(run, "plan")
    if not isinstance(given, dict):
        return CheckResult((Part("response plan", 0, 10, why_no_answer(run, "plan")),))
    plan = {str(k): str(v) for k, v in given.items()}
    share = response.share(plan, case.truth()["alerts"])
    saved = f"{share:.0%}" if share >= 0.005 else "nothing"
    words = (
        f"The plan saves {saved} of what a plan can save against one and the same "
        "action for all six."
    )
    missing = "Ask of each alert: is it real, can we mend it, does it pass, what does it cost?"
    part = Part("response plan", round(10 * share, 2), 10, words, missing=missing)
    return CheckResult((part,), {"saved": 100 * share})


def check_dashboard_check(run: Run, case: Case) -> CheckResult:
    """Panels with data and labels, as the figure describes itself, and a picture that is one."""
    given = answer(run, "dashboard")
    panels = given.get("panels") if isinstance(given, dict) else None
    if not isinstance(panels, list):
        return CheckResult((Part("dashboard", 0, 5, why_no_answer(run, "dashboard")),))
    panels = [p for p in panels[:50] if isinstance(p, dict)]
    filled = [p for p in panels if is_number(p.get("points")) and p["points"] >= 5]
    labels = [p for p in filled if all(_text(p.get(k)) for k in ("x", "y", "title"))]
    titles = {str(p["title"]).strip().lower() for p in labels}
    image = bool(filled) and is_picture(given.get("png"))
    return CheckResult(
        (
            Part(
                "panels",
                min(len(filled), 3) * 2 / 3,
                2,
                f"{len(filled)} panels hold data.",
                missing="Three or more are wanted.",
            ),
            Part(
                "labels",
                min(len(titles), 3) * 2 / 3,
                2,
                f"{len(titles)} of them have a title of their own and labels on both axes.",
                missing="Three or more are wanted.",
            ),
            Part(
                "image",
                1 if image else 0,
                1,
                "The image was saved." if image else "There is no image with a drawing in it.",
            ),
        ),
        {"panels": len(filled)},
    )


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_picture(encoded: Any) -> bool:
    """Whether it is base64 of a PNG of sensible size whose pixels are not all the same.

    Read without an image library, whose decoders were not written for hostile bytes; at most
    64 MB are unpacked. That the picture shows the panels described is for people to see.
    """
    try:
        data = base64.b64decode(encoded, validate=True)
        if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
            return False
        width, height = struct.unpack(">II", data[16:24])
        if not (200 <= width <= 6000 and 80 <= height <= 6000):
            return False
        packed, at = b"", 8
        while at + 8 <= len(data):
            size, kind = struct.unpack(">I4s", data[at : at + 8])
            packed += data[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
            at += 12 + size
        pixels = zlib.decompressobj().decompress(packed, 64 << 20)
    except (TypeError, ValueError, binascii.Error, struct.error, zlib.error):
        return False
    return len(pixels) >= width * height // 8 and len(set(pixels[::97])) > 8
