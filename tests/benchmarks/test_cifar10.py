"""CIFAR-10's peers name made-up pictures, twins are left out where it says so, and targets are counted."""

from typing import Any

import pytest
import torch

from benchmarks.cifar10 import __main__ as cifar10
from benchmarks.cifar10 import peers
from models.cnn import CNN
from tests.cards import blank
from training import Splits


@pytest.fixture(scope="module")
def splits() -> Splits:
    """Ten kinds: a bar at one of five angles, in one of two tints."""
    draw = torch.Generator().manual_seed(0)

    def part(n: int) -> Any:
        label_B = torch.arange(n) % 10
        at = torch.linspace(-1, 1, 32)
        angle_B = 0.6 * (label_B % 5).float()
        along = at[:, None] * angle_B.cos()[:, None, None] + at * angle_B.sin()[:, None, None]
        bar_BHW = torch.exp(-((6 * along) ** 2))
        tint_B3 = torch.where((label_B < 5)[:, None], torch.tensor([1.0, 0.3, 0.3]), torch.tensor([0.3, 0.3, 1.0]))
        noise = 25 * torch.randn(n, 3, 32, 32, generator=draw)
        x = 180 * bar_BHW[:, None] * tint_B3[:, :, None, None] + 30 + noise
        return x.clamp(0, 255).byte(), label_B

    return Splits(part(200), part(60), part(80))


@pytest.mark.parametrize(
    ("fit", "least"),
    [(peers.logistic_regression, 0.8), (peers.hog_svm, 0.3), (peers.nearest_neighbours, 0.8)],
)
def test_each_peer_names_pictures(splits: Splits, fit: Any, least: float) -> None:
    name, predict, numbers = fit(splits)
    predicted_B = predict(splits.test[0])
    assert predicted_B.shape == (80,) and (predicted_B == splits.test[1]).double().mean() > least
    assert name and numbers > 0 and torch.equal(predict(splits.test[0][:3]), predicted_B[:3])


def test_the_nearest_neighbour_of_a_training_picture_is_itself(splits: Splits) -> None:
    _, predict, _ = peers.nearest_neighbours(splits, choices=(1,))
    assert torch.equal(predict(splits.train[0][:50]), splits.train[1][:50])


def test_figures_leave_twins_out() -> None:
    label_B = torch.arange(10).repeat(2)
    predicted_B, twin_B = label_B.clone(), torch.zeros(20, dtype=torch.bool)
    predicted_B[3] = 0
    twin_B[:5] = True
    found = cifar10.figures(predicted_B, label_B, twin_B)
    assert found["metrics"] == {"accuracy": 0.95, "accuracy_without_twins": 1.0}
    assert found["classes"][3] == 0.5 and found["classes"][4] == 1 and found["interval"]["low"] < 0.95


def test_operations_are_counted_forward_and_twice_backward() -> None:
    net = CNN(inputs=3, channels=(4,), classes=10)
    card = blank("x", net, budget={"stopped_at": 10, "batch_size": 100})
    products = 32 * 32 * 9 * (3 * 4 + 4 * 4) + 4 * 10
    assert cifar10.petaflop(net, card) == pytest.approx(6 * products * 1000 / 1e15)


def test_claims_are_those_of_the_nets_that_are_there() -> None:
    row = {"name": "`cifar_cnn`", "metrics": {"accuracy": 0.935, "accuracy_flips": 0.939}}
    found = cifar10.claims([row])
    assert [(c["value"], c["met"]) for c in found] == [(pytest.approx(93.5), True), (pytest.approx(93.9), False)]
    assert "with flips" in found[1]["name"]
