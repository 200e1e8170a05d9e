"""The checks: every convention of the index passes, nonsense does not, messages help."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from worksample.grading.probe import CallResult
from worksample.grading.run import Ended, Run

from .drawn import case, module

checks, samples, figures = module("checks"), module("judging.samples"), module("toolkit.figures")


def run(answers: dict[str, Any] | None = None, calls: dict[str, Any] | None = None) -> Run:
    """A run that recorded ``answers``; ``calls``: id -> value, or a list of values."""
    results = {
        name: tuple(
            CallResult(name, each is not None, each)
            for each in (value if isinstance(value, list) else [value])
        )
        for name, value in (calls or {}).items()
    }
    return Run(
        notebook={}, cells={}, answers=answers or {}, refused={}, calls=results,
        ended=Ended("completed", None, ""), seconds=1.0, versions={}, limits={}, sandbox="none",
    )  # fmt: skip


# --- the stability index ------------------------------------------------------------------------


@cache
def pairs() -> list[tuple[str, pd.Series, pd.Series]]:
    history = pd.read_parquet(case().public / "reference.parquet")
    return list(samples.pairs(history, np.random.default_rng(case().seed)))


def edges_of(reference: np.ndarray, current: np.ndarray, by: str, bins: int) -> np.ndarray:
    """Inner edges: quantiles or equal widths of the reference, or equal widths of both."""
    both = np.concatenate([reference, current]) if by == "both" else reference
    if by == "quantiles":
        return np.unique(np.quantile(reference, np.linspace(0, 1, bins + 1)[1:-1]))
    low, high = both.min(), both.max()
    return (
        np.linspace(low, high, bins + 1)[1:-1] if high > low else np.array([low - 0.5, low + 0.5])
    )


def binned(
    reference: pd.Series, current: pd.Series, by: str, bins: int, gaps: str
) -> tuple[np.ndarray, np.ndarray]:
    """Rows per bin; missing values in a bin of their own or dropped."""
    if reference.dtype.kind not in "fiub":
        levels = sorted(set(reference.dropna()) | set(current.dropna()))
        codes = [pd.Categorical(x, categories=levels).codes for x in (reference, current)]
        size = len(levels)
    else:
        a, b = (x.to_numpy(float) for x in (reference, current))
        edges = edges_of(a[~np.isnan(a)], b[~np.isnan(b)], by, bins)
        codes = [np.where(np.isnan(x), -1, np.digitize(x, edges)) for x in (a, b)]
        size = len(edges) + 1
    first = 1 if gaps == "dropped" else 0
    p, q = (np.bincount(x.astype(int) + 1, minlength=size + 1)[first:] for x in codes)
    return p, q


def psi(p: np.ndarray, q: np.ndarray) -> float:
    return float(((p - q) * np.log(p / q)).sum())


def js(p: np.ndarray, q: np.ndarray) -> float:
    middle = (p + q) / 2
    return float(((p * np.log(p / middle)).sum() + (q * np.log(q / middle)).sum()) / 2) ** 0.5


MEASURES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "PSI": psi,
    "KL of reference": lambda p, q: float((p * np.log(p / q)).sum()),
    "KL of current": lambda p, q: float((q * np.log(q / p)).sum()),
    "JS": js,
    "JS base 2": lambda p, q: js(p, q) / np.log(2) ** 0.5,
}


def smoothed(counts: np.ndarray, how: str) -> np.ndarray:
    """Shares without an empty bin, as peers' code makes them."""
    if how.startswith("clip"):
        shares = counts / max(counts.sum(), 1)
        shares = np.maximum(shares, float(how.split()[1]))
        return shares / shares.sum()
    counts = counts + float(how)
    return counts / counts.sum()


CONVENTIONS = [
    *itertools.product(("quantiles", "widths", "both"), (5, 10, 20), ("own", "dropped"),
                       ("clip 1e-4", "0.5"), ("PSI",)),
    *itertools.product(("quantiles", "both"), (10,), ("own", "dropped"), ("clip 1e-6", "1", "0.5"),
                       ("KL of reference", "KL of current", "JS", "JS base 2")),
]  # fmt: skip


