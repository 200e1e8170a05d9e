# title = "What everybody wishes for"
# quality = "weak"
# total = [0, 45]
# mean = [0, 39]
# ended = "completed"

# %% cell="current_answer"
live = case.changes[case.changes["deployed"].notna()]
STATE = {
    "lead_days": float(((live["deployed"] - live["opened"]) / pd.Timedelta(days=1)).mean()),
    "failed": len(case.incidents) / len(live),
    "restore_hours": float(
        ((case.incidents["closed"] - case.incidents["began"]) / pd.Timedelta(hours=1)).mean()
    ),
    "per_month": len(case.changes) / 12,
    "shares": dict.fromkeys(("data", "training", "review", "approval", "deployment"), 0.2),
    "bottleneck": "training",
}

# %% cell="plan_answer"
table = case.initiatives.sort_values("votes", ascending=False)
order = [n for n in case.firm.data["audit"]["wants"]]
order = [x for n in order for x in with_needs(n, ASSUMED)]
for name in table.index:
    order += [n for n in with_needs(name, ASSUMED) if n not in order]
WORK = staffed(list(dict.fromkeys(order)), ASSUMED)

# %% cell="promises_answer"
ids = [row["id"] for row in WORK]
PROMISES = {
    "3": {"done": ids[:6], "chance": 0.9},
    "6": {"done": ids[:12], "chance": 0.9},
    "12": {"done": ids, "chance": 0.8},
    "audit": {"chance": 0.95},
}


# %% cell="kpis_answer"
def kpi_1(changes, incidents):
    return float(changes["deployed"].notna().sum())


def kpi_2(changes, incidents):
    return float(len(incidents))


def kpi_3(changes, incidents):
    return float(((incidents["closed"] - incidents["began"]) / pd.Timedelta(hours=1)).mean())


KPIS = {
    "kpi_1": {"what": "changes a year", "good": "up", "baseline": 180, "target": 400},
    "kpi_2": {"what": "incidents", "good": "down", "baseline": 50, "target": 10},
    "kpi_3": {"what": "hours to close", "good": "down", "baseline": 100, "target": 24},
}

# %% cell="risks_answer"
RISKS = {
    name: {"do": "before"} if p >= 0.2 else {"do": "accept"}
    for name, p in case.firm.data["register"].items()
}

# %% [markdown] cell="change_answer"
# Everybody will be informed.

# %% [markdown] cell="balance_answer"
# After twelve months we have a modern platform.

# %% [markdown] cell="reasons_answer"
# 1. We do what most people want.
