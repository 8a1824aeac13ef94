"""Voices, driven as a person would: examples compared, the threshold moved, two voices enrolled, one found again."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
EXAMPLES = Path(__file__).parents[2] / "demos" / "voices" / "examples"


def compared(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=voices")
    at_work(page)


def at_work(page: Page) -> None:
    """The tab with two examples compared and explained."""
    page.get_by_role("button", name="Two voices, one sentence").click()
    expect(page.locator(".wl-live .wl-voices-decision")).to_be_visible()
    expect(page.locator(".wl-voices-two img")).to_have_count(4)
    expect(page.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_visible()


def enrol(page: Page, file: str, name: str) -> None:
    """One of the synthetic recordings enrolled under a name."""
    choose(page, file)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Enrol", exact=True).click()
    expect(page.locator(".wl-voices-enrolled", has_text=name)).to_be_visible()


def choose(page: Page, file: str) -> None:
    page.get_by_label("Or a synthetic voice").click()
    page.get_by_role("option", name=file, exact=True).click()
    expect(page.locator("#voices-who audio, #voices-who .waveform-container").first).to_be_attached()


def test_examples_and_threshold(page: Page, server: str, requests: list[str]) -> None:
    compared(page, server)
    verdict = page.locator(".wl-live .wl-voices-decision b")
    score = float(page.locator(".wl-live .wl-voices-score").inner_text())
    threshold = page.get_by_role("spinbutton", name=re.compile("Threshold"))
    threshold.fill(f"{score - 0.02:.2f}")
    threshold.press("Enter")
    expect(verdict).to_have_text("One person")
    threshold.fill(f"{min(1.0, score + 0.02):.2f}")
    threshold.press("Enter")
    expect(verdict).to_have_text("Two persons")
    page.get_by_role("button", name="One voice, two sentences").click()
    expect(page.get_by_text("ada-first and ada-second")).to_be_visible()
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "nothing leaves the machine"


def test_files_of_ones_own(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=voices")
    page.locator("#voices-a input[type=file]").set_input_files(EXAMPLES / "ada-first.flac")
    expect(page.get_by_text("Recording B is empty")).to_be_visible()
    page.locator("#voices-b input[type=file]").set_input_files(EXAMPLES / "ada-second.flac")
    expect(page.locator(".wl-live .wl-voices-decision")).to_be_visible()
    (tmp_path / "notes.wav").write_text("a text file")
    page.goto(f"{server}?tab=voices")
    page.locator("#voices-a input[type=file]").set_input_files(tmp_path / "notes.wav")
    page.locator("#voices-b input[type=file]").set_input_files(EXAMPLES / "ada-first.flac")
    expect(page.get_by_text("not a sound that can be read").first).to_be_visible()


def test_enrol_two_and_find_one(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=voices")
    expect(page.locator(".wl-voices-map circle").first).to_be_visible()
    page.get_by_role("button", name="Who is this?").click()
    expect(page.get_by_text("Nobody is enrolled yet")).to_be_visible()
    enrol(page, "ada-first", "Ada")
    enrol(page, "dan-first", "Dan")
    expect(page.locator(".wl-voices-map .wl-voices-known")).to_have_count(2)
    choose(page, "ada-second")
    page.get_by_role("button", name="Who is this?").click()
    expect(page.locator(".wl-voices-identity .wl-bar")).to_have_count(2)
    expect(page.locator(".wl-voices-map .wl-voices-asked")).to_have_count(1)
    page.get_by_role("button", name="Forget everyone").click()
    expect(page.locator(".wl-voices-enrolled")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Nobody is enrolled. A voice is remembered in your session only.")).to_be_visible()


def test_noise_and_the_list_of_trials(page: Page, server: str) -> None:
    compared(page, server)
    page.get_by_role("button", name="Add noise, clean, compare").click()
    expect(page.locator(".wl-voices-version")).to_have_count(3)
    expect(page.get_by_text("One pair proves nothing")).to_be_visible()
    page.get_by_role("button", name="Prepare the list of trials").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download voices-trials.csv").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 1 + 780 + 7_605 + 150 + 1_620
