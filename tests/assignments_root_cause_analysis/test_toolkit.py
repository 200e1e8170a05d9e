"""Helpers that the candidate works with."""

from __future__ import annotations

import importlib
import os
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, precision_score, recall_score, roc_auc_score

from .drawn import FOLDER, case


@pytest.fixture(scope="module")
def toolkit():
    """``import toolkit`` as the candidate's kernel does, with a case beside it."""
    kept = os.environ.get("WORKSAMPLE_CASE")
    os.environ["WORKSAMPLE_CASE"] = str(case().public)
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("toolkit")
    sys.path.remove(str(FOLDER))
    for name in [n for n in sys.modules if n == "toolkit" or n.startswith("toolkit.")]:
        del sys.modules[name]
    os.environ.pop("WORKSAMPLE_CASE")
    if kept:
        os.environ["WORKSAMPLE_CASE"] = kept


@pytest.fixture(scope="module")
def log(toolkit):
    return toolkit.load().log


def test_every_name_on_offer_is_there(toolkit):
    assert all(getattr(toolkit, name) is not None for name in toolkit.__all__)
    with pytest.raises(AttributeError, match="has no 'nothing'"):
        _ = toolkit.nothing


# -- metrics -------------------------------------------------------------------------------------


def test_metrics_are_scikit_learns(toolkit, log):
    from toolkit.metrics import estimate

    known = log[log["late"].notna()].head(3000)
    late, score, flagged = known["late"], known["score"], known["flagged"]
    value, low, high = estimate(known, "auc")
    assert value == pytest.approx(roc_auc_score(late, score))
    assert low < value < high
    assert estimate(known, "log_loss")[0] == pytest.approx(log_loss(late, score), rel=1e-3)
    assert estimate(known, "precision")[0] == pytest.approx(precision_score(late, flagged))
    assert estimate(known, "recall")[0] == pytest.approx(recall_score(late, flagged))
    assert estimate(known, "auc") == estimate(known, "auc")


def test_ties_count_half(toolkit):
    from toolkit.metrics import estimate

    rows = pd.DataFrame({"score": [0.3] * 6, "late": [0, 1, 0, 1, 1, 0]})
    assert estimate(rows, "auc")[0] == 0.5


def test_nothing_to_measure_is_not_a_number(toolkit, log):
    from toolkit.metrics import METRICS, estimate

    for name in set(METRICS) - {"rows"}:
        assert np.isnan(estimate(log.head(0), name)[0])
    assert np.isnan(estimate(log[log["late"] == 1], "auc")[0])


def test_interval_covers_about_nine_times_in_ten(toolkit):
    from toolkit.metrics import estimate

    draw = np.random.default_rng(5)
    covered = []
    for _ in range(300):
        rows = pd.DataFrame({"score": 0.5, "late": (draw.random(400) < 0.3) * 1.0})
        _, low, high = estimate(rows, "late_rate")
        covered.append(low <= 0.3 <= high)
    assert 0.84 < np.mean(covered) < 0.95


# -- rows ----------------------------------------------------------------------------------------


ROWS = pd.DataFrame(
    {
        "served_at": pd.to_datetime(["2031-03-01", "2031-03-02", "2031-03-03", "2031-03-04"]),
        "feed": ["a", "b", "a", None],
        "client": ["68.10", "68.1", "69.0", "69.0"],
        "x": [1.0, np.nan, 3.0, 4.0],
    },
    index=[7, 3, 5, 1],
)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("where()", [1, 1, 1, 1]),
        ("where(since='2031-03-02')", [0, 1, 1, 1]),
        ("where(since='2031-03-02', until='2031-03-04')", [0, 1, 1, 0]),
        ("where(feed='a', x=at_least(2))", [0, 0, 1, 0]),
        ("where(feed=['a', 'b'])", [1, 1, 1, 0]),
        ("where(x=missing())", [0, 1, 0, 0]),
        ("where(feed=present(), x=between(1, 3))", [1, 0, 1, 0]),
        ("where(client=68.1)", [0, 1, 0, 0]),
        ("where(client='68.10')", [1, 0, 0, 0]),
        ("where(x=lambda c: c > 3)", [0, 0, 0, 1]),
        ("either(where(x=4), where(feed='b'))", [0, 1, 0, 1]),
        ("both(where(feed='a'), not_in(where(x=1)))", [0, 0, 1, 0]),
        ("repeated('feed')", [0, 0, 1, 0]),
        ("repeated(['client'])", [0, 0, 0, 1]),
        ("everything", [1, 1, 1, 1]),
    ],
)
def test_rows(toolkit, line, wanted):
    before = ROWS.copy()
    mask = eval(line, {name: getattr(toolkit, name) for name in toolkit.__all__})(ROWS)
    assert mask.dtype == bool
    assert mask.index.equals(ROWS.index)
    assert mask.tolist() == [bool(w) for w in wanted]
    pd.testing.assert_frame_equal(ROWS, before)


