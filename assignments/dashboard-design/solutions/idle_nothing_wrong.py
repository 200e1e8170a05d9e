# title = "Panels and alerts whose bands nothing ever leaves"
# quality = "idle"
# total = [0, 5]
# failing = ["blind_spots", "alerts", "questions", "metrics", "attention"]
# ended = "completed"

# %% cell="panels_answer"
names = list(case.catalogue["metric"][::5])
PANELS = [
    {"title": n, "metric": n, "band": [-1e9, 1e9], "screen": 1 + (i > 5)}
    for i, n in enumerate(names)
]

# %% cell="alerts_answer"
ALERTS = [
    {
        "name": n,
        "metric": n,
        "band": [-1e9, 1e9],
        "severity": "ticket",
        "action": f"the owner of {n} looks",
    }
    for n in names
]

# %% cell="answers_answer"
ANSWERS = {q: {"panel": names[2], "read": "week"} for q in case.questions["question"]}


# %% cell="metrics_answer"
def recall(customers, today):
    return None


def gaps(customers, today):
    return {}


def earned(customers, today, prices):
    return None
