# Everything that could reach another attempt on the same machine, at the same time.
import ctypes
import glob
import json
import os
import select
import signal
import socket
import struct

facts = json.load(open("/case/facts.json"))
SECRET = "NEIGHBOURS_" + "SECRET"
MARK = open("/case/mark").read()
libc = ctypes.CDLL(None, use_errno=True)
PLACES = {"x86_64": 0, "aarch64": 1}
MACHINE = PLACES[os.uname().machine]
tried = 0


def attempt(name, act, *given):
    """Tell of what did not fail; an act that gives None, or -1, has failed."""
    global tried
    tried += 1
    try:
        got = act(*given)
    except (OSError, ValueError, KeyError, OverflowError):
        return
    if got is not None and got != -1:
        print("GOT:", name, given, str(got)[:200])


def call(numbers, *given):
    return libc.syscall(numbers[MACHINE], *given)


def set_priority(which, who):
    os.setpriority(which, who, 19)
    return "set" if os.getpriority(which, who) == 19 else None


def set_policy(pid):
    os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
    return "set" if os.sched_getscheduler(pid) == os.SCHED_IDLE else None


def io_of(pid):
    return "set" if call((252, 31), 1, pid) == 3 << 13 else None


# --- processes: by the numbers they have here, there and outside
mine = {os.getpid(), *map(int, os.listdir("/proc/self/task"))}
visible = {int(name) for name in os.listdir("/proc") if name.isdigit()}
foreign = visible - mine - {1, os.getppid()}
theirs = [*facts["outside"], *(pid for pid in facts["inside"] if pid not in mine | {1})]
candidates = sorted((set(theirs) | foreign | set(range(2, 66000))) - mine - {1, os.getppid()})
if foreign:
    print("GOT: processes that are not mine:", foreign)


for pid in theirs:
    attempt("group", lambda pid: os.killpg(pid, signal.SIGKILL) or "sent", pid)
    attempt("pidfd", os.pidfd_open, pid)
    attempt("ptrace", lambda pid: libc.ptrace(16, pid, 0, 0), pid)
    attempt("seize", lambda pid: libc.ptrace(0x4206, pid, 0, 0), pid)
    for name in ("mem", "environ", "maps", "cmdline", "status", "stack", "limits", "io"):
        attempt(name, lambda path: open(path, "rb").read(8), f"/proc/{pid}/{name}")
    for name in ("fd", "root/tmp", "cwd", "task", "map_files", "ns"):
        attempt(name, os.listdir, f"/proc/{pid}/{name}")
    attempt("cwd", os.chdir, f"/proc/{pid}/cwd")
    attempt("score", lambda path: open(path, "w").write("1000"), f"/proc/{pid}/oom_score_adj")
    attempt("affinity", lambda pid: os.sched_setaffinity(pid, {0}) or "set", pid)
    # these may say that they were done, and not be
    attempt("priority", set_priority, os.PRIO_PROCESS, pid)
    attempt("group's priority", set_priority, os.PRIO_PGRP, pid)
    attempt("policy", set_policy, pid)
    limit = ctypes.create_string_buffer(struct.pack("QQ", 1, 1), 16)
    attempt("limit", lambda pid: libc.prlimit(pid, 7, limit, None), pid)
    attempt("disk's priority", lambda pid: call((251, 30), 1, pid, 3 << 13) or io_of(pid), pid)
    place = ctypes.create_string_buffer(8)
    vector = struct.pack("PL", ctypes.addressof(place), 8)
    attempt("memory", lambda pid: call((310, 270), pid, vector, 1, vector, 1, 0), pid)
    attempt("compare", lambda pid: call((312, 272), pid, os.getpid(), 0, 0, 0), pid)
for user in facts["users"]:
    attempt("user's priority", lambda user: os.setpriority(os.PRIO_USER, user, 19) and "set", user)


def kill(pid, number):
    os.kill(pid, number)
    return "sent"


for pid in candidates:
    attempt("signal 0", kill, pid, 0)
    attempt("SIGKILL", kill, pid, signal.SIGKILL)
for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGUSR1, signal.SIGKILL):
    try:
        os.kill(-1, number)  # what it meets of my own is no prize
    except OSError:
        pass

# --- sockets


def connect(family, address):
    with socket.socket(family) as client:
        client.settimeout(1)
        client.connect(address)
        return "connected"


names = {f"\0{name}" for name in facts["abstract"]} | {"\0neighbour"}
paths = {f"/tmp/{MARK}-door", f"/dev/shm/{MARK}-door", *facts["sockets"]}
for line in open("/proc/net/unix").read().splitlines()[1:]:
    words = line.split()
    if len(words) > 7 and not words[7].startswith("/io/"):
        (names if words[7].startswith("@") else paths).add(words[7].replace("@", "\0", 1))
for name in sorted(names | paths):
    attempt("socket", connect, socket.AF_UNIX, name)
attempt("tcp", connect, socket.AF_INET, ("127.0.0.1", 45678))
own = {f"/io/k-{n}" for n in range(1, 6)}
others = set(glob.glob("/io/**", recursive=True)) | set(glob.glob("/tmp/**/k-*", recursive=True))
for path in sorted(others - own):
    attempt("another kernel's socket", connect, socket.AF_UNIX, path)

# --- memory and queues by name
for folder in ("/tmp", "/dev/shm", "/attempt", "/answers"):
    attempt("file", lambda path: open(path).read(), f"{folder}/{MARK}-secret")
for top in ("/tmp", "/dev/shm", "/dev/mqueue", "/run", "/var/tmp", "/answers", "/io"):
    for folder, _, files in os.walk(top):
        for name in files:
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    if SECRET.encode() in file.read(4096):
                        print("GOT: the secret in", folder, name)
            except OSError:
                pass
for number in range(64):
    attempt("SysV memory", lambda number: libc.shmat(number, None, 0o10000), number)
    attempt("SysV memory, controlled", lambda number: libc.shmctl(number, 0, None), number)
    attempt("SysV semaphores", lambda number: libc.semctl(number, 0, 0), number)
    attempt("SysV queue", lambda number: libc.msgctl(number, 0, None), number)
attempt("POSIX queue", lambda: libc.mq_open(b"/neighbour", os.O_RDONLY))
attempt("key", lambda: call((250, 219), 10, ctypes.c_int(-3), b"user", b"neighbour", 0))
attempt("key asked for", lambda: call((249, 218), b"user", b"neighbour", None, 0))

# --- watching what happens elsewhere
watch = libc.inotify_init1(os.O_NONBLOCK)
here = set(os.listdir("/tmp"))
for folder in (b"/tmp", b"/dev/shm", b"/", b"/proc", b"/answers", b"/case"):
    libc.inotify_add_watch(watch, folder, 0x00000FFF & ~0x1)
select.select([], [], [], 0.5)
try:
    seen = os.read(watch, 65536)
except BlockingIOError:
    seen = b""
if b"beat" in seen:
    print("GOT: watched the neighbour's folder", seen[:200])

# --- control groups, the machine's name, the kernel's settings
for path in glob.glob("/sys/fs/cgroup/**/cgroup.procs", recursive=True):
    attempt("control group", lambda path: open(path, "w").write("0"), path)
attempt("host name", lambda: libc.sethostname(b"mine", 4))
for name in ("sys/kernel/core_pattern", "sys/vm/drop_caches", "sysrq-trigger"):
    attempt("setting", lambda path: os.open(path, os.O_WRONLY), f"/proc/{name}")  # nothing is set
print("tried", tried)
