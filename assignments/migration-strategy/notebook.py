# %% [markdown] cell="brief" minutes=3
# # Twelve months, eight people
#
# *45 minutes, then 15 of presentation and questions. No knowledge of any trade is needed.*
#
# **The situation.** A firm changes its models by hand. It has money for a year, eight people beside their daily work, an audit with a date, and a list of what colleagues wish for. Plan its way to something better: what first, who, by when, what to count, what to do about risks.
#
# **What you have**, in `case/` and in `case` below: a dossier and five interviews; the logs of a year (changes, visits of stages, incidents); team and initiatives; what past projects took; how new tools were adopted; how sister firms' years went; and a scheduler that runs a plan five hundred times.
#
# **What you deliver**: answers in the cells marked ✎, and three short texts. You may go back at any time.
#
# **How it is scored.** 100 points come from running your answers through years that nobody has seen: current state 20, value 30, feasible 20, KPIs 15, risks 15.
# - *Value*: thousand euro that the plan brings: 4 × up to month 3, 2 × up to month 6, 1 × in the whole year. No points for what the draft, everything at once, or nothing brings; full ones from 75 % of the way to the best plan that a search found. Plans of many kinds get there.
# - *Feasible*: the audit is passed (8), three milestones are kept (6), and your stated chances are those of the hidden years (6).
# - Milestones, chances and risks count in full only if the plan goes half of the way in value. Speed is not scored.
#
# **What is allowed.** Any installed library, any reference, any method, assistants too: say at the end what you used one for, and expect to explain all of it. If something is unclear, ask the contact person in your invitation.
#
# **What is recorded.** This notebook as you hand it in; seen by those who assess this opening. No decision is made by a machine; you may ask for a re-mark by a person.

# %% [markdown] cell="brief_junior" levels=["junior"]
# **Junior level:** the logs are put together already, `ranked(ASSUMED)` shows what each initiative brings for its days, and `watch("price", 110)` how an alarm above a value would have fared at sister firms.

# %% [markdown] cell="brief_senior" levels=["senior"]
# **Senior level:** the team has fewer days, and the audit is earlier.

# %% [markdown] cell="about_load" minutes=5
# ## 1 · Read · 5 minutes
# Run a cell with **Shift+Enter**. The dossier has prices and definitions; the interviews have opinions.

# %% cell="load"
import numpy as np
import pandas as pd

from toolkit import *
from worksample.workbook import *

clock(minutes=45)
case = load()

# %% cell="dossier"
from IPython.display import Markdown

Markdown(case.dossier)

# %% cell="interviews"
Markdown(case.interviews)

# %% cell="team"
display(case.team, case.measures)
case.initiatives

# %% [markdown] cell="about_current" minutes=8
# ## 2 · Where does the firm stand? · 8 minutes ✎ · 20 points
# From the logs. A change counts if its `kind` is model and it was deployed. The four numbers count in full once three of them fit.
# - `lead_days`: median days from `asked` to `deployed`.
# - `failed`: share of these changes that an incident with the cause *change* names.
# - `restore_hours`: mean hours from `began` to the last `restored` of these failures; entries that follow another one belong to it.
# - `per_month`: such changes in a month, over the year.
# - `shares`: of all days that these changes spent in stages (from `entered` to `left`, waiting and work, all visits), the share of each stage; a visit counts once. `bottleneck`: the stage with most.

# %% cell="current_answer" kind="answer"
STATE = {
    "lead_days": 0,
    "failed": 0,
    "restore_hours": 0,
    "per_month": 0,
    "shares": {"data": 0, "training": 0, "review": 0, "approval": 0, "deployment": 0},
    "bottleneck": "",
}

# %% cell="current" kind="check" points=20 dimension="Data Understanding & Preprocessing"
with visible_check("current"):
    problem = state_problem(STATE)
    assert not problem, problem
    record("state", STATE)

# %% [markdown] cell="about_plan" minutes=15
# ## 3 · The plan · 15 minutes ✎ · 30 + 20 points
# **What you assume.** `assume(...)` takes the papers' word for everything that you do not tell it: `stakes` (what each target costs a month: `stakes(days, per_month, failed, restore_hours)` makes them of your logs, with mean days of a change by "stage wait" (entered to begun) and "stage work" (begun to left)), `overrun` (skill → real days over estimated), `adoption` (sprints until two thirds use something, with coaching and without), `also_needs` (pairs: the first is worth nothing without the second), `chances` (event → probability).
#
# **The work**, the most urgent first: `{"id": …, "owners": [one or two names], "coached": True, "from": 0}`; `from` is a sprint before which it does not begin, your buffer. `staffed(order, ASSUMED, coached=[…])` writes it from a list of ids. In each sprint people work on the first initiative of theirs that can be worked on, then on the next.
#
# `rehearse(WORK, ASSUMED)` runs it · `compare({"a": WORK, "b": other}, ASSUMED)` · `with_needs(id, ASSUMED)` · `chances(WORK, {"3": [ids], …}, ASSUMED)`. `case.draft` is the plan that lies on the table. `rehearse(…).left` has the share of each target that is left at the end, `.done` the sprint in which each initiative was done in each of the 500 years.
#
# **Milestones** of months 3, 6 and 12 (sprints 6, 13, 26): what is done by then, and the chance that all of it is; and the chance that the audit is passed. A milestone counts in full if its work takes 20 % of the team's days, as they really are, until then and it is kept in three years of four.

