"""Chromium, driven as a person would; skipped by name where there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from benchmarks._browser import CHROMIUM, MISSING, launched

expect.set_options(timeout=30_000)  # a busy machine is not a broken page
SHOTS = Path(__file__).resolve().parents[2] / "runs" / "screenshots"


@pytest.fixture(scope="session")
def engine() -> Iterator[Playwright]:
    """What launches browsers; there can be one in a process."""
    if CHROMIUM is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(engine: Playwright) -> Iterator[Browser]:
    with launched(engine) as browser:
        yield browser


@pytest.fixture
def requests() -> list[str]:
    """The address of everything that the page asks for."""
    return []


@pytest.fixture
def page(chromium: Browser, requests: list[str]) -> Iterator[Page]:
    """A page at desktop width whose console must stay free of errors."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    yield page
    page.close()
    assert not errors
