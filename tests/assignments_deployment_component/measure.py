"""Totals of solutions over cases: ``python -m tests.assignments_deployment_component.measure
FIRST LAST LEVEL SOLUTION,…``. Events are tried here, services and images in their sandboxes."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests import once

from . import drawn


def main() -> None:
    once._folder = Path(tempfile.mkdtemp(prefix="measure-"))
    first, last, level, names = sys.argv[1:5]
    for seed in range(int(first), int(last) + 1):
        at = drawn.case(seed, level)
        for name in names.split(","):
            begun = time.process_time()
            files = drawn.tree(name, at)
            sys.stdout.flush()
            done = drawn.events(at, files)
            made, used = drawn.built(at, files)
            served = {**drawn.services(at, files), **used}
            found = drawn.checked(at, files, done, services=served, images=made)
            points = {each: round(result.points, 1) for each, result in found.items()}
            out = {k: v for k, v in found["gate"].private["kinds"].items() if not v}
            print(
                f"RESULT {level} {seed} {name} {sum(points.values()):.1f} {points} "
                f"wrong: {sorted(out)} careless: {found['gate'].private['careless']} "
                f"cpu here {time.process_time() - begun:.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
