# %% [markdown] cell="brief" minutes=7
# # Strangers will run it
#
# *65 minutes, of which eight are for reading. No knowledge of heat pumps is needed.*
#
# A model says which heat pumps fail within thirty days. A service was begun, in Flask; there is no image, no guide and no workflow. All of it lies in `work/`. Make it something that people who have never met you can build, run, stop and build again.
#
# | in `work/` | |
# |---|---|
# | [CONTRACT](work/docs/CONTRACT.md), [DATA](work/docs/DATA.md) | what the service answers, and what it writes down |
# | [REQUIREMENTS](work/docs/REQUIREMENTS.md) | how it is built and run |
# | `kestrel/`, `model/` | the model team's: they do not change |
# | `app/`, `tests/`, `requirements.txt`, `DEPLOY.md` | begun; yours |
# | `samples.json` | rows with right answers |
#
# **How it is scored.** 100 points come from what your `work/` does: the answers to hidden requests (contract 35), eight clients at once (10), being told to stop (15), the image (20), its records (10), your guide as it stands (5) and four commits (5). Names of files and libraries are yours: any web framework of the index, several stages or one, GitHub, GitLab or `ci.sh`. What an image has to earn counts as far as the image predicts at all. Your code, your choices and your guide are read by people as well. Speed is not scored. `work/` may hold 120 files and 1 MB; its `.git` is not handed in.
#
# **What is allowed.** Any reference, assistants too: say at the end what you used one for, and expect to explain all of it. The interviewer answers questions. No decision is made by a machine; you may ask for a re-mark, which a person answers.

# %% [markdown] cell="brief_junior" levels=["junior"]
# **Junior level:** begin with an image that answers one row rightly, then take REQUIREMENTS line by line. Four things differ from what one would expect: the order in which the model takes its numbers, the unit of one of them (compare the model's `scale` with the samples), where the threshold stands, and a helper in `app/` that remembers.

# %% [markdown] cell="brief_senior" levels=["senior"]
# **Senior level:** no sample shows a value that is missing. What has been begun may be thrown away.

# %% cell="load" minutes=1
from toolkit import *
from worksample.workbook import *

clock(minutes=65)
index()

# %% [markdown] cell="about_service" minutes=18
# ## 1 · The service · 18 minutes ✎
# Complete it by CONTRACT. `serve("gunicorn -b 0.0.0.0:$PORT app.service:app")` starts it here, asks it and tells it to stop; `compare("…")` asks all samples.

# %% cell="service_answer" kind="answer"
# compare("gunicorn -b 0.0.0.0:$PORT app.service:app")

# %% cell="contract" kind="check" points=35 dimension="Code Quality & Organization"
with visible_check("contract"):
    assert not tree_problem(), tree_problem()

# %% cell="crowd" kind="check" points=10 dimension="ML Systems & Production"
with visible_check("crowd"):
    assert not tree_problem(), tree_problem()

# %% cell="records" kind="check" points=10 dimension="Deployment & Production Experience"
with visible_check("records"):
    assert not tree_problem(), tree_problem()

# %% [markdown] cell="about_image" minutes=14
# ## 2 · The image · 14 minutes ✎
# Write `work/Dockerfile`. It is really built once you hand in: as it is, after a change of the code, and in a year. Where you have docker or podman, use it; `ci("push")` also lays a Dockerfile out, without layers, users or sizes.

# %% cell="work_changes" kind="answer"
# what you changed in work/ is shown below this cell to those who read it
changed()

# %% cell="image" kind="check" points=20 dimension="Model Deployment & Operations"
with visible_check("image"):
    assert not tree_problem("image"), tree_problem("image")

# %% cell="lifecycle" kind="check" points=15 dimension="Deployment & Production Experience"
with visible_check("lifecycle"):
    assert not tree_problem("image"), tree_problem("image")

# %% [markdown] cell="about_delivery" minutes=14
# ## 3 · Guide and workflow · 14 minutes ✎
# Write the blocks of `work/DEPLOY.md`, and a workflow. `ci("push")` runs the workflow with a stand-in for docker and a registry.

# %% cell="delivery_answer" kind="answer"
# ci("push")

# %% cell="guide" kind="check" points=5 dimension="Documentation & Communication"
with visible_check("guide"):
    assert not tree_problem("DEPLOY.md"), tree_problem("DEPLOY.md")

# %% cell="ci" kind="check" points=5 dimension="ML Systems & Production"
with visible_check("ci"):
    assert not tree_problem("workflow"), tree_problem("workflow")

# %% [markdown] cell="choices" kind="criterion" points=4 dimension="Model Deployment & Operations"
# ## 4 · Choices
# What you chose for production, what you weighed it against, and what you would change with another day.

# %% [markdown] cell="choices_answer" kind="answer" minutes=7
# *My choices.*

# %% [markdown] cell="code" kind="criterion" points=4 dimension="Code Quality & Organization"
# ## 5 · Code
# Your files in `work/` are read. If something should be known before they are, say it here.

# %% [markdown] cell="code_answer" kind="answer" minutes=1
# *On my code.*

# %% [markdown] cell="guide_text" kind="criterion" points=4 dimension="Documentation & Communication"
# ## 6 · Guide
# `work/DEPLOY.md` is read as somebody would who has never met you, at night.

# %% [markdown] cell="guide_text_answer" kind="answer" minutes=1
# *On my guide.*

# %% [markdown] cell="submit" minutes=2
# ## 7 · Hand in ✎
# Say below what you used an assistant for, or "none". Run all cells once from the top.
#
# **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead.

# %% [markdown] cell="disclosure_answer" kind="answer"
# Assistants used: …

# %% cell="hand_in"
overview()
submit()
