# Shared anonymous memory, which no limit on private memory counts.
#
# RLIMIT_DATA does not see it.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "memory"
# [limits]
# cell_seconds = 30
# memory_mb = 768

# %% cell="attack"
import mmap
import time

held = []
for _ in range(24):
    held.append(mmap.mmap(-1, 64 << 20))
    held[-1].write(b"x" * (64 << 20))
time.sleep(60)
