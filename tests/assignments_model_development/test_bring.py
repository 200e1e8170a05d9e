"""An assignment of a company's own table: hidden rows, stated baselines, report, clear errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from worksample import assignments
from worksample.assignments import modules as _modules
from worksample.assignments.case import Case
from worksample.assignments.model import Assignment
from worksample.errors import AssignmentError
from worksample.grading.checking import run_checks
from worksample.grading.probe import CallResult
from worksample.grading.run import Run

from .drawn import module, recorded

bring, quality = module("bring"), module("hidden.quality")
BY_TIME = {"target": ["paid"], "time": ["day"]}
BY_GROUP = {"target": ["paid"], "group": ["shop"]}


def table(rows: int = 1600) -> pd.DataFrame:
    """Orders of shops: whether they are paid in time depends on amount, kind and discount."""
    rng = np.random.default_rng(0)
    amount, kind = rng.gamma(3, 40, rows).round(2), rng.integers(0, 4, rows)
    discount = rng.integers(0, 2, rows)
    short = 3 * np.exp(-(((amount - 110) / 45) ** 2)) - 2 * discount * (kind > 1) - 1
    paid = rng.random(rows) < 1 / (1 + np.exp(-2 * short))
    return pd.DataFrame(
        {
            "day": pd.Timestamp("2031-03-03") + pd.to_timedelta(np.arange(rows) // 9, unit="D"),
            "shop": [f"S{n:03d}" for n in rng.integers(0, 60, rows)],
            "kind": np.array(["book", "tool", "toy", "food"])[kind],
            "amount": amount,
            "discount": discount,
            "visits": np.where(rng.random(rows) < 0.05, 9999, rng.integers(0, 30, rows)),
            "always": 1,
            "reminders": np.where(paid, 0, rng.integers(1, 4, rows)),
            "paid": np.where(paid, "yes", "no"),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder made of it, by time."""
    at = tmp_path_factory.mktemp("own")
    table().to_parquet(at / "orders.parquet")
    bring.bring(at / "orders.parquet", at / "orders-paid", BY_TIME)
    return at / "orders-paid"


@pytest.fixture(scope="module")
def sample(folder: Path) -> Assignment:
    return assignments.load(folder)


@pytest.fixture(scope="module")
def case(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    at = tmp_path_factory.mktemp("case")
    (at / "public").mkdir()
    (at / "private").mkdir()
    _modules.load(folder, "scenario").prepare(0, "standard", at / "public", at / "private")
    return Case("orders-paid", "ada", 0, "standard", 1, at / "public", at / "private")


def facts(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "data" / "facts.json").read_text())


def test_the_folder_is_an_assignment_by_itself(sample: Assignment, folder: Path) -> None:
    """It loads, its points add up, nothing is left to fill in, and it names nothing of ours."""
    assert sample.title == "Model development: orders-paid"
    assert sum(cell.points for cell in sample.checks) == 100
    texts = {
        p: p.read_text() for p in folder.rglob("*") if p.suffix in (".py", ".toml", ".md", ".json")
    }
    for word in ("@target@", "@time@", "@group@", "@title@", "@split@", "@positive@"):
        assert not [path for path, text in texts.items() if word in text]
    for word in ("flight", "carrier", "scheduled_at"):
        assert not [path for path, text in texts.items() if word in text.lower()]


def test_hidden_rows_are_the_last_by_time(folder: Path) -> None:
    train, hidden = (pd.read_parquet(folder / "data" / f"{n}.parquet") for n in ("train", "hidden"))
    assert len(train) + len(hidden) == 1600
    assert train["day"].max() < hidden["day"].min()
    assert 0.2 < len(hidden) / 1600 < 0.3
    assert set(train["paid"]) == {0, 1}


def test_hidden_rows_by_group_share_no_group(tmp_path: Path) -> None:
    table().to_csv(tmp_path / "orders.csv", index=False)
    brought = bring.understood(
        bring.read(tmp_path / "orders.csv"), tmp_path / "orders.csv", BY_GROUP
    )
    groups = brought.rows.groupby(brought.hidden)["shop"].agg(set)
    assert not groups[True] & groups[False]
    assert 0.15 < brought.hidden.mean() < 0.3


def test_what_is_written_after_the_outcome_is_found_and_empty_when_served(
    folder: Path, case: Case
) -> None:
    assert facts(folder)["known_afterwards"] == ["reminders"]
    assert facts(folder)["audit"]["written_after_outcome"] == ["reminders"]
    assert "reminders" not in facts(folder)["baseline"]
    probe = _modules.load(folder, "probe")
    assert probe.later(case)["reminders"].isna().all()
    assert pd.read_parquet(case.public / "requests.parquet")["reminders"].isna().all()


