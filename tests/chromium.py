"""The one browser of the tests: two in one process do not go together."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

#: The same engine without windows takes a third of the time to open and load pages.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Debian's Chromium, or skip where it is absent.

    For a module, and not for all: while it is there an event loop runs, in which Django refuses to
    ask its database, as the tests of other modules do.
    """
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (scripts/debian-packages)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield chromium
        chromium.close()
