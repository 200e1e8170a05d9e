# title = "Nothing looked at: half of the requests refused, one more replica"
# like = "idle_everything"
# quality = "idle"
# total = [0, 20]
# ended = "completed"

# %% cell="diagnosis_answer"
DIAGNOSIS = [{"mechanism": hypothesis_ids()[0], "component": "gateway", "since": -100}]

# %% cell="plan_answer"
SUSPECTS = []
PLAN = [
    {"at": 0, "do": "limit", "on": "gateway", "to": round(0.6 * case.plant.arrivals)},
    {"at": 1, "do": "scale", "on": "replicas", "to": 4},
]


# %% cell="lasting_answer"
def guard_rails(service):
    return {"queue": 0, "limit": 1e9, "retries": 0.1}
