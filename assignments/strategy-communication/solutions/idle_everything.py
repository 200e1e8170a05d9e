# title = "Nothing looked at: all kinds unseen, wide ranges, even beliefs, nothing done"
# like = "idle_middling"
# quality = "idle"
# total = [0, 15]
# mean = [0, 5]
# ended = "completed"

# %% cell="numbers_answer"
NUMBERS = {
    "loss_avoided": [60, 700],
    "false_alarms": [5, 70],
    "detection": [1, 8],
    "break_even": [1.5, 30],
    "share_caught": [10, 70],
    "hours": [2, 16],
}

# %% cell="claims_answer"
CLAIMS = {
    claim: {"supported": 0.34, "overstated": 0.33, "wrong": 0.33} for claim in case.claims["claim"]
}

# %% cell="actions_answer"
ACTIONS = {event: {"who": "platform", "by": 72, "what": "watch"} for event in case.events["event"]}

# %% cell="page_answer"
PAGE = """
{loss_avoided} {false_alarms} {detection} {break_even} {share_caught} {hours}
"""
DECISION = {
    "ask": "wait",
    "options": {
        name: {"saves": [60, 700], "costs": [40, 400]} for name in ("small", "full", "watch")
    },
    "unseen": sorted(set(case.incidents["kind"])),
}
