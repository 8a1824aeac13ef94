"""The house around the tabs: cards open in place, Back goes tab by tab, a refused input leaves the answer greyed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from demos import catalogue

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
BOTH_EDGES = """cards => cards.map((card) => {
  const { left, right, top, height } = card.getBoundingClientRect(), y = top + height / 2;
  return [left + 3, right - 3].every((x) => document.elementFromPoint(x, y)?.closest('.wl-card') === card);
})"""
"""Whether each card is what stands at its left and at its right edge."""


def at(page: Page, name: str) -> None:
    """The page is at tab `name`: its heading, its address and the window's title say so."""
    title = catalogue()[name].title
    expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"[?&]tab={name}\b"))
    expect(page).to_have_title(f"{title} · Wavelens")


def test_every_card_is_seen_at_once(page: Page, server: str) -> None:
    page.set_viewport_size(DESKTOP)
    page.goto(server)
    cards = page.locator(".wl-card")
    expect(cards).to_have_count(len(catalogue()))
    boxes = [card.bounding_box() for card in cards.all()]
    assert all(box and box["y"] + box["height"] <= DESKTOP["height"] for box in boxes)
    assert len({round(box["x"]) for box in boxes if box}) == 4, "four beside one another"
    assert cards.evaluate_all(BOTH_EDGES) == [True] * len(boxes), "nothing is cut off at a side"
    shades = page.locator(".wl-card-picture img").evaluate_all("all => all.map((one) => getComputedStyle(one).filter)")
    assert set(shades) == {"none"}, "colours are shown as they are"


def test_cards_open_in_place_and_back_goes_tab_by_tab(page: Page, server: str) -> None:
    page.goto(server)
    page.evaluate("window.stayed = true")
    page.locator(".wl-card", has_text="Voices").click()
    at(page, "voices")
    page.get_by_role("tab", name="Heart", exact=True).click()
    at(page, "heartbeats")
    page.get_by_role("tab", name="Sound").click()
    at(page, "voices")
    page.get_by_role("tab", name="Denoising").click()
    at(page, "denoising")
    for name in ("voices", "heartbeats", "voices"):
        page.go_back()
        at(page, name)
    page.go_back()
    expect(page.locator(".wl-home")).to_be_visible()
    expect(page).to_have_title("Wavelens")
    page.go_forward()
    at(page, "voices")
    assert page.evaluate("window.stayed"), "the page was never loaded again"


def test_a_card_is_still_a_link(page: Page, server: str) -> None:
    page.goto(server)
    with page.context.expect_page() as opened:
        page.locator(".wl-card", has_text="Voices").click(modifiers=["ControlOrMeta"])
    at(opened.value, "voices")
    opened.value.close()
    expect(page.locator(".wl-home")).to_be_visible()


def test_a_refused_file_leaves_the_old_answer_greyed_and_labelled(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=digits")
    expect(page.locator(".wl-live .wl-digit").first).to_have_text(re.compile(r"\d"))
    (tmp_path / "notes.png").write_text("a text file")
    for _ in range(2):
        page.locator("input[type=file]").first.set_input_files(tmp_path / "notes.png")
        expect(page.get_by_text("not a picture that can be read").locator("visible=true")).to_have_count(1)
    answer = page.locator(".wl-refused-first")
    expect(answer).to_be_visible()
    assert "last input" in answer.evaluate("one => getComputedStyle(one, '::before').content")
    page.get_by_role("button", name=re.compile("Example: a 7|^a 7|seven")).first.click()
    expect(page.locator(".wl-refused")).to_have_count(0)


def test_a_phone_reaches_every_group_and_sees_the_answer_after_a_press(chromium: Browser, server: str) -> None:
    page = chromium.new_page(viewport=PHONE, has_touch=True, reduced_motion="reduce")
    page.goto(f"{server}?tab=heartbeats")
    bar = page.locator(".wl-tabs > .tab-wrapper [role=tab]")
    expect(bar).to_have_text(["Home", *dict.fromkeys(demo.group for demo in catalogue().values())])
    bar.last.click()
    expect(bar.last).to_be_in_viewport(ratio=1)
    page.goto(f"{server}?tab=denoising")
    page.locator(".wl-pick label").locator("visible=true").nth(1).tap()
    expect(page.locator(".block.wl-live").locator("visible=true").first).to_be_in_viewport()
    page.close()


def test_a_ninth_page_opens_beside_eight(chromium: Browser, server: str) -> None:
    """A browser grants a server six connections: no page keeps one."""
    context = chromium.new_context()
    for name in [*catalogue(), next(iter(catalogue()))]:
        page = context.new_page()
        page.goto(f"{server}?tab={name}")
        at(page, name)
    context.close()


def test_the_focus_is_seen_on_radios(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=super_resolution")
    radio = page.locator("input[type=radio]:checked").locator("visible=true").first
    radio.focus()
    page.keyboard.press("ArrowRight")
    ring = page.locator("label:has(input:focus-visible)")
    expect(ring).to_be_visible()
    assert ring.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
