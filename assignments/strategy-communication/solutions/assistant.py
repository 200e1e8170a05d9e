# title = "One pass of an assistant over the brief: sums done well, tickets that nobody took left out of the mean"
# quality = "assistant"
# total = [20, 80]
# mean = [30, 65]
# ended = "completed"

# %% cell="numbers_answer"
inc = case.incidents.merge(case.replay, on="incident").drop_duplicates(["kind", "began", "ended"])
inc["outcomes"] += case.outcome_days
inc["duration"] = (inc["ended"] - inc["began"]).dt.days
inc["noticed_after"] = (inc["noticed"] - inc["began"]).dt.days
mult = np.where(inc["cost_is"] == "a day", inc["duration"], 1)
inc["low"], inc["high"] = inc["cost_low"] * mult, inc["cost_high"] * mult
inc["mid"] = (inc["low"] + inc["high"]) / 2
opts = case.options.set_index("option")
al = case.alerts.set_index("alert")
al["false"] = al["rang"] - al["right"]


def evaluate(option):
    row = opts.loc[option]
    names = row["alerts"].split()
    acts = inc[names].min(axis=1) + case.responses[row["answered"]].mean()
    share = ((inc["noticed_after"] - acts) / inc["duration"]).clip(lower=0).fillna(0)
    saves = np.array([(share * inc[c]).sum() for c in ("low", "mid", "high")])
    hours = (
        al.loc[names, "false"] / al.loc[names, "weeks"] * al.loc[names, "minutes_each"]
    ).sum() / 60
    false = hours * 52 * case.hour
    build = (row["build_low"] + row["build_high"]) / 2
    return dict(saves=saves, hours=hours, false=false, build=build, share=share, acts=acts,
                running=row["running_a_month"], upkeep=row["upkeep_hours"],
                costs=build + 12 * row["running_a_month"] + false)  # fmt: skip


res = {o: evaluate(o) for o in ("small", "full", "watch")}
f = res["full"]
low, mid, high = f["saves"]
monthly = (mid - f["false"]) / 12 - f["running"]
months = f["build"] / max(monthly, 0.5)
seen = f["acts"].mean()
pct = 100 * mid / inc["mid"].sum()
NUMBERS = {
    "loss_avoided": [float(0.85 * mid), float(1.15 * mid)],
    "false_alarms": [float(0.9 * f["false"]), float(1.1 * f["false"])],
    "detection": [float(0.85 * seen), float(1.15 * seen)],
    "break_even": [float(0.75 * months), float(1.3 * months)],
    "share_caught": [float(0.9 * pct), float(1.1 * pct)],
    "hours": [float(0.9 * (f["hours"] + f["upkeep"])), float(1.1 * (f["hours"] + f["upkeep"]))],
}
show_numbers(NUMBERS)

# %% cell="claims_answer"
import re

n = case.nights.sum()
tp, flagged, stalled = n["flagged_and_stalled"], n["flagged"], n["stalled"]
hit = f["acts"].notna()
rules = [
    (r"spared us|stayed with us", mid, 1), (r"cost us .* a year|alarms about nothing", f["false"], -1),
    (r"would not have come", pct, 1), (r"hours", f["hours"] + f["upkeep"], -1),
    (r"paid for itself|in the black", months, -1), (r"flags of the model", 100 * tp / flagged, 1),
    (r"stalls", 100 * tp / stalled, 1), (r"runs for", inc["noticed_after"].mean(), 1),
    (r"times as fast", inc["noticed_after"][hit].mean() / seen, 1),
    (r"small option", 100 * res["small"]["saves"][1] / mid, 1),
    (r"Duty", res["watch"]["saves"][1] - mid, 1),
    (r"quiet replay", 100 * al["right"].sum() / al["rang"].sum(), 1), (r"days pass", seen, -1),
    (r"for nothing|false alarms a week", (al["false"] / al["weeks"]).sum(), -1),
]  # fmt: skip


