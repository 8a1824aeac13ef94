"""Denoising, driven as a person would: an example played and switched, the desk moved, files, and a microphone live."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from demos.denoising import mixing, nets
from signals import audio
from tests.browser.conftest import SHOTS, launched
from tests.browser.fields import typed

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def ready(page: Page, title: str = "") -> Locator:
    """The players, with a sound in them, the one called so."""
    deck = page.locator(".wl-denoising-deck[data-state=ready]:not([aria-busy])")
    expect(deck).to_be_visible()
    if title:
        expect(deck).to_have_attribute("data-title", re.compile(title))
    return deck


def figures(page: Page) -> Locator:
    return page.locator(".wl-denoising-figures").first


def seconds(page: Page) -> float:
    text = page.locator(".wl-denoising-time").inner_text()
    return float(re.match(r"[\d.]+", text).group())  # type: ignore[union-attr]


def at_least(page: Page, wanted: float) -> None:
    page.wait_for_function(
        "(s) => parseFloat(document.querySelector('.wl-denoising-time').textContent) >= s", arg=wanted
    )


def saved(page: Page) -> np.ndarray:
    """The samples of “Save what is heard”, as integers."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Save what is heard").click()
    samples, rate_hz = soundfile.read(io.BytesIO(Path(download.value.path()).read_bytes()), dtype="int16")
    assert rate_hz == audio.RATE_HZ
    return samples.astype(int)


def at_work(page: Page) -> None:
    """The tab with its first example denoised and explained, the playhead in the middle of it."""
    ready(page)
    expect(figures(page)).not_to_contain_text("…")
    expect(page.locator(".wl-curve")).to_have_count(2)
    page.get_by_label("Position, seconds").fill("1.6")


def test_an_example_is_played_switched_and_sought(page: Page, server: str, requests: list[str]) -> None:
    page.goto(f"{server}?tab=denoising")
    deck = ready(page)
    expect(page.get_by_label(mixing.FIRST, exact=True)).to_be_checked()
    expect(page.locator(".wl-denoising-verdict")).to_contain_text("dB quieter")
    play = deck.get_by_role("button", name="Play").bounding_box()
    assert play and play["y"] + play["height"] < 700, "first in view"
    expect(figures(page)).to_contain_text("dB SI-SDR")
    expect(figures(page)).to_contain_text(re.compile(r"STOI"))
    expect(deck.locator(".wl-denoising-track:visible img")).to_have_count(5)
    deck.get_by_role("button", name="Play").click()
    at_least(page, 0.4)
    assert float(deck.locator(".wl-denoising-head").first.evaluate("e => parseFloat(e.style.left)")) > 5
    before = seconds(page)
    page.keyboard.press("c")
    expect(deck.get_by_role("radio", name="Removed")).to_have_attribute("aria-checked", "true")
    at_least(page, before + 0.2)  # it plays on from where it was
    page.keyboard.press("Space")
    expect(deck.get_by_role("button", name="Play")).to_be_visible()
    stood = seconds(page)
    page.wait_for_timeout(300)
    assert seconds(page) == stood
    picture = deck.locator("[data-track=mask] img")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    total = float(re.findall(r"[\d.]+", page.locator(".wl-denoising-time").inner_text())[1])
    assert seconds(page) == pytest.approx(total / 2, abs=0.11)
    heads = {e.evaluate("e => e.style.left") for e in deck.locator(".wl-denoising-head").all()}
    assert len(heads) == 1, "one position in all of them"
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign, "the page asks nothing of any third party"


