# title = "Nothing looked at: what such firms usually have, everything overstated, watched"
# quality = "idle"
# total = [0, 30]
# mean = [0, 10]
# ended = "completed"

# %% cell="numbers_answer"
NUMBERS = {
    "loss_avoided": [170, 270],
    "false_alarms": [14, 25],
    "detection": [1.9, 3.1],
    "break_even": [4.0, 10.0],
    "share_caught": [26, 43],
    "hours": [4.5, 8.5],
}

# %% cell="claims_answer"
CLAIMS = {claim: {"overstated": 1.0} for claim in case.claims["claim"]}

# %% cell="actions_answer"
ACTIONS = {
    event: {"who": "dispatch", "by": 4, "what": "last_list"} for event in case.events["event"]
}

# %% cell="page_answer"
PAGE = """
We ask you to decide. It spares {loss_avoided}, {share_caught}; false alarms cost {false_alarms}, {hours}. Somebody acts after {detection}; paid for after {break_even}.
"""
DECISION = {
    "ask": "full",
    "options": {
        "small": {"saves": [90, 160], "costs": [50, 100]},
        "full": {"saves": [170, 270], "costs": [110, 200]},
        "watch": {"saves": [200, 330], "costs": [140, 260]},
    },
    "unseen": ["list_overruled", "outcomes_misbooked", "list_not_sent"],
}
