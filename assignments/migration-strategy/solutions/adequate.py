# title = "The wall is seen; estimates and the register of risks are believed"
# quality = "adequate"
# total = [35, 92]
# mean = [50, 80]
# ended = "completed"

# %% cell="current_answer"
DAY, HOUR = pd.Timedelta(days=1), pd.Timedelta(hours=1)
STAGES = ["data", "training", "review", "approval", "deployment"]
live = case.changes.query("kind == 'model' and deployed.notna()")
visits = case.visits.dropna(subset=["left"])
visits = visits[visits["change"].isin(live["change"])]
days = {}
for stage in STAGES:
    rows = visits[visits["stage"] == stage]
    days[f"{stage} wait"] = ((rows["begun"] - rows["entered"]) / DAY).sum() / len(live)
    days[f"{stage} work"] = ((rows["left"] - rows["begun"]) / DAY).sum() / len(live)
caused = case.incidents.query("cause == 'change'")
caused = caused[caused["change"].isin(live["change"])]
total = sum(days.values())
shares = {s: (days[f"{s} wait"] + days[f"{s} work"]) / total for s in STAGES}
STATE = {
    "lead_days": float(((live["deployed"] - live["asked"]) / DAY).median()),
    "failed": float(caused["change"].nunique() / len(live)),
    "restore_hours": float(((caused["restored"] - caused["began"]) / HOUR).mean()),
    "per_month": len(live) / 12,
    "shares": {name: float(x) for name, x in shares.items()},
    "bottleneck": max(shares, key=shares.get),
}
STATE

# %% cell="assumed_answer"
notes = case.visits[case.visits["stage"] == STATE["bottleneck"]]["note"]
notes = notes[notes != ""].value_counts()
walls = {
    "trained on": "data-record",
    "what it is for": "model-cards",
    "compared": "reference-set",
    "built again": "pinned-environments",
}
wall = next(name for words, name in walls.items() if words in notes.index[0])
at = case.initiatives[case.initiatives["acts_on"] == STATE["bottleneck"] + " wait"]
main = at["cut"].map(max).idxmax()
ASSUMED = assume(
    stakes=stakes(days, STATE["per_month"], STATE["failed"], STATE["restore_hours"]),
    adoption=(3.0, 8.0),
    also_needs=[(main, wall)],
)

# %% cell="plan_answer"
rows = case.firm.data["initiatives"]
gain = {n: np.mean(r["cut"]) * ASSUMED.stakes.get(r["acts_on"], 0) for n, r in rows.items()}


def per_day(name):
    bundle = with_needs(name, ASSUMED)
    return sum(gain[n] for n in bundle) / sum(rows[n]["effort"][1] for n in bundle)


best = sorted((n for n in gain if gain[n] > 0), key=per_day, reverse=True)
order = []
for name in [*best[:3], *case.firm.data["audit"]["wants"], *best[3:]]:
    order += [n for n in with_needs(name, ASSUMED) if n not in order]
WORK = staffed(order, ASSUMED, coached=best[:3])

# %% cell="promises_answer"
ids = [row["id"] for row in WORK]
done = {"3": ids[:3], "6": ids[:7], "12": ids[:14]}
PROMISES = {month: {"done": done[month], "chance": 0.85} for month in done}
PROMISES["audit"] = {"chance": 0.9}


# %% cell="kpis_answer"
def kpi_1(changes, incidents):
    own = changes[(changes["kind"] == "model") & changes["deployed"].notna()]
    return float(((own["deployed"] - own["asked"]) / pd.Timedelta(days=1)).median())


def kpi_2(changes, incidents):
    failed = incidents[incidents["cause"] == "change"]["change"].nunique()
    return failed / max(1, int(changes["deployed"].notna().sum()))


def kpi_3(changes, incidents):
    root = incidents["follows"].where(incidents["follows"] != "", incidents["incident"])
    whole = incidents.groupby(root).agg({"began": "min", "restored": "max"})
    return float(((whole["restored"] - whole["began"]) / pd.Timedelta(hours=1)).mean())


KPIS = {}
for f, what in ((kpi_1, "lead time"), (kpi_2, "failures"), (kpi_3, "hours to restore")):
    value = f(case.changes, case.incidents)
    KPIS[f.__name__] = {"what": what, "good": "down", "baseline": value, "target": 0.7 * value}

# %% cell="risks_answer"
costs = if_it_happens(WORK, ASSUMED)
happened = case.firm.data["register"]
RISKS = {}
for name in costs.index:
    lost = float(costs.loc[name, "costs_if"] * happened.get(name, 0))
    RISKS[name] = {"do": "before" if lost > costs.loc[name, "measure"] else "accept"}
RISKS

# %% [markdown] cell="change_answer"
# There will be a workshop for the data scientists and a guide. The first teams are trained before the others. We look at how many use the new way.

# %% [markdown] cell="balance_answer"
# After three months the first waiting is shorter, after six the audit is prepared, after twelve most stages are automatic. The feature store comes later.

# %% [markdown] cell="reasons_answer"
# 1. The stage with most days comes first.
# 2. Audit before the platform, because of its date.
# 3. Coaching for the first initiatives.

# %% [markdown] cell="disclosure_answer"
# Assistants used: none.
