"""Scan translation, driven as a person would: an example, a slider, both directions, one batch by heart."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models import CheckpointMissing, _checkpoint

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLOW = 120_000
"""Milliseconds: three nets read every scan, where two cores do everything."""


@pytest.fixture(autouse=True)
def trained() -> None:
    """Skips, by name, where the net that answers first is not trained."""
    try:
        _checkpoint.card("mri_dense_unet")
    except CheckpointMissing as error:
        pytest.skip(str(error))


def opened(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=translation")
    expect(page.locator(".wl-translation-scan .wl-picker")).to_be_visible()
    expect(page.locator(".wl-card-terms")).to_be_visible(timeout=SLOW)


def example(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Example: {name}, drawn", exact=True).click()
    expect(page.locator(".wl-translation-answer .wl-readouts")).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-verdict").first).to_be_visible(timeout=SLOW)


def large(page: Page) -> str:
    """The first figure of the readout."""
    return page.locator(".wl-translation-answer .wl-readouts b").first.inner_text()


def at_work(page: Page) -> None:
    """The tab with a drawn head and its lesion translated."""
    expect(page.locator(".wl-card-terms")).to_be_visible(timeout=SLOW)
    example(page, "a head with a large lesion")


def test_from_an_example_to_a_figure_that_a_slider_changes(page: Page, server: str, requests: list[str]) -> None:
    opened(page, server)
    example(page, "a head")
    expect(page.locator(".wl-translation-pictures").first.locator("figure")).to_have_count(4)
    expect(page.get_by_text("Drawn, not scanned: the nets never saw such a picture.")).to_be_visible()
    before = large(page)
    noise = page.get_by_label("Noise, % of full scale").first
    noise.fill("12")
    noise.press("Enter")
    expect(page.get_by_text(f"{before} before the sliders")).to_be_visible(timeout=SLOW)
    assert large(page) != before
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "the page asks nothing of any third party"


def test_outlines_come_and_go(page: Page, server: str) -> None:
    opened(page, server)
    example(page, "a head with a large lesion")
    lesion, head = (page.locator(f".wl-translation-rim-{kind}").first for kind in ("lesion", "head"))
    expect(lesion).to_have_css("opacity", "1")
    expect(head).to_have_css("opacity", "0")
    page.get_by_label("Tumour (lesion)").uncheck()
    expect(lesion).to_have_css("opacity", "0")
    page.get_by_label("Head, dotted").check()
    expect(head).to_have_css("opacity", "1")


def test_the_other_direction_has_one_net_and_no_ensemble(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_label("FLAIR to pre-contrast", exact=True).check()
    expect(page.get_by_label("Absolute error", exact=True)).to_have_count(0, timeout=SLOW)
    page.get_by_role("button", name="Example: a head, drawn", exact=True).click()
    alone, absent = page.get_by_text("There is no ensemble in this direction"), page.get_by_text("mri_dense_unet_back")
    expect(alone.or_(absent).first).to_be_visible(timeout=SLOW)


def test_four_slices_are_learnt_by_heart_and_a_broken_loop_is_noticed(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_role("button", name="Learn one batch by heart").click()
    expect(page.get_by_role("button", name="Stop the test")).to_be_enabled(timeout=SLOW)
    expect(page.locator(".wl-translation-test .wl-verdict").first).to_contain_text("Learnt by heart", timeout=4 * SLOW)
    expect(page.locator(".wl-translation-loss svg")).to_be_visible()
    page.get_by_label("Break it: no learning rate").check()
    page.get_by_role("button", name="Learn one batch by heart").click()
    expect(page.get_by_role("button", name="Stop the test")).to_be_enabled(timeout=SLOW)
    expect(page.get_by_text("As it must be: without a step nothing is learnt")).to_be_visible(timeout=4 * SLOW)


def test_an_upload_cannot_be_measured_and_a_text_file_is_refused(page: Page, server: str, tmp_path: Path) -> None:
    from PIL import Image

    opened(page, server)
    Image.new("RGB", (90, 60), (90, 20, 20)).save(tmp_path / "mine.png")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "mine.png")
    expect(page.get_by_text("Nobody knows the truth for this picture here")).to_be_visible(timeout=SLOW)
    (tmp_path / "notes.png").write_text("a text file")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "notes.png")
    expect(page.get_by_text("This file is not a picture that can be read")).to_be_visible(timeout=SLOW)
