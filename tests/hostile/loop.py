# An endless loop, by accident.
#
# The usual case: the interrupt works, the kernel lives on, later cells see its state.
#
# [expect]
# cells = {attack = "timeout"}
# ended = "timeout"
# [limits]
# cell_seconds = 2

# %% cell="attack"
state = 1
while True:
    pass

# %% cell="later"
assert state == 1
