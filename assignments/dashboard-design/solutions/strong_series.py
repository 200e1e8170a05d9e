# title = "Descriptions not read: who measures what is found from how the collectors' series go together"
# quality = "strong"
# total = [95, 100]
# failing = []
# ended = "completed"

# %% cell="look_more"
import re

retired = re.findall(r"collector `(\w+)` is switched off", case.documentation)
small = re.search(r"among customers of (\w+) only", " ".join(case.register["what_happened"]))[1]


def columns_of(metric):
    return [c for c in case.history if c.split("|")[0] == metric]


def quiet(column):
    """A series without its week, its sudden moves cut off."""
    place = np.asarray(slots(case.history))
    values = case.history[column]
    values = values - values.groupby(place).transform("median")
    wide = 4 * (values.quantile(0.75) - values.quantile(0.25)) / 1.349
    return values.clip(-wide, wide).to_numpy()


def roughness(values):
    return np.median(np.abs(np.diff(values)))


def agrees(one, late):
    """How well a mean of four days of one series foretells another: best of four days' delays."""
    mean = pd.Series(one).rolling(16).mean().to_numpy()
    return max(
        np.corrcoef(mean[16 : len(mean) - lag], late[16 + lag :])[0, 1] for lag in range(4, 22)
    )


def prompt_of(quantity):
    names = [m for m in case.catalogue["metric"] if m.startswith(quantity + ".")]
    series = {name: [quiet(c) for c in columns_of(name)] for name in names}
    rough = {
        name: np.mean([roughness(v) / roughness(w) for v, w in zip(series[name], series[names[0]])])
        for name in names
    }
    order = sorted(names, key=rough.get)
    slow = order[0]
    middle = order[1:-1]
    if rough[slow] > 0.62 * np.mean(
        [rough[m] for m in middle]
    ):  # none is slow: three are prompt or honest
        together = {
            m: np.mean(
                [
                    np.corrcoef(a, b)[0, 1]
                    for o in order[:3]
                    if o != m
                    for a, b in zip(series[m], series[o])
                ]
            )
            for m in order[:3]
        }
        middle = sorted(together, key=together.get)[1:]
    else:
        fits = {m: np.mean([agrees(a, b) for a, b in zip(series[m], series[slow])]) for m in middle}
        middle = [max(fits, key=fits.get)]
    return next(m for m in middle if m.split(".")[1] not in retired)


METRIC = {q: prompt_of(q) for q in sorted({m.split(".")[0] for m in case.catalogue["metric"]})}
METRIC

# %% cell="panels_answer"
NUMBER = [  # what each question is about, as I read it
    ("slowest answers", "latency_p95"),
    ("made of", "feature_age"),
    ("should be told", "missing_share"),
    ("make an offer,|make an offer among", "offers_share"),
    ("does the model think", "score_mean"),
    ("complain", "complaints"),
    ("revenue stays", "saved_revenue"),
    ("those who left", "offer_recall"),
    ("more left", "calibration_gap"),
    ("leavers ranked", "auc"),
]


def understood(text):
    quantity = [q for words, q in NUMBER if re.search(words, text)][-1]
    segment = re.search(r"customers of (\w+)", text)
    when = {
        "over the last day": "today",
        "over the last seven days": "week",
        "in the last seven days": "change",
    }
    return (
        quantity,
        segment.group(1) if segment else "all",
        next(r for w, r in when.items() if w in text),
    )


def band_of(quantity, segment, over):
    """Nine in ten hours of the weeks without an incident, some four times as wide."""
    query = Query(METRIC[quantity], segment, over)
    off = smoothed(case.history, query) - usual(case.history, query, slots(case.history))
    low, high = np.quantile(off, [0.1, 0.9])
    times = 3.6 if quantity == "calibration_gap" else 4.2  # it moves slowly, and is worth a look
    return [float(times * low), float(times * high)]


def shown(quantity, segment="all", screen=2, over="6h"):
    return {
        "title": f"{quantity} ({segment})",
        "metric": METRIC[quantity],
        "segment": segment,
        "over": over,
        "band": band_of(quantity, segment, over),
        "around": "usual",
        "screen": screen,
    }


first = [
    shown("error_share", screen=1),
    shown("feature_age", screen=1),
    shown("score_spread", screen=1),
    shown("offers_share", screen=1),
    shown("saved_revenue", screen=1),
    shown("calibration_gap", small, 1, "1d"),
]
titles = {p["title"] for p in first}
more = []
for text in case.questions["asks"]:
    quantity, segment, _ = understood(text)
    if f"{quantity} ({segment})" not in titles:
        titles.add(f"{quantity} ({segment})")
        more.append(shown(quantity, segment))
for quantity in ("calibration_gap", "score_mean", "latency_p95", "missing_share", "unseen_share"):
    if f"{quantity} (all)" not in titles and len(more) < 6:
        more.append(shown(quantity))
PANELS = first + more[:6]


# %% cell="alerts_answer"
def call(quantity, severity, action, segment="all", over="6h", wide=1.5):
    low, high = band_of(quantity, segment, over)
    return {
        "name": f"{quantity} {segment}",
        "metric": METRIC[quantity],
        "segment": segment,
        "over": over,
        "band": [wide * low, wide * high],
        "around": "usual",
        "for": "12h",
        "severity": severity,
        "action": action,
    }


ALERTS = [
    call("error_share", "page", "on call adds replicas or takes the last release back"),
    call("feature_age", "page", "on call restarts the feature job"),
    call("score_spread", "page", "on call compares model version and cache with the registry"),
    call("offers_share", "page", "on call halts offers until inputs and threshold are compared"),
    call("saved_revenue", "page", "campaign team sends undelivered offers again"),
    call(
        "calibration_gap",
        "ticket",
        "model owner reviews final outcomes of the segment",
        small,
        "1d",
        1.0,
    ),
]

# %% cell="answers_answer"
ANSWERS = {}
for row in case.questions.itertuples():
    quantity, segment, when = understood(row.asks)
    ANSWERS[row.question] = {"panel": f"{quantity} ({segment})", "read": when}


# %% cell="metrics_answer"
def seven_days_over(customers, today):
    return customers.loc[(today - customers["scored_day"] >= 7) & ~customers["staff"]]


def gone(rows):
    return (rows["cancelled_day"] <= rows["scored_day"] + 7).astype(float)


def recall(customers, today):
    rows = seven_days_over(customers, today)
    left = gone(rows)
    return None if left.sum() == 0 else float((left * rows["flagged"]).sum() / left.sum())


def gaps(customers, today):
    rows = seven_days_over(customers, today)
    table = pd.DataFrame({"segment": rows["segment"], "off": gone(rows) - rows["score"]})
    means = table.groupby("segment")["off"].agg(["mean", "size"])
    return {str(s): float(m) for s, m in means.loc[means["size"] >= 30, "mean"].items()}


def earned(customers, today, prices):
    rows = seven_days_over(customers, today)
    rows = rows.assign(left=gone(rows))[rows["flagged"]]
    groups = rows.groupby("held_out")["left"].agg(["mean", "size"])
    if len(groups) < 2:
        return None
    count = groups.loc[False, "size"]
    return float(
        count
        * (
            (groups.loc[True, "mean"] - groups.loc[False, "mean"]) * prices["customer"]
            - prices["offer"]
        )
    )
