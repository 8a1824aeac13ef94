"""The latent space, driven as a person would: the plane under the pointer, pins, β, σ, a walk; and what is asked."""

import base64
import re
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect

from demos._ui.forward import SCRIPT
from demos.latent import nets

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLOW = 120_000
"""Milliseconds: where two cores do everything."""
PLACES = [(u, v) for v in (0.2, 0.4, 0.6, 0.8) for u in (0.15, 0.35, 0.55, 0.75)]


def opened(page: Page, server: str, *, more: str = "") -> None:
    page.goto(f"{server}?tab=latent{more}")
    laid(page)


def laid(page: Page) -> None:
    """The tab as it opens: the mosaic is laid, a garment is drawn, both pins stand."""
    expect(page.locator(".wl-latent-board[data-laid]")).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-latent-handle:visible")).to_have_count(3, timeout=SLOW)
    expect(page.locator(".wl-latent-here")).to_contain_text(re.compile(r"\w"))


def at_work(page: Page) -> None:
    """The tab with a bag at pin B, looked at between a trouser and a shoe."""
    laid(page)
    page.get_by_role("button", name="bag", exact=True).click()
    expect(page.locator(".wl-latent-name-B")).to_have_text("B: a bag of the test set", timeout=SLOW)
    page.evaluate("scrollTo(0, 0)")
    look(page, 0.55, 0.45)


def look(page: Page, u: float, v: float) -> None:
    """Move the pointer to a share of the plane's width and height."""
    box = page.locator(".wl-latent-board").bounding_box()
    assert box
    page.mouse.move(box["x"] + u * box["width"], box["y"] + v * box["height"])


def pixels(picture: Locator) -> np.ndarray:
    """What a canvas shows, `(28, 28)` from 0 to 255."""
    data = picture.evaluate("(c) => btoa(String.fromCharCode(...c.getContext('2d').getImageData(0, 0, 28, 28).data))")
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(28, 28, 4)[..., 0].astype(float)


def seen_at(page: Page, at: Sequence[float]) -> None:
    """Wait until the large garment is the one of this place."""
    expect(page.locator(".wl-latent-large")).to_have_attribute("data-at", words(at))


def words(z: Sequence[float]) -> str:
    return ", ".join(f"{x:.2f}" for x in z).replace("-", "−")


def place(u: float, v: float) -> tuple[float, float]:
    """Where a share of the plane lies, on the plane of the shipped net."""
    x, y, half = nets.window(nets.net_of("1", None).evidence["code"])
    return x - half + 2 * half * u, y + half - 2 * half * v


def test_the_garment_follows_the_pointer_without_a_word_to_the_server(
    page: Page, server: str, requests: list[str]
) -> None:
    opened(page, server)
    model = nets.net_of("1", None).model
    look(page, 0.5, 0.5)
    page.wait_for_timeout(500)
    before = len(requests)
    for u, v in PLACES:
        look(page, u, v)
        page.wait_for_timeout(120)
        at = page.locator(".wl-latent-large").get_attribute("data-at") or ""
        z = [float(x.replace("−", "-")) for x in at.split(", ")]
        assert z == pytest.approx(place(u, v), abs=0.03)
        with torch.no_grad():
            drawn = 255 * model.decode(torch.tensor([z])).sigmoid()[0, 0].numpy()
        assert np.abs(pixels(page.locator(".wl-latent-large")) - drawn.clip(16)).mean() < 4, f"at {at}"
    assert requests[before:] == [], "all of it is computed in the page"
    assert "on your device" in page.locator(".wl-latent-device").inner_text()
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "the page asks nothing of any third party"


def test_the_page_computes_what_torch_computes(page: Page, server: str) -> None:
    opened(page, server)
    z_BZ = 1.5 * torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    script = "points => {" + SCRIPT + "; return points.map((z) => [...forward(window.wl_latent.net.layers, z)]); }"
    found_BX = torch.tensor(page.evaluate(script, z_BZ.tolist()))
    with torch.no_grad():
        expected_BX = nets.net_of("1", None).model.decode(z_BZ).sigmoid().flatten(1)
    assert (found_BX - expected_BX).abs().max() < 1e-4


