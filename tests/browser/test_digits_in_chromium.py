"""Digits, driven as a person would: a link, a stroke, an example, a file, training started, stopped and used."""

import random
import re
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SEVEN = [(0.3, 0.25), (0.5, 0.23), (0.72, 0.25), (0.6, 0.5), (0.48, 0.82)]
ONE = [(0.5, 0.15), (0.49, 0.5), (0.48, 0.85)]


def draw(page: Page, points: list[tuple[float, float]]) -> None:
    """One stroke on the pad through `points`, in shares of its side."""
    pad = page.locator(".wl-pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    at = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for _, (x, y) in pairwise(at):
        page.mouse.move(x, y, steps=5)
    page.mouse.up()


def digit(page: Page) -> Locator:
    return page.locator(".wl-live .wl-digit").filter(visible=True)


def at_work(page: Page) -> None:
    """The tab with a seven drawn and followed through the layers."""
    expect(digit(page)).to_have_text("4")
    draw(page, SEVEN)
    expect(digit(page)).to_have_text("7")
    expect(page.locator(".wl-digits-ring:visible")).to_have_count(7)


def test_from_the_home_page_to_an_answer(page: Page, server: str, requests: list[str]) -> None:
    page.goto(server)
    page.locator(".wl-card", has_text="Draw a digit").click()
    expect(digit(page)).to_have_text("4")  # an example is read before anything is asked
    expect(page.get_by_text("Right: its writer meant 4.")).to_be_visible()
    draw(page, SEVEN)
    expect(digit(page)).to_have_text("7")
    expect(page.locator(".wl-digits-seen img")).to_be_visible()
    expect(page.locator(".wl-digits-ring:visible")).to_have_count(7)
    page.get_by_role("button", name="Clear").click()
    expect(digit(page)).to_have_text("–")
    expect(page.locator(".wl-digits-ring:visible")).to_have_count(0)
    draw(page, ONE)
    expect(digit(page)).to_have_text("1")
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "the page asks nothing of any third party"


def test_what_is_no_digit_is_warned_of_first(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=digits")
    expect(digit(page)).to_have_text("4")
    noise = Image.frombytes("L", (64, 64), random.Random(0).randbytes(64 * 64))
    noise.save(tmp_path / "noise.png")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "noise.png")
    expect(page.locator(".wl-stranger .wl-warning")).to_contain_text("This looks like no digit")
    page.get_by_role("button", name="Example: a 8").click()
    expect(page.locator(".wl-stranger")).to_have_count(0)
    expect(digit(page)).to_have_text("8")
    page.get_by_role("button", name="A test digit").click()
    expect(page.get_by_text(re.compile(r"(Right|Wrong): its writer meant \d"))).to_be_visible()


def test_on_a_phone_the_answer_is_in_view_after_a_tap(chromium: Browser, server: str) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(f"{server}?tab=digits")
    expect(digit(page)).to_have_text("4")
    page.get_by_role("button", name="Example: a 3").tap()
    expect(digit(page)).to_have_text("3")
    box = digit(page).bounding_box()
    assert box and page.evaluate("scrollY") == 0 and box["y"] + box["height"] < 700
    page.close()


def test_a_link_opens_its_tab_and_a_tab_writes_its_link(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=digits&__theme=dark")
    expect(page.locator(".wl-pad")).to_be_visible()
    page.get_by_role("tab", name="Home").click()
    expect(page.locator(".wl-home")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?__theme=dark$"))
    page.get_by_role("tab", name="Digits").click()
    expect(page).to_have_url(re.compile(r"tab=digits"))
    page.get_by_role("tab", name="Compression").click()
    expect(page).to_have_url(re.compile(r"tab=compression"))
    page.goto(f"{server}?tab=nothing-of-that-name")
    expect(page.locator(".wl-home")).to_be_visible()


def test_a_group_opened_by_hand_loads_its_tab(page: Page, server: str) -> None:
    page.goto(server)
    expect(page.locator(".wl-card").first).to_be_visible()
    page.get_by_role("tab", name="Digits").click()
    expect(page.locator(".wl-digits-map img")).to_have_count(7)
    page.get_by_role("tab", name="Compression").click()
    expect(page.locator(".wl-compression-matrices img")).to_have_count(2)


def test_examples_by_keyboard_and_files(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=digits")
    example = page.get_by_role("button", name="Example: a 3")
    example.focus()
    page.keyboard.press("Enter")
    expect(digit(page)).to_have_text("3")
    small = Image.open(Path(__file__).parents[2] / "demos" / "_ui" / "examples" / "0.png")
    picture = small.resize((280, 280)).convert("CMYK")
    picture.save(tmp_path / "zero.jpg")
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files(tmp_path / "zero.jpg")
    expect(digit(page)).to_have_text("0")
    (tmp_path / "notes.png").write_text("a text file")
    chooser.set_input_files(tmp_path / "notes.png")
    expect(page.get_by_text("This file is not a picture that can be read")).to_be_visible()
    expect(digit(page)).to_have_text("0")


def test_maps_and_extremes(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=digits")
    expect(page.locator(".wl-digits-map img")).to_have_count(7)
    page.get_by_role("button", name="One map, large").click()
    expect(page.locator(".js-plotly-plot .scatterlayer .trace")).to_have_count(11)
    page.get_by_label("Pixels", exact=True).check()
    expect(page.get_by_text("Pixels, PCA of 1,000 test digits")).to_be_visible()
    page.get_by_label("t-SNE").check()
    expect(page.get_by_text("Pixels, t-SNE of 1,000 test digits")).to_be_visible()
    page.get_by_role("button", name="Which digits it takes for which").click()
    expect(page.locator(".wl-confusion td.wl-hit")).to_have_count(10)
    page.get_by_label("8", exact=True).check()
    expect(page.get_by_text("Read as 8, most surely")).to_be_visible()
    assert page.locator(".wl-digits-row img").count() >= 7, "with their pictures, on a machine without data too"


def test_train_stop_and_use(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=digits")
    draw(page, SEVEN)
    expect(digit(page)).to_have_text("7")
    page.get_by_role("button", name="Start training").click()
    curve = page.locator(".wl-chart polyline").first
    expect(curve).to_be_visible()
    before = curve.get_attribute("points")
    expect(curve).not_to_have_attribute("points", before or "")  # it moves
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile("Stopped. Trained on"))).to_be_visible()
    page.get_by_role("button", name="Use this model here").click()
    expect(page.get_by_text(re.compile("Read by your model. The shipped net says 7"))).to_be_visible()
    page.get_by_role("button", name="Back to the shipped model").click()
    expect(page.get_by_text("Read by your model")).to_have_count(0)
    expect(digit(page)).to_have_text("7")
