"""Sentiment, driven as a person would: typed, swapped, a “not” dropped, the last words, a walk; and what is asked."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from demos.sentiment.nets import RECIPES
from demos.sentiment.texts import FIRST, example

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLOW = 120_000
"""Milliseconds: where two cores do everything."""
STAFF = ".wl-sentiment-staff"


def opened(page: Page, server: str, *, more: str = "") -> None:
    page.goto(f"{server}?tab=sentiment{more}")
    ready(page)


def ready(page: Page) -> None:
    """The first sentence is read, and the last of what is asked of it is answered."""
    expect(page.locator(f"{STAFF}[data-key]")).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-sentiment-trials").first).to_be_visible(timeout=SLOW)


def read(page: Page, words: int) -> None:
    """So many words stand there, each with its lines."""
    expect(page.locator("[data-word]")).to_have_count(words, timeout=SLOW)
    expect(page.locator(f"{STAFF} polyline").first).to_be_attached(timeout=SLOW)


def at_work(page: Page) -> None:
    """The tab with its folds open, another sentence, and the menu of one of its words."""
    ready(page)
    page.get_by_role("button", name="Words as points").click()
    page.get_by_role("button", name="More: twenty names").click()
    expect(page.get_by_text("Used like “wonderful”")).to_be_visible(timeout=SLOW)
    page.get_by_text("Plain praise", exact=True).click()
    read(page, 20)
    expect(page.locator(".wl-sentiment-walk")).to_contain_text("word 20 of 20", timeout=SLOW)
    word(page, "superb").click()
    expect(offers(page)).to_have_count(10, timeout=SLOW)
    page.evaluate("scrollTo(0, 0)")


def area(page: Page) -> Locator:
    return page.get_by_label("Your text, in English")


def word(page: Page, words: str) -> Locator:
    return page.locator("[data-word]").get_by_text(words, exact=True)


def offers(page: Page) -> Locator:
    return page.locator(".wl-sentiment-menu button")


def figures(page: Page) -> list[str]:
    return page.locator(".wl-sentiment-legend b").all_text_contents()


def test_a_sentence_stands_there_with_a_line_for_each_net(page: Page, server: str) -> None:
    opened(page, server)
    expect(area(page)).to_have_value(example(FIRST))
    read(page, 20)
    lines = page.locator(f"{STAFF} polyline")
    expect(lines).to_have_count(len(RECIPES))
    points = [len(line.get_attribute("points").split()) for line in lines.all()]  # type: ignore[union-attr]
    assert points == [20] * len(RECIPES)
    assert all(re.fullmatch(r"[01]\.\d\d", figure) for figure in figures(page))
    box, text = page.locator(f"{STAFF} svg").bounding_box(), word(page, "wonderful").bounding_box()
    assert box and text and box["y"] < text["y"] < box["y"] + box["height"]


def test_typing_asks_once_at_each_pause_and_the_last_answer_stands(
    page: Page, server: str, requests: list[str]
) -> None:
    opened(page, server)
    page.wait_for_timeout(2500)  # whatever the page asks when it opens
    requests.clear()
    area(page).fill("")
    area(page).press_sequentially("It is good and it is bad", delay=25)
    read(page, 7)
    page.wait_for_timeout(1500)
    joins = [url for url in requests if url.endswith("queue/join")]
    assert len(joins) <= 8, f"two pauses, four questions in a chain: {len(joins)}"
    assert page.locator("[data-word]").all_text_contents() == ["It", "is", "good", "and", "it", "is", "bad"]
    area(page).fill("")
    expect(page.get_by_text("no word in this text")).to_be_visible(timeout=SLOW)
    expect(page.locator("[data-word]")).to_have_count(0)
    assert figures(page) == ["–"] * len(RECIPES)
    expect(page.locator(".wl-sentiment-walk")).to_contain_text("no word to walk by", timeout=SLOW)
    expect(page.locator(".wl-sentiment-plane")).to_be_hidden()
    area(page).fill("Good again.")
    expect(page.locator(".wl-sentiment-plane circle")).to_have_count(3, timeout=SLOW)


@pytest.mark.parametrize("delay", [5, 200], ids=["within a pause", "a pause at each letter"])
def test_the_last_answer_to_quick_typing_is_that_of_a_fresh_page(page: Page, server: str, delay: int) -> None:
    text = "It was not as bad as I feared."
    opened(page, server)
    area(page).fill("")
    area(page).press_sequentially(text, delay=delay)
    read(page, 9)
    expect(page.locator(".wl-sentiment-walk")).to_contain_text("word 9 of 9", timeout=SLOW)
    assert area(page).input_value() == text
    found, shaded = figures(page), page.locator(".wl-sentiment-shaded").inner_text()
    opened(page, server)
    area(page).fill(text)
    read(page, 9)
    expect(page.locator(".wl-sentiment-walk")).to_contain_text("word 9 of 9", timeout=SLOW)
    assert figures(page) == found and page.locator(".wl-sentiment-shaded").inner_text() == shaded


def test_an_example_that_is_still_being_read_does_not_overtake_what_is_written(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_text("A thousand words", exact=True).click()
    expect(page.locator("[data-word]")).to_have_count(400, timeout=SLOW)
    area(page).fill("A fine film.")
    read(page, 4)
    page.wait_for_timeout(2500)  # the parts of the long one would have come
    expect(area(page)).to_have_value("A fine film.")
    read(page, 4)


def test_nothing_written_is_lost_to_an_example_and_an_example_can_be_had_again(page: Page, server: str) -> None:
    opened(page, server)
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_disabled()
    area(page).fill("My own words on a film.")
    read(page, 7)
    expect(page.locator(".wl-examples input:checked")).to_have_count(0)
    page.get_by_text(FIRST, exact=True).click()
    expect(area(page)).to_have_value(example(FIRST), timeout=SLOW)
    read(page, 20)
    undo.click()
    expect(area(page)).to_have_value("My own words on a film.")
    read(page, 7)
    undo.click()
    expect(area(page)).to_have_value(example(FIRST))
    read(page, 20)
    expect(undo).to_be_disabled()


def test_a_word_is_swapped_for_a_neighbour_that_carries_its_change(page: Page, server: str) -> None:
    opened(page, server)
    before = figures(page)
    word(page, "wonderful").click()
    expect(offers(page)).to_have_count(10, timeout=SLOW)
    said = offers(page).nth(1).locator("b").inner_text()
    assert re.fullmatch(r"0|[+−]\d\.\d\d", said), said
    expect(offers(page).first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(offers(page).nth(1)).to_be_focused()
    other = offers(page).nth(1).locator("span").inner_text()
    page.keyboard.press("Enter")
    expect(area(page)).to_have_value(example(FIRST).replace("wonderful", other))
    expect(word(page, other)).to_be_visible(timeout=SLOW)
    lstm = list(RECIPES).index("LSTM")
    expect(word(page, other)).to_be_focused()
    page.mouse.move(0, 0)  # or the figures are those after the word that is looked at
    expect(page.locator(".wl-sentiment-of")).to_have_text("probability of praise after the last word")
    change = float(figures(page)[lstm]) - float(before[lstm])
    assert change == pytest.approx(float(said.replace("−", "-")), abs=0.021), "as it was carried, but for rounding"
    page.get_by_role("button", name="Undo").click()
    expect(area(page)).to_have_value(example(FIRST))
    expect(word(page, "wonderful")).to_be_visible(timeout=SLOW)


def test_a_menu_is_left_by_escape_and_by_a_click_elsewhere(page: Page, server: str) -> None:
    opened(page, server)
    word(page, "slow").click()
    expect(offers(page).first).to_be_visible(timeout=SLOW)
    page.keyboard.press("Escape")
    expect(page.locator(".wl-sentiment-menu")).to_be_hidden()
    expect(word(page, "slow")).to_be_focused()
    word(page, "dull").click()
    expect(offers(page).first).to_be_visible(timeout=SLOW)
    page.locator("h1").filter(visible=True).first.click()
    expect(page.locator(".wl-sentiment-menu")).to_be_hidden()
    assert area(page).input_value() == example(FIRST)


def test_words_go_by_keys(page: Page, server: str) -> None:
    opened(page, server)
    word(page, "The").focus()
    page.keyboard.press("ArrowRight")
    expect(word(page, "story")).to_be_focused()
    page.keyboard.press("Delete")
    read(page, 19)
    expect(area(page)).to_have_value(example(FIRST).replace("story ", ""))
    expect(word(page, "is").first).to_be_focused()
    word(page, "dull").focus()
    page.keyboard.press("n")
    expect(area(page)).to_have_value(example(FIRST).replace("story ", "").replace("dull", "not dull"))


def test_a_word_is_not_changed_twice_before_it_was_read(page: Page, server: str) -> None:
    opened(page, server)
    undo = page.get_by_role("button", name="Undo")
    word(page, "story").focus()
    for _ in range(3):
        page.keyboard.press("Delete")
    read(page, 19)
    expect(area(page)).to_have_value(example(FIRST).replace("story ", ""))
    undo.focus()
    page.keyboard.press("Enter")
    expect(area(page)).to_have_value(example(FIRST))
    read(page, 20)
    expect(undo).to_be_disabled()
    expect(page.get_by_role("button", name="not: drag it")).to_be_focused()


def test_a_not_is_dropped_by_drag_by_clicks_and_by_keys(page: Page, server: str) -> None:
    opened(page, server)
    chip = page.get_by_role("button", name="not: drag it")
    box, target = chip.bounding_box(), page.locator("[data-gap='3']").bounding_box()
    assert box and target
    page.mouse.move(box["x"] + 20, box["y"] + 15)
    page.mouse.down()
    page.mouse.move(target["x"] + 6, target["y"] + 20, steps=6)
    expect(page.locator(".wl-sentiment-target")).to_have_count(1)
    page.mouse.up()
    first = example(FIRST).replace("is slow", "is not slow")
    expect(area(page)).to_have_value(first)
    read(page, 21)
    chip.click()
    expect(page.locator("[data-gap] b")).to_have_count(21, timeout=SLOW)
    page.get_by_role("button", name="Put “not” before “dull”").click()
    second = first.replace("dull", "not dull")
    expect(area(page)).to_have_value(second)
    read(page, 22)
    expect(page.locator("[data-gap] b")).to_have_count(0)
    chip.focus()
    page.keyboard.press("Enter")
    expect(chip).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(chip).to_have_attribute("aria-pressed", "false")
    expect(chip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-gap='0']")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(area(page)).to_have_value(second.replace("story is", "story not is"))


def test_a_not_is_not_dropped_on_words_that_are_scrolled_away(page: Page, server: str) -> None:
    opened(page, server)
    area(page).fill("the film was good and bad " * 60)
    read(page, 360)
    chip = page.get_by_role("button", name="not: drag it")
    chip.scroll_into_view_if_needed()
    box = chip.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 15)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 90, steps=6)
    expect(page.locator(".wl-sentiment-target")).to_have_count(0)
    page.mouse.up()
    assert "not" not in area(page).input_value()


def test_the_slider_reads_the_last_words_only_and_asks_nothing(page: Page, server: str, requests: list[str]) -> None:
    opened(page, server)
    slider = page.get_by_role("slider", name="How many of the last words are read")
    expect(page.locator(".wl-sentiment-stops tbody tr").first).to_be_visible(timeout=SLOW)
    page.wait_for_timeout(1500)
    requests.clear()
    before = page.locator(".wl-sentiment-stops tbody").inner_text()
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator(".wl-sentiment-memory output")).to_have_text("word")
    assert page.locator(".wl-sentiment-stops tbody").inner_text() != before
    page.keyboard.press("ArrowRight")
    expect(page.locator(".wl-sentiment-memory output")).to_have_text("2 words")
    expect(page.locator(".wl-sentiment-faded")).to_have_count(18)
    assert page.locator(".wl-sentiment-gradient polyline").count() >= len(RECIPES)
    assert not [url for url in requests if not url.startswith(("data:", "blob:"))], requests


def test_the_walk_goes_where_a_word_is_looked_at(page: Page, server: str) -> None:
    opened(page, server)
    walk = page.locator(".wl-sentiment-walk")
    expect(walk).to_contain_text("word 20 of 20", timeout=SLOW)
    end = figures(page)
    word(page, "dull").hover()
    expect(walk).to_contain_text("after “dull”, word 10 of 20")
    assert figures(page) != end, "the figures are those after that word"
    slider = page.get_by_label("Up to which word")
    page.mouse.move(0, 0)
    slider.fill("5")
    expect(walk).to_contain_text("word 5 of 20")
    page.get_by_text("BiLSTM", exact=True).nth(1).click()
    expect(walk).to_contain_text("BiLSTM, word by word", timeout=SLOW)


def test_the_walk_goes_by_itself_and_word_by_word_where_motion_is_unwanted(page: Page, server: str) -> None:
    opened(page, server)
    walk = page.locator(".wl-sentiment-walk")
    expect(walk).to_contain_text("word 20 of 20", timeout=SLOW)
    page.get_by_role("button", name="Walk").click()
    expect(walk).to_contain_text(re.compile(r"word ([2-9]|1\d) of 20"))
    expect(walk).to_contain_text("word 20 of 20")
    expect(walk.get_by_role("button", name="Walk")).to_be_visible()
    page.emulate_media(reduced_motion="reduce")
    opened(page, server)
    expect(walk).to_contain_text("word 20 of 20", timeout=SLOW)
    page.get_by_role("button", name="Step").click()
    expect(walk).to_contain_text("word 1 of 20")
    page.get_by_role("button", name="Step").click()
    expect(walk).to_contain_text("word 2 of 20")
    page.wait_for_timeout(700)
    expect(walk).to_contain_text("word 2 of 20")


def test_a_thousand_words_come_with_what_is_not_read(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_text("A thousand words", exact=True).click()
    read(page, 400)
    expect(page.locator(".wl-sentiment-cut")).to_contain_text("words that no net reads")
    expect(page.get_by_text("the first 128 and the last 272 are read")).to_be_visible(timeout=SLOW)
    staff = page.locator(".wl-sentiment-page").bounding_box()
    assert staff and staff["height"] < 500, "it scrolls"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("🎬🍿😡", "no word in this text"),
        ("<p></p><br>", "no word in this text"),
        ("Der Film ist ein Meisterwerk, und die Schauspieler sind großartig.", "does not read as an English review"),
        ("הסרט הזה הוא יצירת מופת, השחקנים נהדרים", "does not read as an English review"),
        ("x" * 100_000, "does not read as an English review"),
        ("fine " * 200_000, "Of 200,000 words"),
        ("a" * 1_000_001, "at most 1,000,000 are read"),
    ],
    ids=["emoji", "html", "German", "Hebrew", "a long word", "a megabyte", "too much"],
)
def test_what_is_no_review_is_met_with_a_sentence(page: Page, server: str, text: str, told: str) -> None:
    opened(page, server)
    area(page).fill(text)
    expect(page.get_by_text(told).filter(visible=True).first).to_be_visible(timeout=SLOW)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_word_is_found_on_the_map(page: Page, server: str) -> None:
    opened(page, server)
    page.get_by_role("button", name="Words as points").click()
    expect(page.get_by_text("Used like “wonderful”")).to_be_visible(timeout=SLOW)
    page.get_by_label("A word", exact=True).fill("boring")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Used like “boring”")).to_be_visible(timeout=SLOW)
    expect(page.locator(".wl-sentiment-named").first).to_have_text("boring")


def test_sentences_on_which_they_fail_are_there_and_more_are_folded(page: Page, server: str) -> None:
    opened(page, server)
    shown = page.locator(".wl-sentiment-trials").first
    expect(shown.locator("tbody tr")).to_have_count(4)
    assert shown.locator(".wl-sentiment-wrong").count() > 0
    page.get_by_role("button", name="More: twenty names").click()
    expect(page.get_by_text("plays the lead in this film")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Failures on 200 sentences")).to_be_visible()
    expect(page.locator(".wl-sentiment-trials").nth(1).locator("tbody tr")).to_have_count(6)


def test_nothing_is_asked_of_anybody_else(page: Page, server: str, requests: list[str]) -> None:
    opened(page, server)
    foreign = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not foreign


def test_it_fits_a_phone_and_a_finger(chromium: Browser, server: str) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    opened(page, server)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    word(page, "dull").tap()
    expect(offers(page)).to_have_count(10, timeout=SLOW)
    menu = page.locator(".wl-sentiment-menu").bounding_box()
    assert menu and menu["x"] >= 0 and menu["x"] + menu["width"] <= 390
    assert all(box["height"] >= 44 for box in (button.bounding_box() for button in offers(page).all()) if box)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="not: drag it").tap()
    expect(page.locator("[data-gap] b")).to_have_count(20, timeout=SLOW)
    pressed = ".wl-sentiment-words button, .wl-sentiment-tools button, .wl-sentiment-walk button"
    low = [b.inner_text() for b in page.locator(pressed).all() if (box := b.bounding_box()) and box["height"] < 44]
    assert not low
    page.get_by_role("button", name="Put “not” before “dull”").tap()
    expect(area(page)).to_have_value(example(FIRST).replace("dull", "not dull"))
    page.close()
