"""A remedy is paid for what it returns of the loss, whatever its method, and for nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.assignments_root_cause_analysis.cases import ALL, drawn, scenario
from tests.assignments_root_cause_analysis.drawn import module, unread

remediation = module("judging.remediation")
model, replaying = module("toolkit.model"), module("toolkit.replaying")
pytestmark = pytest.mark.slow


def yard(cause: str):
    return drawn(cause).proof.yardstick


@pytest.mark.parametrize("cause", ALL)
def test_doing_nothing_returns_nothing(cause: str) -> None:
    assert yard(cause).gain(yard(cause).rows)[1] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("cause", ALL)
def test_order_index_and_unknown_columns_do_not_matter(cause: str) -> None:
    case, measure = drawn(cause), yard(cause)
    remedy = case.causes[0].remedy(measure.rows, case.log)
    shuffled = remedy.sample(frac=1, random_state=1).assign(note="x").reset_index(drop=True)
    assert measure.gain(shuffled)[1] == pytest.approx(measure.gain(remedy)[1], abs=1e-9)


@pytest.mark.parametrize("cause", ["unit_change", "old_version_on_part_of_fleet", "concept_change"])
def test_leaving_out_the_bad_rows_does_not_mend_a_worse_model(cause: str) -> None:
    case, measure = drawn(cause), yard(cause)
    rest = measure.rows[~case.causes[0].find(measure.rows, case.log)]
    assert measure.gain(rest)[1] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("cause", ["label_join", "partial_batch", "duplicated_events"])
def test_leaving_out_what_the_model_got_wrong_mends_no_measurement(cause: str) -> None:
    rows = yard(cause).rows
    wrong = (rows["score"] - rows["late"]).abs() > 0.6
    affected = yard(cause).truth["affected"].to_numpy(dtype=bool)
    assert yard(cause).gain(rows[~(wrong & ~affected)])[1] < 0.35


MADE_UP = {
    "as the model would say": lambda rows: (rows["score"] > 0.5).astype(float),
    "as it would say when it is sure": lambda rows: rows["late"].mask(
        (rows["score"] - 0.5).abs() > 0.3, (rows["score"] > 0.5).astype(float)
    ),
    "as it would say where nothing was reported": lambda rows: rows["late"].fillna(
        (rows["score"] > 0.5).astype(float)
    ),
    "never late": lambda rows: 0.0,
    "always late": lambda rows: 1.0,
    "the score itself": lambda rows: rows["score"],
    "the log's, turned around": lambda rows: 1 - rows["late"],
}


@pytest.mark.parametrize("trick", MADE_UP)
@pytest.mark.parametrize(
    "cause",
    [
        "unit_change",
        "label_join",
        "partial_batch",
        "duplicated_events",
        "censored_labels",
        "mix_shift",
    ],
)
def test_a_remedy_that_makes_labels_up_returns_nothing(cause: str, trick: str) -> None:
    measure = yard(cause)
    made_up = measure.rows.assign(late=MADE_UP[trick](measure.rows))
    assert measure.gain(made_up)[1] < 0.02


@pytest.fixture(scope="module")
def unit_case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("case")
    for part in ("public", "private"):
        (folder / part).mkdir()
    scenario.write(unread(drawn("unit_change")), folder / "public", folder / "private")
    return folder / "public", folder / "private"


def test_the_best_remedy_of_a_written_case_gets_all_of_it(unit_case: tuple[Path, Path]) -> None:
    case = drawn("unit_change")
    rows = pd.read_parquet(unit_case[1] / "hidden_rows.parquet")
    effect = remediation.effect(*unit_case, case.causes[0].remedy(rows, case.log))
    assert effect.share == pytest.approx(1, abs=0.01)
    assert effect.after == pytest.approx(effect.reference, abs=0.002)


def test_nothing_returned_gets_nothing(unit_case: tuple[Path, Path]) -> None:
    assert remediation.effect(*unit_case, None).share == 0
    assert remediation.effect(*unit_case, pd.DataFrame({"row": []})).share == 0


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (lambda rows: rows.drop(columns="row"), "row"),
        (lambda rows: rows.assign(model_version="no such model"), "no such model"),
        (lambda rows: rows.assign(prep_version="none"), "none"),
        (lambda rows: rows.assign(model_version="retrain:soon"), "retrain:YYYY-MM-DD"),
        (lambda rows: rows.assign(model_version="retrain:2090-01-01"), "labelled rows"),
    ],
)
def test_a_mistake_is_said_and_never_raised(unit_case, returned, said: str) -> None:
    class Case:
        public, private = unit_case

    rows = pd.read_parquet(unit_case[1] / "hidden_rows.parquet")
    share, note = remediation.evaluate_remedy(Case(), returned(rows))
    assert np.isnan(share)
    assert said in note


def test_expected_auc_is_the_mean_of_drawn_ones() -> None:
    rng = np.random.default_rng(3)
    p = rng.random(400)
    score = np.round(p + rng.normal(0, 0.2, 400), 1)
    drawn_ones = [model.auc(score, rng.random(400) < p) for _ in range(400)]
    assert model.auc(score, p) == pytest.approx(np.mean(drawn_ones), abs=0.004)


def test_auc_agrees_with_scikit_learn() -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(4)
    late = rng.random(300) < 0.3
    score = np.round(rng.random(300) + 0.4 * late, 1)
    assert model.auc(score, late) == pytest.approx(roc_auc_score(late, score))


def test_a_refit_on_many_rows_finds_the_mechanism() -> None:
    case = drawn("mix_shift")
    models, log = case.log.models, case.log
    version = case.log.world.names.models["sound_a"]
    step = models.preprocessing[case.log.world.names.steps["present"]]
    inputs = model.preprocess(log.seen, step)
    refit = model.fit(models.models[version], inputs, log.late.astype(float))
    assert np.allclose(
        model.design(refit, inputs) @ model.parameters(refit), model.logits(refit, inputs)
    )
    score = model.probability(model.logits(refit, inputs))
    assert model.auc(score, log.p) > 0.97 * model.auc(log.p, log.p)


def seen(cause: str, remedy) -> float:
    """What the replay of the visible log shows since the onset: the AUC, or less the cost."""
    case = drawn(cause)
    rows = model.joined(*yard(cause).log)
    models = model.Models(case.log.models.models, case.log.models.preprocessing, 0.25)
    after = replaying.after_remedy(rows, remedy(rows), models)
    when = pd.to_datetime(rows["served_at"])
    here = (
        after["kept"] & after["late"].notna() & (when >= case.log.world.date(case.causes[0].onset))
    )
    if case.causes[0].metric == "decisions":
        return -model.cost(after.loc[here, "flagged"], after.loc[here, "late"])
    return model.auc(after.loc[here, "score"], after.loc[here, "late"])


@pytest.mark.parametrize("cause", [cause for cause in ALL if cause != "concept_change"])
def test_a_model_fitted_again_does_not_look_better_than_the_remedy(cause: str) -> None:
    """By heart it knew the outcomes of the log, the spoiled ones too, and won most comparisons."""
    case = drawn(cause)
    first = case.log.world.date(case.causes[0].onset) + pd.Timedelta(days=1)
    again = seen(cause, lambda rows: rows.assign(model_version=f"retrain:{first:%Y-%m-%d}"))
    assert again < seen(cause, lambda rows: case.causes[0].remedy(rows, case.log))
