"""nbgrader's exchange, on the candidate's side: the service instead of a folder all can write.

::

    c.ExchangeFactory.list = "worksample.exchange.plugins.List"
    c.ExchangeFactory.fetch_assignment = "worksample.exchange.plugins.FetchAssignment"
    c.ExchangeFactory.submit = "worksample.exchange.plugins.Submit"
    c.ExchangeFactory.fetch_feedback = "worksample.exchange.plugins.FetchFeedback"

With these, nbgrader's Assignment List and ``nbgrader list``, ``fetch_assignment``, ``submit`` and
``fetch_feedback`` work as ever (:func:`configure` sets them). The Assignment List shows neither
what a plug-in returns nor, for fetching, why it failed: so receipts and refusals are written into
files beside the assignment's folder, where the candidate sees them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.exchange import abc

from worksample.exchange import folder as folders
from worksample.exchange.client import Client, Refused, Unreachable

MESSAGE = "message-from-the-exchange.txt"


def configure(c: Any) -> None:
    """Set the plug-ins in nbgrader's configuration."""
    for kind, plugin in (
        ("list", List),
        ("fetch_assignment", FetchAssignment),
        ("submit", Submit),
        ("fetch_feedback", FetchFeedback),
    ):
        c.ExchangeFactory[kind] = f"{__name__}.{plugin.__name__}"


class _Through(abc.Exchange):
    """What all four share: the service, the folder, and words for the candidate."""

    def folder(self) -> Path:
        """Where assignments' folders lie."""
        return Path(self.assignment_dir).resolve()

    @contextmanager
    def asking(self) -> Iterator[Client]:
        """The service; what it refuses is told, and left in a file."""
        path = self.folder() / MESSAGE
        try:
            yield Client.of_environment()
        except (Refused, Unreachable) as error:
            path.write_text(f"{error}\n", encoding="utf-8")
            self.fail(str(error))
        path.unlink(missing_ok=True)

    def stamp(self, moment: str) -> str:
        """A time as nbgrader writes it, which names a folder too."""
        return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M:%S.%f} UTC"


class List(_Through, abc.ExchangeList):
    """``c.ExchangeFactory.list``: what can be fetched, and what was handed in."""

    def init_src(self) -> None:
        """Nothing lies on this machine."""

    def init_dest(self) -> None:
        """Nothing is written."""

    def copy_files(self) -> None:
        """Nothing is copied."""

    def remove_files(self) -> list[dict[str, Any]]:
        """Refused: what was handed in is kept."""
        self.fail("nothing is removed here: what was handed in is kept, and the rest is yours")
        return []

    def list_files(self) -> list[dict[str, Any]]:
        """nbgrader's own lists."""
        with self.asking() as client:
            status = client.status(client.name())
        course, wanted = status["opening"]["id"], self.coursedir.assignment_id
        if self.coursedir.course_id not in ("", course):
            return []
        attempts = [each for each in status["attempts"] if wanted in ("", "*", each["assignment"])]
        if self.inbound or self.cached:
            handed_in = [each for each in attempts if each["receipts"]]
            self.log.info("Submitted assignments:")
            found = [self._submitted(course, status["candidate"], each) for each in handed_in]
        else:
            self.log.info("Released assignments:")
            found = [self._released(course, each) for each in attempts]
        for each in attempts:
            self.log.info("%s %s (%s)", course, each["assignment"], _said(each))
        return found

    def _released(self, course: str, attempt: Mapping[str, Any]) -> dict[str, Any]:
        name = attempt["assignment"]
        folder = self.folder() / name
        notebooks = [{"notebook_id": name, "path": str(folder / f"{name}.ipynb")}]
        return {
            "course_id": course,
            "assignment_id": name,
            "status": "fetched" if folder.is_dir() else "released",
            "path": str(folder),
            "notebooks": notebooks,
        }

    def _submitted(self, course: str, student: str, attempt: Mapping[str, Any]) -> dict[str, Any]:
        whose = {
            "course_id": course,
            "student_id": student,
            "assignment_id": attempt["assignment"],
            "status": "submitted",
        }
        submissions = [
            {**whose, **self._submission(attempt, receipt)} for receipt in attempt["receipts"]
        ]
        return {**whose, "submissions": submissions}

    def _submission(self, attempt: Mapping[str, Any], receipt: Mapping[str, Any]) -> dict[str, Any]:
        name, when = attempt["assignment"], self.stamp(receipt["submitted"])
        folder = self.folder() / name / "feedback" / when
        here = (folder / f"{name}.html").is_file()
        feedback = {
            "has_local_feedback": here,
            "has_exchange_feedback": attempt["feedback"] and receipt["counts"],
            "local_feedback_path": str(folder) if here else None,
            "feedback_updated": False,
        }
        notebook = {"notebook_id": name, "path": f"{name}.ipynb", **feedback}
        return {"timestamp": when, "path": name, "notebooks": [notebook], **feedback}


class FetchAssignment(_Through, abc.ExchangeFetchAssignment):
    """``c.ExchangeFactory.fetch_assignment``: the candidate's own case, once the clock runs."""

    def start(self) -> None:
        """Put the files there; what the candidate has is never written over."""
        name = self.coursedir.assignment_id
        target = self.folder() / name
        if target.is_dir() and not self.replace_missing_files:
            self.fail(f"You already have a copy of the assignment in {target}")
        with self.asking() as client:
            folders.lay_out(client.package(client.name(), name), self.folder(), name)
        self.log.info("Fetched as: %s", target)


class Submit(_Through, abc.ExchangeSubmit):
    """``c.ExchangeFactory.submit``: hands in, and writes the receipt where it is seen."""

    def start(self) -> None:
        """Hand in the candidate's own files of the assignment's folder."""
        name = Path(self.coursedir.assignment_id).name
        folder = self.folder() / name
        if not (folder / f"{name}.ipynb").is_file():
            self.fail(f"There is no {name}.ipynb in {folder}; fetch the assignment first")
        with self.asking() as client:
            receipt = client.submit(client.name(), name, folders.packed(folder, name).archive)
        path = folders.keep_receipt(self.folder(), receipt)
        self.log.info("Submitted: receipt %s, in %s", receipt["code"], path)


class FetchFeedback(_Through, abc.ExchangeFetchFeedback):
    """``c.ExchangeFactory.fetch_feedback``: the released feedback on the attempt that counts."""

    def start(self) -> None:
        """Put page and notebook where the Assignment List looks for them."""
        name = self.coursedir.assignment_id
        with self.asking() as client:
            who = client.name()
            attempts = {each["assignment"]: each for each in client.status(who)["attempts"]}
            if name not in attempts:
                raise Refused(f"there is no assignment {name!r} for you")
            package = client.feedback(who, name)
        counting = [each for each in attempts[name]["receipts"] if each["counts"]]
        folder = self.folder() / name / "feedback" / self.stamp(counting[-1]["submitted"])
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            for info in archive.infolist():
                (folder / PurePosixPath(info.filename).name).write_bytes(archive.read(info))
        self.log.info("Fetched feedback: %s", folder)


def _said(attempt: Mapping[str, Any]) -> str:
    words = {
        "not open": "not open yet",
        "ready": "press start on your page, then fetch it",
        "missed": "can't be started any more",
        "running": f"{int(attempt['seconds_left'] // 60)} minutes left",
        "paused": "the clock is paused",
        "over": "the time is over",
    }
    return words.get(attempt["state"], attempt["state"])
