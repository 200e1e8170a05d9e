# title = "Shared answers from a cache, machines by the hour of the day, no simple answer"
# quality = "strong"
# like = "strong"
# total = [94, 100]
# mean = [97, 100]
# ended = "completed"

# %% cell="design_answer"
low, high = case.requirements["growth"]
peak = case.day[19 * 60 : 20 * 60].mean(axis=0) * high
zones = "[a, b, c]"
standby = facts["standby"]
true_rate = None
for words in case.history.replace(".", " ").split("\n"):
    if "last drill restored" in words:
        numbers = [float(w) for w in words.split() if w.isdigit()]
        true_rate = (
            numbers[-2] / numbers[-1] * 60
        )  # gigabytes an hour as drilled, not as on the sheet


def other_region(start_min):
    """The cheapest way to be back in time, and minutes between copies."""
    fixed = standby["decide_min"] + standby["dns_min"]
    restore = 60 * standby["data_gb"] / true_rate
    needs = {
        "backup": fixed + restore + start_min,
        "pilot": fixed + start_min,
        "warm": fixed + 2,
        "hot": fixed,
    }
    modes = [m for m, minutes in needs.items() if minutes <= 0.95 * case.requirements["rto_min"]]
    every = int(case.requirements["rpo_min"] / (1 + standby["changed_gb_hour"] / true_rate) * 0.9)
    copy = every * standby["changed_gb_hour"] / true_rate
    return modes[0], every, needs[modes[0]], every + copy


def pool(name, kind, asked, machine, spare, batch=1, scale="fixed", least=0.6, to="features"):
    sort = facts["machines"][machine]
    work = (
        asked
        * (sort["setup_ms"] / batch + sort["each_ms"][kind] + facts["store"]["base_ms"])
        / 1000
    )
    most = max(3, int(np.ceil(work * spare / sort["workers"])))
    few = most if scale == "fixed" else max(2, int(np.ceil(most * least)))
    queue = int(np.ceil(asked * facts["classes"][kind]["slo_ms"] / 1000 * 0.5))
    return f"""
  {name}:
    kind: pool
    machine: {machine}
    serves: [{kind}]
    zones: {zones}
    scale: {scale}
    least: {few}
    most: {0 if scale == "fixed" else most}
    target: 0.6
    batch: {batch}
    queue: {queue}
    to: [features]"""


def rest(entry, lookups, in_flight, start_min, simple=True):
    mode, every, *_ = other_region(start_min)
    nodes = int(np.ceil(lookups * 1.7 / facts["store"]["lookups_s"]))
    slowest = int(max(c["slo_ms"] for c in facts["classes"].values()))
    return f"""
  front:
    kind: gateway
    connections: {int(in_flight * 2.5) + 100}
    timeout_ms: {slowest}
    retries: 1
    retry_budget: 0.1
    overload: {"simple" if simple else "reject"}
    to: [{entry}{", popular" if simple else ""}]
  features:
    kind: store
    nodes: {nodes}
    zones: {zones}
    timeout_ms: 40
    on_timeout: defaults
  versions: {{kind: release, first: 0.05, watch_min: 30, stop_above: 0.05}}
  elsewhere: {{kind: standby, mode: {mode}, copy_every_min: {every}}}""" + (
        "\n  popular: {kind: simple}" if simple else ""
    )


keep = facts["cache"]["oldest_s"]
item = facts["cache"]["hits"]["item"]["single"] * keep / (keep + facts["cache"]["half_s"])
asked = peak * np.array([1 - item, 1])
lookups = asked @ np.array([c["lookups"] for c in facts["classes"].values()])
START = facts["machines"]["standard"]["start_min"]
DESIGN = (
    "components:"
    + pool("singles", "single", asked[0], "standard", 1.7, scale="daily", least=0.7)
    + pool("pages", "page", asked[1], "standard", 1.9, scale="daily", least=0.7)
    + f"\n  answers: {{kind: cache, key: item, keep_s: {keep}, to: [singles]}}"
    + rest("answers, pages", lookups, peak @ seconds, START, simple=False)
    + "\n"
)
edit(DESIGN)
