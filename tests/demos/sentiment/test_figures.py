"""What is drawn says what was found: sides, shares, failures; and whatever a visitor wrote is escaped."""

import pytest
import torch

from demos.sentiment import figures, lessons, score
from demos.sentiment.lessons import Mapped, Near, Trial
from demos.sentiment.nets import Choice, Reading, Reasons, Walk
from demos.sentiment.texts import Claim, Piece, Text
from signals.behaviour import KINDS
from signals.text import UNKNOWN


def text(*words: str, left_out: int = 0, unknown: tuple[str, ...] = ()) -> Text:
    pieces = tuple(Piece(" ", word, word.lower(), UNKNOWN if word in unknown else 5) for word in words)
    return Text("text 1", pieces, "", len(words) + left_out)


def reading(shown: Text, **last: float) -> Reading:
    n = len(shown.pieces)
    return Reading(shown, {name: tuple([0.5] * (n - 1) + [p]) if n else () for name, p in last.items()})


def test_the_answer_says_who_agrees() -> None:
    shown = text("good", "film", "here", "now")
    said = figures.answer_text(reading(shown, RNN=0.61, LSTM=0.97)).striptags()
    assert "Praise" in said and "all 2 nets agree" in said
    said = figures.answer_text(reading(shown, RNN=0.4, LSTM=0.1, GRU=0.3)).striptags()
    assert said.startswith("Blame")
    said = figures.answer_text(reading(shown, RNN=0.4, LSTM=0.9, GRU=0.8)).striptags()
    assert "They disagree" in said and "praise: LSTM and GRU; blame: RNN" in said


def test_the_answer_says_what_was_not_read() -> None:
    shown = text("A", "splendid", "film", "of", "vim", left_out=1200, unknown=("vim",))
    said = figures.answer_text(reading(shown, RNN=0.9)).striptags()
    assert "Of 1,205 words" in said and "the 1,200 between are not" in said
    assert "1 unknown word, struck out: “vim”" in said
    foreign = text("Der", "Film", "ist", "gut", unknown=("Der", "ist", "gut"))
    found = figures.answer_text(reading(foreign, RNN=0.9))
    assert "wl-stranger" in found and "1 of its 4 words;" in found
    assert "no word" in figures.answer_text(reading(text()))


def test_a_net_that_is_still_reading_gives_no_answer_yet() -> None:
    shown = text("one", "two", "three")
    said = figures.answer_text(Reading(shown, {"LSTM": (0.5, 0.6, 0.7), "BiLSTM": (0.4,)}))
    assert "BiLSTM has read 1 of 3 words" in said and "says the LSTM" in said


def test_what_a_visitor_wrote_is_escaped() -> None:
    shown = text("<script>", *"abcdef", unknown=("<script>",))
    found = Reasons(torch.tensor([0.5, *[-0.1] * 6]), 0.8, 0.8, 0.5, 0.7, 1)
    for drawn in (figures.answer_text(reading(shown, RNN=0.9)), figures.shaded_text(shown, found, "RNN")):
        assert "<script>" not in drawn and "&lt;script&gt;" in drawn


def test_words_are_shaded_by_what_they_add() -> None:
    found = Reasons(torch.tensor([1.0, -0.5, 0.01]), 0.8, 0.8, 0.5, 0.7, 1)
    drawn = figures.shaded_text(text("fine", "dull", "the"), found, "GRU")
    assert 'wl-sentiment-praise" style="--wl-sentiment-heat:1.00" title="+1.00">fine' in drawn
    assert 'wl-sentiment-blame" style="--wl-sentiment-heat:0.50" title="−0.50">dull' in drawn
    assert 'wl-sentiment-little" style="--wl-sentiment-heat:0.01"' in drawn


@pytest.mark.parametrize(("after", "at_random", "holds"), [(0.4, 0.85, True), (0.4, 0.41, False), (0.89, 0.95, False)])
def test_the_verdict_is_the_comparison(after: float, at_random: float, holds: bool) -> None:
    drawn = figures.reasons_verdict(Reasons(torch.zeros(10), 0.9, 0.9, after, at_random, 2))
    assert ("This shading holds" in drawn) == holds and "strongest 2 words" in drawn and "of praise" in drawn
    assert "of blame" in figures.reasons_verdict(Reasons(torch.zeros(3), 0.1, 0.9, after, at_random, 1))


