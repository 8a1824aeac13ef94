"""The recurrent reader: as packed sequences would have it, pooled four ways, and asked after every word."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from models import CheckpointMissing, _checkpoint
from models.sentiment import CELLS, Sentiment
from models.words import WordVectors
from signals.text import FIRST, PADDING, UNKNOWN, Vocabulary, batch

WORDS = 40
EVERY = [(cell, two) for cell in CELLS for two in (False, True)]


@pytest.fixture(autouse=True)
def small_words(monkeypatch: pytest.MonkeyPatch) -> WordVectors:
    """Forty made-up words in place of those that ship."""
    words = WordVectors(words=WORDS, dimensions=12)
    draw = torch.Generator().manual_seed(0)
    words.adopt(Vocabulary(tuple(f"w{i}" for i in range(WORDS))), torch.randn(WORDS, 12, generator=draw))
    found = _checkpoint.Checkpoint(words, None, None)  # type: ignore[arg-type]
    monkeypatch.setattr("models.sentiment.load_cached", lambda architecture, name: found)
    return words


def reader(**options: Any) -> Sentiment:
    torch.manual_seed(0)
    net = Sentiment(**{"cell": "gru", "hidden": 10, "rank": 3} | options).eval()
    nn.init.normal_(net.own_IR)
    return net


def texts() -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(1)
    ids = [torch.randint(FIRST, FIRST + WORDS, (n,), generator=draw).tolist() for n in (9, 1, 5, 9, 3)]
    return batch(ids, width=9)


@pytest.mark.parametrize(("cell", "two"), EVERY)
def test_states_are_those_of_packed_sequences(cell: Any, two: bool) -> None:
    net = reader(cell=cell, bidirectional=two)
    id_BT, length_B = texts()
    x_BTD = net.embed(id_BT)
    packed = pack_padded_sequence(x_BTD, length_B, batch_first=True, enforce_sorted=False)
    twin = CELLS[cell](12, 10, batch_first=True, bidirectional=two)
    nets = {"": net.forwards} | ({"_reverse": net.backwards} if net.backwards is not None else {})
    twin.load_state_dict({f"{k}{end}": v for end, one in nets.items() for k, v in one.state_dict().items()})
    expected_BTH, _ = pad_packed_sequence(twin(packed)[0], batch_first=True)
    inside_BT1 = (torch.arange(9) < length_B.unsqueeze(1)).unsqueeze(2)
    assert torch.allclose(net.states(x_BTD, length_B) * inside_BT1, expected_BTH, atol=1e-6)


@pytest.mark.parametrize("pooling", ["max", "mean", "attention", "last"])
@pytest.mark.parametrize(("cell", "two"), EVERY)
def test_what_stands_behind_a_text_changes_nothing(cell: Any, two: bool, pooling: Any) -> None:
    net = reader(cell=cell, bidirectional=two, pooling=pooling)
    id_BT, length_B = texts()
    alone = torch.cat([net(id_BT[i : i + 1, :n], length_B[i : i + 1]) for i, n in enumerate(length_B.tolist())])
    assert torch.allclose(net(id_BT, length_B), alone, atol=1e-6)
    assert torch.allclose(net(id_BT.masked_fill(id_BT == PADDING, UNKNOWN), length_B), alone, atol=1e-6)


@pytest.mark.parametrize("pooling", ["max", "mean", "attention", "last"])
@pytest.mark.parametrize(("cell", "two"), EVERY)
def test_the_answer_after_every_word_is_the_answer_to_the_words_till_there(cell: Any, two: bool, pooling: Any) -> None:
    net = reader(cell=cell, bidirectional=two, pooling=pooling)
    id_T = texts()[0][0]
    with torch.no_grad():
        found_T = net.head(net.prefix_states(id_T)).squeeze(1)
        expected_T = torch.cat([net(id_T[None, :n], torch.tensor([n])) for n in range(1, 10)])
    assert torch.allclose(found_T, expected_T, atol=1e-5)


def test_prefixes_of_a_long_text_are_read_in_parts() -> None:
    net = reader(bidirectional=True)
    id_T = torch.full((150,), FIRST, dtype=torch.int16)
    assert net.prefix_states(id_T).shape == (150, 20)
    assert net.prefix_states(id_T[:0]).shape == (0, 20) and reader().prefix_states(id_T[:0]).shape == (0, 10)


def test_no_words_and_unknown_words_have_an_answer() -> None:
    for pooling in ("max", "mean", "attention", "last"):
        found_B = reader(pooling=pooling)(*batch([[], [UNKNOWN] * 3], width=3))
        assert found_B.isfinite().all()


def test_the_words_are_shared_and_frozen(small_words: WordVectors) -> None:
    net = reader()
    assert net.vector_ID is small_words.vector_ID and "vector_ID" not in net.state_dict()
    assert all(p.requires_grad for p in net.parameters()) and net.own_IR.shape == (FIRST + WORDS, 3)


def test_a_new_net_hears_the_words_as_they_are(small_words: WordVectors) -> None:
    net = Sentiment(cell="lstm").eval()
    id_BT, _ = texts()
    assert torch.equal(net.embed(id_BT), small_words.embed(id_BT))
    assert net.forwards.get_parameter("bias_hh_l0")[128:256].eq(1).all(), "it forgets little at first"


def test_whole_channels_drop_out() -> None:
    net = reader(spatial_dropout=0.5).train()
    x_BTD = net.embed(texts()[0])
    gone_BD = (x_BTD == 0).all(1)
    assert 0.2 < gone_BD[0].float().mean() < 0.8


def test_it_says_so_where_there_are_no_words(checkpoints: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.sentiment.load_cached", _checkpoint.load_cached)
    with pytest.raises(CheckpointMissing, match="python -m training fit word2vec"):
        Sentiment(cell="gru")