def rate(sentence):
    nums = [float(x) for x in re.findall(r"\d+(?:\.\d+)?", sentence)]
    nums = [x for x in nums if x != 100] or nums
    for pattern, value, sign in rules:
        if re.search(pattern, sentence):
            r = nums[-1] / value
            if r < 0.5 or r > 2:
                return {"supported": 0.05, "overstated": 0.15, "wrong": 0.8}
            if r**sign > 1.2:
                return {"supported": 0.1, "overstated": 0.8, "wrong": 0.1}
            return {"supported": 0.8, "overstated": 0.15, "wrong": 0.05}
    return {"supported": 0.34, "overstated": 0.33, "wrong": 0.33}


CLAIMS = {row.claim: rate(row.sentence) for row in case.claims.itertuples()}

# %% cell="actions_answer"
usual = {"feed_stopped": ("data", "repair_feed"), "unit_changed": ("data", "convert_input"),
         "old_model": ("platform", "load_model"), "lifts_left_out": ("platform", "repair_feed"),
         "new_controllers": ("modelling", "retrain")}  # fmt: skip
ACTIONS = {}
for e in case.events.itertuples():
    if not e.version_as_released:
        kind = "old_model"
    elif e.newest_h > 15:
        kind = "feed_stopped"
    elif e.scored_pct < 90:
        kind = "lifts_left_out"
    elif e.input_sd > 3:
        kind = "unit_changed"
    elif e.outcome_gap > 2 or e.input_sd > 1.5:
        kind = "new_controllers"
    else:
        kind = "nothing"
    if kind == "nothing":
        ACTIONS[e.event] = {"who": "platform", "by": 72, "what": "watch"}
        continue
    who, what = usual[kind]
    ACTIONS[e.event] = min(
        (
            {"who": w, "by": by, "what": what}
            for w in case.people["person"]
            for by in (1, 4, 24, 72)
        ),
        key=lambda action: what_it_costs(e.event, action, kind),
    )

# %% cell="page_answer"
net = {o: r["saves"][1] - r["costs"] for o, r in res.items()}
best = max([*net, "wait"], key=lambda o: net.get(o, 0))
PAGE = f"""# Model monitoring: recommendation

**Decision requested:** approve the option "{best}".

**Why it matters.** Our stall prediction model drives daily maintenance. When its inputs or the world change, it silently degrades. Last year we often found out only weeks later. The headline "99 % accurate" hides this: stalls are rare, so accuracy says little about how many are found ({100 * tp / stalled:.0f} of 100).

**What monitoring brings.** We would avoid {{loss_avoided}}, about {{share_caught}} of last year's incident losses. Problems are acted on after {{detection}}. The investment breaks even after {{break_even}}.

**What it costs.** False alarms cost {{false_alarms}}; the team spends {{hours}}.

**What it does not do.** It does not prevent incidents and does not catch every type.

**How it works.** Four automated checks look at data freshness, inputs, scores and outcomes. Alerts go to the responsible engineer, who follows a runbook.

**Next steps.** On approval we start within two weeks.
"""
sees = f["share"].groupby(inc["kind"]).max()
DECISION = {
    "ask": best,
    "options": {
        o: {"saves": [float(0.85 * r["saves"][1]), float(1.15 * r["saves"][1])],
            "costs": [float(0.85 * r["costs"]), float(1.15 * r["costs"])]}
        for o, r in res.items()
    },
    "unseen": list(sees.index[sees == 0]),
}  # fmt: skip

# %% cell="slides_answer"
SLIDES = """
# Why monitor our model?
- Models degrade silently
- Accuracy is not enough
---
# The business case
- Avoided: {loss_avoided}
- Break-even: {break_even}
---
# How it works
- Four alerts, one runbook
---
# The decision
- Approve the recommended option
"""
SHOWN = slides_of(SLIDES, NUMBERS)
present(SHOWN, minutes=10)

# %% [markdown] cell="disclosure_answer"
# Assistants used: for all of it.
