"""Connects to ports inside a workshop's network, and hands the connections over.

Run as a program of its own that has entered that network and nothing else of the box: it executes
nothing of a stranger's. A port comes as four bytes on standard input, a Unix socket; what goes back
is one byte with the connection's descriptor, or one byte alone where nobody listens. Standard
library only.
"""

from __future__ import annotations

import socket

# not 127.0.0.1: a server that listens there alone would not be reached in a container either
ADDRESS = "127.0.0.2"
SECONDS = 5.0


def main() -> None:
    with socket.socket(fileno=0) as asked:
        while len(port := asked.recv(4)) == 4:
            answer(asked, int.from_bytes(port, "big"))


def answer(asked: socket.socket, port: int) -> None:
    try:
        with socket.create_connection((ADDRESS, port), SECONDS) as found:
            found.settimeout(None)
            socket.send_fds(asked, [b"+"], [found.fileno()])
    except (OSError, OverflowError):
        asked.send(b"-")


if __name__ == "__main__":
    main()
