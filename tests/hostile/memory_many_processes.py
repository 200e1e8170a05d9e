# Several processes, each within its own limit, take it together.
#
# A limit per process is no limit.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "memory"
# [limits]
# cell_seconds = 30
# memory_mb = 768

# %% cell="attack"
import os
import time

for _ in range(12):
    if os.fork() == 0:
        held = bytearray(os.urandom(1)) * (200 << 20)
        time.sleep(60)
        os._exit(0)
time.sleep(60)
