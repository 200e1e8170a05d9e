"""A page as PDF, printed by a Chromium of this machine; nothing is fetched from elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from worksample import disk
from worksample.errors import WorksampleError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 120


def pdf(page: Path) -> Path:
    """Print ``page`` to a PDF beside it.

    Raises:
        WorksampleError: there is no Chromium, or it failed.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        raise WorksampleError(
            "there is no Chromium to print with",
            do="install chromium, or open the page in any browser and print it from there",
        )
    into = page.with_suffix(".pdf")
    with disk.scratch("print") as profile:
        command = [browser, "--headless", "--disable-gpu", "--no-pdf-header-footer"]
        command += [f"--user-data-dir={profile}", f"--print-to-pdf={into.resolve()}"]
        # the page has no script and may load nothing; as root a Chromium has no sandbox of its own
        command += ["--no-sandbox"] if os.getuid() == 0 else []
        try:
            done = subprocess.run(
                [*command, page.resolve().as_uri()],
                capture_output=True, text=True, timeout=SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise WorksampleError(
                f"{browser} did not print within {SECONDS} seconds", where=str(page)
            ) from None
    if done.returncode or not into.is_file():
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1][:200]
        raise WorksampleError(f"{browser} could not print it: {said}", where=str(page))
    return into
