# An endless loop that ignores the interrupt.
#
# Without a second, harder step a single cell would stop the batch.
#
# [expect]
# cells = {attack = "timeout"}
# ended = "timeout"
# [limits]
# cell_seconds = 2

# %% cell="attack"
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    pass
