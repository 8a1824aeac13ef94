"""What is read of a text: nothing is lost of it, nothing breaks on it, and what is no English review is seen."""

import re

import pytest

from demos.sentiment import nets
from demos.sentiment.texts import EXAMPLES, KNOWN_AT_LEAST, SHOWN, Text, example, hard_cases
from signals.text import HEAD, LONGEST, TAIL, UNKNOWN, ends
from training import DataMissing
from training.data import imdb

FOREIGN = (
    "Ce film est un chef-d'œuvre, les acteurs sont formidables et l'histoire m'a beaucoup ému.",
    "La película es una obra maestra, los actores son magníficos y la historia me emocionó mucho.",
    "De film is een meesterwerk, de acteurs zijn geweldig en het verhaal heeft me ontroerd.",
    "Ten film to arcydzieło, aktorzy są wspaniali, a historia bardzo mnie wzruszyła.",
    "这部电影是一部杰作，演员很棒，故事让我很感动。",
    "הסרט הזה הוא יצירת מופת, השחקנים נהדרים",
)


def whole(text: Text) -> str:
    return "".join(piece.before + piece.text for piece in text.pieces) + text.after


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_pieces_are_the_text(name: str) -> None:
    text = nets.read(example(name))
    assert whole(text) == re.sub(r"\n+", " ", example(name)) and text.editable


def test_a_word_is_cut_where_its_negation_begins() -> None:
    text = nets.read("I didn’t like it; it’s <b>dull</b>.")
    assert [piece.word for piece in text.pieces] == ["i", "did", "n't", "like", "it", "it", "'s", "dull", "."]
    assert [piece.text for piece in text.pieces][:3] == ["I", "did", "n't"] and text.pieces[2].before == ""


def test_a_long_text_is_its_two_ends() -> None:
    text = nets.read(" ".join(f"{i}" for i in range(1000)))
    assert (text.n, len(text.pieces), text.left_out) == (1000, LONGEST, 1000 - LONGEST)
    read = [piece.word for piece in text.pieces]
    assert read == [*map(str, range(HEAD)), *map(str, range(1000 - TAIL, 1000))]
    assert text.pieces[HEAD].before.split() == [*map(str, range(HEAD, 1000 - TAIL))], "what is left out is not lost"


def test_a_very_long_text_travels_short() -> None:
    text = nets.read("good film " * 90_000)
    assert not text.editable and len(whole(text)) < SHOWN and text.n == 180_000
    text = nets.read("a" * 100_000)
    assert len(text.pieces) == 1 and len(whole(text)) < 100 and text.ids == [UNKNOWN]


@pytest.mark.parametrize("raw", ["", "   \n", "🎬🍿😡", "<p><br/></p>", "\x00\x00", "—,;:()", "\u202e\u202d"])
def test_what_has_no_word_is_empty(raw: str) -> None:
    text = nets.read(raw)
    assert text.pieces == () and not text.is_foreign


@pytest.mark.data
@pytest.mark.slow
def test_no_review_is_taken_for_another_language() -> None:
    known = nets.vectors().vocabulary
    try:
        read = [ends(known.ids(words)) for words in imdb.parts().valid.texts]
    except DataMissing as missing:
        pytest.skip(str(missing))
    assert len(read) == 2_500 and max(ids.count(UNKNOWN) / len(ids) for ids in read) < 1 - KNOWN_AT_LEAST - 0.1


@pytest.mark.parametrize("raw", FOREIGN)
def test_another_language_is_seen(raw: str) -> None:
    assert nets.read(raw).is_foreign


def test_a_word_that_is_being_written_is_no_foreign_one() -> None:
    assert not nets.read("It is wonderf").is_foreign and nets.read("It is wonderf").unknown == ["wonderf"]
    assert nets.read("wunderbar").is_foreign, "there is no other word to go by"
    assert nets.read("It wunderbar war").is_foreign


@pytest.mark.parametrize("raw", [*(claim.text for claim in hard_cases()), "Superb!", "Wonderful acting, clever plot."])
def test_english_is_read(raw: str) -> None:
    text = nets.read(raw)
    assert not text.is_foreign and len(text.unknown) <= (1 - KNOWN_AT_LEAST) * len(text.pieces)


def test_unknown_words_are_named_and_others_are_not() -> None:
    assert nets.read(example("Unknown words")).unknown == ["splendiferous", "hullabaloo", "unputdownable"]


def test_an_example_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="one of those in the row"):
        example("../../../etc/passwd")
