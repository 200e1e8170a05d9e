"""JupyterHub's seam for servers on Kubernetes: each candidate's JupyterLab in a pod of its own.

The course lies on a volume that hub, exchange, keeper and grading share; a candidate's pod is shown
their own home of it, what they begin with, and the settings, and nothing else. Names are not looked
up by candidates: a name server would be a way out.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from kubespawner import KubeSpawner
from traitlets import Float, Unicode

from worksample import disk
from worksample.course import Course
from worksample.errors import WorksampleError
from worksample.hub import homes, settings
from worksample.hub.boxes import lab_environment, packed
from worksample.hub.inside import DISK_MB, PAGES
from worksample.hub.inside.pod import GIVEN
from worksample.hub.places import Places
from worksample.hub.settings import HOME, INSIDE
from worksample.hub.spawner import not_started, wanted
from worksample.hub.work import Work

USER = 1000  # of every program on the volume: what keeps candidates apart is what pods are shown
COURSE = "course"  # the volume's name within a pod
TEMPORARY_MB = 512


class PodSpawner(KubeSpawner):
    """A pod with what the candidate's work may use, and no more of it than any other's has."""

    course = Unicode(help="the course's folder").tag(config=True)
    pages = Unicode(help="where browsers find the exchange's pages").tag(config=True)
    exchange = Unicode(help="where pods find the exchange: a number, no name").tag(config=True)
    claim = Unicode("worksample", help="the volume claim that holds the course").tag(config=True)
    cores = Float(1.0, help="processors that a candidate has").tag(config=True)

    @property
    def places(self) -> Places:
        return Places(Course(Path(self.course)))

    async def start(self) -> Any:
        """Write what the pod is shown, and have it made; where it answers.

        Raises:
            SpawnException: it is not to be started, or cannot be; the words are for the candidate.
        """
        try:
            self.arrange(await asyncio.to_thread(self._prepared))
        except WorksampleError as error:
            self.log.error("The pod of %s was not started: %s", self.user.name, error)
            raise not_started() from error
        return await super().start()

    def _prepared(self) -> Work:
        places, name = self.places, self.user.name
        todo = wanted(places.course, name)
        homes.prepare(places, name)
        disk.replace(places.given(name) / Path(GIVEN).name, packed(todo.files))
        settings.write(self._settings(todo), todo.terminal, secure=True)
        return todo

    def _settings(self, todo: Work) -> Path:
        return self.places.jupyter / ("terminal" if todo.terminal else "plain")

    def arrange(self, todo: Work) -> None:
        """Set what the pod is made of. Guarantee and limit are the same for every candidate."""
        places, name = self.places, self.user.name
        self.cmd = ["python", "-P", "-m", "worksample.hub.inside.pod"]
        self.mem_guarantee = self.mem_limit = f"{todo.limits.memory_mb}M"
        self.cpu_guarantee = self.cpu_limit = self.cores
        self.uid = self.gid = USER
        self.working_dir = HOME
        self.automount_service_account_token = False
        self.enable_service_links = False
        self.container_security_context = {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        self.volumes = {
            COURSE: {"name": COURSE, "persistentVolumeClaim": {"claimName": self.claim}},
            "tmp": {"name": "tmp", "emptyDir": {"sizeLimit": f"{TEMPORARY_MB}Mi"}},
        }
        shown = {
            HOME: (places.homes / name, False),
            str(Path(GIVEN).parent): (places.given(name), True),
            INSIDE: (self._settings(todo), True),
        }
        self.volume_mounts = {
            "tmp": {"name": "tmp", "mountPath": "/tmp"},
            **{
                path: {
                    "name": COURSE,
                    "mountPath": path,
                    "subPath": os.path.relpath(what, self.course),
                    "readOnly": read_only,
                }
                for path, (what, read_only) in shown.items()
            },
        }
        start = f"/lab/tree/{todo.start}" if todo.start else "/lab"
        self.environment = {
            **lab_environment(),
            "HOME": HOME,
            "JUPYTERHUB_DEFAULT_URL": start,
            "WORKSAMPLE_EXCHANGE": self.exchange,
            DISK_MB: str(todo.limits.disk_mb),
            PAGES: self.pages,
        }
