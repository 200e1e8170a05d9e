# title = "The costs drawn anew a hundred times by hand, sentences judged a little less surely, actions by a table"
# like = "strong"
# quality = "strong"
# total = [90, 100]
# mean = [97, 100]
# ended = "completed"

# %% cell="claims_answer"
nights = case.nights.sum()
false = case.alerts["rang"] - case.alerts["right"]
full_saves, times = np.median(plan["saves"]), float(np.median(plan["detection"]))
money, share = np.median(plan["false"]), np.median(100 * plan["saves"] / costs.sum(axis=1))
week, months = np.median(plan["hours"]), np.median(plan["months"])
seen = 100 * nights["flagged_and_stalled"]
small, duty = built["small"]["saves"], np.median(built["watch"]["saves"] - plan["saves"])
caught = once[["fresh", "inputs", "scores", "outcomes"]].notna().any(axis=1).to_numpy()
# (words, what the evidence has, does more look better)
TOPICS = [
    ("spared us", full_saves, True), ("stayed with us", full_saves, True),
    ("False alarms will cost", money, False), ("alarms about nothing", money, False),
    ("would not have come", share, True), ("hours a week", week, False),
    ("hours of a week", week, False), ("paid for itself", months, False),
    ("in the black", months, False), ("flags of the model", seen / nights["flagged"], True),
    ("seen coming", seen / nights["stalled"], True), ("has seen", seen / nights["stalled"], True),
    ("night before", seen / nights["stalled"], True),
    ("runs for", once["unnoticed"].mean(), True),
    ("times as fast", once["unnoticed"][caught].mean() / times, True),
    ("small option", 100 * np.median(small) / full_saves, True), ("Duty at night", duty, True),
    ("quiet replay", 100 * case.alerts["right"].sum() / case.alerts["rang"].sum(), True),
    ("days pass until", times, False),
    ("times a week for nothing", (false / case.alerts["weeks"]).sum(), False),
    ("false alarms a week", (false / case.alerts["weeks"]).sum(), False),
]  # fmt: skip


def belief(sentence):
    numbers = [
        float(n) for n in pd.Series(sentence.split()).str.extract(r"^(\d+\.?\d*)")[0].dropna()
    ]
    said = [n for n in numbers if n != 100 or len(numbers) == 1][0]
    _, value, more = next(topic for topic in TOPICS if topic[0] in sentence)
    ratio = said / value if more else value / said
    distance = {
        "supported": abs(np.log(ratio)), "overstated": abs(np.log(ratio / 1.45)),
        "wrong": max(0.0, 0.85 - abs(np.log(ratio))),
    }  # fmt: skip
    weights = {name: float(np.exp(-16 * each)) for name, each in distance.items()}
    return {name: each / sum(weights.values()) for name, each in weights.items()}


CLAIMS = {row.claim: belief(row.sentence) for row in case.claims.itertuples()}

# %% cell="actions_answer"
# the kind whose earlier readings lie nearest, each reading in its own usual spread
readings = ["newest_h", "input_sd", "score_sd", "scored_pct", "outcome_gap"]
past = case.past
calm = past[past["it_was"] == "nothing"]
spread = {"newest_h": 3.0, "input_sd": 0.5, "score_sd": 0.5, "scored_pct": 2.0, "outcome_gap": 0.7}
ACTIONS = {}
for event in case.events.to_dict("records"):
    away = sum(((past[name] - event[name]) / spread[name]) ** 2 for name in readings)
    away = away + 50 * (past["version_as_released"] != event["version_as_released"])
    kind = past["it_was"].iloc[int(away.argmin())]
    table = {
        (who, by, what): what_it_costs(event["event"], {"who": who, "by": by, "what": what}, kind)
        for who in case.people["person"]
        for what in case.measures["measure"]
        for by in (1, 4, 24, 72)
    }
    who, by, what = min(table, key=table.get)
    ACTIONS[event["event"]] = {"who": who, "by": by, "what": what}
