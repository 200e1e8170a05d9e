# title = "Sized for the peak, scaled by processors, one pool for all"
# quality = "adequate"
# total = [15, 92]
# mean = [45, 78]
# ended = "completed"

# %% cell="limits_answer"
rates = case.day[19 * 60 : 20 * 60].mean(axis=0)
loads = capacity(case.current, rates)["load"]
LIMITS = sorted(
    ((name, rates.sum() / load) for name, load in loads.items()), key=lambda item: item[1]
)
LIMITS

# %% cell="design_answer"
low, high = case.requirements["growth"]
rates = case.day[19 * 60 : 20 * 60].mean(axis=0) * high
machine = facts["machines"]["standard"]
work = sum(
    r * (machine["each_ms"][n] + machine["setup_ms"] + 5) / 1000
    for r, n in zip(rates, facts["classes"])
)
most = int(np.ceil(work / 0.6 / machine["workers"]))
nodes = int(
    np.ceil(
        rates
        @ [c["lookups"] for c in facts["classes"].values()]
        * 1.4
        / facts["store"]["lookups_s"]
    )
)
DESIGN = f"""
components:
  front: {{kind: gateway, connections: 400, timeout_ms: 10000, retries: 1, retry_budget: 0.2, to: [models]}}
  models: {{kind: pool, machine: standard, serves: [single, page], zones: [a, b], scale: cpu, least: {int(most * 0.5)}, most: {most}, target: 0.6, queue: 150, to: [features]}}
  features: {{kind: store, nodes: {nodes}, zones: [a, b], timeout_ms: 100, on_timeout: defaults}}
  elsewhere: {{kind: standby, mode: pilot, copy_every_min: 15}}
"""
edit(DESIGN)

# %% cell="rehearsal"
rehearse(DESIGN, growth=high)

# %% cell="way_answer"
WAY = {"steps": [[9, 0.05], [11, 0.25], [13, 1.0]], "stop_above": 0.05, "old_off": 40}

# %% cell="forecast_answer"
told = rehearse(DESIGN, growth=(low + high) / 2).table["value"]
p99, cost = told["p99 of a single request at the peak, ms"], told["money an hour: all of it"]
FORECAST = {
    "p99_ms": (round(p99 * 0.7, 1), round(p99 * 1.6, 1)),
    "cost_hour": (round(cost * 0.93, 2), round(cost * 1.07, 2)),
    "ceiling": (high, high * 1.8),
    "recovery_min": (0, 20),
    "bottleneck": "models",
}

# %% cell="claim_answer"
CLAIM = {"rto_min": (10, 40), "rpo_min": (15, 30)}

# %% [markdown] cell="choices_answer"
# - More model servers in two zones, scaled by processor load, because the peak needs them.
# - A larger feature store, because look-ups grow with requests.
# - Kubernetes with a horizontal autoscaler, Redis for the store. I decided against accelerators, they are dear.

# %% [markdown] cell="operations_answer"
# Watch latency, errors, processors; alert when latency is above the target for five minutes. The autoscaler adds machines. If a zone goes the other one has half of the machines. For the region there is a pilot elsewhere.

# %% [markdown] cell="walkthrough_answer"
# 1. We scale out.
# 2. Two zones.
# 3. Releases are watched.
# 4. Pilot in another region.
# 5. Cost is within the budget.
# 6. Weakest: a zone lost at the peak.

# %% [markdown] cell="disclosure_answer"
# Assistants used: none.
