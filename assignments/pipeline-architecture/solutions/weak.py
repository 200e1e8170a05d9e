# title = "Today's pipeline with a check and a gate"
# quality = "weak"
# total = [0, 45]
# mean = [0, 39]
# ended = "completed"

# %% cell="design_answer"
DESIGN = """
components:
  shop: {kind: events, to: [nightly]}
  returns: {kind: labels, to: [fit]}
  nightly: {kind: batch_load, every_h: 24, machines: 2, to: [looks_right]}
  looks_right: {kind: checks, threshold: 6, on_fail: tell, to: [bucket]}
  bucket: {kind: lake, keep_days: 60, to: [tables, fit]}
  tables: {kind: batch_features, every_h: 24, machines: 2, to: [lookup, fit]}
  lookup: {kind: online, to: [answers]}
  fit: {kind: trainer, every_h: 168, window_days: 14, wait_days: 2, to: [better]}
  better: {kind: gate, margin: 0.05, to: [models]}
  models: {kind: registry, versions: 5, to: [answers]}
  answers: {kind: serving, replicas: 3, to: [watch]}
  watch: {kind: monitor, looks_at: [outputs], every_h: 24}
"""
edit(DESIGN)

# %% cell="numbers_answer"
NUMBERS = {
    "rows_day": (20, 40),
    "stored_tb": (1, 20),
    "train_rows": (100, 500),
    "worst_age_h": (24, 48),
    "cost_month": (2000, 6000),
}

# %% cell="failures_answer"
FAILURES = {
    "schema": ("looks_right", "nobody", 0, 100),
    "doubled": ("looks_right", "nobody", 0, 100),
    "value": ("looks_right", "watch", 0, 100),
    "labels": ("better", "nobody", 0, 100),
    "code": ("better", "watch", 0, 100),
    "trainer": ("nobody", "nobody", 0, 100),
}

# %% [markdown] cell="choices_answer"
# Checks and a gate, because quality matters.

# %% [markdown] cell="governance_answer"
# We follow the law.
