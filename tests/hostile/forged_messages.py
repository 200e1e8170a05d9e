# Messages to the client, written by the candidate with the kernel's own key.
#
# Whatever speaks the protocol is the candidate. Nonsense must be dropped, forged success must
# change nothing that scores, and nothing may raise on the trusted side.
#
# [expect]
# cells = {attack = "*", forged_reply = "*"}
# outputs_sound = true
# reached = "*"

# %% cell="attack"
import time

kernel = get_ipython().kernel
session, socket = kernel.session, kernel.iopub_socket
parent = kernel.get_parent()


def say(kind, content, about=parent):
    session.send(socket, kind, content, parent=about, ident=b"forged")


deep = []
for _ in range(500):
    deep = [deep]
say("status", {"execution_state": "idle"})
say("status", {})
say("status", {"execution_state": ["idle"]})
say("stream", {"name": "stdout"})
say("stream", {"name": ["x"], "text": {"a": 1}})
say("stream", {"name": "stdout", "text": "\ud800 lone surrogate"})
say("execute_result", {"data": {"text/html": "<script>alert(1)</script>"}, "metadata": 1})
say("execute_result", {"data": {"application/json": deep}, "metadata": {}, "execution_count": "x"})
say("display_data", {"data": {"application/json": float("nan")}, "metadata": deep})
say("display_data", {"data": ["text/plain"], "metadata": {}})
say("error", {"ename": 1, "evalue": None, "traceback": "x"})
say("execute_input", {"execution_count": -(10**30), "code": ""})
say("clear_output", {"wait": "perhaps"})
say("update_display_data", {"data": {}, "metadata": {}, "transient": {"display_id": ["x"]}})
say("comm_open", {"comm_id": "x", "target_name": "jupyter.widget", "data": {"state": deep}})
say("comm_msg", {"comm_id": "y", "data": None})
say("no_such_message", {})
say("execute_result", {"data": {"text/plain": "1.0"}, "metadata": {}}, {"msg_id": ["list"]})
socket.send_multipart([b"garbage"])
socket.send_multipart([b"<IDS|MSG>", b"", b"{", b"}", b"[", b"]"])
socket.send_multipart([b"<IDS|MSG>", session.sign([b"[]"] * 4), b"[]", b"[]", b"[]", b"[]"])
huge = b"[" * 100_000
socket.send_multipart([b"<IDS|MSG>", session.sign([huge] * 4), huge, huge, huge, huge])
time.sleep(0.5)

# %% cell="forged_reply"
kernel = get_ipython().kernel
who = kernel.get_parent()["header"]
for content in (
    {"status": "ok", "execution_count": 1},
    {},
    {"status": {"x": 1}},
    {"status": "error"},
):
    kernel.session.send(
        kernel.shell_stream if hasattr(kernel, "shell_stream") else kernel.shell_socket,
        "execute_reply",
        content,
        parent=kernel.get_parent(),
        ident=kernel._parent_ident.get("shell", b""),
    ) if hasattr(kernel, "_parent_ident") and isinstance(kernel._parent_ident, dict) else None
raise ValueError("this cell failed")
