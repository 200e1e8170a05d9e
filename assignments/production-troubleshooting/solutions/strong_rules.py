# title = "The same diagnosis; the plan by rules of the runbook, guard rails by trying them"
# like = "strong"
# quality = "strong"
# total = [88, 100]
# mean = [97, 100]
# ended = "completed"

# %% cell="plan_answer"
# Rules, no search: first what fails most requests, then what makes answers wrong; the cache is
# emptied once nothing spoils it any more; actors are held just before they would act.
SUSPECTS = [
    Suspect(name, component, int(since), put_back=component in managed)
    for name, (component, since) in found.items()
]


def before(component, since):
    return [v.name for v in plant.versions[component] if v.minute < since][-1]


weight = {
    "retry_storm": 0, "thread_pool": 1, "job_contention": 2, "feature_file": 3, "stale_cache": 4,
    "memory_leak": 6, "version_mismatch": 7,
}  # fmt: skip
step, at, PLAN = case.questions["spacing"], 0, []
worst = max((share(late[late["replica"] == name]) for name in scorers), default=0)
if "version_mismatch" in found and worst > 0.35:
    weight["version_mismatch"] = 2.5
spoiled = [n for n in ("stale_cache", "feature_file") if n in found]
for name in sorted(found, key=weight.get):
    component, since = found[name]
    if name == "feature_file":
        PLAN.append(
            {"at": at, "do": "roll_back", "on": "feature-file", "to": before("feature-file", since)}
        )
        at += step
    late_enough = name == "feature_file" and plant.ticks["nightly-job"][0] > 9
    if not late_enough:
        PLAN.append({"at": at, "do": "roll_back", "on": component, "to": before(component, since)})
        at += step
    if (
        spoiled
        and name == spoiled[-1]
        or (name in spoiled and weight[name] == max(weight[n] for n in spoiled))
    ):
        if not any(each["do"] == "flush" for each in PLAN):
            PLAN.append({"at": at, "do": "flush", "on": "cache"})
            at += step
    if late_enough:
        PLAN.append(
            {"at": max(at, 8), "do": "roll_back", "on": component, "to": before(component, since)}
        )
busy_at = {each["at"] for each in PLAN}
for component, _ in found.values():
    if component in managed:
        actor = "rollout" if component in scorers else "config-sync"
        when = plant.ticks[actor][0] - 1
        while any(abs(when - other) < step for other in busy_at):
            when -= 1
        if not any(each["do"] == "suspend" and each["on"] == actor for each in PLAN):
            PLAN.append({"at": when, "do": "suspend", "on": actor})
            busy_at.add(when)
PLAN = sorted(PLAN, key=lambda each: each["at"])[:8]
copy = Rehearsal(SUSPECTS)
rehearse(PLAN, SUSPECTS)


# %% cell="lasting_answer"
from toolkit.trial import cost


def guard_rails(service):
    """The rails that do best on the service's own twin in two peaks, from a coarse grid."""
    most = min(
        service["replicas"] * service["capacity"], service["look_ups"] / (1 - service["hits"])
    )
    callers = service["capacity"] * service["patience"]
    grid = [
        {"queue": min(service["slots"], part * callers), "limit": share * most, "retries": 0.05}
        for part in (0.25, 0.5, 1.0)
        for share in (0.9, 1.0, 1.1)
    ]
    return min(grid, key=lambda rails: sum(cost(service, rails, peak, 3) for peak in (1.9, 2.5)))


try_guard_rails(guard_rails)