def test_an_author_may_say_that_a_suspect_is_known_before(tmp_path: Path) -> None:
    rows = table().assign(paid=lambda t: (t["paid"] == "yes").astype(int))
    looked = quality.look_over(rows[:1200], rows[1200:], "paid", "day", ["reminders"])
    assert looked.afterwards == ()


def test_nothing_hidden_is_public(folder: Path, case: Case) -> None:
    """Neither rows nor outcomes nor losses reach the candidate's side."""
    names = sorted(path.name for path in case.public.iterdir())
    assert names == [
        "README_template.md",
        "data_dictionary.md",
        "facts.json",
        "requests.parquet",
        "train.parquet",
    ]
    told = json.loads((case.public / "facts.json").read_text())
    assert not {"audit", "naive_loss", "strong_loss", "known_afterwards"} & set(told)
    assert "paid" not in pd.read_parquet(case.public / "requests.parquet")
    for call in _modules.load(folder, "probe").calls(case):
        assert "paid" not in call.args[0]


def ran(folder: Path, case: Case, predict: Callable[[pd.DataFrame], Any], answers: dict) -> Run:
    """The run of a candidate whose ``predict`` is this one."""
    results: dict[str, tuple[CallResult, ...]] = {}
    for call in _modules.load(folder, "probe").calls(case):
        try:
            value = np.asarray(predict(call.args[0].copy()), dtype=float)
            result = CallResult(call.id, True, value)
        except Exception as error:
            result = CallResult(call.id, False, None, f"predict: raised {type(error).__name__}")
        results[call.id] = (*results.get(call.id, ()), result)
    run = recorded(answers)
    return Run(**{**vars(run), "calls": results})


def space(folder: Path, case: Case, name: str) -> dict[str, Any]:
    """The names that a reference solution's cells leave behind, with the toolkit's."""
    baseline = _modules.load(folder, "toolkit.baseline").Baseline
    names = _modules.load(folder, "toolkit.names")
    train, asked = (pd.read_parquet(case.public / f"{n}.parquet") for n in ("train", "requests"))
    told = json.loads((case.public / "facts.json").read_text())
    found: dict[str, Any] = {
        "np": np,
        "pd": pd,
        "train": train,
        "requests": asked,
        "LABEL": names.LABEL,
        "log_loss": _modules.load(folder, "toolkit.validation").log_loss,
        "baseline": baseline(told["baseline"]).fit(train),
    }
    for answer in assignments.load(folder).solution(name).answers:
        if answer.type == "code":
            source = answer.source.replace("from toolkit.names import GROUP, TIME", "")
            found |= {"GROUP": names.GROUP, "TIME": names.TIME}
            exec(source, found)
    return found


@pytest.mark.slow
def test_the_stated_strong_baseline_earns_what_is_stated_and_the_naive_little(
    folder: Path, sample: Assignment, case: Case
) -> None:
    totals = {}
    for name in ("strong", "naive"):
        left = space(folder, case, name)
        answers = {"audit": left.get("AUDIT", {}), "estimate": left["ESTIMATE"]}
        run = ran(folder, case, left["predict"], answers)
        results = run_checks(sample, run, case)
        totals[name] = sum(result.points for result in results.values())
        low, high = sample.solution(name).total["standard"]
        assert low <= totals[name] <= high, (name, {k: v.points for k, v in results.items()})
    assert totals["strong"] > totals["naive"] + 40


def test_nothing_answered_earns_nothing(folder: Path, sample: Assignment, case: Case) -> None:
    run = ran(folder, case, lambda rows: None, {})
    assert sum(result.points for result in run_checks(sample, run, case).values()) == 0


# -- the report ----------------------------------------------------------------------------------


def test_the_report_names_what_an_author_should_judge(folder: Path) -> None:
    report = (folder / "data" / "report.md").read_text()
    for words in (
        "`reminders` alone tells the outcome",
        "`always` has one value only",
        "`visits`: does 9999 stand for unknown?",
        "naive 0.",
        "no licence lies beside the table",
    ):
        assert words in report


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("contact", "ann.lee@example.org", "addresses of e-mail"),
        ("number", "+49 170 1234567", "telephone numbers"),
        ("account", "DE89370400440532013000", "bank accounts"),
        ("host", "192.0.2.17", "addresses of computers"),
        ("comment", "the customer called twice and then sent the parcel back", "free text"),
        ("date_of_birth", "1980-01-01", "sounds like personal data"),
        ("LastName", "Lee", "sounds like personal data"),
    ],
)
def test_personal_data_are_warned_of(column: str, value: str, told: str) -> None:
    found = quality.personal(pd.DataFrame({column: [value] * 50, "amount": 1.0}))
    assert any(told in each and f"`{column}`" in each for each in found)
    assert not any(value in each for each in found), "a warning holds no value"


