# %% [markdown] cell="brief" minutes=4
# # A service that has to grow
#
# *About 60 minutes, then a walk-through of 15. No knowledge of any trade is needed: everything stands in this folder.*
#
# **What it is.** A shop shows recommendations. Most requests want a *single* list; a few want a whole *page*, which is many times the work. Today's system answers hundreds of thousands a day and is nearly full. Millions are coming. Design what serves them, say how one gets there, and say beforehand what it will do.
#
# **What you have**, in `case/` and in `case` below: `traffic.csv` (14 days by minute), `facts.json` (the catalogue: what machines and parts hold, take and cost; money is per hour), `current.yaml` (today's design), `history.md` (what goes wrong here, and what is known of tomorrow), `requirements.json`; and a simulator with yesterday's world.
#
# **What you deliver**: answers in the cells marked ✎, and three short texts. You may go back at any time.
#
# **How it is scored.** 100 points come from running your answers through a tomorrow that nobody has seen: today's limits 8, six evenings 37, recovery 15, the way there 15, own forecast 15, disaster 10. Evenings are counted in money: machines, what is above the budget three times more, and every request without a good answer. Full points to 1.5 times what the best loses that a search found, none from two and a half times on; the crowd and the lost zone weigh most; today's design loses far more, and many designs get there. Forecast, way, recovery and disaster count in full only if the design earns six tenths of the six evenings' points. An interval earns less the wider it is, and much less if the truth lies outside: give the one that you are 80 % sure of. Speed is not scored.
#
# **A good answer** comes within its class's time (`slo_ms`); given with defaults it is worth 90 %, a simple answer 30 %. What is known of the simulator stands in `toolkit/` and in its own description.
#
# **What is allowed.** Any installed library, any reference, any method, assistants too: say at the end what you used one for, and expect to explain all of it. If something is unclear, ask the contact person in your invitation.
#
# **What is recorded.** This notebook as you hand it in; seen by those who assess this opening. No decision is made by a machine; you may ask for a re-mark by a person.

# %% [markdown] cell="brief_junior" levels=["junior"]
# **Junior level:** `offered()` shows ready-made parts to build from, `form(DESIGN)` has a field for every setting, and you can rehearse every kind of event.

# %% [markdown] cell="brief_senior" levels=["senior"]
# **Senior level:** two things are scarcer. An answer from the cache counts only if it is at most 60 seconds old, and accelerators are limited to a few in each zone (`quota`).

# %% [markdown] cell="about_load" minutes=3
# ## 1 · Open the case · 3 minutes
# Run a cell with **Shift+Enter**. Read the history: what it tells is what will happen, in other sizes.

# %% cell="load"
import numpy as np
import pandas as pd

from toolkit import *
from worksample.workbook import *

clock(minutes=60)
case = load()
facts = case.facts.data
show(case.current)

# %% cell="history"
from IPython.display import Markdown

Markdown(case.history)

# %% cell="look_traffic"
traffic()

# %% [markdown] cell="about_limits" minutes=7
# ## 2 · Where is today's limit? · 7 minutes ✎ · 8 points
# At how many **new requests a second**, in the mix of the hour around the evening's peak (19:00 to 20:00), is the first part of today's design at its limit, and which part is it? And the second, once the first is no limit any more? A limit is where a part has no more to give, by mean values: workers all busy, look-ups all used, requests in flight at their most (their number is the rate times the mean time that one takes when nothing waits). What the cache answers needs none of them.
#
# `capacity(case.current, rates)` does the arithmetic for pools and store. `case.day` has requests a second by minute and class.

# %% cell="capacity"
capacity(case.current, case.day[19 * 60 : 20 * 60].mean(axis=0))

# %% cell="limits_answer" kind="answer"
LIMITS = []  # [(component, new requests a second), (component, new requests a second)]

# %% cell="limits" kind="check" points=8 dimension="Performance Optimization"
with visible_check("limits"):
    problem = limits_problem(LIMITS)
    assert not problem, problem
    record("limits", LIMITS)

# %% [markdown] cell="about_design" minutes=20
# ## 3 · The design · 20 minutes ✎ · 37 + 15 points
# Write it below. Components have a name, a `kind`, settings, `to:` (whom they ask) and, if you like, `because:` (product and reason, in your own stack). `case.facts.catalogue.schema()` is the schema; mistakes are told with their line.
#
# | | |
# |---|---|
# | `edit(DESIGN)` | a text field with mistakes, price and picture as you type; run its cell again to keep it |
# | `show(DESIGN)`, `save_svg(DESIGN)` | the picture |
# | `rehearse(DESIGN, growth=8)` | an evening of eight times today's requests; `event="crowd"` or `"store"` as in the last fortnight, which were milder than the year's worst |
#
# What is scored: six evenings (ordinary, more pages, a crowd, a zone lost, a slow store, a bad release), 37 points. And, 15 points, a burst beyond every plan: whether as many are answered well in it as before, and how soon all is well again after it and after a slow store.
#
# `scale`: *fixed*; *cpu* follows busy processors (a worker that waits is not busy, and no processor is busier than 100 %); *demand* follows what comes; *daily* follows the usual course of the day. Machines take `start_min` minutes to start.

# %% cell="offered" levels=["junior"]
offered()

# %% cell="design_answer" kind="answer"
DESIGN = case.current
edit(DESIGN)

# %% cell="rehearsal" kind="answer"
rehearse(DESIGN, growth=1)

