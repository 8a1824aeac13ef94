"""Texts as words: what negates is kept, what is markup is not, and nothing that can be pasted hangs or breaks it."""

import pytest
import torch

from signals import text
from signals.text import FIRST, PADDING, UNKNOWN, Vocabulary, words


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("I didn't like it.", "i did n't like it ."),
        ("DON’T! It´s Tom's; they'd won't", "do n't ! it 's tom 's they 'd wo n't"),
        ("A 7.5, or 10/10?!", "a 7.5 or 10/10 ?"),
        ("Well-made... at last", "well made ... at last"),
        ("one<br /><br/>two</i>three<!-- a -->four", "one two three four"),
        ("3 < 4 &amp; a &lt;br&gt; b &#233;t&eacute;", "3 4 a b ete"),
        ("naïve café", "naive cafe"),
        ("rock 'n' roll, o'clock", "rock n roll o clock"),
        ("it\x00works\u202ehere", "it works here"),
        ("فيلم رائع", "فيلم رائع"),
    ],
)
def test_words(said: str, heard: str) -> None:
    assert words(said) == heard.split()
    clean = text.cleaned(said)
    assert [t.word for t in text.tokens(clean)] == heard.split(), "the same with their places"


def test_half_an_emoji_is_taken_out() -> None:
    assert text.cleaned("half \ud83c an emoji").encode() == b"half   an emoji", "UTF-8 has no way to write it"


def test_tokens_say_where_they_stand() -> None:
    clean = text.cleaned("It <b>wasn't</b> bad!!")
    assert [clean[t.start : t.end] for t in text.tokens(clean)] == ["It", "was", "n't", "bad", "!!"]


@pytest.mark.parametrize("nothing", ["", "   ", "\0\0", "🎬👍🔥", "<p><br/></p>", "(—…)", "&nbsp;"])
def test_what_has_no_words_has_none(nothing: str) -> None:
    assert words(nothing) == []


@pytest.mark.parametrize("piece", ["good film ", "<a", "&amp", "n't", "a" * 100_000, "'", "!", "1.", "<br />", "é"])
def test_a_megabyte_of_anything_is_read(piece: str) -> None:
    found = words((piece * (text.MAX_CHARACTERS // len(piece)))[: text.MAX_CHARACTERS])
    assert len(found) <= text.MAX_CHARACTERS


def test_more_than_that_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"1,000,001 characters, and at most 1,000,000 .* Paste a part of it\."):
        words("a" * (text.MAX_CHARACTERS + 1))


def test_the_vocabulary_is_the_most_frequent_words() -> None:
    texts = [["b", "a", "b"], ["c", "b", "a"], ["x" * 30] * 9]
    known = text.vocabulary(texts, 3)
    assert known.words == ("b", "a", "c"), "nobody's word is left out"
    assert text.vocabulary(texts, 3, least=2).words == ("b", "a")
    assert known.ids(["a", "z", "b"]) == [FIRST + 1, UNKNOWN, FIRST]
    assert [known.word(i) for i in (PADDING, UNKNOWN, FIRST + 2)] == ["", "", "c"]


def test_a_vocabulary_is_spelled_and_read_again() -> None:
    known = Vocabulary(("good", "n't", "été", "映画"))
    filled = torch.cat([known.spelling(), torch.zeros(3, text.LETTERS, dtype=torch.uint8)])
    assert known.spelling().shape == (4, text.LETTERS) and text.spelled(filled) == known


def test_of_a_long_text_the_two_ends_are_read() -> None:
    ids = list(range(1000))
    assert text.ends(ids) == [*range(128), *range(728, 1000)] and len(text.ends(ids)) == text.LONGEST
    assert text.ends(ids[:400]) == ids[:400] and text.ends(ids, 1, 2) == [0, 998, 999]


def test_a_batch_is_filled_up_behind() -> None:
    id_BT, length_B = text.batch([[5, 6, 7], [], [9]])
    assert id_BT.tolist() == [[5, 6, 7], [0, 0, 0], [9, 0, 0]] and length_B.tolist() == [3, 0, 1]
    assert id_BT.dtype == torch.int16 and text.batch([[5]], 4)[0].tolist() == [[5, 0, 0, 0]]
    assert text.batch([])[0].shape == (0, 0)
