# Every descriptor is closed, the kernel's own sockets too.
#
# The kernel goes deaf and dumb; the cell must end by its time and the rest be run without it.
#
# [expect]
# cells = {attack = "*"}
# ended = "*"
# reached = "*"
# calls_fail = "*"

# %% cell="attack"
import os

os.closerange(3, 1024)
