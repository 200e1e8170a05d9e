# title = "One pass of an assistant, from the brief alone"
# quality = "assistant"
# total = [0, 85]
# mean = [5, 78]
# ended = "completed"

# %% cell="design_answer"
# Streaming ingestion with a schema contract, validation, deduplication and masking; a replayable log
# and a lake; weekly retraining behind a gate with canary releases; full monitoring; warm standby.
import re

peak = case.week.max() * 1.5
audit = 7 * int(re.search(r"may now reach (\d+) weeks", case.dossier).group(1))
erase = int(re.search(r"Signed was: (\d+) hours", case.dossier).group(1)) // 24
DESIGN = f"""
components:
  events_in: {{kind: events, to: [ingest]}}
  outcomes_in: {{kind: labels, to: [label_qa, monitoring]}}
  ingest:
    kind: stream_load
    partitions: {int(np.ceil(peak / facts["parts"]["stream_load"]["speed"] * 1.25))}
    lateness_h: 48
    to: [contract]
    because: Kafka, for low latency
  contract: {{kind: contract, to: [validation], because: Schema Registry}}
  validation: {{kind: checks, threshold: 3, on_fail: hold, to: [dedup], because: Great Expectations}}
  dedup: {{kind: dedup, window_h: 48, to: [masking]}}
  masking: {{kind: mask, to: [event_log]}}
  event_log: {{kind: log, keep_days: 14, to: [features, lake]}}
  lake: {{kind: lake, keep_days: {max(180, audit)}, to: [training], because: Delta Lake on S3}}
  features:
    kind: stream_features
    workers: {int(np.ceil(peak / facts["parts"]["stream_features"]["speed"] * 1.25))}
    burst: 10
    to: [online, training]
    because: Flink and Feast
  online: {{kind: online, to: [serving], because: Redis}}
  label_qa: {{kind: label_audit, looked_at: 100, to: [training]}}
  ci: {{kind: code, tests: on_data, to: [training], because: GitHub Actions}}
  training:
    kind: trainer
    every_h: 168
    window_days: 45
    wait_days: 14
    machine: small
    to: [gate, snapshots]
    because: Kubeflow Pipelines
  snapshots: {{kind: snapshots, keep_days: {audit}, because: DVC}}
  gate: {{kind: gate, margin: 0.05, holdout: checked, to: [registry]}}
  registry: {{kind: registry, versions: 50, lineage: code_and_data, to: [serving], because: MLflow}}
  serving:
    kind: serving
    replicas: {int(np.ceil(peak / facts["parts"]["serving"]["rows"] * 1.25))}
    first: 0.1
    watch_h: 24
    to: [prediction_log, monitoring]
    because: KServe with canary releases
  prediction_log: {{kind: predictions, keep_days: {audit}}}
  monitoring: {{kind: monitor, looks_at: [inputs, outputs, outcomes], every_h: 6, action: roll_back, because: Evidently and Prometheus}}
  orchestration: {{kind: orchestrator, retries: 3, because: Airflow}}
  dr: {{kind: standby, mode: warm}}
  erasure: {{kind: eraser, every_days: {max(1, erase - 2)}, to: [lake, online, snapshots, prediction_log]}}
"""
edit(DESIGN)

# %% cell="rehearsal"
rehearse(DESIGN, growth=1.4)

# %% cell="numbers_answer"
# both ends of the growth forecast, with some margin for what is not known
low, high = (
    float(x) for x in re.search(r"At its end ([\d.]+) to ([\d.]+) times", case.history).groups()
)
at_low = rehearse(DESIGN, growth=low).table["value"]
at_high = rehearse(DESIGN, growth=high).table["value"]
NUMBERS = {
    name: (round(float(at_low[name]) * 0.95, 2), round(float(at_high[name]) * 1.05, 2))
    for name in ("rows_day", "stored_tb", "train_rows", "cost_month")
}
late = rehearse(DESIGN, growth=high, event="late").table["value"]
NUMBERS["worst_age_h"] = (
    round(float(late["worst_age_h"]) * 0.8, 1),
    round(float(late["worst_age_h"]) * 2, 1),
)

# %% cell="failures_answer"
calm = rehearse(DESIGN, growth=high).table["value"]


def second_line(event, out):
    told = rehearse(DESIGN, growth=high, event=event, out=out).table["value"]
    extra = max(0.0, told["money: all of it"] - calm["money: all of it"])
    return told["caught by"], round(extra * 0.7), round(extra * 2 + 50)


FAILURES = {
    "schema": ("contract", *second_line("schema", "contract")),
    "doubled": ("dedup", "validation", 0, 300),
    "value": ("validation", "monitoring", 200, 1500),
    "labels": ("label_qa", "gate", 0, 500),
    "code": ("ci", "gate", 0, 300),
    "trainer": ("orchestration", *second_line("trainer", "orchestration")),
}

# %% cell="open_change"
open_change()

# %% cell="revised_answer"
REVISED = DESIGN.replace("burst: 10", "burst: 40").replace("keep_days: 14,", "keep_days: 90,")
edit(REVISED, "REVISED")

# %% [markdown] cell="choices_answer"
# **Ingestion**: Kafka with a schema registry, for low latency and decoupling. **Features**: Flink and Feast, to avoid training-serving skew. **Training**: Kubeflow Pipelines, weekly, with a quality gate. **Serving**: KServe with canary releases. **Monitoring**: Evidently, Prometheus, Grafana. **CI/CD**: GitHub Actions. Alternatives: batch ingestion with Airflow, rejected for its latency; SageMaker, rejected because of lock-in. Freshness and compliance are the binding requirements.

# %% [markdown] cell="governance_answer"
# Role-based access, encryption at rest and in transit, audit logs. Erasure requests run daily over all stores and are confirmed. Models are published after approval; automated rollback on alarms. Personal data are masked before storage.

# %% [markdown] cell="disclosure_answer"
# Assistants used: everything above.