def test_the_map_names_the_word_and_its_neighbours_first() -> None:
    everything = [Mapped(f"w{i}", i / 10, (i * 7 % 10) / 10, 1.0 if i % 2 else -1.0) for i in range(10)]
    found = Near(Mapped("good", 0.5, 0.5, 1.0), [Mapped("fine", 0.9, 0.1, 0.5)], [0.8])
    drawn = figures.map_chart(everything, found)
    assert drawn.count("<circle") == 12 and "good" in drawn and "fine" in drawn
    assert "0.80" in figures.neighbours_bars(found) and "good" in figures.neighbours_bars(found)


def test_failures_are_marked_and_counted() -> None:
    trials = [
        Trial(Claim("negation", "It is not bad.", 1), {"RNN": 0.2, "LSTM": 0.9}),
        Trial(Claim("sarcasm", "Oh great.", 0), {"RNN": 0.9, "LSTM": 0.8}),
        Trial(Claim("sarcasm", "How clever.", 0), {"RNN": 0.1, "LSTM": 0.8}),
    ]
    drawn, more = figures.trials_table(trials), figures.trials_table(trials, more=True)
    assert drawn.count("wl-sentiment-wrong") == 3 and "Wrong of 3 such sentences: RNN 2, LSTM 2" in drawn
    assert "How clever" not in drawn and more.count("wl-sentiment-wrong") == 1 and "Oh great" not in more
    named = figures.names_table({"RNN": {"Anna": 0.4, "Wei": 0.6, "Olga": 0.5}})
    assert "Anna 0.40" in named and "Wei 0.60" in named and "<td>0.20</td>" in named
    cases = figures.cases_table({"RNN": dict.fromkeys(KINDS, 10), "LSTM": dict.fromkeys(KINDS, 5)})
    assert "40 of 200" in cases and cases.count("<b>10</b>") == len(KINDS)
    assert "not been tried" in figures.cases_table({})


def test_the_best_of_each_column_is_strong() -> None:
    found = {
        "caption": "Accuracy ↑", "columns": ["what", "short", "ms ↓"],
        "rows": [["`sentiment_lstm`", "90.1", "12.0"], ["NBSVM", "91.4 (91.0 to 91.8)", "0.3"], ["none", "–", "–"]],
    }  # fmt: skip
    drawn = figures.measured_table(found, lessons.displayed)
    assert "<b>91.4 (91.0 to 91.8)</b>" in drawn and "<b>0.3</b>" in drawn and drawn.count("<b>") == 2
    assert ">LSTM<" in drawn


def test_the_score_is_told_every_word() -> None:
    shown = text("Good", "flim", unknown=("flim",), left_out=3)
    value = score.of_reading(reading(shown, RNN=0.123456))
    assert value["words"] == [[" ", "Good", 1], [" ", "flim", 0]] and value["left_out"] == 3
    assert value["lines"] == {"RNN": [0.5, 0.1235]}
    assert score.of_choices("text 1", 1, "GRU", [Choice("film", 0.71, -0.25, -1.5)])["choices"] == [
        ["film", 0.71, -0.25, -1.5]
    ]
    walked = score.of_walk(reading(shown, RNN=0.1), "RNN", Walk([(0.0, 1.0), (2.0, 3.0)], [0.5, 0.1], 0.7, 2.0))
    assert (
        walked["points"] == [[0.0, 1.0], [2.0, 3.0]] and walked["words"] == ["Good", "flim"] and walked["border"] == 0.7
    )


def test_the_home_pages_picture_has_a_point_a_word() -> None:
    drawn = score.thumbnail_text({"RNN": [0.2, 0.3, 0.9], "GRU": [0.1]})
    assert drawn.count(",") == 4 and drawn.count("<polyline") == 2
