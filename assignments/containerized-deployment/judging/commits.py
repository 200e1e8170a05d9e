"""What happens to a candidate's repository: commits that are sound or not, and their guide."""

from __future__ import annotations

import re
from collections.abc import Mapping

FLOWS = (".github/", ".gitlab-ci.yml", "ci.sh")
BLOCK = re.compile(r"^```\s*(?:sh|bash|shell)\s+run[^\n]*\n(.*?)^```", re.M | re.S)
FAILING = """import unittest


class Failing(unittest.TestCase):
    def test_what_was_agreed(self):
        self.fail("no longer as agreed")


def test_what_was_agreed():
    raise AssertionError("no longer as agreed")
"""
MOST = 20_000  # characters of a guide's blocks


def commits(tree: Mapping[str, bytes]) -> dict[str, dict[str, str | None]]:
    """Name of a commit -> what it changes; only ``sound`` is."""
    code = {
        name: data.decode("utf-8", "replace")
        for name, data in tree.items()
        if name.endswith(".py") and not name.startswith(("tests/", "kestrel/", "test"))
    }
    return {
        "sound": {"docs/NOTES.md": "# Notes\n"},
        "test": {"tests/test_agreed.py": FAILING},
        "code": {name: f"{text}\nthis is = not python\n" for name, text in code.items()},
        "model": {"model/model.pkl": "cnot_there\nModel\n."},
    }


def guide(tree: Mapping[str, bytes]) -> dict[str, bytes] | None:
    """A repository whose workflow is the guide: its blocks, then a look; None without a block."""
    text = tree.get("DEPLOY.md", b"").decode("utf-8", "replace")
    blocks = BLOCK.findall(text)
    if not blocks:
        return None
    kept = {name: data for name, data in tree.items() if not name.startswith(FLOWS)}
    return {**kept, "ci.sh": script("".join(blocks)[:MOST]).encode()}


def script(blocks: str) -> str:
    """The blocks in one shell, then whether somebody is ready where they should be."""
    return f"""#!/bin/bash
if [ -f guide.port ]; then export PORT=$(cat guide.port); fi
{blocks}
for _ in $(seq 60); do
  if curl -fsS "http://127.0.0.1:${{PORT:-8000}}/health/ready" >/dev/null 2>&1; then exit 0; fi
  sleep 0.25
done
exit 9
"""
