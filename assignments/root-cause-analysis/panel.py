"""Simulated candidates: what they look at, how well they read it, what they get done.

Four knobs make an ability. ``tests``: how much of the separating evidence they gather;
``reading``: how little noise they add to it; ``time``: how much of the notebook they finish;
``doubt``: how little they cling to the first suspect. They answer from the truth, spoiled by what
they lack: so answers of every quality exist for every cause, whatever it takes to find it. Never
shipped: it reads the private part of a case.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from worksample.case import Case

from worksample.kit.panel import Person, people

from .probe import earlier_rows, hidden_truth
from .toolkit.hypotheses import FAMILY, IDS, JUNIOR, REMEDIES

PEOPLE = people(["tests", "reading", "time", "doubt"], count=32)

EVIDENCE = 7.0  # log-odds in favour of the truth that a person who runs every test gathers
KIN = 0.3  # of it also speaks for hypotheses of the same family
NOISE = 1.6  # log-odds, standard deviation of what the worst reader adds to each hypothesis
CLINGING = 0.6  # share of the belief that somebody without doubt leaves on the first suspect
DAYS = 6.0  # standard deviation of the worst reader's onset
UNLISTED = "none of them"


def answers(person: Person, case: Case, luck: np.random.Generator) -> dict[str, str]:
    """Answer cell -> source. Every draw is made at every level, so none depends on another's."""
    mind = Mind(person, case, case.truth(), luck)
    belief = mind.belief()
    marks, mended = mind.marks(), mind.mended()
    given = {
        "trace_1": _spread(1, dict.fromkeys(mind.offered, 1.0)),
        "trace_2": _spread(2, belief),
        "trace_3": _spread(3, belief),
        "onset_answer": f"ONSET = {mind.onset()!r}",
        "changelog_answer": f"CHANGELOG = {mind.changelog()!r}",
        "affected_answer": _masked("MARKED", "affected", marks),
        "remedy_answer": _remedy(mind.remedy_type(), mended, mind.expression()),
        "transfer_answer": _guard(str(mind.truth["transfer"]["fault"]), mind.guard()),
    }
    shares = mind.shares()
    if case.level == "senior":
        given["shares_answer"] = f"SHARES = {shares!r}"
    return given


