"""Diagnose, driven as a person would: it opens answered; then a film read wrong, a stranger, settings, training."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLOW = 120_000
"""Milliseconds: a map of a mole takes seconds where two cores do everything."""


def opened(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=diagnose")
    expect(page.locator(".wl-diagnose-maps .wl-diagnose-heat")).to_have_count(1, timeout=SLOW)


def example(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")


def at_work(page: Page) -> None:
    """The tab as it opens: a chest film judged, explained and checked."""
    expect(page.locator(".wl-diagnose-maps .wl-diagnose-heat")).to_have_count(1, timeout=SLOW)
    expect(page.locator(".wl-diagnose-results")).to_be_visible(timeout=SLOW)


def test_it_opens_with_a_film_that_is_answered(page: Page, server: str, requests: list[str]) -> None:
    opened(page, server)
    expect(page.locator(".wl-diagnose-answer h2")).to_have_text(re.compile(r"^Pneumonia, \d\d % sure$"))
    expect(page.get_by_text("the film was labelled pneumonia")).to_be_visible()
    expect(page.locator(".wl-diagnose-holds").first).to_contain_text("This map holds")
    fold = page.viewport_size
    for part in (".wl-diagnose-answer h2", ".wl-diagnose-heat", ".wl-diagnose-holds"):
        box = page.locator(part).first.bounding_box()
        assert box and fold and box["y"] + 100 < fold["height"], f"{part} is in the first view"
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "the page asks nothing of any third party"


def test_what_it_gets_wrong_is_said_and_another_film_is_one_click_away(page: Page, server: str) -> None:
    opened(page, server)
    example(page, "normal, read wrong")
    expect(page.locator(".wl-diagnose-wrong")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("the film was labelled normal")).to_be_visible()
    page.get_by_role("button", name="Another test film").click()
    expect(page.locator(".wl-gallery [aria-pressed=true]")).to_have_count(0, timeout=SLOW)
    expect(page.get_by_text("the film was labelled")).to_be_visible()


def test_a_stranger_is_warned_of_before_the_answer(page: Page, server: str, tmp_path: Path) -> None:
    opened(page, server)
    example(page, "a cat")
    warning, doubted = page.locator(".wl-warning"), page.locator(".wl-doubted").first
    expect(warning).to_contain_text("not like the films it learnt from", timeout=SLOW)
    high, low = warning.bounding_box(), doubted.bounding_box()
    assert high and low and high["y"] < low["y"] and page.locator(".wl-diagnose-answer h2").count() == 0
    Image.new("RGB", (1, 1), "red").save(tmp_path / "dot.png")
    (tmp_path / "notes.png").write_text("a text file")
    file = page.locator("input[type=file]").first
    file.set_input_files(tmp_path / "dot.png")
    expect(page.get_by_text("too few to see a film in")).to_be_visible(timeout=SLOW)
    file.set_input_files(tmp_path / "notes.png")
    expect(page.get_by_text("This file is not a picture that can be read")).to_be_visible(timeout=SLOW)


def test_the_map_is_asked_something_else(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_role("button", name="Ask the map something else").click()
    page.get_by_label("Occlusion", exact=True).check()
    expect(page.locator(".wl-diagnose-where").first).to_contain_text("Occlusion", timeout=SLOW)
    page.get_by_label("Grad-CAM", exact=True).check()
    layer = page.get_by_label("range slider for Layer, early to late (Grad-CAM)")
    layer.focus()
    layer.press("ArrowLeft")
    expect(page.locator(".wl-diagnose-where").first).to_contain_text("layer 5 of 6", timeout=SLOW)
    strength = page.get_by_label("Strength of the overlay, %").first
    strength.fill("20")
    strength.press("Enter")
    expect(page.locator(".wl-diagnose-maps .wl-diagnose-heat")).to_have_css("opacity", "0.2")
    page.get_by_role("button", name="Forget the weights, layer by layer").click()
    expect(page.get_by_text("The map", exact=False).filter(has_text="rank correlation").first).to_be_visible(
        timeout=SLOW
    )


def test_the_other_subjects_are_answered_too_and_say_that_they_are_drawn(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_label("Moles", exact=True).check()
    expect(page.get_by_text("These moles are drawn")).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-diagnose-sure").first).to_contain_text("melanoma", timeout=SLOW)
    expect(page.locator(".wl-diagnose-where").first).to_contain_text("layer 9 of 9", timeout=SLOW)
    page.get_by_label("Colon cells", exact=True).check()
    expect(page.get_by_role("button", name="The same cell, in fewer bits")).to_be_visible(timeout=SLOW)


def test_a_net_of_ones_own_learns_and_answers(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_timeout(15_000)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Use this model here").click()
    expect(page.get_by_text("your model", exact=False).first).to_be_visible(timeout=SLOW)
