# title = "First screen by what each panel saves, bands from the quietest weeks' extremes"
# quality = "strong"
# total = [95, 100]
# failing = []
# ended = "completed"
# like = "strong"

# %% cell="panels_answer"
# which side each kind moves what to, as I understand the register and the way of the data
MOVES = {
    "overload": "latency_p95+ error_share+",
    "stale_features": "feature_age+",
    "lost_feed": "missing_share+ score_mean- offers_share-",
    "changed_codes": "unseen_share+ score_mean+ offers_share+",
    "wrong_model": "score_spread+ score_mean+",
    "frozen_scores": "score_spread- latency_p95-",
    "wrong_threshold": "offers_share+ complaints+",
    "lost_offers": "saved_revenue-",
    "changed_market": "calibration_gap+ SMALL+",
    "changed_segment": "SMALL+",
}


def days_of(text):
    low, high = text.split(" to ")
    return (float(low) + float(high)) / 2


costs = {row.kind: row.euro_a_day * days_of(row.lasts_days) for row in case.register.itertuples()}
shows = {kind: {word[:-1] for word in words.split()} for kind, words in MOVES.items()}


def saves(quantity, open_kinds):
    return sum(costs[kind] for kind in open_kinds if quantity in shows[kind])


first, uncovered = [], set(costs)
while len(first) < 6:
    options = sorted({q for kind in uncovered or costs for q in shows[kind]} - set(first))
    best = max(options, key=lambda q: (saves(q, uncovered), saves(q, costs)))
    first.append(best)
    uncovered -= {kind for kind in uncovered if best in shows[kind]}

# the weeks without an incident, and without what its outcomes did a week later
calm = np.ones(len(case.history), dtype=bool)
for each in case.incidents.itertuples(index=False):
    begun, ended = pd.Timestamp(each.begins), pd.Timestamp(each.ends)
    calm &= ~((case.history.index >= begun) & (case.history.index < ended + pd.Timedelta(days=1)))
    calm &= ~(
        (case.history.index >= begun + pd.Timedelta(days=7))
        & (case.history.index < ended + pd.Timedelta(days=8))
    )


def place_of(name):
    quantity, segment = ("calibration_gap", small) if name == "SMALL" else (name, "all")
    return quantity, segment, "1d" if quantity == "calibration_gap" else "6h"


def panel_of(quantity, segment, over, screen, beyond):
    query = Query(METRIC[quantity], segment, over)
    off = (smoothed(case.history, query) - usual(case.history, query, slots(case.history)))[calm]
    low, high = np.quantile(off, [0.02, 0.98])
    return {
        "title": f"{quantity} · {segment}",
        "metric": METRIC[quantity],
        "segment": segment,
        "over": over,
        "around": "usual",
        "band": [float(beyond * low), float(beyond * high)],
        "screen": screen,
    }


PANELS = [panel_of(*place_of(name), 1, 2.2) for name in first]
have = {p["title"] for p in PANELS}
asked = []
for text in case.questions["asks"]:
    quantity, segment, _ = asked_for_this = (
        next(
            q
            for words, q in [
                ("slowest", "latency_p95"),
                ("scores are made of", "feature_age"),
                ("should be told", "missing_share"),
                ("do we make an offer", "offers_share"),
                ("model think", "score_mean"),
                ("complain", "complaints"),
                ("revenue stays", "saved_revenue"),
                ("Of those who left", "offer_recall"),
                ("more left than", "calibration_gap"),
                ("ranked", "auc"),
            ]
            if words in text
        ),
        (re.findall(r"among customers of (\w+)", text) or ["all"])[0],
        {"over the last d": "today", "over the last s": "week", "in the last sev": "change"}[
            next(w for w in ("over the last d", "over the last s", "in the last sev") if w in text)
        ],
    )
    asked.append(asked_for_this)
for quantity, segment, _ in [
    *asked,
    ("calibration_gap", "all", ""),
    ("score_mean", "all", ""),
    ("score_spread", "all", ""),
]:
    made = panel_of(quantity, segment, "6h", 2, 2.2)
    if made["title"] not in have and len(PANELS) < 12:
        PANELS.append(made)
        have.add(made["title"])

# %% cell="alerts_answer"
WHO = {
    "latency_p95": "on call scales the service or empties the cache",
    "feature_age": "on call restarts the feature job",
    "score_spread": "on call rolls the model or the cache back",
    "offers_share": "on call stops offers, checks threshold and feeds",
    "saved_revenue": "campaign team delivers again",
    "calibration_gap": "model owner reviews final outcomes this week",
}
ALERTS = []
for name in (
    "feature_age",
    "latency_p95",
    "score_spread",
    "offers_share",
    "saved_revenue",
    "SMALL",
):  # one call a kind
    quantity, segment, over = place_of(name)
    slow = quantity == "calibration_gap"
    made = panel_of(
        quantity, segment, over, 1, 2.2 if slow else 4.8 if quantity == "saved_revenue" else 3.4
    )
    ALERTS.append(
        {
            "name": made["title"],
            **{k: made[k] for k in ("metric", "segment", "over", "around", "band")},
            "for": "12h",
            "severity": "ticket" if slow else "page",
            "action": f"{WHO[quantity]}, {segment}",
        }
    )

# %% cell="answers_answer"
ANSWERS = {
    question: {"panel": f"{quantity} · {segment}", "read": when}
    for question, (quantity, segment, when) in zip(case.questions["question"], asked)
}
