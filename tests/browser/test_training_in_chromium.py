"""Training from its button on every tab, as a visitor without any data finds it: the curve moves, it stops, it is used.

What was seen is written to `runs/training.md`: the loss and the headline at first and at last, and from how many items.
"""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks._server import APP, serving
from demos import catalogue
from tests.browser.conftest import SHOTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SECONDS, LOOKS = 25, 5
"""Of training before Stop is pressed, at most; after so many looks at validation it has been seen to learn."""
PATIENCE_MS = 120_000
TABLE = SHOTS.parent / "training.md"
FROM_TO = re.compile(r"(.+): from (\S+) to (\S+)")


@pytest.fixture(scope="module")
def bare_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application where there is no data but what ships."""
    log = tmp_path_factory.mktemp("server") / "log"
    nothing = tmp_path_factory.mktemp("nothing")
    with serving(*APP, log=log, WAVELENS_DATA=str(nothing), WAVELENS_TRAINING="full") as served:
        yield f"{served.url}/"
        assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    """Lines of what was seen, written at the end."""
    lines: list[str] = []
    yield lines
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    head = "| tab | trained on | s | curve | first | last |\n|---|---|---|---|---|---|\n"
    TABLE.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def curves(page: Page) -> dict[str, tuple[float, float]]:
    """Every curve by its title: its first and its last value."""
    said = page.locator(".wl-charts .wl-unseen").all_text_contents()
    found = (FROM_TO.fullmatch(words) for words in said)
    return {it[1]: (number(it[2]), number(it[3])) for it in found if it}


def number(words: str) -> float:
    return float(words.replace("−", "-").rstrip(" %"))


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True).filter(visible=True)


@pytest.mark.parametrize("name", catalogue())
def test_a_visitor_without_data_trains(name: str, chromium: Browser, bare_server: str, table: list[str]) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{bare_server}?tab={name}")
    button(page, "Start training").click()
    expect(page.locator(".wl-charts polyline").first).to_be_attached(timeout=PATIENCE_MS)
    began = time.monotonic()
    watched(page, until=began + SECONDS)
    button(page, "Stop").click()
    said = page.get_by_text(re.compile(r"^(Stopped|Done)\. Trained on [\d,]+ items, samples that ship with the app"))
    expect(said).to_be_visible(timeout=PATIENCE_MS)
    seconds = time.monotonic() - began
    seen = curves(page)
    n = re.findall(r"Trained on ([\d,]+)", said.inner_text())[0]
    table += [f"| {name} | {n} | {seconds:.0f} | {title} | {a:g} | {b:g} |" for title, (a, b) in seen.items()]
    first, last = next(iter(seen.values()))
    assert last < first or gained(name, seen), f"the loss falls: {seen}"
    button(page, "Use this model here").click()
    back = button(page, "Back to the shipped model")
    expect(back).to_be_enabled(timeout=PATIENCE_MS)
    page.wait_for_timeout(1500)
    back.click()
    expect(page.get_by_role("button", name="Back to the shipped model")).to_have_count(0, timeout=PATIENCE_MS)
    page.wait_for_timeout(500)
    assert page.locator(TOAST).count() == 0, page.locator(TOAST).first.inner_text()
    page.close()
    assert not errors


def gained(name: str, seen: dict[str, tuple[float, float]]) -> bool:
    """Whether the headline on validation, the last of the curves, went half of its way from its start to full marks.

    A loss begins with one batch alone, which may be an easy one; a headline is measured on all of validation.
    """
    first, last = list(seen.values())[-1]
    lower_is_better = catalogue()[name].recipes[0].headline.lower_is_better
    return last < first / 2 if lower_is_better else last > first + (1 - first) / 2


TOAST = "[data-testid=toast-body]"


def watched(page: Page, *, until: float) -> None:
    """Until the last curve, the headline on validation, has its looks, or the time is up; the first must have moved."""
    charts = page.locator(".wl-charts figure")
    before = points(charts.first)
    while time.monotonic() < until and points(charts.last) < LOOKS:
        page.wait_for_timeout(500)
    assert points(charts.first) > before, "the curve has moved"


def points(chart: Locator) -> int:
    """How many points a chart's line has: none before there are two."""
    line = chart.locator("polyline")
    return (line.first.get_attribute("points") or "").count(",") if line.count() else 0
