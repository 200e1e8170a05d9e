# title = "Nothing on disk: workers share memory that was there before them; rules on two windows"
# quality = "strong"
# like = "strong"
# total = [97, 100]
# failing = []

# %% cell="then"
Path("work/gunicorn.conf.py").write_text(
    Path("work/gunicorn.conf.py").read_text("utf-8") + "preload_app = True\n"
)
Path("work/service/metrics.py").write_text(
    '''"""Numbers in memory that the master made before it forked: workers add, any of them tells."""

import json
from multiprocessing import Lock, RawArray
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

FOLDER = Path(__file__).parents[1]
SLOW, LAST, MATURE = 0, 0, 0  # by the requirements
REFERENCE = json.loads((FOLDER / "reference.json").read_text("utf-8"))


def places(field):
    facts = REFERENCE[field]
    return [str(each) for each in facts.get("values") or range(len(facts["shares"]))]


NAMES = ["answered", "rejected", "failed", "quick", "score", "filled", "seconds"]
NAMES += [f"{field}={place}" for field in REFERENCE for place in places(field)]
AT = {name: number for number, name in enumerate(NAMES)}


class Metrics:
    def __init__(self):
        self.lock, self.numbers = Lock(), RawArray("d", len(NAMES))

    def add(self, **amounts):
        if not self.lock.acquire(timeout=0.05):
            return  # somebody died with it: rather a number lost than a prediction
        try:
            for name, amount in amounts.items():
                self.numbers[AT[name]] += amount
        finally:
            self.lock.release()

    def answered(self, invoice, filled, score, seconds):
        seen = {}
        for field, facts in REFERENCE.items():
            if field == "orders_before" and filled:
                continue
            value = invoice[field]
            if "edges" in facts:
                value = sum(value >= edge for edge in facts["edges"])
            elif field == "terms_days":
                value = int(value)
            if f"{field}={value}" in AT:
                seen[f"{field}={value}"] = 1
        self.add(
            answered=1,
            quick=int(seconds <= SLOW),
            score=score,
            filled=int(filled),
            seconds=seconds,
            **seen,
        )

    def other(self, outcome):
        self.add(**{outcome: 1})

    def collect(self):
        at = {name: self.numbers[number] for name, number in AT.items()}
        requests = CounterMetricFamily("score_requests", "", labels=["outcome"])
        for outcome in ("answered", "rejected", "failed"):
            requests.add_metric([outcome], at[outcome])
        yield requests
        buckets = [(str(SLOW), at["quick"]), ("+Inf", at["answered"])]
        yield HistogramMetricFamily("score_seconds", "", buckets=buckets, sum_value=at["seconds"])
        yield CounterMetricFamily("score_value_sum", "", value=at["score"])
        yield CounterMetricFamily("score_filled", "", value=at["filled"])
        seen = CounterMetricFamily("input_seen", "", labels=["field", "place"])
        training = GaugeMetricFamily("input_reference", "", labels=["field", "place"])
        for field, facts in REFERENCE.items():
            shares = facts.get("shares") or list(facts["values"].values())
            for place, share in zip(places(field), shares):
                seen.add_metric([field, place], at[f"{field}={place}"])
                training.add_metric([field, place], share)
        yield seen
        yield training
        hits = matured()
        if hits:
            yield GaugeMetricFamily("labels_accuracy", "", value=sum(hits) / len(hits))

    def text(self):
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)


def matured():
    """Right or wrong, of the newest matured labels."""
    rows = []
    try:
        text = (FOLDER / "feed" / "labels.jsonl").read_text("utf-8", errors="replace")
    except OSError:
        return []
    for line in text.split("\\n"):
        try:
            row = json.loads(line)
            hit = (row["score"] >= 0.5) == bool(row["label"])
            rows.append((row["id"], hit, row["age_days"] >= MATURE))
        except (ValueError, KeyError, TypeError):
            continue
    seen, hits = set(), []
    for key, hit, old in reversed(rows):
        if str(key) not in seen:
            seen.add(str(key))
            hits += [hit] if old else []
    return hits[:LAST]


METRICS = Metrics()
'''.replace("0, 0, 0  # by", f"{slow}, {last}, {mature}  # by")
)
queries = Path("work/monitoring/monitoring.toml")
queries.write_text(
    queries.read_text("utf-8").replace(
        "sum(score_value_sum) / sum(score_value_count)",
        'score_value_sum_total / ignoring(outcome) score_requests_total{outcome="answered"}',
    )
)
rules = Path("work/monitoring/rules.yml")
text = rules.read_text("utf-8")
text = text.replace(
    f"expr: scoring:failing:10m >= {fail}\n        for: 2m",
    f"expr: scoring:failing:10m >= {fail} and sum(increase(score_requests_total"
    '{outcome="failed"}[4m])) > 1\n        for: 1m',
)
text = text.replace(
    "expr: sum(increase(score_requests_total[10m])) == 0\n        for: 3m",
    "expr: sum(changes(score_requests_total[11m])) == 0\n        for: 1m",
)
rules.write_text(text)
