"""Volumes, driven as a person would: turned, cut, looked at in slices, rubbed at; and what is asked meanwhile."""

import base64
import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from demos.volumes import shapes

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLOW = 120_000
"""Milliseconds: where two cores do everything."""
STAGE = ".wl-volumes-stage"


def opened(page: Page, server: str, *, more: str = "") -> None:
    page.goto(f"{server}?tab=volumes{more}")
    ready(page)


def ready(page: Page) -> None:
    """The gland is drawn, its heat has come, and the last of its questions is answered."""
    expect(page.locator(f"{STAGE}[data-ready]")).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-verdict").first).to_contain_text(re.compile("This map|No map|Too little"), timeout=SLOW)
    page.wait_for_function("() => window.wl_volumes.heat", timeout=SLOW)
    expect(page.get_by_text("rotation of the cube").first).to_be_visible(timeout=SLOW)


def at_work(page: Page) -> None:
    """The tab with a second gland, seen from above and cut across z."""
    ready(page)
    page.locator(".wl-volumes-gallery button").nth(1).click()
    expect(page.locator(STAGE)).to_have_attribute("data-ready", list(shapes.EXAMPLES)[1], timeout=SLOW)
    page.get_by_role("button", name="Cut across z").click()
    at_rest(page)


def at_rest(page: Page) -> None:
    """Nothing turns any more, and the picture is the fine one."""
    expect(page.locator(f"{STAGE}[data-side='512']")).to_be_visible(timeout=SLOW)


def still(page: Page) -> None:
    page.get_by_role("button", name="Turning").click()
    at_rest(page)


def pixels(picture: Locator) -> np.ndarray:
    """What a canvas shows, `(H, W, 4)`."""
    data = picture.evaluate(
        "(c) => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let s = '';"
        " for (let i = 0; i < d.length; i += 8192) s += String.fromCharCode(...d.subarray(i, i + 8192));"
        " return [c.width, btoa(s)]; }"
    )
    return np.frombuffer(base64.b64decode(data[1]), np.uint8).reshape(-1, data[0], 4).astype(float)


def shape(page: Page) -> np.ndarray:
    return pixels(page.locator(f"{STAGE} canvas"))


def desk(page: Page, what: str) -> Any:
    return page.evaluate(f"() => window.wl_volumes.{what}")


def probability(page: Page) -> Locator:
    return page.locator(".wl-volumes-answer .wl-readouts b").first


def test_the_gland_is_seen_and_turns_by_itself_until_it_is_touched(
    page: Page, server: str, requests: list[str]
) -> None:
    opened(page, server)
    page.wait_for_timeout(1500)  # whatever the page asks when it opens
    requests.clear()
    drawn = shape(page)[..., 3] > 0
    assert 0.05 < drawn.mean() < 0.7, "neither blank nor full"
    before = desk(page, "turn")
    page.wait_for_timeout(1000)
    assert desk(page, "turn") != before, "it turns"
    box = page.locator(STAGE).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.up()
    at_rest(page)
    resting, seen = desk(page, "turn"), shape(page)
    page.wait_for_timeout(700)
    assert desk(page, "turn") == resting, "touched, it stands still"
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y + 30, steps=6)
    page.mouse.up()
    assert desk(page, "turn") > resting + 0.8 and desk(page, "tilt") > 0.5
    at_rest(page)
    assert np.abs(shape(page) - seen).mean() > 3, "and the picture is another"
    assert not [url for url in requests if not url.startswith(("data:", "blob:"))], requests


def test_it_turns_by_keys_and_by_buttons_and_pauses(page: Page, server: str) -> None:
    opened(page, server)
    page.locator(f"{STAGE} canvas").focus()
    before = desk(page, "turn")
    page.keyboard.press("ArrowRight")
    assert desk(page, "turn") != before
    expect(page.get_by_role("button", name="Turning")).to_have_attribute("aria-pressed", "false")
    near = desk(page, "across")
    page.keyboard.press("+")
    assert desk(page, "across") < near
    seen = {}
    for view in ("Front", "Back", "Left", "Right", "Above", "Below"):
        page.get_by_role("button", name=view, exact=True).click()
        page.wait_for_timeout(500)
        at_rest(page)
        turn, tilt = desk(page, "turn"), desk(page, "tilt")
        seen[view] = tuple(round(float(share), 2) + 0.0 for share in (np.cos(turn), np.sin(turn), np.sin(tilt)))
    assert len(set(seen.values())) == 6 and seen["Front"] == (1, 0, 0) and seen["Above"][2] > 0.9
    before = desk(page, "turn")
    page.get_by_role("button", name="Turning").click()
    page.wait_for_timeout(600)
    assert desk(page, "turn") != before, "and turns again when it is asked"


def test_cut_open_it_shows_the_heat_inside(page: Page, server: str) -> None:
    opened(page, server)
    still(page)
    page.get_by_role("button", name="Cut across y").click()
    at_rest(page)
    cut = shape(page)
    page.get_by_role("button", name="Whole").click()
    at_rest(page)
    whole = shape(page)
    assert (whole[..., 3] > 0).sum() > (cut[..., 3] > 0).sum(), "a half is not seen"
    assert page.get_by_label("Cut at").is_disabled()
    page.get_by_role("button", name="Cut across x").click()
    slider = page.get_by_label("Cut at")
    slider.fill("20")
    assert desk(page, "cross")[0] == 20
    expect(page.locator(".wl-volumes-cut-at")).to_have_text("x = 21 of 64")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert desk(page, "cross")[0] == 21
    strip = page.locator(".wl-volumes-strip")
    assert strip.locator("i").count() == 64
    box = strip.bounding_box()
    assert box
    page.mouse.click(box["x"] + 40.5 / 64 * box["width"], box["y"] + 30)
    assert desk(page, "cross")[0] == 40


