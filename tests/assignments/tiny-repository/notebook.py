# %% [markdown] cell="brief" minutes=5
# # A small repository
# `work/` sums numbers: `python -m sums IN OUT`. Two things are wrong with it. Mend both.

# %% [markdown] cell="task" minutes=33
# ## 1. Mend it

# %% cell="work_changes"
print("what you changed in work/ is shown here, to those who read it")

# %% cell="note_answer" kind="answer"
NOTE = ""

# %% cell="repairs" kind="check" points=100 dimension="Code Quality & Organization"
from pathlib import Path

assert Path("work/sums/__main__.py").is_file(), "work/ has to stay beside the notebook"

# %% [markdown] cell="explanation" kind="criterion" points=4 dimension="Documentation & Communication"
# ## 2. What was wrong?

# %% [markdown] cell="explanation_answer" kind="answer" minutes=5
# *Your three sentences.*

# %% [markdown] cell="submit" minutes=2
# Save the notebook and submit it.
