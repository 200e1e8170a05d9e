"""Write environment.yml from requirements.lock: conda's Python, and every pin of the lock."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# Made from requirements.lock by `make lock`; a test holds the two together.
#   conda env create -f environment.yml && conda activate worksample
#   pip install --no-deps --no-build-isolation -e .
name: worksample
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
"""
PIN = re.compile(
    r"^(?P<pin>[A-Za-z0-9._-]+(?:\[[^]]+\])?==[^ ;\\]+)(?: *; *(?P<marker>[^\\]+?))? *\\?$"
)


def pins(lock: str) -> list[str]:
    """The lock's requirements, one ``name==version`` (with its marker) each, without hashes."""
    found = (PIN.match(line) for line in lock.splitlines())
    return [m["pin"] + (f" ; {m['marker']}" if m["marker"] else "") for m in found if m]


def environment(lock: str) -> str:
    """The text of environment.yml for the text of a lock file."""
    return HEAD + "".join(
        f"      - {pin!r}\n".replace("'", '"') if '"' not in pin else f"      - '{pin}'\n"
        for pin in (p.replace("'", '"') for p in pins(lock))
    )


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment((ROOT / "requirements.lock").read_text()))
