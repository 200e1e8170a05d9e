# %% [markdown] cell="brief" minutes=4
# # What would you have seen?
#
# *About 45 minutes. No knowledge of any trade is needed: everything stands in this folder.*
#
# A telephone company scores its customers: who is about to leave is made an offer. Nobody watches the model. Design the dashboard and its alerts, answer what three colleagues want to know, and define three figures.
#
# | in `case/` | what it is |
# |---|---|
# | [model.md](case/model.md) | the model, its surroundings, the limits |
# | `catalogue.csv` | sixty metrics: fifteen quantities, each by four collectors |
# | `register.csv` | the ten kinds of incident there were in two years, with their price |
# | `questions.csv` | twelve questions of three colleagues |
# | `history.parquet` | sixty days in steps of six hours, with two incidents |
# | `customers.parquet` | scored customers, for section 6 |
#
# **How it is scored.** 100 points come from code that looks at *later* days you have not seen, ten incidents and many calm weeks, through your dashboard: blind spots 35, alerts 25, questions 15, figures 15, order 10. What an incident counts is its price. Three things are read by people: the choice, the practice, the clarity. Speed is not scored.
#
# **What is allowed.** Any installed library, any reference, any method. Assistants are allowed too: say at the end what you used one for, and expect to explain all of it. Nothing proprietary is needed or wanted.
#
# **What is recorded.** This notebook as you hand it in. It is seen by the people who assess this opening. No decision is made by a machine; you may ask for a re-mark, which a person answers.

# %% [markdown] cell="brief_junior" levels=["junior"]
# **Junior level:** the register also says which quantities each kind moves, the catalogue is right, and `suggest(case, metric)` writes a panel for you to copy.

# %% [markdown] cell="brief_senior" levels=["senior"]
# **Senior level:** effects are fainter, more of the catalogue's descriptions are wrong, two pages a week are allowed, and one collector is about to be switched off: `model.md` says which.

# %% cell="load" minutes=1
import numpy as np
import pandas as pd

from toolkit import *
from worksample.workbook import *

clock(minutes=45)
case = load()
case

# %% [markdown] cell="about_look" minutes=9
# ## 1 · Look · 9 minutes
# Read `model.md` and the register. `compare(case)` draws what the four collectors make of a quantity, less its usual week: some report promptly and of everybody, one is late, one has too small a sample, one looks at the wrong people. The descriptions say which, and not all of them are right. `case` holds the tables: `history`, `catalogue`, `register`, `questions`, `incidents`, `campaigns`, `limits`, `prices`, `customers`, `documentation`.

# %% cell="register"
pd.set_option("display.max_colwidth", 120)
case.register

# %% cell="collectors"
compare(case)

# %% cell="look_more" kind="answer"
case.catalogue[case.catalogue["metric"].str.startswith("missing_share.")]

# %% [markdown] cell="about_panels" minutes=11
# ## 2 · Panels · 11 minutes ✎ · 35 points
# Write `PANELS` as YAML (a list of dictionaries does as well). At most twelve panels, six of them on the first screen:
#
#     - title: Answers that fail
#       metric: error_share.gateway
#       segment: all          # or a segment's name
#       over: 6h              # or 12h, 1d, 3d, 7d: each value is the mean of so much time
#       around: usual         # the band is the distance from the usual value of that hour of the week; or: zero
#       band: [-0.2, 0.2]     # normal: least and largest; null where there is no limit
#       axis: [0, 3]          # may be left out
#       screen: 1             # or 2
#
# A panel *shows* something when its line is out of its band for two steps on end, by 4 % of the axis' height. Points: is an incident shown on the first screen within its `notice_within_hours` (20); do all panels together look as they do in other incidents of its kind, and not like another kind (15). Both are multiplied by how rarely the first screen shows something on a calm day: 2 % of the days cost nothing, 10 % cost all.

# %% cell="panels_answer" kind="answer"
PANELS = """
"""

# %% cell="screen"
mock_up(case, PANELS)

# %% cell="blind_spots" kind="check" points=35 dimension="ML Systems & Production"
with visible_check("blind_spots"):
    board, wrong = understood(case, panels=PANELS)
    assert not wrong, first_problems(wrong)
    assert board.first, "there is no panel on the first screen yet"
    record("panels", plain(board)["panels"])

# %% [markdown] cell="about_alerts" minutes=7
# ## 3 · Alerts · 7 minutes ✎ · 25 points
# `ALERTS` has the same fields (`name` for `title`, no axis and screen) and `for: 12h` (6h to 3d: how long it has to be out), `severity: page` or `ticket`, `action: who does what`. At most twelve. A page is looked at once, a ticket after two days. Points: what is saved, at the register's prices less those of calls for nothing (14); incidents noticed in time × calls that were about one (7); alerts that end when the incident does (4). Weeks with more pages than allowed take from all three. `try_alerts(case, ALERTS)` runs them on the sixty days.

