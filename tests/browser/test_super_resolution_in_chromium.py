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
    answered(page)


def answered(page: Page) -> None:
    """The tab as it opens: the cat under the handle, and the figures after it."""
    expect(page.locator(".wl-handle-pictures img")).to_have_count(2, timeout=SLOW)
    expect(page.get_by_text("closer to the truth than bicubic")).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-super_resolution-errors figure")).to_have_count(2, timeout=SLOW)


def at_work(page: Page) -> None:
    """The tab with a temple, and plain pixels at the left of the handle."""
    answered(page)
    page.get_by_role("button", name="Example: a temple").click()
    expect(page.get_by_text("China, from scikit-learn")).to_be_visible(timeout=SLOW)
    page.get_by_label("Pixels").check()
    expect(page.locator(".wl-handle-name").first).to_have_text("Pixels", timeout=SLOW)


def test_the_handle_goes_by_drag_by_click_and_by_keys(
    page: Page, server: str, requests: list[str], tmp_path: Path
) -> None:
    opened(page, server)
    pictures = page.locator(".wl-handle-pictures")
    for i in range(2):
        file, _ = urllib.request.urlretrieve(pictures.locator("img").nth(i).evaluate("e => e.src"), tmp_path / f"{i}")
        assert Image.open(file).format == "WEBP" and Image.open(file).size == (450, 300)
    slider, box = page.get_by_role("slider", name="Handle between before and after"), pictures.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.click(box["x"] + box["width"] / 4, y)
    expect(slider).to_have_value("25")
    page.mouse.move(box["x"] + box["width"] / 4, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, y, steps=5)
    page.mouse.up()
    expect(slider).to_have_value("80")
    slider.press("ArrowLeft")
    expect(slider).to_have_value("79")
    expect(slider).to_have_attribute("aria-valuetext", "Bicubic on the left 79 %, Sub-pixel net on the rest")
    assert "79%" in (pictures.get_attribute("style") or ""), "the picture is cut where the slider stands"
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "the page asks nothing of any third party"


def test_the_magnifier_is_moved(page: Page, server: str) -> None:
    opened(page, server)
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
    page.get_by_role("button", name="Example: a logo, transparent").click()
    expect(page.get_by_text("Logo, from scikit-image")).to_be_visible(timeout=SLOW)
    page.get_by_label("Enlarge × 4").check()
    expect(page.get_by_text("500 × 500 → 2,000 × 2,000 pixels")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("no truth here to measure against")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Another net, or the whole as a file").click()
    page.get_by_role("button", name="Make the whole file").click()
    expect(page.get_by_role("button", name="The whole result as PNG")).to_be_enabled(timeout=SLOW)
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
