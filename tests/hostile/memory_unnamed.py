# Memory that belongs to no process and no file system: memfd, System V.
#
# Neither a limit per process nor a look at the processes sees it, so the calls are refused.
#
# [expect]

# %% cell="attack"
import ctypes
import os

try:
    os.memfd_create("hidden")
    print("GOT: memfd")
except OSError as error:
    print(error)
libc = ctypes.CDLL(None, use_errno=True)
if libc.shmget(0, 1 << 20, 0o1600) >= 0:
    print("GOT: shmget")
