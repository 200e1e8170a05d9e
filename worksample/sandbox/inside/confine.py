"""Give up, for good, what candidate code must not have. Runs inside the sandbox.

Called in the process that becomes the kernel, before any candidate code: resource limits, a
real unprivileged user, no new privileges, Landlock where the kernel has it, and a system call
filter for what a namespace does not cover (memory that no limit sees, sockets that no network
namespace holds).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import resource
import signal
import struct
from collections.abc import Collection
from typing import Any

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 1, 4, 38, 36
PR_SET_SECCOMP, PR_CAPBSET_DROP = 22, 24
CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP = 5, 6, 7, 8
MB = 1 << 20

# Address space that a scientific Python reserves and never touches: thread stacks, allocator
# arenas, shared libraries. RLIMIT_AS counts it, so it comes on top of the memory limit.
RESERVED_MB = 2048
AGENT_TASKS = 4
# /proc for what a process may set of itself, /dev for null, terminals and shared memory
WRITABLE = ("/attempt", "/tmp", "/answers", "/io", "/dev", "/proc")


def prctl(option: int, argument: int = 0) -> None:
    """``prctl(2)`` with one argument.

    Raises:
        OSError: the kernel refused.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(argument), 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def confine(
    limits: dict[str, float],
    user: int | None,
    filtered: bool,
    shielded: bool = False,
    writable: Collection[str] = WRITABLE,
) -> None:
    """Confine this process and everything it will start.

    Args:
        limits: the fields of ``worksample.limits.Limits``.
        user: real user and group id to become; None keeps the present one.
        filtered: empty the capability sets, install Landlock's rules and the system call filter.
        shielded: the filter also holds :data:`SHIELD`, around this process.
        writable: folders that Landlock lets it write to.
    """
    os.umask(0o022)
    _limit(limits, own_user=user is not None)
    if user is not None:
        drop_bounding_set()
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    if filtered:
        keep_capabilities()
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_DUMPABLE, 1)  # lost with the change of user, and in the agent on purpose
    # the kernel is to be killed for its memory, not the agent that reports it
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("900")
    if filtered:
        _landlock(writable)
        install_filter(os.getpid() if shielded else 0)


def landlock_abi() -> int:
    """Version of Landlock's interface in this kernel; 0 where there is none."""
    try:
        import landlockpy
    except ImportError:
        return 0
    return landlockpy.abi_version()


def _landlock(writable: Collection[str]) -> None:
    """A second wall, where the kernel has one: namespaces hold all of this already.

    Writing only where an attempt may; signals and abstract sockets only among its own processes.
    """
    if not landlock_abi():
        return
    from landlockpy import AccessFS, AccessNet, Ruleset, Scope

    read = AccessFS.EXECUTE | AccessFS.READ_FILE | AccessFS.READ_DIR
    every = ~AccessFS.NONE
    scopes = Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET
    with Ruleset(handled_net=AccessNet.NONE, scoped=scopes) as rules:
        rules.allow_path("/", read)
        for place in writable:
            rules.allow_path(place, every)
        rules.restrict()


def _limit(limits: dict[str, float], own_user: bool) -> None:
    memory = int(limits["memory_mb"]) * MB
    cpu = int(limits["cpu_seconds"] or 2 * limits["notebook_seconds"])
    wanted = {
        resource.RLIMIT_AS: memory + RESERVED_MB * MB,
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_FSIZE: int(limits["disk_mb"]) * MB,
        resource.RLIMIT_NOFILE: int(limits["open_files"]),
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 64 * 1024,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 1024,
        resource.RLIMIT_NICE: 0,
        resource.RLIMIT_RTPRIO: 0,
    }
    # Counts the user's processes, wherever they are: so only where the user is ours alone, or
    # where the kernel counts them for each user namespace.
    if own_user:
        wanted[resource.RLIMIT_NPROC] = int(limits["processes"])
    elif _counted_by_namespace():  # the agent is among them
        wanted[resource.RLIMIT_NPROC] = int(limits["processes"]) + AGENT_TASKS
    for which, most in wanted.items():
        hard = resource.getrlimit(which)[1]
        # a second between the soft CPU limit (a signal) and the hard one (the end)
        ceiling = most + 1 if which == resource.RLIMIT_CPU else most
        if hard != resource.RLIM_INFINITY:
            ceiling = min(ceiling, hard)
        resource.setrlimit(which, (min(most, ceiling), ceiling))


def _counted_by_namespace() -> bool:
    """In a user namespace (not all ids are mapped) of Linux 5.14 or later."""
    version = tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])
    with open("/proc/self/uid_map") as file:
        inside = file.read().split()[-1] != "4294967295"
    return inside and version >= (5, 14)


def drop_bounding_set(keep: Collection[int] = ()) -> None:
    """No program that is started from here can have a capability but these."""
    for capability in set(range(64)) - set(keep):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError as error:
            if error.errno != errno.EINVAL:  # past the last capability this kernel knows
                raise