# -- remedies ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "column", "wanted"),
    [
        ("rescale('x', multiply=2, add=1)", "x", [3, None, 7, 9]),
        ("rescale('x', add=-1, where=where(feed='a'))", "x", [0, None, 2, 4]),
        ("as_missing('x', where(x=4))", "x", [1, None, 3, None]),
        ("set_column('feed', 'z', where(x=missing()))", "feed", ["a", "z", "a", None]),
        ("remap('feed', {'a': 'b', 'b': 'a'})", "feed", ["b", "a", "b", None]),
        ("set_threshold(0.4, where(feed='a'))", "threshold", [0.4, None, 0.4, None]),
        ("roll_back('wren')", "model_version", ["wren"] * 4),
        ("use_preprocessing('maple')", "prep_version", ["maple"] * 4),
        ("retrain('2031-03-02')", "model_version", ["retrain:2031-03-02"] * 4),
        ("score_again(where(feed='b'))", "rescore", [False, True, False, False]),
        ("wait_for_labels(1)", "late", [0, 1, 0, None]),
        ("as_not_reported()", "late", [0, 1, None, 1]),
        ("one_after_another(remap('feed', {'a': 'c'}), remap('feed', {'c': 'd'}))", "feed",
         ["d", "b", "d", None]),
    ],
)  # fmt: skip
def test_remedies(toolkit, line, column, wanted):
    rows = ROWS.assign(
        late=[0.0, 1.0, 0.0, 1.0], label_age_days=[1.0, 1.0, np.nan, 0.5], row=range(4)
    )
    before = rows.copy()
    after = eval(line, {name: getattr(toolkit, name) for name in toolkit.__all__})(rows)
    pd.testing.assert_frame_equal(rows, before)
    found = [None if pd.isna(value) else value for value in after[column]]
    assert found == wanted
    assert after["row"].tolist() == rows["row"].tolist()


def test_remedies_of_the_measurement(toolkit):
    rows = pd.DataFrame(
        {
            "prediction_id": ["p", "q", "p"],
            "trip_key": ["k1", "k2", "k1"],
            "reported_trip_key": ["k2", "k1", "k2"],
            "late": [1.0, 0.0, 1.0],
            "served_at": pd.to_datetime(["2031-03-01", "2031-03-02", "2031-03-03"]),
        }
    )
    assert toolkit.drop_duplicates()(rows).index.tolist() == [0, 1]
    assert toolkit.join_again()(rows)["late"].tolist() == [0.0, 1.0, 0.0]
    assert toolkit.leave_out(toolkit.where(late=1))(rows).index.tolist() == [1]


def test_borrowing_takes_the_sound_rows_value(toolkit):
    rows = pd.DataFrame(
        {
            "served_at": pd.to_datetime(["2031-03-01 10:00"] * 3 + ["2031-03-02 10:00"]),
            "origin": "A", "hour": 11, "feed": ["good", "good", "bad", "bad"],
            "queue_len": [10, 10, 3, 4],
        }
    )  # fmt: skip
    good, bad = toolkit.where(feed="good"), toolkit.where(feed="bad")
    after = toolkit.borrow("queue_len", among=good, where=bad)(rows)
    assert after["queue_len"].tolist() == [10, 10, 10, 4]


# -- views and replay ------------------------------------------------------------------------------


def test_every_view_has_a_picture_its_words_and_its_line(toolkit, log):
    views = [
        toolkit.performance("auc"),
        toolkit.timeline("cost"),
        toolkit.slice_by("feed", "auc"),
        toolkit.slice_by("temp_c", "late_rate"),
        toolkit.compare("queue_len", by="feed"),
        toolkit.compare("carrier"),
        toolkit.compare("weekday"),
        toolkit.system("p95"),
        toolkit.replay(toolkit.set_threshold(0.5)),
    ]
    for view in views:
        shown = view._repr_html_()
        assert 'alt="' in shown
        assert len(view.alt) > 40
        assert len(shown) < 250_000
        assert view.line in repr(view)
        if not view.line.startswith("replay"):
            again = eval(view.line, {name: getattr(toolkit, name) for name in toolkit.__all__})
            pd.testing.assert_frame_equal(again.table, view.table)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("performance('labelled')", "no metric 'labelled'; there are: auc, log_loss"),
        ("timeline('AUC')", "no metric 'AUC'"),
        ("performance('auc', rows=log.head(0))", "no row of the log"),
        ("performance('auc', rows=log['flagged'] == 1)", "part of the log, .* not a Series"),
        ("slice_by('hosts')", "no column 'hosts'; there are: prediction_id"),
        ("compare('queue')", "no column 'queue'"),
        ("compare('queue_len', by='feeds')", "no column 'feeds'"),
        ("system('host')", "no system metric 'host'; there are: "),
        ("system('p95', hosts=['h'])", "no host 'h'; there are: "),
    ],
)
def test_a_slip_is_told_with_what_there_is(toolkit, log, line, said):
    names = {name: getattr(toolkit, name) for name in toolkit.__all__}
    with pytest.raises(ValueError, match=said):
        eval(line, names | {"log": log})


