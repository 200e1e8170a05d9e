# %% [markdown] cell="brief" minutes=2
# # Warm-up
#
# *About 10 minutes. Nothing here is scored for real and nobody looks at it: it shows how these workbooks work, so that the clock of the real one runs on the problem only.*
#
# You work **from top to bottom**. Run a cell with **Shift+Enter**. Cells marked ✎ are yours: change them, add cells around them. The cells after them check the **form** of your answer and write it down; they are locked, and what they check is all there to read. They answer with a line that begins with ✓ or ✗. What they cannot tell you is whether the answer is right.
#
# When you hand in, the notebook is run again from top to bottom on another machine, and your functions are called with data you have not seen. So what counts is **what stands in the cells**.
#
# The story: a fridge has three thermometers. Something went wrong with one of them.

# %% cell="load" minutes=1
import pandas as pd

from worksample.workbook import (
    DecisionTrace,
    case_folder,
    date_problem,
    mask_problem,
    overview,
    record,
    spread_problem,
    submit,
    visible_check,
)

readings = pd.read_csv(case_folder() / "readings.csv", parse_dates=["at"])
readings.pivot(index="at", columns="thermometer", values="celsius").plot(
    subplots=True, figsize=(9, 4), color="black", ylabel="°C"
)
readings.head()

# %% [markdown] cell="about_first_day" minutes=2
# ## Record an answer ✎
# On which day did it begin? Write the date, run the cell, then run the check below it. Try a wrong form first, such as `FIRST_DAY = 7`, to see what a check says.

# %% cell="first_day_answer" kind="answer"
FIRST_DAY = ""  # "YYYY-MM-DD"

# %% cell="first_day" kind="check" points=40 dimension="Data Understanding & Preprocessing"
with visible_check("first_day"):
    problem = date_problem(FIRST_DAY, first=readings["at"].min(), last=readings["at"].max())
    assert not problem, problem
    record("first_day", FIRST_DAY)

# %% [markdown] cell="about_guess" minutes=2
# ## Spread points ✎
# In the real workbook you spread 100 points over explanations, as sure or unsure as you are. Run the cell, move through the fields with **Tab**, change them with the **arrow keys** or by typing. Then press **Shift+Enter** in a field, or run the cell once more: your points are written into its text. **Escape** leaves the fields for the cell; from the cell, **Tab** goes into them. You may as well type them: `spread_1 = {"stuck_thermometer": 80, "warm_weather": 20}`.

# %% cell="guess_answer" kind="answer"
from collections import namedtuple

Explanation = namedtuple("Explanation", "id title family")
EXPLANATIONS = [
    Explanation("stuck_thermometer", "A thermometer repeats itself", "The measurement"),
    Explanation("other_unit", "A thermometer reports Fahrenheit", "The measurement"),
    Explanation("door_left_open", "The door was left open", "The world"),
    Explanation("warm_weather", "The room got warmer", "The world"),
]
spread_1 = {}
next_test_1 = ""
DecisionTrace(1, spread_1, next_test_1, EXPLANATIONS)

# %% cell="guess" kind="check" points=30 dimension="Evaluation & Validation"
with visible_check("guess"):
    problem = spread_problem(spread_1, known=[e.id for e in EXPLANATIONS])
    assert not problem, problem
    record("guess", spread_1)

# %% [markdown] cell="about_unreliable" minutes=2
# ## Write a function ✎
# It takes readings and returns one True or False for each row: should this reading be thrown away? It will be called with readings from a **later** week.


# %% cell="unreliable_answer" kind="answer"
def unreliable(readings):
    return readings["celsius"] > 100


# %% cell="unreliable" kind="check" points=30 dimension="Code Quality & Organization"
with visible_check("unreliable"):
    before = readings.copy()
    problem = mask_problem(unreliable(before), len(readings))
    assert not problem, problem
    assert before.equals(readings), "unreliable(readings) changes its input: work on a copy"

# %% [markdown] cell="about_submit" minutes=1
# ## Hand in ✎
# **Save** (Ctrl+S, on a Mac ⌘S) and run the last cell. It lists your tasks; `submit()` then writes the zip to send back, and says what is in it, how large it is and its fingerprint, which your receipt repeats. In a hosted JupyterLab press **Hand in** in the panel on the right instead.

# %% cell="submit"
overview()
submit()
