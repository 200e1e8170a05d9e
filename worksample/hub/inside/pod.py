"""The first program of a candidate's pod: lays out what the candidate starts with, then serves.

What keeps the candidate in is the pod and its network policy, so nothing has to be given up here.
"""

from __future__ import annotations

import os
from pathlib import Path

from worksample.hub.inside.server import lay_out
from worksample.sandbox.inside.confine import PR_SET_DUMPABLE, prctl

GIVEN = "/opt/given/files.tar"  # where a pod sees what the hub wrote for it


def main() -> None:
    """Serve until it is ended."""
    prctl(PR_SET_DUMPABLE, 0)  # the hub's token is in this process: no other may look into it
    os.chdir(os.environ["HOME"])
    lay_out(Path(GIVEN).read_bytes())

    from jupyterhub.singleuser.extension import JupyterHubSingleUser

    JupyterHubSingleUser.launch_instance([])


if __name__ == "__main__":
    main()