def test_incomplete_outcomes_are_marked(toolkit):
    table = toolkit.performance("auc").table
    assert table["complete"].iloc[:30].mean() > 0.9
    assert not table["complete"].iloc[-1]


def test_replay_wins_back_what_the_incident_cost(toolkit, log):
    truth = case().truth()
    where = truth["causes"][0]["where"]  # a change of unit
    affected = toolkit.where(since=truth["onset_at"], feed=where["feed"])
    mend = toolkit.rescale(
        where["column"], 1 / where["factor"], -where["offset"] / where["factor"], affected
    )
    table = toolkit.replay(mend, since=truth["onset"]).table
    before, logged, remedied = table.loc["AUC (ranking)"]
    assert logged < before - 0.015
    assert remedied > logged + 0.01
    idle = toolkit.replay(lambda rows: rows, since=truth["onset"]).table
    assert idle.iloc[:, 1].equals(idle.iloc[:, 2].rename(idle.columns[1]))


def test_replay_is_what_grading_does(toolkit, log):
    """The candidate's replay and the trusted evaluation score the same rows the same."""
    from toolkit.model import apply_remedy

    remedy = toolkit.set_threshold(0.4)
    mine = toolkit.replayed(remedy, log)
    theirs = apply_remedy(log, remedy(log), toolkit.load().models, log)
    assert mine["flagged"].tolist() == theirs["flagged"].tolist()


# -- fields ----------------------------------------------------------------------------------------


def test_explorer_shows_every_view_and_reads_without_widgets(toolkit):
    explorer = toolkit.explore()
    explorer.widget()
    for kind in ("slice_by", "compare", "system", "timeline"):
        explorer.kind.value = kind
        assert explorer.view.line.startswith(kind)
        assert "alt=" in explorer.shown.value
    explorer.kind.value, explorer.split.value = "compare", "feed"
    assert 'by="feed"' in explorer.view.line
    assert "<img" in explorer._repr_mimebundle_()["text/html"]


def test_row_builder_gives_a_line_that_does_what_it_shows(toolkit, log):
    builder = toolkit.build_rows()
    assert builder.line() == "everything"
    builder.since.value = str(log["served_at"].iloc[9000])[:10]
    column, _, value = builder.conditions[0]
    column.value, value.value = "feed", log["feed"].iloc[0]
    second, test, bound = builder.conditions[1]
    second.value, test.value, bound.value = "queue_len", "at least", "12"
    assert builder.line().endswith(f'feed="{log["feed"].iloc[0]}", queue_len=at_least(12))')
    assert builder.test()(log).sum() > 0
    third, test, _ = builder.conditions[2]
    third.value, test.value = "prediction_id", "repeats"
    assert builder.line().startswith("both(where(")
    assert 'repeated(by="prediction_id")' in builder.line()
    column.value, value.value = "client", log["client"].iloc[0]
    assert f'client="{log["client"].iloc[0]}"' in builder.line()


def test_remedy_builder_gives_a_line_that_runs(toolkit, log):
    from toolkit.builders import KINDS

    builder = toolkit.build_remedy()
    models, steps = toolkit.load().models.models, toolkit.load().models.preprocessing
    names = {name: getattr(toolkit, name) for name in toolkit.__all__}
    names["affected"] = toolkit.where(since=str(log["served_at"].iloc[9000]))
    for kind, (function, _) in KINDS.items():
        builder.kind.value = kind
        builder.fields["column"].value = "feed" if function == "remap" else "queue_len"
        if function == "drop_duplicates":
            builder.fields["column"].value = "prediction_id"
        for field, text in {
            "multiply": "2", "add": "1", "value": "0.3", "from": "x", "to": "y", "days": "2",
            "day": str(log["served_at"].iloc[4000])[:10],
            "version": next(iter(steps if function == "use_preprocessing" else models)),
        }.items():  # fmt: skip
            builder.fields[field].value = text
        builder.rows.value = "affected"
        assert len(eval(builder.line(), names)(log)) > 0
        builder._try()
        assert "Second half of the log" in builder.effect.value, builder.line()


