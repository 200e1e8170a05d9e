# A few displays of one id, and updates that are written into each of them.
#
# On the wire it is 4 MB; in the notebook it was 750 MB, and 4.6 GB in the process that grades. An
# update counts as all that it becomes.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "output"
# [limits]
# cell_seconds = 60
# output_kb = 8192

# %% cell="attack"
from IPython.display import display

for _ in range(250):
    shown = display({"text/plain": "x"}, raw=True, display_id="one")
shown.update({"text/plain": "x" * 3_000_000}, raw=True)
