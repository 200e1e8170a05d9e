"""Jupyter's seam: a kernel provisioner over a sandbox.

``SandboxProvisioner`` (entry point ``jupyter_client.kernel_provisioners``) lets anything that
starts Jupyter kernels start one there. It knows nothing of papermill, whose import loads our
engine: whoever starts a kernel may not have imported that.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Any as AnyTrait
from traitlets import Dict, Unicode

from worksample.limits import Limits
from worksample.sandbox.box import Setup
from worksample.sandbox.choice import choose


class SandboxProvisioner(KernelProvisionerBase):
    """Starts a kernel in a sandbox.

    In a kernel spec: ``{"metadata": {"kernel_provisioner": {"provisioner_name":
    "worksample-sandbox", "config": {"case": "...", "limits": {"memory_mb": 1024}}}}}``.
    """

    box = AnyTrait(help="a box that is already open; it then belongs to its opener")
    case = Unicode("", help="folder with the case's public files").tag(config=True)
    level = Unicode("", help="level of the case").tag(config=True)
    files = Dict(help="name beside the notebook -> file or folder").tag(config=True)
    limits = Dict(help="fields of worksample.limits.Limits").tag(config=True)
    _owned = False

    @property
    def has_process(self) -> bool:
        return self.box is not None

    async def poll(self) -> int | None:
        if self.box is None or self.box.ended.is_set():
            return 1 if self.box is None else (self.box.exit_code or 1)
        return None

    async def wait(self) -> int | None:
        while await self.poll() is None:
            await asyncio.sleep(0.05)
        code = await self.poll()
        self._release()
        return code

    async def send_signal(self, signum: int) -> None:
        if signum == 2 and self.box is not None:
            self.box.interrupt()
        elif signum != 0:
            await self.kill()

    async def kill(self, restart: bool = False) -> None:
        if self.box is not None:
            self.box.kill()

    async def terminate(self, restart: bool = False) -> None:
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        self._release()

    def _release(self) -> None:
        if self.box is not None and self._owned:
            self.box.close()
            self.box = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        # too late for the transport once the manager has made its connection information
        if self.parent is not None:
            self.parent.transport = "ipc"
            self.parent.cache_ports = False
        kwargs.pop("extra_arguments", None)
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        if self.box is None:
            self.box, self._owned = choose().open(self._setup()), True
        key = self.parent.session.key if self.parent is not None else b""
        connection = self.box.start_kernel(key.decode())
        connection["key"] = key
        return cast(KernelConnectionInfo, connection)

    def _setup(self) -> Setup:
        case = Path(self.case) if self.case else None
        files = {name: Path(path) for name, path in self.files.items()}
        return Setup(Limits(**self.limits), case, files, self.level)
