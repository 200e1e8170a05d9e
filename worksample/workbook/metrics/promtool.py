"""Queries and rules of a candidate's, tried by Prometheus' own `promtool` on series of ours.

What is written here is run in a sandbox (:mod:`worksample.grading.repository`), where the
candidate's files lie beside it; what comes back is hostile. A query is a test that expects nothing:
what it finds stands in promtool's complaint. Each query has milliseconds of its own in the moments
it is asked at, by which its answers are found again. (`promtool` 2.42; its output is the same since
2.6.)
"""

from __future__ import annotations

import json
import re
import subprocess
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worksample.workbook.metrics.exposition import Values, written

TEST = "worksample.test.yml"
FOUND = "worksample.found.gz"
ROUTED = "worksample.routed.json"
CPU_SECONDS = 60
MAX_ROUTES = 40  # different sets of labels
FIRING = 'ALERTS{alertstate="firing"}'
MAX_FOUND = 16 << 20  # bytes, unpacked
MAX_QUERY = 2_000  # characters
MAX_TEXT = 200

_HEAD = re.compile(r"^    expr: .*, time: ([0-9wdhms]+),")
_SECONDS = {"w": 604_800.0, "d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = re.compile(r"([0-9]+)(ms|w|d|h|m|s)")
_SET = re.compile(r'\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\.)*"(?:, )?)*)\} (\S+?)(?=,? |,?$)')
_PAIR = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


def command(rules: str) -> tuple[str, ...]:
    """Ask promtool; where a rule file cannot be read, without its rules.

    It may use so much of a processor, whatever else the machine does meanwhile.
    """
    sound = f"promtool check rules {rules} > /dev/null 2>&1 || echo 'groups: []' > {rules}"
    return (
        "sh",
        "-c",
        f"ulimit -t {CPU_SECONDS}; {sound}; promtool test rules {TEST} 2>&1 | gzip -c > {FOUND}",
    )


@dataclass(frozen=True)
class Question:
    """A query and the minutes at which it is asked."""

    query: str
    minutes: Sequence[int]


Found = dict[int, list[tuple[dict[str, str], float]]]
"""Minute -> labels and value of every sample; minutes without any are left out."""


def test_file(
    series: Mapping[str, Values], questions: Sequence[Question], rules: Iterable[str]
) -> bytes:
    """A test for ``promtool test rules``: JSON, which is YAML too.

    Args:
        series: what every series is, minute by minute.
        rules: names of rule files beside it.
    """
    asked = [
        {"expr": each.query, "eval_time": f"{minute}m{number + 1}ms", "exp_samples": []}
        for number, each in enumerate(questions)
        for minute in each.minutes
    ]
    test = {
        "interval": "1m",
        "input_series": [
            {"series": name, "values": written(values)} for name, values in series.items()
        ],
        "promql_expr_test": asked,
    }
    whole = {"rule_files": [*rules], "evaluation_interval": "1m", "tests": [test]}
    return json.dumps(whole).encode()


def answers(packed: bytes | None, questions: int) -> list[Found]:
    """What promtool found for each question, in their order; nothing where it says nothing."""
    found: list[Found] = [defaultdict(list) for _ in range(questions)]
    now: tuple[int, int] | None = None
    for line in _unpacked(packed).split("\n"):
        head = _HEAD.match(line)
        if head is not None:
            now = _moment(head[1])
        elif line.startswith("        got: ") and now is not None:
            number, minute = now
            if 0 <= number < questions:
                found[number][minute] = _samples(line)
            now = None
    return [dict(each) for each in found]


def _moment(text: str) -> tuple[int, int]:
    """Question and minute of what promtool calls ``1d16h48m3ms``, ``5m2ms`` and the like."""
    seconds = sum(float(n) * _SECONDS[unit] for n, unit in _PART.findall(text))
    minute = int(seconds // 60)
    return round((seconds - 60 * minute) * 1000) - 1, minute


def _samples(line: str) -> list[tuple[dict[str, str], float]]:
    samples = []
    for inner, value in _SET.findall(line):
        labels = {key: text[:MAX_TEXT] for key, text in _PAIR.findall(inner)}
        try:
            samples.append((labels, float(value)))
        except ValueError:
            continue
    return samples


def _unpacked(packed: bytes | None) -> str:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        return unpacking.decompress(packed or b"", MAX_FOUND).decode("utf-8", "replace")
    except zlib.error:
        return ""


def route_command(config: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Ask `amtool` where an alert with these labels goes; the receivers stand in its output."""
    words = [f"{key}={value}" for key, value in sorted(labels.items())]
    return ("amtool", "config", "routes", "test", f"--config.file={config}", "--", *words)


def ask_routes(config: str, found: str = FOUND, into: str = ROUTED, most: int = MAX_ROUTES) -> None:
    """In a sandbox, or to rehearse: who gets each alert that fired; writes JSON.

    Args:
        config: Alertmanager's file.
        found: the file that :func:`command` wrote.
        into: gets pairs of labels and the names of receivers.
    """
    fired: dict[str, dict[str, str]] = {}
    for samples in answers(Path(found).read_bytes(), 1)[0].values():
        for labels, _ in samples:
            own = {k: v for k, v in labels.items() if k not in ("__name__", "alertstate")}
            fired[json.dumps(own, sort_keys=True)] = own
    routed = []
    for _, labels in sorted(fired.items())[:most]:
        done = subprocess.run(
            route_command(config, labels), capture_output=True, text=True, timeout=20, check=False
        )
        names = done.stdout.strip().split(",") if done.returncode == 0 else []
        routed.append([labels, names])
    Path(into).write_text(json.dumps(routed), "utf-8")
