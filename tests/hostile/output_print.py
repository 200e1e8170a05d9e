# Endless printing.
#
# Output is counted while it comes: at the end would be too late.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "output"
# [limits]
# cell_seconds = 30

# %% cell="attack"
while True:
    print("spam " * 1000)
