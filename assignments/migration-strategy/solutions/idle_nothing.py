# title = "One small initiative, promised with certainty; nothing else is done"
# quality = "idle"
# total = [0, 10]
# ended = "completed"

# %% cell="current_answer"
STATE = {
    "lead_days": 40,
    "failed": 0.2,
    "restore_hours": 8,
    "per_month": 14,
    "shares": dict.fromkeys(("data", "training", "review", "approval", "deployment"), 0.2),
    "bottleneck": "review",
}

# %% cell="plan_answer"
WORK = staffed(["review-checklist"], ASSUMED)

# %% cell="promises_answer"
PROMISES = {
    month: {"done": ["review-checklist"], "chance": chance}
    for month, chance in (("3", 0.9), ("6", 1.0), ("12", 1.0))
}
PROMISES["audit"] = {"chance": 0.0}


# %% cell="kpis_answer"
def kpi_1(changes, incidents):
    return float(len(changes))


def kpi_2(changes, incidents):
    return float(len(incidents))


def kpi_3(changes, incidents):
    return 0.0


KPIS = {
    f.__name__: {
        "what": "a count",
        "good": "down",
        "baseline": f(case.changes, case.incidents),
        "target": 0.9 * f(case.changes, case.incidents),
    }
    for f in (kpi_1, kpi_2, kpi_3)
}
