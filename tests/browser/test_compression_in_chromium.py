"""Compression, driven as a person would: the slider, the switches, both nets, the download; on a phone too."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.data, pytest.mark.usefixtures("real_mnist")]


def at_work(page: Page) -> None:
    """The tab with the shipped net compressed."""
    expect(page.locator(".wl-compression-matrices img")).to_have_count(2)
    expect(page.locator(".js-plotly-plot:visible .scatterlayer .trace").first).to_be_visible()


def test_the_slider_and_the_switches(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=compression")
    smaller = page.locator(".wl-live .wl-readouts").filter(visible=True)
    expect(smaller).to_contain_text("23.0 × smaller")  # distilled, which needs no data
    page.get_by_label("Whitened", exact=True).check()
    expect(smaller).to_contain_text("20.1 × smaller")
    budget = page.get_by_label("number input for Budget, % of the dense")
    budget.fill("2")
    budget.press("Enter")
    budget.blur()
    expect(smaller).to_contain_text(re.compile(r"5\d\.\d × smaller"))
    page.get_by_label("Whitened and distilled").check()
    expect(page.get_by_text("distilled (mnist_mlp_")).to_be_visible()
    page.get_by_label("Plain", exact=True).check()
    expect(page.get_by_text("Plain truncation keeps")).to_be_visible()
    page.locator(".wl-pad:visible").get_by_role("button", name="Example: a 3").click()
    expect(page.locator(".wl-compression-pair")).to_contain_text("Dense: 3")
    page.get_by_role("button", name="Pack the net").click()
    ready = page.get_by_role("button", name="Download mnist_mlp-2-percent-float32.zip")
    expect(ready).to_be_enabled()
    with page.expect_download() as download:
        ready.click()
    download.value.save_as(tmp_path / "net.zip")
    with zipfile.ZipFile(tmp_path / "net.zip") as archive:
        assert set(archive.namelist()) == {"model.safetensors", "config.json", "card.json"}
