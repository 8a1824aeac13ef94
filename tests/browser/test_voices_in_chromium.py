"""Voices, driven as a person would: opened answered, the threshold moved, a stranger, two voices enrolled."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from demos.voices.pairs import FIRST, people

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def compared(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=voices")
    at_work(page)


def at_work(page: Page) -> None:
    """The tab with the first pair compared and explained: nothing has to be pressed."""
    expect(verdict(page)).to_be_visible()
    expect(page.locator(".wl-voices-two img")).to_have_count(4)


def verdict(page: Page) -> Locator:
    return page.locator(".wl-live .wl-voices-decision > b")


def unfold(page: Page, title: str) -> None:
    page.get_by_role("button", name=re.compile(title)).click()


def enrol(page: Page, which: str, name: str) -> None:
    """One of the test speakers' recordings enrolled under a name."""
    choose(page, which)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Enrol", exact=True).click()
    expect(page.locator(".wl-voices-enrolled", has_text=name)).to_be_visible()


def choose(page: Page, which: str) -> None:
    page.get_by_label("Or a test speaker").click()
    page.get_by_role("option", name=which, exact=True).click()
    expect(page.locator("#voices-who audio, #voices-who .waveform-container").first).to_be_attached()


def test_it_opens_answered_and_the_threshold_decides(page: Page, server: str, requests: list[str]) -> None:
    compared(page, server)
    expect(page.get_by_label(FIRST, exact=True)).to_be_checked()
    expect(page.get_by_text("The net is right.")).to_be_visible()
    score = float(page.locator(".wl-live .wl-voices-score").inner_text())
    threshold = page.get_by_role("spinbutton", name=re.compile("Threshold"))
    began = threshold.input_value()
    threshold.fill(f"{score - 0.02:.2f}")
    threshold.press("Enter")
    expect(verdict(page)).to_have_text("One person")
    expect(page.get_by_text("The net is wrong.")).to_be_visible()
    page.get_by_label(re.compile("Reset")).locator("visible=true").first.click()
    expect(threshold).to_have_value(began)
    expect(verdict(page)).to_have_text("Two persons")
    page.get_by_label("One man, twice").check()
    expect(verdict(page)).to_have_text("One person")
    expect(page.get_by_text("In truth: one person")).to_be_visible()
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "nothing leaves the machine"


def test_a_stranger_is_warned_of(page: Page, server: str) -> None:
    compared(page, server)
    page.get_by_label("Strangers: synthetic voices").check()
    expect(page.locator(".wl-warning")).to_contain_text("Not like any voice that the net knows")
    expect(page.locator(".wl-doubted")).to_contain_text("In truth: two voices made by a program")


def test_files_of_ones_own(page: Page, server: str, tmp_path: Path) -> None:
    compared(page, server)
    page.locator("#voices-a").get_by_label("Clear").click()
    expect(page.get_by_text("bring recording A")).to_be_visible()
    page.locator("#voices-a input[type=file]").set_input_files(people()["Woman 1"][0])
    expect(page.get_by_text("nobody here knows the truth")).to_be_visible()
    expect(verdict(page)).to_be_visible()
    assert page.locator(".toast-body").count() == 0
    page.locator("#voices-b").get_by_label("Clear").click()
    expect(page.get_by_text("bring recording B")).to_be_visible()
    (tmp_path / "notes.wav").write_text("a text file")
    page.locator("#voices-b input[type=file]").set_input_files(tmp_path / "notes.wav")
    told = page.locator(".toast-body").get_by_text("not a sound that can be read")
    expect(told.locator("visible=true").first).to_be_visible()


def test_enrol_two_and_find_one(page: Page, server: str) -> None:
    compared(page, server)
    unfold(page, "Who is it")
    expect(page.locator(".wl-voices-map circle").first).to_be_visible()
    page.get_by_role("button", name="Who is this?").click()
    expect(page.get_by_text("Nobody is enrolled yet")).to_be_visible()
    enrol(page, "Woman 1, recording 1", "Ada")
    enrol(page, "Man 2, recording 1", "Dan")
    expect(page.locator(".wl-voices-map .wl-voices-known")).to_have_count(2)
    choose(page, "Woman 1, recording 2")
    page.get_by_role("button", name="Who is this?").click()
    expect(page.locator(".wl-voices-identity .wl-bar")).to_have_count(2)
    expect(page.locator(".wl-voices-identity .wl-bar-marked")).to_contain_text("Ada")
    expect(page.locator(".wl-voices-map .wl-voices-asked")).to_have_count(1)
    page.get_by_role("button", name="Forget everyone").click()
    expect(page.locator(".wl-voices-enrolled")).to_have_count(0)


def test_noise_and_the_list_of_trials(page: Page, server: str) -> None:
    compared(page, server)
    unfold(page, "Does cleaning help")
    page.get_by_role("button", name="Add noise, clean, compare").click()
    expect(page.locator(".wl-voices-version")).to_have_count(3)
    expect(page.get_by_text("One pair proves nothing")).to_be_visible()
    unfold(page, "What it costs to be wrong")
    expect(page.locator("figcaption", has_text="Both errors are")).to_be_visible()
    page.get_by_role("button", name="Prepare the list of trials").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download voices-trials.csv").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 1 + 780 + 7_605 + 150 + 1_620 + 100 + 1_125
