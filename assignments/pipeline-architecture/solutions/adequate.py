# title = "A sound batch pipeline, with copies forgotten and outcomes awaited for five days"
# quality = "adequate"
# total = [0, 90]
# mean = [40, 78]
# ended = "completed"

# %% cell="design_answer"
import re

minutes = float(re.search(r"\*\*(\d+) minutes\*\* old", case.dossier).group(1))
hours = float(re.search(r"Signed was: (\d+) hours", case.dossier).group(1))
weeks = int(re.search(r"may now reach (\d+) weeks", case.dossier).group(1))
fresh = 12 if minutes > 600 else 1
power = 2 if minutes > 600 else 3
DESIGN = f"""
components:
  shop: {{kind: events, to: [load]}}
  returns: {{kind: labels, to: [fit, watch]}}
  load: {{kind: batch_load, every_h: {fresh}, machines: {power}, lateness_h: 12, to: [looks_right]}}
  looks_right: {{kind: checks, threshold: 4, on_fail: hold, to: [tokens]}}
  tokens: {{kind: mask, to: [bucket]}}
  bucket: {{kind: lake, keep_days: 90, to: [tables, fit]}}
  tables: {{kind: batch_features, every_h: {fresh}, machines: {power + 1}, burst: 5, to: [lookup, fit]}}
  lookup: {{kind: online, to: [answers]}}
  repo: {{kind: code, tests: unit, to: [fit]}}
  fit: {{kind: trainer, every_h: 168, window_days: 30, wait_days: 5, to: [better, copies]}}
  copies: {{kind: snapshots, keep_days: {weeks * 7 + 1}}}
  better: {{kind: gate, margin: 0.1, to: [models]}}
  models: {{kind: registry, versions: 20, lineage: code_and_data, to: [answers]}}
  answers: {{kind: serving, replicas: 4, to: [said, watch]}}
  said: {{kind: predictions, keep_days: {weeks * 7 + 1}}}
  watch: {{kind: monitor, looks_at: [outputs], every_h: 24}}
  clock: {{kind: orchestrator, retries: 1}}
  forget: {{kind: eraser, every_days: {max(1, int(hours / 24) - 2)}, to: [bucket, lookup]}}
"""
edit(DESIGN)

# %% cell="rehearsal"
rehearse(DESIGN, growth=1.4)

# %% cell="numbers_answer"
table = rehearse(DESIGN, growth=1.4).table["value"]
NUMBERS = {
    name: (round(float(table[name]) * 0.9, 2), round(float(table[name]) * 1.1, 2))
    for name in ("rows_day", "stored_tb", "train_rows", "cost_month")
}
NUMBERS["worst_age_h"] = (fresh, 2 * fresh + 8)

# %% cell="failures_answer"
FAILURES = {
    "schema": ("looks_right", "watch", 1000, 3000),
    "doubled": ("looks_right", "watch", 500, 2500),
    "value": ("looks_right", "watch", 1000, 3000),
    "labels": ("watch", "nobody", 500, 2500),
    "code": ("better", "watch", 100, 1000),
    "trainer": ("clock", "nobody", 0, 200),
}

# %% cell="open_change"
open_change()

# %% cell="revised_answer"
REVISED = DESIGN.replace(f"every_h: {fresh},", "every_h: 2,").replace("burst: 5", "burst: 30")
REVISED = REVISED.replace("versions: 20", "versions: 60")
edit(REVISED, "REVISED")

# %% [markdown] cell="choices_answer"
# - Batches, as a stream would cost more than it brings here. Airflow, Spark, Parquet.
# - A gate and a registry (MLflow), so that a bad model does not get out and can be taken back.
# - Prediction log and copies for the supervisor's questions.

# %% [markdown] cell="governance_answer"
# Somebody who asks is deleted from the bucket and the online store by a job. Models are published by the pipeline; who is on call takes them back. Names are masked before they are stored.

# %% [markdown] cell="disclosure_answer"
# Assistants used: none.
