# The process is ended from within.
#
# In nbgrader the whole submission is lost. Here the cell is called crashed and the others are run
# without it.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "crashed"

# %% cell="attack"
import os

os._exit(0)
