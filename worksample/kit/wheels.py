"""Wheels made of texts: newer releases for an index that moves."""

from __future__ import annotations

import io
import zipfile

_EPOCH = (1980, 1, 1, 0, 0, 0)
BROKEN = 'raise ImportError("this release no longer supports what was built on the one before")\n'


def wheel(name: str, version: str, source: str) -> tuple[str, bytes]:
    """File name and bytes of a wheel with one package of that name; the same bytes each time."""
    module = name.replace("-", "_").replace(".", "_")
    about = f"{module}-{version}.dist-info"
    files = {
        f"{module}/__init__.py": source,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{place},,\n" for place in [*files, f"{about}/RECORD"])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, text in {**files, f"{about}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(place, _EPOCH), text)
    return f"{module}-{version}-py3-none-any.whl", out.getvalue()
