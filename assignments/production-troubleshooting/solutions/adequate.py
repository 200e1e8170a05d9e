# title = "Right mechanisms, the newest version blamed; one actor held too early, the file forgotten"
# like = "strong"
# quality = "adequate"
# mean = [50, 80]
# total = [25, 100]
# ended = "completed"

# %% [markdown] cell="process_answer"
# | what I checked | because | it showed (number, cell) | so |
# |---|---|---|---|
# | wrong answers by replica and source | to see where they come from | `by_replica` | one mechanism |
# | memory, threads, attempts | to see what fails | `rate`, `busy` | another one |

# %% cell="diagnosis_answer"
newest = {
    name: (component, max(minute for minute, _ in versions_of(component)))
    for name, (component, _) in found.items()
}
DIAGNOSIS = [
    {"mechanism": name, "component": component, "since": int(since)}
    for name, (component, since) in newest.items()
]

# %% cell="trace_2"
spread_2 = {name: 80 / len(found) for name in found}
rest = [name for name in hypothesis_ids() if name not in found]
spread_2 |= {name: 20 / len(rest) for name in rest}
next_test_2 = "see whether it gets better after the roll-back"
decision_trace(2, spread_2, next_test_2)

# %% cell="plan_answer"
PLAN, at = [{"at": 0, "do": "suspend", "on": "config-sync"}], 2
for name, (component, since) in found.items():
    PLAN.append(
        {
            "at": at,
            "do": "roll_back",
            "on": component,
            "to": [v.name for v in plant.versions[component] if v.minute < since][-1],
        }
    )
    at += 2
if {"stale_cache", "feature_file"} & set(found):
    PLAN.append({"at": at, "do": "flush", "on": "cache"})
SUSPECTS = [Suspect(name, component, int(since)) for name, (component, since) in newest.items()]
rehearse(PLAN, SUSPECTS)

# %% cell="impact_answer"
every = pd.RangeIndex(-180, 0)
requests, answered = (
    gateway[name].reindex(every).interpolate(limit_direction="both")
    for name in ("requests", "answered")
)
wrong_share = share(audit[audit["minute"] > -90])
start = min(since for _, since in found.values())
failed = float((requests - answered)[start:].sum())
wrong = wrong_share * float(answered[start:].sum())
soon = float((requests - answered)[-30:].sum() + wrong_share * answered[-30:].sum())
IMPACT = {
    "start": [start - 15, start + 10],
    "failed": [0.75 * failed, 1.25 * failed],
    "wrong": [0.7 * wrong, 1.4 * wrong],
    "next": [0.6 * soon, 1.5 * soon],
}


# %% cell="lasting_answer"
def guard_rails(service):
    return {
        "queue": min(service["slots"], service["capacity"] * service["patience"]),
        "limit": 0.8
        * min(
            service["replicas"] * service["capacity"], service["look_ups"] / (1 - service["hits"])
        ),
        "retries": 0.2,
    }


try_guard_rails(guard_rails)

# %% [markdown] cell="report_answer"
# **Report**
#
# Two hours ago releases and settings went out that brought the issues in section 6. We roll them back, in the order of the plan. Numbers are in section 9. Next: better tests before releases.
#
# **For the business, in three sentences**
#
# Some estimates have been missing or wrong for about two hours. We roll the changes back now and expect it to be over soon. Please bear with us.
