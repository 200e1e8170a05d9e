# title = "Answers that no cell would record: sizes below nothing, numbers that are none, circles"
# quality = "hostile"
# total = [0, 0]
# no_better_than = "blank"
# ended = "completed"

# %% cell="revised_answer"
free = {
    "shop": {"kind": "events", "to": ["load"]},
    "returns": {"kind": "labels", "to": ["fit"]},
    "load": {
        "kind": "stream_load",
        "partitions": -40,
        "lateness_h": 1e300,
        "to": ["once", "load"],
    },
    "once": {"kind": "dedup", "window_h": -1e9, "to": ["looks", "bucket"]},
    "looks": {"kind": "checks", "threshold": 1e-300, "to": ["once"]},
    "bucket": {"kind": "lake", "keep_days": -1000, "to": ["tables", "fit"]},
    "tables": {"kind": "batch_features", "every_h": 1e-9, "machines": 0, "to": ["answers"]},
    "fit": {
        "kind": "trainer",
        "every_h": 0,
        "window_days": 1e308,
        "wait_days": -50,
        "to": ["answers"],
    },
    "answers": {"kind": "serving", "replicas": 10**12, "first": -1, "to": ["fit"]},
}
true_record = record


def record(name, value):
    forged = {
        "design": {"components": free},
        "revised": {"components": free},
        "numbers": dict.fromkeys(
            ("rows_day", "stored_tb", "train_rows", "worst_age_h", "cost_month"), [-1e308, 1e308]
        ),
        "failures": {
            "schema": ["nobody", "nobody", 1e308, -1e308],
            "code": [{"a": 1}, "0", None, 1],
        },
    }
    true_record(name, forged[name])


REVISED = case.current
for forged_name in ("design", "numbers", "failures", "revised"):
    record(forged_name, None)
