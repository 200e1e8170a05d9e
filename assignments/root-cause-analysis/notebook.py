# %% [markdown] cell="brief" minutes=5
# # Why did the model get worse?
#
# *About 55 minutes. No knowledge of any trade is needed: everything stands in this folder.*
#
# **What happened.** A travel service predicts, about an hour before departure, whether a trip will arrive late. Every prediction has a score from 0 to 1; from a threshold on the trip is *flagged*, and its passengers are told. For weeks the predictions were good. Then something happened, and now they are worse. Today is the last day of the log. Find out what it was, prove it, and say what to do.
#
# **What you have**, in the folder `case/` and as data frames in `case` below:
#
# | file | what it is |
# |---|---|
# | `predictions.csv` | the log: one row per prediction, inputs as the model saw them, versions, host, latency, score, flag |
# | `outcomes.csv` | which trips were late; outcomes come in some time after the prediction |
# | `training.csv` | a sample of what the newest released model was trained on |
# | `metrics_daily.csv`, `system_metrics.csv` | the team's dashboard (noisy, with gaps); latency, errors and queue by hour and host |
# | `change_log.csv` | deployments, migrations, notices, configuration, incidents. Most of them are innocent |
# | `models/`, `preprocessing/` | every model version and every preprocessing version there ever was |
# | [architecture.svg](case/architecture.svg), [data_dictionary.md](case/data_dictionary.md) | how the parts hang together; what each column means |
#
# **What you deliver**: answers in the cells marked ✎, and three short texts. You work from top to bottom; each section says its minutes, and you may go back at any time.
#
# **How it is scored.** 100 points come from code that runs your answers on later rows you have not seen: first day 10, spread over hypotheses 30, affected rows 15, remedy 5 + 15, change log 10, transfer 15. Three texts are read by people, each on a scale from 1 to 4. Where you give points or probabilities, the scoring rule is a *proper* one: you can expect most by writing down exactly how sure you are. All on one cause earns everything if you are right and nothing if you are wrong; a fair spread earns part either way. Speed is not scored.
#
# **"Affected"** means: a row whose inputs, score, decision, outcome or place in the log differ from what they would have been without the incident. Of an outcome its record counts: one that is another trip's is affected also where its label happens to be the same. If it was the world that changed, it means the rows of that part of the population which changed.
#
# **What is allowed.** Any installed library (numpy, pandas, scipy, scikit-learn, matplotlib, ipywidgets), any reference, any method. Assistants are allowed too: say at the end what you used one for, and expect to explain all of the work yourself. Nothing proprietary is needed or wanted. If something is unclear, ask the contact person named in your invitation; a teammate will answer questions about the system.
#
# **What is recorded.** This notebook as you hand it in, and the minute at which each of your three spreads was written. It is seen by the people who assess this opening and kept as your invitation says. No decision is made by a machine; you may ask for a re-mark, which a person answers.

# %% [markdown] cell="brief_junior" levels=["junior"]
# **Junior level:** there is one cause, and it is one of six that the notebook offers. Rows and remedy can be put together from fields, without code; only section 12 asks for a function of your own.

# %% [markdown] cell="brief_standard" levels=["standard"]
# **Standard level:** there is one cause. It may have come in stages, and may hit only part of the rows that it could hit. More than one thing changed in those weeks, though, and not everything that changed did harm: what did none is no part of the incident, however much it shows. The folder also holds `on_call.md`: what the people on call wrote at the time, which nobody has checked.

# %% [markdown] cell="brief_senior" levels=["senior"]
# **Senior level:** there are two causes of unequal size; one of them may be a fault of the measurement. Each has an onset of its own, may come in stages, hit only part of the rows, and go away for a day or two. Not everything that changed did harm: what did none is no part of the incident, however much it shows. The folder also holds `on_call.md`: what the people on call wrote at the time, which nobody has checked. In section 12 you also say which share of the loss each has.

