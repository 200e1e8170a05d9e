# title = "The chain of the replay understood, ranges by feel, sentences judged roughly, two events mistaken"
# like = "strong"
# quality = "adequate"
# total = [40, 90]
# mean = [50, 80]
# ended = "completed"

# %% cell="claims_answer"
nights = case.nights.sum()
value = {
    "spared us": np.median(plan["saves"]), "stayed with us": np.median(plan["saves"]),
    "flags of the model": 100 * nights["flagged_and_stalled"] / nights["flagged"],
    "stalls": 100 * nights["flagged_and_stalled"] / nights["stalled"],
    "paid for itself": np.median(plan["months"]), "in the black": np.median(plan["months"]),
    "would not have come": np.median(100 * plan["saves"] / costs.sum(axis=1)),
    "runs for": once["unnoticed"].mean(), "hours": np.median(plan["hours"]),
}  # fmt: skip
CLAIMS = {}
for _, row in case.claims.iterrows():
    said = [
        float(w.strip(",."))
        for w in row["sentence"].split()
        if w.strip(",.").replace(".", "").isdigit()
    ]
    said = [x for x in said if x != 100] or said
    true = next((v for words, v in value.items() if words in row["sentence"]), None)
    if true is None:
        CLAIMS[row["claim"]] = {"supported": 0.4, "overstated": 0.4, "wrong": 0.2}
    elif abs(np.log(said[-1] / true)) < 0.15:
        CLAIMS[row["claim"]] = {"supported": 0.8, "overstated": 0.15, "wrong": 0.05}
    elif abs(np.log(said[-1] / true)) < 0.6:
        CLAIMS[row["claim"]] = {"supported": 0.15, "overstated": 0.7, "wrong": 0.15}
    else:
        CLAIMS[row["claim"]] = {"supported": 0.05, "overstated": 0.25, "wrong": 0.7}

# %% cell="actions_answer"
CURES = {"fresh": ("data", "repair_feed"), "inputs": ("data", "convert_input"),
         "scores": ("platform", "load_model"), "outcomes": ("modelling", "retrain")}  # fmt: skip
ACTIONS = {}
for event in case.events.to_dict("records"):
    who, what = CURES[event["alert"]]
    quiet = (
        event["version_as_released"] and event["newest_h"] < 15 and event["input_sd"] < 2
        and event["scored_pct"] > 95 and event["outcome_gap"] < 3
    )  # fmt: skip
    if quiet:
        who, what = "platform", "watch"
    ACTIONS[event["event"]] = {"who": who, "by": 4 if event["lifts_pct"] > 20 else 24, "what": what}

# %% cell="page_answer"
net = {name: float(np.mean(each["saves"] - each["costs"])) for name, each in built.items()}
best = max(net, key=net.get)
NUMBERS |= {"loss_avoided": [0.6 * np.median(plan["saves"]), 1.5 * np.median(plan["saves"])]}
PAGE = """
Monitoring of the stall model

We want to watch our model. There are four alerts: fresh, inputs, scores and outcomes. They look at data freshness, distribution shift, score distribution and calibration. Last year we noticed most incidents late.

With it we save {loss_avoided}, {share_caught} of the loss. Somebody acts after {detection}. It pays off after {break_even}.

Not everything will be caught. We ask you to approve the budget.
"""
DECISION = {
    "ask": best,
    "options": {
        name: {
            what: [0.8 * np.median(each[what]), 1.25 * np.median(each[what])]
            for what in ("saves", "costs")
        }
        for name, each in built.items()
    },
    "unseen": ["list_overruled", "outcomes_misbooked"],
}

# %% cell="slides_answer"
SLIDES = """
# Monitoring strategy
- Four alerts
- Distribution shift, calibration
---
# Value
- {loss_avoided}
- {break_even}
"""
SHOWN = slides_of(SLIDES, NUMBERS)
present(SHOWN, minutes=10)
