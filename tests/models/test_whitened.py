"""The net with whitened patches: white indeed, folded without a trace, open to explanation and compression."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from compression.lowrank import Compressed, Factorisation
from compression.quantization import static
from explanation.gradcam import gradcam
from explanation.projection import layer_outputs
from models import _checkpoint
from models.whitened import Group, WhitenedCNN, Whitening


def pictures(n: int = 12) -> Tensor:
    """Smooth coloured noise: neighbours are alike, as in photographs."""
    draw = torch.Generator().manual_seed(0)
    return F.avg_pool2d(torch.rand(n, 3, 36, 36, generator=draw), 5, 1).clamp(0, 1)


def trained(**options) -> WhitenedCNN:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = WhitenedCNN(channels=(8, 12, 16), batch_norm=True, **options)
        model.meet(pictures())
        for group in model.groups:
            assert isinstance(group, Group)
            torch.nn.init.normal_(group.norm1.bias)  # type: ignore[arg-type]
            torch.nn.init.normal_(group.norm2.bias)  # type: ignore[arg-type]
        for _ in range(3):
            model(pictures())
    return model.eval()


def test_whitened_patches_are_white() -> None:
    model, x_BCHW = trained(), pictures(60)
    model.meet(x_BCHW)
    standard = model.standardize(x_BCHW)
    assert torch.allclose(standard.mean((0, 2, 3)), torch.zeros(3), atol=1e-5)
    assert torch.allclose(standard.std((0, 2, 3)), torch.ones(3), atol=1e-3)
    half = model.whitening.directions[: model.whitening.outputs // 2]
    seen_ND = F.conv2d(standard, half).permute(0, 2, 3, 1).flatten(0, 2)
    power = seen_ND.T @ seen_ND / len(seen_ND)
    assert torch.allclose(power - power.diag().diag(), torch.zeros(12, 12), atol=1e-3), "no two directions go together"
    assert 0.9 < power[0, 0] <= 1 and power.diag().diff().max() < 1e-4, "full power, but for directions of noise"
    assert torch.equal(model.whitening.directions[12:], -half)


def test_the_directions_are_no_parameters() -> None:
    layer = Whitening(3)
    assert [name for name, _ in layer.named_parameters()] == ["bias"] and "directions" in layer.state_dict()


def test_folding_changes_nothing() -> None:
    model, x_BCHW = trained(scale=0.5), pictures(4)
    folded = model.folded()
    assert torch.allclose(folded(x_BCHW), model(x_BCHW), atol=1e-5)
    assert not any("norm" in name for name in folded.state_dict()) and folded.folded() is folded
    assert _checkpoint.config(folded)["scale"] == 0.5


def test_the_head_is_scaled_and_sees_the_features() -> None:
    model, x_BCHW = trained(scale=0.25), pictures(4)
    assert torch.allclose(model(x_BCHW), 0.25 * model.features(x_BCHW) @ model.head.weight.T, atol=1e-6)


def test_a_groups_first_channels_start_as_what_came_in() -> None:
    group = Group(4, 6, batch_norm=False)
    x_BCHW = torch.rand(2, 4, 8, 8)
    assert torch.allclose((group.conv1(x_BCHW) - group.conv1.bias[:, None, None])[:, :4], x_BCHW, atol=1e-6)  # type: ignore[index]


def test_scales_of_batch_norm_stay() -> None:
    model = WhitenedCNN(channels=(8, 12, 16), batch_norm=True)
    frozen = [name for name, p in model.named_parameters() if not p.requires_grad]
    assert frozen == [f"groups.{i}.norm{j}.weight" for i in range(3) for j in (1, 2)]


def test_every_layer_can_be_looked_at() -> None:
    model, x_BCHW = trained().folded(), pictures(2)
    for layer in model.layers():
        heat_BHW = gradcam(model, layer, x_BCHW, 3)
        assert heat_BHW.shape == (2, 32, 32) and heat_BHW.isfinite().all(), layer
    assert [out.shape[1] for out in layer_outputs(model, x_BCHW, model.layers())] == [
        24 * 31**2, 8 * 15**2, 8 * 15**2, 12 * 7**2, 12 * 7**2, 16 * 3**2, 16 * 3**2,
    ]  # fmt: skip


def test_it_gets_smaller() -> None:
    model, x_BCHW = trained().folded(), pictures()
    apart = Factorisation(model, x_BCHW)
    whole = {name: s.highest_rank for name, s in apart.spectra.items()}
    assert whole.keys() >= {"groups.0.conv2", "groups.2.conv1"} and "whitening" not in whole
    small = Compressed(
        architecture="models.whitened.WhitenedCNN", config=_checkpoint.config(model), ranks=dict.fromkeys(whole, 2)
    )
    assert small(x_BCHW).shape == (12, 10)
    assert sum(p.numel() for p in small.parameters()) < sum(p.numel() for p in model.parameters())


@pytest.mark.slow
def test_int8_answers_alike() -> None:
    model, x_BCHW = trained().folded(), pictures()
    with torch.no_grad():
        far = (static(model, x_BCHW)(x_BCHW) - model(x_BCHW)).abs().mean() / model(x_BCHW).std()
    assert far < 0.1


def test_the_config_builds_it_again() -> None:
    config = _checkpoint.config(trained())
    assert _checkpoint.config(WhitenedCNN(**config)) == config
