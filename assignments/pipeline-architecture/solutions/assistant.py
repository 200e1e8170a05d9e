# title = "One pass of an assistant, from the brief alone"
# quality = "assistant"
# total = [15, 80]
# mean = [30, 65]
# ended = "completed"

# %% cell="design_answer"
# Streaming ingestion with a schema contract, validation, deduplication and masking; a replayable log
# and a versioned lake; daily retraining behind a gate with canary releases; full monitoring; hot standby.
peak = case.week.max() * 1.5
DESIGN = f"""
components:
  events_in: {{kind: events, to: [ingest]}}
  outcomes_in: {{kind: labels, to: [label_qa, monitoring]}}
  ingest:
    kind: stream_load
    partitions: {int(np.ceil(peak / facts["parts"]["stream_load"]["speed"] * 1.5))}
    lateness_h: 48
    to: [contract]
    because: Kafka, for low latency
  contract: {{kind: contract, to: [validation], because: Schema Registry}}
  validation: {{kind: checks, threshold: 3, on_fail: hold, to: [dedup], because: Great Expectations}}
  dedup: {{kind: dedup, window_h: 48, to: [masking]}}
  masking: {{kind: mask, to: [event_log]}}
  event_log: {{kind: log, keep_days: 30, to: [features, lake]}}
  lake: {{kind: lake, keep_days: 365, states: all, to: [training], because: Delta Lake on S3}}
  features:
    kind: stream_features
    workers: {int(np.ceil(peak / facts["parts"]["stream_features"]["speed"] * 1.5))}
    burst: 10
    to: [online, training]
    because: Flink and Feast
  online: {{kind: online, to: [serving], because: Redis}}
  label_qa: {{kind: label_audit, looked_at: 100, to: [training]}}
  ci: {{kind: code, tests: on_data, to: [training], because: GitHub Actions}}
  training:
    kind: trainer
    every_h: 24
    window_days: 90
    wait_days: 7
    machine: large
    to: [gate, snapshots]
    because: Kubeflow Pipelines
  snapshots: {{kind: snapshots, keep_days: 365, because: DVC}}
  gate: {{kind: gate, margin: 0.02, holdout: checked, to: [registry]}}
  registry: {{kind: registry, versions: 50, lineage: code_and_data, to: [serving], because: MLflow}}
  serving:
    kind: serving
    replicas: {int(np.ceil(peak / facts["parts"]["serving"]["rows"] * 1.5))}
    first: 0.1
    watch_h: 24
    to: [prediction_log, monitoring]
    because: KServe with canary releases
  prediction_log: {{kind: predictions, keep_days: 365}}
  monitoring: {{kind: monitor, looks_at: [inputs, outputs, outcomes], every_h: 1, action: roll_back, because: Evidently and Prometheus}}
  orchestration: {{kind: orchestrator, retries: 3, because: Airflow}}
  dr: {{kind: standby, mode: hot}}
  erasure: {{kind: eraser, every_days: 1, to: [lake, online, snapshots, prediction_log]}}
"""
edit(DESIGN)

# %% cell="rehearsal"
rehearse(DESIGN, growth=1.4)

# %% cell="numbers_answer"
table = rehearse(DESIGN, growth=1.4).table["value"]
NUMBERS = {
    name: (round(float(table[name]) * 0.85, 2), round(float(table[name]) * 1.15, 2))
    for name in ("rows_day", "stored_tb", "train_rows", "worst_age_h", "cost_month")
}

# %% cell="failures_answer"
FAILURES = {
    "schema": ("contract", 0, 300),
    "doubled": ("dedup", 0, 100),
    "value": ("validation", 0, 300),
    "labels": ("label_qa", 0, 500),
    "code": ("gate", 0, 300),
    "trainer": ("orchestration", 0, 100),
}

# %% cell="open_change"
open_change()

# %% cell="revised_answer"
REVISED = DESIGN.replace("burst: 10", "burst: 40").replace("keep_days: 30,", "keep_days: 90,")
edit(REVISED, "REVISED")

# %% [markdown] cell="choices_answer"
# **Ingestion**: Kafka with a schema registry, for low latency and decoupling. **Features**: Flink and Feast, to avoid training-serving skew. **Training**: Kubeflow Pipelines, daily, with a quality gate. **Serving**: KServe with canary releases. **Monitoring**: Evidently, Prometheus, Grafana. **CI/CD**: GitHub Actions. Alternatives: batch ingestion with Airflow, rejected for its latency; SageMaker, rejected because of lock-in. Freshness and compliance are the binding requirements.

# %% [markdown] cell="governance_answer"
# Role-based access, encryption at rest and in transit, audit logs. Erasure requests run daily over all stores and are confirmed. Models are published after approval; automated rollback on alarms. Personal data are masked before storage.

# %% [markdown] cell="disclosure_answer"
# Assistants used: everything above.
