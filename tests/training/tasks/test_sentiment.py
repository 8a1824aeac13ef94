"""Telling praise from blame: texts by length, the last words alone, gradients by distance, and what ships of them."""

from dataclasses import replace

import pytest
import torch

from models.sentiment import Sentiment
from signals.behaviour import cases
from signals.text import FIRST, PADDING, batch
from training import Run, Splits
from training.data import made_up_reviews
from training.recipes import find
from training.tasks import sentiment

LSTM = find("sentiment_lstm")
NETS = [f"sentiment_{cell}" for cell in ("rnn", "lstm", "gru", "bilstm", "rnn_last", "lstm_last")]


@pytest.fixture(scope="module")
def made_up() -> Splits:
    return Splits(*(tuple(t[:60] for t in part) for part in made_up_reviews.splits()))


@pytest.fixture(scope="module")
def net() -> Sentiment:
    torch.manual_seed(0)
    return Sentiment(cell="lstm", hidden=8, rank=2).eval()


def test_parts_are_of_like_length_and_no_wider() -> None:
    id_BT, length_B = batch([[FIRST + n] * n for n in (5, 1, 4, 2, 3)], width=9)
    parts = list(sentiment.by_length((id_BT, length_B, length_B), together=2))
    assert [part[1].tolist() for part in parts] == [[1, 2], [3, 4], [5]]
    assert [part[0].shape[1] for part in parts] == [2, 4, 5]
    assert all(ids.amax(1).equal(FIRST + n_B) for ids, n_B, _ in parts)


def test_logits_come_back_in_the_order_of_the_texts(net: Sentiment, made_up: Splits) -> None:
    id_BT, length_B, _ = made_up.test
    with torch.no_grad():
        assert torch.allclose(sentiment.logits(net, id_BT, length_B), net(id_BT, length_B), atol=1e-5)


def test_the_last_words_are_the_last() -> None:
    id_BT, length_B = batch([[2, 3, 4, 5], [6], []], width=6)
    taken_Bk, n_B = sentiment.last(2, id_BT, length_B)
    assert taken_Bk.tolist() == [[4, 5], [6, PADDING], [PADDING] * 2] and n_B.tolist() == [2, 1, 0]
    whole_Bk, n_B = sentiment.last(6, id_BT, length_B)
    assert torch.equal(whole_Bk, id_BT) and torch.equal(n_B, length_B)


def test_a_gradient_is_as_large_as_a_small_move_says(net: Sentiment) -> None:
    id_BT, length_B = batch([[2, 3, 4], [5, 6, 7]])
    size_BT = sentiment.gradient_sizes(net, id_BT, length_B)
    with torch.no_grad():
        x_BTD = net.embed(id_BT)
        moved = x_BTD.clone()
        moved[0, 1] += 1e-2 * torch.nn.functional.normalize(torch.randn(x_BTD.shape[2]), dim=0)
        change = (net.read(moved, length_B) - net.read(x_BTD, length_B))[0].abs() / 1e-2
    assert 0 < change <= size_BT[0, 1] * 1.05


def test_a_plain_net_with_its_last_state_forgets() -> None:
    torch.manual_seed(0)
    net = Sentiment(cell="rnn", hidden=8, rank=2, pooling="last").eval()
    with torch.no_grad():
        net.forwards.get_parameter("weight_hh_l0").copy_(0.5 * torch.eye(8))
    id_BT = torch.randint(FIRST, 1000, (20, 50))
    distance_K, gradient_K = sentiment.gradient_by_distance(net, id_BT, torch.full((20,), 50))
    assert distance_K.tolist() == [k - 1 for k in sentiment.LAST if k <= 50]
    assert gradient_K[0] > 100 * gradient_K[distance_K == 11] > 1e4 * gradient_K[-1]
    assert [len(t) for t in sentiment.gradient_by_distance(net, id_BT, torch.full((20,), 49))] == [0, 0]


@pytest.mark.parametrize("options", [{}, {"radius": 1.0}, {"unknown": 0.5}])
def test_a_step_lowers_the_loss(made_up: Splits, options: dict[str, float]) -> None:
    torch.manual_seed(0)
    net = Sentiment(cell="lstm", hidden=16, rank=2, dropout=0.0, spatial_dropout=0.0)
    optimizers = LSTM.optimizers(net, replace(LSTM.budget, lr=2e-2))
    draw = torch.Generator().manual_seed(0)
    losses = [sentiment.step(net, made_up.train, optimizers, draw, **options) for _ in range(15)]
    assert losses[-1]["cross-entropy"] < 0.95 * losses[0]["cross-entropy"]
    if "radius" in options:
        assert all(loss["moved"] > loss["cross-entropy"] for loss in losses)


def test_two_passes_have_the_gradient_of_their_sum(made_up: Splits) -> None:
    torch.manual_seed(0)
    net = Sentiment(cell="gru", hidden=4, rank=2, dropout=0.0, spatial_dropout=0.0)
    torch.nn.init.normal_(net.own_IR)
    part = next(sentiment.by_length(tuple(t[:8] for t in made_up.train)))
    sentiment._gradients(net, LSTM.optimizers(net, LSTM.budget)["model"], part, 0.0)
    found = net.own_RD.grad
    net.zero_grad()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(net(*part[:2]), part[2].float())
    loss.backward()
    assert found is not None and net.own_RD.grad is not None
    assert torch.nn.functional.cosine_similarity(found.flatten(), net.own_RD.grad.flatten(), dim=0) > 0.99


def test_measures_and_evidence(net: Sentiment, made_up: Splits) -> None:
    metrics = sentiment.evaluate(net, made_up.test)
    assert metrics.keys() >= {"accuracy", "precision", "recall", "f1", "cross_entropy"}
    interval = sentiment.intervals(net, made_up.test)["accuracy"]
    assert interval.low < metrics["accuracy"] < interval.high and interval.n == 60
    kept = sentiment.evidence(net, made_up)
    assert kept["praise"].shape == kept["label"].shape == kept["length"].shape == (60,)
    assert ((kept["praise"] > 0.5) == (kept["label"] == 1)).double().mean().item() == pytest.approx(metrics["accuracy"])
    assert kept["accuracy_last_k"][-1].item() == pytest.approx(metrics["accuracy"])
    assert kept["case"].shape == (len(cases()), 2) and kept["plane_axes"].shape == (8, 2)
    axes_22 = kept["plane_axes"].T @ kept["plane_axes"]
    assert torch.allclose(axes_22, torch.eye(2), atol=1e-4), "the answer runs across, the rest up"


@pytest.mark.slow
def test_it_learns_from_sentences_of_the_grammar() -> None:
    short = replace(LSTM.budget, steps=45, eval_every=15)
    run = Run(replace(LSTM, data=made_up_reviews.splits, budget=short))
    for _ in run:
        pass
    assert run.evaluate(run.splits.test)["accuracy"] > 0.7


@pytest.mark.parametrize("name", NETS)
def test_a_net_reads_the_words_that_it_learnt_with(name: str) -> None:
    made = find(name).checkpoint()
    moved_K2 = (sentiment.on_cases(made.model) - made.evidence["case"]).abs()
    assert moved_K2.max() < 0.02, f"{name} was fitted on other word vectors than ship: fit it again"
