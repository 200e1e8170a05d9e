# The kernel's own encoder is patched, so that it cannot speak any more.
#
# The reply to the cell is nonsense: to the client it never ends. It must be stopped by its time,
# and the rest be run without it.
#
# [expect]
# cells = {attack = "timeout"}
# ended = "timeout"

# %% cell="attack"
import json

json.dumps = lambda *args, **kwargs: "nonsense"
