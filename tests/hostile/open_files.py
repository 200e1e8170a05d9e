# As many open files as there can be.
#
# The table of open files is the machine's. Without a single one left, a kernel may take ten seconds
# to say so (its thread for output cannot be woken up): an error or a timeout, both are right.
#
# [expect]
# cells = {attack = "*", after = "*"}
# ended = "*"
# reached = "*"
# calls_fail = "*"

# %% cell="attack"
held = []
while True:
    held.append(open("/dev/null"))