def test_harmless_columns_raise_no_alarm() -> None:
    rows = table().drop(columns="paid").assign(filename_length=3, shipping="fast", tel_aviv=0)
    assert quality.personal(rows) == []


def test_a_licence_beside_the_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "LICENSE.txt").write_text("All rights reserved.")
    table().to_parquet(tmp_path / "orders.parquet")
    assert quality.licence(tmp_path / "orders.parquet") == [
        "read LICENSE.txt: may candidates have the table?"
    ]


def test_a_column_that_says_nothing_is_not_said_to_know() -> None:
    """The rate of a level is taken from other rows: a category of noise must not look telling."""
    rng = np.random.default_rng(1)
    outcome = pd.Series(rng.integers(0, 2, 2000))
    for levels in (2, 40, 900):
        noise = pd.Series([f"L{n}" for n in rng.integers(0, levels, 2000)])
        assert quality.knows(noise, outcome) < 0.56


# -- bad tables ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        (lambda t: t, {"time": ["day"]}, "nothing says what is to be predicted"),
        (lambda t: t, {"target": ["paid"]}, "split off by time or by group"),
        (lambda t: t, {**BY_TIME, "group": ["shop"]}, "split off by time or by group"),
        (lambda t: t, {"target": ["payed"], "time": ["day"]}, 'no column "payed"'),
        (lambda t: t, {"target": ["paid"], "time": ["when"]}, 'no column "when"'),
        (lambda t: t, {"target": ["paid"], "time": ["paid"]}, 'cannot be both'),
        (lambda t: t, {"target": ["kind"], "time": ["day"]}, '"kind" has 4 values'),
        (lambda t: t, {"target": ["always"], "time": ["day"]}, '"always" has one value'),
        (lambda t: t.head(500), BY_TIME, "500 rows are too few"),
        (lambda t: t[["paid", "day"]], BY_TIME, "nothing to predict from"),
        (lambda t: t.assign(paid=t["paid"].mask(t.index < 3)), BY_TIME, "missing in 3 rows"),
        (lambda t: t.assign(day=t["day"].mask(t.index < 2)), BY_TIME, "missing in 2 rows"),
        (lambda t: t.assign(day="soon"), BY_TIME, '"day" is no time'),
        (lambda t: t.assign(shop="S1"), BY_GROUP, '"shop" has 1 groups'),
        (lambda t: t.assign(kind=[[1]] * len(t)), BY_TIME, '"kind" holds lists'),
        (
            lambda t: t.assign(paid=np.where(t.index < 1200, t["paid"], "no")),
            BY_TIME,
            "of the rarer outcome",
        ),
    ],
)  # fmt: skip
def test_a_bad_table_gets_a_clear_error(
    tmp_path: Path, change: Callable[[pd.DataFrame], pd.DataFrame], options: dict, words: str
) -> None:
    with pytest.raises(AssignmentError) as raised:
        bring.understood(change(table()), tmp_path / "orders.parquet", options)
    assert words in str(raised.value)
    assert raised.value.do
    assert str(raised.value).startswith("orders.parquet: ")


def test_two_columns_of_one_name_are_told(tmp_path: Path) -> None:
    twice = pd.concat([table(), table()[["amount"]]], axis=1)
    with pytest.raises(AssignmentError, match="two columns are called 'amount'"):
        bring.understood(twice, tmp_path / "orders.parquet", BY_TIME)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("orders.parquet", None, "there is no such file"),
        ("orders.xlsx", b"x", "a .xlsx file is not read"),
        ("orders.parquet", b"not parquet", "it cannot be read"),
        ("orders.csv", b"", "it cannot be read"),
    ],
)
def test_a_file_that_is_no_table_is_told(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(AssignmentError, match=words):
        bring.read(tmp_path / name)


@pytest.mark.slow
def test_a_table_that_says_nothing_is_refused(tmp_path: Path) -> None:
    """Where the strong baseline wins nothing for certain, scores would be luck."""
    rows = table()[["day", "kind", "amount", "paid"]]
    rows["paid"] = rows["paid"].sample(frac=1, random_state=1).to_numpy()
    rows.to_parquet(tmp_path / "orders.parquet")
    with pytest.raises(AssignmentError, match="scores would be luck"):
        bring.bring(tmp_path / "orders.parquet", tmp_path / "own", BY_TIME)


def test_the_hook_is_a_module_of_the_folder() -> None:
    """`worksample new --from` calls it by this name."""
    assert isinstance(bring, ModuleType)
    assert callable(bring.bring)
