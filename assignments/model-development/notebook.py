# %% [markdown] cell="brief" minutes=10
# # Build the model, say how good it will be, and be right about it
#
# *3 to 4 hours, within the days that your invitation names; take breaks as you like. Nothing to know about aviation: everything you need is in this folder.*
#
# **The task.** A service is asked, two hours before departure, how likely a flight is to arrive late (more than 15 minutes). A simple pipeline answers today. Build the model that replaces it: a function `predict(rows)` that gives one probability per row. Then say, with an interval, how good it will be on the five weeks after your table. Somebody will plan with that number.
#
# **What you have**, in `case/` and as `case` below:
#
# | | |
# |---|---|
# | `case.train` (`train.csv`) | twelve weeks of flights with the label `late`, as the systems hold them: nobody has cleaned them |
# | `case.requests` (`requests.csv`) | 600 requests as the service gets them: a sample of the five weeks after the table, no label |
# | `case.facts` (`facts.json`) | how often labels are keyed in wrongly, the baseline's columns, the budget |
# | `data_dictionary.md` | what the columns mean, as far as anybody wrote it down |
# | `README_template.md` | headings for your README |
# | `Baseline`, `log_loss` in `toolkit/` | the pipeline that runs today; the loss by row |
# | `look`, `browse` in `toolkit/` | a column of any rows by value and by week, as a picture and a table |
#
# **How it is scored.** 100 points come from code that calls your `predict` on the following five weeks, which you have not seen:
#
# | | points |
# |---|---|
# | data audit: what is wrong with the table | 10 |
# | log loss on the later weeks, as a share of what can be won between the baseline and the best that is possible | 30 |
# | nothing hangs on what is known only after arrival | 10 |
# | calibration on the later weeks, at each station | 10 |
# | robustness: rows of every shape | 15 |
# | reproducible | 5 |
# | your own estimate of the log loss, with an interval | 20 |
#
# Losses are measured against the *true probability* that each flight was late, which is known here: neither keying mistakes nor luck are in them. Full points for the log loss need less than all of what can be won (below): a lost weekend buys nothing. Calibration, the estimate and the points about later knowledge count in full once a model wins 45 % of what there is to win. Five texts and the code are read by people, each on a scale from 1 to 4. Speed of work is not scored.
#
# **Budget.** On one core: `predict` for 4,000 rows in at most 10 seconds (a call that takes longer counts as not answered); the notebook in at most 5 minutes and 2 GB, a cell in 90 seconds. What `predict` needs should fit into 20 MB: say in the README how large it is. No network. Grading runs this notebook from the top, so of a long search keep the result and not the search.
#
# **What is allowed.** Any installed library (numpy, pandas, scipy, scikit-learn, matplotlib), any reference, any method; scripts of your own beside this notebook, which it imports (put them into the zip too). Assistants are allowed too: say in the README what for, and expect to explain all of the work in the interview. Nothing proprietary is needed or wanted. Questions go to the contact person named in your invitation.
#
# **What is recorded.** This notebook as you hand it in. It is seen by the people who assess this opening and kept as your invitation says. No decision is made by a machine; you may ask for a re-mark, which a person answers.

# %% [markdown] cell="about_brief_junior" levels=["junior"]
# **Full points for the log loss** need 55 % of what can be won.

# %% [markdown] cell="about_brief_standard" levels=["standard"]
# **Full points for the log loss** need 75 % of what can be won.

# %% [markdown] cell="about_brief_senior" levels=["senior"]
# **Full points for the log loss** need 80 % of what can be won, and ten of the thirty points for the log loss are for speed: `predict` takes at most 80 % of the time of the baseline's `predict` on the same 12,000 rows in the same process, at no worse loss on these very rows, and in full once a model wins 45 % of what there is to win. The baseline's time is also taken outside your process, and counts at most one and a half times that. The two kinds of keying mistakes have different rates.

# %% [markdown] cell="about_load" minutes=3
# ## 1 · Open the case · 3 minutes
# Run a cell with **Shift+Enter**. The baseline is fitted here as it runs today.

# %% cell="load"
import numpy as np
import pandas as pd

from toolkit import *
from worksample.workbook import clock, overview, record, submit, visible_check

clock(minutes=210)
case = load()
train, requests, facts = case.train, case.requests, case.facts
baseline = Baseline(facts["baseline_columns"]).fit(train)
baseline_predict = baseline.predict
case

# %% cell="first_look"
train.head()