def test_one_crosshair_through_three_slices(page: Page, server: str) -> None:
    opened(page, server)
    still(page)
    slices = page.locator(".wl-volumes-slices canvas")
    before, seen = desk(page, "cross"), [pixels(slices.nth(i)) for i in range(3)]
    assert all((picture[..., 3] > 0).any() for picture in seen)
    box = slices.nth(0).bounding_box()  # across x: to the right is y, upwards is z
    assert box
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.3 * box["height"])
    page.wait_for_timeout(200)
    window, after = desk(page, "window"), desk(page, "cross")
    assert after[0] == before[0]
    assert after[1] == window["low"][1] + int(0.6 * window["side"])
    assert after[2] == window["low"][2] + window["side"] - 1 - int(0.3 * window["side"])
    assert np.abs(pixels(slices.nth(1)) - seen[1]).mean() > 1, "the other slices follow"
    page.get_by_label("The crosshair’s place on the z axis").fill("30")
    assert desk(page, "cross")[2] == 30
    stage = page.locator(STAGE).bounding_box()
    assert stage
    page.get_by_role("button", name="Whole").click()
    at_rest(page)
    row, column = np.argwhere(shape(page)[..., 3] > 0)[len(shape(page)) * 20]
    page.mouse.click(
        stage["x"] + (column + 0.5) / 512 * stage["width"], stage["y"] + (row + 0.5) / 512 * stage["height"]
    )
    assert desk(page, "cross") != after, "a click on the shape looks there"


def test_the_rubber_moves_the_answer_and_what_was_done_is_taken_back(page: Page, server: str) -> None:
    opened(page, server)
    still(page)
    first, voxels = probability(page).inner_text(), desk(page, "shape.voxels")
    here = page.get_by_role("button", name="At the crosshair")
    expect(here).to_be_disabled()
    page.get_by_role("button", name="Bite off").click()
    page.get_by_label("Radius of the ball, in voxels").fill("8")
    here.click()
    left = desk(page, "shape.voxels")
    assert left < voxels - 200
    expect(probability(page)).to_contain_text("→", timeout=SLOW)
    expect(page.locator(".wl-volumes-answer")).to_contain_text(f"{0.001 * left:.1f} ml")
    given = shapes.example(shapes.FIRST)
    assert shapes.rubbed(given, desk(page, "strokes")).voxels == left, "the page and the server bite alike"
    page.get_by_role("button", name="Fill in").click()
    page.get_by_role("button", name="Whole").click()
    at_rest(page)
    box = page.locator(STAGE).bounding_box()
    assert box
    rows = np.argwhere(shape(page)[..., 3] > 0)
    row, column = rows[len(rows) // 2]
    page.mouse.click(box["x"] + (column + 0.5) / 512 * box["width"], box["y"] + (row + 0.5) / 512 * box["height"])
    expect(page.locator(".wl-volumes-strokes")).to_contain_text("2 balls", timeout=SLOW)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".wl-volumes-strokes")).to_contain_text("One ball")
    page.get_by_role("button", name="As it was").click()
    expect(probability(page)).to_have_text(first, timeout=SLOW)
    assert desk(page, "shape.voxels") == voxels


def test_another_gland_another_map_and_less_to_see(page: Page, server: str) -> None:
    at_work_from(page, server)
    first = probability(page).inner_text()
    page.locator(".wl-volumes-gallery button").last.click()
    expect(page.get_by_text("This is not like the glands it learnt from")).to_be_visible(timeout=SLOW)
    assert probability(page).inner_text() != first
    page.get_by_role("button", name="Another map").click()
    page.wait_for_function("() => window.wl_volumes.heat", timeout=SLOW)
    heat = desk(page, "heat.values.join()")
    page.get_by_label("Grad-CAM").check()
    page.wait_for_function("(was) => window.wl_volumes.heat?.values.join() !== was", arg=heat, timeout=SLOW)
    page.get_by_label("Three projections").check()
    expect(page.get_by_text("All that this net is shown of it.").first).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-volumes-seen")).to_have_count(3, timeout=SLOW)
    with page.expect_download() as download:
        page.get_by_role("button", name="Prepare both").click()
        page.get_by_role("button", name="volume.nii.gz").click()
    assert download.value.suggested_filename.endswith("volume.nii.gz")


def at_work_from(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=volumes")
    at_work(page)


def test_files_that_hold_no_volume_are_refused_in_a_sentence(page: Page, server: str, tmp_path: Any) -> None:
    opened(page, server)
    (tmp_path / "notes.nii").write_text("a text file " * 50)
    page.locator("input[type=file]").first.set_input_files(tmp_path / "notes.nii")
    expect(page.get_by_text(re.compile("NIfTI|volume")).last).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-refused-first")).to_have_count(1, timeout=SLOW)


def test_on_a_phone_it_turns_by_touch_and_the_page_still_scrolls(chromium: Browser, server: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    opened(page, server)
    at_rest(page)  # who wants less motion gets none
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    assert page.locator(STAGE).evaluate("(e) => getComputedStyle(e).touchAction") == "pan-y"
    box = page.locator(STAGE).bounding_box()
    assert box and box["y"] < 400 and box["width"] > 280
    page.get_by_role("button", name="Cut across x").tap()
    at_rest(page)
    before = desk(page, "cross")
    slice_x = page.locator(".wl-volumes-slices canvas").first
    slice_x.scroll_into_view_if_needed()
    slice_x.tap(position={"x": 20, "y": 20})
    assert desk(page, "cross") != before
    context.close()
