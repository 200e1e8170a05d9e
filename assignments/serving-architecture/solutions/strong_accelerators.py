# title = "Few accelerators that work in batches, always there"
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


lookups = peak @ np.array([c["lookups"] for c in facts["classes"].values()])
START = facts["machines"]["accelerator"]["start_min"]
# where a zone has few accelerators, quick requests get them, and ordinary machines do the rest
sort = facts["machines"]["accelerator"]
few = 3 * sort.get("quota", 1000) - 1
wanted = (
    peak[0] * (sort["setup_ms"] / 4 + sort["each_ms"]["single"] + 5) / 1000 * 1.6 / sort["workers"]
)
part = min(1, few / wanted)
heavy = "standard" if "quota" in sort else "accelerator"
more = pool("others", "single", peak[0] * (1 - part), "standard", 1.75) if part < 1 else ""
DESIGN = (
    "components:"
    + pool("singles", "single", peak[0] * part, "accelerator", 1.6, batch=4)
    + more
    + pool("pages", "page", peak[1], heavy, 1.85)
    + rest("singles, others, pages" if more else "singles, pages", lookups, peak @ seconds, START)
    + "\n"
)
edit(DESIGN)