@pytest.mark.parametrize("convention", CONVENTIONS, ids=lambda c: " ".join(map(str, c)))
def test_every_convention_of_the_index_passes(convention):
    by, bins, gaps, smoothing, measure = convention

    def index(reference, current):
        counts = binned(reference, current, by, bins, gaps)
        return MEASURES[measure](*(smoothed(each, smoothing) for each in counts))

    asked = {f"psi/{name}": index(a, b) for name, a, b in pairs()}
    for name, reference, current in samples.counts(case().seed):
        shares = (smoothed(np.array(each), smoothing) for each in (reference, current))
        asked[f"counts/{name}"] = MEASURES[measure](*shares)
    result = checks.check_psi_check(run(calls=asked), case())
    assert result.points == 15, [(p.name, p.earned) for p in result.parts if p.earned < p.possible]


@pytest.mark.parametrize("convention", CONVENTIONS[::5], ids=lambda c: " ".join(map(str, c)))
def test_no_draw_makes_a_larger_shift_look_smaller(convention):
    by, bins, gaps, smoothing, measure = convention
    history = pd.read_parquet(case().public / "reference.parquet")
    for draw in range(12):
        pairs = {name: (a, b) for name, a, b in samples.pairs(history, np.random.default_rng(draw))}
        values = [
            MEASURES[measure](*(smoothed(each, smoothing) for each in binned(a, b, by, bins, gaps)))
            for a, b in (pairs[name] for name in ("alike", "shift0", "shift1", "shift2"))
        ]
        assert values == sorted(values), draw


def test_the_exact_values_are_those_of_the_literature():
    """Bins 200/300/300/200 and 100/300/350/250, as worked out by hand."""
    found = samples.accepted([200, 300, 300, 200], [100, 300, 350, 250])
    assert list(found.values()) == pytest.approx([0.0882, 0.0478, 0.0404, 0.104, 0.125], abs=6e-4)


@pytest.mark.parametrize(
    ("index", "most"),
    [
        (lambda a, b: 0.0, 6),
        (lambda a, b: 1.0, 6),
        (lambda a, b: abs(len(a) - len(b)) / 900, 9),
        (lambda a, b: float(len(set(b)) % 7), 9),
    ],
    ids=["always 0", "always 1", "rows", "values"],
)
def test_what_is_no_index_earns_little(index, most):
    asked = {f"psi/{name}": index(a, b) for name, a, b in pairs()}
    asked |= {f"counts/{name}": 0.0 for name, _, _ in samples.counts(case().seed)}
    assert checks.check_psi_check(run(calls=asked), case()).points <= most


def test_an_index_that_raised_or_was_never_asked_earns_nothing():
    assert checks.check_psi_check(run(), case()).points == 0
    asked = {f"psi/{name}": None for name, _, _ in pairs()}
    assert checks.check_psi_check(run(calls=asked), case()).points == 0


# --- monitor and columns ------------------------------------------------------------------------


def told(of: Callable[[dict, int], list[str]]) -> dict[str, Any]:
    """Calls of every hidden window, answered by ``of(stream's truth, window)``."""
    return {
        f"stream/{run}": [of(stream, number) for number in range(8)]
        for run, stream in enumerate(case().truth()["streams"])
    }


def oracle(stream: dict, number: int) -> list[str]:
    faulty = stream["onset"] is not None and number >= stream["onset"]
    return stream["fault"]["columns"][:1] if faulty else []


def test_the_oracle_gets_full_points():
    asked = run(calls=told(oracle))
    assert checks.check_monitor(asked, case()).points == 55
    assert checks.check_columns(asked, case()).points == 15


def test_an_alarm_without_a_right_name_is_found_but_not_named():
    asked = run(calls=told(lambda s, n: ["something"] if oracle(s, n) else []))
    assert checks.check_monitor(asked, case()).points == 55
    assert checks.check_columns(asked, case()).points == 0


@pytest.mark.parametrize(
    "value", [None, True, "late", 3, {"a": 1}, [[["deep"]]], ["x" * 10_000] * 100, [None] * 50]
)
def test_any_json_a_monitor_returns_is_judged(value):
    """What comes back is a stranger's: a check that raises would leave the attempt unmarked."""
    asked = run(calls=told(lambda s, n: value))
    result = checks.check_monitor(asked, case())
    assert 0 <= result.points <= result.possible == 55
    assert checks.check_columns(asked, case()).points == 0


