"""The wheel in a candidate's package: the workbook part of this package, and nothing else.

It is put together from the files of the package that runs, so it needs no build, no network and
no source tree, and is the same bytes every time.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path

import worksample
from worksample.assignments.zips import zipped
from worksample.workbook import packing

HERE = Path(worksample.__file__).parent
# what a candidate's kernel imports; the import rules in pyproject.toml keep it this small
HELD = ("__init__.py", "errors.py", "workbook")
REQUIRES = ("ipython", "ipywidgets>=8.1", "numpy")


@functools.cache
def wheel() -> tuple[str, bytes]:
    """Its file name and its bytes."""
    code = {
        f"worksample/{path.relative_to(HERE).as_posix()}": path.read_bytes()
        for held in HELD
        for path in ([HERE / held] if held.endswith(".py") else sorted((HERE / held).rglob("*.py")))
    }
    # other contents are another version: pip does not keep an older one that is installed
    total = hashlib.sha256(b"".join(name.encode() + data for name, data in code.items()))
    version = f"{worksample.__version__}+{total.hexdigest()[:8]}"
    about = f"{packing.WHEEL}{version}"
    facts = f"{about}.dist-info"
    files = {
        **code,
        f"{facts}/METADATA": _metadata(version).encode(),
        f"{facts}/WHEEL": b"Wheel-Version: 1.0\nGenerator: worksample\n"
        b"Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{name},sha256={_hash(data)},{len(data)}" for name, data in sorted(files.items())]
    record.append(f"{facts}/RECORD,,")
    files[f"{facts}/RECORD"] = ("\n".join(record) + "\n").encode()
    return f"{about}-py3-none-any.whl", zipped(files)


def _metadata(version: str) -> str:
    lines = [
        "Metadata-Version: 2.1",
        "Name: worksample-candidate",
        f"Version: {version}",
        "Summary: What a work sample's notebook imports",
        "License: Apache-2.0",
        "Requires-Python: >=3.11",
        *(f"Requires-Dist: {each}" for each in REQUIRES),
    ]
    return "\n".join(lines) + "\n"


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
