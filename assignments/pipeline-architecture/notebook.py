# %% [markdown] cell="brief" minutes=3
# # Your pipeline runs for a quarter
#
# *About 35 minutes, then a talk of 15. No knowledge of any trade is needed: everything stands in this folder.*
#
# **What it is.** A shop scores every order as it comes; what became of an order is known days later. Today a nightly copy feeds a model that nobody looks at. Design the pipeline that brings rows to features, models into use and people's rows out again, and say beforehand what it will do next quarter.
#
# **What you have**, in `case/` and in `case` below: `dossier.md` (what five departments require from next quarter on), `history.md` (what goes wrong, and what is known of next quarter), `facts.json` (what each part does and costs, and last quarter's requirements as `needs`), `rows.csv` (last quarter by hour), `current.yaml` (today's design); and a simulator with last quarter's world.
#
# **What you deliver**: answers in the cells marked ✎, and two short texts. You may go back at any time.
#
# **How it is scored.** 100 points come from running your answers through a quarter that nobody has seen: the quarter 45, own numbers 15, own failures 20, structure 10, a change 10. The quarter is run three times: with growth and what is owed, with faults of data in addition, with faults of the works in addition. What counts is money: the platform, what is above the budget three times more, features that are too old, wrong answers, people not erased, questions not answered. Full points to 1.25 times what the best loses that a search found, none from 0.6 times what today's design loses, by the logarithm in between. Many designs get there; what is not needed costs. The other parts count in full only if the design earns half of the quarter's points. An interval earns less the wider it is, and much less if the truth lies outside: give the one that you are 80 % sure of. Speed is not scored.
#
# **What is allowed.** Any installed library, any reference, any method, assistants too: say at the end what you used one for, and expect to explain all of it. If something is unclear, ask the contact person in your invitation.
#
# **What is recorded.** This notebook as you hand it in; seen by those who assess this opening. No decision is made by a machine; you may ask for a re-mark by a person.

# %% [markdown] cell="brief_junior" levels=["junior"]
# **Junior level:** `offered()` shows ready-made parts, and `form(DESIGN)` has a field for every setting and every arrow, so you connect and set them without writing YAML. You can rehearse every kind of fault.

# %% [markdown] cell="brief_senior" levels=["senior"]
# **Senior level:** more than one of the requirements is hard to meet at once.

# %% [markdown] cell="about_load" minutes=5
# ## 1 · Open the case · 5 minutes
# Run a cell with **Shift+Enter**. Read both papers: the requirements stand in the dossier, in the units of whoever wrote them, and not in `facts.json`, which has last quarter's.

# %% cell="load"
import numpy as np
import pandas as pd

from toolkit import *
from worksample.workbook import *

clock(minutes=35)
case = load()
facts = case.facts.data
show(case.current)

# %% cell="papers"
from IPython.display import Markdown

Markdown(case.dossier + "\n\n" + case.history)

# %% cell="look_rows"
rows()

# %% cell="catalogue"
parts()  # of one kind: parts("trainer")

# %% [markdown] cell="about_design" minutes=10
# ## 2 · The design · 10 minutes ✎ · 45 + 10 points
# Write it below. Components have a name, a `kind`, settings, `to:` (what they lead to) and, if you like, `because:` (product and reason, in your own stack). `case.facts.catalogue.schema()` is the schema; mistakes are told with their line. A design has one loader and one maker of features; a guard counts if no row gets past it.
#
# | | |
# |---|---|
# | `edit(DESIGN)` | a text field with mistakes, price and picture as you type; run its cell again to keep it |
# | `form(DESIGN)` | fields for settings and arrows instead |
# | `show(DESIGN)`, `save_svg(DESIGN)` | the picture |
# | `rehearse(DESIGN, growth=1.3, needs={...})` | a quarter that ends at 1.3 times today's rows, with other requirements than last quarter's; `event="schema"`, `"late"` or `"trainer"` as they came last quarter, which were milder than the worst |
#
# **Structure**, 10 points, is read from the arrows: nothing reaches a training but through masking; no model serves that a gate has not let through; versions are kept on the way to serving; from an answer one comes to its model, code and data.
#
# Feature jobs begin when rows are there if there is an orchestration, else by the clock, half an interval later. Trainings leave out the newest `wait_days`; of younger rows few outcomes are known, and a row without one is taken for a good one.

# %% cell="offered" levels=["junior"]
offered()

# %% cell="design_answer" kind="answer"
DESIGN = case.current
edit(DESIGN)

# %% cell="rehearsal" kind="answer"
rehearse(DESIGN, growth=1.0)

# %% cell="quarter" kind="check" points=45 dimension="ML System Design"
with visible_check("quarter"):
    problem = design_problem(DESIGN)
    assert not problem, problem
    record("design", plain_design(DESIGN))

# %% cell="structure" kind="check" points=10 dimension="Model Deployment & Operations"
with visible_check("structure"):
    problem = design_problem(DESIGN)
    assert not problem, problem
    print("The design can be read. Four questions are asked of its arrows.")

