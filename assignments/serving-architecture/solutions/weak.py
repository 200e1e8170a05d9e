# title = "More of the same"
# quality = "weak"
# total = [0, 45]
# mean = [5, 39]
# ended = "completed"

# %% cell="limits_answer"
rates = case.day.mean(axis=0)
loads = capacity(case.current, rates)["load"]
LIMITS = sorted(
    ((name, rates.sum() / load) for name, load in loads.items()), key=lambda item: item[1]
)

# %% cell="design_answer"
import re

growth = sum(case.requirements["growth"]) / 2
DESIGN = case.current
for word in ("least", "most", "nodes", "connections"):
    DESIGN = re.sub(rf"{word}: (\d+)", lambda m: f"{word}: {int(int(m[1]) * growth)}", DESIGN)
DESIGN = DESIGN.replace("mode: none", "mode: backup")
edit(DESIGN)

# %% cell="way_answer"
WAY = {"steps": [[3, 0.5], [4, 1.0]], "stop_above": 0.1, "old_off": 6}

# %% cell="forecast_answer"
FORECAST = {
    "p99_ms": (100, 400),
    "cost_hour": (5, 30),
    "ceiling": (growth, 2 * growth),
    "recovery_min": (0, 30),
    "bottleneck": "models",
}

# %% cell="claim_answer"
sheet = 60 * facts["standby"]["data_gb"] / facts["standby"]["sheet_gb_hour"]
CLAIM = {"rto_min": (sheet, sheet + 20), "rpo_min": (60, 1440)}

# %% [markdown] cell="choices_answer"
# More machines, because there are more requests.

# %% [markdown] cell="operations_answer"
# We look at the dashboard.

# %% [markdown] cell="walkthrough_answer"
# 1. Everything is ten times larger.
