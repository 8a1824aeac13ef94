"""The backbones that ship are the ones that are named, small enough, and nobody takes another file for them."""

from pathlib import Path

import pytest
import torch

from compression.cost import macs, parameters
from models import CheckpointDamaged, published
from models.backbone import Backbone
from training import find


@pytest.mark.parametrize("name", published.SHIPPED)
def test_one_small_copy_of_each(name: str) -> None:
    path = published.FOLDER / f"{name}.safetensors"
    assert path.stat().st_size < 6e6
    trunk = published.trunk(name)
    net = Backbone(name=name, classes=2)
    net.adopt(trunk)
    assert all(t.isfinite().all() for t in trunk.values())
    learnt = {net.prefix + key for key, _ in net.trunk.named_parameters()}
    assert all(torch.equal(trunk[key].half().float(), trunk[key]) for key in learnt), "rounding to ship moves nothing"


def test_every_file_there_is_named_and_every_name_has_its_file() -> None:
    assert {path.stem for path in published.FOLDER.glob("*.safetensors")} == set(published.SHIPPED)
    assert set(published.SHIPPED) == {"squeezenet1_0", "squeezenet1_1", "mobilenet_v2"}


@pytest.mark.parametrize("name", published.BACKBONES)
def test_facts_are_counted(name: str) -> None:
    facts = published.BACKBONES[name]
    with torch.device("meta"):
        net = Backbone(name=name, classes=9).eval()
        found = macs(net.trunk, torch.zeros(1, 3, 224, 224))
    assert facts.parameters == pytest.approx(parameters(net.trunk) / 1e6, abs=6e-4)
    assert facts.gmacs == pytest.approx(found / 1e9, abs=6e-3)
    stage = [block for block in list(net.trunk)[facts.last_stage :] if list(block.parameters())]
    assert stage and 0.05 < sum(map(parameters, stage)) / parameters(net.trunk) < 0.9
    assert find(f"grocery_{name}").model.keywords["frozen"] == facts.last_stage


def test_a_backbone_that_is_not_here_has_its_command() -> None:
    assert published.command("resnet18") == (
        "ResNet-18 is not here. Get it with: python -m training fit grocery_resnet18"
    )
    with pytest.raises(ValueError, match=r"“resnet18” does not ship\. Those that do: squeezenet1_0"):
        published.trunk("resnet18")


def test_another_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "FOLDER", tmp_path)
    with pytest.raises(CheckpointDamaged, match=r"mobilenet_v2\.safetensors is not the published backbone"):
        published.trunk("mobilenet_v2")
    (tmp_path / "squeezenet1_0.safetensors").write_bytes(b"else")
    with pytest.raises(CheckpointDamaged, match=r"squeezenet1_0\.safetensors is not"):
        published.trunk("squeezenet1_0")


def test_nobody_changes_the_copy_of_another() -> None:
    first = published.trunk("squeezenet1_1")
    key = next(iter(first))
    net = Backbone(name="squeezenet1_1", classes=2)
    net.adopt(first)
    with torch.no_grad():
        next(net.trunk.parameters()).zero_()
    assert published.trunk("squeezenet1_1")[key].abs().sum() > 0
