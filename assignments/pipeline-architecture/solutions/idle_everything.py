# title = "As much of everything as the catalogue allows"
# quality = "idle"
# total = [0, 10]
# ended = "completed"

# %% cell="design_answer"
DESIGN = """
components:
  shop: {kind: events, to: [load]}
  returns: {kind: labels, to: [people, watch]}
  load: {kind: stream_load, partitions: 40, lateness_h: 240, to: [agreed]}
  agreed: {kind: contract, to: [once]}
  once: {kind: dedup, window_h: 240, to: [looks_right]}
  looks_right: {kind: checks, threshold: 0.5, to: [tokens]}
  tokens: {kind: mask, to: [replay]}
  replay: {kind: log, keep_days: 730, to: [flow, bucket, fit]}
  bucket: {kind: lake, keep_days: 730, states: all, to: [fit]}
  flow: {kind: stream_features, workers: 60, burst: 100, to: [lookup, fit]}
  lookup: {kind: online, to: [answers]}
  people: {kind: label_audit, looked_at: 2000, to: [fit]}
  repo: {kind: code, tests: on_data, to: [fit]}
  fit: {kind: trainer, every_h: 12, window_days: 365, wait_days: 90, machine: large, to: [better, copies]}
  copies: {kind: snapshots, keep_days: 730}
  better: {kind: gate, margin: 0.005, holdout: checked, to: [models]}
  models: {kind: registry, versions: 1000, lineage: code_and_data, to: [answers]}
  answers: {kind: serving, replicas: 40, first: 0.01, watch_h: 96, to: [said, watch]}
  said: {kind: predictions, keep_days: 730}
  watch: {kind: monitor, looks_at: [inputs, outputs, outcomes], every_h: 1, action: roll_back}
  clock: {kind: orchestrator, retries: 5}
  elsewhere: {kind: standby, mode: hot}
  keys: {kind: vault, to: [replay, bucket, lookup, copies, said]}
  forget: {kind: eraser, every_days: 1, to: [bucket, lookup, copies, said]}
"""

# %% cell="failures_answer"
FAILURES = {
    "schema": ("agreed", "looks_right", 0, 100),
    "doubled": ("once", "looks_right", 0, 100),
    "value": ("looks_right", "watch", 0, 100),
    "labels": ("people", "better", 0, 100),
    "code": ("repo", "better", 0, 100),
    "trainer": ("clock", "nobody", 0, 100),
}
