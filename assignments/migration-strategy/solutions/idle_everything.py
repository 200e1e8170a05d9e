# title = "Everything at once, all measures, sure of all of it"
# quality = "idle"
# total = [0, 12]
# ended = "completed"

# %% cell="current_answer"
STATE = {
    "lead_days": 40,
    "failed": 0.2,
    "restore_hours": 8,
    "per_month": 14,
    "shares": dict.fromkeys(("data", "training", "review", "approval", "deployment"), 0.2),
    "bottleneck": "approval",
}

# %% cell="plan_answer"
WORK = [
    {"id": name, "owners": list(case.firm.people[:2]), "coached": True} for name in case.firm.ids
]

# %% cell="promises_answer"
ids = list(case.firm.ids)
PROMISES = {month: {"done": ids, "chance": 1.0} for month in ("3", "6", "12")}
PROMISES["audit"] = {"chance": 1.0}


# %% cell="kpis_answer"
def kpi_1(changes, incidents):
    return 1.0


kpi_2 = kpi_3 = kpi_1
KPIS = {
    name: {"what": "all is well", "good": "up", "baseline": 1, "target": 1}
    for name in ("kpi_1", "kpi_2", "kpi_3")
}

# %% cell="risks_answer"
RISKS = {name: {"do": "before"} for name in case.firm.data["register"]}
