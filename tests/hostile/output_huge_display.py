# One display of 200 MB.
#
# One message must not fill the grader's memory: it is refused by its announced size.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "output"
# [limits]
# cell_seconds = 30

# %% cell="attack"
from IPython.display import HTML, display

display(HTML("x" * (200 << 20)))
