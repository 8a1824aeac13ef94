"""The measures, weights and evidence that every classifier of pictures shares, on cases done by hand."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F

from explanation.novelty import KnnNovelty
from metrics.classification import confusion, f1
from models.cnn import CNN
from training import Budget, Splits
from training._steps import adamw
from training.tasks import digits
from training.tasks.classification import (
    bootstrap_intervals,
    evidence,
    metrics_of_logits,
    predict_logits,
    step,
    temperature,
    with_class_weights,
)


def splits(counts: tuple[int, ...] = (60, 20, 10), seed: int = 0) -> Splits:
    label = torch.cat([torch.full((n,), c) for c, n in enumerate(counts)])
    draw = torch.Generator().manual_seed(seed)
    x = (40 * label[:, None, None, None] + torch.randint(0, 60, (len(label), 3, 8, 8), generator=draw)).byte()
    return Splits(*[(x, label, torch.arange(len(label)) % 7)] * 3)


def test_a_rare_class_weighs_more() -> None:
    whole, half = (with_class_weights(splits, power=power)().train for power in (1.0, 0.5))
    for *_, weight_B in (whole, half):
        assert weight_B.mean().item() == pytest.approx(1)
    weight = {c: whole[3][whole[1] == c][0].item() for c in range(3)}
    assert weight[2] / weight[0] == pytest.approx(6) and weight[1] / weight[0] == pytest.approx(3)
    assert half[3][-1].item() / half[3][0].item() == pytest.approx(6**0.5)


def test_one_update_counts_weights() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = CNN(inputs=3, channels=(4,), classes=3, dropout=0.0)
    model.head.bias.data = torch.tensor([3.0, 0, 0])  # all but the last are answered well
    x, unit = (splits().train[i][:6] for i in (0, 2))
    batch = (x, torch.tensor([0, 0, 0, 0, 0, 2]), unit, torch.tensor([0.0, 0, 0, 0, 0, 6]))
    expected = F.cross_entropy(model(x[5:].float() / 255), torch.tensor([2])).item()
    optimizers = adamw()(model, Budget(steps=1, batch_size=6, lr=0.0))
    same = partial(step, augment=lambda x, _: x, smoothing=0.0)
    found = same(model, batch, optimizers, torch.Generator())["cross_entropy"].item()
    assert expected > 2 and found == pytest.approx(expected, abs=0.02)  # products may be in bfloat16


def test_f1_by_hand() -> None:
    # class 0: 3 of 4 found, 1 false alarm; class 1: 1 of 2 found, 1 false alarm
    counts = confusion(torch.tensor([0, 0, 0, 1, 1, 0]), torch.tensor([0, 0, 0, 0, 1, 1]), 2)
    assert f1(counts).tolist() == pytest.approx([0.75, 0.5])
    found = metrics_of_logits(
        torch.tensor([[2.0, 0], [2, 0], [1, 0], [0, 1], [0, 1], [1, 0]]), torch.tensor([0, 0, 0, 0, 1, 1]), "ab"
    )
    assert found["macro_f1"] == pytest.approx(0.625) and found["f1_b"] == pytest.approx(0.5)


def test_intervals_draw_units_and_not_samples() -> None:
    """Ten copies of a patient tell no more than one does."""
    draw = torch.Generator().manual_seed(0)
    logit, label = torch.randn(40, 2, generator=draw), torch.randint(2, (40,), generator=draw)
    alone = bootstrap_intervals(logit, label, torch.arange(40), "ab")["accuracy"]
    tenfold = bootstrap_intervals(logit.repeat(10, 1), label.repeat(10), torch.arange(40).repeat(10), "ab")["accuracy"]
    naive = bootstrap_intervals(logit.repeat(10, 1), label.repeat(10), torch.arange(400), "ab")["accuracy"]
    assert tenfold == alone and alone.n == 40
    assert naive.high - naive.low < 0.5 * (tenfold.high - tenfold.low)


def test_the_temperature_undoes_what_was_done() -> None:
    draw = torch.Generator().manual_seed(0)
    logit = 2 * torch.randn(20_000, 3, generator=draw)
    label = torch.multinomial(logit.softmax(1), 1, generator=draw)[:, 0]
    assert temperature(logit, label) == pytest.approx(1, abs=0.05)
    assert temperature(3 * logit, label) == pytest.approx(3, abs=0.15)


def test_evidence_describes_the_test_set_by_what_the_others_taught() -> None:
    train, valid, test = (
        splits(counts, seed).train for seed, counts in enumerate([(60, 20, 10), (9, 10, 11), (20, 15, 5)])
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = CNN(inputs=3, channels=(4, 8), classes=3)
        optimizers = adamw()(model, Budget(steps=1, batch_size=90, lr=0.02))
        for _ in range(50):
            digits.step(model, train[:2], optimizers, torch.Generator())
    parts = with_class_weights(lambda: Splits(train, valid, test))()
    found = evidence(model.eval(), parts, classes="abc", layers=CNN.layers)
    assert found["confusion"].sum(1).tolist() == [20, 15, 5] and found["train_counts"].tolist() == [60, 20, 10]
    assert torch.equal(found["label"], test[1]) and torch.equal(found["unit"], test[2])
    degree = temperature(predict_logits(model, valid[0]), valid[1])
    assert found["temperature"].item() == pytest.approx(degree, rel=1e-4) and 0.06 < degree < 19
    assert degree != pytest.approx(temperature(predict_logits(model, test[0]), test[1]), rel=0.2)
    assert torch.allclose(found["p"], (predict_logits(model, test[0]) / degree).softmax(1), atol=1e-5)
    assert found["reliability"][:, 0].sum() == found["reliability_raw"][:, 0].sum() == 40
    home_B = torch.cat([train[0], valid[0]])  # whose units are other ones, though both count them from 0
    unit_B = torch.cat([train[2], valid[2] + len(train[2])])
    familiar = KnnNovelty.leaving_out(model, CNN.layers(model), home_B, unit_B)
    assert torch.equal(found["familiar_reference"], familiar.reference_ND.half())
    assert found["familiar_threshold"].item() == pytest.approx(familiar.threshold)
    assert torch.equal(found["test_novelty"], familiar.distances(model, test[0])) and "x" not in found
