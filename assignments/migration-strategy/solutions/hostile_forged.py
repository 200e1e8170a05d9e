# title = "Answers that no cell would record: work in no days, the same twice, chances beyond one"
# quality = "hostile"
# total = [0, 0]
# no_better_than = "blank"
# ended = "completed"

# %% cell="risks_answer"
RISKS = {name: {"do": "accept"} for name in case.firm.data["register"]}
true_record = record


def record(name, value):
    forged = {
        "state": {"lead_days": -1, "failed": 1e308, "shares": {"data": {}}, "bottleneck": []},
        "work": [
            {"id": "model-registry", "owners": [], "coached": True, "from": -50},
            {"id": "model-registry", "owners": ["nobody"] * 9, "from": 1e9, "effort": 0},
        ],
        "promises": {"3": {"done": "all", "chance": 2}, "audit": {"chance": -1}},
        "kpis": {"kpi_1": {"good": "sideways", "baseline": 1e308, "target": -1e308}},
        "risks": {"leaver": {"do": "signal", "above": "1"}, "audit": {"do": "never"}},
    }
    true_record(name, forged[name])


for forged_name in ("state", "work", "promises", "kpis", "risks"):
    record(forged_name, None)
