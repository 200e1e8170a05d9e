# title = "Nothing looked at: all settings rolled back, everybody held, the cache emptied"
# like = "idle_everything"
# quality = "idle"
# total = [0, 20]
# ended = "completed"

# %% cell="plan_answer"
SUSPECTS = []
PLAN = [
    {"at": place, "do": "roll_back", "on": name, "to": case.plant.versions[name][-2].name}
    for place, name in enumerate(("gateway", "cache", "workers", "nightly-job"))
]
PLAN += [
    {"at": 4, "do": "suspend", "on": "config-sync"},
    {"at": 5, "do": "suspend", "on": "rollout"},
]
PLAN += [{"at": 6, "do": "flush", "on": "cache"}]


# %% cell="lasting_answer"
def guard_rails(service):
    return {"queue": 0, "limit": 0, "retries": 0}
