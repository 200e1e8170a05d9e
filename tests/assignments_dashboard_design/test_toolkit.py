"""What candidates write and see: clear mistakes, pictures with their text, a file for Grafana."""

from __future__ import annotations

import json

import numpy as np
import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .drawn import answers_of, module, namespace, opened, solved

toolkit, dashboard = module("toolkit"), module("toolkit.dashboard")
PANEL = """
- title: Answers that fail
  metric: error_share.gateway
  band: [0, 2]
"""


def wrong(**parts):
    return toolkit.understood(opened(), **parts)[1]


@pytest.mark.parametrize(
    ("panels", "said"),
    [
        ("- title: [", "panels, line 1: this is no YAML"),
        ("title: x", "panels should be a list"),
        ("- x", "panels, entry 1: write fields such as title"),
        (PANEL + "  colour: red", "there is no field 'colour'; there are: title, metric"),
        (PANEL.replace("error", "eror"), "'eror_share.gateway' is not in the catalogue"),
        (PANEL + "  segment: amber", "error_share.gateway is not collected by segment"),
        (PANEL.replace("[0, 2]", "[2, 0]"), "band: the first number should be the smaller one"),
        (PANEL.replace("[0, 2]", "2"), "band should be two numbers: [least, largest]"),
        (PANEL + "  over: 2h", "over should be one of 6h, 12h, 1d, 3d, 7d, not '2h'"),
        (PANEL + "  screen: 3", "screen should be 1 or 2"),
        (PANEL + PANEL, "two entries have the title 'Answers that fail'"),
    ],
)
def test_every_mistake_says_where_and_what(panels, said):
    assert said in " ".join(wrong(panels=panels))


ENDS = [
    ("[−0.2, 0.2]", (-0.2, 0.2)),  # as a word processor writes it
    ("\n    - −0,2\n    - 0,2", (-0.2, 0.2)),
    ("[-.inf, 0.2]", (None, 0.2)),
    ("[-2e-1, .inf]", (-0.2, None)),
    ("[~, 0.2]", (None, 0.2)),
]


@pytest.mark.parametrize(("ends", "band"), ENDS)
def test_a_number_may_be_written_as_people_write_it(ends, band):
    board, problems = toolkit.understood(opened(), panels=PANEL.replace("[0, 2]", ends))
    assert problems == []
    assert board.panels[0].query.band == band


def test_numpys_numbers_are_numbers_and_nan_is_none():
    made = {"title": "x", "metric": "error_share.gateway"}
    for band in (np.array([0, 2]), [np.int64(0), np.float32(2)], (-np.inf, 2)):
        assert wrong(panels=[made | {"band": band}]) == []
    for band in ([np.nan, 2], [0, np.nan], [np.inf, 2], [True, 2], ["low", 2]):
        assert "band should be two numbers" in wrong(panels=[made | {"band": band}])[0]
    assert "decimal point" in wrong(panels=PANEL.replace("[0, 2]", "[-0,2, 0,2]"))[0]
    assert "axis should be two numbers" in wrong(panels=PANEL + "  axis: [0, .inf]")[0]


def test_alerts_and_answers_say_theirs():
    alert = PANEL.replace("title", "name")
    assert wrong(alerts=alert) == []
    assert "severity should be one of page, ticket" in wrong(alerts=alert + "  severity: call")[0]
    open_one = alert.replace("[0, 2]", "[null, null]")
    assert "an alert needs a band" in wrong(alerts=open_one)[0]
    assert (
        "no panel has the title 'x'" in wrong(panels=PANEL, answers="q1: {panel: x, read: week}")[0]
    )
    assert "the question should be one of q1" in wrong(panels=PANEL, answers="q13: {}")[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from([*dashboard.PANEL, *dashboard.ALERT, "q1", "x"]), inner, max_size=6
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON, JSON, JSON)
def test_whatever_stands_there_is_read_or_said(panels, alerts, answers):
    document = {"panels": panels, "alerts": alerts, "answers": answers}
    board, said = dashboard.read(document, opened().known)
    assert all(isinstance(sentence, str) for sentence in said)
    again, none = dashboard.read(json.loads(json.dumps(dashboard.plain(board))), opened().known)
    assert dashboard.plain(again)["panels"] == dashboard.plain(board)["panels"]
    assert not [s for s in none if "two entries" not in s]


def test_what_is_recorded_reads_as_what_was_written():
    recorded = solved("strong").answers
    assert answers_of({k.upper(): v for k, v in recorded.items()}) == recorded


def test_the_file_for_grafana_is_of_the_types_of_its_foundation_sdk():
    """Whatever the types do not know would be lost on the way, and the two would differ."""
    board, _ = toolkit.understood(opened(), panels=namespace("strong")["PANELS"])
    made = json.loads(json.dumps(toolkit.as_grafana(opened(), board)))
    there = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(made)))

    def contained(small, large, where=""):
        if isinstance(small, dict):
            for key, value in small.items():
                assert key in large, f"{where}.{key}"
                contained(value, large[key], f"{where}.{key}")
        elif isinstance(small, list):
            assert len(small) == len(large), where
            for place, (one, other) in enumerate(zip(small, large, strict=True)):
                contained(one, other, f"{where}[{place}]")
        else:
            assert small == large, where

    contained(made, there)
    rows = [p["type"] for p in made["panels"]]
    assert rows.count("row") == 1
    assert rows.count("timeseries") == len(board.panels)
    ids = [p["id"] for p in made["panels"]]
    assert len(set(ids)) == len(ids)


def test_queries_in_promql():
    queries, grafana = module("toolkit.queries"), module("toolkit.grafana")
    plain = queries.Query("auc.stream", "amber", "1d")
    series = 'auc{collector="stream", segment="amber"}'
    assert grafana.expression(plain) == f"avg_over_time({series}[1d])"
    around = queries.Query("auc.stream", "amber", "6h", (-1, 1), "usual")
    assert grafana.expression(around) == f"{series} - usual:{series}"


def test_pictures_come_with_their_text(capsys):
    drawn, given_ = opened(), namespace("strong")
    screen = toolkit.mock_up(drawn, given_["PANELS"], until="2031-04-20")
    assert screen.png[:4] == b"\x89PNG"
    assert "6 panels over 21 days" in screen.alt
    assert len(screen.table) == 6
    tried = toolkit.try_alerts(drawn, given_["ALERTS"])
    assert list(tried.table.columns) == ["severity", "called", "of it near an incident"]
    assert (tried.table["called"] == tried.table["of it near an incident"]).all()
    four = toolkit.compare(drawn, "auc", drawn.segments[0])
    assert len(four.table) == 4
    assert "auc of" in four.alt
    with pytest.raises(ValueError, match="not collected by segment"):
        toolkit.compare(drawn, "requests", drawn.segments[0])
    assert toolkit.mock_up(drawn, PANEL, screen=2) is None
    assert "screen 2 has no panel yet" in capsys.readouterr().out


def test_a_suggested_panel_can_be_pasted(capsys):
    text = toolkit.suggest(opened(), opened().catalogue["metric"][0])
    assert wrong(panels=text) == []
    assert text in capsys.readouterr().out
