# A hundred thousand small displays.
#
# Small messages cost time and memory by their number.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "output"
# [limits]
# cell_seconds = 30

# %% cell="attack"
from IPython.display import display

for number in range(100_000):
    display(number)
