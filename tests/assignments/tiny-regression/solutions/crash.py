# title = "The second answer ends the kernel"
# quality = "crash"
# total = [40, 40]
# failing = ["predict"]
# ended = "crashed"

# %% cell="slope_answer"
rise, run_ = points[-1][1] - points[0][1], points[-1][0] - points[0][0]
SLOPE = rise / run_

# %% cell="predict_answer"
import os

os._exit(1)
