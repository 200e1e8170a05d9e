# The kernel stops itself.
#
# A stopped process neither ends nor answers; only SIGKILL moves it.
#
# [expect]
# cells = {attack = "timeout"}
# ended = "timeout"

# %% cell="attack"
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
