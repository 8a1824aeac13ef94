"""CIFAR-10, driven as a person would: nudged by pointer and keys, scrambled, uploaded, looked into, raced."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from demos._ui import small_pictures as pictures
from demos._ui.small_pictures import example
from demos.cifar10 import nets
from demos.cifar10.nets import CNN, KINDS, REACH
from signals.image import shift_by
from signals.scramble import block_order, scramble
from training.data.cifar10 import CLASSES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLOW = 120_000
"""Milliseconds: where two cores do everything."""
ASKED = '.wl-cifar10-net[data-shifts]:not([data-shifts=""])'


def opened(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=cifar10")
    answered(page)


def answered(page: Page) -> None:
    """Both squares are painted, and they are of the picture that is shown."""
    expect(page.locator(ASKED)).to_have_count(2, timeout=SLOW)
    expect(page.locator(".wl-cifar10-inside .wl-verdict")).to_be_visible(timeout=SLOW)


def chosen(page: Page, name: str) -> None:
    before = page.locator(".wl-cifar10-desk").get_attribute("data-key") or ""
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".wl-cifar10-desk")).not_to_have_attribute("data-key", before, timeout=SLOW)
    answered(page)


def at_work(page: Page) -> None:
    """The tab with the truck on it, nudged to a corner."""
    answered(page)
    chosen(page, "a truck, drawn")
    for _ in range(4):
        pad(page).press("ArrowRight")
    page.evaluate("scrollTo(0, 0)")


def pad(page: Page) -> Locator:
    return page.get_by_role("slider", name="Nudge the picture")


def pixels(canvas: Locator) -> np.ndarray:
    """What a canvas of 32 × 32 shows, `(3, 32, 32)` uint8."""
    data = canvas.evaluate("(c) => btoa(String.fromCharCode(...c.getContext('2d').getImageData(0, 0, 32, 32).data))")
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(32, 32, 4)[..., :3].transpose(2, 0, 1)


def said(page: Page, kind: str) -> tuple[str, str]:
    """A net's class, and how sure it is."""
    words = page.locator(f'.wl-cifar10-net[data-kind="{kind}"] .wl-cifar10-said')
    return words.locator("b").inner_text(), words.locator("span").inner_text()


def stands_at(page: Page, key: str, right: int, down: int) -> None:
    """The picture lies there, and both answers are those of torch."""
    expect(page.locator(".wl-cifar10-pad")).to_have_attribute("data-at", f"{right} {down}")
    moved = shift_by(example(key).x_3HW[None], right, down)[0].numpy()
    assert np.array_equal(pixels(page.locator(".wl-cifar10-pad canvas")), moved)
    for kind in KINDS:
        p_C = nets.shifted(kind, example(key), None)[down + REACH, right + REACH]
        name, sure = said(page, kind)
        assert p_C[CLASSES.index(name)] > p_C.max() - 0.03, f"{kind} at {right}, {down}"
        if "<" not in sure and ">" not in sure:
            assert float(sure.split()[0]) / 100 == pytest.approx(p_C.max().item(), abs=0.03)


def test_a_nudge_is_answered_in_the_page(page: Page, server: str, requests: list[str]) -> None:
    opened(page, server)
    stands_at(page, "a cat", 0, 0)
    page.wait_for_timeout(1500)
    before = len(requests)
    box = page.locator(".wl-cifar10-pad").bounding_box()
    assert box
    step = box["width"] / 32
    page.mouse.move(box["x"] + 150, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 150 + 5 * step, box["y"] + 150 - 3 * step, steps=6)
    stands_at(page, "a cat", 5, -3)
    page.mouse.move(box["x"] + 150 + 30 * step, box["y"] + 150, steps=3)
    page.mouse.up()
    stands_at(page, "a cat", 8, 0)
    assert requests[before:] == [], "all shifts are here already"
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "the page asks nothing of any third party"


def test_keys_nudge_and_home_goes_back(page: Page, server: str) -> None:
    opened(page, server)
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown"):
        pad(page).press(key)
    stands_at(page, "a cat", -2, 1)
    expect(pad(page)).to_have_attribute("aria-valuetext", "moved 2 left, 1 down")
    expect(page.locator(".wl-cifar10-desk [role=status]")).to_contain_text("moved 2 left, 1 down")
    for _ in range(12):
        pad(page).press("ArrowUp")
    stands_at(page, "a cat", -2, -8)
    pad(page).press("Home")
    stands_at(page, "a cat", 0, 0)


def test_a_click_on_a_cell_goes_there_and_a_button_back(page: Page, server: str) -> None:
    opened(page, server)
    field = page.locator(f'.wl-cifar10-net[data-kind="{CNN}"] .wl-cifar10-field')
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box
    page.mouse.click(box["x"] + 15.5 / 17 * box["width"], box["y"] + 2.5 / 17 * box["height"])
    stands_at(page, "a cat", 7, -6)
    page.get_by_role("button", name="Back", exact=True).click()
    stands_at(page, "a cat", 0, 0)


