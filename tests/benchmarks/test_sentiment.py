"""The peers of the recurrent nets: each reads made-up reviews, and a blend is never worse on validation than either."""

from typing import Any

import pytest
import torch

from benchmarks.sentiment import __main__ as sentiment
from benchmarks.sentiment import peers
from compression.cost import macs
from models.sentiment import Sentiment
from signals.behaviour import EACH, KINDS
from signals.grammar import reviews
from signals.text import FIRST, words
from training.data.imdb import Parts, Reviews


@pytest.fixture(scope="module")
def parts() -> Parts:
    made = reviews(1_000, seed=5)
    texts, label_B = [words(text) for text, _ in made], torch.tensor([label for _, label in made])
    cuts = ((0, 700), (700, 850), (850, 1_000))
    return Parts(*(Reviews(texts[a:b], label_B[a:b]) for a, b in cuts))


def bag(parts: Parts) -> peers.Reader:
    return peers.bag_of_embeddings(parts, size=8, buckets=2_000, epochs=8)


@pytest.mark.parametrize(
    "peer", [lambda p: peers.tf_idf(p, 2), lambda p: peers.nb_svm(p, 2), bag], ids=["tf-idf", "NBSVM", "bag"]
)
def test_each_peer_reads(parts: Parts, peer: Any) -> None:
    reader = peer(parts)
    logit_B = reader.read(parts.test.texts)
    assert logit_B.shape == (150,) and peers.accuracy(reader.read, parts.test) > 0.6
    assert reader.read([[]]).isfinite().all() and torch.allclose(reader.read(parts.test.texts[:3]), logit_B[:3])
    assert reader.products(200) > 0


def test_log_count_ratios_are_those_of_the_paper(parts: Parts) -> None:
    """One word that only praise has: its weight is positive, and turns over with the labels."""
    texts = [["x", "y"], ["x"], ["z"], ["z", "y"]] * 10
    some = Reviews(texts, torch.tensor([1, 1, 0, 0] * 10))
    reader = peers.nb_svm(Parts(some, some, some), 1)
    good, bad, neither = reader.read([["x"], ["z"], ["y"]]).tolist()
    assert good > 1 and bad < -1 and abs(neither) < 0.2


def test_a_blend_is_no_worse_on_validation_than_either(parts: Parts) -> None:
    one, other = peers.tf_idf(parts, 1), peers.nb_svm(parts, 2)
    found = {reader.name: reader.read(parts.valid.texts) for reader in (one, other)}
    both = sentiment.blended(one, other, parts.valid, found)
    alone = max(peers.accuracy(reader.read, parts.valid) for reader in (one, other))
    assert peers.accuracy(both.read, parts.valid) >= alone
    assert both.products(100) == one.products(100) + other.products(100)


def test_a_row_has_all_that_the_tables_show(parts: Parts) -> None:
    reader = peers.tf_idf(parts, 1)
    found = sentiment.row(reader, parts.test, reader.read(parts.test.texts))
    assert found["metrics"]["accuracy"] == pytest.approx(peers.accuracy(reader.read, parts.test))
    assert sum(n for _, n in found["by_length"].values()) == 150
    assert set(found["failed"]) == set(KINDS) and max(found["failed"].values()) <= EACH
    shown = sentiment.tables([found])
    assert [len(table["rows"][0]) for table in shown.values()] == [len(t["columns"]) for t in shown.values()]


@pytest.mark.parametrize("two", [False, True])
def test_products_are_those_that_are_run(two: bool) -> None:
    net = Sentiment(cell="gru", bidirectional=two, hidden=8, rank=2).eval()
    id_BT, length_B = torch.full((1, 30), FIRST), torch.tensor([30])
    assert sentiment.products(net)(30) == pytest.approx(macs(net, id_BT, length_B), rel=0.02)
