# title = "Answers that no cell would record: sizes below nothing, numbers that are none"
# quality = "hostile"
# total = [0, 0]
# no_better_than = "blank"
# ended = "completed"

# %% cell="claim_answer"
CLAIM = {"rto_min": (0, 0), "rpo_min": (0, 0)}
free = {
    "front": {"kind": "gateway", "connections": 10**9, "timeout_ms": 60000, "to": ["models"]},
    "models": {
        "kind": "pool",
        "machine": "standard",
        "serves": ["single", "page"],
        "zones": ["a"] * 3,
        "least": -5,
        "most": 1e-9,
        "queue": 1e300,
        "batch": 0.001,
        "to": ["features"],
    },
    "features": {"kind": "store", "nodes": -100, "zones": []},
    "elsewhere": {"kind": "standby", "mode": "hot", "copy_every_min": 0},
}
true_record = record


def record(name, value):
    forged = {
        "design": {"components": free},
        "limits": [["models", -1], [{"a": 1}, 1e308]],
        "way": {"steps": [[0, 1e-300], [0, "1"]], "stop_above": None, "old_off": -1},
        "forecast": dict.fromkeys(
            ("p99_ms", "cost_hour", "ceiling", "recovery_min"), [-1e308, 1e308]
        ),
        "claim": {"rto_min": [1e308, -1e308], "rpo_min": "0"},
    }
    true_record(name, forged[name])


for forged_name in ("limits", "design", "way", "forecast", "claim"):
    record(forged_name, None)