# %% cell="tomorrow" kind="check" points=37 dimension="ML System Design"
with visible_check("tomorrow"):
    problem = design_problem(DESIGN)
    assert not problem, problem
    record("design", plain_design(DESIGN))

# %% cell="recovery" kind="check" points=15 dimension="Practical Problem-Solving"
with visible_check("recovery"):
    problem = design_problem(DESIGN)
    assert not problem, problem
    print("The design can be run. It is tried with a burst and with a slow store.")

# %% [markdown] cell="about_way" minutes=7
# ## 4 · The way there · 7 minutes ✎ · 15 points
# The move takes at most 72 hours, from midnight on, under **today's** load. `steps` are pairs of an hour and the share of requests that the new system has from then on; 1 is all. If more than `stop_above` of its answers are errors, all requests go back to the old system, if that is still there (`old_off`: the hour at which it is given up), and four hours later the mended version begins the same steps again, as does the old system's end. Three versions are tried: a sound one, a faulty one, and one whose fault shows late. Answers are known to be errors only after a while (`facts["release"]`); a sound version has its usual errors too, and by chance more where few requests are counted. Both systems may run side by side for 50 hours.

# %% cell="way_answer" kind="answer"
WAY = {"steps": [], "stop_above": 1.0, "old_off": 0}

# %% cell="way_try" kind="answer"
# rehearse_way(WAY, faulty=0.4)

# %% cell="way" kind="check" points=15 dimension="Model Deployment & Operations"
with visible_check("way"):
    problem = way_problem(WAY)
    assert not problem, problem
    record("way", WAY)

# %% [markdown] cell="about_forecast" minutes=5
# ## 5 · What will it do? · 5 minutes ✎ · 15 points
# Of **your** design on tomorrow's ordinary evening: `p99_ms`, what 99 of 100 single requests take less than at the peak; `cost_hour`, its cost of an hour, averaged over the evening; `ceiling`, the largest growth at which 97 % of an evening's requests are answered well; `recovery_min`, minutes until all is well again after a burst as in the history. Each as (low, high). And `bottleneck`: the component that is at its limit first, at that ceiling.

# %% cell="forecast_answer" kind="answer"
FORECAST = {
    "p99_ms": (0, 0),
    "cost_hour": (0, 0),
    "ceiling": (0, 0),
    "recovery_min": (0, 0),
    "bottleneck": "",
}

# %% cell="forecast" kind="check" points=15 dimension="Evaluation & Validation"
with visible_check("forecast"):
    problem = forecast_problem(FORECAST, DESIGN)
    assert not problem, problem
    record("forecast", FORECAST)

# %% [markdown] cell="about_disaster" minutes=3
# ## 6 · The region is gone · 3 minutes ✎ · 10 points
# `requirements.json` says how soon another region has to serve (`rto_min`) and how many minutes of data may be gone (`rpo_min`: the time between copies and what a copy takes). Put what it needs into your design (kind `standby`), and say what you expect of it, in minutes, as (low, high). The time is that to decide, to restore what has to be restored, to start machines, and to lead names elsewhere.

# %% cell="claim_answer" kind="answer"
CLAIM = {"rto_min": (0, 0), "rpo_min": (0, 0)}

# %% cell="disaster" kind="check" points=10 dimension="Model Deployment & Operations"
with visible_check("disaster"):
    problem = claim_problem(CLAIM)
    assert not problem, problem
    record("claim", CLAIM)

# %% [markdown] cell="about_choices" minutes=4
# ## 7 · Why so? · 4 minutes ✎
# For each bottleneck of today: what takes it away, with which technology of your own stack, and what you decided against, with a number. Which decision would you take back first if prices or load were different?

#
# A sketch is welcome and may say what the diagram cannot; it earns nothing by itself. Draw it with `sketchpad()`, in a tool of yours or on paper, and paste or drag the picture (PNG or JPEG) into the text.

# %% cell="sketch_try" kind="answer"
# sketchpad()

# %% [markdown] cell="choices_answer" kind="answer"
# …

# %% [markdown] cell="choices" kind="criterion" points=4 dimension="ML System Design"
# **Read by people:** the reasons above, beside the design. Do they follow from the numbers of this case?

# %% [markdown] cell="about_operations" minutes=3
# ## 8 · How is it run? · 3 minutes ✎
# What is watched, and from which value on does what happen? What scales, how fast, and what carries the load until then? What does a person do when a zone goes, and when the region goes?

# %% [markdown] cell="operations_answer" kind="answer"
# …

# %% [markdown] cell="operations" kind="criterion" points=4 dimension="Model Deployment & Operations"
# **Read by people:** the operation above. Could somebody who did not build it run it?

# %% [markdown] cell="about_walkthrough" minutes=3
# ## 9 · Your walk-through, in six lines · 3 minutes ✎
# You will present the design in 15 minutes. Write the six sentences that have to be left in your listeners' heads, the most important first, with the weakest spot of the design among them.

# %% [markdown] cell="walkthrough_answer" kind="answer"
# 1. …

# %% [markdown] cell="walkthrough" kind="criterion" points=4 dimension="Documentation & Communication"
# **Read and heard by people:** the lines above and the walk-through.

# %% [markdown] cell="about_submit" minutes=1
# ## 10 · Hand in · 1 minute ✎
# Say below what you used an assistant for, or "none". It costs no points. **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead. Your notebook is run again from top to bottom; what stands in the cells counts.

# %% [markdown] cell="disclosure_answer" kind="answer"
# Assistants used: …

# %% cell="submit"
overview()
submit()
