"""How a hosted server starts kernels: without what is the server's alone.

Entry point ``jupyter_client.kernel_provisioners``. A kernel runs whatever the candidate writes;
the hub's token, in the server's environment, is not for it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Mapping
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

# a kernel is to be killed for the memory it takes, not the server that reports it
FIRST_TO_BE_KILLED = "1000"


class HostedProvisioner(LocalProvisioner):
    """A local kernel that gets none of the server's secrets and none of its log."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        kwargs["env"] = harmless(kwargs.pop("env", os.environ))
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        info = await super().launch_kernel(cmd, **{**kwargs, **quiet})
        with (
            contextlib.suppress(OSError),
            open(f"/proc/{self.pid}/oom_score_adj", "w") as file,
        ):
            file.write(FIRST_TO_BE_KILLED)
        return info


def harmless(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without the variables that JupyterHub gives a server."""
    secret = ("JUPYTERHUB_", "JPY_API_TOKEN", "CONFIGPROXY_")
    return {name: value for name, value in environment.items() if not name.startswith(secret)}