def keep_capabilities(keep: Collection[int] = ()) -> None:
    """Give up every capability but these; a change of user leaves the inheritable ones."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = struct.pack("Ii", 0x20080522, 0)
    kept = sum(1 << capability for capability in keep)
    if libc.capset(header, struct.pack("IIIIII", kept, kept, 0, 0, 0, 0)) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"capset: {os.strerror(code)}")


# --- the system call filter ------------------------------------------------------------------
# (x86_64, aarch64); None where the architecture has no such call.
_DENIED: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    # memory that neither a process nor a file system of ours is charged for
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    # the way back to privileges within a namespace of one's own
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "acct": (163, 89),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "personality": (135, 92),
}
# Whoever chose to come last would seem to wait for a busy machine, and an agent of the same user
# could be made to. Not an error: ZeroMQ sets each thread's policy to what it is, or aborts.
_IGNORED = {
    "setpriority": (141, 140),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "ioprio_set": (251, 30),
}
# For the caller alone, whose number is 0 here: without the room to open a file the agent would end.
_OWN_ONLY = {"prlimit64": (302, 261), "sched_setaffinity": (203, 122)}
# So that no process here can have SIGKILL sent, at once or later: (call, the argument that chooses
# it, its value, the mask of what is compared). Who sends it to the kernel by name ends by SIGSYS,
# which says who it was; everything else is refused.
_KILL_CALL = (62, 129)
SHIELD: dict[str, tuple[tuple[int, int], int, int, int]] = {
    "kill": (_KILL_CALL, 1, signal.SIGKILL, 0xFFFFFFFF),  # by any thread's number, too
    "tkill": ((200, 130), 1, signal.SIGKILL, 0xFFFFFFFF),
    "tgkill": ((234, 131), 2, signal.SIGKILL, 0xFFFFFFFF),
    "rt_sigqueueinfo": ((129, 138), 1, signal.SIGKILL, 0xFFFFFFFF),
    "rt_tgsigqueueinfo": ((297, 240), 2, signal.SIGKILL, 0xFFFFFFFF),
    "pidfd_send_signal": ((424, 424), 1, signal.SIGKILL, 0xFFFFFFFF),
    "clone": ((56, 220), 0, signal.SIGKILL, 0xFF),  # what the parent gets at the child's end
    "fcntl": ((72, 25), 1, 10, 0xFFFFFFFF),  # F_SETSIG: what a descriptor's owner gets
    "setrlimit": ((160, 164), 0, resource.RLIMIT_CPU, 0xFFFFFFFF),  # SIGKILL at the hard limit
    "prlimit64": ((302, 261), 1, resource.RLIMIT_CPU, 0xFFFFFFFF),
    "timer_create": ((222, 107), 0, 0, 0),  # its signal is not seen from here
}
_CLONE, _CLONE3, _SOCKET = (56, 220), (435, 435), (41, 198)
_NAMESPACE_FLAGS = 0x7E020000  # CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET
_SOCKET_FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, netlink: all held by the namespaces
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN, _AND = 0x20, 0x15, 0x35, 0x45, 0x06, 0x54
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000


def install_filter(shielded: int = 0) -> bool:
    """Refuse or ignore the calls above from now on; False on an unknown architecture.

    Args:
        shielded: the process that :data:`SHIELD` is around; 0: none.
    """
    program = filter_program(platform.machine(), shielded)
    if program is None:
        return False
    buffer = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    prog = Program(len(program) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(prog), 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"seccomp: {os.strerror(code)}")
    return True


def filter_program(machine: str, shielded: int = 0) -> bytes | None:
    """Classic BPF for ``seccomp(2)``; None for an architecture whose numbers are not listed."""
    if machine not in _AUDIT_ARCH:
        return None
    column = 0 if machine == "x86_64" else 1
    denied = [numbers[column] for numbers in _DENIED.values()]
    code: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, _AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, 0x40000000),  # x32: the same calls under other numbers
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]
    code += _shield(column, shielded) if shielded else []
    for number in denied:
        if number is not None:
            code += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]
    for numbers in _IGNORED.values():
        code += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _ERRNO)]
    for numbers in _OWN_ONLY.values():
        code += [(_EQUAL, 0, 4, numbers[column]), (_LOAD, 0, 0, 16), (_EQUAL, 0, 1, 0)]
        code += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]
    # glibc falls back to clone, whose flags a filter can see
    code += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    code += [
        (_EQUAL, 0, 4, _CLONE[column]),
        (_LOAD, 0, 0, 16),
        (_ANY_BIT, 0, 1, _NAMESPACE_FLAGS),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    families = len(_SOCKET_FAMILIES)
    code += [(_EQUAL, 0, families + 2, _SOCKET[column]), (_LOAD, 0, 0, 16)]
    code += [(_EQUAL, families - i, 0, family) for i, family in enumerate(_SOCKET_FAMILIES)]
    code += [(_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


def _shield(column: int, process: int) -> list[tuple[int, int, int, int]]:
    """:data:`SHIELD` as instructions; each begins and ends with the call's number loaded."""
    code: list[tuple[int, int, int, int]] = []
    named = [number & 0xFFFFFFFF for number in (process, -process, -1, 0)]
    itself = [(_EQUAL, len(named) - i, 0, number) for i, number in enumerate(named)]
    itself += [(_RETURN, 0, 0, _ERRNO | errno.EPERM), (_RETURN, 0, 0, _KILL)]
    for numbers, argument, value, mask in SHIELD.values():
        refuse = [(_RETURN, 0, 0, _ERRNO | errno.EPERM)]
        if numbers is _KILL_CALL:
            refuse = [(_LOAD, 0, 0, 16), *itself]
        asked = [(_LOAD, 0, 0, 16 + 8 * argument), (_AND, 0, 0, mask)]
        asked += [(_EQUAL, 0, len(refuse), value), *refuse, (_LOAD, 0, 0, 0)]
        code += [(_EQUAL, 0, len(asked), numbers[column]), *asked]
    return code


def ignore_signals() -> None:
    """Make this process deaf to what others may send; for the agent."""
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)


def restore_signals() -> None:
    """Undo :func:`ignore_signals` in a child."""
    python_ignores = {signal.SIGPIPE, signal.SIGXFSZ}
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP} - python_ignores:
        with contextlib.suppress(OSError, ValueError):
            default: Any = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, default)
