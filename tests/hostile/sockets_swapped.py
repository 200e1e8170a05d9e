# The kernel's sockets are removed and replaced by links to others.
#
# The client must never connect a second time: the path could lead to a socket of the machine.
#
# [expect]

# %% cell="attack"
import glob
import os

for path in glob.glob("/io/k-*"):
    os.unlink(path)
    os.symlink("/run/docker.sock", path)
