# Killing, tracing and reading the agent and every other process.
#
# The agent carries the answers out and must survive; what is not its own, a kernel cannot touch.
#
# [expect]

# %% cell="attack"
import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGSEGV, signal.SIGINT):
    for target in (1, os.getppid()):
        try:
            os.kill(target, number)
        except OSError as error:
            print(error)
try:
    os.kill(-1, signal.SIGKILL)
except OSError as error:
    print(error)
if libc.ptrace(16, 1, 0, 0) == 0:
    print("GOT: ptrace")
try:
    print("GOT:", os.readlink("/proc/1/fd/0"))
except OSError as error:
    print(error)
for name in ("mem", "environ", "maps", "root/etc"):
    try:
        path = f"/proc/1/{name}"
        print("GOT:", os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1))
    except OSError as error:
        print(error)
