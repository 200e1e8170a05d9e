# Thousands of displays of one id, and thousands of ids, each cleared as often.
#
# Each display is written into all that came before it, and each clearing looked at every id: both
# grew with the square of what was sent.
#
# [expect]
# cells = {attack = "*"}
# ended = "*"
# [limits]
# cell_seconds = 60
# notebook_seconds = 120
# output_kb = 8192

# %% cell="attack"
from IPython.display import clear_output, display

for number in range(3000):
    display({"text/plain": "x"}, raw=True, display_id=f"id-{number}")
    clear_output(wait=True)
for number in range(2500):
    display({"text/plain": "x"}, raw=True, display_id="one")