# %% [markdown] cell="about_load" minutes=1
# ## 1 · Open the case · 1 minute
# Run a cell with **Shift+Enter**. `case` holds the tables: `case.log` (predictions joined with all outcomes known today), `case.frozen` (the same as the dashboard saw it, two days after each day), `case.outcomes`, `case.training`, `case.dashboard`, `case.system`, `case.changes`, `case.registry`.

# %% cell="load"
import numpy as np
import pandas as pd

from toolkit import *
from worksample.workbook import *

clock(minutes=55)
case = load()
log = case.log
case

# %% [markdown] cell="about_performance" minutes=2
# ## 2 · What got worse? · 2 minutes
# `performance()` draws a metric by day with 90 % intervals; triangles are days whose outcomes are still coming in. Try other metrics: `"auc"` (ranking), `"log_loss"`, `"calibration"`, `"precision"`, `"recall"` (decisions), `"late_rate"`, `"flag_rate"`, `"cost"`, `"mean_score"`, `"reported"`, `"rows"`. It takes any part of the log: `performance("auc", rows=log[log.host == "..."])`.

# %% cell="performance"
performance("auc")

# %% cell="performance_more" kind="answer"
performance("calibration")

# %% [markdown] cell="about_trace_1" minutes=1
# ## 3 · First impression · 1 minute ✎
# Spread 100 points over what might have caused it, and name the test you will do next. This first spread is **not scored**; it shows the readers how your view developed. Use the fields (Tab and arrow keys work), then press **Shift+Enter** there, or run the cell once more: your points are written into it. **Escape** leaves the fields for the cell; from the cell, **Tab** goes into them. Or type them: `spread_1 = {"mix_shift": 60, "wrong_model": 40}`; `list_hypotheses()` gives the names.

# %% cell="trace_1" kind="answer"
spread_1 = {}
next_test_1 = ""
decision_trace(1, spread_1, next_test_1)

# %% [markdown] cell="about_investigate" minutes=8
# ## 4 · Investigate · 8 minutes
# `explore()` puts the views into one place (Tab goes from field to field, arrow keys change them, Escape leaves them). Every view is also one line of code, shown below its picture, for your own cells:
#
# | | |
# |---|---|
# | `timeline("auc")` | a metric by day with the change log over it |
# | `slice_by("host", "auc", since="YYYY-MM-DD")` | a metric for each group of any column, before and after a day |
# | `compare("queue_len", since="YYYY-MM-DD", by="feed")` | what is in a column before and after |
# | `system("p95")` | system metrics by host |
# | `replay(remedy)` | score the log again after a remedy, and compare |
# | `case.changes`, `case.log`, `case.models.score(rows)` | the tables; the deployed scoring; anything pandas does |
#
# A guess becomes a cause when a test could have refuted it and did not. Keep the table in section 5 up to date while you work.

# %% cell="explorer"
explore()

# %% cell="changes"
change_log()

# %% cell="investigate" kind="answer"
# ✎ your own tests: as many cells as you like


# %% [markdown] cell="about_investigation" minutes=4
# ## 5 · The investigation · 4 minutes ✎
# Fill the table in along the way: at least four hypotheses, the ones you dropped too. A test is something that could have come out either way; the result is a number or a picture of yours (name the cell), and what follows from it.

# %% [markdown] cell="investigation_answer" kind="answer"
# | hypothesis | test: what did you look at, what would refute it? | result | so |
# |---|---|---|---|
# | | | | |
# | | | | |
# | | | | |
# | | | | |

# %% [markdown] cell="investigation" kind="criterion" points=4 dimension="Data Understanding & Preprocessing"
# **Read by people:** the table above and the tests behind it. How thoroughly were the data looked at, and do the results carry what is concluded from them?

# %% [markdown] cell="about_onset" minutes=2
# ## 6 · When did it begin? · 2 minutes ✎ · 10 points
# The first day on which rows were affected, however few. Full points within one day, half within three.

