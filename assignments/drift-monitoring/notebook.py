# %% [markdown] cell="brief" minutes=6
# # A monitor that you would trust to wake you up
#
# *About 75 minutes, of which six are for reading this. No knowledge of any trade is needed: everything stands in this folder.*
#
# A service predicts whether a flight will arrive late. The model is deployed and nobody watches it. You have its history, its recent past and a [requirements document](case/requirements.md). Build the monitor, show what it sees, and say what to do when it calls.
#
# | file in `case/` | what it is |
# |---|---|
# | `reference.parquet` | the history: windows of two consecutive days, in runs of eight, from all seasons, with outcomes |
# | `recent.parquet` | the last eight windows, with the outcomes known by then |
# | `model.json` | the deployed model; `case.model.score(rows)` |
# | [requirements.md](case/requirements.md), [data_dictionary.md](case/data_dictionary.md) | what is asked for and what things cost; what each column means |
# | `alerts.json` | six alerts for your response plan |
#
# **How it is scored.** 100 points come from code that runs your answers on data you have not seen: a stability index 15, the monitor 55, the columns it names 15, a response plan 10, a dashboard 5. The monitor is run on more than 200 windows in which nothing is wrong and on streams with faults of the kinds that the requirements list; some are clear, some are not, and some streams look odd but are well. What counts is what it costs at the prices of your case: each false alarm, and each window that a fault goes unnoticed, five at most. All points take what 2 % false alarms and an alarm one window after the onset cost; a monitor that looks at nothing gets none. Two texts, the dashboard and your code are read by people. Speed is not scored, but a cell may run for 120 seconds, a `check` for 10 and the whole notebook for ten minutes.
#
# **What is allowed.** Any installed library (numpy, pandas, scipy, scikit-learn, matplotlib, ipywidgets), any reference, any method. Assistants are allowed too: say at the end what you used one for, and expect to explain all of the work yourself. Nothing proprietary is needed or wanted.
#
# **What is recorded.** This notebook as you hand it in. It is seen by the people who assess this opening. No decision is made by a machine; you may ask for a re-mark, which a person answers.

# %% [markdown] cell="brief_junior" levels=["junior"]
# **Junior level:** three monitors are supplied in `case/monitors.py`. Choose one and tune it; you may change its code but need not. Its function `shares(values, edges)` does the binning that a stability index needs. Most hidden faults are clear ones, so all points allow 0.6 windows of waiting; all outcomes come in one window late, and the history is sound.

# %% [markdown] cell="brief_senior" levels=["senior"]
# **Senior level:** the unclear faults are fainter, so all points allow 3 % false alarms and 1.5 windows of waiting, and ten of the monitor's points go to a retraining policy: `retrain(history)` in section 3.

# %% cell="load" minutes=1
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt

from toolkit import *
from worksample.workbook import *

clock(minutes=75)
case = load()
UNSOUND = []  # first days of reference windows that are left out, see section 3
case

# %% [markdown] cell="about_look" minutes=6
# ## 1 · Look · 6 minutes
# `watch(case)` draws the recent windows against the range of the reference windows: choose columns and windows with Tab and arrow keys (Escape leaves the fields, Shift+Enter goes on to the next cell), or write `watch(case, ["wind_kmh", "score"], upto=5)`. A window has `rows` (inputs and `score`) and `outcomes` (rows whose outcome has become known, with `late`). `residual(window.outcomes)` compares outcomes with predictions.

# %% cell="look"
print([round(residual(w.outcomes), 1) for w in case.recent])
watch(case, ["score", "wind_kmh"], upto=7)

# %% cell="look_more" kind="answer"
watch(case)

# %% [markdown] cell="about_psi" minutes=10
# ## 2 · A stability index · 10 minutes ✎
# As an example, the Kullback–Leibler divergence of binned shares is given. Write `psi(reference, current)`: the population stability index of two samples of one column, each a pandas Series of numbers or of categories. Choose bins as you like. It has to behave: about 0 for samples of the same distribution, never negative, larger the more of the rows lie elsewhere within the same range, blind to the order of rows, and a finite number with empty bins, constants, missing values and levels that one sample does not have. And write `psi_of_counts(reference, current)`: the same from two lists of rows per bin. If you prefer another divergence (Kullback–Leibler in either direction, Jensen–Shannon distance with either logarithm), use it in both.


