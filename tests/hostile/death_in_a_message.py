# The kernel dies within a message of thousands of parts, which the grader is just then reading.
#
# The process that reads must outlive it: libzmq itself aborts in such a moment if told never to connect again.
#
# [expect]
# cells = {attack = "crashed"}
# ended = "crashed"

# %% cell="attack"
import os
import threading
import time

from IPython import get_ipython

channel = get_ipython().kernel.iopub_socket
send = getattr(channel, "send_multipart", None)
for _ in range(20):
    send([b"stream", b"<IDS|MSG>"] + [b"x"] * 3000)
threading.Timer(0.02, lambda: os.kill(os.getpid(), 9)).start()
time.sleep(5)
