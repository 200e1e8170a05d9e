# title = "Strong until the actions, which end the kernel"
# like = "strong"
# quality = "crash"
# total = [70, 82]
# failing = ["actions"]
# ended = "crashed"

# %% cell="actions_answer"
import os

os._exit(3)
