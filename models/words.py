"""Words as points: Word2Vec vectors with their spelling, and the plainest net on them, which knows no order."""

from functools import cached_property

import torch
from torch import Tensor, nn

from signals.text import FIRST, LETTERS, Vocabulary, spelled


class WordVectors(nn.Module):
    """One vector a word, which does not learn here, and a linear head on the mean of a text's vectors.

    Takes ids `id_BT` and lengths `length_B` (see `signals.text`), gives logits of praise `(B,)`. The first two rows of
    `vector_ID` stand for no word and for an unknown one, and are zero. Up to `words` words have a row.
    """

    vector_ID: Tensor
    letter_VL: Tensor

    def __init__(self, *, words: int = 25_000, dimensions: int = 128) -> None:
        super().__init__()
        self.words, self.dimensions = words, dimensions
        self.register_buffer("vector_ID", torch.zeros(FIRST + words, dimensions))
        self.register_buffer("letter_VL", torch.zeros(words, LETTERS, dtype=torch.uint8))
        self.head = nn.Linear(dimensions, 1)

    def forward(self, id_BT: Tensor, length_B: Tensor) -> Tensor:
        return self.read(self.embed(id_BT), length_B)

    def embed(self, id_BT: Tensor) -> Tensor:
        """The vector of each word, `(B, T, D)`."""
        return nn.functional.embedding(id_BT.int(), self.vector_ID)

    def read(self, x_BTD: Tensor, length_B: Tensor) -> Tensor:
        """Logits `(B,)` from vectors; those behind a text's end are zero."""
        return self.head(x_BTD.sum(1) / length_B.clamp(min=1).unsqueeze(1)).squeeze(1)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words that have a vector."""
        return spelled(self.letter_VL)

    def adopt(self, known: Vocabulary, vector_VD: Tensor) -> None:
        """Take these words and vectors, scaled to a mean square of one and rounded to half precision."""
        n = len(known.words)
        self.letter_VL.zero_()[:n] = known.spelling()
        self.vector_ID.zero_()[FIRST : FIRST + n] = (vector_VD / vector_VD.square().mean().sqrt()).half().float()

    def neighbours(self, identity: int, n: int) -> list[tuple[str, float]]:
        """The `n` words whose vectors point most nearly where this word's does, with the cosine, the nearest first."""
        unit_VD = nn.functional.normalize(self.vector_ID[FIRST : FIRST + len(self.vocabulary.words)], dim=1)
        cosine_V = unit_VD @ nn.functional.normalize(self.vector_ID[identity], dim=0)
        cosine_V[identity - FIRST] = -1
        nearest = cosine_V.topk(min(n, len(cosine_V) - 1))
        return [
            (self.vocabulary.words[i], c)
            for i, c in zip(nearest.indices.tolist(), nearest.values.tolist(), strict=True)
        ]