@dataclass
class Mind:
    """One person before one case."""

    person: Person
    case: Case
    truth: Mapping[str, Any]
    luck: np.random.Generator

    def knob(self, *names: str) -> float:
        """Mean of some knobs, between 0 and 1."""
        return float(np.mean([self.person.knobs[name] for name in names]))

    def shaken(self, value: float, by: float) -> float:
        """A quality with luck, between 0 and 1."""
        return float(np.clip(value + self.luck.normal(0, by), 0, 1))

    @property
    def offered(self) -> tuple[str, ...]:
        """The hypotheses to spread over; a junior's true one may be none of the simple ones."""
        if self.case.level != "junior":
            return IDS
        return tuple(name for name in IDS if name in JUNIOR or name in self.causes)

    @property
    def causes(self) -> dict[str, float]:
        return {cause["id"]: float(cause["share"]) for cause in self.truth["causes"]}

    @property
    def where(self) -> Mapping[str, Any]:
        """Facts of the main cause."""
        return self.truth["causes"][0]["where"]

    def belief(self) -> dict[str, float]:
        """Points by hypothesis: evidence with noise, and what is left on the first suspect."""
        strength = EVIDENCE * self.knob("tests")
        noise = NOISE * (1.3 - self.knob("reading"))
        kin = {FAMILY[name] for name in self.causes}
        odds = np.array(
            [
                strength * (1.0 if name in self.causes else KIN * (FAMILY[name] in kin))
                for name in self.offered
            ]
        )
        odds += self.luck.normal(0, noise, len(odds))
        weight = np.exp(odds - odds.max()) * [self.causes.get(n, 1.0) for n in self.offered]
        believed = weight / weight.sum()
        suspect = int(self.luck.integers(len(odds)))
        clung = CLINGING * (1 - self.knob("doubt"))
        believed = believed * (1 - clung)
        believed[suspect] += clung
        return {n: round(100 * float(b), 2) for n, b in zip(self.offered, believed, strict=True)}

    def onset(self) -> str:
        """The day, off by more the worse they read."""
        off = self.luck.normal(0, DAYS * (1 - self.knob("reading", "tests")) ** 1.5)
        return str(date.fromisoformat(self.truth["onset"]) + timedelta(days=round(off)))

    def changelog(self) -> dict[str, float]:
        """Probabilities of the entries; what is left is for none of them."""
        true = {name: float(x) for name, x in self.truth["changelog"].items()}
        true[UNLISTED] = float(not any(true.values()))
        strength = EVIDENCE * self.knob("tests", "reading", "doubt")
        odds = strength * np.array(list(true.values()))
        odds += self.luck.normal(0, NOISE * (1.1 - self.knob("reading")), len(odds))
        share = np.exp(odds - odds.max())
        given = dict(zip(true, share / share.sum(), strict=True))
        return {name: round(0.999 * float(x), 3) for name, x in given.items() if name != UNLISTED}

    def marks(self) -> np.ndarray:
        """Rows that they call affected, by number: part of the true ones, and others.

        The later rows are numbered first, then those of the days before the incident.
        """
        later = hidden_truth(self.case)["affected"].to_numpy(bool)
        true = np.concatenate([later, np.zeros(len(earlier_rows(self.case)), dtype=bool)])
        skill = self.shaken(self.knob("tests", "reading", "time"), 0.05)
        usual = float(true.mean())
        precision = usual + (1 - usual) * skill**0.7
        hit = true & (self.luck.random(len(true)) < 0.3 + 0.7 * skill)
        wrong = hit.sum() * (1 / precision - 1) / max(1, (~true).sum())
        return hit | (~true & (self.luck.random(len(true)) < wrong))

    def mended(self) -> np.ndarray:
        """Hidden rows that their remedy mends rightly."""
        true = hidden_truth(self.case)["affected"].to_numpy(bool)
        skill = self.shaken(self.knob("tests", "time", "doubt"), 0.05)
        return true & (self.luck.random(len(true)) < min(1.0, 1.05 * skill))

    def remedy_type(self) -> str:
        """The kind: the right one as often as they are able."""
        right = str(self.truth["remedy_type"])
        others = [kind for kind in REMEDIES if kind != right]
        other = others[int(self.luck.integers(len(others)))]
        return right if self.luck.random() < self.knob("tests", "doubt") else other

    def expression(self) -> str:
        """The main cause's remedy on the rows ``mended``; nothing where there is none known."""
        make = MENDING.get(str(self.truth["causes"][0]["id"]))
        try:
            return make(self.where, self.truth) if make else "leave_out(nothing)"
        except KeyError:  # a cause that is told by other facts now
            return "leave_out(nothing)"

    def guard(self) -> int:
        """Percent of windows in which their guard does what a good one does."""
        return round(100 * self.shaken(0.5 + 0.5 * self.knob("time", "reading"), 0.02))

    def shares(self) -> dict[str, float]:
        """Shares of the loss by cause, some of it on wrong ones."""
        lost = 0.6 * (1 - self.shaken(self.knob("tests", "time"), 0.05))
        other = IDS[int(self.luck.integers(len(IDS)))]
        given = {name: (1 - lost) * share for name, share in self.causes.items()}
        given[other] = given.get(other, 0.0) + lost
        return {name: round(100 * share, 2) for name, share in given.items()}


# ---- remedies, as a candidate writes them ----

Facts = Mapping[str, Any]


def _unit(facts: Facts, _: Facts) -> str:
    factor, offset = float(facts["factor"]), float(facts["offset"])
    return (
        f"rescale({facts['column']!r}, multiply={1 / factor!r}, add={-offset / factor!r}, "
        f"where=mended)"
    )


def _default(facts: Facts, _: Facts) -> str:
    column = facts["column"]
    return (
        f"one_after_another(as_missing({column!r}, where=mended), "
        f"borrow({column!r}, among=not_in(affected), where=mended))"
    )


def _stale(facts: Facts, _: Facts) -> str:
    lent = [
        f"borrow({column!r}, among=not_in(affected), where=mended)" for column in facts["columns"]
    ]
    return f"one_after_another({', '.join(lent)})"


def _remap(facts: Facts, _: Facts) -> str:
    back = {new: old for old, new in facts["codes"].items()}
    return f"remap({facts['column']!r}, {back!r}, where=mended)"


def _retrained(_: Facts, truth: Facts) -> str:
    first = date.fromisoformat(truth["onset"]) + timedelta(days=1)
    return f"retrain({str(first)!r}, where=mended)"


