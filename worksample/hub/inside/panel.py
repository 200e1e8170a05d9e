"""What JupyterLab's panel asks: an extension of the candidate's own server.

It does what the candidate may do anyway, and nothing else: read what is saved in their home, and
put the few questions of the panel to the exchange, as them. No address of a caller's is passed
on, and no token is ever part of an answer. Who calls it has to come from the server's own page:
:class:`~jupyter_server.base.handlers.APIHandler` sees to who they are and to their XSRF token.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado.web import authenticated

from worksample.exchange import folder as folders
from worksample.exchange.client import Client, Refused, Unreachable
from worksample.hub.inside import PAGES, progress

ASSIGNMENT = r"(?P<assignment>[A-Za-z0-9][A-Za-z0-9._-]{0,127})"
LONGEST = 10_000  # characters of a field


class Desk:
    """The candidate's home and the exchange; everything here blocks, and is run in threads."""

    def __init__(self, home: Path) -> None:
        self.home, self.room = home, progress.Room(home)
        self._name = ""

    def _exchange(self) -> tuple[Client, str]:
        client = Client.of_environment()
        self._name = self._name or client.name()
        return client, self._name

    def standing(self) -> dict[str, Any]:
        """What the exchange says: opening, notice, clock, receipts, questions."""
        client, name = self._exchange()
        pages = os.environ.get(PAGES, "")
        own = f"{pages}candidates/{name}/" if pages else ""
        return {**client.status(name), "questions": client.questions(name), "pages": own}

    def work(self) -> dict[str, Any]:
        """What lies in the home."""
        return {
            "attempts": progress.attempts(self.home),
            "room": self.room.said(),
            "note": progress.why_kernels_ended(self.home),
        }

    def accept(self, notice: str) -> dict[str, Any]:
        """Agree to the notice with this digest."""
        client, name = self._exchange()
        client.accept(name, notice)
        return {}

    def ask(self, text: str) -> dict[str, Any]:
        """Ask the team."""
        client, name = self._exchange()
        client.ask(name, text)
        return {}

    def start(self, assignment: str) -> dict[str, Any]:
        """Begin the clock where it has not begun, and lay out the files that are not there."""
        client, name = self._exchange()
        client.start(name, assignment)
        folders.lay_out(client.package(name, assignment), self.home, assignment)
        return {}

    def hand_in(self, assignment: str) -> dict[str, Any]:
        """Hand in what is saved in the assignment's folder; the receipt."""
        folder = self.home / assignment
        if not (folder / f"{assignment}.ipynb").is_file():
            raise Refused(
                f"there is no {assignment}.ipynb in the folder {assignment}: put it back there, "
                "under that name"
            )
        client, name = self._exchange()
        packed = folders.packed(folder, assignment)
        receipt = client.submit(name, assignment, packed.archive)
        try:
            kept = str(folders.keep_receipt(self.home, receipt).relative_to(self.home))
        except OSError:  # a full disk, perhaps: the receipt is the exchange's, and is shown
            kept = ""
        return {**receipt, "left_out": dict(packed.left_out), "kept": kept}

    def receipt(self, assignment: str, number: int) -> dict[str, Any]:
        """A receipt once more."""
        client, name = self._exchange()
        return client.receipt(name, assignment, number)

    def versions(self, assignment: str) -> list[dict[str, Any]]:
        """Which earlier versions there are."""
        client, name = self._exchange()
        return client.versions(name, assignment)

    def restore(self, assignment: str, number: int) -> dict[str, Any]:
        """Put a copy of an earlier version into the home; its path."""
        client, name = self._exchange()
        notebook = client.version(name, assignment, number)
        path = folders.restore(self.home, assignment, number, notebook)
        return {"path": str(path.relative_to(self.home))}


class _Handler(APIHandler):
    """What all share: the desk, and words for what went wrong."""

    def initialize(self, desk: Desk) -> None:
        self.desk = desk

    async def say(self, call: Callable[..., Any], *given: Any) -> None:
        """Answer what ``call`` returns; what goes wrong is told, and by the status whose it is."""
        try:
            said = await asyncio.to_thread(call, *given)
        except Refused as error:
            self._sorry(HTTPStatus.CONFLICT, str(error))
        except Unreachable as error:
            self._sorry(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        except OSError as error:
            self._sorry(
                HTTPStatus.INSUFFICIENT_STORAGE,
                f"a file of yours could not be read or written: {error.strerror or error}",
            )
        else:
            self.finish(json.dumps(said))

    def _sorry(self, status: HTTPStatus, words: str) -> None:
        self.set_status(status)
        self.finish(json.dumps({"message": words}))

    def field(self, name: str) -> str:
        """A text of what was sent; empty where there is none."""
        found = (self.get_json_body() or {}).get(name)
        return found[:LONGEST] if isinstance(found, str) else ""


class Standing(_Handler):
    @authenticated
    async def get(self) -> None:
        await self.say(self.desk.standing)


class WorkSaved(_Handler):
    @authenticated
    async def get(self) -> None:
        await self.say(self.desk.work)


class Installed(_Handler):
    @authenticated
    async def get(self) -> None:
        self.finish(
            json.dumps({"python": platform.python_version(), "packages": progress.installed()})
        )


class Notice(_Handler):
    @authenticated
    async def post(self) -> None:
        await self.say(self.desk.accept, self.field("notice"))


class Questions(_Handler):
    @authenticated
    async def post(self) -> None:
        await self.say(self.desk.ask, self.field("text"))


class Start(_Handler):
    @authenticated
    async def post(self, assignment: str) -> None:
        await self.say(self.desk.start, assignment)


class HandIn(_Handler):
    @authenticated
    async def post(self, assignment: str) -> None:
        await self.say(self.desk.hand_in, assignment)


class Receipt(_Handler):
    @authenticated
    async def get(self, assignment: str, number: str) -> None:
        await self.say(self.desk.receipt, assignment, int(number))


class Versions(_Handler):
    @authenticated
    async def get(self, assignment: str) -> None:
        await self.say(self.desk.versions, assignment)


class Restore(_Handler):
    @authenticated
    async def post(self, assignment: str, number: str) -> None:
        await self.say(self.desk.restore, assignment, int(number))


NUMBER = "(?P<number>[0-9]{1,9})"
ADDRESSES = (
    ("standing", Standing),
    ("work", WorkSaved),
    ("installed", Installed),
    ("notice", Notice),
    ("questions", Questions),
    (f"attempts/{ASSIGNMENT}/start", Start),
    (f"attempts/{ASSIGNMENT}/hand-in", HandIn),
    (f"attempts/{ASSIGNMENT}/receipts/{NUMBER}", Receipt),
    (f"attempts/{ASSIGNMENT}/versions", Versions),
    (f"attempts/{ASSIGNMENT}/versions/{NUMBER}/restore", Restore),
)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    web = serverapp.web_app
    desk = {"desk": Desk(Path(serverapp.root_dir))}
    base = url_path_join(web.settings["base_url"], "worksample")
    web.add_handlers(
        ".*$", [(url_path_join(base, path), handler, desk) for path, handler in ADDRESSES]
    )
