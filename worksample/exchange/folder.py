"""An assignment's folder on a candidate's side: what is laid out in it, and what is handed in.

Shared by everything that asks the exchange from there: nbgrader's plug-ins and JupyterLab's panel.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from worksample.exchange.client import Unreachable
from worksample.workbook import packing

RECEIPTS = "receipts"
RESTORED = "restored"


@dataclass(frozen=True)
class Packed:
    """What is handed in.

    Attributes:
        archive: a zip of the assignment's folder.
        left_out: files that are not in it -> why.
    """

    archive: bytes
    left_out: Mapping[str, str]


def lay_out(package: bytes, into: Path, name: str) -> None:
    """Put the files of a package there; what the candidate has is never written over.

    Args:
        package: the zip that the exchange gives.
        into: the folder in which the assignment's folder lies.

    Raises:
        Unreachable: what was sent is no package of this assignment.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            found = {inside(info.filename, name): info for info in archive.infolist()}
            for relative, info in found.items():
                path = into / relative
                if not path.exists():
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.read(info))
    except zipfile.BadZipFile as error:
        raise Unreachable(f"the exchange sent something that is no package: {error}") from None


def inside(name: str, assignment: str) -> PurePosixPath:
    """The name of a file in a package.

    Raises:
        Unreachable: it leads out of the assignment's folder.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.parts[:1] != (assignment,):
        raise Unreachable(f"the exchange sent a file that leads out of {assignment}: {name}")
    return path


def packed(folder: Path, name: str) -> Packed:
    """The candidate's own files; what the service would leave out stays here."""
    given = passport(folder).get("given")
    own = packing.own_files(folder, tuple(given) if isinstance(given, list) else ())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in own.files:
            archive.writestr(f"{name}/{path.as_posix()}", (folder / path).read_bytes())
    return Packed(stream.getvalue(), dict(own.left_out))


def passport(folder: Path) -> dict[str, Any]:
    """``worksample.json`` of an assignment's folder; empty where there is none to be read."""
    try:
        found = json.loads((folder / "worksample.json").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def keep_receipt(into: Path, receipt: Mapping[str, Any]) -> Path:
    """Write a receipt where the candidate sees it; the file."""
    path = into / RECEIPTS / f"{receipt['assignment']}-{receipt['number']}.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text(_text(receipt), encoding="utf-8")
    return path


def restore(into: Path, assignment: str, number: int, notebook: bytes) -> Path:
    """Put an earlier version beside the work, where it is handed in by nobody; the file."""
    path = into / RESTORED / f"{assignment}-version-{number}.ipynb"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():  # they may have gone on in it
        path.write_bytes(notebook)
    return path


def _text(receipt: Mapping[str, Any]) -> str:
    lines = [
        f"Receipt {receipt['code']}",
        "",
        f"work:      {receipt['assignment']}, attempt file {receipt['number']}",
        f"received:  {receipt['received']}",
        f"in time:   {'no, it is marked as late' if receipt['late'] else 'yes'}",
        f"counts:    {'yes' if receipt['counts'] else 'no, another one does'}",
        f"sha256:    {receipt['digest']}",
        "",
        "what it held:",
        *(f"  {digest}  {name}" for name, digest in receipt["files"].items()),
        *(["", "noted:"] if receipt["notes"] else []),
        *(f"  {note}" for note in receipt["notes"]),
    ]
    return "\n".join(lines) + "\n"
