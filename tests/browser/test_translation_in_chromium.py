"""Scan translation, driven as a person would: opened, a slider, a stranger, both directions, one batch by heart."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from models import CheckpointMissing, _checkpoint
from tests.browser.fields import typed

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLOW = 120_000
"""Milliseconds: three nets read every scan, where two cores do everything."""


@pytest.fixture(autouse=True)
def trained() -> None:
    """Skips, by name, where the net that answers first is not trained."""
    try:
        _checkpoint.card("mri_dense_unet_taught")
    except CheckpointMissing as error:
        pytest.skip(str(error))


def opened(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=translation")
    answered(page)


def answered(page: Page) -> None:
    """The tab as it opens: pictures, a verdict, and what became of the tumour."""
    expect(page.locator(".wl-translation-pictures figure")).to_have_count(4, timeout=SLOW)
    expect(page.get_by_text("The net exaggerates the tumour")).to_be_visible(timeout=SLOW)


def example(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Example: {name}", exact=True).click()


def settings(page: Page) -> None:
    page.get_by_role("button", name="Change the scan, or bring its truth").click()


def verdict(page: Page) -> Locator:
    return page.locator(".wl-translation-answer .wl-verdict").first


def at_work(page: Page) -> None:
    """The tab with a tumour that the net paints over."""
    answered(page)
    example(page, "tumour painted over")
    expect(page.get_by_text("The net paints the tumour over")).to_be_visible(timeout=SLOW)


def test_it_opens_answered_and_a_slider_changes_the_figure(page: Page, server: str, requests: list[str]) -> None:
    opened(page, server)
    expect(verdict(page)).to_contain_text("closer to the truth than the input itself")
    before = verdict(page).inner_text()
    settings(page)
    typed(page.get_by_label("Noise, % of full scale").first, "12")
    expect(verdict(page)).to_contain_text("before the sliders", timeout=SLOW)
    assert verdict(page).inner_text() != before
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "the page asks nothing of any third party"


def test_a_stranger_is_warned_of_before_the_answer(page: Page, server: str) -> None:
    opened(page, server)
    example(page, "no scan: a cat")
    warning, picture = page.locator(".wl-warning"), page.locator(".wl-doubted .wl-stack").first
    expect(warning).to_contain_text("no brain scan", timeout=SLOW)
    above, below = warning.bounding_box(), picture.bounding_box()
    assert above and below and above["y"] < below["y"] and below["width"] < 200


def test_a_test_slice_without_data(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_role("button", name="A test slice").click()
    expect(page.get_by_text("a real scan of a patient whom the nets never saw")).to_be_visible(timeout=SLOW)


def test_outlines_come_and_go(page: Page, server: str) -> None:
    opened(page, server)
    lesion, head = (page.locator(f".wl-translation-rim-{kind}").first for kind in ("lesion", "head"))
    expect(lesion).to_have_css("opacity", "1")
    expect(head).to_have_css("opacity", "0")
    page.get_by_label("Tumour (lesion)").uncheck()
    expect(lesion).to_have_css("opacity", "0")
    page.get_by_label("Head, dotted").check()
    expect(head).to_have_css("opacity", "1")


def test_the_other_direction_has_one_net_and_no_ensemble(page: Page, server: str) -> None:
    opened(page, server)
    settings(page)
    page.get_by_label("FLAIR to pre-contrast", exact=True).check()
    expect(page.get_by_label("Absolute error", exact=True)).to_have_count(0, timeout=SLOW)
    expect(page.get_by_text("Input: FLAIR")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Does it know what it does not know?").click()
    alone, absent = page.get_by_text("There is no ensemble in this direction"), page.get_by_text("mri_dense_unet_back")
    expect(alone.or_(absent).first).to_be_visible(timeout=SLOW)


def test_four_slices_are_learnt_by_heart_and_a_broken_loop_is_noticed(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_role("button", name="Can it learn four slices by heart?").click()
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
    expect(page.locator(".wl-warning")).to_contain_text("no brain scan", timeout=SLOW)
    (tmp_path / "notes.png").write_text("a text file")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "notes.png")
    expect(page.get_by_text("This file is not a picture that can be read")).to_be_visible(timeout=SLOW)
