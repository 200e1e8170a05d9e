# title = "One pass of an assistant, from the brief alone"
# quality = "assistant"
# total = [8, 90]
# mean = [10, 78]
# ended = "completed"

# %% cell="limits_answer"
peak_rates = case.day[19 * 60 : 20 * 60].mean(axis=0)
loads = capacity(case.current, peak_rates)["load"]
total_rate = peak_rates.sum()
limits_by_component = {name: total_rate / load for name, load in loads.items()}
# the gateway: Little's law with the mean service time
service_s = {
    name: (
        facts["machines"]["standard"]["setup_ms"] + facts["machines"]["standard"]["each_ms"][name]
    )
    / 1000
    for name in facts["classes"]
}
mean_latency = (
    sum(rate * service_s[name] for rate, name in zip(peak_rates, facts["classes"])) / total_rate
)
connections = case.facts.read(case.current).design.components["front"].settings["connections"]
limits_by_component["front"] = connections / mean_latency
LIMITS = [
    (name, round(rate, 1))
    for name, rate in sorted(limits_by_component.items(), key=lambda kv: kv[1])[:2]
]
LIMITS

# %% cell="design_answer"
# Separate pools per class (bulkhead), three zones, autoscaling on CPU, cache on the shared item key,
# a retry budget, fast timeouts with defaults on the feature store, canary releases, warm standby.
growth_mid = sum(case.requirements["growth"]) / 2
peak = case.day.sum(axis=1).max() * growth_mid
share_page = case.traffic["page"].sum() / case.traffic[["single", "page"]].sum().sum()
machine = facts["machines"]["standard"]
rate_single, rate_page = peak * (1 - share_page), peak * share_page
n_single = int(
    np.ceil(rate_single * machine["each_ms"]["single"] / 1000 / machine["workers"] / 0.65)
)
n_page = int(np.ceil(rate_page * machine["each_ms"]["page"] / 1000 / machine["workers"] / 0.65))
nodes = int(
    np.ceil(
        (rate_single + rate_page * facts["classes"]["page"]["lookups"])
        / facts["store"]["lookups_s"]
        * 1.3
    )
)
DESIGN = f"""
components:
  front:
    kind: gateway
    connections: 2000
    timeout_ms: {int(max(c["slo_ms"] for c in facts["classes"].values()))}
    retries: 2
    retry_budget: 0.2
    overload: simple
    to: [answers, pages, popular]
    because: Envoy, for retry budgets, timeouts and circuit breaking
  answers:
    kind: cache
    key: item
    keep_s: 300
    to: [singles]
    because: Redis; popular items repeat
  singles:
    kind: pool
    machine: standard
    serves: [single]
    zones: [a, b, c]
    scale: cpu
    least: {max(3, n_single // 2)}
    most: {n_single * 2}
    target: 0.6
    queue: 500
    to: [features]
    because: Kubernetes with HPA on CPU
  pages:
    kind: pool
    machine: standard
    serves: [page]
    zones: [a, b, c]
    scale: cpu
    least: {max(3, n_page // 2)}
    most: {n_page * 2}
    target: 0.6
    queue: 200
    to: [features]
    because: a pool of its own, so that heavy requests do not block quick ones
  features:
    kind: store
    nodes: {nodes}
    zones: [a, b, c]
    timeout_ms: 50
    on_timeout: defaults
    because: Redis Cluster or Feast
  popular:
    kind: simple
    because: precomputed list of popular items
  versions:
    kind: release
    first: 0.05
    watch_min: 15
    stop_above: 0.03
    because: Argo Rollouts with automated analysis
  elsewhere:
    kind: standby
    mode: warm
    copy_every_min: 15
    because: pilot in a second region
"""
edit(DESIGN)

# %% cell="rehearsal"
rehearse(DESIGN, growth=growth_mid)

# %% cell="way_answer"
WAY = {
    "steps": [[9, 0.05], [12, 0.25], [18, 0.5], [30, 1.0]],
    "stop_above": 0.05,
    "old_off": 48,
}

# %% cell="forecast_answer"
# both ends of the growth forecast, then growth step by step until fewer than 97 % are answered well
low, high = case.requirements["growth"]
ends = [rehearse(DESIGN, growth=g).table["value"] for g in (low, high)]
p99s = [float(t["p99 of a single request at the peak, ms"]) for t in ends]
costs = [float(t["money an hour: all of it"]) for t in ends]
grid = [high * (1 + 0.15 * step) for step in range(12)]
tables = [rehearse(DESIGN, growth=g).table["value"] for g in grid]
good = [g for g, t in zip(grid, tables) if t["answered well"] >= 0.97]
ceiling = max(good, default=low)
at_ceiling = next((t for t in tables if t["answered well"] < 0.97), tables[-1])
loads = {
    name.removeprefix("load at the peak: "): v for name, v in at_ceiling.items() if "load" in name
}
crowd = rehearse(DESIGN, growth=high, event="crowd").table["value"]
FORECAST = {
    "p99_ms": (round(min(p99s) * 0.9, 1), round(max(p99s) * 1.15, 1)),
    "cost_hour": (round(min(costs) * 0.95, 1), round(max(costs) * 1.05, 1)),
    "ceiling": (round(ceiling * 0.95, 1), round(ceiling * 1.2, 1)),
    "recovery_min": (0, round(float(crowd["minutes until all is well"]) + 8)),
    "bottleneck": max(loads, key=loads.get),
}
FORECAST

# %% cell="claim_answer"
CLAIM = {"rto_min": (15, 25), "rpo_min": (15, 20)}

# %% [markdown] cell="choices_answer"
# **Bottlenecks addressed.** The single pool is split into two (bulkhead pattern), so that pages do not block singles; the gateway gets more connections and a retry budget; the feature store is scaled out and gets a 50 ms timeout with defaults; a shared cache on the item key takes load off the singles.
#
# **Technologies.** Envoy, Kubernetes with HPA, Redis Cluster, Argo Rollouts. Alternatives considered: GPU serving with Triton and dynamic batching; rejected for its longer cold start and price.
#
# **Trade-offs.** Slight staleness from the cache; degraded answers under overload; costs of a warm standby.

# %% [markdown] cell="operations_answer"
# Monitor the golden signals per class, saturation of pools and store, retry rate, cache hit ratio and cost. Alerts use multi-window burn rates. HPA scales on CPU at 60 %; the queue and the simple answer absorb load until machines start. Zone loss: the other two zones take over; region loss: runbook, DNS fail-over to the warm standby.

# %% [markdown] cell="walkthrough_answer"
# 1. Bulkheads per class. 2. Autoscaling over three zones. 3. Retry budgets and bounded queues. 4. Graceful degradation. 5. Progressive delivery with automatic rollback. 6. Warm standby for disasters.

# %% [markdown] cell="disclosure_answer"
# Assistants used: everything above.
