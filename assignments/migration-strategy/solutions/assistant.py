# title = "One pass of an assistant, from the brief and the tables' columns"
# quality = "assistant"
# total = [25, 85]
# mean = [25, 72]
# ended = "completed"

# %% cell="current_answer"
model_changes = case.changes[(case.changes["kind"] == "model") & case.changes["deployed"].notna()]
lead = (model_changes["deployed"] - model_changes["asked"]).dt.total_seconds() / 86400
failures = case.incidents[
    (case.incidents["cause"] == "change") & case.incidents["change"].isin(model_changes["change"])
].copy()
failures["root"] = failures["follows"].where(failures["follows"].ne(""), failures["incident"])
grouped = failures.groupby("root").agg(began=("began", "min"), restored=("restored", "max"))
restore = (grouped["restored"] - grouped["began"]).dt.total_seconds() / 3600
stage_visits = (
    case.visits[case.visits["change"].isin(model_changes["change"])]
    .dropna(subset=["left"])
    .drop_duplicates()
)
stage_visits = stage_visits.assign(
    wait=(stage_visits["begun"] - stage_visits["entered"]).dt.total_seconds() / 86400,
    work=(stage_visits["left"] - stage_visits["begun"]).dt.total_seconds() / 86400,
)
by_stage = stage_visits.groupby("stage")[["wait", "work"]].sum() / len(model_changes)
stage_totals = by_stage.sum(axis=1)
shares = (stage_totals / stage_totals.sum()).to_dict()
STATE = {
    "lead_days": round(float(lead.median()), 2),
    "failed": round(failures["change"].nunique() / len(model_changes), 4),
    "restore_hours": round(float(restore.mean()), 2),
    "per_month": round(len(model_changes) / 12, 2),
    "shares": {stage: round(float(share), 4) for stage, share in shares.items()},
    "bottleneck": max(shares, key=shares.get),
}
STATE

# %% cell="assumed_answer"
stage_days = {
    f"{stage} {part}": float(by_stage.loc[stage, part])
    for stage in by_stage.index
    for part in ("wait", "work")
}
ratios = case.projects.groupby("skill")[["real_days", "likely_days"]].sum()
adopted = {}
for coached, rows in case.rollouts.groupby("coached"):
    curve = rows.groupby("week")["share"].mean()
    reached = curve[curve >= 0.63]
    adopted[coached] = (reached.index[0] if len(reached) else 40) / 2
event_chances = case.events.groupby("event")["year"].nunique() / case.signals["year"].nunique()
ASSUMED = assume(
    stakes=stakes(stage_days, STATE["per_month"], STATE["failed"], STATE["restore_hours"]),
    overrun=(ratios["real_days"] / ratios["likely_days"]).to_dict(),
    adoption=(adopted[True], adopted[False]),
    chances=event_chances.to_dict(),
)

# %% cell="plan_answer"
# Phase 1: quick wins and foundations; phase 2: audit readiness; phase 3: automation and scale.
foundations = ["shared-repository", "model-registry", "build-server"]
initiatives = case.firm.data["initiatives"]
benefit = {
    name: np.mean(row["cut"]) * ASSUMED.stakes.get(row["acts_on"], 0.0)
    for name, row in initiatives.items()
}
effort = {name: row["effort"][1] for name, row in initiatives.items()}
score = {name: benefit[name] / effort[name] for name in initiatives}
quick_wins = sorted(
    (n for n in initiatives if not initiatives[n]["needs"] and benefit[n] > 0),
    key=score.get,
    reverse=True,
)[:4]
order = []
for name in [
    *quick_wins,
    *foundations,
    *case.firm.data["audit"]["wants"],
    *sorted((n for n in initiatives if benefit[n] > 0), key=score.get, reverse=True),
]:
    order += [n for n in with_needs(name, ASSUMED) if n not in order]
WORK = staffed(order, ASSUMED, coached=[n for n in order if benefit[n] > 0])

# %% cell="rehearsal"
rehearse(WORK, ASSUMED)

# %% cell="promises_answer"
ids = [row["id"] for row in WORK]
milestones = {"3": ids[:4], "6": ids[:9], "12": ids[:18]}
kept = chances(WORK, milestones, ASSUMED)
PROMISES = {
    month: {"done": milestones[month], "chance": round(kept[month], 2)} for month in milestones
}
PROMISES["audit"] = {"chance": round(kept["audit"], 2)}
PROMISES


# %% cell="kpis_answer"
def kpi_1(changes, incidents):
    """Median lead time in days of deployed model changes."""
    deployed = changes[(changes["kind"] == "model") & changes["deployed"].notna()]
    if deployed.empty:
        return 0.0
    return float((deployed["deployed"] - deployed["asked"]).dt.total_seconds().median() / 86400)


def kpi_2(changes, incidents):
    """Change failure rate."""
    deployed = changes[(changes["kind"] == "model") & changes["deployed"].notna()]
    failed = incidents[incidents["change"].isin(deployed["change"])]
    return float(failed["change"].nunique() / max(len(deployed), 1))


def kpi_3(changes, incidents):
    """Mean time to restore in hours."""
    root = incidents["follows"].where(incidents["follows"].ne(""), incidents["incident"])
    grouped = incidents.groupby(root).agg(began=("began", "min"), restored=("restored", "max"))
    return float((grouped["restored"] - grouped["began"]).dt.total_seconds().mean() / 3600)


KPIS = {}
for function, what, cut in (
    (kpi_1, "lead time", 0.4),
    (kpi_2, "change failure rate", 0.4),
    (kpi_3, "time to restore", 0.3),
):
    value = function(case.changes, case.incidents)
    KPIS[function.__name__] = {
        "what": what,
        "good": "down",
        "baseline": value,
        "target": value * (1 - cut),
    }
KPIS

# %% cell="risks_answer"
impact = if_it_happens(WORK, ASSUMED)
RISKS = {}
for name in impact.index:
    expected = float(event_chances.get(name, 0.0)) * float(impact.loc[name, "costs_if"])
    cost = float(impact.loc[name, "measure"])
    if expected > cost:
        RISKS[name] = {"do": "before"}
    elif expected > 0.5 * cost:
        usual = case.signals[name]
        RISKS[name] = {"do": "signal", "above": float(usual.mean() + 2 * usual.std())}
    else:
        RISKS[name] = {"do": "accept"}
RISKS

# %% [markdown] cell="change_answer"
# **Change management.** Appoint champions in each team, run hands-on workshops per phase, provide documentation and office hours, and communicate progress transparently. Data scientists are involved early to build ownership. Adoption is tracked through usage metrics, with feedback loops and leadership support to address resistance.

# %% [markdown] cell="balance_answer"
# **Month 3:** quick wins reduce waiting at the bottleneck. **Month 6:** audit readiness and foundations. **Month 12:** automated validation and deployment with monitoring. We balance incremental value with the long-term vision by postponing the feature store and container platform, accepting some manual work.

# %% [markdown] cell="reasons_answer"
# 1. Quick wins first build momentum and trust; a big-bang platform was rejected as too risky.
# 2. Audit work early because missing it blocks releases.
# 3. Foundations before automation, because automation needs versioned code and models. I would revisit if adoption lags.

# %% [markdown] cell="disclosure_answer"
# Assistants used: everything above.
