"""Debian's Chromium, driven headless."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

# The shell has no window to draw, and takes a third less of the processor than Chromium as a whole.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def why_no_browser() -> str:
    """Why no browser can be driven on this machine, "" when one can."""
    return "" if _find() else "no Chromium here: apt-get install chromium-headless-shell"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium; sockets to anything but this machine are its caller's to refuse."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_find(),
            # Chromium's own sandbox refuses to work as root.
            chromium_sandbox=os.geteuid() != 0,
            args=["--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run"],
        )
        try:
            yield browser
        finally:
            browser.close()


def _find() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