# %% [markdown] cell="about_audit" minutes=40
# ## 2 · What is wrong with the table? · 40 minutes ✎ · 10 points
# Look at the table as you would at one from a system you don't know: what is each column, when is it written, what do its odd values mean, what does it look like at serving time, what changes over the weeks? Then fill in the form: for each issue the columns that have it (or True for one of the whole table). Points for precision and recall, so neither leave out what you found nor list what you merely fear: an odd row or two among thousands are no issue, and some issues are not there. A unit belongs to the column with the measurements.

# %% cell="issues"
pd.Series(ISSUES, name="what it means").to_frame().style.set_properties(**{"text-align": "left"})

# %% cell="browse"
browse(train=train, requests=requests)

# %% [markdown] cell="about_audit_junior" levels=["junior"]
# A way in: each column of the table beside the same column of the requests. Which column is filled in one and not in the other? Which smallest or largest value cannot be a measurement? Which column has levels by the hundred, which has levels with hardly a row? `train.duplicated().sum()` counts repeated rows. For what changes over time, take the rows of the first and of the last weeks and `look` at the same column in both.


# %% cell="profile_junior" levels=["junior"]
def profile(rows):
    """Type, missing values, levels, rows of the rarest level and range of each column."""
    return pd.DataFrame(
        {
            "type": rows.dtypes.astype(str),
            "missing": rows.isna().mean().round(3),
            "levels": rows.nunique(),
            "rarest level": [rows[name].value_counts().min() for name in rows],
            "smallest": rows.min(),
            "largest": rows.max(),
        }
    )


asked = profile(requests)[["missing", "levels", "smallest", "largest"]]
profile(train).join(asked.add_suffix(", requests"))

# %% cell="weeks_junior" levels=["junior"]
half = train["scheduled_at"].min() + (train["scheduled_at"].max() - train["scheduled_at"].min()) / 2
first_weeks, last_weeks = train[train["scheduled_at"] < half], train[train["scheduled_at"] >= half]
browse(first_weeks=first_weeks, last_weeks=last_weeks)

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
# **In words** (another 10 minutes): for each finding the evidence (a number or a picture; name the cell), what you do about it, and what you decided to leave as it is.

# %% [markdown] cell="data_answer" kind="answer"
# | finding | evidence | what I do about it |
# |---|---|---|
# | | | |
# | | | |
# | | | |

# %% [markdown] cell="data_handling" kind="criterion" points=4 dimension="Data Understanding & Preprocessing"
# **Read by people:** the table above and the cells behind it. Were the data understood before they were used, and does what was done follow from what was found?

# %% [markdown] cell="about_validation" minutes=30
# ## 3 · How will you know how good it is? · 30 minutes ✎
# Build the validation before the model: which rows stand in for the five weeks to come, what must not be on both sides, which metric, against which labels? Below is what the baseline would report today. It is wrong in more than one way.

# %% [markdown] cell="about_validation_junior" levels=["junior"]
# Two helpers for you. Rows of the last weeks are the best stand-in for the weeks to come: `split_by_time`. And a loss against mistaken labels is too high: `loss_without_mistakes` gives each row the loss that is right on average, from the two rates of keying mistakes. Which rows must not be on both sides is left to you.

# %% cell="validation_junior" levels=["junior"]
MISSED = facts["keying_mistakes"]["late_keyed_as_on_time"]
INVENTED = facts["keying_mistakes"]["on_time_keyed_as_late"]


def split_by_time(rows, weeks=3):
    """Rows to fit on, and the rows of the last weeks to judge on."""
    cut = rows["scheduled_at"].max() - pd.Timedelta(weeks=weeks)
    return rows[rows["scheduled_at"] <= cut], rows[rows["scheduled_at"] > cut]


def loss_without_mistakes(labels, probabilities):
    """Loss of each row as it would be on average without keying mistakes, (n,)."""
    if_late = log_loss(np.ones(len(labels)), probabilities)
    if_not = log_loss(np.zeros(len(labels)), probabilities)
    keyed_late = (1 - INVENTED) * if_late - MISSED * if_not
    keyed_not = (1 - MISSED) * if_not - INVENTED * if_late
    return np.where(labels == 1, keyed_late, keyed_not) / (1 - MISSED - INVENTED)


# %% cell="validation_given"
from sklearn.model_selection import train_test_split

