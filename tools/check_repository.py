"""What no linter looks at: pins agree, links hold, no machine is named, minutes are true."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

from write_environment import environment

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
# A home folder, and the usual signs of an index address in a lock file
MACHINE = re.compile(
    r"(?<![\w])/(?:root|home)/[\w.]+/|--(?:extra-)?index-url|/simple/?\s*$|\"resolved\":"
)


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def stale_environment() -> list[str]:
    written = (ROOT / "environment.yml").read_text()
    if written == environment((ROOT / "requirements.lock").read_text()):
        return []
    return ["environment.yml: not what requirements.lock gives; run `make lock`"]


def dead_links(files: list[Path]) -> list[str]:
    return [
        f"{page.relative_to(ROOT)}: link to {target}, which is not there"
        for page in files
        if page.suffix == ".md"
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / unquote(target)).exists()
    ]


def machine_traces(files: list[Path]) -> list[str]:
    found = []
    for page in files:
        if page == Path(__file__) or b"\0" in (content := page.read_bytes())[:8192]:
            continue
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            if MACHINE.search(line):
                found.append(
                    f"{page.relative_to(ROOT)}:{number}: names a machine: {line.strip()[:80]}"
                )
    return found


def untrue_minutes(files: list[Path]) -> list[str]:
    """Rows of the README's table that are missing, or state other minutes than the assignment."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    wrong = []
    for settings in files:
        folder = settings.parent.relative_to(ROOT)
        if settings.name != "assignment.toml" or folder.parent != Path("assignments"):
            continue
        minutes = tomllib.loads(settings.read_text(encoding="utf-8"))["minutes"]
        parts = [minutes["work"], *([minutes["revision"]] if "revision" in minutes else [])]
        end = f"| {' + '.join(map(str, parts))} |"
        if not any(f"]({folder}/)" in each and each.endswith(end) for each in lines):
            wrong.append(f"README.md: no row of {folder} that ends with {end}")
    return wrong


def main() -> int:
    files = tracked()
    wrong = stale_environment() + dead_links(files) + machine_traces(files) + untrue_minutes(files)
    print("\n".join(wrong) or f"repository: {len(files)} files, pins agree, links hold")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
