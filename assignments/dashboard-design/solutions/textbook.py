# title = "Twelve usual figures from the first collector, three standard deviations, a page for each"
# quality = "textbook"
# total = [0, 50]
# ended = "completed"

# %% cell="panels_answer"
def show(metric, screen):
    values = case.history[metric]
    return {
        "title": metric,
        "metric": metric,
        "screen": screen,
        "band": [float(values.mean() - 3 * values.std()), float(values.mean() + 3 * values.std())],
    }


usual_ones = [
    "auc",
    "input_psi",
    "latency_p95",
    "error_share",
    "score_mean",
    "missing_share",
    "requests",
    "offer_recall",
    "calibration_gap",
    "saved_revenue",
    "complaints",
    "offers_share",
]
PANELS = [show(f"{q}.gateway", 1 if place < 6 else 2) for place, q in enumerate(usual_ones)]

# %% cell="alerts_answer"
ALERTS = [
    {
        "name": p["title"],
        "metric": p["metric"],
        "band": p["band"],
        "severity": "page",
        "action": "on call investigates and retrains if needed",
    }
    for p in PANELS
]

# %% cell="answers_answer"
WORDS = {
    "answers take": "latency_p95",
    "not there": "missing_share",
    "make an offer": "offers_share",
    "model think": "score_mean",
    "complain": "complaints",
    "revenue": "saved_revenue",
    "those who left": "offer_recall",
    "more left": "calibration_gap",
    "ranked": "auc",
}
ANSWERS = {}
for row in case.questions.itertuples():
    for words, quantity in WORDS.items():
        if words in row.asks:
            ANSWERS[row.question] = {"panel": f"{quantity}.gateway", "read": "week"}


# %% cell="metrics_answer"
def recall(customers, today):
    left = customers[customers["cancelled_day"].notna()]
    return float(left["flagged"].mean()) if len(left) else None


def gaps(customers, today):
    return {
        s: float(own["cancelled_day"].notna().mean() - own["score"].mean())
        for s, own in customers.groupby("segment")
    }


def earned(customers, today, prices):
    kept = customers[customers["flagged"] & customers["cancelled_day"].isna()]
    return float(len(kept) * prices["customer"] - customers["flagged"].sum() * prices["offer"])
