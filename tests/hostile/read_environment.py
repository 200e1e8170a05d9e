# Looking for secrets in environments, command lines and descriptors.
#
# A grader's environment holds tokens and database passwords.
#
# [expect]

# %% cell="attack"
import glob
import os

allowed = (
    "/dev/null",
    "pipe:",
    "socket:",
    "anon_inode:",
    "/attempt",
    "/proc",
    "/opt",
    "/dev/urandom",
)
for path in [*glob.glob("/proc/[0-9]*/environ"), *glob.glob("/proc/[0-9]*/cmdline")]:
    try:
        text = open(path, "rb").read().decode(errors="replace")
    except OSError:
        continue
    print(path, text.count("\0"))
    if "HOSTILE_TEST_SECRET" in text:
        print("GOT:", path)
if any("SECRET" in name for name in os.environ):
    print("GOT: environment")
for fd in os.listdir("/proc/self/fd"):
    try:
        target = os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        continue
    if not target.startswith(allowed):
        print("GOT: descriptor", target)
if len(os.listdir("/proc/self/task")) and len(glob.glob("/proc/[0-9]*")) > 3:
    print("GOT: processes of others")
