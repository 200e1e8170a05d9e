# title = "The newest changes are to blame; restart and roll back"
# quality = "weak"
# mean = [3, 40]
# total = [0, 60]
# ended = "completed"

# %% cell="trace_1"
spread_1 = {hypothesis_ids()[0]: 100}
next_test_1 = "restart"

# %% cell="diagnosis_answer"
worst = case.audit[case.audit["minute"] > -60].groupby("replica")["wrong"].sum().idxmax()
last = case.changes[case.changes["version"] != ""].iloc[-1]
DIAGNOSIS = [
    {"mechanism": name, "component": place, "since": int(last["minute"])}
    for name, place in (
        ("memory_leak", worst),
        ("retry_storm", "gateway"),
        ("version_mismatch", worst),
    )
    if name in hypothesis_ids()
][:2] or [{"mechanism": hypothesis_ids()[0], "component": "gateway", "since": -60}]

# %% cell="trace_2"
spread_2 = {each["mechanism"]: 100 / len(DIAGNOSIS) for each in DIAGNOSIS}
next_test_2 = "see if the restart helped"
decision_trace(2, spread_2, next_test_2)

# %% cell="plan_answer"
SUSPECTS = []
versions = [v.name for v in case.plant.versions[last["component"]]]
PLAN = [{"at": 0, "do": "roll_back", "on": last["component"], "to": versions[-2]}]
PLAN += [
    {"at": 1 + place, "do": "restart", "on": name} for place, name in enumerate(case.plant.replicas)
]
PLAN += [{"at": 6, "do": "scale", "on": "replicas", "to": 4}]

# %% cell="impact_answer"
missing = float((case.gateway["requests"] - case.gateway["answered"]).sum())
IMPACT = {
    "start": [-120, -60],
    "failed": [0.5 * missing, 2 * missing],
    "wrong": [0.1 * missing, missing],
    "next": [0.1 * missing, missing],
}


# %% cell="lasting_answer"
def guard_rails(service):
    return {"queue": service["slots"], "limit": service["usual"] * 1.2, "retries": 1}


# %% [markdown] cell="report_answer"
# **Report**
#
# The last release broke it. We roll it back and restart everything.
#
# **For the business, in three sentences**
#
# A release broke the scorer. We restart the pods. It will be fine.
