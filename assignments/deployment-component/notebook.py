# %% [markdown] cell="brief" minutes=6
# # Only good models may reach the registry
#
# *50 minutes, of which seven are for reading. No knowledge of any trade is needed.*
#
# A model says which loans of some libraries come back late. It works; how it gets to the branches does not exist yet. The repository lies in `work/`, with its git history. You build the part between a commit and the registry: a workflow that lets good commits through and stops bad ones, a service that can be run, and its image.
#
# Read [REQUIREMENTS](work/docs/REQUIREMENTS.md): it binds, and it is all that is asked. [CI](work/docs/CI.md) says what a workflow finds here, and what is a stand-in.
#
# **How it is scored.** 100 points come from running your `work/`: seventeen commits that you have not seen, and a stranger's pull request, go through your workflow (50); tags and labels (8); the pointer `stable` (12); the service (18); the image (12). For the seventeen, what counts is **the share of the bad ones stopped times the share of the good ones released**, from 40 % on: a gate that stops everything earns as little as one that stops nothing. The requirements say what has to be so; what the platform, the clients, the data and the history are like, and how things go wrong there, you find by looking at them and running what is given. What counts is what reaches the registry and what the service does, not how you did it: GitHub, GitLab or a plain `ci.sh`, any web framework that is installed. Three things are read by people: your gate, your files, your README. Speed is not scored.
#
# `work/` may hold 120 files and 1 MB; its `.git`, and which files may be executed, are not handed in: call scripts as `sh x.sh` or `python x.py`.
#
# **What is allowed.** Any reference, assistants too: say at the end what you used one for, and expect to explain all of it. No decision is made by a machine; you may ask for a re-mark, which a person answers.

# %% [markdown] cell="brief_junior" levels=["junior"]
# **Junior level:** begin with a workflow that runs the tests and then builds and pushes, and see it in `sh ci-run push`. Then take section 1 of the requirements line by line: each needs a step of its own before the push. Three are forgotten most often: the one branch, the noise of the measure, and the file that is not its card's. Look at data before you compute with it, start both clients once, and look at how the platform starts what it runs.

# %% [markdown] cell="brief_senior" levels=["senior"]
# **Senior level:** what a card says is what somebody measured, on something, at some time. The other teams' files can be wrong in more ways than those that the requirements need.

# %% cell="load" minutes=1
from toolkit import *
from worksample.workbook import *

clock(minutes=50)
commits()
installed()

# %% [markdown] cell="about_gate" minutes=18
# ## 1 · The gate, and how it is released · 18 minutes ✎
# Write the workflow and what it runs. In a terminal: `cd work`, then `sh ci-run push` (or `pull_request`, `fork`, `tag`; `--twice`, `--staging-fails`, `--staging-busy`, `--lint`; `--help` says more). Here: `ci("push")`. It runs your files as they are now, and says what reached the registry. To try a bad commit, make one: change a file, run it, change it back.

# %% cell="gate_answer" kind="answer"
# ci("push")
# advice()

# %% cell="gate" kind="check" points=50 dimension="ML Systems & Production"
with visible_check("gate"):
    assert not tree_problem("workflow"), tree_problem("workflow")

# %% cell="provenance" kind="check" points=8 dimension="Model Deployment & Operations"
with visible_check("provenance"):
    assert not tree_problem("workflow"), tree_problem("workflow")

# %% cell="rollback" kind="check" points=12 dimension="Deployment & Production Experience"
with visible_check("rollback"):
    assert not tree_problem("workflow"), tree_problem("workflow")

# %% [markdown] cell="about_service" minutes=10
# ## 2 · The service · 10 minutes ✎
# Complete `work/app/serve.py` by section 4 of the requirements: alive, ready, bad input, one line of log for each request. It is started as `python -m app.serve`, as the platform does it, and asked by both clients; with a model, without one, with a broken one, and with one that takes long.

# %% cell="service" kind="check" points=18 dimension="Code Quality & Organization"
with visible_check("service"):
    assert not tree_problem("app/serve.py"), tree_problem("app/serve.py")

# %% [markdown] cell="about_image" minutes=10
# ## 3 · The image · 10 minutes ✎
# Write `work/Dockerfile` by section 3. It is built for real once you hand in, twice: as it is, and after a change of the code.

# %% cell="work_changes" kind="answer"
# what you changed in work/ is shown below this cell to those who read it
changed()

# %% cell="image" kind="check" points=12 dimension="Model Deployment & Operations"
with visible_check("image"):
    assert not tree_problem("Dockerfile"), tree_problem("Dockerfile")

# %% [markdown] cell="trade_offs" kind="criterion" points=4 dimension="ML Systems & Production"
# ## 4 · The gate's trade-offs
# Which good commit might your gate stop, and which bad one might pass? What did you weigh, and with which numbers?

# %% [markdown] cell="trade_offs_answer" kind="answer" minutes=1
# *What my gate weighs.*

# %% [markdown] cell="upkeep" kind="criterion" points=4 dimension="Model Deployment & Operations"
# ## 5 · Kept safe, and kept up
# Your files in `work/` are read for this: who may do what with which secret, what is pinned and who moves it, what the next one will have to change in how many places.

# %% [markdown] cell="readme" kind="criterion" points=4 dimension="Documentation & Communication"
# ## 6 · README
# Write `work/README.md` for a colleague who is called at night: how it is released, what stops it, how to go back. Half a page.

# %% [markdown] cell="readme_answer" kind="answer" minutes=3
# *My README stands in work/README.md; what I would add with more time:*

# %% [markdown] cell="submit" minutes=1
# ## 7 · Hand in ✎
# Say below what you used an assistant for, or "none". Run all cells once from the top.
#
# **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead.

# %% [markdown] cell="disclosure_answer" kind="answer"
# Assistants used: …

# %% cell="hand_in"
overview()
submit()