def test_a_click_sets_the_point_and_keys_move_it(page: Page, server: str) -> None:
    opened(page, server)
    look(page, 0.3, 0.75)
    page.mouse.down()
    page.mouse.up()
    point = page.get_by_role("slider", name="The point that is looked at")
    expect(point).to_be_focused()
    seen_at(page, place(0.3, 0.75))
    look(page, 0.6, 0.2)
    box = page.locator(".wl-latent-board").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] + 40, box["y"] + 300)
    seen_at(page, place(0.3, 0.75))
    before = point.get_attribute("aria-valuetext") or ""
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    expect(point).not_to_have_attribute("aria-valuetext", before)
    seen_at(page, place(0.32, 0.65))


def test_where_nothing_was_learnt_it_says_so(page: Page, server: str) -> None:
    opened(page, server)
    look(page, 0.005, 0.995)
    expect(page.locator(".wl-latent-here")).to_have_text("Nothing was learnt here.")
    expect(page.locator(".wl-latent-around")).to_contain_text("made up")
    page.get_by_role("button", name="Where it learnt").click()
    expect(page.locator(".wl-latent-density")).to_be_visible()


def test_a_pin_is_dragged_moved_by_keys_and_put_by_a_button(page: Page, server: str, requests: list[str]) -> None:
    opened(page, server)
    page.wait_for_timeout(500)
    before, pin, name = len(requests), page.get_by_role("slider", name="Pin A"), page.locator(".wl-latent-name-A")
    way = page.locator(".wl-latent-way")
    stood = way.get_attribute("x1")
    box = pin.bounding_box()
    assert box
    page.mouse.move(box["x"] + 14, box["y"] + 12)
    page.mouse.down()
    look(page, 0.7, 0.4)
    page.mouse.up()
    expect(name).to_have_text("A: moved by hand")
    assert way.get_attribute("x1") != stood
    stood = way.get_attribute("x1")
    pin.press("ArrowLeft")
    expect(way).not_to_have_attribute("x1", stood or "")
    page.get_by_role("button", name="Put A at the point").click()
    expect(name).to_have_text("A: put where the point is")
    assert requests[before:] == [], "a pin moves in the page"


def test_a_picture_is_pinned_with_one_question(page: Page, server: str, requests: list[str]) -> None:
    opened(page, server)
    page.get_by_label("Pin A", exact=True).check()
    page.wait_for_timeout(500)
    before = len(requests)
    page.get_by_role("button", name="sandal", exact=True).click()
    expect(page.locator(".wl-latent-name-A")).to_have_text("A: a sandal of the test set", timeout=SLOW)
    joined = [url for url in requests[before:] if "queue/join" in url]
    assert len(joined) == 1 and not [url for url in requests[before:] if url.endswith("decoder.bin")]
    expect(page.locator(".wl-latent-name-B")).to_have_text("B: an ankle boot of the test set")
    page.get_by_role("button", name="A test picture").click()
    expect(page.locator(".wl-latent-name-A")).to_contain_text("test pictures", timeout=SLOW)


