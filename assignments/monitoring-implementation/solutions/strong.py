# title = "prometheus-client with a folder that all workers share"
# quality = "strong"
# total = [99, 100]
# failing = []

# %% cell="work"
import json
from pathlib import Path

requirements = Path("work/docs/REQUIREMENTS.md").read_text("utf-8")
reference = json.loads(Path("work/reference.json").read_text("utf-8"))


def number(before, after):
    return float(requirements.split(before)[1].split(after)[0].strip(" *|`"))


slow = number("took longer than", "s,")
last = int(number("among the", "newest"))
# from which age on those who will dispute mostly have
seen = [json.loads(line) for line in Path("case/labels.jsonl").read_text("utf-8").splitlines()]
likely = [row for row in seen if row["score"] >= 0.5]
mature = min(
    age
    for age in {row["age_days"] for row in likely}
    if sum(r["label"] for r in likely if r["age_days"] == age)
    > 0.6 * sum(r["age_days"] == age for r in likely)
)
fail = number("| what | to whom | within |\n|---|---|---|\n|", "% or more of the requests") / 100
slow_share = number("oncall` | 15 min |\n|", "% or more of the answers are slow") / 100
missing = number("tickets` | 90 min |\n|", "% or more of the answers had") / 100

Path("work/service/metrics.py").write_text(
    '''"""Metrics of both workers, by prometheus-client's folder; none where it cannot be written."""

import json
import os
import time
from pathlib import Path

FOLDER = Path(__file__).parents[1]
VAR = FOLDER / "var" / "metrics"
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(VAR))

from prometheus_client import (  # noqa: E402
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily  # noqa: E402

SLOW, LAST, MATURE = 0, 0, 0  # by the requirements
REFERENCE = json.loads((FOLDER / "reference.json").read_text("utf-8"))


def share_of(field, value):
    """Place of a value among the reference's, and how many there are."""
    facts = REFERENCE[field]
    if "edges" in facts:
        return str(sum(value >= edge for edge in facts["edges"]))
    return str(int(value)) if field == "terms_days" else str(value)


class Metrics:
    def __init__(self):
        VAR.mkdir(parents=True, exist_ok=True)
        probe = VAR / f"probe-{os.getpid()}"
        probe.write_text("")
        probe.unlink()
        self.requests = Counter("score_requests", "requests to /score", ["outcome"])
        self.seconds = Histogram(
            "score_seconds",
            "of answered predictions",
            buckets=(0.01, 0.025, 0.05, 0.1, SLOW, 0.5, 1, 2.5),
        )
        self.scores = Histogram("score_value", "answered", buckets=(0.1, 0.25, 0.5, 0.75, 0.9))
        self.filled = Counter("score_filled", "answers with a value filled in")
        self.seen = Counter("input_seen", "inputs by their place", ["field", "place"])
        for outcome in ("answered", "rejected", "failed"):
            self.requests.labels(outcome)
        for field, facts in REFERENCE.items():
            places = facts["values"] if "values" in facts else range(len(facts["shares"]))
            for place in places:
                self.seen.labels(field, str(place))

    def answered(self, invoice, filled, score, seconds):
        self.requests.labels("answered").inc()
        self.seconds.observe(seconds)
        self.scores.observe(score)
        if filled:
            self.filled.inc()
        for field in REFERENCE:
            if field != "orders_before" or not filled:
                self.seen.labels(field, share_of(field, invoice[field])).inc()

    def other(self, outcome):
        self.requests.labels(outcome).inc()

    def text(self):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        registry.register(Labels())
        registry.register(Reference())
        return generate_latest(registry)


class Labels:
    def collect(self):
        value, many = accuracy(FOLDER / "feed" / "labels.jsonl")
        if value is not None:
            yield GaugeMetricFamily("labels_accuracy", "of matured labels", value=value)
        yield GaugeMetricFamily("labels_matured", "matured labels used", value=many)


class Reference:
    def collect(self):
        family = GaugeMetricFamily("input_reference", "share in training", labels=["field", "place"])
        for field, facts in REFERENCE.items():
            shares = facts.get("values") or dict(enumerate(facts["shares"]))
            for place, share in shares.items():
                family.add_metric([field, str(place)], share)
        yield family


def accuracy(path):
    latest = {}
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return None, 0
    for line in lines:
        try:
            row = json.loads(line)
            key = str(row["id"])
            row = (float(row["score"]), int(row["label"]), float(row["age_days"]))
        except (ValueError, KeyError, TypeError):
            continue
        latest.pop(key, None)
        latest[key] = row
    old = [(score, label) for score, label, age in latest.values() if age >= MATURE][-LAST:]
    if not old:
        return None, 0
    return sum((score >= 0.5) == bool(label) for score, label in old) / len(old), len(old)


class Silent:
    """What counts nothing: where nothing can be written, predictions go on."""

    def answered(self, *_):
        pass

    def other(self, _):
        pass

    def text(self):
        return b""


def start():
    try:
        return Metrics()
    except OSError:
        return Silent()


METRICS = start()
'''.replace("0, 0, 0  # by", f"{slow}, {last}, {mature}  # by")
)
app = Path("work/service/app.py")
text = app.read_text("utf-8")
text = text.replace(
    "from flask import Flask, jsonify, request\n",
    "import time\n\nfrom flask import Flask, Response, jsonify, request\n",
).replace(
    "from .directory import DirectoryFailed, look_up\n",
    "from .directory import DirectoryFailed, look_up\nfrom .metrics import METRICS\n",
)
text = text.replace("def score():\n", "def score():\n    begun = time.perf_counter()\n")
text = text.replace(
    "    except model.Malformed:\n",
    '    except model.Malformed:\n        METRICS.other("rejected")\n',
).replace(
    "    except DirectoryFailed:\n",
    '    except DirectoryFailed:\n        METRICS.other("failed")\n',
)
text = text.replace(
    '    return jsonify(id=invoice["id"], score=model.score(invoice))\n',
    """    value = model.score(invoice)
    METRICS.answered(invoice, _filled, value, time.perf_counter() - begun)
    return jsonify(id=invoice["id"], score=value)


@app.get("/metrics")
def metrics():
    return Response(METRICS.text(), mimetype="text/plain; version=0.0.4")
""",
)
app.write_text(text)

