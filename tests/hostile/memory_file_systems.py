# Memory filled through the file systems that lie in it.
#
# /dev/shm, /tmp and the sockets' folder are memory too: each has a size, and together they count.
#
# [expect]
# [limits]
# cell_seconds = 30
# disk_mb = 64

# %% cell="attack"
import os
import tempfile

full = 0
for folder in ("/dev/shm", "/tmp", "/io", "/answers"):
    number, filler = tempfile.mkstemp(dir=folder)
    try:
        with open(number, "wb") as file:
            for _ in range(300):
                file.write(bytes(1 << 20))
        print("GOT: 300 MB in", folder)
    except OSError:
        full += 1
    finally:
        os.truncate(filler, 0)
assert full == 4
