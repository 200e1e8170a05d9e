"""Exposition text read within bounds, laid on a clock, and asked by promtool: all of it hostile."""

from __future__ import annotations

import gzip
import json
import math
import shutil
import subprocess
from pathlib import Path

import pytest

from worksample.workbook.metrics import promtool
from worksample.workbook.metrics.exposition import (
    MAX_SERIES,
    Block,
    Minute,
    Scrape,
    name_of,
    parsed,
    spliced,
    written,
)
from worksample.workbook.metrics.promtool import Question

TARGET = {"job": "j", "instance": "i"}


def test_samples_are_read_and_anything_else_is_left_out() -> None:
    text = b"""# HELP a_total what
# TYPE a_total counter
a_total{path="/x y",quote="a\\"b"} 3 1700000000
a_total{job="own"} 4
plain 1e3
broken{x="1" 2
also broken{} }
{no="name"} 1
nan_one NaN
created_created 5
many{%s} 1
no_value
""" % ",".join(f'l{n}="v"' for n in range(40)).encode()
    found = parsed(text, TARGET)
    assert found.samples['a_total{instance="i",job="j",path="/x y",quote="a\\"b"}'] == 3
    assert found.samples['a_total{exported_job="own",instance="i",job="j"}'] == 4
    assert found.samples['plain{instance="i",job="j"}'] == 1000
    assert {name_of(each) for each in found.samples} == {"a_total", "plain", "nan_one"}
    assert found.types == {"a_total": "counter"}


@pytest.mark.parametrize(
    "junk",
    [b"", b"\xff\xfe\x00" * 1000, b"{" * 100_000, b'a{b="' * 50_000, b"a{" + b'b="c",' * 50_000],
)
def test_rubbish_is_no_scrape_and_no_error(junk: bytes) -> None:
    assert parsed(junk).samples == {}


def test_so_many_series_and_no_more() -> None:
    text = "".join(f'x{{n="{n}"}} 1\n' for n in range(MAX_SERIES + 500))
    assert len(parsed(text.encode()).samples) == MAX_SERIES


def test_what_only_grows_is_known_by_type_or_by_name() -> None:
    scrape = Scrape({}, {"a": "counter", "h": "histogram", "s": "summary", "b_total": "gauge"})
    grows = ["a{}", "h_bucket{}", "h_sum{}", "s_count{}", "x_total{}"]
    assert all(scrape.counts(each) for each in grows)
    assert not any(scrape.counts(each) for each in ("b_total{}", "g{}", 's{quantile="0.5"}'))


def test_scrapes_become_minutes() -> None:
    """Counters go on by what they gained, gauges are what they were, an end is marked as one."""
    before = parsed(b"a_total 5\ng 1\n", TARGET)
    after = parsed(b"a_total 8\ng 2\n", TARGET)
    block = Block(before, after)
    minutes = [Minute(block), Minute(block, 2), Minute(None), Minute(None, up=False)]
    minutes += [Minute(block, fresh=True)]
    laid = spliced(minutes, lambda name: True, TARGET)
    assert laid['a_total{instance="i",job="j"}'] == [3, 9, 9, None, 3]
    assert laid['g{instance="i",job="j"}'] == [2, 2, 2, None, 2]
    assert laid['up{instance="i",job="j"}'] == [1, 1, 1, 0, 1]
    assert written([None, 1.0, 2.5, None, None, math.nan, math.inf]) == "_ 1 2.5 stale _ _ 1e+300"


def test_two_workers_that_count_apart_are_read_as_resets() -> None:
    """A scrape is answered by either: what falls begins anew, as for Prometheus."""
    one, other = parsed(b"a_total 50\n"), parsed(b"a_total 20\n")
    laid = spliced([Minute(Block(one, other)), Minute(Block(other, one))], lambda _: True, {})
    assert laid["a_total{}"] == [20, 50]