# %% cell="alerts_answer" kind="answer"
ALERTS = """
"""

# %% cell="alerts" kind="check" points=25 dimension="Model Deployment & Operations"
with visible_check("alerts"):
    board, wrong = understood(case, alerts=ALERTS)
    assert not wrong, first_problems(wrong)
    assert board.alerts, "there is no alert yet"
    record("alerts", plain(board)["alerts"])

# %% [markdown] cell="about_answers" minutes=3
# ## 4 · Questions · 3 minutes ✎ · 15 points
# For each question: the title of the panel that answers it, and how it is read: `today` (mean of the last day), `week` (of the last seven days) or `change` (that less the seven days before). Your panel is read on a later day; the number has to be what it is in truth, as near as a prompt and honest collector comes. Eleven right ones earn all points.

# %% cell="asked"
case.questions

# %% cell="answers_answer" kind="answer"
ANSWERS = """
# q1: {panel: Answers that fail, read: week}
"""

# %% cell="questions" kind="check" points=15 dimension="Documentation & Communication"
with visible_check("questions"):
    board, wrong = understood(case, panels=PANELS, answers=ANSWERS)
    assert not wrong, first_problems(wrong)
    assert board.answers, "no question is answered yet"
    record("answers", plain(board)["answers"])

# %% [markdown] cell="about_order" minutes=1
# ## 5 · Order · 1 minute · 10 points
# Limits kept (3), no two panels whose lines go together (3: a correlation of 0.98 in the history), an action in words of its own for every alert (4), as far as the first screen shows anything.

# %% cell="attention" kind="check" points=10 dimension="ML Systems & Production"
with visible_check("attention"):
    board, wrong = understood(case, panels=PANELS, alerts=ALERTS, answers=ANSWERS)
    print(counted(board, case))
    assert board.panels, "there is no panel yet"
    save_grafana(case, PANELS)

# %% [markdown] cell="about_figures" minutes=4
# ## 6 · Three figures · 4 minutes ✎ · 15 points
# A line of `customers` is a score. An outcome is **final** seven days after `scored_day`; whoever cancelled within seven days *left*. Staff is left out. A tenth of the flagged customers, drawn by lot, is `held_out`: they get no offer.
#
# - `recall(customers, today)`: of those who left, the share that was flagged; `None` if nobody left.
# - `gaps(customers, today)`: segment → share that left less mean score, for segments with at least 30 final scores.
# - `earned(customers, today, prices)`: what the offers earned, in euro: customers kept because of an offer at `prices["customer"]`, less `prices["offer"]` for each offer; `None` where it cannot be known.
#
# They are called with other tables, in which there may be little to say.


# %% cell="metrics_answer" kind="answer"
def recall(customers, today):
    raise NotImplementedError("write recall here")


def gaps(customers, today):
    raise NotImplementedError("write gaps here")


def earned(customers, today, prices):
    raise NotImplementedError("write earned here")


# %% cell="metrics" kind="check" points=15 dimension="Evaluation & Validation"
with visible_check("metrics"):
    today = int(case.customers["scored_day"].max())
    for each in (recall, gaps):
        print(each.__name__, each(case.customers.copy(), today))
    print("earned", earned(case.customers.copy(), today, dict(case.prices)))

# %% [markdown] cell="choice" kind="criterion" points=4 minutes=2 dimension="ML Systems & Production"
# ## 7 · Why these · 2 minutes ✎
# Below, about 90 words: which figures of system, data, predictions, outcomes and business you chose and which you left out, how drift of data and of the model are told apart, and what this dashboard will *not* show. Read for its comprehensiveness.

# %% [markdown] cell="choice_answer" kind="answer"
# *Why these panels, and what they will not show.*

# %% [markdown] cell="practice" kind="criterion" points=4 minutes=2 dimension="Model Deployment & Operations"
# ## 8 · In practice · 2 minutes ✎
# Below, about 80 words: where the thresholds come from, who is called by what and does what, and for one of your three figures what it is, on what data, and how it is computed every day. Read for its practicality, together with your alerts.

# %% [markdown] cell="practice_answer" kind="answer"
# *Thresholds, duty, one figure in three steps.*

# %% [markdown] cell="clarity" kind="criterion" points=4 dimension="Documentation & Communication"
# **Read by people:** the mock-up above. They answer six questions from it before they rate: can a stranger see in a minute what is wrong, since when, and for whom?

# %% [markdown] cell="about_submit" minutes=1
# ## 9 · Hand in · 1 minute ✎
# Say below what you used an assistant for, or "none". It costs no points. **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead. Your notebook is run again from top to bottom: what stands in the cells counts.

# %% [markdown] cell="disclosure_answer" kind="answer"
# Assistants used: …

# %% cell="hand_in"
overview()
submit()
