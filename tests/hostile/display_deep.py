# Bundles of JSON in which nearly every character is a list of its own.
#
# Eight megabytes of it would be a gigabyte of objects in the process that grades; nothing of it is
# shown to anybody.
#
# [expect]
# outputs_sound = true
# [limits]
# cell_seconds = 30
# output_kb = 8192

# %% cell="attack"
from IPython import get_ipython

session, socket = get_ipython().kernel.session, get_ipython().kernel.iopub_socket
parent = get_ipython().parent_header
for value in ("[[],[],[]]", "[" * 900 + "]" * 900, "1,2"):
    many = "[" + ",".join([value] * (2_000_000 // len(value))) + "]"
    message = session.msg("display_data", parent=parent)
    content = '{"metadata":{},"data":{"text/plain":"x","application/json":' + many + "}}"
    packed = [session.pack(message[part]) for part in ("header", "parent_header", "metadata")]
    packed.append(content.encode())
    socket.send_multipart([b"", b"<IDS|MSG>", session.sign(packed), *packed])
