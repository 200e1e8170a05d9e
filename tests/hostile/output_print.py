# Endless printing.
#
# Output is counted while it comes: at the end would be too late.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "output"

# %% cell="attack"
while True:
    print("spam " * 1000)
