"""Where things lie in a course folder, and the course's secret."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worksample.errors import CourseError

_HERE = Path(__file__).parent


def samples() -> Path:
    """The folder of the work samples that come with the package.

    In a source checkout they are its course's own ``assignments/``.
    """
    carried = _HERE / "samples"
    return carried if carried.is_dir() else _HERE.parent / "assignments"


@dataclass(frozen=True)
class Course:
    """A course folder: the one that holds ``nbgrader_config.py``."""

    root: Path

    @classmethod
    def locate(cls, start: Path | None = None) -> Course:
        """The course that ``start`` (default: ``$WORKSAMPLE_COURSE`` or here) lies in.

        Raises:
            CourseError: no folder from there up to the root holds ``nbgrader_config.py``.
        """
        begin = Path(start or os.environ.get("WORKSAMPLE_COURSE") or Path.cwd()).resolve()
        for folder in (begin, *begin.parents):
            if (folder / "nbgrader_config.py").is_file() and (folder / "assignments").is_dir():
                return cls(folder)
        raise CourseError(
            "this is not inside a course: no nbgrader_config.py with assignments/ here or above",
            where=str(begin),
            do="change into the course folder, or set WORKSAMPLE_COURSE to it",
        )

    @property
    def assignments(self) -> Path:
        return self.root / "assignments"

    def settings(self) -> dict[str, Any]:
        """What ``course.toml`` says: ``samples`` and the table ``scorecards``; else nothing.

        Raises:
            CourseError: it cannot be read, or says something else.
        """
        path = self.root / "course.toml"
        if not path.is_file():
            return {}
        try:
            settings = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CourseError(str(error), where=str(path), do="mend that file") from error
        strange = settings.keys() - {"samples", "scorecards"}
        if strange or not settings:
            said = f"{', '.join(map(repr, sorted(strange)))} is no setting"
            raise CourseError(
                said if strange else "it says nothing",
                where=str(path),
                do=f"there are `samples` ({_wanted(_there())}) and the table [scorecards]",
            )
        return settings

    def offered(self) -> dict[str, Path]:
        """Name -> folder of the package's work samples that ``course.toml`` names; else none.

        Raises:
            CourseError: ``course.toml`` cannot be read, or names one that there is not.
        """
        settings = self.settings()
        if "samples" not in settings:
            return {}
        there, wanted = _there(), settings["samples"]
        if wanted == "all":
            return there
        strange = [
            repr(each)
            for each in (wanted if isinstance(wanted, list) else [wanted])
            if not isinstance(each, str) or each not in there
        ]
        if strange:
            raise CourseError(
                f"{', '.join(strange)} is neither a work sample of the package nor a setting",
                where=str(self.root / "course.toml"),
                do=f"write samples = {_wanted(there)}",
            )
        return {each: there[each] for each in wanted}

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def release(self) -> Path:
        return self.root / "release"

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        return self.root / "autograded"

    @property
    def feedback(self) -> Path:
        return self.root / "feedback"

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def cases(self) -> Path:
        return self.state / "cases"

    @property
    def evidence(self) -> Path:
        return self.state / "evidence"

    @property
    def gradebook_url(self) -> str:
        """SQLAlchemy URL of nbgrader's gradebook."""
        return os.environ.get(
            "WORKSAMPLE_GRADEBOOK_URL", f"sqlite:///{self.state / 'gradebook.db'}"
        )

    @property
    def records_url(self) -> str:
        """SQLAlchemy URL of our own tables."""
        return os.environ.get("WORKSAMPLE_RECORDS_URL", f"sqlite:///{self.state / 'worksample.db'}")

    def secret(self) -> bytes:
        """The course's secret, 32 bytes, made at first use; every case's seed comes from it."""
        path = self.state / "secret"
        if not path.exists():
            self.state.mkdir(parents=True, exist_ok=True)
            fresh = self.state / f".secret-{os.getpid()}"
            fresh.write_bytes(secrets.token_bytes(32))
            fresh.chmod(0o600)
            # link() fails if somebody else was first, so two processes can't end up with two
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass  # the other one's secret is as good, and is the one to use
            finally:
                fresh.unlink()
        return path.read_bytes()


def _there() -> dict[str, Path]:
    return {folder.parent.name: folder.parent for folder in samples().glob("*/assignment.toml")}


def _wanted(there: Iterable[str]) -> str:
    return f'"all", or a list of some of: {", ".join(sorted(there))}'
