"""Quantized nets answer nearly as the nets that they came from, in a quarter of the bytes."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.fx import GraphModule

from compression.cost import file_bytes
from compression.lowrank import Factorisation
from compression.quantization import compiled, dynamic, kernels, legacy_dynamic, quantization_aware, static, to_int8
from models.cnn import CNN
from models.mlp import MLP


@pytest.fixture
def pictures() -> Tensor:
    return torch.rand(16, 1, 12, 12, generator=torch.Generator().manual_seed(0))


@pytest.fixture(params=["perceptron", "convolutional", "factored"])
def model(request: pytest.FixtureRequest) -> nn.Module:
    torch.manual_seed(0)
    if request.param == "convolutional":
        return CNN(channels=(16, 32)).eval()
    dense = MLP(inputs=144, hidden=128, layers=1).eval()
    if request.param == "perceptron":
        return dense
    return Factorisation(dense, method="plain").compressed({"blocks.0.linear": 32})


def test_every_output_has_a_scale_of_its_own() -> None:
    """Half a step at most is lost of any weight, and a step is a 127th of the largest weight of its own output."""
    layer = nn.Linear(50, 4)
    size_O1 = torch.tensor([1.0, 1e-2, 30.0, 0.2])[:, None]
    layer.weight.data = size_O1 * (2 * torch.rand(4, 50, generator=torch.Generator().manual_seed(0)) - 1)
    model = nn.Sequential(layer)
    to_int8(model)
    lost_OI = (model[0].weight.float() * model[0].scale - layer.weight).abs()  # type: ignore[operator]
    assert (lost_OI <= 0.52 * layer.weight.abs().amax(1, keepdim=True) / 127).all() and lost_OI.max() > 0


def test_weights_in_three_dimensions_are_stored_too() -> None:
    model = nn.Sequential(nn.Conv3d(2, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3)).eval()
    x_BCDHW = torch.rand(4, 2, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = model(x_BCDHW)
        before = file_bytes(model)
        to_int8(model)
        assert (model(x_BCDHW) - expected).abs().max() < 0.05 * expected.std()
    assert file_bytes(model) < 0.5 * before


@pytest.mark.parametrize("quantize", [dynamic, static])
def test_quantized_is_close_and_small(quantize: Callable[..., GraphModule], model: nn.Module, pictures: Tensor) -> None:
    before = {name: t.clone() for name, t in model.state_dict().items()}
    small = quantize(model, pictures)
    with torch.no_grad():
        expected = model(pictures)
        assert (small(pictures) - expected).abs().max() < 0.1 * expected.std()
        assert small(pictures[:3]).shape == (3, 10), "any number of pictures"
    assert file_bytes(small) < 0.4 * file_bytes(model)
    assert all(torch.equal(t, before[name]) for name, t in model.state_dict().items())


def test_static_ranges_come_from_calibration(pictures: Tensor) -> None:
    """Inputs far beyond the calibrated range are clipped to it; a dynamic range follows them."""
    model = MLP(inputs=144, hidden=32, layers=1).eval()
    fixed, following = static(model, pictures), dynamic(model, pictures)
    with torch.no_grad():
        far = model(10 * pictures)
        assert (fixed(10 * pictures) - far).abs().mean() > 5 * (following(10 * pictures) - far).abs().mean()


def test_quantization_aware_training_trains_a_copy(pictures: Tensor) -> None:
    model = CNN(channels=(8, 16)).eval()
    before = {name: t.clone() for name, t in model.state_dict().items()}
    losses: list[float] = []

    def train(net: nn.Module) -> None:
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
        for _ in range(12):
            loss = nn.functional.cross_entropy(net(pictures), torch.arange(16) % 10)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())

    small = quantization_aware(model, pictures, train=train)
    assert losses[-1] < losses[0]
    assert {t.dtype for name, t in small.state_dict().items() if "frozen" in name} == {torch.int8}
    with torch.no_grad():
        trained = nn.functional.cross_entropy(small(pictures), torch.arange(16) % 10).item()
    assert trained == pytest.approx(losses[-1], abs=0.1)
    assert all(torch.equal(t, before[name]) for name, t in model.state_dict().items())


def test_the_legacy_baseline(pictures: Tensor) -> None:
    model = MLP(inputs=144, hidden=128, layers=1).eval()
    with torch.no_grad():
        assert (legacy_dynamic(model)(pictures) - model(pictures)).abs().max() < 0.1 * model(pictures).std()


def test_weight_only_int8_rounds_to_half_a_step() -> None:
    layer = nn.Conv2d(3, 5, 3)
    model = nn.Sequential(layer)
    w = layer.weight.detach().clone()
    to_int8(model)
    stored = model.state_dict()
    assert stored["0.weight"].dtype == torch.int8
    step = w.abs().amax((1, 2, 3), keepdim=True) / 127
    assert ((stored["0.weight"] * stored["0.scale"] - w).abs() <= 0.51 * step).all()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler: apt-get install g++")
def test_compiled_says_the_same(pictures: Tensor) -> None:
    model = static(MLP(inputs=144, hidden=32, layers=1).eval(), pictures)
    fast = compiled(model, pictures)
    with torch.no_grad():
        assert torch.allclose(fast(pictures), model(pictures), atol=2e-2)
    assert not fast(pictures).requires_grad
    dynamic(CNN(channels=(4, 6)).eval(), pictures)  # a strict export, which throws compiled code away
    assert torch.equal(fast(pictures), fast(pictures))
    assert "onednn::qlinear_pointwise" in kernels(fast, pictures), "int8 arithmetic, not float on unpacked weights"


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_what_is_recurrent_answers_nearly_alike_in_int8(kind: Any) -> None:
    torch.manual_seed(0)
    net: Any = nn.ModuleDict({"inner": kind(12, 20, batch_first=True), "head": nn.Linear(20, 1)}).eval()
    small: Any = legacy_dynamic(net, {kind})
    x_BTD = torch.randn(4, 30, 12)
    exact_BTH, rounded_BTH = net["inner"](x_BTD)[0], small["inner"](x_BTD)[0]
    assert 0 < (exact_BTH - rounded_BTH).abs().max() < 0.1 * exact_BTH.std()
    assert type(small["head"]) is nn.Linear, "only the kinds that were asked for"
