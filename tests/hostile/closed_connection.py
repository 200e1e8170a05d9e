# The kernel lives on and takes no more cells: it closes the connection that they come by.
#
# What is sent to nobody must not be waited for, and the cell that nobody took costs no more than itself.
#
# [expect]
# cells = {attack = "completed", waits = "crashed"}
# ended = "output"

# %% cell="attack"
import gc
import threading
import time

import zmq


def close():
    time.sleep(0.3)
    for each in gc.get_objects():
        if isinstance(each, zmq.Socket) and not each.closed and each.type == zmq.ROUTER:
            each.close(0)


threading.Thread(target=close, daemon=True).start()

# %% cell="waits"
import time

time.sleep(5)
