"""The packed net loads elsewhere, and its card says what it is."""

import json
import zipfile
from pathlib import Path

import pytest
import safetensors.torch
import torch

from compression.lowrank import Compressed
from demos.compression import download
from demos.compression.nets import Choice, compress
from demos.compression.subjects import BYTE, FLOAT, PERCEPTRON, TAUGHT, WHITENED


@pytest.mark.parametrize(
    ("choice", "name"),
    [
        (("4.3%", WHITENED, FLOAT), "mnist_mlp-23x-float32.zip"),
        (("mnist_mlp_x93", TAUGHT, BYTE), "mnist_mlp-93x-int8.zip"),
    ],
)
def test_the_download_loads_as_the_tab_says(
    choice: tuple[str, str, str], name: str, no_data: Path, tmp_path: Path
) -> None:
    chosen = Choice.of(PERCEPTRON.title, *choice)
    path = download.pack(chosen)
    assert path.name == name
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    net = Compressed(**json.loads((tmp_path / "config.json").read_text())).eval()
    net.load_state_dict(safetensors.torch.load_file(tmp_path / "model.safetensors"))
    x_B = torch.rand(4, 1, 28, 28)
    assert torch.equal(net(x_B), compress(chosen).net(x_B))
    card = json.loads((tmp_path / "card.json").read_text())
    assert card["made_from"] == "mnist_mlp" and card["parameters"] == compress(chosen).cost.parameters
    assert card["metrics"] == {"accuracy": chosen.stop.accuracy} and card["intervals"]["accuracy"]["n"] == 10_000
