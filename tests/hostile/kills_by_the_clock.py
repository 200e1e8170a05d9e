# The kernel is killed at a moment that is never the same: by the clock, from the cell or after it.
#
# Whoever expects a low score would rather have none. Three deaths at three places looked like
# somebody else's, and made the attempt one that cannot be graded.
#
# [expect]
# cells = {first = "*", second = "*", third = "*", fourth = "*", after = "*"}
# ended = "*"
# reached = "*"
# calls_fail = "*"

# %% cell="first"
import os
import threading
import time


def perhaps():
    moment = time.time_ns() // 1000 % 7
    if moment < 2:
        os.kill(os.getpid(), 9)
    elif moment == 2:
        threading.Timer(0.1, os.kill, (os.getpid(), 9)).start()
    elif moment == 3 and os.fork() == 0:
        time.sleep(0.1)
        os.kill(os.getppid(), 9)
        os._exit(0)
    time.sleep(0.1)


perhaps()

# %% cell="second"
perhaps()

# %% cell="third"
perhaps()

# %% cell="fourth"
perhaps()
