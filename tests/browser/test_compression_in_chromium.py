"""Compression, driven as a person would: every size by mouse and by key, the switches, both nets, the download."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def at_work(page: Page) -> None:
    """The tab with the shipped net compressed."""
    expect(page.locator(".wl-compression-matrices img")).to_have_count(2)
    expect(page.locator(".wl-compression-pair")).to_contain_text("The small one")


def verdict(page: Page) -> Locator:
    return page.locator(".wl-compression-verdict").filter(visible=True)


def sizes(page: Page) -> Locator:
    return page.locator("fieldset", has_text="How many times smaller").get_by_role("radio")


def test_every_size_of_every_method_answers(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=compression")
    expect(verdict(page)).to_contain_text("93 times smaller")
    for method, smallest in {"Cut with care": "217 ×", "Cut": "67 ×", "Cut and taught": "43 ×"}.items():
        page.get_by_label(method, exact=True).check()
        expect(page.get_by_role("radio", name=smallest)).to_be_visible()
        for i in (0, 1, sizes(page).count() - 1):
            title = sizes(page).nth(i).locator("xpath=..").inner_text().strip()
            sizes(page).nth(i).check()
            said = "The whole net" if title == "whole" else f"{title.removesuffix(' ×')} times smaller"
            expect(verdict(page)).to_contain_text(said)
    expect(page.locator(".toast-wrap .error")).to_have_count(0)


def test_another_net_is_cut_read_and_taught(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=compression")
    expect(verdict(page)).to_contain_text("93 times smaller")
    page.get_by_label("Digits, convolutions").check()
    expect(verdict(page)).to_contain_text("12 times smaller")
    expect(page.get_by_label("Cut and taught")).to_have_count(0)
    expect(page.locator(".wl-compression-pair")).to_contain_text("The whole net: 7")
    page.get_by_label("Colour pictures, convolutions").check()
    expect(verdict(page)).to_contain_text("test pictures")
    expect(page.locator(".wl-pad")).to_have_count(0)
    page.get_by_role("button", name="Example: a cat").filter(visible=True).click()
    expect(page.locator(".wl-compression-pair")).to_contain_text("The whole net: cat")
    expect(page.get_by_role("button", name="Start training")).to_have_count(0)
    expect(page.get_by_text("may not ship with the app")).to_be_visible()
    page.get_by_label("Digits, a perceptron").check()
    expect(verdict(page)).to_contain_text("93 times smaller")
    expect(page.locator(".wl-compression-pair")).to_contain_text("The whole net: 7")
    expect(page.get_by_role("button", name="Start training")).to_be_visible()


def test_a_key_moves_the_size_as_the_mouse_does(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=compression")
    expect(verdict(page)).to_contain_text("93 times smaller")
    page.get_by_role("radio", name="93 ×").focus()
    page.keyboard.press("ArrowRight")
    expect(verdict(page)).to_contain_text("150 times smaller")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(verdict(page)).to_contain_text("85 times smaller")


def test_what_cannot_be_is_not_offered(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=compression")
    expect(verdict(page)).to_contain_text("93 times smaller")
    page.get_by_label("Cut", exact=True).check()
    expect(page.get_by_label("8-bit numbers")).to_have_count(0)
    expect(verdict(page)).to_contain_text("67 times smaller")


def test_read_by_both_and_taken_away(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=compression")
    expect(page.locator(".wl-compression-pair")).to_contain_text("The whole net: 7")
    page.get_by_role("button", name="Example: a 3").filter(visible=True).click()
    expect(page.locator(".wl-compression-pair")).to_contain_text("The small one (93 ×): 3")
    page.get_by_role("button", name="Take the chosen net with you").click()
    page.get_by_role("button", name="Pack the chosen net").click()
    ready = page.get_by_role("button", name="Download mnist_mlp-93x-int8.zip")
    expect(ready).to_be_enabled()
    with page.expect_download() as download:
        ready.click()
    download.value.save_as(tmp_path / "net.zip")
    with zipfile.ZipFile(tmp_path / "net.zip") as archive:
        assert set(archive.namelist()) == {"model.safetensors", "config.json", "card.json"}


def test_the_chosen_shape_is_taught_and_used(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=compression")
    at_work(page)
    page.get_by_role("button", name="Start training").filter(visible=True).click()
    curve = page.locator(".wl-chart polyline").filter(visible=True).first
    expect(curve).to_be_visible()
    before = curve.get_attribute("points")
    expect(curve).not_to_have_attribute("points", before or "")
    page.get_by_role("button", name="Stop").filter(visible=True).click()
    page.get_by_role("button", name="Use this model here").filter(visible=True).click()
    expect(page.get_by_text(re.compile(r"Your net, .* test digits right; the whole net"))).to_be_visible()
    expect(page.locator(".wl-compression-own")).to_be_visible()


def test_on_a_phone_the_verdict_is_in_view(chromium: Browser, server: str) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(f"{server}?tab=compression")
    expect(verdict(page)).to_contain_text("93 times smaller")
    box = verdict(page).bounding_box()
    assert box and box["y"] + box["height"] < 700
    for words in page.locator(".wl-plot-at:visible").all():
        at = words.bounding_box()
        assert at and at["x"] >= 0 and at["x"] + at["width"] <= 390, "no name of a line is cut off"
    page.close()
