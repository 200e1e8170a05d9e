# Busy processes on every core, left behind.
#
# Later cells share the processor with them, and the grader's own work must go on.
#
# [expect]
# calls_fail = "*"

# %% cell="attack"
import os

for _ in range(8):
    if os.fork() == 0:
        while True:
            pass
