# %% [markdown] cell="brief" minutes=5
# # Last night's model was not published
#
# *45 minutes, of which five are for reading this. No knowledge of any trade is needed.*
#
# A pipeline learns every night who cancels a booking at three repair shops. Last night it published nothing. The repository lies in `work/`, with its git history: [EXPECTED](work/docs/EXPECTED.md) says what a good night does, [DATA](work/docs/DATA.md) what the exports hold.
#
# | in `case/` | |
# |---|---|
# | `runs/` | logs of the last nights, and `ci.log`: the tests as they ran last night |
# | `raw/`, `registry/` | the exports, and the models that were published |
#
# Several things are wrong. One hides another: what fails first keeps the next from being seen. **One fails nothing and ruins the model; it need not be in the code.** The test that fails may be right, or may ask for what was agreed before. Not every ugly line is a fault.
#
# **How it is scored.** 100 points come from running your `work/` on hidden nights: repairs 40 (each fault by itself: 8 for what ends a run, 16 for what fails nothing), the whole 15, nothing broken 10, a guard 20; and your diagnosis 15. What counts is what the pipeline does, by EXPECTED.md, not how: mend it where you like. Three texts are read by people, beside what you changed and your log. Speed is not scored. `work/` may hold 120 files and 1 MB; its `.git` is not handed in.
#
# **What is allowed.** Any library that is installed (pandas, scikit-learn), any reference, assistants too: say at the end what you used one for, and expect to explain all of it. No decision is made by a machine; you may ask for a re-mark, which a person answers.

# %% [markdown] cell="brief_junior" levels=["junior"]
# **Junior level:** there are four faults, one each in reading or validating the exports, in the configuration of training, in deployment, and in what the model learns from. The first three broke one night each. The fourth came with the exports: since a day the tills of a shop or two write one column otherwise than DATA.md says. Compare the shops, day by day.

# %% [markdown] cell="brief_senior" levels=["senior"]
# **Senior level:** everything that fails came in one evening, so each fault hides the next. And what fails nothing may have stopped for a while and begun again: which bookings it touched is to be looked up, not guessed from when it began.

# %% cell="load" minutes=1
from toolkit import *
from worksample.workbook import *

clock(minutes=45)
runs()

# %% [markdown] cell="about_look" minutes=7
# ## 1 · Look · 7 minutes
# In a terminal: `cd work`, `git log -p`, `python -m tests`. Here: `commits()`, `changed("a1b2c3d")` shows a commit, `tests()`, and `night("2031-06-09")` runs your `work/` for a day with a copy of the registry (`fresh=True`: with an empty one) and returns the folder it wrote into.

# %% cell="look" kind="answer"
# commits()

# %% [markdown] cell="about_repairs" minutes=17
# ## 2 · Mend · 17 minutes ✎
# Change the files in `work/` with JupyterLab's editor or in the terminal. Any two repairs are worth having; the order is yours. Tests that are right have to pass in the end, and yours should still catch what they caught.

# %% cell="work_changes" kind="answer"
# what you changed in work/ is shown below this cell to those who read it
changed()

# %% cell="repairs" kind="check" points=40 dimension="Problem-Solving Ability"
with visible_check("repairs"):
    assert not tree_problem(), tree_problem()

# %% cell="whole" kind="check" points=15 dimension="Model Deployment & Operations"
with visible_check("whole"):
    assert not tree_problem(), tree_problem()

# %% cell="kept" kind="check" points=10 dimension="Code Quality & Organization"
with visible_check("kept"):
    assert not tree_problem(), tree_problem()

# %% [markdown] cell="about_guard" minutes=6
# ## 3 · A guard · 6 minutes ✎
# Write `problems` in `work/guard.py`: may the export of a day be used? It is run as `python guard.py --raw DIR --day DAY`; DIR holds that export and those of 21 nights before it, in which nothing was wrong. It ends with 2 to stop a bad export and with 0 to let it pass. [INCIDENTS](work/docs/INCIDENTS.md) says what bad ones look like, and which odd ones are well; relatives of them come too, in one shop alone, and of what fails nothing here. It is run on six bad exports and twelve good ones; what counts is the share of the bad ones that it stops, plus the share of the good ones that it lets pass, less 1.

# %% cell="guard_answer" kind="answer"
# the guard stands in work/guard.py; try it here if you like

# %% cell="guard" kind="check" points=20 dimension="ML Systems & Production"
with visible_check("guard"):
    assert not tree_problem(), tree_problem()

# %% [markdown] cell="about_diagnosis" minutes=4
# ## 4 · Diagnosis · 4 minutes ✎
# Name each cause (`mechanisms()` lists what can be named) with the first run that it spoiled or broke, or would have had it got so far. Naming more than there are costs. `withdraw`: the versions in the registry that were fitted on bookings that are wrong (those held out are not fitted on). `test`: is the test that fails `"right"`, or `"stale"`?

# %% cell="diagnosis_answer" kind="answer"
DIAGNOSIS = {
    "issues": [
        {"mechanism": "", "first_bad_run": ""},
    ],
    "withdraw": [],
    "test": "",
}

# %% cell="diagnosis" kind="check" points=15 dimension="Practical ML Experience"
from toolkit.nights import versions

with visible_check("diagnosis"):
    _problem = diagnosis_problem(DIAGNOSIS, runs(), versions())
    assert not _problem, _problem
    record("diagnosis", DIAGNOSIS)

# %% [markdown] cell="log" kind="criterion" points=4 dimension="Practical Problem-Solving"
# ## 5 · Troubleshooting log
# Written while you work: what you looked at, what you thought, dead ends and how you got past them. Notes will do.

# %% [markdown] cell="log_answer" kind="answer" minutes=2
# *My log.*

# %% [markdown] cell="impact" kind="criterion" points=4 dimension="Documentation & Communication"
# ## 6 · Cause and impact
# Each issue in two sentences: what caused it, and what it did to the shops.

# %% [markdown] cell="impact_answer" kind="answer" minutes=1
# *Causes and impact.*

# %% [markdown] cell="prevention" kind="criterion" points=4 dimension="Deployment & Production Experience"
# ## 7 · Prevention
# What would have caught each of them, and what would it cost to keep?

# %% [markdown] cell="prevention_answer" kind="answer" minutes=1
# *What I would change.*

# %% [markdown] cell="submit" minutes=1
# ## 8 · Hand in ✎
# Say below what you used an assistant for, or "none". Run all cells once from the top.
#
# **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead.

# %% [markdown] cell="disclosure_answer" kind="answer"
# Assistants used: …

# %% cell="hand_in"
overview()
submit()
