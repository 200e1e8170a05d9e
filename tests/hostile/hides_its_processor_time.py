# Children whose end is ignored use the processor, and the cell waits for it.
#
# What they used was counted nowhere: the machine seemed busy with somebody else, and what a cell
# waits for that is not its own time, so it went on for ten times its limit.
#
# [expect]
# cells = {attack = "timeout"}
# ended = "timeout"
# reached = "*"
# calls_fail = "*"
# [limits]
# cell_seconds = 2

# %% cell="attack"
import os
import signal
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for n in range(8):
    if os.fork() == 0:
        while True:
            if os.fork() == 0:
                until = time.process_time() + 0.03
                while time.process_time() < until:
                    pass
                os._exit(0)
            try:
                os.wait()
            except ChildProcessError:
                pass
while True:
    pass
