"""Heartbeats, driven as a person would: an example, a beat clicked, its attention seen, a file, the threshold moved."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from signals.synthetic_ecg import simulate

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def at_work(page: Page) -> None:
    """The tab as it opens: an example read, one beat explained by four nets."""
    expect(page.locator(".wl-heartbeats-heat")).to_have_count(4)
    expect(page.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_visible()


def test_from_an_example_to_the_attention_of_a_beat(page: Page, server: str, requests: list[str]) -> None:
    page.goto(f"{server}?tab=heartbeats")
    expect(page.locator(".wl-heartbeats-strip svg")).to_be_visible()
    page.get_by_role("button", name="Early beats").click()
    expect(page.get_by_text("Early beats, simulated by the project")).to_be_visible()
    beat = page.locator('.wl-heartbeats-beat[data-beat="3"]')
    beat.click(position={"x": 8, "y": 40})
    expect(page.get_by_text("Beat 4 of")).to_be_visible()
    expect(beat).to_have_class("wl-heartbeats-beat wl-heartbeats-isN wl-heartbeats-chosen")
    expect(page.locator(".wl-heartbeats-heat")).to_have_count(4)
    expect(page.get_by_text("Bars from the top: head 1, head 2, head 3, head 4")).to_be_visible()
    assert page.locator(".wl-heartbeats-bars rect").count() > 40
    page.get_by_role("button", name="Beat after").click()
    expect(page.get_by_text("Beat 5 of")).to_be_visible()
    page.get_by_label("Integrated gradients").check()
    expect(page.locator(".wl-heartbeats-heat figcaption", has_text="Integrated gradients")).to_have_count(3)
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "the page asks nothing of any third party"


def test_a_beat_by_keyboard(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=heartbeats")
    beat = page.locator('.wl-heartbeats-beat[data-beat="2"] rect')
    beat.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Beat 3 of")).to_be_visible()


def test_a_file_of_ones_own_and_one_that_is_none(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=heartbeats")
    expect(page.locator(".wl-heartbeats-strip svg")).to_be_visible()
    np.savetxt(tmp_path / "mine.csv", -simulate(40, seed=7).x_T, fmt="%.4f")
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files(tmp_path / "mine.csv")
    expect(page.get_by_text("mine.csv.")).to_be_visible()
    expect(page.get_by_text("The QRS points down")).to_be_visible()
    page.get_by_label("Turn the lead over").check()
    expect(page.get_by_text("The QRS points down")).to_have_count(0)
    (tmp_path / "notes.csv").write_text("no numbers at all\n" * 60)
    chooser.set_input_files(tmp_path / "notes.csv")
    expect(page.get_by_text("No column of numbers was found")).to_be_visible()
    expect(page.get_by_text("mine.csv.")).to_be_visible()


def test_the_threshold_is_read_live(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=heartbeats")
    readout = page.locator(".wl-live .wl-readouts")
    expect(readout).to_contain_text("recall")
    before = readout.inner_text()
    slider = page.get_by_role("slider", name="Normal or not")
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(readout).not_to_have_text(before)
    expect(page.locator(".wl-confusion td.wl-hit")).to_have_count(5)
    page.get_by_label("attention", exact=True).check()
    expect(page.get_by_text("Attention: 49,692 test beats")).to_be_visible()
    page.get_by_label("ROC").check()
    expect(page.get_by_text("Area under the ROC curve")).to_be_visible()
