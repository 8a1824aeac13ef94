"""The grammar of reviews: what it calls praise is praise, draws are even, and none comes twice."""

import random
from itertools import pairwise

import pytest

from signals.grammar import BLAME, PRAISE, opinion, review, reviews


def test_reviews_are_even_and_none_comes_twice() -> None:
    made = reviews(501, seed=3)
    assert len({text for text, _ in made}) == 501 and sum(label for _, label in made) == 250
    assert made == reviews(501, seed=3) and made != reviews(501, seed=4)
    assert {label for _, label in made[:16]} == {0, 1}


def test_no_word_praises_and_blames() -> None:
    assert not set(PRAISE) & set(BLAME) and len(set(PRAISE)) == len(PRAISE) and len(set(BLAME)) == len(BLAME)


@pytest.mark.parametrize("praises", [True, False])
def test_an_opinion_turns_at_a_negation(praises: bool) -> None:
    draw = random.Random(0)
    this = PRAISE if praises else BLAME
    for _ in range(300):
        said = opinion(draw, praises)
        denied = any(word in said for word in ("not", "n't", "never", "Nobody", "hardly", "Although", "but"))
        if not denied and not said.startswith(("I ", "Do", "10", "2/", "It ", "Hi", "You", "Av", "There")):
            assert any(word in said for word in this), said


def test_an_article_fits_its_word() -> None:
    draw = random.Random(1)
    for _ in range(2_000):
        words = review(draw).text.lower().split()
        for article, after in pairwise(words):
            assert not (article == "a" and after[0] in "aeio") and not (article == "an" and after[0] not in "aeiou")
