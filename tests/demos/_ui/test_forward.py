"""A net packed for the page: what is in it, what is refused, and that the page's own script gives torch's numbers."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from torch import nn

from demos._ui import forward
from demos._ui.forward import dense_layers, packed

NODE = shutil.which("node")


def net(*, biased: bool = True) -> nn.Sequential:
    """Every kind of layer that a page runs, with parameters that half precision holds."""
    torch.manual_seed(0)
    norm = nn.BatchNorm1d(6)
    norm.running_mean, norm.running_var = torch.randn(6), torch.rand(6) + 0.5
    layers = [
        nn.Linear(4, 6, bias=biased), norm, nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3),
        nn.Sigmoid(), nn.Linear(3, 2),
    ]  # fmt: skip
    return nn.Sequential(*layers).eval()


def test_norms_are_folded_and_dropout_is_gone() -> None:
    layers = dense_layers(net())
    assert [layer.activation for layer in layers] == ["relu", "tanh", "sigmoid", "none"]
    x_BD = torch.randn(7, 4)
    y_BD = x_BD
    for weight_OI, bias_O, activation in layers:
        y_BD = y_BD @ weight_OI.T + bias_O
        y_BD = y_BD if activation == "none" else getattr(torch, activation)(y_BD)
    torch.testing.assert_close(y_BD, net()(x_BD))


def test_a_layer_without_a_bias_has_zeros() -> None:
    linear = nn.Sequential(nn.Linear(3, 2, bias=False))
    assert dense_layers(linear)[0].bias_O.tolist() == [0, 0]


def test_what_a_page_cannot_run_is_named() -> None:
    with pytest.raises(ValueError, match="cannot run a Conv2d"):
        dense_layers(nn.Sequential(nn.Conv2d(1, 1, 3)))
    with pytest.raises(ValueError, match="cannot run a ReLU here"):
        dense_layers(nn.Sequential(nn.ReLU()))


def test_a_net_too_large_or_with_numbers_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 700,000"):
        packed(dense_layers(nn.Sequential(nn.Linear(600, 600))))
    huge = nn.Linear(1, 1)
    nn.init.constant_(huge.weight, 1e6)
    with pytest.raises(ValueError, match="half precision"):
        packed(dense_layers(nn.Sequential(huge)))


@pytest.mark.skipif(NODE is None, reason="node is not installed; Chromium holds the same to torch")
def test_the_script_gives_the_numbers_of_torch(tmp_path: Path) -> None:
    layers = [
        layer._replace(weight_OI=layer.weight_OI.half().float(), bias_O=layer.bias_O.half().float())
        for layer in dense_layers(net())
    ]
    (tmp_path / "net.bin").write_bytes(packed(layers))
    x_BD = torch.randn(20, 4)
    asked = (
        f"{forward.SCRIPT}\nconst file = require('fs').readFileSync('net.bin');"
        "const net = unpack(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));"
        f"console.log(JSON.stringify({json.dumps(x_BD.tolist())}.map((x) => [...forward(net, x)])));"
    )
    said = subprocess.run([NODE or "", "-e", asked], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    y_BD = x_BD
    for weight_OI, bias_O, activation in layers:
        y_BD = y_BD @ weight_OI.T + bias_O
        y_BD = y_BD if activation == "none" else getattr(torch, activation)(y_BD)
    assert torch.allclose(torch.tensor(json.loads(said)), y_BD, atol=1e-5)


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_halves_are_read_as_they_were_written() -> None:
    values = torch.tensor([0.0, -0.0, 1.0, -2.5, 6.1e-5, 3e-6, 65504.0, 0.333]).half()
    bits = values.view(torch.int16).int().bitwise_and(0xFFFF).tolist()
    asked = f"{forward.SCRIPT}\nconsole.log(JSON.stringify({json.dumps(bits)}.map(from_half)))"
    said = subprocess.run([NODE or "", "-e", asked], capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == values.float().tolist()
