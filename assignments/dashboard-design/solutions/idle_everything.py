# title = "Everything is out of its band, all the time, and every question is answered by the first panel"
# quality = "idle"
# total = [0, 5]
# failing = ["blind_spots", "alerts", "questions", "metrics", "attention"]
# ended = "completed"

# %% cell="panels_answer"
names = list(case.catalogue["metric"][:12])
PANELS = [
    {"title": name, "metric": name, "band": [-1e9, -1e8], "screen": 1 + (place > 5)}
    for place, name in enumerate(names)
]

# %% cell="alerts_answer"
ALERTS = [
    {
        "name": p["title"],
        "metric": p["metric"],
        "band": p["band"],
        "severity": "page",
        "action": f"somebody looks at {p['title']}",
    }
    for p in PANELS
]

# %% cell="answers_answer"
ANSWERS = {q: {"panel": names[0], "read": "change"} for q in case.questions["question"]}


# %% cell="metrics_answer"
def recall(customers, today):
    return 0.5


def gaps(customers, today):
    return {segment: 0.0 for segment in customers["segment"].unique()}


def earned(customers, today, prices):
    return 0.0
