"""Word2Vec by gensim: vectors from which a word's neighbours in a text can be guessed (Mikolov et al. 2013)."""

import numpy as np
import torch
from torch import Tensor

from signals.text import FIRST

WINDOW, NEGATIVE = 10, 5
"""Words on either side that are guessed, and as how many drawn at random they must be told from."""


def skip_gram(id_BT: Tensor, length_B: Tensor, words: int, dimensions: int, *, epochs: int, seed: int = 0) -> Tensor:
    """A vector for each of `words` words `(V, dimensions)` from texts as ids; the same each time on one machine.

    Unknown words are left out of the texts; a word that is in none gets zeros.
    """
    from gensim.models import Word2Vec  # slow to import, and needed by who trains it alone

    texts = [[str(i) for i in row[:n] if i >= FIRST] for row, n in zip(id_BT.tolist(), length_B.tolist(), strict=True)]
    found = Word2Vec(
        texts, vector_size=dimensions, window=WINDOW, negative=NEGATIVE, sg=1, min_count=1, epochs=epochs, seed=seed,
        workers=1,
    ).wv  # fmt: skip
    vector_VD = np.zeros((words, dimensions), dtype=np.float32)
    for i in range(words):
        if str(FIRST + i) in found.key_to_index:
            vector_VD[i] = found[str(FIRST + i)]
    return torch.from_numpy(vector_VD)
