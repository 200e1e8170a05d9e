"""The style that all pictures share."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from worksample.workbook import plots


def test_neighbours_differ_without_their_colour():
    looks = [plots.line(place) for place in range(12)]
    assert len({(look["marker"], look["ls"]) for look in looks}) == 12
    assert len({plots.area(place)["hatch"] for place in range(5)}) == 5


@given(st.lists(st.floats(-1, 2), min_size=1, max_size=12).map(sorted))
def test_names_of_lines_do_not_lie_on_one_another(places):
    at = plots.spread(places, 0.05)
    assert all(b - a >= 0.05 - 1e-9 for a, b in pairwise(at))
    assert max(at) <= 1 + 1e-9


def test_a_line_is_named_at_its_end_and_a_helper_line_is_not():
    axes = Figure().subplots()
    axes.plot([0, 1], [0, 1], label="h1")
    axes.plot([0, 1], [0.5, 0.5], label="_limit")
    plots.name_lines(axes)
    assert [each.get_text() for each in axes.texts] == ["h1"]


def test_a_view_shows_its_picture_with_its_words_and_its_line():
    table = pd.DataFrame({"x": range(30)})
    png = plots.as_png(lambda axes: axes.plot([1, 2]), 1.0)
    view = plots.View(table, 'look("x")', "x <rises>", png)
    shown = view._repr_html_()
    assert 'alt="x &lt;rises&gt;"' in shown
    assert 'width="864"' in shown  # 9.6 inches
    assert '<code>look("x")</code>' in shown
    assert "its last 7 of 30 rows" in shown
    assert "<details>" in plots.View(table, "", "", png, folded=True)._repr_html_()
    assert "<img" not in plots.View(table, "", "")._repr_html_()


def test_a_count_among_shares_has_no_decimals():
    shown = plots.View(pd.DataFrame({"a": [10037.0, 0.5664]}), "", "")._repr_html_()
    assert "<td>10037</td>" in shown
    assert "<td>0.566</td>" in shown


def test_the_same_picture_is_the_same_bytes():
    def draw(axes):
        axes.bar([1], [2], **plots.area(1))

    assert plots.as_png(draw) == plots.as_png(draw)


@pytest.mark.parametrize("panels", [1, 2])
def test_one_panel_is_given_as_it_is_and_several_as_a_list(panels):
    given_axes = []
    plots.as_png(given_axes.append, panels=panels)
    assert isinstance(given_axes[0], list) == (panels > 1)


def test_panels_share_lines_and_none_is_left_empty():
    seen = []
    plots.as_png(lambda axes: seen.extend(axes), panels=4, across=3)
    assert len(seen) == 4
    assert len(seen[0].figure.axes) == 4
    assert seen[3].get_subplotspec().rowspan.start == 1


def boxes(axes, texts):
    axes.figure.canvas.draw()
    return [text.get_window_extent() for text in texts]


@pytest.mark.parametrize("days", [[1, 1, 1, 1, 1, 1], [1, 2, 2, 3, 3, 4], [1, 9, 17, 25]])
def test_names_of_moments_do_not_lie_on_one_another(days):
    axes = Figure(figsize=(9.6, 3.2)).subplots()
    times = pd.to_datetime([f"2031-03-{day:02}" for day in days])
    axes.plot(pd.to_datetime(["2031-03-01", "2031-03-28"]), [0, 1])
    plots.name_times(axes, times, [f"C{place:02}" for place in range(len(days))])
    found = boxes(axes, axes.texts)
    assert len(found) == len(days)
    assert not any(a.overlaps(b) for place, a in enumerate(found) for b in found[:place])


@pytest.mark.parametrize("names", [["a", "b"], ["(12.345, 45.678]"] * 12, ["level"] * 24])
def test_names_below_places_do_not_lie_on_one_another(names):
    axes = Figure(figsize=(9.6, 3.2)).subplots()
    axes.bar(range(len(names)), [1] * len(names))
    plots.name_places(axes, range(len(names)), names)
    labels = axes.get_xticklabels()
    turned = {label.get_rotation() for label in labels}
    assert turned == ({0} if names == ["a", "b"] else {35})
    found = boxes(axes, labels)
    assert turned == {35} or not any(a.overlaps(b) for a, b in pairwise(found))
