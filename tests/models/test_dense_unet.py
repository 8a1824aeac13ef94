"""The dense U-Net: any size, batch norm folded away without a trace, and as large as it says."""

import pytest
import torch

from models import _checkpoint
from models.dense_unet import DenseUNet
from training import find


def small(**options: bool) -> DenseUNet:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return DenseUNet(stem=6, growth=(3, 4, 5), layers=2, **options)


def scan(height: int = 20, width: int = 12, *, n: int = 2) -> torch.Tensor:
    return torch.rand(n, 1, height, width, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 7), (5, 3), (16, 16), (33, 18)])
def test_scans_of_any_size(height: int, width: int) -> None:
    with torch.no_grad():
        y_B1HW = small().eval()(scan(height, width))
    assert y_B1HW.shape == (2, 1, height, width) and y_B1HW.isfinite().all()


def test_what_is_added_at_the_edge_stays_outside() -> None:
    net = small().eval()
    with torch.no_grad():
        assert net(scan(17, 9)).shape[2:] == (17, 9)
        whole = net(scan(16, 16))
        turned = net(scan(16, 16).flip(0))
    assert torch.allclose(whole.flip(0), turned, atol=1e-6), "each scan of a batch is read by itself"


def test_the_scanners_scale_makes_no_difference() -> None:
    net = small().eval()
    with torch.no_grad():
        assert torch.allclose(net(0.1 + 0.5 * scan()), net(scan()), atol=1e-4)


def test_folding_changes_nothing() -> None:
    net = small()
    with torch.no_grad():
        for _ in range(3):
            net(scan(n=4))  # running means that are not those of the start
    net.eval()
    folded = net.folded()
    with torch.no_grad():
        assert torch.allclose(folded(scan()), net(scan()), atol=1e-4)
    assert not folded.training and folded.folded() is folded
    assert not any("norm" in name for name, _ in folded.named_parameters())


def test_every_parameter_receives_a_gradient() -> None:
    net = small(batch_norm=False)
    net(scan()).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in net.parameters())
    net = small()
    net(scan()).square().sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_saved_equals_loaded() -> None:
    net = small(batch_norm=False).eval()
    config = _checkpoint.config(net)
    assert config == {"stem": 6, "growth": [3, 4, 5], "layers": 2, "batch_norm": False}
    again = DenseUNet(**config).eval()
    again.load_state_dict(net.state_dict())
    with torch.no_grad():
        assert torch.equal(again(scan()), net(scan()))


@pytest.mark.parametrize("name", ["mri_dense_unet", "mri_dense_unet_mae", "mri_dense_unet_ssim", "mri_dense_unet_back"])
def test_what_ships_has_about_550_thousand_parameters(name: str) -> None:
    assert 500_000 < sum(p.numel() for p in find(name).model().folded().parameters()) < 600_000
