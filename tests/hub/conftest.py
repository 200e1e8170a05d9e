"""One hub and one browser for the tests of this folder that need them.

It is started by whichever file asks first. ``test_hosting.py`` comes last of them and kills it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from tests import browser as browsers
from tests.hub.site import WAIT, Site, a_course, free_port, served


@pytest.fixture(scope="package")
def site(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    course = a_course(tmp_path_factory.mktemp("hosted") / "Kürs of 2026", built_once)
    with served(course, free_port()) as found:
        yield found


@pytest.fixture(scope="package")
def chromium(site: Site) -> Iterator[Any]:
    expect.set_options(timeout=WAIT)
    with sync_playwright() as playwright:
        browser = browsers.launch(playwright)
        yield browser
        browser.close()
