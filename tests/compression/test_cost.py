"""Costs are counted on nets small enough to count by hand."""

import threading
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from compression.cost import Cost, cost, file_bytes, latencies_ms, macs, parameters, time_in_turns
from compression.lowrank import Factorisation
from models import _checkpoint
from models.cnn import CNN
from models.mlp import MLP


def test_a_perceptron_by_hand() -> None:
    model = MLP(inputs=16, hidden=8, layers=2, classes=3).eval()
    counted = cost(model, torch.rand(5, 16))
    assert counted.parameters == 16 * 8 + 8 + 8 * 8 + 8 + 8 * 3 + 3
    assert counted.macs == 16 * 8 + 8 * 8 + 8 * 3
    assert isinstance(counted, Cost) and counted.bytes == len(_checkpoint.pack(model))


def test_a_convolution_by_hand() -> None:
    model = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1, stride=2), nn.Flatten(), nn.Linear(4 * 5 * 5, 3))
    assert macs(model, torch.rand(7, 2, 10, 10)) == 25 * 4 * 2 * 9 + 100 * 3


def test_a_transposed_convolution_by_hand() -> None:
    model = nn.ConvTranspose1d(3, 5, 4, stride=4)
    assert macs(model, torch.rand(2, 3, 10)) == 10 * 3 * 5 * 4, "every input number goes into four of each output"


def test_attention_counts_its_projections_and_what_lies_between_them() -> None:
    model = nn.TransformerEncoderLayer(8, nhead=2, dim_feedforward=16, batch_first=True).eval()
    projections, between, forward = 4 * 8 * 8, 2 * 6 * 8, 2 * 8 * 16  # for each of six places
    assert macs(model, torch.rand(3, 6, 8)) == 6 * (projections + between + forward)


def test_what_others_do_with_the_model_does_not_count() -> None:
    model, done = MLP(inputs=16, hidden=64, layers=3, classes=3), threading.Event()

    def train() -> None:
        while not done.is_set():
            model(torch.rand(8, 16)).sum().backward()

    other = threading.Thread(target=train)
    other.start()
    found = {macs(model, torch.rand(2, 16)) for _ in range(50)}
    done.set()
    other.join()
    assert found == {16 * 64 + 2 * 64 * 64 + 64 * 3}


def test_the_batch_does_not_count() -> None:
    model = CNN(channels=(4, 6)).eval()
    assert macs(model, torch.rand(1, 1, 28, 28)) == macs(model, torch.rand(9, 1, 28, 28))


def test_factors_cost_what_the_budget_says() -> None:
    model = MLP(inputs=16, hidden=20, layers=1, classes=3).eval()
    small = Factorisation(model, method="plain").compressed({"blocks.0.linear": 4})
    assert macs(small, torch.rand(2, 16)) == 4 * (16 + 20) + 20 * 3
    assert parameters(small) == 4 * (16 + 20) + 20 + 20 * 3 + 3


def test_int8_costs_the_same_work_and_a_quarter_of_the_bytes() -> None:
    model = MLP(inputs=256, hidden=256, layers=1).eval()
    exact = Factorisation(model, method="plain").compressed({"blocks.0.linear": 64})
    small = exact.quantized()
    assert macs(small, torch.rand(2, 256)) == macs(exact, torch.rand(2, 256))
    assert file_bytes(small) / file_bytes(exact) == pytest.approx(0.25, abs=0.03)


def test_latency_is_a_median_of_turns() -> None:
    now, calls = [0.0], []

    def net(name: str, seconds: float) -> Callable[[Tensor], None]:
        def run(x_B: Tensor) -> None:
            calls.append(name)
            now[0] += seconds if len(calls) != 9 else 5.0  # one hiccup, which a median does not see

        return run

    nets = {"fast": net("fast", 0.002), "slow": net("slow", 0.006)}
    found = latencies_ms(nets, torch.zeros(1), rounds=4, clock=lambda: now[0])
    assert found == pytest.approx({"fast": 2, "slow": 6})
    assert calls[6:] == ["fast", "slow", "slow", "fast", "fast", "slow", "slow", "fast"]
    times = time_in_turns(nets, torch.zeros(1), rounds=3, clock=lambda: now[0])
    assert times == {"fast": pytest.approx([2, 2, 2]), "slow": pytest.approx([6, 6, 6])}
