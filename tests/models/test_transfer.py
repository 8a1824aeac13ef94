"""A net on a published backbone keeps what is its own, and finds the rest where it stands once."""

import pytest
import torch
from torch import Tensor

from models import _checkpoint, published, ridge
from models.transfer import TransferNet, pooled_by_depth
from tests.cards import blank


def net(name: str = "squeezenet1_1", **options: int) -> TransferNet:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return TransferNet(name=name, classes=3, **({"frozen": 9} | options)).eval()  # type: ignore[arg-type]


def pictures(n: int = 4, side: int = 48) -> Tensor:
    return torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(1))


def test_it_keeps_the_head_and_the_tuned_blocks_alone() -> None:
    mine = net()
    kept = {key.split(".")[1] for key in mine.state_dict() if key.startswith("trunk.")}
    assert kept == {"9", "10", "11", "12"} and {"head.weight", "head.bias"} < mine.state_dict().keys()
    assert net(frozen=13).state_dict().keys() == {"head.weight", "head.bias", "mean", "deviation"}
    trunk = published.trunk("squeezenet1_1")
    assert torch.equal(mine.trunk[0].weight, trunk["features.0.weight"])  # type: ignore[arg-type]


def test_it_is_saved_and_loaded_with_the_copy_that_ships(checkpoints: object) -> None:
    mine = net()
    with torch.no_grad():
        for p in mine.parameters():
            if p.requires_grad:
                p.add_(0.05)
    _checkpoint.round_to_half(mine)
    before = mine(pictures())
    folder = _checkpoint.save("tiny", mine, blank("tiny", mine))
    again = _checkpoint.load(TransferNet, "tiny").model
    assert torch.equal(again(pictures()), before)
    whole = sum(p.numel() for p in mine.parameters())
    assert (folder / "model.safetensors").stat().st_size < 2 * whole, "the shared blocks are not written again"


def test_a_backbone_that_does_not_ship_is_kept_whole() -> None:
    mine = net("resnet18", frozen=7)
    assert not mine.shared_keys() and "trunk.conv1.weight" in mine.state_dict()
    again = net("resnet18", frozen=7)
    assert not again.load_state_dict(mine.state_dict()).missing_keys


def test_weights_that_are_missing_are_noticed() -> None:
    mine = net()
    some = {key: t for key, t in mine.state_dict().items() if key != "head.bias"}
    with pytest.raises(RuntimeError, match=r"head\.bias"):
        net().load_state_dict(some)


@pytest.mark.parametrize("is_fresh", [True, False])
def test_batch_norm_stays_as_published(is_fresh: bool) -> None:
    mine = TransferNet(name="mobilenet_v2", classes=3, frozen=17)
    mine = mine if is_fresh else mine.eval().train()
    before = {key: t.clone() for key, t in mine.trunk.named_buffers() if "running" in key}
    mine(pictures()).sum().backward()
    assert before and all(torch.equal(t, before[key]) for key, t in mine.trunk.named_buffers() if "running" in key)
    assert all((p.grad is not None) == p.requires_grad for p in mine.parameters())
    assert mine.drop.training and not mine.trunk.training


def test_features_are_means_over_places_and_mirror_images() -> None:
    mine, x_BCHW = net(), pictures()
    depths = pooled_by_depth(mine, x_BCHW)
    assert [x.shape for x in depths] == [(4, c) for c in (64, 128, 128, 256, 256, 384, 384, 512, 512)]
    assert torch.allclose(mine.pooled(x_BCHW), depths[-1]) and torch.allclose(mine.pooled(x_BCHW.flip(3)), depths[-1])
    with torch.no_grad():
        seen = (mine(x_BCHW) + mine(x_BCHW.flip(3))) / 2
        assert torch.allclose(mine.head(depths[-1]), seen, atol=1e-4), "what the head reads, and no other thing"
        first = mine.trunk[0]((x_BCHW - mine.mean) / mine.deviation).mean((2, 3))
    assert torch.allclose(
        pooled_by_depth(mine, torch.stack([x_BCHW, x_BCHW.flip(3)], 1).flatten(0, 1))[0][::2], depths[0]
    )
    assert first.shape == depths[0].shape
    assert [x.shape[1] for x in pooled_by_depth(mine, x_BCHW, ["trunk.4", "trunk.12"])] == [128, 512]


def test_a_solved_head_becomes_the_nets() -> None:
    mine, x_BCHW = net(), pictures(9)
    head = ridge.solve(mine.pooled(x_BCHW), torch.arange(9) % 3, 3)
    mine.put(head, scale=2.0)
    assert torch.allclose(mine.head(mine.pooled(x_BCHW)), 2 * head.scores(mine.pooled(x_BCHW)), atol=1e-4)
