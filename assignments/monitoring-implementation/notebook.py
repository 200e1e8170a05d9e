# %% [markdown] cell="brief" minutes=5
# # Metrics that tell the truth, alerts that let you sleep
#
# *65 minutes, of which five are for reading this. No knowledge of any trade is needed.*
#
# A classifier says how likely an invoice is disputed. It runs as a service with two workers; nobody watches it. In `work/` lies its repository: [README](work/README.md) starts it, [REQUIREMENTS](work/docs/REQUIREMENTS.md) says what its monitoring has to do. **Build it**: metrics in the service, alerting rules and routes, and the queries of a dashboard.
#
# Names of metrics are yours, and so is the way. Installed are Flask, gunicorn, FastAPI, uvicorn, waitress, `prometheus-client`, pandas and scikit-learn; `promtool` 2.42 and `amtool`. There is no network, no Prometheus server and no Grafana: a panel is a query.
#
# **How it is scored.** 100 points come from running your `work/`: `sh run.sh`, then some two thousand requests, among them slow ones, failing ones, rubbish, inputs that drift and labels that come late, with a scrape after each few dozen and a worker killed on the way. Your queries are held against what we sent: 20. Series that traffic makes cost: 6. The real scrapes are then laid on days of a clock of their own, with faults and with what is only unusual, and `promtool` runs your rules on them: share of the troubles noticed in time, times share of the harmless stretches left alone, from one half on: 52. Panels: 15. Predictions unharmed: 7, as far as something is measured. How long a deploy takes, how far a campaign moves the inputs and when a label is matured stands nowhere: it is in the feed and in a rehearsal. Speed is not scored. Two texts are read by people, beside what you changed. `work/` may hold 80 files and 512 kB; its `.git` is not handed in.
#
# **What is allowed.** Any reference, assistants too: say at the end what you used one for, and expect to explain all of it. No decision is made by a machine; you may ask for a re-mark, which a person answers.

# %% [markdown] cell="brief_junior" levels=["junior"]
# **Junior level.** Start with what is there for nothing: `up`. Then count. `prometheus-client` adds the workers' counts up when they share a folder (`PROMETHEUS_MULTIPROC_DIR`, below `var/`, set before it is imported) and `/metrics` is answered by a `MultiProcessCollector`; gauges then need a `multiprocess_mode`. A histogram needs a bucket that ends where *slow* begins. Shares of what was counted in the last minutes, `rate(a[10m]) / rate(b[10m])`, do not care how much is asked.

# %% [markdown] cell="brief_senior" levels=["senior"]
# **Senior level.** Hidden faults are near the limits of the requirements. In the text, say what your alerts would cost a team in a month, and which trouble they would not see.

# %% cell="load" minutes=1
from toolkit import *
from worksample.workbook import *

clock(minutes=65)

# %% [markdown] cell="about_truth" minutes=24
# ## 1 · Metrics · 24 minutes ✎
# Change the service so that `GET /metrics` tells what [REQUIREMENTS](work/docs/REQUIREMENTS.md) 1 asks for, and write in `work/monitoring/monitoring.toml` how each number is read. `rehearse()` starts your service, sends it traffic of your world, kills a worker and shows your queries beside what was sent.

# %% cell="truth_answer" kind="answer"
# rehearsed = rehearse()

# %% cell="work_changes" kind="answer"
# what you changed in work/ is shown below this cell to those who read it
changed()

# %% cell="truth" kind="check" points=20 dimension="Model Deployment & Operations"
with visible_check("truth"):
    assert not tree_problem(), tree_problem()

# %% cell="cost" kind="check" points=6 dimension="ML Systems & Production"
with visible_check("cost"):
    assert not tree_problem(), tree_problem()

# %% cell="harmless" kind="check" points=7 dimension="Code Quality & Organization"
with visible_check("harmless"):
    assert not tree_problem(), tree_problem()

# %% [markdown] cell="about_alerts" minutes=15
# ## 2 · Alerts · 15 minutes ✎
# Rules in `work/monitoring/rules.yml`, routes in `work/monitoring/alertmanager.yml`. `days(rehearsed)` lays the scrapes of a rehearsal on a clock, with one of each trouble and of each harmless stretch, and says what fired. The hidden days have other sizes, another drift, and more of everything.

# %% cell="alerts_answer" kind="answer"
# days(rehearsed)

# %% cell="alerts" kind="check" points=52 dimension="Deployment & Production Experience"
with visible_check("alerts"):
    assert not rules_problem(), rules_problem()

# %% [markdown] cell="about_panels" minutes=8
# ## 3 · Dashboard · 8 minutes ✎
# One query for each of the six questions, in `work/monitoring/monitoring.toml`. Each is looked at on usual days, in its own trouble, and in that of the others. `panels(rehearsed)` draws them on the rehearsal's days.

# %% cell="panels_answer" kind="answer"
# panels(rehearsed)

# %% cell="panels" kind="check" points=15 dimension="Practical ML Experience"
with visible_check("panels"):
    assert not tree_problem(), tree_problem()

# %% [markdown] cell="reasons" kind="criterion" points=4 dimension="Documentation & Communication"
# ## 4 · Why so
# For whoever takes this over: why these metrics, thresholds and windows; what each alert's receiver does first; what you left out.

# %% [markdown] cell="reasons_answer" kind="answer" minutes=6
# *Metrics, thresholds, actions.*

# %% [markdown] cell="extension" kind="criterion" points=4 dimension="ML Systems & Production"
# ## 5 · What it does not see
# Which trouble would pass your monitoring unseen or late, how you would notice, and what you would build next: for ten such services, for labels that take a month.

# %% [markdown] cell="extension_answer" kind="answer" minutes=4
# *Blind spots, and next.*

# %% [markdown] cell="code" kind="criterion" points=4 dimension="Code Quality & Organization" minutes=1
# ## 6 · The code
# Nothing to write: what you changed in `work/` is read.

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
