# A call leaves word to the next one by everything that could outlive it.
#
# One that found word would answer wrongly. Names of the process, files beside the notebook and
# elsewhere, their modes, times and attributes, a process and a thread of the notebook's that watch.
#
# [expect]
# answers_only = {}

# %% cell="attack"
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

PLACES = [
    ".",
    os.environ.get("TMPDIR", "."),
    os.environ["WORKSAMPLE_ANSWERS"],
    os.environ["IPYTHONDIR"],
]
PLACES += ["/dev/shm"] if os.access("/dev/shm", os.W_OK) else []
known = Path("known.txt")
known.write_text("as the notebook left it")
os.utime(known, (1_000_000_000, 1_000_000_000))
Path("folder").mkdir()
seen = []
WATCH = """
import os, time
while not os.path.exists("called"):
    time.sleep(0.01)
time.sleep(0.05)
open("watched", "w").close()
"""
subprocess.Popen([sys.executable, "-c", WATCH], start_new_session=True)
threading.Thread(target=exec, args=(WATCH, {}), daemon=True).start()


def told():
    """Whether anything says that this is not the first call."""
    state = known.stat()
    attributes = os.listxattr(known) if hasattr(os, "listxattr") else []
    return [
        bool(seen),
        hasattr(told, "before"),
        any(Path(place, "word").exists() for place in PLACES),
        known.read_text() != "as the notebook left it",
        state.st_atime != 1_000_000_000 and state.st_atime != state.st_mtime,
        state.st_mtime != 1_000_000_000,
        state.st_mode & 0o111 != 0,
        bool(attributes),
        not os.access("folder", os.W_OK),
        any(Path("folder").iterdir()),
        Path("called").exists(),
        Path("watched").exists(),
    ]


def double(rows):
    found = told()
    seen.append(1)
    told.before = True
    for place in PLACES:
        Path(place, "word").write_text("GOT")
    known.write_text("written")
    known.chmod(0o755)
    try:
        os.setxattr(known, "user.word", b"GOT")
    except OSError:
        pass  # not every file system has them
    Path("folder", "word").write_text("GOT")
    Path("folder").chmod(0)
    Path("called").touch()
    time.sleep(0.2)
    return rows["a"] * (0 if any(found) else 2)
