"""The drift-monitoring folder: cases, scoring, checks."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from worksample import assignment as assignments
from worksample import case as cases

FOLDER = Path(__file__).parents[2] / "assignments" / "drift-monitoring"
SEED = (1 << 32) | 5


@pytest.fixture(scope="module")
def assignment():
    return assignments.load(FOLDER)


@pytest.fixture(scope="module")
def drawn(assignment, tmp_path_factory):
    return cases.draw(assignment, SEED, "standard", tmp_path_factory.mktemp("drift") / "case")


@pytest.fixture(scope="module")
def scoring(assignment):
    return assignments.load_module(assignment, "scoring")


def test_points_add_up(assignment):
    assert assignment.points == 100


def test_the_same_seed_gives_the_same_bytes(assignment, drawn, tmp_path):
    again = cases.draw(assignment, SEED, "standard", tmp_path / "case")
    assert cases.tree_digest(again.public) == cases.tree_digest(drawn.public)
    assert cases.tree_digest(again.private) == cases.tree_digest(drawn.private)


def test_at_least_two_hundred_stable_windows_and_every_kind_of_fault(drawn):
    truth = drawn.truth()
    faults = [s["fault"] for s in truth["streams"] if s["fault"]]
    assert truth["stable_windows"] >= 200
    assert {(f["kind"], f["size"]) for f in faults} == {
        (kind, size)
        for kind in ("covariate", "unit", "missing", "recoding", "concept")
        for size in ("clear", "subtle")
    }


def test_reference_and_hidden_streams_share_no_day(drawn):
    reference = pd.read_parquet(drawn.public / "reference.parquet", columns=["date"])["date"]
    hidden = pd.read_parquet(drawn.private / "hidden.parquet", columns=["date"])["date"]
    assert not set(reference) & set(hidden)


def test_public_files_do_not_speak_of_the_truth(drawn):
    """Names of faults and onsets live in private; nothing public repeats the truth's sentences."""
    truth = drawn.truth()
    public = "".join(
        path.read_text("utf-8") for path in drawn.public.iterdir() if path.suffix != ".parquet"
    )
    for stream in truth["streams"]:
        assert not stream["fault"] or stream["fault"]["text"] not in public
    assert truth["recent"]["fault"]["text"] not in public
    assert not re.search(r"onset|seed|subtle", public)


@pytest.mark.parametrize("rate", [0.05, 0.3, 1.0])
def test_alarming_at_random_earns_nothing(scoring, rate):
    rng = np.random.default_rng(1)
    heard = [
        scoring.Heard(
            onset, "unit", ("x",), [["x"] if rng.random() < rate else [] for _ in "a" * 8]
        )
        for onset in [None] * 400 + [2] * 400
    ]
    assert scoring.detection(scoring.figures(heard)) < 0.06


def test_never_alarming_earns_nothing(scoring):
    heard = [scoring.Heard(onset, "unit", ("x",), [[]] * 8) for onset in (None, 2)]
    assert scoring.detection(scoring.figures(heard)) == 0


def test_full_points_for_every_fault_and_one_false_alarm_in_twenty(scoring):
    calm = [scoring.Heard(None, "", (), [["x"] if i == 3 else []] + [[]] * 7) for i in range(20)]
    found = [scoring.Heard(1, "unit", ("x",), [[], [], ["y", "x"]] + [[]] * 5)] * 10
    figures = scoring.figures([*calm, *found])
    assert figures.found == 1
    assert figures.named == 1
    assert figures.delay == 1
    assert scoring.detection(figures) == 1


def test_points_fall_gradually_between_five_and_fifteen_percent(scoring):
    assert [round(scoring.calmness(r), 2) for r in (0.0, 0.05, 0.10, 0.15, 0.5)] == [
        1,
        1,
        0.5,
        0,
        0,
    ]


def test_the_action_meant_is_the_cheapest_in_the_simulation(drawn):
    for alert in drawn.truth()["alerts"].values():
        assert alert["best"] == alert["meant"]


def test_one_action_for_all_alerts_earns_nothing(assignment, drawn):
    plan = assignments.load_module(assignment, "plan")
    truth = drawn.truth()["alerts"]
    for action in plan.ACTIONS:
        assert plan.share(dict.fromkeys(truth, action), truth) == pytest.approx(0, abs=1e-9)
    assert plan.share({k: v["best"] for k, v in truth.items()}, truth) == 1


def test_a_picture_has_to_be_one(assignment):
    checks = assignments.load_module(assignment, "checks")
    assert not checks.is_picture(None)
    assert not checks.is_picture("not base64!")
    assert not checks.is_picture(base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"x" * 40).decode())


def test_the_truth_card_names_every_hidden_fault(drawn):
    card = (drawn.private / "truth_card.md").read_text("utf-8")
    for stream in json.loads((drawn.private / "truth.json").read_text("utf-8"))["streams"]:
        assert not stream["fault"] or stream["fault"]["text"] in card


def conventions():
    """Stability indices as found in practice; each must have every property."""

    def make(bins, smoothing, by, symmetric):
        def psi(reference, current):
            if reference.dtype.kind not in "fiub":
                levels = sorted(set(reference.dropna()) | set(current.dropna()))
                p, q = (pd.Categorical(x, categories=levels).codes for x in (reference, current))
                size = len(levels) + 1
            else:
                lo, hi = reference.min(), reference.max()
                inner = (
                    np.nanquantile(reference, np.linspace(0, 1, bins + 1)[1:-1])
                    if by == "quantiles"
                    else np.linspace(lo, hi, bins + 1)[1:-1]
                )
                edges = np.unique(inner) if hi > lo else np.array([lo - 0.5, lo + 0.5])
                p, q = (
                    np.where(np.isnan(x), -1, np.digitize(x, edges))
                    for x in (reference.to_numpy(float), current.to_numpy(float))
                )
                size = len(edges) + 2
            a, b = (np.bincount(x + 1, minlength=size + 1) + smoothing for x in (p, q))
            a, b = a / a.sum(), b / b.sum()
            return float(((b - a) * np.log(b / a)).sum())

        return psi

    return {
        f"{bins} {by} +{s}": make(bins, s, by, True)
        for bins in (5, 10, 20)
        for by in ("quantiles", "widths")
        for s in (1e-4, 0.5, 1.0)
    }


@pytest.mark.parametrize("name", sorted(conventions()))
def test_every_convention_of_the_index_passes(assignment, drawn, name):
    from types import SimpleNamespace

    from worksample.probe import CallResult

    checks = assignments.load_module(assignment, "checks")
    samples = assignments.load_module(assignment, "samples")
    psi = conventions()[name]
    history = pd.read_parquet(drawn.public / "reference.parquet")
    asked = {
        f"psi/{key}": (CallResult(f"psi/{key}", True, psi(a, b)),)
        for key, a, b in samples.pairs(history, np.random.default_rng(drawn.seed))
    }
    result = checks.check_psi_check(SimpleNamespace(calls=asked), drawn)
    assert result.points == 15, [(p.name, p.earned) for p in result.parts if p.earned < p.possible]
