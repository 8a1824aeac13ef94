"""Chromium, driven by Playwright, for benchmarks and tests: where it is, and the switches that keep it to itself."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Playwright, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MISSING = "there is no Chromium here: apt-get install chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
QUIET += ["--disable-component-update", "--disable-quic"]


@contextmanager
def launched(engine: Playwright, *switches: str) -> Iterator[Browser]:
    """Chromium with further command-line switches, such as those of a microphone that plays a file."""
    browser = engine.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *switches])
    yield browser
    browser.close()


@contextmanager
def browsing() -> Iterator[Browser]:
    """Chromium in a process of its own; SystemExit where there is none."""
    if CHROMIUM is None:
        raise SystemExit(MISSING)
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser
