# %% [markdown] cell="brief" minutes=3
# # What will they understand?
#
# *About 30 minutes, then a talk of ten minutes and questions. No knowledge of any trade is needed: everything stands in this folder.*
#
# A firm looks after lifts. A model says which will stall; nobody watches the model, and last year that was dear. Engineers have a plan, [monitoring.md](case/monitoring.md). Three people decide who are no engineers: [listeners.md](case/listeners.md). Work out what can be said, write the page that they get, prepare at most five slides, and then tell them: why this model has to be watched, what the numbers mean for the business, how problems are found and who is told, what is done then, what it is worth.
#
# **How it is scored.** 100 points come from code: six numbers 40, ten sentences 25, six actions 20, the page's numbers, its decision and what it will not catch 15. That is the smaller half of it. Your page may be given to two or three people who know nothing of the case: five minutes, eight questions; what they then know, do not know and believe wrongly is counted and stands beside the ratings. People rate clarity, translation, the care for your listeners, and how you take questions. Speed is not scored, nor is your accent, nor how the slides look.
#
# **Allowed**: any installed library, any reference, any method, and assistants: say at the end what you used one for, and expect to explain all of it yourself. **Recorded** is this notebook as you hand it in; people decide, and you may ask for a re-mark.

# %% [markdown] cell="brief_junior" levels=["junior"]
# **Junior level:** every cost is in all, nothing stands in the register twice, the replay counts all the days, and `begun_with` is a first step. A ticket that nobody took is an incident that goes on until the next alert rings, or until people notice.

# %% [markdown] cell="brief_senior" levels=["senior"]
# **Senior level:** two teams keep the register, and readings are noisier.

# %% cell="load"
import numpy as np
import pandas as pd

from toolkit import *
from worksample.workbook import *
from worksample.workbook.talk import present

clock(minutes=30)
case = load()
case

# %% [markdown] cell="about_look" minutes=3
# ## 1 · Look · 3 minutes
# Read [monitoring.md](case/monitoring.md). `case` holds its tables; `case.past`, `case.measures`, `case.people` and `case.harm` are for section 4.

# %% cell="look"
case.incidents


# %% cell="begun" levels=["junior"]
def begun_with(option):
    """Of each incident and alert, the days until somebody acts, if somebody takes the ticket."""
    alerts = case.options.set_index("option").loc[option, "alerts"].split()
    return (
        case.replay.set_index("incident")[alerts] + case.responses.groupby("alert")["office"].mean()
    )


begun_with("full")

# %% [markdown] cell="about_numbers" minutes=8
# ## 2 · Six numbers · 8 minutes ✎ · 40 points
# For the option `full`, in a year like the last one. Ranges that you are 80 % sure of: narrow ones earn more, misses cost.
#
# - `loss_avoided`: what incidents would have cost less, thousand euro a year
# - `false_alarms`: the hours that alarms about nothing take, thousand euro a year
# - `detection`: days from an incident's begin until somebody acts on an alarm, mean over the incidents for which one rings
# - `break_even`: months until what is spared, less false alarms and running cost, has paid for building it
# - `share_caught`: the loss avoided as per cent of what all incidents cost
# - `hours`: hours a week for false alarms and upkeep

# %% cell="numbers_answer" kind="answer"
NUMBERS = {
    "loss_avoided": [1, 10000],
    "false_alarms": [1, 10000],
    "detection": [0.1, 100],
    "break_even": [0.1, 1000],
    "share_caught": [0.1, 100],
    "hours": [0.1, 100],
}
show_numbers(NUMBERS)

# %% cell="numbers" kind="check" points=40 dimension="Evaluation & Validation"
with visible_check("numbers"):
    problem = numbers_problem(NUMBERS)
    assert not problem, problem
    record("numbers", {name: list(NUMBERS[name]) for name in QUANTITIES})

# %% [markdown] cell="about_claims" minutes=5
# ## 3 · What may be said · 5 minutes ✎ · 25 points
# Ten sentences that colleagues want to say (of the option `full`, where none is named). **supported**: the evidence says so, within 5 %. **overstated**: it makes monitoring or the model look better than the evidence does, by three to six tenths. **wrong**: off by more than a factor of two, to either side. Give each a probability for every one of them; the rule is best served by what you believe.

# %% cell="claims_shown"
with pd.option_context("display.max_colwidth", None):
    display(case.claims.style.hide(axis="index").set_properties(**{"text-align": "left"}))