Path("work/monitoring/monitoring.toml").write_text(
    f"""[queries]
answered = 'sum(score_requests_total{{outcome="answered"}})'
rejected = 'sum(score_requests_total{{outcome="rejected"}})'
failed = 'sum(score_requests_total{{outcome="failed"}})'
slow = '1 - sum(score_seconds_bucket{{le="{slow}"}}) / sum(score_seconds_count)'
score = 'sum(score_value_sum) / sum(score_value_count)'
filled = 'sum(score_filled_total)'
drift = 'scoring:drift'
accuracy = 'max(labels_accuracy)'

[panels]
traffic = 'sum(rate(score_requests_total[10m]))'
failures = 'scoring:failing:10m'
latency = 'scoring:slow:10m'
inputs = 'scoring:drift'
missing = 'scoring:filled:30m'
realised = 'avg_over_time(max(labels_accuracy)[20m:1m])'
"""
)
Path("work/monitoring/rules.yml").write_text(
    f"""groups:
  - name: scoring
    interval: 1m
    rules:
      - record: scoring:failing:10m
        expr: >-
          sum(rate(score_requests_total{{outcome="failed"}}[10m]))
          / sum(rate(score_requests_total[10m]))
      - record: scoring:slow:10m
        expr: >-
          1 - sum(rate(score_seconds_bucket{{le="{slow}"}}[10m])) / sum(rate(score_seconds_count[10m]))
      - record: scoring:filled:30m
        expr: sum(rate(score_filled_total[30m])) / sum(rate(score_requests_total{{outcome="answered"}}[30m]))
      - record: input:share
        expr: >-
          sum by (field, place) (rate(input_seen_total[30m]))
          / on (field) group_left sum by (field) (rate(input_seen_total[30m]))
      - record: scoring:drift
        expr: >-
          max(sum by (field) (abs(input:share - on (field, place) max by (field, place) (input_reference))))
      - alert: ScoringFails
        expr: scoring:failing:10m >= {fail}
        for: 2m
        labels: {{severity: page}}
      - alert: ScoringSlow
        expr: scoring:slow:10m >= {slow_share}
        for: 2m
        labels: {{severity: page}}
      - alert: NobodyAsks
        expr: sum(increase(score_requests_total[10m])) == 0
        for: 3m
        labels: {{severity: page}}
      - alert: ScoringDown
        expr: up{{job="scoring"}} == 0
        for: 9m
        labels: {{severity: page}}
      - alert: InputsMoved
        expr: scoring:drift > 0.7
        for: 15m
        labels: {{severity: ticket}}
      - alert: ValuesMissing
        expr: scoring:filled:30m >= {missing}
        for: 5m
        labels: {{severity: ticket}}
      - alert: AccuracyFallen
        expr: avg_over_time(max(labels_accuracy)[20m:1m]) <= 0.8
        for: 5m
        labels: {{severity: ticket}}
"""
)
Path("work/monitoring/alertmanager.yml").write_text(
    """route:
  receiver: tickets
  routes:
    - matchers: [severity="page"]
      receiver: oncall
receivers:
  - name: oncall
  - name: tickets
"""
)

# %% [markdown] cell="reasons_answer"
# Shares over ten minutes and not counts, because the evening has four times as many requests and a night has six: a count that is high at nine is an outage at three. Failing and slow page at the limits of the requirements with two minutes of patience; *down* waits nine, as a deploy takes seven. Drift, missing values and accuracy are tickets: nobody can mend them at night. Drift at 0.7 lies between the campaign (some 0.45 in the rehearsal) and the drift (1.1).
#
# First action: failing, ask the directory's team and switch to the answer without it; slow, look which customers; nobody asks, the caller's log; down, roll back; drift and accuracy, compare by field and hold the next retraining; missing, the portal's form.
#
# Left out: a metric per customer (who pays for 900 series?), a gauge of the last score, CPU.

# %% [markdown] cell="extension_answer"
# - A segment that fails inside a good whole: 1 % of the requests, all of one channel. It would show in complaints; next I would split failing by channel (four series).
# - Accuracy is blind for as long as labels take: with a month, the alert tells of last month. I would watch the share of scores above 0.5 beside it, as a ticket, and say so on the panel.
# - A slow drift that training follows: the reference moves along. Keep a fixed one beside it.
# - A lock held by a killed worker, or a full disk, silences counts: alert on answered requests of the load balancer against ours.
#
# For ten services: rules by `job`, recorded shares under one name, one file of limits. Not worth it: a drift number for each customer.

# %% [markdown] cell="disclosure_answer"
# Assistants used: none
