# title = "The design as it came, and numbers from nowhere"
# quality = "idle"
# total = [0, 8]
# ended = "completed"

# %% cell="limits_answer"
LIMITS = [("models", 30), ("features", 40)]

# %% cell="way_answer"
WAY = {"steps": [[8, 0.05], [15, 0.25], [24, 1.0]], "stop_above": 0.05, "old_off": 48}

# %% cell="forecast_answer"
FORECAST = {
    "p99_ms": (100, 500),
    "cost_hour": (2, 20),
    "ceiling": (1, 10),
    "recovery_min": (0, 60),
    "bottleneck": "models",
}

# %% cell="claim_answer"
CLAIM = {"rto_min": (15, 60), "rpo_min": (15, 60)}