def test_the_square_counts_where_the_answer_stays(page: Page, server: str) -> None:
    opened(page, server)
    for kind in KINDS:
        net = page.locator(f'.wl-cifar10-net[data-kind="{kind}"]')
        name, _ = said(page, kind)
        found = re.search(r"Stays with “(\w+)” at (\d+) of 289", net.locator("figcaption").inner_text())
        assert found and found[1] == name
        same = (nets.shifted(kind, example("a cat"), None).argmax(2) == CLASSES.index(name)).sum().item()
        assert abs(int(found[2]) - same) <= 3


def test_another_picture_begins_in_the_middle(page: Page, server: str) -> None:
    opened(page, server)
    pad(page).press("ArrowRight")
    chosen(page, "a ship, drawn")
    stands_at(page, "a ship, drawn", 0, 0)
    expect(page.locator(".wl-cifar10-whole figcaption")).to_contain_text("32 × 32 pixels is all that a net sees")


def test_an_upload_is_cut_and_a_stranger_is_warned_of_first(page: Page, server: str, tmp_path: Path) -> None:
    wall = Image.new("RGB", (96, 32), "red")  # in its middle nothing is to be seen
    wall.paste((150, 144, 139), (32, 0, 64, 32))
    wall.save(tmp_path / "wall.png")
    opened(page, server)
    before = page.locator(".wl-cifar10-desk").get_attribute("data-key") or ""
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Upload a picture").click()
    choosing.value.set_files(tmp_path / "wall.png")
    expect(page.locator(".wl-cifar10-desk")).not_to_have_attribute("data-key", before, timeout=SLOW)
    shown = pictures.upload(str(tmp_path / "wall.png")).x_3HW.numpy()
    assert np.array_equal(pixels(page.locator(".wl-cifar10-pad canvas")), shown)
    warning = page.locator(".wl-cifar10-right .wl-warning")
    expect(warning).to_contain_text("This is like nothing they learnt from")
    place, answer = warning.bounding_box(), page.locator(".wl-cifar10-said").first.bounding_box()
    assert place and answer and place["y"] < answer["y"], "the warning stands first"


def test_pixels_are_scrambled_in_the_page(page: Page, server: str, requests: list[str]) -> None:
    opened(page, server)
    page.wait_for_timeout(1500)
    before, slider = len(requests), page.get_by_role("slider", name="Scramble within blocks of")
    canvas = page.locator(".wl-cifar10-mixer canvas")
    assert np.array_equal(pixels(canvas), example("a cat").x_3HW.numpy())
    cursor = page.locator(".wl-cifar10-cursor")
    first = cursor.bounding_box()
    for block in (2, 4, 8, 16, 32):
        slider.press("ArrowRight")
        expect(canvas).to_have_attribute("data-block", str(block))
        mixed = scramble(example("a cat").x_3HW[None], block_order(block, 32))[0].numpy()
        assert np.array_equal(pixels(canvas), mixed)
    last = cursor.bounding_box()
    assert first and last and last["x"] > first["x"] + 100, "the line on the chart goes with it"
    assert requests[before:] == []


def test_deeper_layers_see_more(page: Page, server: str) -> None:
    opened(page, server)
    slider, words = (
        page.get_by_role("slider", name="Layer of the convolutional net"),
        page.locator(".wl-cifar10-inside"),
    )
    expect(words).to_contain_text("Layer 5 of 7")
    slider.press("ArrowLeft")
    expect(words).to_contain_text("Layer 4 of 7: each of its 7 × 7 places sees 15 × 15 pixels", timeout=SLOW)
    assert page.locator(".wl-cifar10-inside figure").count() == 3


def test_both_race_for_some_seconds(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_role("slider", name="Seconds for each net").fill("5")
    page.get_by_role("button", name="Start the race").click()
    expect(page.locator(".wl-cifar10-lines polyline.wl-other").last).to_be_attached(timeout=SLOW)
    expect(page.get_by_text(re.compile(r"is ahead|A tie"))).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Start the race")).to_be_enabled()


def test_on_a_phone_a_finger_nudges_and_the_answer_is_in_sight(chromium: Browser, server: str) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    opened(page, server)
    answer = page.locator(".wl-cifar10-said b").first.bounding_box()
    assert answer and answer["y"] + answer["height"] < 844, "the first answer is seen without scrolling"
    field = page.locator(".wl-cifar10-field").first
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + 3.5 / 17 * box["width"], box["y"] + 8.5 / 17 * box["height"])
    stands_at(page, "a cat", -5, 0)
    page.close()


def test_the_whole_picture_is_shown_beside_what_is_seen(page: Page, server: str) -> None:
    opened(page, server)
    address = page.locator(".wl-cifar10-whole img").get_attribute("src") or ""
    whole = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
    assert whole.width > 200 and torch.from_numpy(np.array(whole)).float().std() > 20