# %% [markdown] cell="about_onset_senior" levels=["senior"]
# **Senior:** the first day of the cause with the larger share of the loss.

# %% cell="onset_answer" kind="answer"
ONSET = ""  # "YYYY-MM-DD"

# %% cell="onset" kind="check" points=10 dimension="Data Understanding & Preprocessing"
with visible_check("onset"):
    problem = date_problem(ONSET, first=log["served_at"].min(), last=log["served_at"].max())
    assert not problem, problem
    record("onset", ONSET)

# %% [markdown] cell="about_trace_2" minutes=1
# ## 7 · Half-way · 1 minute ✎
# The same spread again, as you see it now. Not scored either.

# %% cell="trace_2" kind="answer"
spread_2 = {}
next_test_2 = ""
decision_trace(2, spread_2, next_test_2)

# %% [markdown] cell="about_changelog" minutes=3
# ## 8 · Which change set it off? · 3 minutes ✎ · 10 points
# Give a probability to each of the five entries; together at most 1. What is left over is the probability that it was *none of them*. "It was deployed that week" is where a test begins.

# %% [markdown] cell="about_changelog_senior" levels=["senior"]
# **Senior:** there are two causes, but at most one of the five entries set anything off; it may belong to either cause.

# %% cell="named_entries"
named_entries()

# %% cell="changelog_answer" kind="answer"
CHANGELOG = {}  # entry: probability

# %% cell="changelog" kind="check" points=10 dimension="Evaluation & Validation"
with visible_check("changelog"):
    problem = probabilities_problem(CHANGELOG, known=case.questions["named_entries"])
    assert not problem, problem
    record("changelog", CHANGELOG)

# %% [markdown] cell="about_affected" minutes=4
# ## 9 · Which rows are affected? · 4 minutes ✎ · 15 points
# A function that takes rows of the log and returns one True or False per row. It will be run on rows from **other** days, before the incident and long after it began, in the form of `case.frozen`: as the dashboard froze them two days after their day. Scored by F1, counted from what marking every row would have, or those that were flagged. Write it yourself, or put it together with `where`:
#
# `affected = where(since=ONSET, feed="…", queue_len=missing())` · values, lists, `at_least(5)`, `at_most(5)`, `between(1, 5)`, `missing()`, `present()` or any function of the column · `repeated(by="…")` · `differs(column, other)` · combine with `either(…, …)`, `both(…, …)`, `not_in(…)`

# %% [markdown] cell="about_affected_junior" levels=["junior"]
# `build_rows()` puts the line together for you: choose columns and values, see how many rows they fit, and copy the line into the cell below.

# %% cell="row_builder" levels=["junior"]
build_rows()


# %% cell="affected_answer" kind="answer"
def affected(rows):
    return rows["score"] < 0  # no row yet


# %% cell="affected" kind="check" points=15 dimension="Data Understanding & Preprocessing"
with visible_check("affected"):
    before = log.copy()
    later = log.assign(served_at=log["served_at"] + pd.Timedelta(days=30)).head(500)
    for rows in (log, later, log.head(1)):
        problem = mask_problem(affected(rows.copy()), len(rows))
        assert not problem, problem
    marks = affected(before)
    assert before.equals(log), "affected(rows) changes its input: work on a copy"
    print(f"{int(np.asarray(marks).sum())} of {len(log)} rows of the log marked")

# %% [markdown] cell="about_remedy" minutes=5
# ## 10 · What would make it good again? · 5 minutes ✎ · 5 + 15 points
# **First the kind of remedy**, one of `repair_input`, `roll_back`, `replay_with_right_version`, `retrain`, `correct_threshold`, `mend_measurement`, `wait`. (`mend_measurement`: the model is fine, what is measured is not.)
#
# **Then the remedy itself**: a function that takes rows of the log and returns them as they should have been. It may change inputs, `model_version`, `prep_version`, `threshold`, `late`; rows it leaves out, or whose `late` it sets to missing, are left out of the measurement. `model_version = "retrain:YYYY-MM-DD"` means: a model fitted again on the log from that day on. It is run on later rows, and scored by how much of the loss it wins back compared with the best possible remedy, in the metric that this cause harmed. What it changes in rows that nothing was wrong with counts against it, and fitting again counts only where that is what the cause needs.
#
# `replay(remediate)` runs your remedy on the log you have, by the same code as the grading does on later rows.