def test_two_conditions_on_one_column_and_comparing_columns(toolkit, log):
    builder = toolkit.build_rows()
    (one, at_least, low), (two, at_most, high), (three, differs, other) = builder.conditions
    one.value = two.value = "score"
    at_least.value, low.value, at_most.value, high.value = "at least", "0.2", "at most", "0.4"
    assert builder.line() == "both(where(score=at_least(0.2)), where(score=at_most(0.4)))"
    marked = log[builder.test()(log)]
    assert marked["score"].between(0.2, 0.4).all()
    three.value, differs.value, other.value = "trip_key", "differs from", "reported_trip_key"
    assert builder.line().endswith('differs("trip_key", "reported_trip_key"))')


def test_sums_and_several_names_in_the_remedy_builder(toolkit):
    builder = toolkit.build_remedy()
    builder.fields["column"].value = "temp_c"
    builder.fields["multiply"].value, builder.fields["add"].value = "1/1.8", "-32/1.8"
    assert builder.line() == 'rescale("temp_c", multiply=1/1.8, add=-32/1.8)'
    builder.kind.value = next(k for k in builder.kind.options if k.startswith("rename"))
    builder.fields["column"].value = "feed"
    builder.fields["from"].value, builder.fields["to"].value = "a, b", "c, d"
    assert builder.line() == 'remap("feed", {"a": "c", "b": "d"})'


def test_unfinished_lines_say_so(toolkit):
    builder = toolkit.build_remedy()
    builder.kind.value = "use another model version"
    builder._try()
    assert "Not yet" in builder.effect.value


# -- the second task -------------------------------------------------------------------------------


def test_transfer_task_and_its_rehearsal(toolkit, capsys, monkeypatch):
    from toolkit.transfer import healthy_windows, with_fault

    assert "The fault:" in repr(toolkit.transfer_task())
    windows = list(healthy_windows())
    assert len(windows) == 20
    assert all(w["at_hour"].max() <= 71 and w["at_hour"].min() == 0 for w in windows)
    spoiled = with_fault(windows[0], np.random.default_rng(0))
    assert not spoiled.equals(windows[0])
    assert (spoiled["station"] == windows[0]["station"]).all()
    toolkit.try_guard(lambda reference, window: True)
    assert capsys.readouterr().out.count("alarm on 100%") == 2
    monkeypatch.setenv("WORKSAMPLE_LEVEL", "senior")
    toolkit.try_guard(lambda reference, window: False)
    assert capsys.readouterr().out.count("alarm on") == 1