# %% cell="kl_example"
def kl(p, q):
    """Kullback–Leibler divergence of two lists of shares, in nats; no share of q may be 0."""
    p, q = np.asarray(p, float), np.asarray(q, float)
    return float(np.sum(np.where(p > 0, p * np.log(np.where(p > 0, p, 1) / q), 0)))


kl([0.2, 0.3, 0.3, 0.2], [0.1, 0.3, 0.35, 0.25])


# %% cell="psi_answer" kind="answer"
def psi_of_counts(reference, current):
    raise NotImplementedError("write psi_of_counts here")


def psi(reference, current):
    raise NotImplementedError("write psi here")


# %% cell="psi_check" kind="check" points=15 dimension="Evaluation & Validation"
_column = case.history["distance_km"]
_small, _other = _column.iloc[:900], _column.iloc[900:1800]
_letters = pd.Series(["a", "b"] * 50), pd.Series(["c"] * 100)
with visible_check("psi_check"):
    assert psi(_small, _small) < 0.01, "psi of a sample with itself should be about 0"
    assert abs(psi_of_counts([10, 20, 30], [100, 200, 300])) < 1e-6, "equal shares should give 0"
    assert np.isfinite(psi_of_counts([10, 20, 30], [0, 30, 30])), "an empty bin: a finite number"
    assert psi(_small, _other * 1.5) > psi(_small, _other), "a larger shift: a larger psi"
    assert np.isfinite(psi(_small, _small * np.nan)), "all values missing: a finite number"
    assert np.isfinite(psi(*_letters)), "levels that one sample does not have: a finite number"

# %% [markdown] cell="about_monitor" minutes=27
# ## 3 · The monitor · 27 minutes ✎
# A monitor has `fit(reference)`, called once with one flat list of windows (run after run, not a list of runs), and `check(window)`, called with one window after the other. `check` returns **a list of column names, the most suspicious first, to raise an alarm, and an empty list when all is well**; `"late"` names the outcome. Follow the inputs, the predictions (`score`) and, when they come, the outcomes. After each alarm the monitor is started anew, as it was after `fit`.
#
# In `fit` a window's `outcomes` are those of its own rows. In `check` they are those of earlier windows of the stream that have become known since the last one, `known_after` so many windows. A hidden stream has eight windows, one after the other, and its first one is sound.
#
# `simulate(Monitor, case)` tries it on the reference history: fitted on some runs, on duty in the others, with example faults put in, and what that costs. It has some ninety windows only, so leave room. The hidden faults are of the same kinds, in other columns and sizes. `threshold_explorer(figure, case)` has a slider for the threshold of one figure; with `limit=0.3` it is code. Two functions do in place of a class: `Monitor = as_monitor(fit, check)`.

# %% cell="explorer"
threshold_explorer(lambda window: abs(residual(window.outcomes)), case, limit=2.5)

# %% [markdown] cell="about_unsound" levels=["standard", "senior"]
# **The history** is the log as it was, and not all of it was sound. List the first days of the windows that your monitor should not learn from. `simulate(Monitor, case, unsound=UNSOUND)` neither fits on them nor counts them, and prints the day of each false alarm.

# %% cell="unsound_answer" kind="answer" levels=["standard", "senior"]
UNSOUND = []

# %% cell="supplied" levels=["junior"]
import sys

sys.path.insert(0, str(case_folder()))
from monitors import CalibratedPsi, CompleteMonitor, PsiMonitor

simulate(PsiMonitor, case)


# %% cell="monitor_answer" kind="answer"
class Monitor:
    def fit(self, reference):
        pass

    def check(self, window):
        return []


simulate(Monitor, case, unsound=UNSOUND)

# %% [markdown] cell="about_policy" levels=["senior"]
# **Retraining policy.** `retrain(history)` gets the list of the weekly figures so far: the measured share of a bad week (noisy, 0 is well, 1 a whole bad week). One retraining is paid for; the first `True` spends it. The new model fits the world of that week: what comes later costs by how far it is from it, so retraining early mends nothing and retraining on something that passes does harm. `case.practice` holds 24 histories of twenty weeks with `measured` and true `damage`; costs are in `case.costs`.


# %% cell="policy_answer" kind="answer" levels=["senior"]
def retrain(history):
    return False


