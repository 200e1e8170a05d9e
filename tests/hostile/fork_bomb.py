# A fork bomb.
#
# It must neither starve the grader nor outlive its cell.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "processes"
# [limits]
# cell_seconds = 30

# %% cell="attack"
import os

while True:
    try:
        os.fork()
    except OSError:
        pass
