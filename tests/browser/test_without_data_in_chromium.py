"""Every button of every tab, pressed by a visitor without any data: none of them ends in an error."""

import pytest
from playwright.sync_api import Browser, Page

from benchmarks import first_answer
from demos import catalogue
from tests.browser.test_training_in_chromium import TOAST, bare_server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["bare_server"]
LEFT = ("Start training", "Stop", "Use this model here", "Back to the shipped", "Upload", "Record", "Enrol", "Who is")
"""What trains, opens a file or a microphone, or asks for one: tested elsewhere."""
IDLE = "() => window.idle()"


@pytest.mark.parametrize("name", catalogue())
def test_no_button_is_an_error(name: str, chromium: Browser, bare_server: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(path=first_answer.SCRIPT)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{bare_server}?tab={name}")
    page.wait_for_function(first_answer.ANSWERED, timeout=60_000)
    settle(page)
    for fold in page.locator(".wl-fold > button").filter(visible=True).all():
        fold.click()
    settle(page)
    pressed = []
    for picture in page.locator(".wl-strip button, .wl-picker-strip button").filter(visible=True).all():
        picture.click()
        settle(page)
        assert page.locator(TOAST).count() == 0, page.locator(TOAST).first.inner_text()
        pressed.append("a picture")
    for words in [*examples(page), *buttons(page)]:
        press(page, words)
        settle(page)
        toast = page.locator(TOAST)
        assert toast.count() == 0, f"“{words}” after {pressed}: {toast.first.inner_text()}"
        pressed.append(words)
    assert len(pressed) >= 2, f"only {pressed} could be pressed"
    context.close()
    assert not errors


def buttons(page: Page) -> list[str]:
    """Gradio's own buttons that can be pressed now, by what they read, each once."""
    found = page.locator("button.lg, button.sm, button.md").filter(visible=True).all()
    words = [button.inner_text().strip() for button in found if button.is_enabled()]
    return list(dict.fromkeys(word for word in words if word and not word.startswith(LEFT)))


def examples(page: Page) -> list[str]:
    """The examples of a row of which one is marked."""
    return page.locator(".wl-pick label").filter(visible=True).all_inner_texts()


def press(page: Page, words: str) -> None:
    """An example or a button."""
    example = page.locator(".wl-pick label").filter(has_text=words)
    button = page.get_by_role("button", name=words, exact=True).filter(visible=True)
    (example if example.count() else button).first.click(timeout=10_000)


def settle(page: Page) -> None:
    """Until whatever was asked has been answered."""
    page.wait_for_timeout(200)
    page.wait_for_function(IDLE, timeout=90_000)
