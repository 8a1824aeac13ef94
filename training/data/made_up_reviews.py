"""Reviews made by the project's own grammar: what a visitor without IMDB trains on."""

import torch

from models import load_cached
from models.words import WordVectors
from signals.grammar import reviews
from signals.text import LONGEST, batch, ends, words
from training._recipe import Splits

COUNTS = (3_000, 500, 1_000)
"""Made to train, to validate, to test; no text stands in two of them."""


def splits() -> Splits:
    """Arrays as `imdb.splits` has them, by the same words; CheckpointMissing where there are none yet."""
    known = load_cached(WordVectors, "word2vec").model.vocabulary
    made = reviews(sum(COUNTS), seed=0)
    id_BT, length_B = batch([ends(known.ids(words(text))) for text, _ in made], LONGEST)
    label_B = torch.tensor([label for _, label in made])
    return Splits(*zip(*(t.split(COUNTS) for t in (id_BT, length_B, label_B)), strict=True))
