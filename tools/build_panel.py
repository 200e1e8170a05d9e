"""JupyterLab's panel, from its TypeScript to the files that are shipped; needs node and npm.

What is built is committed, with the digest of what it was built from: so nobody needs node to
install it, and without node it can be told that it is stale (``--check``).
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import jupyterlab

ROOT = Path(__file__).resolve().parent.parent
PANEL = ROOT / "worksample" / "hub" / "labextension"
BUILT = PANEL / "built"
DIGEST = BUILT / "built-from.sha256"
# npm puts hundreds of megabytes beside the sources: not into the package
WORKSHOP = ROOT / "build" / "panel"


def sources() -> list[Path]:
    """Everything that the built files depend on."""
    own = ("package.json", "package-lock.json", "tsconfig.json")
    folders = (path for name in ("src", "style") for path in (PANEL / name).rglob("*"))
    return sorted(path for path in (*(PANEL / name for name in own), *folders) if path.is_file())


def digest() -> str:
    """sha256 of the names and bytes of the sources."""
    total = hashlib.sha256()
    for path in sources():
        data = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{path.relative_to(PANEL).as_posix()}\0{len(data)}\n".encode() + data)
    return total.hexdigest()


def stale() -> list[str]:
    """What is wrong with the built files, or nothing."""
    built = DIGEST.read_text().strip() if DIGEST.is_file() else ""
    if built == digest():
        return []
    return [f"{BUILT.relative_to(ROOT)}: not built from what lies beside it; run `make panel`"]


def build() -> None:
    """Build it anew from the locked packages."""
    WORKSHOP.mkdir(parents=True, exist_ok=True)
    for name in ("src", "style", "lib", "built"):
        shutil.rmtree(WORKSHOP / name, ignore_errors=True)
    for path in sources():
        target = WORKSHOP / path.relative_to(PANEL)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    core = Path(jupyterlab.__file__).parent / "staging" / "package.json"
    builder = Path(sys.executable).with_name("jupyter-builder")
    for command in (
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        ["npm", "run", "--silent", "compile"],
        [str(builder), "build", "--core-package-file", str(core), "."],
    ):
        subprocess.run(command, cwd=WORKSHOP, check=True)
    shutil.rmtree(BUILT, ignore_errors=True)
    shutil.copytree(WORKSHOP / "built", BUILT)
    DIGEST.write_text(f"{digest()}\n")


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        wrong = stale()
        print("\n".join(wrong) or "panel: built from its sources")
        return bool(wrong)
    build()
    return 0


if __name__ == "__main__":
    sys.exit(main())