# %% [markdown] cell="about_remedy_own" levels=["standard", "senior"]
# Write the function yourself; plain work on the table does. `rows.assign(rescore=mask)` has the rows of the mask scored again with the versions that the log names, `rows.assign(threshold=0.25)` decided again; a new input or version in a row has that row scored again.

# %% [markdown] cell="about_remedy_senior" levels=["senior"]
# **Senior:** the kind of remedy for either cause is right.

# %% [markdown] cell="about_remedy_junior" levels=["junior"]
# Ready-made, all of them with `where=`: `rescale(column, multiply, add)`, `as_missing(column)`, `set_column(column, value)`, `remap(column, {…})`, `borrow(column, among)`, `roll_back(version)`, `use_preprocessing(version)`, `set_threshold(value)`, `retrain(since)`, `score_again()`, `join_again()`, `as_not_reported()`, `drop_duplicates(by)`, `wait_for_labels(days)`, `leave_out(rows)`, and `one_after_another(…, …)`. `remedies.py` in `toolkit/` shows how short they are.
#
# `build_remedy()` puts the line together for you.

# %% cell="remedy_builder" levels=["junior"]
build_remedy()

# %% cell="remedy_answer" kind="answer"
REMEDY_TYPE = ""


def remediate(rows):
    return rows


replay(remediate)

# %% cell="remedy_type" kind="check" points=5 dimension="Evaluation & Validation"
with visible_check("remedy_type"):
    assert REMEDY_TYPE in REMEDY_TYPES, f"choose one of: {', '.join(REMEDY_TYPES)}"
    record("remedy_type", REMEDY_TYPE)

# %% cell="remedy_effect" kind="check" points=15 dimension="ML Approach & Implementation"
with visible_check("remedy_effect"):
    before = log.copy()
    mended = remediate(before)
    assert isinstance(mended, pd.DataFrame), "remediate(rows) should return a data frame"
    assert before.equals(log), "remediate(rows) changes its input: work on a copy"
    assert set(log.columns) <= set(mended.columns), "remediate(rows) should keep all columns"
    assert len(mended) <= len(log), "remediate(rows) should not return more rows than it got"
    remediate(log.assign(served_at=log["served_at"] + pd.Timedelta(days=30)).head(500))
    print(f"{len(mended)} of {len(log)} rows kept")

# %% [markdown] cell="about_trace_3" minutes=1
# ## 11 · Where you stand · 1 minute ✎ · 30 points
# **This spread is scored**: 25 points for the hypothesis, 5 for its family, counted from what spreading the points evenly would have.

# %% [markdown] cell="about_trace_3_senior" levels=["senior"]
# **Senior:** give each cause the share of the loss that you think it has. What the loss is measured in, section 12 says.

# %% cell="trace_3" kind="answer"
spread_3 = {}
next_test_3 = ""
decision_trace(3, spread_3, next_test_3)

# %% cell="trace" kind="check" points=30 dimension="Evaluation & Validation"
with visible_check("trace"):
    problem = spread_problem(spread_3, known=hypothesis_ids())
    assert not problem, problem
    record(
        "trace",
        [
            noted(1, spread_1, next_test_1),
            noted(2, spread_2, next_test_2),
            noted(3, spread_3, next_test_3),
        ],
    )
