# Endless output past Python, by a child process and by descriptor.
#
# What is written to descriptors 1 and 2 must be counted too, or go nowhere.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "output"
# [limits]
# cell_seconds = 30

# %% cell="attack"
import os
import subprocess

subprocess.Popen(["/bin/sh", "-c", "while :; do echo spam spam spam spam spam >&2; done"])
while True:
    os.write(2, b"spam " * 1000)
