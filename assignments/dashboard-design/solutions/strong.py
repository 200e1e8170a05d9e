# title = "Who measures what, from the descriptions and a look at the series; bands around the usual week"
# quality = "strong"
# total = [98, 100]
# failing = []
# ended = "completed"

# %% cell="look_more"
import re

retired = re.findall(r"collector `(\w+)` is switched off", case.documentation)


def rest(column):
    """A series without its usual week."""
    query = Query(*column.split("|"))
    return smoothed(case.history, query) - usual(case.history, query, slots(case.history))


def spread(values):
    """A standard deviation that two incidents do not move."""
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return (high - low) / 1.349


def chosen(quantity):
    """The collector of everybody at once: by the words, unless the series says otherwise."""
    rows = case.catalogue[case.catalogue["metric"].str.startswith(quantity + ".")]
    odd = rows["collected"].str.contains(
        "campaign|advert|staff|trial|marketing|known by then|counting as staying|there are$"
    )
    # a mean of days hardly moves from one step to the next, a small sample jumps: the middle one
    moves = {name: spread(np.diff(rest(name))) for name in rows.loc[~odd, "metric"]}
    calm, middle, _ = sorted(moves, key=moves.get)
    return middle if middle.split(".")[1] not in retired else calm


QUANTITIES = sorted({name.split(".")[0] for name in case.catalogue["metric"]})
METRIC = {quantity: chosen(quantity) for quantity in QUANTITIES}
small = re.search(r"among customers of (\w+) only", " ".join(case.register["what_happened"]))[1]
METRIC

# %% cell="panels_answer"
SAID = {
    "slowest answers": "latency_p95",
    "scores are made of": "feature_age",
    "model should be told": "missing_share",
    "do we make an offer": "offers_share",
    "model think": "score_mean",
    "complain": "complaints",
    "revenue stays": "saved_revenue",
    "Of those who left": "offer_recall",
    "more left than": "calibration_gap",
    "ranked": "auc",
}


def asked_for(text):
    quantity = next(q for words, q in SAID.items() if words in text)
    among = re.search(r"among customers of (\w+)", text)
    read = "today" if "last day" in text else "change" if "against" in text else "week"
    return quantity, among[1] if among else "all", read


def panel(quantity, segment, screen, over="6h", times=5.5):
    query = Query(METRIC[quantity], segment, over)
    values = smoothed(case.history, query) - usual(case.history, query, slots(case.history))
    wide = times * spread(values)
    return {
        "title": f"{quantity} of {segment}",
        "metric": METRIC[quantity],
        "segment": segment,
        "over": over,
        "around": "usual",
        "band": [-wide, wide],
        "screen": screen,
    }


FIRST = [
    ("latency_p95", "all"),
    ("feature_age", "all"),
    ("offers_share", "all"),
    ("score_spread", "all"),
    ("saved_revenue", "all"),
    ("calibration_gap", small),
]
WANTED = [asked_for(text)[:2] for text in case.questions["asks"]]
SECOND = [("calibration_gap", "all"), ("score_mean", "all")]
later = [each for each in dict.fromkeys([*WANTED, *SECOND]) if each not in FIRST][:6]


def over_of(quantity):
    return "1d" if quantity in ("calibration_gap", "auc", "offer_recall") else "6h"


PANELS = [panel(q, s, 1, over_of(q)) for q, s in FIRST] + [
    panel(q, s, 2, over_of(q)) for q, s in later
]

# %% cell="alerts_answer"
ACTIONS = {
    "latency_p95": "platform on call: cache and capacity of the service, then the last release",
    "feature_age": "data engineer restarts the feature job and backfills",
    "offers_share": "retention lead stops the campaign; compare inputs and threshold with last week",
    "score_spread": "model owner compares version and cache, rolls back",
    "saved_revenue": "campaign team checks whether offers are delivered",
    "calibration_gap": "model owner looks at final outcomes by segment and plans a new training",
}


def alert(quantity, segment, severity):
    # well inside of what each kind moves it by: an alert that comes and goes is a page each time
    wide = {"calibration_gap": 5, "saved_revenue": 10, "offers_share": 7, "latency_p95": 7}.get(
        quantity, 8
    )
    made = panel(quantity, segment, 1, over_of(quantity), wide)
    return {
        "name": made["title"],
        **{k: made[k] for k in ("metric", "segment", "over", "around", "band")},
        "for": "12h",
        "severity": severity,
        "action": f"{ACTIONS[quantity]} ({segment})",
    }


ALERTS = [alert(q, s, "ticket" if q == "calibration_gap" else "page") for q, s in FIRST]

# %% cell="answers_answer"
ANSWERS = {}
for name, text in case.questions[["question", "asks"]].itertuples(index=False):
    quantity, segment, read_as = asked_for(text)
    ANSWERS[name] = {"panel": f"{quantity} of {segment}", "read": read_as}


# %% cell="metrics_answer"
def final(customers, today):
    rows = customers[~customers["staff"] & (customers["scored_day"] <= today - 7)]
    return rows.assign(left=(rows["cancelled_day"] - rows["scored_day"]) <= 7)


def recall(customers, today):
    left = final(customers, today).query("left")
    return float(left["flagged"].mean()) if len(left) else None


def gaps(customers, today):
    rows = final(customers, today)
    found = {}
    for name, own in rows.groupby("segment"):
        if len(own) >= 30:
            found[name] = float(own["left"].mean() - own["score"].mean())
    return found


def earned(customers, today, prices):
    rows = final(customers, today).query("flagged")
    offered, held = rows[~rows["held_out"]], rows[rows["held_out"]]
    if offered.empty or held.empty:
        return None
    kept = (held["left"].mean() - offered["left"].mean()) * len(offered)
    return float(kept * prices["customer"] - len(offered) * prices["offer"])


# %% [markdown] cell="choice_answer"
# First stands what costs most per day that nobody sees it: answers, money, final outcomes by segment, the age of the data. Which collector to believe is read from its description and held against the series: a few say one thing and measure another. Drift of inputs alone opens a ticket; together with a fall of final outcomes it is the model. Until outcomes are final, the share of scores above the limit by segment stands in. Not shown: wrong labels at their source, and harm in groups too small for a band; I tell the owner what that may cost.

# %% [markdown] cell="practice_answer"
# Bands come from the usual week, by hour, with the two incidents taken out; limits were run over the history and cost fewer calls than the budget of pages. What loses money by the hour pages its owner, who looks at the last release first; the rest are tickets. A silent collector is a ticket of its own. Recall: of those who left, the share we had flagged; of people whose days are over; computed each night by week of scoring, with a test on a few rows.