# not scored, but read
for name, spread, next_test in (
    ("trace_1", spread_1, next_test_1),
    ("trace_2", spread_2, next_test_2),
    ("trace_3", spread_3, next_test_3),
):
    with visible_check(name):
        problem = spread_problem(spread, known=hypothesis_ids())
        assert not problem, problem
        problem = text_problem(next_test)
        assert not problem, f"next test: {problem}"

# %% [markdown] cell="about_transfer" minutes=7
# ## 12 · The next one · 7 minutes ✎ · 15 points
# Another model, another fault, and this time we tell you what it is. `transfer_task()` says it. Write the guard that would have caught it: `guard(reference, window)` gets the healthy weeks and one window of consecutive days, and returns `True` for an alarm. It is run on hidden windows, one at a time: points for the faulty ones it finds less the healthy ones it raises an alarm on, full from 90 %. It needs nothing from the first incident.

# %% cell="transfer_task"
transfer_task()


# %% cell="transfer_answer" kind="answer"
def guard(reference, window):
    return False


try_guard(guard)

# %% [markdown] cell="about_shares" levels=["senior"]
# **Senior:** half of these points are for `SHARES`: this case has two causes (or a cause and a fault of the measurement). Which share of the loss has each? The loss is that of the AUC on this log, or of the cost of decisions (`cost`) where one of the two is a wrong threshold; other metrics would divide it otherwise. The shares are of what both remedies together give back; what a remedy gives back alone and what it adds to the other differ, and count half each. It is the same question as the last spread, asked for the two causes alone: once you are sure which they are, the same numbers will do. `SHARES = {"concept_change": 70, "label_join": 30}`

# %% cell="shares_answer" kind="answer" levels=["senior"]
SHARES = {}

# %% cell="transfer" kind="check" points=15 dimension="ML Approach & Implementation"
with visible_check("transfer"):
    reference = transfer_reference()
    for part in (reference.head(len(reference) // 4), reference.tail(len(reference) // 4)):
        alarm = guard(reference.copy(), part.reset_index(drop=True))
        problem = f"guard should return True or False, not {alarm!r}"
        assert isinstance(alarm, (bool, np.bool_)), problem
if "SHARES" in globals():
    with visible_check("shares"):
        problem = spread_problem(SHARES, known=hypothesis_ids())
        assert not problem, problem
        record("shares", SHARES)

# %% [markdown] cell="about_incident_note" minutes=6
# ## 13 · The incident note · 6 minutes ✎
# One note for two readers. **Engineers first:** the cause, since when, which rows, the evidence with its numbers, what was ruled out and how, what is still uncertain, what to do now. **Then exactly five sentences for the business:** what passengers and staff noticed, how large it is, whether it is over, what happens next, what you need from them. No technical terms there.

# %% [markdown] cell="incident_note_answer" kind="answer"
# **For engineers**
#
# …
#
# **For the business, in five sentences**
#
# …

# %% [markdown] cell="incident_note" kind="criterion" points=4 dimension="Documentation & Communication"
# **Read by people:** the note above. Can each of its two readers act on it, and does it say how sure it is?

# %% [markdown] cell="about_prevention" minutes=3
# ## 14 · Next steps · 3 minutes ✎
# What to do today, this week and this quarter, with who does it and how one sees that it worked. How would this have been caught on its first day, and what would that cost in false alarms?

# %% [markdown] cell="prevention_answer" kind="answer"
# - today: …
# - this week: …
# - this quarter: …
# - caught on day one by: …

# %% [markdown] cell="prevention" kind="criterion" points=4 dimension="Practical Problem-Solving"
# **Read by people:** the next steps above. Do they follow from the cause, and are they worth their price?

# %% [markdown] cell="about_submit" minutes=2
# ## 15 · Hand in · 2 minutes ✎
# Say below what you used an assistant for, or "none". It costs no points.
#
# **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead.
#
# Your notebook is run again from top to bottom. What stands in the cells counts; nothing that you ran and then removed does.

# %% [markdown] cell="disclosure_answer" kind="answer"
# Assistants used: …

# %% cell="submit"
overview()
submit()
