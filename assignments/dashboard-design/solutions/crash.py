# title = "The figures end the kernel"
# quality = "crash"
# total = [0, 90]
# failing = ["metrics"]
# ended = "crashed"
# like = "strong"

# %% cell="metrics_answer"
import os

os._exit(1)