# %% cell="claims_answer" kind="answer"
CLAIMS = {
    claim: {"supported": 1 / 3, "overstated": 1 / 3, "wrong": 1 / 3}
    for claim in case.claims["claim"]
}

# %% cell="claims" kind="check" points=25 dimension="Data Understanding & Preprocessing"
with visible_check("claims"):
    problem = claims_problem(CLAIMS, case.claims["claim"])
    assert not problem, problem
    record("claims", CLAIMS)

# %% [markdown] cell="about_actions" minutes=5
# ## 4 · When it rings · 5 minutes ✎ · 20 points
# Six events of tomorrow, at a time and with the readings of that moment. Who acts, within how many hours (1, 4, 24, 72), and does what? It is scored by cost: the harm of a week at the size of the event (`lifts_pct`), the measure's price, the call if somebody is wanted sooner than they come. Whoever cannot do a measure hands it over, twelve hours later. `watch` does nothing and costs nothing. `case.past` says what earlier events turned out to be; `what_it_costs("e1", {"who": "data", "by": 4, "what": "repair_feed"}, "feed_stopped")` is the rule.

# %% cell="events_shown"
case.events

# %% cell="actions_answer" kind="answer"
ACTIONS = {}  # {"e1": {"who": "dispatch", "by": 24, "what": "last_list"}, …}

# %% cell="actions" kind="check" points=20 dimension="Model Deployment & Operations"
with visible_check("actions"):
    problem = actions_problem(
        ACTIONS, case.events["event"], case.people["person"], case.measures["measure"]
    )
    assert not problem, problem
    record("actions", ACTIONS)

# %% [markdown] cell="about_page" minutes=3
# ## 5 · The page · 3 minutes ✎ · 15 points
# At most 350 words for the three listeners. Numbers come from section 2: write `{loss_avoided}`, and it reads as your range with its unit. Of other figures up to ten may stand there, such as an option's price. Say why, what, what it will not catch, and ask for one decision. `DECISION` says the same as data: the option you ask for, of `small`, `full` and `watch` what it saves a year and costs in the first year (building, running, false alarms; ranges, thousand euro), and the kinds of incident that `full` would have made hardly cheaper.

# %% cell="page_answer" kind="answer"
PAGE = """
"""
DECISION = {"ask": "full", "options": {}, "unseen": []}

# %% cell="page_shown"
show_page(PAGE, NUMBERS)

# %% cell="page" kind="check" points=15 dimension="Documentation & Communication"
with visible_check("page"):
    problem = page_problem(PAGE, NUMBERS) or decision_problem(
        DECISION, case.options["option"], set(case.incidents["kind"])
    )
    assert not problem, problem
    record("page", {"text": PAGE, "filled": filled(PAGE, NUMBERS), **DECISION})

# %% [markdown] cell="clarity" kind="criterion" points=4 dimension="Documentation & Communication"
# **Read by people:** the page. Does a stranger know after five minutes what is asked of them, and why?

# %% [markdown] cell="translation" kind="criterion" points=4 dimension="screening: Communication Skills"
# **Read by people:** the page and the slides. Do metrics become what they mean for lifts, people and money, without losing what they do not say?

# %% [markdown] cell="about_slides" minutes=2
# ## 6 · The talk · 2 minutes ✎
# At most five slides, parted by a line `---`; `{loss_avoided}` and the others work here too. `present(…)` writes a page that you open in the browser to hold the talk: arrow keys, a clock, your notes (lines that begin with `>`), no network. Ten minutes, then questions.

# %% cell="slides_answer" kind="answer"
SLIDES = """
# …
"""
SHOWN = slides_of(SLIDES, NUMBERS)
present(SHOWN, minutes=10)

# %% [markdown] cell="stakeholders" kind="criterion" points=4 dimension="reference check: Collaboration & Teamwork"
# **Read by people:** page, slides and talk. Does each of the three get what they need, and is what they believe wrongly met?

# %% [markdown] cell="questions" kind="criterion" points=4 dimension="team and culture: Communication Skills"
# **Heard in the talk:** how questions are taken. Where no talk was held, this is not observable.

# %% [markdown] cell="submit" minutes=1
# ## 7 · Hand in · 1 minute ✎
# Say below what you used an assistant for, or "none". **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead. Your notebook is run again from top to bottom: what stands in the cells counts.

# %% [markdown] cell="disclosure_answer" kind="answer"
# Assistants used: …

# %% cell="hand_in"
overview()
submit()
