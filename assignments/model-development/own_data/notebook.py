# %% [markdown] cell="brief" minutes=10
# # Build the model, say how good it will be, and be right about it
#
# *3 to 4 hours, within the days that your invitation names; take breaks as you like.*
#
# **The task.** Predict `@target@` from the other columns: a function `predict(rows)` that gives for each row the probability that `@target@` is @positive@ (1 in the table). Then say, with an interval, how good it will be on rows that you have not seen. Somebody will plan with that number.
#
# **What you have**, in `case/` and as `case` below:
#
# | | |
# |---|---|
# | `case.train` (`train.parquet`) | the table with its label, as the systems hold it: nobody has cleaned it |
# | `case.requests` (`requests.parquet`) | some rows as the service gets them, no label |
# | `case.facts` (`facts.json`) | the label, how the hidden rows were split off, the naive pipeline's columns |
# | `data_dictionary.md` | what the columns mean, as far as anybody wrote it down |
# | `README_template.md` | headings for your README |
# | `Baseline`, `log_loss` in `toolkit/` | the naive pipeline; the loss by row |
# | `look`, `browse` in `toolkit/` | a column of any rows as a picture and a table |
#
# **The hidden rows.** @split@
#
# **How it is scored.** 100 points come from code that calls your `predict` on the hidden rows:
#
# | | points |
# |---|---|
# | data audit: what is wrong with the table | 10 |
# | log loss on the hidden rows, as a share of what a strong baseline wins over the naive one | 40 |
# | calibration on the hidden rows | 10 |
# | robustness: rows of every shape | 15 |
# | reproducible | 5 |
# | your own estimate of the log loss, with an interval | 20 |
#
# The strong baseline: repeated rows dropped, categories as codes (rare and new ones missing), times as hour, weekday and days, gradient boosting with modest settings, the mean of three ensembles, without what is known only afterwards. Full points for the log loss from 90 % of what it wins; more buys nothing. Calibration and the estimate count in full once a model wins 45 %. Five texts and the code are read by people, each on a scale from 1 to 4. Speed of work is not scored.
#
# **Budget.** On one core: `predict` for all hidden rows in at most 20 seconds; the notebook in at most 5 minutes and 2 GB, a cell in 90 seconds. No network. Grading runs this notebook from the top, so of a long search keep the result and not the search.
#
# **What is allowed.** Any installed library (numpy, pandas, scipy, scikit-learn, matplotlib), any reference, any method; scripts of your own beside this notebook, which it imports (put them into the zip too). Assistants are allowed too: say in the README what for, and expect to explain all of the work in the interview. The data are for this exercise only. Questions go to the contact person named in your invitation.
#
# **What is recorded.** This notebook as you hand it in. It is seen by the people who assess this opening and kept as your invitation says. No decision is made by a machine; you may ask for a re-mark, which a person answers.

# %% [markdown] cell="about_load" minutes=3
# ## 1 · Open the case · 3 minutes

# %% cell="load"
import numpy as np
import pandas as pd

from toolkit import *
from toolkit.names import LABEL
from worksample.workbook import clock, overview, record, submit, visible_check

clock(minutes=210)
case = load()
train, requests, facts = case.train, case.requests, case.facts
baseline = Baseline(facts["baseline"]).fit(train)
case

# %% cell="first_look"
train.head()

# %% [markdown] cell="about_audit" minutes=40
# ## 2 · What is wrong with the table? · 40 minutes ✎ · 10 points
# For each issue the columns that have it (or True for one of the whole table). Points for precision and recall, so neither leave out what you found nor list what you merely fear. Some issues are not there.

# %% cell="issues"
pd.Series(ISSUES, name="what it means").to_frame().style.set_properties(**{"text-align": "left"})

# %% cell="browse"
browse(train=train, requests=requests)

# %% cell="audit_work" kind="answer"
# ✎ your exploration: as many cells as you like


# %% cell="audit_answer" kind="answer"
AUDIT = {
    "written_after_outcome": [],
    "sentinel_value": [],
    "mixed_units": [],
    "rare_categories": [],
    "meaningless_id": [],
    "outliers": [],
    "constant_column": [],
    "duplicate_column": [],
    "repeated_rows": False,
    "changes_over_time": False,
    "sorted_by_label": False,
}

# %% cell="audit" kind="check" points=10 dimension="Data Understanding & Preprocessing"
with visible_check("audit"):
    problem = audit_problem(AUDIT, train.columns)
    assert not problem, problem
    record("audit", AUDIT)

# %% [markdown] cell="about_data" minutes=10
# **In words** (10 minutes): for each finding the evidence (a number or a picture; name the cell), what you do about it, and what you decided to leave as it is.

# %% [markdown] cell="data_answer" kind="answer"
# | finding | evidence | what I do about it |
# |---|---|---|
# | | | |
# | | | |

