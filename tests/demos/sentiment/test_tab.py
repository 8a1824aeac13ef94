"""Sentiment without a browser: what its handlers give, and what they say of what is no text."""

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from demos._ui.questions import changes_nothing
from demos.sentiment import nets, tab
from demos.sentiment.nets import LSTM, RECIPES, Reading
from demos.sentiment.texts import EXAMPLES, FIRST, example
from models import CheckpointMissing
from signals.text import MAX_CHARACTERS


def read(raw: Any) -> tab.Page:
    return list(tab.read_text(raw, None))[-1]


def reading(raw: str) -> Reading:
    return read(raw).reading


def test_the_tab_opens_with_a_sentence_read() -> None:
    opened = list(tab.on_open(FIRST, None, None))[-1]
    assert opened.writer == example(FIRST) and set(opened.score["lines"]) == set(RECIPES)
    n = len(opened.score["words"])
    assert n > 10 and all(len(line) == n for line in opened.score["lines"].values())
    again = list(tab.on_open(FIRST, None, opened.reading))
    assert len(again) == 1 and all(map(changes_nothing, again[0])), "what is read already stays"
    assert all(changes_nothing(page.writer) for page in tab.read_text("Written.", None)), "what is being written stays"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_read(name: str) -> None:
    pages = list(tab.read_example(name, None))
    assert pages[0].writer == example(name) and len(pages[-1].reading.answers) == len(RECIPES)
    assert all(changes_nothing(page.writer) for page in pages[1:]), "what is written meanwhile stays"
    assert all(len(page) == 4 for page in pages)


@pytest.mark.parametrize(
    "raw",
    ["", "🎬🍿", "<p></p>" * 1000, "\0" * 50, "הסרט הזה", "x" * 100_000, "bad " * 250_000, "<b>fine</b>\0 film"],
    ids=["empty", "emoji", "html", "nulls", "right to left", "a long word", "a megabyte", "mixed"],
)  # fmt: skip
def test_whatever_is_pasted_is_answered(raw: str) -> None:
    page = read(raw)
    assert page.answer and len(page.score["words"]) <= 400
    assert sum(len(before) + len(word) for before, word, _ in page.score["words"]) < 25_000, "a page is not sent a book"
    reasons = tab.explain(page.reading, LSTM, None)
    assert reasons.shaded
    assert tab.remember(page.reading, None)["n"] == len(page.score["words"])


def test_too_much_and_no_text_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="at most 1,000,000 are read"):
        read("a" * (MAX_CHARACTERS + 1))
    for raw in (None, {"text": "x"}, 5):
        with pytest.raises(ValueError, match="no text here"):
            read(raw)


def test_a_word_is_offered_others_and_a_not() -> None:
    given = reading("It is a wonderful film.")
    key = given.text.key
    found = tab.offer({"key": key, "at": 3}, given, LSTM, None)
    assert found["key"] == key and found["at"] == 3 and found["net"] == LSTM and len(found["choices"]) == 9
    found = tab.offer({"key": key, "not": True}, given, LSTM, None)
    assert len(found["nots"]) == 7


def test_a_question_about_another_text_is_left_out() -> None:
    given = reading("It is a wonderful film.")
    for asked, read_now in (({"key": "text 0", "at": 3}, given), (None, given), ({"at": 3}, None), ("x", given)):
        assert tab.offer(asked, read_now, LSTM, None) == gr.skip()


@pytest.mark.parametrize("at", [-1, 99, "3", None, 2.5])
def test_a_word_that_is_not_there_is_refused(at: Any) -> None:
    with pytest.raises(ValueError, match=r"Click on one"):
        tab.offer({"at": at}, reading("It is a wonderful film."), LSTM, None)


def test_reasons_and_the_walk_belong_to_the_net_that_is_asked() -> None:
    given = reading(example(FIRST))
    found = {name: tab.explain(given, name, None) for name in RECIPES}
    assert all(one.walk["net"] == name and one.walk["key"] == given.text.key for name, one in found.items())
    assert len({str(one.shaded) for one in found.values()}) == len(RECIPES)
    with pytest.raises(ValueError, match="no such net"):
        tab.explain(given, "GPT", None)


def test_words_near_and_failures() -> None:
    near = tab.show_word("boring")
    assert "dull" in near.near and "boring" in near.map
    failed = tab.show_failed(None)
    assert "not a bad film" in failed.trials and "plays the lead" in failed.names and "negation" in failed.cases
    assert "paint dry" in failed.others and "paint dry" not in failed.trials


def test_without_checkpoints_it_says_how_to_make_them(checkpoints: Path) -> None:
    with pytest.raises(CheckpointMissing, match="python -m training fit"):
        read("A film.")
    assert "Words" in tab.thumbnail()


def test_one_net_alone_reads_too(monkeypatch: pytest.MonkeyPatch) -> None:
    here = nets.active

    def only_lstm(recipe: Any, own: nets.Own) -> Any:
        if recipe is not RECIPES[LSTM]:
            raise CheckpointMissing("There is no checkpoint")
        return here(recipe, own)

    monkeypatch.setattr(nets, "active", only_lstm)
    page = read("A good film.")
    assert set(page.reading.answers) == {LSTM} and "says the LSTM" in page.answer
    others = tab.explain(page.reading, "GRU", None)
    assert "There is no checkpoint" in others.shaded and others.walk["points"] == [], (
        "what follows is filled all the same"
    )
    assert tab.remember(page.reading, None)["names"] == [LSTM] and "LSTM" in tab.show_failed(None).trials
