# title = "Accuracy, drift and load, each with two standard deviations, pages for all"
# quality = "weak"
# total = [0, 40]
# ended = "completed"

# %% cell="panels_answer"
def show(metric):
    values = case.history[metric]
    return {
        "title": metric,
        "metric": metric,
        "band": [float(values.mean() - 2 * values.std()), float(values.mean() + 2 * values.std())],
    }


PANELS = [
    show(m)
    for m in (
        "auc.gateway",
        "auc.batch",
        "input_psi.gateway",
        "requests.gateway",
        "latency_p95.gateway",
        "error_share.gateway",
    )
]

# %% cell="alerts_answer"
ALERTS = [
    {
        "name": p["title"],
        "metric": p["metric"],
        "band": p["band"],
        "severity": "page",
        "action": "check the dashboard",
    }
    for p in PANELS
]

# %% cell="answers_answer"
ANSWERS = {q: {"panel": "latency_p95.gateway", "read": "week"} for q in case.questions["question"]}


# %% cell="metrics_answer"
def recall(customers, today):
    return float(customers.loc[customers["cancelled_day"].notna(), "flagged"].mean())


def gaps(customers, today):
    return {
        s: float(own["cancelled_day"].notna().mean() - own["score"].mean())
        for s, own in customers.groupby("segment")
    }


def earned(customers, today, prices):
    return float(customers["flagged"].sum() * prices["customer"])


# %% [markdown] cell="choice_answer"
# The most important metrics: accuracy, latency and drift.

# %% [markdown] cell="practice_answer"
# We alert when a value is too high.
