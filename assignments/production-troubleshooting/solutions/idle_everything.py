# title = "Nothing looked at: four names, points spread evenly, everything restarted"
# quality = "idle"
# total = [0, 12]
# ended = "completed"

# %% cell="diagnosis_answer"
DIAGNOSIS = [
    {"mechanism": name, "component": place, "since": -90}
    for name, place in (
        ("retry_storm", "gateway"),
        ("stale_cache", "cache"),
        ("feature_file", "nightly-job"),
        ("thread_pool", "workers"),
        ("job_contention", "nightly-job"),
    )
    if name in hypothesis_ids()
][:4] or [{"mechanism": hypothesis_ids()[0], "component": case.plant.replicas[0], "since": -90}]

# %% cell="trace_2"
spread_2 = {name: 100 / len(hypothesis_ids()) for name in hypothesis_ids()}
next_test_2 = "none"
decision_trace(2, spread_2, next_test_2)

# %% cell="plan_answer"
SUSPECTS = []
PLAN = [
    {"at": place, "do": "restart", "on": name}
    for place, name in enumerate((*case.plant.replicas, "gateway", "features"))
]

# %% cell="impact_answer"
IMPACT = {
    "start": [-130, -60],
    "failed": [5000, 30000],
    "wrong": [3000, 30000],
    "next": [3000, 30000],
}


# %% cell="lasting_answer"
def guard_rails(service):
    return {"queue": min(100, service["slots"]), "limit": 1000, "retries": 0.1}
