# title = "Nearly nothing runs, and everybody gets the simple answer"
# quality = "idle"
# total = [0, 10]
# ended = "completed"

# %% cell="design_answer"
DESIGN = """
components:
  front: {kind: gateway, connections: 2, timeout_ms: 10, overload: simple, to: [models, popular]}
  models: {kind: pool, machine: standard, serves: [single, page], zones: [a], least: 1, queue: 0, to: [features]}
  features: {kind: store, nodes: 1, zones: [a]}
  popular: {kind: simple}
  elsewhere: {kind: standby, mode: none}
"""

# %% cell="way_answer"
WAY = {"steps": [[0, 1.0]], "stop_above": 0.0, "old_off": 72}

# %% cell="forecast_answer"
FORECAST = {
    "p99_ms": (10, 10),
    "cost_hour": (1.2, 1.5),
    "ceiling": (0, 0),
    "recovery_min": (0, 1000),
    "bottleneck": "front",
}
