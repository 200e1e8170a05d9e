# %% [markdown] cell="brief" minutes=4
# # It is burning now
#
# *About 42 minutes, four of them for reading this and the [runbook](case/runbook.md). Everything that you need stands in this folder.*
#
# A gateway, three replicas of a model, a feature service behind a cache, a nightly job. For two hours something has been wrong: requests fail, and answers come that make no sense. Minute 0 is **now**; the snapshot in `case/` holds the 180 minutes before. Find out what is wrong, say what to do in the next ninety minutes, and write the report.
#
# | in `case/` | what it is |
# |---|---|
# | `gateway.csv`, `replicas.csv`, `features.csv` | metrics by minute; the collector missed some |
# | `audit.csv` | forty answers a minute, worked out again: right or wrong, from which replica, features from the cache or not |
# | `traces.csv`, `logs.txt`, [reports.md](case/reports.md) | single attempts step by step; what components wrote; what people wrote |
# | `changes.csv` | what went live, and by whom: most of it is innocent, and what was changed last need not be what broke it |
# | [architecture.svg](case/architecture.svg), [runbook.md](case/runbook.md) | how the parts hang together; what can be done, what it costs, what will come |
#
# **How it is scored.** 100 points come from code: issues named 15, spread 10, plan 35 and its first ten minutes 10, impact 15, lasting fix 15. Your plan is run in five nights that nobody has seen, through a peak, restarts and everything that acts by itself. Doing nothing is worth 0, the best plan that a search found 1; all points take 0.9 (0.6 in the first ten minutes), and they count from what a plan made without a look at the case reaches. Three texts are read by people, on a scale from 1 to 4. Speed is not scored.
#
# **Allowed**: any installed library, any reference, any method, and assistants: say at the end what you used one for, and expect to explain all of it yourself. **Recorded** is this notebook as you hand it in; people decide, and you may ask for a re-mark.

# %% [markdown] cell="brief_junior" levels=["junior"]
# **Junior level:** two things are wrong, among four that are offered: one makes requests fail, one makes answers wrong. Something acts by itself and puts at least one of the faults back after a repair: see "by" in the change log.

# %% [markdown] cell="brief_standard" levels=["standard"]
# **Standard level:** two things are wrong.

# %% [markdown] cell="brief_senior" levels=["senior"]
# **Senior level:** three things are wrong, and you are alone: one action every two minutes, so their order counts.

# %% [markdown] cell="about_load" minutes=1
# ## 1 · Open the case · 1 minute

# %% cell="load"
import numpy as np
import pandas as pd

from toolkit import *
from worksample.workbook import *

clock(minutes=42)
case = load()
architecture()

# %% [markdown] cell="about_look" minutes=8
# ## 2 · Look · 8 minutes
# `explore()` has every figure (Tab goes in, arrow keys change it, Escape leaves). As code: `watch("replicas", "waiting")`, `watch("audit", by="replica")`, `watch("audit", by="from_cache")`, `logs("rollout", since=-60)`, and pandas on `case.gateway`, `case.replicas`, `case.features`, `case.audit`, `case.traces`, `case.changes`. An attempt is a request or the gateway's repetition of one.

# %% cell="explorer"
explore()

# %% cell="changes"
changes()

# %% cell="look" kind="answer"
# ✎ your own tests: as many cells as you like

# %% [markdown] cell="about_trace_1" minutes=1
# ## 3 · First impression · 1 minute ✎
# Spread 100 points over what may be wrong, and name the next test. Not scored: it shows how your view developed. Use the fields and run the cell again, or type `spread_1 = {"thread_pool": 60, "stale_cache": 40}`.

# %% cell="trace_1" kind="answer"
spread_1 = {}
next_test_1 = ""
decision_trace(1, spread_1, next_test_1)

# %% [markdown] cell="about_ask" minutes=1
# ## 4 · Ask · 1 minute
# A teammate answers twenty questions: `ask(5)` here, or the person who plays the part. Each answer of `ask` takes a minute in which nothing of your plan can be done. You need none of them.

# %% cell="questions"
questions()

# %% cell="ask" kind="answer"
# ask(5)

# %% [markdown] cell="about_process" minutes=3
# ## 5 · What you checked, and why · 3 minutes ✎
# Keep it while you work; dead ends too.

# %% [markdown] cell="process_answer" kind="answer"
# | what I checked | because | it showed (number, cell) | so |
# |---|---|---|---|
# | | | | |
# | | | | |
# | | | | |

# %% [markdown] cell="process" kind="criterion" points=4 dimension="Practical Problem-Solving"
# **Read by people:** the table above and the cells behind it. Was it systematic, and could the tests have come out otherwise?

# %% [markdown] cell="about_diagnosis" minutes=3
# ## 6 · What is wrong · 3 minutes ✎ · 15 points
# Name each issue: mechanism (`list_hypotheses()`), the component whose version brought it, and the minute since when that version is live. At most four; a wrong one costs, and so does a missing one: points begin when half is known.

# %% cell="hypotheses"
list_hypotheses()

# %% cell="diagnosis_answer" kind="answer"
DIAGNOSIS = []  # {"mechanism": "thread_pool", "component": "workers", "since": -90}

# %% cell="diagnosis" kind="check" points=15 dimension="ML Systems & Production"
with visible_check("diagnosis"):
    problem = diagnosis_problem(DIAGNOSIS)
    assert not problem, problem
    record("diagnosis", DIAGNOSIS)