# %% [markdown] cell="data_handling" kind="criterion" points=4 dimension="Data Understanding & Preprocessing"
# **Read by people:** the table above and the cells behind it. Were the data understood before they were used, and does what was done follow from what was found?

# %% [markdown] cell="about_validation" minutes=30
# ## 3 · How will you know how good it is? · 30 minutes ✎
# Build the validation before the model: which rows stand in for the hidden ones, what must not be on both sides, which metric?

# %% cell="validation_answer" kind="answer"
# ✎ your validation

# %% [markdown] cell="about_model" minutes=55
# ## 4 · The model · 55 minutes ✎ · 40 + 10 points
# Data preparation, features, the model, and what you tried. Keep what you compared: two or three sensible steps with their numbers say more than a search over hundreds.

# %% cell="model_answer" kind="answer"
# ✎ your model


# %% [markdown] cell="about_predict" minutes=20
# ## 5 · `predict` · 20 minutes ✎ · 15 + 5 points
# `predict(rows)` gets a data frame with the columns of `case.requests` and gives one probability per row. In production it meets: categories never seen, missing values, columns in another order and more of them, an empty table, numbers or times as text, one row alone. It gives a probability for every row; where no number can be made of what stands in a column of numbers, it may raise a `ValueError` or `TypeError` instead. The same row gets the same probability, whatever comes with it.


# %% cell="predict_answer" kind="answer"
def predict(rows):
    raise NotImplementedError("write predict here")


# %% cell="performance" kind="check" points=40 dimension="ML Approach & Implementation"
with visible_check("performance"):
    served = requests.copy()
    problem = probabilities_problem(predict(served), len(requests))
    assert not problem, problem
    assert served.equals(requests), "predict(rows) changes its input: work on a copy"

# %% cell="calibration" kind="check" points=10 dimension="Evaluation & Validation"
with visible_check("calibration"):
    print(f"mean probability for the requests: {np.mean(predict(requests.copy())):.3f}")

# %% cell="robustness" kind="check" points=15 dimension="Code Quality & Organization"
shapes = {
    "no row": requests.head(0),
    "one row": requests.head(1),
    "another order of columns": requests[list(requests.columns[::-1])],
}
with visible_check("robustness"):
    for shape, shaped in shapes.items():
        problem = probabilities_problem(predict(shaped.copy()), len(shaped))
        assert not problem, f"{shape}: {problem}"

# %% cell="reproducible" kind="check" points=5 dimension="Code Quality & Organization"
with visible_check("reproducible"):
    backwards = np.asarray(predict(requests.iloc[::-1].copy()))[::-1]
    same = np.allclose(predict(requests.copy()), backwards)
    assert same, "the order of the rows should not matter"

# %% [markdown] cell="model_approach" kind="criterion" points=4 dimension="ML Approach & Implementation"
# **Read by people:** the model and what it was compared with. Does the approach fit the problem and its data, and are the choices reasoned?

# %% [markdown] cell="about_estimate" minutes=15
# ## 6 · How good will it be? · 15 minutes ✎ · 20 points
# Your estimate of the mean log loss of `predict` on the hidden rows, and an interval that should hold it with a probability of 80 %. Points by the interval score: its width, plus ten times the distance by which the truth lies outside. So you can expect most by writing down what you believe.

# %% cell="estimate_answer" kind="answer"
ESTIMATE = {"low": None, "log_loss": None, "high": None}

# %% cell="estimate" kind="check" points=20 dimension="Evaluation & Validation"
with visible_check("estimate"):
    problem = estimate_problem(ESTIMATE)
    assert not problem, problem
    record("estimate", ESTIMATE)

# %% [markdown] cell="evaluation" kind="criterion" points=4 dimension="Evaluation & Validation"
# **Read by people:** sections 3 and 6. Does the validation stand for what will happen in use, and does the estimate follow from it?

# %% [markdown] cell="about_readme" minutes=20
# ## 7 · README · 20 minutes ✎
# For the engineer who takes this over and the person who plans with it: decisions with reasons, limits, improvements. One page.

# %% [markdown] cell="readme_answer" kind="answer"
# # README
#
# ## What this is
#
# ## Decisions
#
# ## How good it is
#
# ## Limits
#
# ## Improvements
#
# ## How to run it
#
# ## Help

# %% [markdown] cell="readme" kind="criterion" points=4 dimension="Documentation & Communication"
# **Read by people:** the README. Could somebody take the model over, and would somebody who plans with it know what they may rely on?

# %% [markdown] cell="code_quality" kind="criterion" points=4 dimension="Code Quality & Organization"
# **Read by people:** all of your code. Could a colleague change it next month without asking you?

# %% [markdown] cell="submit" minutes=7
# ## 8 · Hand in · 7 minutes
# Restart the kernel and run everything once (**Kernel → Restart and run all**).
#
# **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead.

# %% cell="hand_in"
overview()
submit()
