# title = "Diagnosis by running suspects on the copy until its past looks like the evidence"
# like = "strong"
# quality = "strong"
# total = [85, 100]
# mean = [97, 100]
# ended = "completed"

# %% cell="look"
from dataclasses import replace

from toolkit.mechanisms import BY_ID
from worksample.workbook.twin import Fault, Future, advance, start_state

plant, scorers = case.plant, list(case.plant.replicas)
gateway, features = case.gateway.set_index("minute"), case.features.set_index("minute")
wide = {
    name: case.replicas.pivot(index="minute", columns="replica", values=name)
    for name in ("up", "served", "waiting", "threads_busy", "memory_pct")
}
audit = case.audit
every = pd.RangeIndex(-180, 0)
late = audit[audit["minute"] > -45]


def share(rows):
    return rows["wrong"].sum() / max(rows["checked"].sum(), 1)


requests = gateway["requests"].reindex(every).interpolate(limit_direction="both")
past = [Future(requests.to_numpy())]
BINS = np.arange(180) // 6


def binned(values, weights=None):
    """Means over six minutes; nothing where nothing was measured."""
    values = np.asarray(values, float)
    known = np.isfinite(values)
    sums = np.bincount(BINS[known], values[known], minlength=30)
    counts = np.bincount(BINS[known], minlength=30)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def audited(rows, least=25):
    """Wrong share over six minutes, and how sure it is."""
    counts = (
        rows.groupby((rows["minute"] + 180) // 6)[["checked", "wrong"]]
        .sum()
        .reindex(range(30), fill_value=0)
    )
    checked = counts["checked"].to_numpy()
    return np.where(checked >= least, counts["wrong"] / np.maximum(checked, 1), np.nan)


def series(frame, column):
    return frame[column].reindex(every).to_numpy()


seen = {
    "attempts": binned(series(gateway, "attempts") / requests.to_numpy()),
    "answered": binned(series(gateway, "answered") / requests.to_numpy()),
    "timed_out": binned(series(features, "timed_out") / requests.to_numpy()),
    "renewed": binned(series(features, "renewed") / (0.3 * plant.arrivals)),
}
for name in scorers:
    for source in ("yes", "no"):
        rows = audit[(audit["replica"] == name) & (audit["from_cache"] == source)]
        seen[f"wrong {name} {source}"] = audited(rows, 12)
    seen[f"memory {name}"] = binned(wide["memory_pct"][name].reindex(every) / 100)
    seen[f"threads {name}"] = binned(wide["threads_busy"][name].reindex(every) / 16)
spread_of = {
    "attempts": 0.1,
    "answered": 0.05,
    "timed_out": 0.04,
    "renewed": 0.1,
    "wrong": 0.09,
    "memory": 0.1,
    "threads": 0.06,
}


def past_of(faults):
    """The same figures as they would be with these faults."""
    state = start_state(plant, -180)
    record = advance(plant, faults, state, -180, past, ((),), True)
    totals, d = record.totals, {k: v[0] for k, v in record.detail.items()}
    pool = np.ones(180)
    kept = np.ones(180)
    for fault in faults:
        if fault.mechanism == "thread_pool":
            pool[every >= fault.since] = 1 - fault.size
        if fault.mechanism == "stale_cache":
            kept[every >= fault.since] = 0.05
    asked, room = d["look_ups"], d["room"]
    found_ = {
        "attempts": binned(1 + totals["retries"][0] / requests.to_numpy()),
        "answered": binned(totals["answered"][0] / requests.to_numpy()),
        "timed_out": binned(np.maximum(asked - room, 0) / requests.to_numpy()),
        "renewed": binned(kept),
    }
    hits = d["hits"]
    fresh = (1 - hits) * np.minimum(1, room / np.maximum(asked, 1e-9))
    features_wrong = (hits * d["stale"] + fresh * d["file_wrong"]) / np.maximum(hits + fresh, 1e-9)
    for i, name in enumerate(scorers):
        whole = d["wrong_by"][:, i] / np.maximum(d["answered_by"][:, i], 1e-9)
        release = 1 - (1 - whole) / np.maximum(1 - features_wrong, 1e-9)
        found_[f"wrong {name} yes"] = binned(1 - (1 - release) * (1 - d["stale"]))
        found_[f"wrong {name} no"] = binned(1 - (1 - release) * (1 - d["file_wrong"]))
        found_[f"memory {name}"] = binned(d["memory"][:, i])
        found_[f"threads {name}"] = binned(
            pool * d["served"][:, i] / np.maximum(d["capacity"][:, i], 1)
        )
    return found_


def distance(faults):
    """How unlike the evidence; what is far is far, however far."""
    run = past_of(faults)
    away = [
        np.nanmean(np.minimum(np.abs(run[name] - seen[name]) / spread_of[name.split()[0]], 4))
        * (2 if name.split()[0] in ("renewed", "attempts", "timed_out", "answered") else 1)
        for name in seen
    ]
    return float(np.nansum(away))


places = {
    "retry_storm": ["gateway"],
    "stale_cache": ["cache"],
    "thread_pool": ["workers"],
    "job_contention": ["nightly-job"],
    "feature_file": ["nightly-job"],
}
candidates = [
    Fault(name, component, v.minute, BY_ID[name].size)
    for name in hypothesis_ids()
    for component in places.get(name, scorers)
    for v in plant.versions[component]
    if v.minute > -180
]
chosen, least = [], distance([])
count = 3 if level() == "senior" else 2
for _ in range(count):
    taken = {fault.mechanism for fault in chosen}
    jobs = {"job_contention", "feature_file"}
    open_ = [
        c for c in candidates
        if c.mechanism not in taken and not (c.mechanism in jobs and taken & jobs)
        and not any(c.component == f.component and c.since != f.since for f in chosen)
    ]  # fmt: skip
    tried = [(distance([*chosen, each]), i) for i, each in enumerate(open_)]
    if not tried:
        break
    chosen.append(open_[min(tried)[1]])
for _ in range(2):  # each one again, given the others
    for place in range(len(chosen)):
        rest = chosen[:place] + chosen[place + 1 :]
        taken = {fault.mechanism for fault in rest}
        options = [
            replace(c, size=c.size * factor)
            for c in candidates
            if c.mechanism not in taken
            and (c.mechanism, c.component) != ("", "")
            and not (
                c.mechanism in {"job_contention", "feature_file"}
                and taken & {"job_contention", "feature_file"}
            )
            for factor in ((1.0,) if c.mechanism != chosen[place].mechanism else (0.94, 1.0, 1.06))
        ]
        chosen[place] = min(options, key=lambda c: distance([*rest, c]))
found = {f.mechanism: (f.component, f.since) for f in chosen}
in_job = (features["timed_out"] > 0.05 * features["look_ups"]) & (features["job_running"] == 1)
managed = {
    row.component for row in case.changes.itertuples() if row.by in ("config-sync", "rollout")
}
chosen

# %% [markdown] cell="process_answer"
# | what I checked | because | it showed (number, cell) | so |
# |---|---|---|---|
# | all hypotheses on the copy, each with each version of the last hours | the right ones make its past look like the evidence | `distance` of each | the nearest two or three |
# | each again, given the others | the first choice may have been made for two | `chosen` | kept, or changed |
