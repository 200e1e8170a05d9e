# What a neighbour might reach, in the open; it stays until it is told to go, and tells of harm.
import json
import os
import signal
import socket
import subprocess
import time

SECRET = "NEIGHBOURS_" + "SECRET"
MARK = open("/case/mark").read()
os.environ["NEIGHBOUR"] = SECRET
felt = []
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
    signal.signal(number, lambda number, frame: felt.append(f"signal {number}"))

for folder in ("/tmp", "/dev/shm", "/attempt", "/answers"):
    path = f"{folder}/{MARK}-secret"
    with open(path, "w") as file:
        file.write(SECRET)
    os.chmod(path, 0o666)


def listening(family, address):
    server = socket.socket(family)
    server.bind(address)
    server.listen()
    server.setblocking(False)
    return server


doors = {
    "abstract": listening(socket.AF_UNIX, "\0neighbour"),
    "path": listening(socket.AF_UNIX, f"/tmp/{MARK}-door"),
    "shared": listening(socket.AF_UNIX, f"/dev/shm/{MARK}-door"),
    "tcp": listening(socket.AF_INET, ("127.0.0.1", 45678)),
}
os.chmod(f"/tmp/{MARK}-door", 0o777)
os.chmod(f"/dev/shm/{MARK}-door", 0o777)
child = subprocess.Popen(["sleep", "1000"])


def settings():
    return {
        "affinity": sorted(os.sched_getaffinity(0)),
        "priority": os.getpriority(os.PRIO_PROCESS, 0),
        "policy": os.sched_getscheduler(0),
        "child's affinity": sorted(os.sched_getaffinity(child.pid)),
        "child's priority": os.getpriority(os.PRIO_PROCESS, child.pid),
        "limits": open(f"/proc/{os.getpid()}/limits").read(),
        "child's limits": open(f"/proc/{child.pid}/limits").read(),
        "score": open("/proc/self/oom_score_adj").read(),
        "name": socket.gethostname(),
        "files": sorted(os.listdir("/tmp")),
        "secret": open(f"/tmp/{MARK}-secret").read() + open(f"/dev/shm/{MARK}-secret").read(),
    }


with open(f"/tmp/{MARK}-pid", "w") as file:
    json.dump([os.getpid(), child.pid], file)
open(f"/tmp/{MARK}-beat", "w").close()
before = settings()
open(f"/tmp/{MARK}-ready", "w").close()
before["files"] = sorted([*before["files"], f"{MARK}-ready"])
while not os.path.exists(f"/tmp/{MARK}-done"):
    with open(f"/tmp/{MARK}-beat", "a") as file:  # whoever watches the folder would see it
        file.write(".")
    time.sleep(0.05)
    for name, door in doors.items():
        try:
            door.accept()
            felt.append(f"somebody came in by {name}")
        except BlockingIOError:
            pass
after = settings()
after["files"].remove(f"{MARK}-done")
felt += [
    f"{name}: {before[name]} -> {after[name]}" for name in before if before[name] != after[name]
]
if child.poll() is not None:
    felt.append(f"the child ended: {child.poll()}")
for what in felt:
    print("HARM:", what)
print("unharmed" if not felt else "harmed")
