"""Diagnose, driven as a person would: an example, a layer, a method, the weights check, a stranger, a broken file."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLOW = 120_000
"""Milliseconds: a map of a mole takes seconds where two cores do everything."""


def opened(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=diagnose")
    expect(page.locator(".wl-picker")).to_be_visible()
    expect(page.locator(".wl-diagnose-results")).to_be_visible(timeout=SLOW)


def example(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Example: {name}").click()
    expect(page.locator(".wl-diagnose-answer .wl-bar-marked")).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-diagnose-maps .wl-verdict, .wl-verdict").first).to_be_visible(timeout=SLOW)


def at_work(page: Page) -> None:
    """The tab with a drawn cell judged, explained and checked."""
    example(page, "cell, large, drawn")
    expect(page.locator(".wl-diagnose-results")).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-diagnose-forms figure").first).to_be_visible(timeout=SLOW)


def test_from_an_example_to_a_map_that_is_checked(page: Page, server: str, requests: list[str]) -> None:
    opened(page, server)
    example(page, "cell, round, drawn")
    expect(page.locator(".wl-picker-picture img")).to_be_visible()
    expect(page.locator(".wl-diagnose-maps .wl-diagnose-heat")).to_have_count(1, timeout=SLOW)
    expect(page.get_by_text("laid down elsewhere").first).to_be_visible()
    expect(page.locator(".wl-diagnose-forms figure").first).to_be_visible(timeout=SLOW)
    page.get_by_label("Occlusion", exact=True).check()
    expect(page.locator(".wl-diagnose-maps figcaption b", has_text="Occlusion")).to_be_visible(timeout=SLOW)
    page.get_by_label("Grad-CAM", exact=True).check()
    expect(page.locator(".wl-diagnose-maps figcaption b", has_text="Grad-CAM")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Reset the weights, layer by layer").click()
    expect(page.get_by_text("The map", exact=False).filter(has_text="rank correlation").first).to_be_visible(
        timeout=SLOW
    )
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "the page asks nothing of any third party"


def test_a_stranger_is_told_so_and_a_text_file_is_refused(page: Page, server: str, tmp_path: Path) -> None:
    opened(page, server)
    example(page, "cat")
    expect(page.get_by_text("This does not look like my training data")).to_be_visible()
    (tmp_path / "notes.png").write_text("a text file")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "notes.png")
    expect(page.get_by_text("This file is not a picture that can be read")).to_be_visible(timeout=SLOW)


def test_the_other_subject(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_label("Moles", exact=True).check()
    expect(page.get_by_label("melanoma", exact=True)).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Example: mole, ragged, drawn")).to_be_visible()


def test_the_strength_of_the_overlay_is_the_pages_own_affair(page: Page, server: str) -> None:
    opened(page, server)
    example(page, "cell, large, drawn")
    over = page.locator(".wl-diagnose-maps .wl-diagnose-heat")
    expect(over).to_have_count(1, timeout=SLOW)
    slider = page.get_by_label("Strength of the overlay, %").first
    slider.fill("20")
    slider.press("Enter")
    expect(over).to_have_css("opacity", "0.2")
