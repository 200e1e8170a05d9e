"""What simulate() tells a candidate about a monitor."""

from __future__ import annotations

import pytest

from .drawn import case, module


class Silent:
    def fit(self, reference):
        pass

    def check(self, window):
        return []


class Now(Silent):
    """Alarms in every tenth window that it is shown in a row."""

    seen = 0

    def check(self, window):
        Now.seen += 1
        return ["score"] if Now.seen % 10 == 0 else []


@pytest.fixture(scope="module")
def toolkit():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSAMPLE_CASE", str(case().public))
        yield module("toolkit")


def test_a_silent_monitor_may_still_alarm_in_some_windows(toolkit, capsys):
    drawn = toolkit.load()
    result = toolkit.simulate(Silent, drawn)
    assert (result["false_alarms"], result["found"], result["delay"]) == (0, 0, None)
    assert result["cost"] == 10 * 5 * drawn.costs["unnoticed_window"]
    low, high = result["plausible"]
    assert low == 0
    assert 0.03 < high < 0.05  # 80 to 104 windows
    assert f"it may be 0.000 to {high:.3f}" in capsys.readouterr().out


def test_the_rate_lies_within_what_is_plausible(toolkit):
    result = toolkit.simulate(Now, toolkit.load(), folds=2, show=False)
    low, high = result["plausible"]
    assert 0.02 < low < result["false_alarms"] < high < 0.2


class Always(Silent):
    """Alarms in every window, and keeps what it was fitted on."""

    fitted = ()

    def fit(self, reference):
        Always.fitted = [window.rows["date"].min() for window in reference]

    def check(self, window):
        return ["score"]


def test_what_is_left_out_is_neither_fitted_on_nor_counted(toolkit):
    drawn = toolkit.load()
    every = [window.rows["date"].min() for window in drawn.reference]
    out = every[3:6]
    result = toolkit.simulate(Always, drawn, folds=1, show=False, unsound=out)
    assert not set(Always.fitted) & set(out)
    told = set(result["days"])
    assert told
    assert told <= set(every) - set(out)
    kept = toolkit.without(drawn.reference, out)
    assert [window.rows["date"].min() for window in kept] == [*every[:3], *every[6:]]
    with pytest.raises(ValueError, match="not the first day of a reference window"):
        toolkit.without(drawn.reference, ["2030-02-30"])


def test_the_interval_is_wilsons():
    """5 of 100, by the formula's author's own method: 0.0215 to 0.1118."""
    low, high = module("toolkit.harness")._interval(5, 100)
    assert (low, high) == pytest.approx((0.0215, 0.1118), abs=1e-4)


def test_what_watch_draws_is_in_its_table(toolkit):
    drawn = toolkit.load()
    view = toolkit.watch(drawn, ["wind_kmh", "score"], upto=2)
    assert list(view.table.columns) == ["wind_kmh", "score"]
    assert list(view.table.index) == [0, 1, 2, "least usual", "largest usual"]
    means = [window.rows["wind_kmh"].mean() for window in drawn.recent[:3]]
    assert list(view.table["wind_kmh"][:3]) == pytest.approx(means)
    usual = [window.rows["score"].mean() for window in drawn.reference]
    assert view.table.loc["largest usual", "score"] == pytest.approx(max(usual))
    assert view.line == 'watch(case, ["wind_kmh", "score"], upto=2)'
    assert f"{means[0]:.3g}" in view.alt
    with pytest.raises(ValueError, match="no number 'carrier'"):
        toolkit.watch(drawn, ["carrier"], upto=2)


def test_the_fields_of_watch_choose_the_view(toolkit):
    shown = toolkit.watch(toolkit.load())
    shown.fields["columns"].value = ("temp_c",)
    shown.fields["upto"].value = 4
    assert shown.view.line == 'watch(case, ["temp_c"], upto=4)'


def test_a_threshold_has_its_price_in_numbers(toolkit):
    drawn = toolkit.load()
    view = toolkit.threshold_explorer(lambda w: float(w.rows["wind_kmh"].mean()), drawn, limit=20)
    here = view.table.loc[20]
    assert 0 < here["false alarms"] < 1
    assert (view.table.diff().dropna() <= 0).all().all()  # a higher threshold alarms less
    assert f"{here['false alarms']:.2f} false alarms" in view.alt
    assert view.line == "threshold_explorer(figure, case, limit=20)"
