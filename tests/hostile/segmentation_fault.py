# The process is ended by a fault in native code.
#
# As above, by accident: a broken native library must cost one cell, not the submission.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "crashed"

# %% cell="attack"
import ctypes

ctypes.string_at(0)
