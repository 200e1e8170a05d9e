"""``python -m worksample.exchange``: the service, under JupyterHub where that started it."""

from __future__ import annotations

import argparse
import os

from worksample import interpreter
from worksample.course import Course


def main() -> None:
    """Serve the course that the working folder lies in."""
    interpreter.end_quickly()
    options = argparse.ArgumentParser(prog="python -m worksample.exchange", description=__doc__)
    options.add_argument("--port", type=int, default=8899)
    options.add_argument("--address", default="127.0.0.1")
    options.add_argument("--public", default="", help="the address of a proxy of ours before it")
    given = options.parse_args()
    course = Course.locate()
    if "JUPYTERHUB_SERVICE_PREFIX" in os.environ:
        from worksample.exchange import under_hub

        under_hub.main(course)
        return
    from worksample.exchange import app

    app.main(course, given.port, given.address, given.public)


if __name__ == "__main__":
    main()
