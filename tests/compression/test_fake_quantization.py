"""The rounded net answers as the exported int8 graphs do, and lets gradients through."""

import pytest
import safetensors.torch
import torch
from torch import Tensor

from compression import quantization
from compression.fake_quantization import (
    FakeQuantized,
    FakeQuantizedLayer,
    calibrated,
    fake_quantize_input,
    fake_quantize_weight,
)
from explanation.gradcam import gradcam
from models import _checkpoint
from models.cnn import CNN


@pytest.fixture
def pictures() -> Tensor:
    return torch.rand(64, 3, 12, 12, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def model() -> CNN:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return CNN(inputs=3, channels=(16, 32), classes=4).eval()


@pytest.mark.parametrize("kind", ["static", "dynamic"])
def test_it_is_what_the_graph_computes(kind: str, model: CNN, pictures: Tensor) -> None:
    mine = FakeQuantized.of(model).eval()
    if kind == "static":
        mine.set_ranges(calibrated(model, pictures))
    graph = getattr(quantization, kind)(model, pictures)
    with torch.no_grad():
        exact, theirs, ours = model(pictures), graph(pictures), mine(pictures)
    assert (ours - exact).abs().max() > 0, "something was rounded"
    # Its biases are in half precision and its static ranges clip a little; what is left of the rounding is the same.
    assert (ours - theirs).abs().mean() < 0.8 * (theirs - exact).abs().mean()
    assert (ours - exact).abs().mean() < 0.02 * exact.std()


def test_eight_bits_and_no_more() -> None:
    x = torch.linspace(-0.3, 1.7, 5000)
    found = fake_quantize_input(x, torch.tensor(-0.3), torch.tensor(1.7))
    assert len(found.unique()) == 256 and (found - x).abs().max() <= 1.01 * 2 / 255
    assert fake_quantize_input(torch.tensor([9.0]), torch.tensor(0.0), torch.tensor(1.0)).item() == pytest.approx(
        1, abs=1e-6
    )
    assert fake_quantize_input(torch.zeros(3), torch.tensor(-0.31), torch.tensor(1.7)).tolist() == [0, 0, 0], (
        "zero stays"
    )
    high = fake_quantize_input(torch.tensor([0.0, 0.75]), torch.tensor(0.5), torch.tensor(1.0))
    assert high.tolist() == pytest.approx([0, 0.75], abs=1 / 255), "and is there where no input is near it"
    weight = torch.randn(4, 3, 3, 3, generator=torch.Generator().manual_seed(0))
    assert all(len(channel.unique()) <= 256 for channel in fake_quantize_weight(weight))
    assert (
        (fake_quantize_weight(weight) - weight).flatten(1).abs().amax(1) <= weight.flatten(1).abs().amax(1) / 127
    ).all()


def test_ranges_are_those_of_the_inputs(model: CNN, pictures: Tensor) -> None:
    range_L2 = calibrated(model, pictures)
    assert range_L2.shape == (5, 2)
    assert range_L2[0].tolist() == [pictures.min().item(), pictures.max().item()]
    assert (range_L2[1:, 0] >= 0).all(), "behind a ReLU nothing is negative"
    net = FakeQuantized.of(model)
    assert net.ranges().isnan().all()
    net.set_ranges(range_L2)
    assert torch.equal(net.ranges(), range_L2)


def test_it_learns_and_it_explains(model: CNN, pictures: Tensor) -> None:
    net = FakeQuantized.of(model)
    net(pictures).square().mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for n, p in net.named_parameters() if "weight" in n)
    heat = gradcam(net.eval(), net.layers()[-1], pictures[:2], 1)
    assert heat.shape == (2, 12, 12) and torch.isfinite(heat).all()
    near = gradcam(model, model.layers()[-1], pictures[:2], 1)
    assert (heat - near).abs().max() < 0.1 * near.abs().max() + 1e-6


def test_the_model_is_left_alone(model: CNN) -> None:
    before = [p.clone() for p in model.parameters()]
    net = FakeQuantized.of(model)
    with torch.no_grad():
        for p in net.parameters():
            p.add_(1)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert not any(isinstance(m, FakeQuantizedLayer) for m in model.modules())


def test_it_is_saved_and_loaded(model: CNN, pictures: Tensor) -> None:
    net = FakeQuantized.of(model)
    net.set_ranges(calibrated(model, pictures))
    again = FakeQuantized(**_checkpoint.config(net)).eval()
    again.load_state_dict(safetensors.torch.load(_checkpoint.pack(net)))
    with torch.no_grad():
        assert torch.equal(again(pictures), net(pictures))
