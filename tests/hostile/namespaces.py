# Back to privileges in a namespace of one's own; set-user-id programs; mounts.
#
# A new user namespace gives every capability inside it and opens most of the kernel to attack.
#
# [expect]

# %% cell="attack"
import ctypes
import os
import subprocess

libc = ctypes.CDLL(None, use_errno=True)
for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000):
    if libc.unshare(flag) == 0:
        print("GOT: unshare", hex(flag))
if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
    print("GOT: mount")
for program in (
    ["unshare", "-Ur", "id"],
    ["su", "-c", "id"],
    ["mount", "-t", "tmpfs", "x", "/tmp"],
):
    try:
        done = subprocess.run(
            program, capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL
        )
    except OSError as error:
        print(error)
        continue
    if done.returncode == 0:
        print("GOT:", done.stdout)
for path in (
    "/case/x",
    "/usr/x",
    "/etc/passwd",
    "/opt/x",
    "/dev/x",
    "/x",
    os.environ["PYTHONPATH"] + "/x",
):
    try:
        open(path, "w")
        print("GOT: wrote", path)
    except OSError as error:
        print(error)
try:
    os.setuid(0)
    print("GOT: setuid") if os.getuid() == 0 and open("/proc/self/status").read().count(
        "CapEff:\t0000000000000000"
    ) == 0 else None
except OSError as error:
    print(error)
