# A process that leaves its cell, its session and its parent.
#
# It must not outlive the attempt, nor change answers or eat the machine after it.
#
# [expect]

# %% cell="attack"
import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        while True:
            time.sleep(0.01)
    os._exit(0)
