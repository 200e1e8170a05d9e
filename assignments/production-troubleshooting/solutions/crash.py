# title = "The kernel dies before the plan"
# like = "idle_everything"
# quality = "crash"
# total = [0, 12]
# failing = ["mitigation", "first_ten", "impact", "lasting_fix"]
# ended = "crashed"

# %% cell="plan_answer"
import os

os._exit(1)
