"""Every tab at work, light and dark, on a desktop and a phone: pictured, no wider than the screen, fit for everybody.

What a tab shows at work its own file says (`at_work` in `test_NAME_in_chromium.py`); one without is shown as it opens.
axe-core (`axe/`, from npm, MPL 2.0) is put into the page by this test alone and never by the application.
"""

import importlib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from demos import catalogue
from tests.browser.conftest import SHOTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = (Path(__file__).resolve().parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
DEVICES = {"desktop": (1280, 900), "phone": (390, 844)}
TABLET: ViewportSize = {"width": 820, "height": 1180}
BEYOND = Path(__file__).with_name("beyond.js").read_text(encoding="utf-8")
VISITS = list(product(("home", *catalogue()), DEVICES, ("light", "dark")))


class Visit(NamedTuple):
    """A tab at work on a page of its own."""

    page: Page
    name: str
    device: str
    theme: str


@pytest.fixture(scope="module", params=VISITS, ids="-".join)
def visit(request: pytest.FixtureRequest, chromium: Browser, server: str) -> Iterator[Visit]:
    name, device, theme = request.param
    width, height = DEVICES[device]
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.goto(f"{server}?tab={name}&__theme={theme}")
    at_work(name)(page)
    page.wait_for_timeout(800)  # colours fade and players draw themselves
    yield Visit(page, name, device, theme)
    page.close()


def at_work(name: str) -> Callable[[Page], None]:
    """What brings tab `name` to work once its link is open."""
    module = f"tests.browser.test_{name}_in_chromium"
    return getattr(importlib.import_module(module), "at_work", opened) if find_spec(module) else opened


def opened(page: Page) -> None:
    expect(page.locator(".wl-home, .wl-heading").filter(visible=True)).to_be_visible()


def test_it_is_pictured_and_no_wider_than_the_screen(visit: Visit) -> None:
    """The pictures are for a person to look at (`runs/screenshots`)."""
    picture = SHOTS / f"{visit.name.replace('_', '-')}-{visit.device}-{visit.theme}.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    visit.page.screenshot(path=picture)
    visit.page.screenshot(path=picture.with_stem(f"{picture.stem}-whole"), full_page=True)
    assert not visit.page.evaluate(BEYOND)
    if visit.device == "desktop" and visit.theme == "light":
        visit.page.set_viewport_size(TABLET)
        visit.page.wait_for_timeout(500)
        assert not visit.page.evaluate(BEYOND), "nor than a tablet held upright"


def test_axe_finds_no_violation(visit: Visit) -> None:
    visit.page.evaluate(AXE)
    found = visit.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert len(found["passes"]) > 10, "axe has looked at the page"
    assert not found["violations"], "\n".join(map(told, found["violations"]))


def told(violation: dict[str, Any]) -> str:
    """A violation as the rule, its weight, its help, and where it was found."""
    nodes = [
        f"    {node['html'][:200]}  ({'; '.join(check['message'] for check in node['any'])})"
        for node in violation["nodes"]
    ]
    return "\n".join([f"{violation['id']} ({violation['impact']}): {violation['help']}", *nodes])
