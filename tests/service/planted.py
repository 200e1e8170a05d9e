"""What one attempt leaves behind wherever it may, and the next one, that looks for it."""

PLACES = """
import os, pandas
PLACES = ["/", "/tmp", "/var/tmp", "/dev/shm", "/attempt", "/answers", "/io", "/case", "/given",
          "/run", "/opt", "/etc", os.path.dirname(pandas.__file__), os.environ["IPYTHONDIR"],
          os.environ.get("HOME", "/")]
"""

PLANT = f"""{PLACES}
import builtins, ctypes, os, socket, subprocess, sys, tempfile
libc = ctypes.CDLL(None, use_errno=True)
os.environ["PLANTED"] = "PLANTED"
builtins.PLANTED = sys.PLANTED = True
import json, pandas
json.PLANTED = pandas.PLANTED = True
done = 0
for top in PLACES:
    try:
        with open(top + "/PLANTED", "w") as file:
            file.write("PLANTED")
        os.chmod(file.name, 0o666)
        done += 1
    except OSError:
        pass
for address in ("\\0PLANTED", "/tmp/PLANTED.door"):
    try:
        door = socket.socket(socket.AF_UNIX); door.bind(address); door.listen(); sys.door = door
        done += 1
    except OSError:
        pass
if os.fork() == 0:  # a daemon: of a session of its own, with another parent
    os.setsid()
    if os.fork() == 0:
        for fd in range(3):
            os.close(fd)
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", "PLANTED"])
    os._exit(0)
os.wait()
done += libc.shmget(0x504C414E, 4096, 0o1666) >= 0
done += libc.semget(0x504C414E, 1, 0o1666) >= 0
done += libc.msgget(0x504C414E, 0o1666) >= 0
for ring in (-3, -4, -5):  # of the process, the user, the user's session
    libc.syscall(248, b"user", b"PLANTED", b"PLANTED", 7, ring)
libc.sethostname(b"PLANTED", 7)
done += libc.prctl(15, b"PLANTED") == 0
print("planted", done)
"""

LOOK = f"""{PLACES}
import builtins, ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def found(*what):
    print("FOUND:", *what)
import json, pandas
if "PLANTED" in os.environ: found("environment")
for each in (builtins, sys, json, pandas):
    if hasattr(each, "PLANTED"): found(each.__name__)
for top in filter(os.path.isdir, PLACES):
    if any("PLANTED" in name for name in os.listdir(top)): found(top)
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        line = open("/proc/" + pid + "/cmdline").read() + open("/proc/" + pid + "/comm").read()
    except OSError:
        continue
    if "PLANTED" in line: found("process", pid, line)
for address in ("\\0PLANTED", "/tmp/PLANTED.door"):
    try:
        socket.socket(socket.AF_UNIX).connect(address)
        found("socket", address)
    except OSError:
        pass
if "PLANTED" in open("/proc/net/unix").read(): found("socket's name")
if libc.shmget(0x504C414E, 0, 0) >= 0: found("shared memory")
if libc.semget(0x504C414E, 0, 0) >= 0: found("semaphores")
if libc.msgget(0x504C414E, 0) >= 0: found("queue")
for ring in (-3, -4, -5):
    if libc.syscall(250, 10, ring, b"user", b"PLANTED", 0) >= 0: found("key", ring)
if socket.gethostname() == "PLANTED": found("host name")
print("looked")
"""
