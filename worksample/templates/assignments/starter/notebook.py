# %% [markdown] cell="brief" minutes=5
# # TODO: title
# TODO: the situation, in words that need no special domain. Any installed library and any
# reference material are allowed; assistants are allowed, say where you used one.
#
# `readings` is a list of numbers from a sensor. A few of them are faults.

# %% cell="setup"
from toolkit import load_readings

from worksample.workbook import overview, record, submit, visible_check

readings = load_readings()

# %% [markdown] cell="middle_task" minutes=10
# ## 1. What is normal? (10 minutes, 40 points)
# TODO: a question whose answer is a value. Here: set `MIDDLE` to the value that the sensor reads
# when nothing is wrong.

# %% [markdown] cell="middle_hint" levels=["junior"]
# TODO: a prop that only the junior level has. Here: the median is not moved by a few faults.

# %% cell="middle_answer" kind="answer"
MIDDLE = None

# %% cell="middle" kind="check" points=40 dimension="Data Understanding & Preprocessing"
with visible_check("middle"):
    assert isinstance(MIDDLE, (int, float)), "MIDDLE should be a number"
    record("middle", float(MIDDLE))

# %% [markdown] cell="faults_task" minutes=15
# ## 2. Which readings are faults? (15 minutes, 60 points)
# TODO: a question whose answer is a function; it will be called on readings that nobody has seen.
# Here: `faults(values)` returns a list of booleans, true where a reading is a fault.


# %% cell="faults_answer" kind="answer"
def faults(values):
    return [False for _ in values]


# %% cell="faults" kind="check" points=60 dimension="ML Approach & Implementation"
with visible_check("faults"):
    answers = len(faults(readings))
    assert answers == len(readings), "faults should give one answer for each reading"

# %% [markdown] cell="note" kind="criterion" points=4 dimension="Documentation & Communication"
# ## 3. Explain it (13 minutes)
# TODO: what a person will rate. Here: three sentences in the cell below that tell a colleague
# what you found and how sure you are.

# %% [markdown] cell="note_answer" kind="answer" minutes=13
# *Write here.*

# %% [markdown] cell="submit" minutes=2
# ## Hand in
# **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead.

# %% cell="hand_in"
overview()
submit()
