"""Word vectors: taken with their spelling, as they are in half precision, asked for neighbours, and averaged."""

import pytest
import torch

from models import _checkpoint
from models.words import WordVectors
from signals.text import FIRST, UNKNOWN, Vocabulary, batch

KNOWN = Vocabulary(("good", "great", "bad"))
VECTORS = torch.tensor([[1.0, 0.1], [2.0, 0.0], [-1.0, 0.2]])


@pytest.fixture
def words() -> WordVectors:
    net = WordVectors(words=5, dimensions=2)
    net.adopt(KNOWN, VECTORS)
    return net


def test_they_are_taken_with_their_spelling(words: WordVectors) -> None:
    assert words.vocabulary == KNOWN and words.vector_ID.shape == (7, 2)
    kept_VD = words.vector_ID[FIRST : FIRST + 3]
    assert kept_VD.square().mean().item() == pytest.approx(1, rel=1e-3) and _checkpoint.fits_half(words.vector_ID)
    assert torch.nn.functional.cosine_similarity(kept_VD, VECTORS) == pytest.approx(torch.ones(3), abs=1e-5)
    assert not words.vector_ID[:FIRST].any() and not words.vector_ID[FIRST + 3 :].any()


def test_neighbours_point_alike(words: WordVectors) -> None:
    (near, far) = words.neighbours(FIRST, 2)
    assert near[0] == "great" and far[0] == "bad" and near[1] > 0.99 > 0 > far[1]
    assert len(words.neighbours(FIRST, 50)) == 2


def test_a_text_is_its_mean_whatever_stands_behind_it(words: WordVectors) -> None:
    id_BT, length_B = batch([[FIRST, FIRST + 2], [FIRST, UNKNOWN], []], width=6)
    mean_BD = torch.stack([words.vector_ID[[2, 4]].mean(0), words.vector_ID[2] / 2, torch.zeros(2)])
    assert torch.allclose(words(id_BT, length_B), words.head(mean_BD).squeeze(1))
    assert torch.allclose(words(id_BT[:, :2], length_B), words(id_BT, length_B))