# %% [markdown] cell="about_trace_2" minutes=1
# ## 7 · How sure are you? · 1 minute ✎ · 10 points
# The spread again; this one is scored, by a rule that is best served by what you believe. What is truly wrong shares the points equally.

# %% cell="trace_2" kind="answer"
spread_2 = {}
next_test_2 = ""
decision_trace(2, spread_2, next_test_2)

# %% cell="trace" kind="check" points=10 dimension="Evaluation & Validation"
with visible_check("trace"):
    problem = spread_problem(spread_2, known=hypothesis_ids())
    assert not problem, problem
    record("trace", [noted(1, spread_1, next_test_1), noted(2, spread_2, next_test_2)])

# %% [markdown] cell="about_plan" minutes=9
# ## 8 · The next ninety minutes · 9 minutes ✎ · 35 + 10 points
# At most eight actions, as in the runbook: `{"at": 0, "do": "drain", "on": "…"}`, with `"to"` for `roll_back` (a version), `limit` (requests a minute) and `scale` (replicas). 35 points for harm avoided in all, 10 for the first ten minutes. `rehearse(PLAN, SUSPECTS)` tries it on a copy: of what is wrong there it knows only what you put in.

# %% cell="plan_answer" kind="answer"
SUSPECTS = []  # Suspect("thread_pool", "workers", since=-90, put_back=True)
PLAN = []

rehearse(PLAN, SUSPECTS)

# %% cell="mitigation" kind="check" points=35 dimension="Model Deployment & Operations"
with visible_check("mitigation"):
    problem = plan_form_problem(PLAN)
    assert not problem, problem
    record("plan", {"actions": PLAN, "asked": asked()})

# %% cell="first_ten" kind="check" points=10 dimension="Model Deployment & Operations"
with visible_check("first_ten"):
    assert not plan_form_problem(PLAN), "the plan above has to be in order first"
    print(f"{sum(action['at'] < 10 for action in PLAN)} actions in the first ten minutes")

# %% [markdown] cell="about_impact" minutes=3
# ## 9 · How bad is it? · 3 minutes ✎ · 15 points
# Intervals that you are 80 % sure of: narrow ones earn more, misses cost. `start`: the minute in which at least 3 % of the requests began to fail or be answered wrongly because of it. `failed`, `wrong`: requests since then without an answer (requests less answers), and with a wrong one. `next`: both together in the next thirty minutes if nobody does anything.

# %% cell="impact_answer" kind="answer"
IMPACT = {"start": [-180, 0], "failed": [1, 100000], "wrong": [1, 100000], "next": [1, 100000]}

# %% cell="impact" kind="check" points=15 dimension="Evaluation & Validation"
with visible_check("impact"):
    for name in ("start", "failed", "wrong", "next"):
        problem = interval_problem(IMPACT.get(name))
        assert not problem, f"{name}: {problem}"
    record("impact", {name: list(IMPACT[name]) for name in ("start", "failed", "wrong", "next")})

# %% [markdown] cell="about_lasting" minutes=4
# ## 10 · So that it does not come again · 4 minutes ✎ · 15 points
# Whatever it was: a peak should not take a service down. Write `guard_rails(service)` for services of any size. It gets `replicas`, `capacity` (requests a minute of one), `patience` (minutes that callers wait on average), `slots` (memory for waiting requests at one replica), `usual` requests a minute, `look_ups` (what its feature service can do), `hits` (share that the cache answers) and `lot` (requests that come at the same moment). It returns `queue` (waiting at one replica, at most; never more than `slots`), `limit` (requests a minute that get in) and `retries` (repetitions per request, at most). Run through a peak in which a replica is away for nine minutes: 1 for a request that fails, 0.9 for one that is refused.


# %% cell="lasting_answer" kind="answer"
def guard_rails(service):
    return {"queue": service["slots"], "limit": 1e9, "retries": 2.5}


try_guard_rails(guard_rails)

# %% cell="lasting_fix" kind="check" points=15 dimension="ML Systems & Production"
with visible_check("lasting_fix"):
    _tried = try_guard_rails(guard_rails)
    _open = list(_tried.get("problem", pd.Series(dtype=str)).dropna())
    assert not _open, _open[0]

# %% [markdown] cell="about_report" minutes=3
# ## 11 · Incident report · 3 minutes ✎
# Facts first: what happened, since when, how large, what is being done, what lasts and what does not, next steps with owners. Blameless. Then three sentences to the business: what customers see, when it will be better, what you need.

# %% [markdown] cell="report_answer" kind="answer"
# **Report**
#
# …
#
# **For the business, in three sentences**
#
# …

# %% [markdown] cell="report" kind="criterion" points=4 dimension="Documentation & Communication"
# **Read by people:** the report. Could the next shift act on it, and does it say how sure it is?

# %% [markdown] cell="business" kind="criterion" points=4 dimension="screening: Communication Skills"
# **Read by people:** the three sentences. Does somebody without technical knowledge know what happens and what is asked of them?

# %% [markdown] cell="submit" minutes=1
# ## 12 · Hand in · 1 minute ✎
# Say below what you used an assistant for, or "none". Your notebook is run again from the top; what stands in the cells counts.
#
# **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead.

# %% [markdown] cell="disclosure_answer" kind="answer"
# Assistants used: …

# %% cell="hand_in"
overview()
submit()
