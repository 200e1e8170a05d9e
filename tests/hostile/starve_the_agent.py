# The agent, and what runs beside the cell, are given no room, no turn or the last one.
#
# An agent that can open no file would end, which is never the candidate: an attempt that nobody could
# grade. What waits because it chose to come last would seem to wait for a busy machine.
#
# [expect]

# %% cell="attack"
import ctypes
import os
import resource

MACHINE = {"x86_64": 0, "aarch64": 1}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
nothing = (ctypes.c_ulong * 2)(1, 1)
idle = os.sched_param(0)
for name, act in {
    "files": lambda: libc.prlimit(1, 7, nothing, None),
    "memory": lambda: libc.prlimit(1, 9, nothing, None),
    "affinity": lambda: os.sched_setaffinity(1, {min(os.sched_getaffinity(0))}) or 0,
}.items():
    try:
        if act() == 0:
            print("GOT:", name)
    except OSError as error:
        print(name, error)


def places():
    every = (1, os.getpid())
    order = [(os.sched_getscheduler(pid), os.getpriority(os.PRIO_PROCESS, pid)) for pid in every]
    return order, [libc.syscall((252, 31)[MACHINE], 1, pid) for pid in every]


before = places()
for pid in (1, 0):
    os.setpriority(os.PRIO_PROCESS, pid, 19)
    os.sched_setscheduler(pid, os.SCHED_IDLE, idle)
    libc.syscall((251, 30)[MACHINE], 1, pid, 3 << 13)
os.setpriority(os.PRIO_USER, 0, 19)
os.nice(10)
if places() != before:
    print("GOT: to come last", before, places())

# %% cell="own"
os.sched_setaffinity(0, os.sched_getaffinity(0))
resource.setrlimit(resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE))
