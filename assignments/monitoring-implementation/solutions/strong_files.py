# title = "No library: each worker keeps a file, whoever is asked adds them up"
# quality = "strong"
# like = "strong"
# total = [97, 100]
# failing = []

# %% cell="then"
Path("work/service/metrics.py").write_text(
    '''"""Counts of each worker in a file of its own below var/; a scrape adds up all of them."""

import json
import os
import threading
from pathlib import Path

FOLDER = Path(__file__).parents[1]
VAR = FOLDER / "var" / "counts"
SLOW, LAST, MATURE = 0, 0, 0  # by the requirements
LIMITS = (0.05, SLOW, 1.0)
REFERENCE = json.loads((FOLDER / "reference.json").read_text("utf-8"))


class Metrics:
    def __init__(self):
        self.lock, self.counts = threading.Lock(), {}

    def add(self, **amounts):
        with self.lock:
            for name, amount in amounts.items():
                self.counts[name] = self.counts.get(name, 0) + amount
            try:
                VAR.mkdir(parents=True, exist_ok=True)
                new = VAR / f"{os.getpid()}.new"
                new.write_text(json.dumps(self.counts))
                new.rename(VAR / f"{os.getpid()}.json")
            except OSError:
                pass  # no numbers then; predictions go on

    def answered(self, invoice, filled, score, seconds):
        places = {}
        for field, facts in REFERENCE.items():
            value = invoice[field]
            if field == "orders_before" and filled:
                continue
            if "edges" in facts:
                place = sum(value >= edge for edge in facts["edges"])
            else:
                place = int(value) if field == "terms_days" else value
            places[f"input/{field}/{place}"] = 1
        under = {f"le/{limit}": 1 for limit in LIMITS if seconds <= limit}
        self.add(answered=1, filled=int(filled), score=score, **places, **under)

    def other(self, outcome):
        self.add(**{outcome: 1})

    def text(self):
        total = {}
        for path in sorted(VAR.glob("*.json")) if VAR.is_dir() else []:
            try:
                for name, amount in json.loads(path.read_text()).items():
                    total[name] = total.get(name, 0) + amount
            except (OSError, ValueError):
                continue
        lines = ["# TYPE score_requests_total counter"]
        for name in ("answered", "rejected", "failed"):
            lines.append(f'score_requests_total{{outcome="{name}"}} {total.get(name, 0)}')
        lines.append("# TYPE score_seconds histogram")
        many = total.get("answered", 0)
        for limit in LIMITS:
            under = total.get(f"le/{limit}", 0)
            lines.append(f'score_seconds_bucket{{le="{limit}"}} {under}')
        lines += [f'score_seconds_bucket{{le="+Inf"}} {many}', f"score_seconds_count {many}"]
        lines += ["# TYPE score_value summary", f"score_value_sum {total.get('score', 0)}"]
        lines += [f"score_value_count {many}", "# TYPE score_filled_total counter"]
        lines += [f"score_filled_total {total.get('filled', 0)}"]
        lines += ["# TYPE input_seen_total counter", "# TYPE input_reference gauge"]
        for field, facts in REFERENCE.items():
            shares = facts.get("values") or dict(enumerate(facts["shares"]))
            for place, share in shares.items():
                labels = f'{{field="{field}",place="{place}"}}'
                lines.append(f"input_seen_total{labels} {total.get(f'input/{field}/{place}', 0)}")
                lines.append(f"input_reference{labels} {share}")
        right = accuracy()
        lines += [] if right is None else [f"labels_accuracy {right}"]
        return "\\n".join(lines) + "\\n"


def accuracy():
    latest = {}
    try:
        for line in (FOLDER / "feed" / "labels.jsonl").read_bytes().splitlines():
            try:
                row = json.loads(line)
                facts = (float(row["score"]) >= 0.5, bool(int(row["label"])), row["age_days"] + 0)
                latest.pop(str(row["id"]), None)
                latest[str(row["id"])] = facts
            except (ValueError, KeyError, TypeError):
                continue
    except OSError:
        return None
    old = [said == is_so for said, is_so, age in latest.values() if age >= MATURE][-LAST:]
    return sum(old) / len(old) if old else None


METRICS = Metrics()
'''.replace("0, 0, 0  # by", f"{slow}, {last}, {mature}  # by")
)
