# title = "The design as it came, and numbers from nowhere"
# quality = "idle"
# total = [0, 8]
# ended = "completed"

# %% cell="numbers_answer"
NUMBERS = {
    "rows_day": (20, 50),
    "stored_tb": (2, 15),
    "train_rows": (50, 800),
    "worst_age_h": (24, 60),
    "cost_month": (2000, 8000),
}

# %% cell="failures_answer"
FAILURES = {
    name: ("nobody", "nobody", 0, 10_000)
    for name in ("schema", "doubled", "value", "labels", "code", "trainer")
}
