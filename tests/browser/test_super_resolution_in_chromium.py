"""Super-resolution, driven as a person would: a picture, the handle, the frame, enlarging, a broken file."""

import urllib.request
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLOW = 120_000
"""Milliseconds: where two cores do everything."""


def opened(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=super_resolution")
    expect(page.get_by_role("button", name="Example: a cat")).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-table:visible")).to_be_visible(timeout=SLOW)


def example(page: Page, name: str = "a cat") -> None:
    page.get_by_role("button", name=f"Example: {name}").click()
    expect(page.locator(".wl-readouts:visible")).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-super_resolution-errors figure")).to_have_count(2, timeout=SLOW)


def at_work(page: Page) -> None:
    """The tab with a cat shrunk and restored."""
    expect(page.locator(".wl-table:visible")).to_be_visible(timeout=SLOW)
    example(page)
    expect(page.locator(".wl-super_resolution-slider img")).to_have_count(2, timeout=SLOW)


def test_the_handle_is_dragged_over_lossless_pictures(
    page: Page, server: str, requests: list[str], tmp_path: Path
) -> None:
    opened(page, server)
    example(page)
    expect(page.get_by_text("dB PSNR, bicubic → net")).to_be_visible()
    slider = page.locator(".wl-super_resolution-slider")
    pictures = slider.locator("img")
    expect(pictures).to_have_count(2, timeout=SLOW)
    for i in range(2):
        address = pictures.nth(i).get_attribute("src") or ""
        file, _ = urllib.request.urlretrieve(address, tmp_path / f"{i}")
        assert Image.open(file).format == "PNG" and Image.open(file).size == (450, 300)
    before = pictures.nth(1).evaluate("e => getComputedStyle(e).clipPath + e.style.cssText")
    box = slider.locator(".outer, .slider-wrap").first.bounding_box() or slider.bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - box["width"] / 4, middle[1], steps=5)
    page.mouse.up()
    after = pictures.nth(1).evaluate("e => getComputedStyle(e).clipPath + e.style.cssText")
    assert after != before, "the picture behind the handle is cut elsewhere"
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "the page asks nothing of any third party"


def test_the_magnifier_is_moved(page: Page, server: str) -> None:
    opened(page, server)
    example(page)
    spots = page.locator(".wl-super_resolution-spots img")
    expect(page.locator(".wl-super_resolution-spots figcaption b", has_text="Truth")).to_be_visible(timeout=SLOW)
    seen = spots.first.get_attribute("src")
    assert seen
    page.locator(".wl-magnifier-picture").click(position={"x": 40, "y": 40})
    expect(spots.first).not_to_have_attribute("src", seen, timeout=SLOW)
    seen = spots.first.get_attribute("src")
    assert seen
    page.locator(".wl-frame").focus()
    page.keyboard.press("ArrowDown")
    expect(spots.first).not_to_have_attribute("src", seen, timeout=SLOW)


def test_enlarged_and_downloaded(page: Page, server: str, tmp_path: Path) -> None:
    opened(page, server)
    example(page, "a logo, transparent")
    page.get_by_label("Enlarge × 4").check()
    expect(page.get_by_text("500 × 500 → 2,000 × 2,000 pixels")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("nothing can be measured")).to_be_visible()
    with page.expect_download(timeout=SLOW) as download:
        page.get_by_role("button", name="The whole result as PNG").click()
    download.value.save_as(tmp_path / "large.png")
    with Image.open(tmp_path / "large.png") as large:
        assert large.size == (2000, 2000) and large.mode == "RGBA" and large.format == "PNG"


def test_a_text_file_is_refused(page: Page, server: str, tmp_path: Path) -> None:
    opened(page, server)
    (tmp_path / "notes.png").write_text("a text file")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "notes.png")
    expect(page.get_by_text("This file is not a picture that can be read")).to_be_visible(timeout=SLOW)
