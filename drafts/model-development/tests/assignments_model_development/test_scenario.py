"""Cases of the model-development sample: determinism, what is planted, and that nothing leaks."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from worksample import assignment as assignments
from worksample import case as cases
from worksample.assignment import Assignment
from worksample.case import Case

FOLDER = Path(__file__).parents[2] / "assignments" / "model-development"
LEVELS = ("junior", "standard", "senior")


@pytest.fixture(scope="module")
def sample() -> Assignment:
    return assignments.load(FOLDER)


@pytest.fixture(scope="module")
def drawn(sample: Assignment, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """One case of each level."""
    folder = tmp_path_factory.mktemp("cases")
    return {level: cases.draw(sample, 7, level, folder / level) for level in LEVELS}


def train(case: Case) -> pd.DataFrame:
    return pd.read_csv(case.public / "train.csv", parse_dates=["scheduled_at"])


def requests(case: Case) -> pd.DataFrame:
    return pd.read_csv(case.public / "requests.csv", parse_dates=["scheduled_at"])


def test_the_same_seed_gives_the_same_bytes(
    sample: Assignment, drawn: dict[str, Case], tmp_path: Path
) -> None:
    again = cases.draw(sample, 7, "standard", tmp_path / "again")
    for part in ("public", "private"):
        ours, theirs = getattr(drawn["standard"], part), getattr(again, part)
        assert cases.tree_digest(ours) == cases.tree_digest(theirs)


def test_two_seeds_differ_in_codes_and_weeks(sample: Assignment, tmp_path: Path) -> None:
    tables = [train(cases.draw(sample, seed, "standard", tmp_path / str(seed))) for seed in (1, 2)]
    assert set(tables[0]["carrier"]) != set(tables[1]["carrier"])
    assert tables[0]["scheduled_at"].min() != tables[1]["scheduled_at"].min()


@pytest.mark.parametrize("level", LEVELS)
def test_the_truth_names_what_is_in_the_table(drawn: dict[str, Case], level: str) -> None:
    case, table, asked = drawn[level], train(drawn[level]), requests(drawn[level])
    truth = case.truth()
    assert truth["oracle_loss"] + 0.14 <= truth["naive_loss"]
    leak = truth["leak"]["column"]
    assert abs(table[leak].corr(table["late"])) > 0.25
    assert asked[leak].nunique() <= 1
    sentinel = truth["sentinel"]
    assert (table[sentinel["column"]] == sentinel["value"]).mean() > 0.04
    assert set(table[truth["units"]["tag"]]) == set(truth["units"]["units"])
    assert table.duplicated().sum() == truth["repeated_rows"] > 100
    assert table[truth["id"]].nunique() > 800
    assert (table["carrier"].value_counts() < 50).sum() >= 5
    assert table["scheduled_at"].is_monotonic_increasing or table.duplicated().any()
    assert asked["scheduled_at"].min() > table["scheduled_at"].max()


@pytest.mark.parametrize("level", LEVELS)
def test_no_request_is_a_hidden_row(drawn: dict[str, Case], level: str) -> None:
    later = pd.read_csv(drawn[level].private / "later.csv", parse_dates=["scheduled_at"])
    columns = ["scheduled_at", "booked", "distance_km", "crew_rest_h"]
    both = requests(drawn[level])[columns].merge(later[columns])
    assert both.empty


@pytest.mark.parametrize("level", LEVELS)
def test_labels_are_mistaken_at_the_stated_rates(sample: Assignment, level: str) -> None:
    """The stated rates are those of the draw, within four standard errors."""
    scenario = assignments.load_module(sample, "scenario")
    drawn = scenario.one(3, level)
    unique = drawn.train.drop_duplicates()
    true = drawn.world.late[~drawn.world.later]
    assert len(unique) == len(true)
    keyed = unique["late"].to_numpy()
    for outcome, rate in ((1, drawn.how.missed), (0, drawn.how.invented)):
        rows = true == outcome
        wrong = (keyed[rows] != outcome).mean()
        assert abs(wrong - rate) < 4 * np.sqrt(rate * (1 - rate) / rows.sum())


def test_probabilities_are_those_of_the_labels(sample: Assignment) -> None:
    """The mechanism is the truth: outcomes drawn from it are calibrated against it."""
    scenario = assignments.load_module(sample, "scenario")
    p, late = [], []
    for seed in range(3):
        world = scenario.one(seed, "standard").world
        p.append(world.probability)
        late.append(world.late)
    p, late = np.concatenate(p), np.concatenate(late)
    for group in np.array_split(np.argsort(p), 10):
        error = np.sqrt((p[group] * (1 - p[group])).sum()) / len(group)
        assert abs(p[group].mean() - late[group].mean()) < 4 * error


FULL = bool(os.environ.get("WORKSAMPLE_FULL"))


@pytest.mark.slow
def test_leak_no_name_order_or_size_of_a_file_goes_with_the_truth(
    sample: Assignment, tmp_path: Path
) -> None:
    """All cases ship the same files, in the same forms; only their evidence differs.

    Names of columns differ by what they measure (a mixed unit shows in its tag), which is the
    evidence itself; the data dictionary must not say more than the columns do.
    """
    for seed in range(40 if FULL else 6):
        case = cases.draw(sample, seed, "standard", tmp_path / str(seed))
        truth = case.truth()
        files = sorted(path.name for path in case.public.iterdir())
        assert files == [
            "README_template.md",
            "case.json",
            "data_dictionary.md",
            "facts.json",
            "requests.csv",
            "train.csv",
        ]
        facts = json.loads((case.public / "facts.json").read_text())
        left_out = set(train(case).columns) - set(facts["baseline_columns"])
        suspects = {truth["leak"]["column"], truth["id"]}
        assert suspects < left_out
        assert len(left_out - suspects - {"late", "scheduled_at"}) >= 3
        dictionary = (case.public / "data_dictionary.md").read_text()
        assert f"{truth['sentinel']['value']:g}`" not in dictionary
        for word in ("leak", "sentinel", "unknown", "after arrival", "repeat"):
            assert word not in dictionary
        for text in (dictionary, json.dumps(facts)):
            assert truth["changed_on"] not in text
        assert not any(word in train(case).columns for word in ("probability", "written"))


def test_leak_notebook_and_toolkit_hold_nothing_of_the_mechanism(sample: Assignment) -> None:
    """What is shipped to every candidate names no seed-dependent truth and no mechanism."""
    text = "".join(path.read_text() for path in (FOLDER / "toolkit").rglob("*.py"))
    text += (FOLDER / "notebook.py").read_text()
    for word in ("rebooked", "overtime", "compensation", "RUSHES", "0.93", "log_odds"):
        assert word not in text
