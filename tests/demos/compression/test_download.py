"""The packed net loads elsewhere, and its card says what it is."""

import json
import zipfile
from pathlib import Path

import pytest
import safetensors.torch
import torch

from compression.lowrank import Compressed
from demos.compression import download, nets
from demos.compression.nets import DISTILLATION, PLAIN, Choice, Score, compress


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_the_download_loads_as_the_tab_says(precision: str, no_data: Path, tmp_path: Path) -> None:
    choice = Choice.of("mnist_mlp", 5.0, PLAIN, precision)
    path = download.pack(choice)
    assert path.name == f"mnist_mlp-5-percent-{precision}.zip"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    net = Compressed(**json.loads((tmp_path / "config.json").read_text())).eval()
    net.load_state_dict(safetensors.torch.load_file(tmp_path / "model.safetensors"))
    x_B = torch.rand(4, 1, 28, 28)
    assert torch.equal(net(x_B), compress(choice).net(x_B))
    card = json.loads((tmp_path / "card.json").read_text())
    assert card["made_from"] == "mnist_mlp" and card["checkpoint"] is None and card["metrics"] == {}
    assert card["parameters"] == compress(choice).cost.parameters


def test_a_measured_net_has_its_accuracy_in_the_card(
    no_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "measure", lambda choice: Score(0.98, 10_000))
    choice = Choice.of("mnist_mlp", 5.0, DISTILLATION, "float32")
    (tmp_path / "net.zip").write_bytes(download.archive(choice))
    with zipfile.ZipFile(tmp_path / "net.zip") as archive:
        card = json.loads(archive.read("card.json"))
    assert card["metrics"] == {"accuracy": 0.98} and card["intervals"]["accuracy"]["n"] == 10_000
    assert card["checkpoint"] in nets.DISTILLED
