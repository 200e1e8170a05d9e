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
    result = toolkit.simulate(Silent, toolkit.load())
    assert (result["false_alarms"], result["found"], result["delay"]) == (0, 0, None)
    low, high = result["plausible"]
    assert low == 0
    assert 0.03 < high < 0.05  # 80 to 104 windows
    assert f"it may be 0.000 to {high:.3f}" in capsys.readouterr().out


def test_the_rate_lies_within_what_is_plausible(toolkit):
    result = toolkit.simulate(Now, toolkit.load(), show=False)
    low, high = result["plausible"]
    assert 0.02 < low < result["false_alarms"] < high < 0.2


def test_the_interval_is_wilsons():
    """5 of 100, by the formula's author's own method: 0.0215 to 0.1118."""
    low, high = module("toolkit.harness")._interval(5, 100)
    assert (low, high) == pytest.approx((0.0215, 0.1118), abs=1e-4)