def test_the_trusted_side_imports_no_pictures():
    """checks.py imports hypotheses and model; that must not pull in a plotting library."""
    import subprocess

    code = (
        "import sys; from worksample.assignments import modules; from pathlib import Path;"
        f"modules.load(Path({str(FOLDER)!r}), 'checks');"
        "print([m for m in ('matplotlib', 'ipywidgets', 'IPython') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_row_test_may_return_an_array_or_a_list(toolkit):
    """`affected` may, so whatever takes a row test has to take it too."""
    rows = pd.DataFrame({"x": [1.0, 2.0, 4.0], "feed": ["a", "b", "a"]})
    rows["served_at"] = pd.Timestamp("2031-01-01")
    for test in (lambda r: (r["x"] > 1).to_numpy(), lambda r: [v > 1 for v in r["x"]]):
        assert list(toolkit.rescale("x", multiply=10, where=test)(rows)["x"]) == [1, 20, 40]
        assert list(toolkit.score_again(where=test)(rows)["rescore"]) == [False, True, True]
        assert list(toolkit.leave_out(where=test)(rows)["x"]) == [1]
        assert list(toolkit.both(test, toolkit.where(feed="a"))(rows)) == [False, False, True]
        assert list(toolkit.not_in(test)(rows)) == [True, False, False]


# -- what people stumbled over ---------------------------------------------------------------------


def test_an_empty_day_is_no_day(toolkit):
    """It marked no row, and said nothing."""
    with pytest.raises(ValueError, match="since is empty"):
        toolkit.where(since="")
    with pytest.raises(ValueError, match="until is empty"):
        toolkit.where(until="")


def test_what_is_built_is_shown_as_the_line_that_built_it(toolkit, log):
    rows = toolkit.where(since="2031-03-05", feed=["a"], queue_len=toolkit.at_least(5))
    assert repr(rows) == 'where(since="2031-03-05", feed=["a"], queue_len=at_least(5))'
    remedy = toolkit.one_after_another(
        toolkit.rescale("temp_c", multiply=2, where=toolkit.not_in(rows)), lambda rows: rows
    )
    assert repr(remedy).startswith('one_after_another(rescale("temp_c", multiply=2, where=not_in(')
    assert repr(remedy).endswith(", lambda …)")
    assert "<lambda>" not in toolkit.replay(lambda rows: rows, rows=log.head(500)).line


@pytest.mark.parametrize(("given", "said"), [(None, "nothing: has it a return"), (3, "int")])
def test_a_remedy_that_returns_no_rows_is_told_so(toolkit, log, given, said):
    with pytest.raises(ValueError, match=said):
        toolkit.replay(lambda rows: given, rows=log.head(500))
    with pytest.raises(ValueError, match="nothing: has it a return"):
        toolkit.one_after_another(lambda rows: None, toolkit.score_again())(log.head(5))


def test_a_columns_test_may_be_written_in_any_way_of_pandas(toolkit, log):
    first = log["region"].iloc[0]
    wanted = (log["region"] == first).to_numpy()
    tests = (
        lambda column: column.map({first: True}),
        lambda column: column.to_numpy() == first,
        lambda column: column.astype("string").eq(first),
    )
    for test in tests:
        assert (toolkit.where(region=test)(log).to_numpy() == wanted).all()
    numbers = log.convert_dtypes()
    assert (
        toolkit.where(queue_len=toolkit.at_least(5))(numbers).to_numpy()
        == toolkit.where(queue_len=toolkit.at_least(5))(log).to_numpy()
    ).all()


def test_a_remedy_may_hand_back_any_of_pandas_types(toolkit, log):
    rows = log.head(2000)

    def gaps(rows):
        rows = rows.convert_dtypes()
        rows.loc[rows.index[:5], "region"] = pd.NA
        return rows

    scored = importlib.import_module("toolkit.replaying").replayed(gaps, rows)
    assert scored["rescored"].sum() == 5


def test_bins_of_numbers_stand_in_their_order(toolkit, log):
    rows = log.head(3000).assign(
        wind_kmh=np.arange(3000.0) % 1200, hour=np.r_[9:13].repeat(750), client=["b", "a"] * 1500
    )
    rows.loc[rows.index[:3], "wind_kmh"] = np.nan
    bins = list(toolkit.slice_by("wind_kmh", "rows", rows=rows).table.index)
    starts = [float(name.strip("(").split(",")[0]) for name in bins[:-1]]
    assert starts == sorted(starts)
    assert len(starts) == 4
    assert bins[-1] == "missing"
    hours = list(toolkit.slice_by("hour", "rows", rows=rows).table.index)
    assert hours == ["9", "10", "11", "12"]
    assert list(toolkit.slice_by("client", "rows", rows=rows).table.index) == ["a", "b"]


def test_the_picture_of_compare_has_a_panel_for_each_group(toolkit, log, monkeypatch):
    views = importlib.import_module("toolkit.views")
    drawn, as_png = [], views.as_png

    def noted(draw, *given, **named):
        return as_png(lambda axes: (draw(axes), drawn.append(axes)), *given, **named)

    monkeypatch.setattr(views, "as_png", noted)
    rows = log.head(3000)
    toolkit.compare("wind_kmh", by="origin", rows=rows)
    titles = [axes.get_title("left") or axes.get_title() for axes in drawn[-1]]
    assert titles == [f"origin: {name}" for name in sorted(rows["origin"].unique())]
    heights = [[bar.get_height() for bar in axes.patches] for axes in drawn[-1]]
    assert heights[0] != heights[1]


def test_groups_stand_below_each_other_in_the_table_of_compare(toolkit, log):
    rows = log.head(3000)
    table = toolkit.compare("region", by="carrier", rows=rows).table
    assert list(table.columns) == ["before", "after"]
    carrier, region = rows["carrier"].iloc[0], rows["region"].iloc[0]
    early = rows[(rows["carrier"] == carrier) & (rows["served_at"] < toolkit_middle(toolkit))]
    assert table.loc[(carrier, region), "before"] == pytest.approx(
        (early["region"] == region).mean()
    )


def toolkit_middle(toolkit) -> pd.Timestamp:
    return pd.Timestamp(importlib.import_module("toolkit.views").middle())