fit_rows, check_rows = train_test_split(train, test_size=0.25, random_state=0)
fitted = Baseline(facts["baseline_columns"]).fit(fit_rows)
print(
    f"log loss, random split: {log_loss(check_rows['late'], fitted.predict(check_rows)).mean():.3f}"
)

# %% cell="validation_answer" kind="answer"
# ✎ your validation

# %% [markdown] cell="about_model" minutes=55
# ## 4 · The model · 55 minutes ✎ · 30 + 10 + 10 points
# Data preparation, features, the model, and what you tried. Keep what you compared: two or three sensible steps with their numbers say more than a search over hundreds.

# %% [markdown] cell="about_model_junior" levels=["junior"]
# A way through it: one function `prepare(rows)` that makes numbers of a table's rows (units converted, unknown values missing, categories as codes, the time of the day) and that training and `predict` share; a model that was fitted on `prepare(rows)`; its probabilities, corrected for keying mistakes: if `p` is the probability of being *keyed* late, `(p - INVENTED) / (1 - MISSED - INVENTED)` is that of *being* late. The data dictionary suggests a feature or two.

# %% cell="model_answer" kind="answer"
# ✎ your model


# %% [markdown] cell="about_predict" minutes=20
# ## 5 · `predict` · 20 minutes ✎ · 15 + 5 points
# `predict(rows)` gets a data frame with the columns of `case.requests` and gives one probability per row. In production it meets: categories never seen, missing values, columns in another order and more of them, an empty table, numbers or times as text, either unit, one row alone. No column is left out, but any value may be missing, the unit too. It gives a probability for every row, by a guess where values are missing or new; only where words stand in a column of numbers may it raise a `ValueError` or `TypeError` instead. The same row gets the same probability, whatever comes with it.


# %% cell="predict_answer" kind="answer"
def predict(rows):
    raise NotImplementedError("write predict here")


# %% cell="performance" kind="check" points=30 dimension="ML Approach & Implementation"
with visible_check("performance"):
    problem = probabilities_problem(predict(requests.copy()), len(requests))
    assert not problem, problem

# %% cell="leak" kind="check" points=10 dimension="Data Understanding & Preprocessing"
with visible_check("leak"):
    served = requests.copy()
    predict(served)
    assert served.equals(requests), "predict(rows) changes its input: work on a copy"

# %% cell="calibration" kind="check" points=10 dimension="Evaluation & Validation"
with visible_check("calibration"):
    print(f"mean probability for the requests: {np.mean(predict(requests.copy())):.3f}")

# %% cell="robustness" kind="check" points=15 dimension="Code Quality & Organization"
shapes = {
    "no row": requests.head(0),
    "one row": requests.head(1),
    "another order of columns": requests[list(requests.columns[::-1])],
    "a new category": requests.assign(carrier="??"),
    "a missing value": requests.assign(booked=np.nan),
    "numbers as text": requests.assign(seats=requests["seats"].astype(str)),
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

# %% [markdown] cell="speed_given" levels=["senior"]
# A first look at the speed (the grading takes the shortest of several turns each, on 12,000 rows):

# %% cell="speed" levels=["senior"]
from time import perf_counter

many = requests.sample(12000, replace=True, random_state=0, ignore_index=True)


def milliseconds(function):
    """The shortest of three turns."""
    times = []
    for _ in range(3):
        begun = perf_counter()
        function(many)
        times.append(perf_counter() - begun)
    return 1000 * min(times)


print(f"baseline {milliseconds(baseline_predict):.0f} ms, yours {milliseconds(predict):.0f} ms")

# %% [markdown] cell="model_approach" kind="criterion" points=4 dimension="ML Approach & Implementation"
# **Read by people:** the model and what it was compared with. Does the approach fit the problem and its data, and are the choices reasoned?

# %% [markdown] cell="about_estimate" minutes=15
# ## 6 · How good will it be? · 15 minutes ✎ · 20 points
# Your estimate of the mean log loss of `predict` on the five later weeks, against the true probabilities as above, and an interval that should hold it with a probability of 80 %. Points by the interval score: its width, plus ten times the distance by which the truth lies outside; all up to 0.10, none from 1.00, between them by its logarithm (half at 0.32); and none for a width from 0.30. A width of up to 0.10 costs nothing; where you are less sure than that, nobody gains by hiding it. `log_loss` itself is not scored: it is the number that somebody will plan with.

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
# For the engineer who takes this over and the person who plans with it: decisions with reasons, limits, improvements. One page. The headings are from the template; change them as you see fit.

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
