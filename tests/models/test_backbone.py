"""Every backbone keeps the contract: any size in, logits out, published weights adopted, frozen blocks left alone."""

import pytest
import torch
import torchvision
from torch import nn

from explanation.gradcam import gradcam
from models import _checkpoint
from models.backbone import NAMES, VGG, Backbone

SMALL = ("squeezenet1_0", "resnet18", "mobilenet_v2")


def net(name: str, **options: float) -> Backbone:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Backbone(name=name, classes=3, **options).eval()  # type: ignore[arg-type]


def published(name: str) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
        return torchvision.models.get_model(name, weights=None, **options).eval()


@pytest.mark.parametrize("name", [n for n in NAMES if n not in VGG])
def test_it_sees_what_torchvisions_net_sees(name: str) -> None:
    mine, theirs = net(name), published(name)
    mine.adopt(theirs.state_dict())
    x = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    seen: list[torch.Tensor] = []
    last = getattr(theirs, "avgpool", None) or theirs.get_submodule("classifier")
    last.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        theirs((x - mine.mean) / mine.deviation)
        features = mine.trunk((x - mine.mean) / mine.deviation)
        if seen[0].ndim == 2:  # behind the pooling already
            features = features.mean((2, 3))
        assert torch.allclose(features, seen[0], atol=1e-4)
        assert mine(x).shape == (2, 3)


@pytest.mark.parametrize("name", VGG)
def test_vgg_has_torchvisions_keys(name: str) -> None:
    with torch.device("meta"):
        theirs = torchvision.models.get_model(name, weights=None).get_submodule("features").state_dict()
    mine = net(name).trunk.state_dict()
    assert {key: t.shape for key, t in mine.items()} == {key: t.shape for key, t in theirs.items()}


def test_small_pictures_are_scaled_up_to_the_side_that_is_wanted() -> None:
    mine, seen = net("squeezenet1_1", side=64), []
    mine.trunk.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape[2:]))
    for size in ((28, 28), (28, 56), (80, 70)):
        mine(torch.rand(1, 3, *size))
    assert seen == [(64, 64), (64, 128), (80, 70)]


@pytest.mark.parametrize("name", SMALL)
def test_every_layer_can_be_explained_and_every_size_read(name: str) -> None:
    mine = net(name)
    x = torch.rand(1, 3, 48, 75)
    assert len(mine.layers()) > 4 and mine.layers()[-1].startswith("trunk.")
    assert gradcam(mine, mine.layers()[-1], x, 1).shape == (1, 48, 75)
    assert mine(torch.rand(1, 1, 32, 32)).shape == (1, 3), "grey pictures are read too"
    assert mine(torch.rand(1, 3, 28, 14)).shape == (1, 3) and mine(torch.rand(1, 3, 1, 1)).shape == (1, 3)


def test_frozen_blocks_neither_learn_nor_drift() -> None:
    mine = net("resnet18", frozen=5).train()
    before = mine.trunk.bn1.running_mean.clone()  # type: ignore[union-attr]
    mine(torch.rand(4, 3, 32, 32)).sum().backward()
    assert torch.equal(mine.trunk.bn1.running_mean, before)  # type: ignore[union-attr,arg-type]
    assert all(p.grad is None for p in mine.trunk[:5].parameters())
    assert all(p.grad is not None for p in mine.trunk[5:].parameters())


def test_layers_learn_at_their_depth() -> None:
    mine = net("squeezenet1_0", frozen=4)
    groups = list(mine.by_depth(lr=1.0, decay=0.5))
    assert [g["lr"] for g in groups[:3]] == [1.0, 0.5, 0.25]
    learning = {id(p) for p in mine.parameters() if p.requires_grad}
    assert {id(p) for g in groups for p in g["params"]} == learning  # type: ignore[attr-defined]


def test_the_wrong_weights_are_named() -> None:
    with pytest.raises(ValueError, match=r"not squeezenet1_0's: features\.0"):
        net("squeezenet1_0").adopt({"conv1.weight": torch.zeros(1)})
    with pytest.raises(ValueError, match="There are: vgg16"):
        net("resnet19")


def test_it_is_saved_and_loaded(checkpoints: object) -> None:
    mine = net("squeezenet1_0", frozen=3)
    assert _checkpoint.config(mine) == {"name": "squeezenet1_0", "classes": 3, "dropout": 0.2, "frozen": 3, "side": 32}
    again = Backbone(**_checkpoint.config(mine)).eval()
    again.load_state_dict(mine.state_dict())
    x = torch.rand(1, 3, 40, 40)
    assert torch.equal(again(x), mine(x))