def test_a_garment_is_drawn_and_a_digit_is_no_garment(page: Page, server: str) -> None:
    opened(page, server)
    pad = page.locator(".wl-latent-draw .wl-pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    outline = [(0.3, 0.15), (0.7, 0.15), (0.75, 0.9), (0.55, 0.9), (0.5, 0.4), (0.45, 0.9), (0.25, 0.9), (0.3, 0.15)]
    at = [(box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in outline]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=4)
    page.mouse.up()
    expect(page.locator(".wl-latent-name-B")).to_have_text("B: your drawing", timeout=SLOW)
    expect(page.locator(".wl-latent-pins .wl-warning")).to_have_count(0)
    page.get_by_role("button", name="digit", exact=True).click()
    expect(page.locator(".wl-latent-pins .wl-warning")).to_contain_text("This looks like no clothes", timeout=SLOW)


def test_the_walk_goes_from_one_picture_to_the_other(page: Page, server: str) -> None:
    opened(page, server)
    slider = page.get_by_role("slider", name="From A to B")
    a, b, by_pixels = (page.locator(f".wl-latent-{name}") for name in ("of-A", "of-B", "by-pixels"))
    for key, end in (("Home", a), ("End", b)):
        slider.press(key)
        page.wait_for_timeout(300)
        assert np.array_equal(pixels(by_pixels), pixels(end))
    through_net, through_pca = (pixels(page.locator(f".wl-latent-{name}")) for name in ("by-net", "by-pca"))
    truth = pixels(b)
    assert np.abs(through_net - truth).mean() < np.abs(through_pca - truth).mean(), "two numbers of a net hold more"
    expect(slider).to_have_attribute("aria-valuetext", "100 % of the way from A to B")


def test_a_lesson_is_seen_where_it_happens(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_role("slider", name="From A to B").press("End")
    page.get_by_role("button", name="Walk from a trouser to a bag").click()
    expect(page.locator(".wl-latent-name-A")).to_have_text("A: a trouser of the test set", timeout=SLOW)
    expect(page.get_by_role("slider", name="From A to B")).to_have_value("50")
    expect(page.locator(".wl-latent-by-net")).to_be_in_viewport()


def test_another_beta_fetches_its_decoder_once(page: Page, server: str, requests: list[str]) -> None:
    opened(page, server)
    fetched = lambda: [url for url in requests if url.endswith("decoder.bin")]  # noqa: E731
    assert len(fetched()) == 1
    board = page.locator(".wl-latent-board")
    first = board.get_attribute("data-laid") or ""
    page.get_by_label("16", exact=True).check()
    expect(board).not_to_have_attribute("data-laid", first, timeout=SLOW)
    expect(page.locator(".wl-latent-marked")).to_contain_text("β = 16")
    assert len(fetched()) == 2
    page.get_by_label("1", exact=True).check()
    expect(board).to_have_attribute("data-laid", first, timeout=SLOW)
    assert len(fetched()) == 2, "the first one is still here"


def test_sigma_is_pulled_and_the_garment_follows(page: Page, server: str) -> None:
    opened(page, server)
    slider, total = page.get_by_role("slider", name="Pull σ"), page.locator(".wl-latent-sum")
    expect(page.locator(".wl-latent-factor")).to_contain_text("σ is 1.0 times")
    slider.fill("90")
    expect(page.locator(".wl-latent-noisy")).to_be_visible()
    for line in total.inner_text().splitlines():
        z, mean, sigma, noise = (float(x.replace("−", "-")) for x in re.findall(r"−?\d+(?:\.\d+)?", line))
        assert z == pytest.approx(mean + sigma * noise, abs=0.06)
    far = pixels(page.locator(".wl-latent-drawn"))
    slider.press("Home")
    page.wait_for_timeout(300)
    assert not np.array_equal(far, pixels(page.locator(".wl-latent-drawn")))
    before = total.inner_text()
    page.get_by_role("button", name="Another ε").click()
    expect(total).not_to_have_text(before)


def test_on_a_phone_a_finger_moves_the_garment(chromium: Browser, server: str) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    opened(page, server)
    box, garment = page.locator(".wl-latent-board").bounding_box(), page.locator(".wl-latent-large").bounding_box()
    assert box and garment and garment["y"] + garment["height"] < 844, "the plane and its garment are seen at once"
    page.touchscreen.tap(box["x"] + 0.3 * box["width"], box["y"] + 0.75 * box["height"])
    seen_at(page, place(0.3, 0.75))
    page.close()


def test_the_dots_move_while_a_net_learns(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_role("button", name="Start training").click()
    dots = page.locator(".wl-latent-moving canvas")
    expect(dots).to_be_visible(timeout=SLOW)
    step = dots.get_attribute("data-step") or ""
    expect(dots).not_to_have_attribute("data-step", step, timeout=SLOW)
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Use this model here").click()
    expect(page.locator(".wl-latent-marked")).to_contain_text("yours", timeout=SLOW)
    page.get_by_role("button", name="Back to the shipped model").click()
    expect(page.locator(".wl-latent-marked")).not_to_contain_text("yours", timeout=SLOW)


def test_the_net_that_was_never_trained_on_its_reconstruction(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_role("button", name="The net that was never trained").click()
    page.get_by_role("button", name="Train on the KL term alone").click()
    expect(page.locator(".wl-latent-pair figure")).to_have_count(2, timeout=SLOW)