def test_it_stops_at_the_end_and_keeps_its_place_when_the_method_changes(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=denoising")
    deck = ready(page)
    deck.get_by_label("Position, seconds").fill("2")
    assert seconds(page) == pytest.approx(2, abs=0.1)
    page.get_by_role("button", name=re.compile("Other methods")).click()
    page.get_by_label("Wiener").check()
    expect(page.locator(".wl-denoising-verdict")).to_contain_text("By the Wiener")
    assert seconds(page) == pytest.approx(2, abs=0.1)
    deck.get_by_label("Position, seconds").fill("3.9")
    deck.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.wl-denoising-time').textContent.startsWith('0.0')")
    expect(deck.get_by_role("button", name="Play")).to_be_visible()


def test_what_was_removed_is_noisy_minus_denoised_and_the_mix_lies_between(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=denoising")
    page.get_by_label("Open fire").check()
    expect(page.locator(".wl-denoising-verdict")).to_contain_text("open fire")
    deck = ready(page, "open fire")
    found = {}
    for side in ("Noisy", "Denoised", "Removed", "Clean"):
        deck.get_by_role("radio", name=side).click()
        found[side] = saved(page)
        expect(deck.locator(".wl-denoising-saved")).to_contain_text("16 bit, 16 kHz, at its own level")
    assert np.abs(found["Removed"] - (found["Noisy"] - found["Denoised"])).max() <= 1
    deck.get_by_role("radio", name="Denoised").click()
    deck.get_by_label("Dry to wet").fill("40")
    expect(deck.get_by_text("40 %")).to_be_visible()
    assert np.abs(saved(page) - (0.6 * found["Noisy"] + 0.4 * found["Denoised"])).max() <= 1
    deck.get_by_label("normalised").check()
    loud = saved(page)
    assert np.abs(loud).max() == pytest.approx(32767 * 10 ** (-1 / 20), abs=2)
    expect(deck.locator(".wl-denoising-saved")).to_contain_text(re.compile(r"normalised, turned up by [\d.]+ dB"))
    clean_T = mixing.mixture(*mixing.EXAMPLES["Open fire"][1:]).clean_T
    assert clean_T is not None
    expected = clean_T.numpy() * 32767
    assert np.abs(found["Clean"] - expected[: len(found["Clean"])]).max() <= 1


def test_the_desk_compares_and_explains(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=denoising")
    ready(page)
    page.get_by_label("Helicopter").check()
    expect(figures(page)).to_contain_text("−5.0")
    page.get_by_role("button", name=re.compile("Mix your own")).click()
    snr = page.get_by_label("number input for How much louder")
    verdict = page.locator(".wl-denoising-verdict")
    for value, told in (("12", "the voice 12 dB louder"), ("500", "the voice 20 dB louder"), ("", "equally loud")):
        typed(snr, value, leave="Tab")
        expect(verdict).to_contain_text(told)
    page.get_by_role("slider", name=re.compile("How much louder")).press("ArrowRight")
    expect(verdict).to_contain_text("the voice 1 dB louder")
    page.get_by_role("button", name=re.compile("Other methods")).click()
    page.get_by_label("Linear", exact=True).check()
    expect(page.get_by_text("the course work's choice")).to_be_visible()
    expect(
        page.get_by_text("hears each frame by itself").or_(page.get_by_text("in the input before it"))
    ).to_be_visible()
    expect(page.locator(".wl-curve")).to_have_count(2)
    expect(verdict).to_contain_text("By the linear net")
    page.get_by_label("Position, seconds").fill("1.5")
    page.get_by_role("button", name="At the playhead").click()
    asked_for = page.get_by_text(re.compile(r"the frame at 1\.(4|5)\d s"))
    expect(asked_for).to_be_visible()
    page.get_by_role("button", name="Compare all").click()
    expect(page.get_by_text("Bold is best in its column")).to_be_visible(timeout=120_000)
    expect(asked_for).to_be_visible()  # the method's change explains a moment of its own, which does not replace it
    rows = page.locator(".wl-table").first.locator("tbody tr")
    expect(rows).to_have_count(1 + len(nets.available()))


def test_files_good_and_bad(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}?tab=denoising")
    page.get_by_role("tab", name="Your recording").click()
    expect(page.get_by_text("at most 5 minutes")).to_be_visible()
    (tmp_path / "notes.wav").write_text("a text file " * 50)
    chooser = page.locator(".wl-denoising-recorder input[type=file]")
    chooser.set_input_files(tmp_path / "notes.wav")
    expect(page.get_by_text("not a sound that can be read")).to_be_visible()
    page.locator(".wl-denoising-recorder").get_by_label("Clear").click()
    soundfile.write(tmp_path / "silent.wav", np.zeros(16_000), 16_000)
    chooser.set_input_files(tmp_path / "silent.wav")
    expect(page.get_by_text("This recording is silent")).to_be_visible()
    page.locator(".wl-denoising-recorder").get_by_label("Clear").click()
    x_T = audio.resample(mixing.speeches()["Reader 2"](), audio.RATE_HZ, 44_100)
    soundfile.write(tmp_path / "stereo.flac", np.stack([x_T, x_T], 1), 44_100)
    page.locator(".wl-denoising-recorder input[type=file]").set_input_files(tmp_path / "stereo.flac")
    deck = ready(page)
    expect(page.get_by_text("2 channels averaged to one")).to_be_visible()
    expect(page.get_by_text("an estimate")).to_be_visible()
    expect(deck.get_by_role("radio", name="Clean")).to_be_disabled()
    expect(deck.locator(".wl-denoising-track:visible")).to_have_count(4)


@pytest.fixture(scope="module")
def speaking(engine: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium whose microphone says one of the examples in a hiss, over and over."""
    sound = mixing.mixture("Reader 8", "White noise", 5)
    path = tmp_path_factory.mktemp("microphone") / "speech.wav"
    x_T = audio.resample(sound.wave.x_T, audio.RATE_HZ, 48_000)
    soundfile.write(path, audio.to_int16(x_T)[0].numpy(), 48_000)
    switches = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={path}",
    )
    with launched(engine, *switches) as browser:
        yield browser


def heard(page: Page, wanted: float) -> None:
    page.wait_for_function(
        "(s) => parseFloat(document.querySelector('[data-figure=heard]').textContent) >= s", arg=wanted
    )


def colours(page: Page, canvas: str) -> int:
    """How many colours a rolling picture shows."""
    picture = Image.open(io.BytesIO(page.locator(canvas).screenshot()))
    return len(picture.convert("RGB").getcolors(1 << 24) or [])


def listen(page: Page, server: str) -> None:
    page.goto(f"{server}?tab=denoising")
    page.get_by_role("tab", name="Live").click()
    page.get_by_role("button", name="Listen").click()


def test_two_visitors_listen_live_at_once(speaking: Browser, server: str) -> None:
    pages = [speaking.new_page(viewport={"width": 1280, "height": 900}) for _ in range(2)]
    for page in pages:
        listen(page, server)
    for page in pages:
        heard(page, 2.0)
        assert float(page.locator("[data-figure=factor]").inner_text()) > 0
        assert colours(page, ".wl-denoising-mic-in") > 30 and colours(page, ".wl-denoising-mic-out") > 30
        expect(page.get_by_text("Listening.")).to_be_visible()
    SHOTS.mkdir(parents=True, exist_ok=True)
    pages[0].screenshot(path=SHOTS / "denoising-live.png")
    for page in pages:
        page.locator(".wl-denoising-mic").get_by_role("button", name="Stop").click()
        deck = ready(page, "Your microphone")
        expect(page.get_by_text("Both sides are in the players")).to_be_visible()
        expect(page.locator(".wl-denoising-verdict")).to_contain_text("Your microphone")
        deck.get_by_role("button", name="Play").click()
        at_least(page, 0.3)
        page.close()


def test_live_says_what_it_cannot_do(speaking: Browser, page: Page, server: str) -> None:
    other = speaking.new_page()
    other.goto(f"{server}?tab=denoising")
    other.get_by_role("button", name=re.compile("Other methods")).click()
    other.get_by_label("Wiener").check()
    other.get_by_role("tab", name="Live").click()
    other.get_by_role("button", name="Listen").click()
    expect(other.get_by_text("Choose a net to listen live")).to_be_visible()
    expect(other.get_by_role("button", name="Listen")).to_be_visible()
    other.close()
    listen(page, server)  # a browser without any microphone
    expect(page.get_by_text(re.compile("no microphone that can be opened|was not allowed"))).to_be_visible()


def test_live_fits_a_phone(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}?tab=denoising")
    box = ready(page).locator(".wl-denoising-transport").bounding_box()
    assert box and box["y"] + box["height"] <= 700, "Play, and all beside it, in the first view"
    page.get_by_role("tab", name="Live").click()
    expect(page.get_by_role("button", name="Listen")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