def _mix(facts: Facts, _: Facts) -> str:
    # back to the usual mix: the rows beyond it are left out
    return "leave_out(both(mended, lambda rows: rows['row'] % 5 > 0))"


def _plain(line: str) -> Callable[[Facts, Facts], str]:
    return lambda facts, truth: line


MENDING: Mapping[str, Callable[[Facts, Facts], str]] = {
    "unit_change": _unit,
    "default_on_failed_fetch": _default,
    "segment_nulls": lambda facts, _: (
        f"borrow({facts['column']!r}, among=not_in(affected), where=mended)"
    ),
    "recoded_category": _remap,
    "swapped_codes": _remap,
    "stale_feature": _stale,
    "wrong_model": _plain("score_again(where=mended)"),
    "transform_skew": _plain("score_again(where=mended)"),
    "old_version_on_part_of_fleet": _plain("score_again(where=mended)"),
    "fallback_at_timeout": _plain("score_again(where=mended)"),
    "retrained_on_bad_data": _plain(
        "roll_back(log.sort_values('served_at')['model_version'].iloc[0], where=mended)"
    ),
    "wrong_threshold": _plain("set_threshold(case.questions['threshold'], where=mended)"),
    "duplicated_events": _plain("leave_out(mended)"),
    "label_join": _plain("join_again(where=mended)"),
    "partial_batch": _plain("as_not_reported(where=mended)"),
    "censored_labels": _plain(
        "as_not_reported(where=lambda rows: rows['arm'].eq('main') & (rows['row'] % 100 < DONE))"
    ),
    "concept_change": _retrained,
    "mix_shift": _mix,
}


# ---- cells ----


def _spread(number: int, belief: Mapping[str, float]) -> str:
    name = f"spread_{number}"
    return "\n".join(
        [
            f"{name} = {dict(belief)!r}",
            f"{name} = {{n: p for n, p in {name}.items() if n in hypothesis_ids()}}",
            f"{name} = {{n: 100 * p / sum({name}.values()) for n, p in {name}.items()}}",
            f'next_test_{number} = "simulated"',
            f"decision_trace({number}, {name}, next_test_{number})",
        ]
    )


def _masked(constant: str, function: str, mask: np.ndarray) -> str:
    """A function that marks the rows of ``mask``; other rows of the same numbers as well."""
    text = base64.b85encode(zlib.compress(np.packbits(mask).tobytes(), 9)).decode()
    return "\n".join(
        [
            "import base64, zlib",
            f"{constant} = np.unpackbits(np.frombuffer(zlib.decompress("
            f"base64.b85decode({text!r})), np.uint8))[:{len(mask)}].astype(bool)",
            "",
            "",
            f"def {function}(rows):",
            f"    return pd.Series({constant}[rows['row'] % {len(mask)}], index=rows.index)",
        ]
    )


def _remedy(kind: str, mended: np.ndarray, expression: str) -> str:
    return "\n".join(
        [
            f"REMEDY_TYPE = {kind!r}",
            _masked("MENDED", "mended", mended),
            f"DONE = {round(100 * float(mended.sum()) / max(1, len(mended)))}",
            "nothing = not_in(everything)",
            f"remediate = {expression}",
        ]
    )


GUARDS = {
    "stuck": """    ordered = window.sort_values("at_hour").groupby("station")
    still = ordered[["temp_c", "wind_kmh"]].diff()
    runs = (still == 0).all(axis=1).groupby(window["station"]).mean()
    return bool(runs.max() > 0.3)""",
    "fahrenheit": """    hourly = window.pivot_table("temp_c", index="at_hour", columns="station")
    gap = hourly.sub(hourly.median(axis=1), axis=0)
    return bool(((gap > 15).mean() > 0.3).any())""",
    "default": """    zero = (window["visibility_km"] == 0) & (window["pressure_hpa"] == 0)
    return bool(zero.groupby(window["station"]).mean().max() > 0.1)""",
}


def _guard(fault: str, percent: int) -> str:
    """A guard that is right in so many percent of windows, the same ones every time."""
    right = GUARDS.get(fault, "    return False")
    return f"""def rightly(reference, window):
{right}


def guard(reference, window):
    chance = int(abs(window["humidity"].sum()) * 7919) % 100
    return rightly(reference, window) if chance < {percent} else not rightly(reference, window)"""
