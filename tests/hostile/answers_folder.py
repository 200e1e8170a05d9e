# The answers' folder itself is moved, replaced or leased.
#
# What is opened must be the folder that we made, and opening must not wait for the candidate.
#
# [expect]
# maybe = ["leased", "race"]
# answers_only = {race = 1, leased = 1}

# %% cell="attack"
import fcntl
import json
import os
import subprocess

for action in (
    lambda: os.rename("/answers", "/attempt/elsewhere"),
    lambda: os.rmdir("/answers"),
):
    try:
        action()
        print("GOT: changed")
    except OSError as error:
        print(error)
json.dump(1, open("/answers/leased.json", "w"))
leased = os.open("/answers/leased.json", os.O_RDONLY)
fcntl.fcntl(leased, fcntl.F_SETLEASE, fcntl.F_RDLCK)
racing = subprocess.Popen(
    [
        "/bin/sh",
        "-c",
        "while :; do ln -sf /etc/passwd /answers/race.json; echo 1 > /answers/r; mv /answers/r /answers/race.json; done",
    ],
)
