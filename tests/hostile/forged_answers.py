# Answers that are links, devices, pipes, folders, sockets, huge, deep, or not JSON.
#
# The trusted side reads them as data: no link is followed, nothing waits, nothing is stored that
# is larger than declared, and each refusal says why.
#
# [expect]
# refused = ["link", "dangling", "pipe", "folder", "socket", "sparse", "large", "deep", "deepish", "nan", "infinite", "digits", "twice", "latin", "surrogate", "empty", "device", "hard"]
# maybe = ["closed"]
# answers = {fine = {fine = [1, 2.5, "text", true]}}

# %% cell="attack"
import json
import os
import socket

os.chdir(os.environ["WORKSAMPLE_ANSWERS"])
os.symlink("/etc/passwd", "link.json")
os.symlink("nowhere", "dangling.json")
os.mkfifo("pipe.json")
os.mkdir("folder.json")
socket.socket(socket.AF_UNIX).bind("socket.json")
with open("sparse.json", "wb") as file:
    file.truncate(100 << 20)
open("large.json", "w").write("[" + "1," * 100_000 + "1]")
open("deep.json", "w").write("[" * 5000 + "]" * 5000)
open("deepish.json", "w").write("[" * 60 + "]" * 60)
open("nan.json", "w").write("[NaN, 1]")
open("infinite.json", "w").write("1e999")
open("digits.json", "w").write("1" * 5000)
open("twice.json", "w").write('{"a": 1, "a": 2}')
open("latin.json", "wb").write("\u00e9".encode("latin-1"))
open("surrogate.json", "w").write('"\\ud800"')
open("empty.json", "w")
open("closed.json", "w").write("1")
os.chmod("closed.json", 0)
try:
    os.mknod("device.json", 0o020666, os.makedev(1, 5))
except OSError as error:
    print(error)
try:
    os.link("/etc/passwd", "hard.json")
except OSError as error:
    print(error)
json.dump({"fine": [1, 2.5, "text", True]}, open("fine.json", "w"))
os.chdir("/attempt")
