"""Transfer learning, driven as a person would: pictures chosen, sliders moved, five of one's own brought as files."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from benchmarks._browser import launched
from demos.transfer import nets
from tests.demos.transfer.made import content, photograph

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLOW = 120_000
"""Milliseconds: where two cores do everything."""
ABSENT = [recipe.name for name, recipe in nets.RECIPES.items() if name in nets.SHIPPED and nets.kept_of(name) is None]
needs_nets = pytest.mark.skipif(bool(ABSENT), reason=f"there is no checkpoint {', '.join(ABSENT)} yet")


def opened(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=transfer")
    expect(page.locator(".wl-transfer-answer h2")).to_be_visible(timeout=SLOW)


def at_work(page: Page) -> None:
    """The tab with a pepper on it, and a head on three kinds."""
    expect(page.locator(".wl-transfer-picture")).to_be_visible(timeout=SLOW)
    page.locator(".wl-transfer-gallery button").nth(1).click()
    if not ABSENT:
        expect(page.locator(".wl-transfer-answer")).to_contain_text("it is pepper", timeout=SLOW)
    page.get_by_role("button", name="Fill in an example").click()
    expect(page.get_by_text("right when left out:").first).to_be_visible(timeout=SLOW)
    if not ABSENT:
        expect(page.get_by_text("This map").first).to_be_visible(timeout=SLOW)


def files(folder: Path, kind: str, each: int, *, first: int = 0) -> list[Path]:
    made = []
    for i in range(first, first + each):
        made.append(folder / f"{kind}{i}.jpg")
        made[-1].write_bytes(content(photograph(kind, hash_of(kind) + i, side=640)))
    return made


def hash_of(kind: str) -> int:
    return sum(kind.encode())


def kind(page: Page, k: int) -> Locator:
    return page.locator(".wl-transfer-kind").nth(k)


def add(page: Page, k: int, paths: list[Path]) -> None:
    kind(page, k).locator("input[type=file]").set_input_files(paths)


def checked(page: Page, n: int) -> None:
    """A head stands, which was checked on so many pictures."""
    expect(page.locator(".wl-transfer-said .wl-readouts b").first).to_have_text(re.compile(f" of {n}$"), timeout=SLOW)


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desktop", "phone"])
def sized(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    width, height = request.param
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=width < 500)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors


def test_five_of_ones_own_become_a_head_at_both_widths(sized: Page, server: str, tmp_path: Path) -> None:
    sized.goto(f"{server}?tab=transfer")
    kind(sized, 0).locator("input[type=text]").fill("plums")
    add(sized, 0, files(tmp_path, "plum", 5))
    expect(sized.get_by_text("All 5 pictures are of one kind, “plums”")).to_be_visible(timeout=SLOW)
    add(sized, 1, files(tmp_path, "lime", 5))
    checked(sized, 10)
    expect(sized.locator(".wl-transfer-thumbs img")).to_have_count(10)
    expect(sized.locator(".wl-transfer-map .wl-transfer-name").first).to_be_visible()
    sized.locator(".wl-transfer-try input[type=file]").set_input_files(files(tmp_path, "plum", 1, first=20))
    expect(sized.locator(".wl-transfer-tried h3")).to_have_text("plums", timeout=SLOW)
    assert sized.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    sized.locator(".wl-transfer-thumbs button").first.click()
    checked(sized, 9)
    sized.get_by_role("button", name="Prepare the zip").click()
    with sized.expect_download(timeout=SLOW) as download:
        sized.get_by_role("button", name="Take it all away").click(timeout=SLOW)
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as file:
        assert json.loads(file.read("head.json"))["names"] == ["plums", "Kind 2"]
        assert len([name for name in file.namelist() if name.endswith(".jpg")]) == 9


def test_a_broken_file_is_named_and_the_nine_count(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=transfer")
    good = files(tmp_path, "plum", 4)
    broken = tmp_path / "holiday.jpg"
    broken.write_bytes(content(photograph("plum", 8, side=640))[:9000])
    add(page, 0, [*good, broken])
    expect(page.locator(".wl-transfer-unread")).to_contain_text("holiday.jpg: it is broken or cut short.")
    (tmp_path / "notes.jpg").write_text("no picture")
    add(page, 1, [*files(tmp_path, "lime", 5), tmp_path / "notes.jpg"])
    expect(page.locator(".wl-transfer-unread")).to_contain_text("notes.jpg: it is no picture")
    expect(page.locator(".wl-transfer-unread")).to_contain_text("The other 9 count.")
    checked(page, 9)


def test_a_hundred_megapixels_are_shrunk_before_they_travel(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=transfer")
    large = tmp_path / "large.jpg"
    photograph("plum", 3).resize((10_000, 10_000), Image.Resampling.NEAREST).save(large, quality=70)
    add(page, 0, [*files(tmp_path, "plum", 2), large])
    expect(page.locator(".wl-transfer-thumbs img")).to_have_count(3, timeout=SLOW)
    add(page, 1, files(tmp_path, "lime", 2))
    checked(page, 5)
    size = page.evaluate(
        "async () => { const i = document.querySelectorAll('.wl-transfer-thumbs img')[2]; await i.decode();"
        " const c = document.createElement('canvas'); c.width = c.height = 1; const p = c.getContext('2d');"
        " p.drawImage(i, 0, 0, 1, 1); return [i.naturalWidth, i.src.length, ...p.getImageData(0, 0, 1, 1).data]; }"
    )
    assert size[0] == 200 and size[1] < 30_000
    assert 60 < size[2] < 250, "and it is the photograph, not an empty square"


def test_one_picture_and_the_same_in_two_kinds(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=transfer")
    plums = files(tmp_path, "plum", 4)
    add(page, 0, plums[:1])
    expect(page.get_by_text("One picture is there.")).to_be_visible(timeout=SLOW)
    add(page, 0, plums[1:])  # and the next ones before these are read
    add(page, 1, [*files(tmp_path, "lime", 3), plums[0]])
    expect(page.get_by_text("is in “Kind 1” and in “Kind 2”")).to_be_visible(timeout=SLOW)
    checked(page, 6)
    page.get_by_role("button", name="Add a kind").click()
    page.keyboard.type("third")
    expect(page.locator(".wl-transfer-kind")).to_have_count(3)
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_text("Add some pictures of two kinds")).to_be_visible(timeout=SLOW)


def test_the_camera_fills_a_kind_and_its_absence_is_said(engine: Playwright, page: Page, server: str) -> None:
    page.goto(f"{server}?tab=transfer")
    kind(page, 0).get_by_role("button", name="Camera for Kind 1").click()
    expect(page.locator(".wl-transfer-unread")).to_contain_text("it is not there, or was not allowed")
    with launched(engine, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream") as chromium:
        filmed = chromium.new_page()
        filmed.goto(f"{server}?tab=transfer")
        kind(filmed, 1).get_by_role("button", name="Camera for Kind 2").click()
        expect(filmed.locator(".wl-transfer-camera")).to_contain_text("For Kind 2")
        filmed.wait_for_function("() => document.querySelector('.wl-transfer-camera video').videoWidth > 0")
        filmed.get_by_role("button", name="Take a picture").click()
        expect(kind(filmed, 1).locator("img")).to_have_count(1)
        filmed.get_by_role("button", name="Close the camera").click()
        expect(filmed.locator(".wl-transfer-camera")).to_be_hidden()
        expect(filmed.get_by_text("One picture is there.")).to_be_visible(timeout=SLOW)


@needs_nets
def test_pictures_answer_and_strangers_are_warned_of(page: Page, server: str, tmp_path: Path) -> None:
    opened(page, server)
    expect(page.locator(".wl-transfer-card")).to_have_count(5)
    at_work(page)
    page.get_by_role("button", name="a cat").click()
    expect(page.get_by_text("This is none of the nine groceries")).to_be_visible(timeout=SLOW)
    page.locator(".wl-transfer-sources input[type=file]").set_input_files(files(tmp_path, "lime", 1))
    expect(page.get_by_text("As the nets see it")).to_be_visible(timeout=SLOW)
    page.get_by_text("Backbones that are not here").click()
    expect(page.get_by_text("python -m training fit grocery_resnet18")).to_be_visible()


@needs_nets
def test_sliders_move_by_keys(page: Page, server: str) -> None:
    opened(page, server)
    expect(page.get_by_text("right from 5 pictures of each kind")).to_be_visible(timeout=SLOW)
    slider = page.locator("input[type=range][aria-label*='Pictures of each kind']")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("right from 4 pictures of each kind")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Block 19 of 19, late")).to_be_visible(timeout=SLOW)
    depth = page.locator("input[type=range][aria-label*='Block of the backbone']")
    depth.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("Block 1 of 19, early")).to_be_visible(timeout=SLOW)
    tint = page.locator("input[type=range][aria-label*='Light']")
    before = page.locator(".wl-transfer-changed img").get_attribute("src", timeout=SLOW)
    tint.focus()
    page.keyboard.press("End")
    expect(page.locator(".wl-transfer-changed img")).not_to_have_attribute("src", str(before), timeout=SLOW)
