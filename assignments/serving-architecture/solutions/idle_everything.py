# title = "As many of everything as the catalogue allows"
# quality = "idle"
# total = [0, 10]
# ended = "completed"

# %% cell="design_answer"
DESIGN = """
components:
  front: {kind: gateway, connections: 50000, timeout_ms: 60000, retries: 3, overload: simple, to: [answers, models, popular]}
  answers: {kind: cache, key: item, keep_s: 86400, to: [models]}
  models: {kind: pool, machine: large, serves: [single, page], zones: [a, b, c], least: 400, queue: 1000000, to: [features]}
  features: {kind: store, nodes: 100, zones: [a, b, c]}
  popular: {kind: simple}
  versions: {kind: release, first: 0.005, watch_min: 240, stop_above: 0}
  elsewhere: {kind: standby, mode: hot, copy_every_min: 1}
"""

# %% cell="claim_answer"
CLAIM = {"rto_min": (0, 30), "rpo_min": (0, 5)}
