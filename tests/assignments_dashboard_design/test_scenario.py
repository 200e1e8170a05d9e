"""The case: the truth against a second computation, and what a candidate can find out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from worksample.assignments import case as cases

from .drawn import LEVELS, SEED, case, module, opened, sample

world, scenario = module("hidden.world"), module("scenario")
seeing, hidden_days = module("judging.seeing"), module("judging.hidden")
SLOTS = np.arange(240) % 28  # the history begins on a Monday


def test_the_same_bytes_again(tmp_path):
    again = cases.draw(sample(), SEED, "standard", tmp_path / "case")
    for folder in ("public", "private"):
        one, other = getattr(case(), folder), getattr(again, folder)
        for path in sorted(one.iterdir()):
            assert path.read_bytes() == (other / path.name).read_bytes(), path.name


@pytest.mark.parametrize("level", LEVELS)
def test_sixty_metrics_twelve_questions_ten_incidents(level):
    drawn, truth = opened(level), case(level).truth()
    assert (len(drawn.catalogue), len(drawn.history), len(drawn.questions)) == (60, 240, 12)
    kinds = [e["kind"] for e in truth["episodes"] if e["kind"]]
    assert sorted(kinds) == sorted(drawn.register["kind"])
    assert len(truth["episodes"]) - len(kinds) == world.CALM
    for quantity in {m.split(".")[0] for m in truth["collected"]}:
        ways = sorted(k for m, k in truth["collected"].items() if m.split(".")[0] == quantity)
        assert len(set(ways) & {"thin", "fooled"}) == 2
        assert any(way.startswith("prompt") for way in ways)
    assert ("shows_in" in drawn.register) == (level == "junior")


def test_what_is_switched_off_is_gone_and_nothing_is_lost_by_it():
    truth = case("senior").truth()
    retired = truth["retired"]
    hidden = pd.read_parquet(case("senior").private / "hidden.parquet")
    gone = hidden.columns[hidden.isna().all()]
    own = [c for c in hidden.columns if "." in c and c.split("|")[0].split(".")[1] == retired]
    assert sorted(gone) == sorted(own)
    left = {
        metric.split(".")[0]
        for metric, kind in truth["collected"].items()
        if kind.startswith("prompt") and not metric.endswith(f".{retired}")
    }
    assert len(left) == 15
    assert retired in opened("senior").documentation


def test_answers_are_what_an_exact_collector_reports():
    """A second computation: from the prompt collectors' own numbers, within their noise."""
    truth = case().truth()
    tables = hidden_days.of_case(case()).tables
    off = []
    for told in truth["answers"]:
        prompt = next(
            m
            for m, kind in truth["collected"].items()
            if m.split(".")[0] == told["concept"] and kind == "prompt"
        )
        column = prompt if told["segment"] == "all" else f"{prompt}|{told['segment']}"
        values = tables[told["episode"]][column].iloc[: told["at"] + 1].to_numpy()
        week = values[-28:].mean()
        found = {"today": values[-4:].mean(), "week": week, "change": week - values[-56:-28].mean()}
        off.append(abs(found[told["read"]] - told["value"]) / told["tolerance"])
    assert max(off) < 1
    assert len(off) == 12


def test_incidents_move_what_they_should_and_the_small_segment_hides():
    """Of the prompt collectors, in noise of the week before the incident."""
    truth = case().truth()
    tables = hidden_days.of_case(case()).tables
    kinds = module("hidden.concepts").BY_ID
    small = min(truth["segments"], key=truth["segments"].get)
    prompt = {m.split(".")[0]: m for m, k in truth["collected"].items() if k == "prompt"}
    usual = case_usual(prompt)
    for table, told in zip(tables, truth["episodes"], strict=True):
        if not told["kind"]:
            continue
        kind = kinds[told["kind"]]
        for concept, size in kind.moves.items():
            if abs(size) < 8:
                continue
            late = 28 if module("hidden.concepts").BY_NAME[concept].late else 0
            column = f"{prompt[concept]}|{small}" if kind.one_segment else prompt[concept]
            moved = usual(table, column, told["onset"] + late + 5, told["over"] + late)
            calm = usual(table, column, told["onset"] - 16, told["onset"])
            assert np.sign(moved.mean() - calm.mean()) == np.sign(size), (kind.id, concept)
            assert abs(moved.mean() - calm.mean()) > 3 * calm.std(), (kind.id, concept)
            if kind.one_segment:
                whole = usual(table, prompt[concept], told["onset"] + late + 5, told["over"] + late)
                before = usual(table, prompt[concept], told["onset"] - 16, told["onset"])
                assert abs(whole.mean() - before.mean()) < 3.5 * max(
                    before.std(), module("hidden.concepts").BY_NAME[concept].scale * 0.8
                )


def case_usual(prompt):
    """A function of (table, column, from, to): the column less its usual week."""
    queries, drawn = module("toolkit.queries"), opened()

    def less(table, column, start, end):
        query = queries.Query(*column.split("|"))
        return (
            table[column].to_numpy() - queries.usual(drawn.history, query, queries.slots(table))
        )[start:end]

    return less


def test_words_or_series_tell_who_is_prompt():
    """From the sixty days alone: late ones hardly move from step to step, small samples jump."""
    drawn, truth = opened(), case().truth()
    for quantity in sorted({m.split(".")[0] for m in truth["collected"]}):
        rough = {}
        for metric, kind in truth["collected"].items():
            if metric.split(".")[0] == quantity:
                query = module("toolkit.queries").Query(metric)
                usual = module("toolkit.queries").usual(drawn.history, query, SLOTS)
                steps = np.diff(drawn.history[metric] - usual)
                rough[kind] = np.subtract(*np.quantile(steps, [0.75, 0.25]))
        assert rough["slow"] < 0.75 * rough["prompt"] < 0.75 * 0.7 * rough["thin"], quantity


def test_some_descriptions_are_wrong_but_for_juniors():
    texts = module("hidden.texts")
    firsts = {kind: {w.split("{")[0][:18] for w in words} for kind, words in texts.HOW.items()}
    wrong = {}
    for level in LEVELS:
        drawn, truth = opened(level), case(level).truth()
        said = drawn.catalogue.set_index("metric")["collected"]
        wrong[level] = sum(
            kind in ("prompt", "slow", "thin")
            and not any(said[metric].startswith(first) for first in firsts[kind])
            for metric, kind in truth["collected"].items()
        )
    assert wrong["junior"] == 0
    assert wrong["standard"] >= 2


def test_a_picture_of_a_kind_is_most_like_its_own():
    """An oracle's panels, one per quantity, tell every kind apart."""
    truth, known = case().truth(), hidden_days.of_case(case())
    dashboard, queries = module("toolkit.dashboard"), module("toolkit.queries")
    small = min(truth["segments"], key=truth["segments"].get)
    scales = {c.name: c.scale for c in module("hidden.concepts").CONCEPTS}
    panels = []
    for metric, kind in truth["collected"].items():
        concept = metric.split(".")[0]
        if kind != "prompt" or concept in ("requests", "input_psi"):
            continue
        for segment, wide in (("all", 4.5), (small, 4.5 / 0.12**0.5)):
            if segment == "all" or concept == "calibration_gap":
                band = (-wide * scales[concept], wide * scales[concept])
                query = queries.Query(metric, segment, "12h", band, "usual")
                panels.append(dashboard.Panel(f"{metric} {segment}", query))
    sight = seeing.sight(panels, known)
    assert sight.seen > 0.95
    assert sight.understood > 0.85
    assert sight.odd < 0.02