def test_failed_calls_are_told():
    asked = run(calls={name: [None] * 8 for name in told(oracle)})
    assert "gave no usable answer" in checks.check_monitor(asked, case()).parts[0].message


# --- plan and dashboard -------------------------------------------------------------------------


def test_the_cheapest_action_for_each_alert_gets_full_points():
    best = {letter: alert["best"] for letter, alert in case().truth()["alerts"].items()}
    assert checks.check_plan(run({"plan": best}), case()).points == 10
    assert checks.check_plan(run({"plan": dict.fromkeys(best, "repair")}), case()).points == 0


@pytest.mark.parametrize(
    "value", [None, [], "repair", {"A": ["x"]}, {str(i): 1 for i in range(99)}]
)
def test_a_plan_that_is_none_earns_nothing(value):
    assert checks.check_plan(run({"plan": value}), case()).points == 0


def drawing(panels: int, labels: bool) -> dict:
    figure, axes = plt.subplots(1, panels, figsize=(4 * panels, 3), squeeze=False)
    for number, each in enumerate(axes[0]):
        each.plot(range(8))
        if labels:
            each.set(title=f"panel {number}", xlabel="window", ylabel="share")
    found = figures.describe(figure)
    plt.close(figure)
    return found


def test_a_dashboard_of_three_labelled_panels_gets_full_points():
    assert checks.check_dashboard_check(run({"dashboard": drawing(3, True)}), case()).points == 5


def test_panels_without_labels_earn_less():
    result = checks.check_dashboard_check(run({"dashboard": drawing(3, False)}), case())
    assert result.points == 3


def test_the_empty_axes_of_the_released_notebook_earn_nothing():
    figure, _ = plt.subplots(1, 3, figsize=(12, 3))
    empty = figures.describe(figure)
    plt.close(figure)
    assert checks.is_picture(empty["png"])
    assert checks.check_dashboard_check(run({"dashboard": empty}), case()).points == 0


@pytest.mark.parametrize(
    ("values", "passes"),
    [(range(8), True), (range(4), False), ([float("nan")] * 8, False), ([], False)],
)
def test_panels_without_data_do_not_pass_the_visible_check(values, passes):
    """Three empty axes were recorded, and a line of missing values counted as data."""
    figure, axes = plt.subplots(1, 3, figsize=(12, 3))
    for each in axes:
        each.plot(list(values))
    assert (figures.panels_problem(figure) == "") == passes
    filled = [p for p in figures.describe(figure)["panels"] if p["points"] >= 5]
    plt.close(figure)
    assert len(filled) == (3 if passes else 0)


def test_what_is_no_figure_is_told():
    assert "a matplotlib figure, not NoneType" in figures.panels_problem(None)


def test_a_picture_has_to_be_one():
    assert checks.is_picture(drawing(3, True)["png"])
    assert not checks.is_picture(None)
    assert not checks.is_picture("not base64!")
    assert not checks.is_picture(base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"x" * 40).decode())
    blank, _ = plt.subplots(1, 3, figsize=(12, 3))
    blank.clear()
    assert not checks.is_picture(figures.describe(blank)["png"])
    plt.close(blank)


# --- what the messages say ----------------------------------------------------------------------


def test_messages_name_no_hidden_fault_level_or_window():
    """A candidate reads them before the revision on the same case."""
    asked = run({"plan": {"A": "repair"}, "dashboard": drawing(1, False)}, told(lambda s, n: ["x"]))
    results = [getattr(checks, name) for name in dir(checks) if name.startswith("check_")]
    text = " ".join(p.message for check in results for p in check(asked, case()).parts)
    truth = case().truth()["streams"]
    hidden = {s["fault"]["text"] for s in truth if s["fault"]}
    hidden |= {level for s in truth if s["fault"] for level in s["fault"]["levels"]}
    columns = {s["fault"]["column"] for s in truth if s["fault"]} - {"late"}
    assert not [word for word in hidden | columns if re.search(rf"\b{re.escape(word)}\b", text)]