# %% [markdown] cell="about_numbers" minutes=3
# ## 3 · Your design in numbers · 3 minutes ✎ · 15 points
# Of **your** design next quarter, each as (low, high): `rows_day`, million rows a day in the last week; `stored_tb`, terabytes in all stores at the end; `train_rows`, million rows with outcomes in the last training; these three without faults. `worst_age_h`, hours that its oldest features are old, with the year's faults of data; `cost_month`, the platform's money in the last 30 days, with the faults of the works.

# %% cell="numbers_answer" kind="answer"
NUMBERS = {
    "rows_day": (0, 0),
    "stored_tb": (0, 0),
    "train_rows": (0, 0),
    "worst_age_h": (0, 0),
    "cost_month": (0, 0),
}

# %% cell="numbers" kind="check" points=15 dimension="Performance Optimization"
with visible_check("numbers"):
    problem = numbers_problem(NUMBERS)
    assert not problem, problem
    record("numbers", NUMBERS)

# %% [markdown] cell="about_failures" minutes=4
# ## 4 · Your design when things fail · 4 minutes ✎ · 20 points
# Each happens once next quarter, within what the history tells. Which component of **your** design catches it (its name, or `"nobody"`)? Guards fail too: which one catches it if that one is out of order just then, and what does it cost **then**, in money, as low and high? Cost is what the quarter loses more than without this one. Where `"nobody"` catches it, nobody is the second too. `rehearse(DESIGN, event="schema", out="name")` runs one with a component out of order. Of a trainer, a loader or a serving that is out of order only the eyes are shut: it works, and sees nothing.

# %% cell="failures_answer" kind="answer"
FAILURES = {
    "schema": ("nobody", "nobody", 0, 0),  # (who catches it, who if that one is out, low, high)
    "doubled": ("nobody", "nobody", 0, 0),
    "value": ("nobody", "nobody", 0, 0),
    "labels": ("nobody", "nobody", 0, 0),
    "code": ("nobody", "nobody", 0, 0),
    "trainer": ("nobody", "nobody", 0, 0),
}

# %% cell="failures" kind="check" points=20 dimension="Data Engineering for ML"
with visible_check("failures"):
    problem = failures_problem(FAILURES, DESIGN)
    assert not problem, problem
    record("failures", FAILURES)

# %% [markdown] cell="about_change" minutes=4
# ## 5 · Something else is asked for · 4 minutes ✎ · 10 points
# Open it when your first design stands. Revise that design below; the first one stays as it is and is judged by what was asked before. The revision is judged by what it meets of the change, and by what it breaks or costs elsewhere.

# %% cell="open_change" kind="answer"
# open_change()

# %% cell="revised_answer" kind="answer"
REVISED = DESIGN
edit(REVISED, "REVISED")

# %% cell="change" kind="check" points=10 dimension="Practical Problem-Solving"
with visible_check("change"):
    problem = design_problem(REVISED)
    assert not problem, problem
    record("revised", plain_design(REVISED))

# %% [markdown] cell="about_choices" minutes=3
# ## 6 · Why so? · 3 minutes ✎
# Ingestion and checks, features and stores, training and gate, serving, monitoring, code: for the three decisions that matter most, which technology of your own stack, what you decided against, and the number that decided. Which requirement binds, and how do you know?

#
# A sketch is welcome and may say what the diagram cannot; it earns nothing by itself. Draw it with `sketchpad()`, in a tool of yours or on paper, and paste or drag the picture (PNG or JPEG) into the text.

# %% cell="sketch_try" kind="answer"
# sketchpad()

# %% [markdown] cell="choices_answer" kind="answer"
# …

# %% [markdown] cell="choices" kind="criterion" points=4 dimension="ML System Design"
# **Read by people:** components and reasons above, beside the design. Do they follow from this case?

# %% [markdown] cell="tradeoffs" kind="criterion" points=4 dimension="Practical Problem-Solving"
# **Read and heard by people:** what was weighed against what, above and in the talk. What was given up, and at which price?

# %% [markdown] cell="about_governance" minutes=2
# ## 7 · Who may, who is told, what is kept? · 2 minutes ✎
# How is somebody erased, step by step, and how do you show it? Who may publish a model and who takes it back? Where do names of people end?

# %% [markdown] cell="governance_answer" kind="answer"
# …

# %% [markdown] cell="governance" kind="criterion" points=4 dimension="Model Deployment & Operations"
# **Read by people:** governance and security above. Would it hold before a supervisor?

# %% [markdown] cell="about_submit" minutes=1
# ## 8 · Hand in · 1 minute ✎
# Say below what you used an assistant for, or "none". It costs no points. **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead. Your notebook is run again from top to bottom; what stands in the cells counts.

# %% [markdown] cell="disclosure_answer" kind="answer"
# Assistants used: …

# %% cell="submit"
overview()
submit()
