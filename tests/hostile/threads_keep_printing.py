# Threads that print on after their cell has ended.
#
# Their output belongs to no cell that runs, must still be counted, and must not hold up the end.
#
# [expect]
# reached = true

# %% cell="attack"
import threading
import time


def chatter():
    while True:
        print("still here")
        time.sleep(0.001)


for _ in range(4):
    threading.Thread(target=chatter, daemon=True).start()

# %% cell="later"
time.sleep(1)
