# A bomb of threads.
#
# Threads are charged like processes.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "processes"
# [limits]
# cell_seconds = 30

# %% cell="attack"
import threading
import time

while True:
    try:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    except RuntimeError:
        pass
