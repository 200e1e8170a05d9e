# An endless loop in C, where Python never looks at signals.
#
# The interrupt arrives and is never delivered; the kernel has to be killed.
#
# [expect]
# cells = {attack = "timeout"}
# ended = "timeout"
# [limits]
# cell_seconds = 2

# %% cell="attack"
import itertools

all(itertools.repeat(True))
