# Endless empty files.
#
# They have no size, but cost memory of the system's own.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "disk"
# [limits]
# cell_seconds = 30

# %% cell="attack"
import os

for number in range(10**9):
    os.close(os.open(f"/attempt/{number}", os.O_CREAT))
