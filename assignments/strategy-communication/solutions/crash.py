# title = "Strong until the actions, which end the kernel"
# like = "strong"
# quality = "crash"
# total = [60, 70]
# failing = ["actions", "page"]
# ended = "crashed"

# %% cell="actions_answer"
import os

os._exit(3)