# %% cell="assumed_answer" kind="answer"
ASSUMED = assume()

# %% cell="ranking" levels=["junior"]
ranked(ASSUMED)

# %% cell="plan_answer" kind="answer"
WORK = case.draft

# %% cell="rehearsal" kind="answer"
rehearse(WORK, ASSUMED)

# %% cell="value" kind="check" points=30 dimension="ML System Design"
with visible_check("value"):
    problem = plan_problem(WORK)
    assert not problem, problem
    record("work", WORK)

# %% cell="promises_answer" kind="answer"
PROMISES = {
    "3": {"done": [], "chance": 0.5},
    "6": {"done": [], "chance": 0.5},
    "12": {"done": [], "chance": 0.5},
    "audit": {"chance": 0.5},
}

# %% cell="feasible" kind="check" points=20 dimension="Practical Problem-Solving"
with visible_check("feasible"):
    problem = plan_problem(WORK) or promises_problem(PROMISES, WORK)
    assert not problem, problem
    record("promises", PROMISES)

# %% [markdown] cell="about_kpis" minutes=5
# ## 4 · KPIs · 5 minutes ✎ · 15 points
# Three functions of a year's changes and incidents, one for lead time, one for failures, one for restoring, each a number. And of each: `what` it is, whether `good` is "down" or "up", its `baseline` in this year's logs, and its `target` for the end of the plan's year.
#
# They are run on other years: usual ones, years in which one thing really is better, and years in which only the numbers were dressed up (the dossier's last paragraph). Points: the baseline is the data's; good work moves it beyond chance; dressing does not; the target lies where your plan can go.


# %% cell="kpis_answer" kind="answer"
def kpi_1(changes, incidents):
    raise NotImplementedError("lead time")


def kpi_2(changes, incidents):
    raise NotImplementedError("failures")


def kpi_3(changes, incidents):
    raise NotImplementedError("restoring")


KPIS = {
    "kpi_1": {"what": "", "good": "down", "baseline": 0, "target": 0},
    "kpi_2": {"what": "", "good": "down", "baseline": 0, "target": 0},
    "kpi_3": {"what": "", "good": "down", "baseline": 0, "target": 0},
}

# %% cell="kpis" kind="check" points=15 dimension="Evaluation & Validation"
with visible_check("kpis"):
    problem = kpis_problem(KPIS)
    assert not problem, problem
    try_kpis([kpi_1, kpi_2, kpi_3])
    record("kpis", KPIS)

# %% [markdown] cell="about_risks" minutes=4
# ## 5 · Risks · 4 minutes ✎ · 15 points
# For each of eight events: `{"do": "accept"}`, `{"do": "before"}` (its measure is paid for at the start, and the event does your plan no harm) or `{"do": "signal", "above": x}`: the measure is taken in the first sprint in which the signal is above x. It then costs a fifth more, and works if the event comes two sprints later or more. Not every signal announces its event. Counted is what your decisions save *your* plan in the year, less what they cost. `if_it_happens(WORK, ASSUMED)` says what each event costs it.

# %% cell="risks_answer" kind="answer"
RISKS = {
    "leaver": {"do": "accept"},
    "audit": {"do": "accept"},
    "price": {"do": "accept"},
    "owner": {"do": "accept"},
    "vendor": {"do": "accept"},
    "incident": {"do": "accept"},
    "freeze": {"do": "accept"},
    "resistance": {"do": "accept"},
}

# %% cell="risks" kind="check" points=15 dimension="Model Deployment & Operations"
with visible_check("risks"):
    problem = risks_problem(RISKS)
    assert not problem, problem
    record("risks", RISKS)

# %% [markdown] cell="about_texts" minutes=1
# ## 6 · For those who decide · 4 minutes ✎
# About 60 words in each of three places.

# %% [markdown] cell="change" kind="criterion" points=4 minutes=1 dimension="Teamwork & Collaboration"
# **People.** Who has to work differently, what do they lose by it, who learns what from whom and when, and by what do you notice in month 4 that it is not used?

# %% [markdown] cell="change_answer" kind="answer"
# …

# %% [markdown] cell="balance" kind="criterion" points=4 minutes=1 dimension="Practical Problem-Solving"
# **Balance.** What does the business have after three, six and twelve months, in its own words and numbers? What good engineering did you leave out or put off, and at what price?

# %% [markdown] cell="balance_answer" kind="answer"
# …

# %% [markdown] cell="reasons" kind="criterion" points=4 minutes=1 dimension="Documentation & Communication"
# **Reasons.** Three decisions of the plan that somebody will contest: the number or observation behind each, what you decided against, and what would make you take it back.

# %% [markdown] cell="reasons_answer" kind="answer"
# 1. …

# %% [markdown] cell="about_submit" minutes=1
# ## 7 · Hand in · 1 minute ✎
# Say below what you used an assistant for, or "none". It costs no points. **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead. Your notebook is run again from top to bottom; what stands in the cells counts.

# %% [markdown] cell="disclosure_answer" kind="answer"
# Assistants used: …

# %% cell="hand_in"
overview()
submit()
