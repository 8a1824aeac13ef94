"""Heartbeats, driven as a person would: an example, a beat clicked, its attention seen, a file, the threshold moved."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from signals.synthetic_ecg import simulate

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def at_work(page: Page) -> None:
    """The tab as it opens: an example read, one beat explained by four nets."""
    expect(page.locator(".wl-heartbeats-verdict")).to_contain_text("ventricular beats")
    expect(page.locator(".wl-heartbeats-heat")).to_have_count(4)


def test_from_an_example_to_the_attention_of_a_beat(page: Page, server: str, requests: list[str]) -> None:
    page.goto(f"{server}?tab=heartbeats")
    expect(page.locator(".wl-heartbeats-paper svg")).to_be_visible()
    page.get_by_label("Normal rhythm").check()
    expect(page.locator(".wl-heartbeats-verdict")).to_contain_text("supraventricular beats")
    beat = page.locator(".wl-heartbeats-beat").nth(3)
    number = int(beat.get_attribute("data-beat") or 0)
    beat.locator("rect").click()
    expect(page.get_by_text(f"Beat {number + 1} of")).to_be_visible()
    expect(beat).to_have_class("wl-heartbeats-beat wl-heartbeats-isN wl-heartbeats-chosen")
    expect(page.locator(".wl-heartbeats-heat")).to_have_count(4)
    expect(page.get_by_text("Bars from the top: head 1, head 2, head 3, head 4")).to_be_visible()
    assert page.locator(".wl-heartbeats-bars rect").count() > 40
    page.get_by_role("button", name="Beat after").click()
    expect(page.get_by_text(f"Beat {number + 2} of")).to_be_visible()
    page.get_by_label("Integrated gradients").check()
    expect(page.locator(".wl-heartbeats-heat figcaption", has_text="Integrated gradients")).to_have_count(3)
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "the page asks nothing of any third party"


def test_beats_and_paper_by_keyboard(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=heartbeats")
    chosen = page.locator(".wl-heartbeats-chosen")
    number = int(chosen.get_attribute("data-beat") or 0)
    chosen.locator("rect").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Beat {number + 2} of")).to_be_visible()
    slider = page.get_by_role("slider", name="Move along the recording")
    before = page.locator(".wl-heartbeats-time text").first.text_content() or ""
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".wl-heartbeats-time text").first).not_to_have_text(before)


def test_the_paper_is_moved_by_what_lies_below_it(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=heartbeats")
    paper, overview = page.locator(".wl-heartbeats-paper"), page.locator(".wl-heartbeats-overview")
    expect(overview).to_be_visible()
    box = overview.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 10)
    at = paper.evaluate("view => (view.scrollLeft + view.clientWidth) / view.scrollWidth")
    assert at > 0.99, "the end is in view"
    frame = overview.locator("i").bounding_box()
    assert frame is not None and abs(frame["x"] + frame["width"] - box["x"] - box["width"]) < 4


def test_every_record_of_the_list_is_judged(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=heartbeats")
    expect(page.locator(".wl-heartbeats-heat")).to_have_count(4)
    page.get_by_role("button", name="Another record, or your own ECG").click()
    page.get_by_role("button", name="Judge this record").click()
    expect(page.locator(".wl-heartbeats-verdict")).to_contain_text("Record 100")


def test_a_file_of_ones_own_and_one_that_is_none(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=heartbeats")
    expect(page.locator(".wl-heartbeats-paper svg")).to_be_visible()
    page.get_by_role("button", name="Another record, or your own ECG").click()
    np.savetxt(tmp_path / "mine.csv", -simulate(40, seed=7).x_T, fmt="%.4f")
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files(tmp_path / "mine.csv")
    expect(page.locator(".wl-heartbeats-verdict").get_by_text("mine.csv")).to_be_visible()
    expect(page.get_by_text("The QRS points down")).to_be_visible()
    page.get_by_label("Turn the lead over").check()
    expect(page.get_by_text("The QRS points down")).to_have_count(0)
    (tmp_path / "notes.csv").write_text("no numbers at all\n" * 60)
    chooser.set_input_files(tmp_path / "notes.csv")
    expect(page.get_by_text("No column of numbers was found")).to_be_visible()
    expect(page.locator(".wl-heartbeats-verdict").get_by_text("mine.csv")).to_be_visible()


def test_the_threshold_is_read_live(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=heartbeats")
    readout = page.locator(".wl-live .wl-readouts").filter(has_text="recall")
    expect(readout).to_contain_text("recall")
    before = readout.inner_text()
    slider = page.get_by_role("slider", name="Normal or not")
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(readout).not_to_have_text(before)
    page.get_by_role("button", name="Every class, every net").click()
    expect(page.locator(".wl-confusion td.wl-hit")).to_have_count(5)
    page.get_by_label("attention", exact=True).check()
    expect(page.get_by_text("Attention: 49,692 test beats")).to_be_visible()
    page.get_by_label("ROC").check()
    expect(page.get_by_text("Area under the ROC curve")).to_be_visible()
