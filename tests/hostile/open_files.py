# As many open files as there can be.
#
# The table of open files is the machine's.
#
# [expect]
# cells = {attack = "error", after = "*"}
# reached = "*"
# calls_fail = "*"

# %% cell="attack"
held = []
while True:
    held.append(open("/dev/null"))