def test_answers_are_found_again_whatever_they_say(tmp_path: Path) -> None:
    if shutil.which("promtool") is None:
        pytest.fail("promtool is needed: apt-get install --no-install-recommends prometheus")
    odd = 'a\\", \\n{x=\\"1\\"} 7, got: exp'
    series = {f'm{{odd="{odd}"}}': [1.0] * 3000, "n{}": [float(n) for n in range(3000)]}
    (tmp_path / "r.yml").write_text(
        "groups: [{name: g, rules: [{alert: High, expr: n > 2000, labels: {severity: page}}]}]"
    )
    asked = [
        Question(promtool.FIRING, [5, 2500]),
        Question("m", [7]),
        Question("sum((", [1]),
        Question("n / 0", [0, 1]),
        Question("{__name__=~'m|n'}", [2999]),
    ]
    (tmp_path / promtool.TEST).write_bytes(promtool.test_file(series, asked, ["r.yml"]))
    subprocess.run(promtool.command("r.yml"), cwd=tmp_path, check=True)
    packed = (tmp_path / promtool.FOUND).read_bytes()
    found = promtool.answers(packed, len(asked))
    (fired,) = found[0][2500]
    assert fired[0] | {"alertname": "High", "severity": "page"} == fired[0]
    assert 5 not in found[0]
    assert [value for _, value in found[1][7]] == [1.0]
    assert found[2] == {}
    assert math.isnan(found[3][0][0][1])
    assert math.isinf(found[3][1][0][1])
    assert len(found[4][2999]) == 2
    # a rule file that cannot be read takes only the rules with it
    (tmp_path / "r.yml").write_text("groups: [")
    subprocess.run(promtool.command("r.yml"), cwd=tmp_path, check=True)
    again = promtool.answers((tmp_path / promtool.FOUND).read_bytes(), len(asked))
    assert again[0] == {}
    assert again[1:3] == found[1:3]


# by name: when it was packed stands in what gzip makes, and workers have to collect the same tests
BROUGHT = {
    "nothing": None,
    "empty": b"",
    "a bomb": b"\0",
    "a moment beyond all": b'    expr: "x", time: 99999999999999999999h1ms,\n        got: {} 1',
    "lines that are none": b'    expr: "x", time: 5m1ms,\n        got: {a="b} x, {} y\n' * 1000,
}


@pytest.mark.parametrize("name", [*BROUGHT, "not packed"])
def test_what_a_box_brings_back_is_only_data(name: str) -> None:
    given = BROUGHT.get(name, b"rubbish")
    if name == "a bomb":
        given = b"\0" * (64 << 20)
    packed = gzip.compress(given) if given and name in BROUGHT else given
    assert all(
        value == 1 for f in promtool.answers(packed, 1) for m in f.values() for _, value in m
    )


def test_routes_are_amtools_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("amtool") is None:
        pytest.fail(
            "amtool is needed: apt-get install --no-install-recommends prometheus-alertmanager"
        )
    monkeypatch.chdir(tmp_path)
    config = {
        "route": {
            "receiver": "tickets",
            "routes": [{"matchers": ['severity="page"'], "receiver": "oncall"}],
        },
        "receivers": [{"name": "tickets"}, {"name": "oncall"}],
    }
    Path("a.yml").write_text(json.dumps(config))
    lines = [
        f'    expr: "x", time: {minute}m1ms,\n        got: '
        f'{{__name__="ALERTS", alertname="A", alertstate="firing", severity="{severity}"}} 1E+00'
        for minute, severity in enumerate(["page", "page", "ticket"])
    ]
    Path(promtool.FOUND).write_bytes(gzip.compress("\n".join(lines).encode()))
    promtool.ask_routes("a.yml")
    routed = json.loads(Path(promtool.ROUTED).read_text())
    assert sorted((labels["severity"], names) for labels, names in routed) == [
        ("page", ["oncall"]),
        ("ticket", ["tickets"]),
    ]