# %% cell="monitor" kind="check" points=55 dimension="ML Systems & Production"
service = Service(Monitor, without(case.reference, UNSOUND))


def new_stream():
    service.start()
    return True


def check_window(rows, outcomes):
    return service.hear(Window(rows, outcomes))


def should_retrain(history):  # asked at senior level, where `retrain` is one of your answers
    return bool(retrain(history))


with visible_check("monitor"):
    new_stream()
    for _window in case.recent:
        _alarm = check_window(_window.rows, _window.outcomes)
        assert isinstance(_alarm, list), f"check should return a list, not {_alarm!r}"

# %% [markdown] cell="about_columns" minutes=3
# ## 4 · Which columns? · 3 minutes
# The same streams score what the monitor names: for each fault, the first alarm within five windows has to have a right column among its first two names; three in four are enough for all points. Look at what yours says about the recent stream.

# %% cell="columns" kind="check" points=15 dimension="Evaluation & Validation"
with visible_check("columns"):
    new_stream()
    for _number, _window in enumerate(case.recent):
        print(_number, *check_window(_window.rows, _window.outcomes)[:2])

# %% [markdown] cell="about_plan" minutes=6
# ## 5 · Response plan · 6 minutes ✎
# Six alerts have come in. For each choose `"ignore"`, `"watch"` (one more window), `"fall_back"` (use the fallback rule until it is over), `"repair"` (code of ours) or `"retrain"`. The plan is run in a simulation of four weeks with the costs of the requirements document.

# %% cell="alerts"
from IPython.display import Markdown

Markdown("\n\n".join(f"**{each['alert']}** · {each['evidence']}" for each in case.alerts))

# %% cell="plan_answer" kind="answer"
PLAN = {"A": "", "B": "", "C": "", "D": "", "E": "", "F": ""}

# %% cell="plan" kind="check" points=10 dimension="Model Deployment & Operations"
_actions = ("ignore", "watch", "fall_back", "repair", "retrain")
with visible_check("plan"):
    assert sorted(PLAN) == list("ABCDEF"), "one action for each of the alerts A to F"
    _open = [alert for alert, action in PLAN.items() if action not in _actions]
    assert not _open, f"{', '.join(_open)}: choose one of {', '.join(_actions)}"
    record("plan", PLAN)

# %% [markdown] cell="about_dashboard" minutes=5
# ## 6 · Dashboard · 5 minutes ✎
# Draw `dashboard`, one matplotlib figure of the recent stream with at least three panels: inputs, predictions, and outcomes or alarms. Every panel with five points of data or more, a title of its own and labels on both axes.

# %% cell="dashboard_answer" kind="answer"
dashboard, panels = plt.subplots(1, 3, figsize=(12, 3))

# %% cell="dashboard_check" kind="check" points=5 dimension="Code Quality & Organization"
with visible_check("dashboard_check"):
    problem = panels_problem(dashboard)
    assert not problem, problem
    record("dashboard", save_dashboard(dashboard))

# %% [markdown] cell="thresholds" kind="criterion" points=4 minutes=4 dimension="Evaluation & Validation"
# ## 7 · Thresholds and trade-offs · 4 minutes
# Below: how you set the thresholds, on what evidence, what they cost in delay and in false alarms, and which fault your monitor will miss. About 120 words.

# %% [markdown] cell="thresholds_answer" kind="answer"
# *How I set the thresholds, and what they cost.*

# %% [markdown] cell="response" kind="criterion" points=4 minutes=5 dimension="Model Deployment & Operations"
# ## 8 · When it calls · 5 minutes
# Below: what happens on an alert (who, triggers for retraining, fallback), how the monitor runs in production, and how this works for a hundred models. About 150 words. It is read for two things: the response and integration, and the scaling.

# %% [markdown] cell="response_answer" kind="answer"
# *What happens on an alert; integration; many models.*

# %% [markdown] cell="craft" kind="criterion" points=4 dimension="Code Quality & Organization"
# ## 9 · Dashboard and code
# Nothing to write: the dashboard and your code are read. Take a moment to name things well.

# %% [markdown] cell="submit" minutes=2
# ## 10 · Hand in · 2 minutes ✎
# Say below what you used an assistant for, or "none". Run all cells once from the top.
#
# **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead.

# %% [markdown] cell="disclosure_answer" kind="answer"
# Assistants used: …

# %% cell="hand_in"
overview()
submit()
