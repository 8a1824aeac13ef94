"""What a net that names things makes of two pictures: nothing between a picture and itself, more for more harm."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.backbone import Backbone
from models.perceptual import Perceptual


@pytest.fixture(scope="module")
def judge() -> Perceptual:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Perceptual()


def pictures(n: int = 2, side: int = 40) -> Tensor:
    return torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(0))


def test_a_picture_and_itself(judge: Perceptual) -> None:
    x = pictures()
    assert judge(x, x).tolist() == [0, 0] and judge.difference(x, x).item() == 0


def test_the_more_harm_the_further(judge: Perceptual) -> None:
    x = pictures()
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(1))
    near, middle, far = (judge(x, x + share * noise) for share in (0.02, 0.1, 0.5))
    assert (near < middle).all() and (middle < far).all() and (far <= 1).all() and (near > 0).all()
    assert torch.allclose(judge(x, x + 0.1 * noise), judge(x + 0.1 * noise, x), atol=1e-6)


def test_it_listens_before_each_pooling_and_at_the_end(judge: Perceptual) -> None:
    poolings = sum(isinstance(block, nn.MaxPool2d) for block in judge.backbone.trunk)
    features = list(judge.features(pictures()))
    assert len(features) == poolings + 1
    x = (pictures() - judge.backbone.mean) / judge.backbone.deviation
    assert torch.allclose(features[-1], judge.backbone.trunk(x), atol=1e-5)
    by_hand = [(F.normalize(f[:1]) * F.normalize(f[1:])).sum(1).mean() for f in features]
    expected = torch.stack([1 - alike for alike in by_hand]).mean()  # |a − b|² / 2 of unit vectors
    assert judge(pictures()[:1], pictures()[1:]).item() == pytest.approx(expected.item(), abs=1e-5)


@pytest.mark.parametrize("side", [7, 12, 21])
def test_small_pictures(judge: Perceptual, side: int) -> None:
    x = pictures(side=side)
    assert judge(x, x.flip(0)).isfinite().all()


def test_the_difference_is_a_share_and_has_a_gradient(judge: Perceptual) -> None:
    x, truth = pictures().requires_grad_(), pictures().flip(0)
    judge.difference(x, truth).backward()
    assert x.grad is not None and x.grad.abs().max() > 0
    assert not any(p.requires_grad for p in judge.parameters()), "the judge itself learns nothing"


def test_with_published_weights() -> None:
    published = Backbone(name="squeezenet1_0", classes=2)
    state = {published.prefix + key: t for key, t in published.trunk.state_dict().items()}
    judge = Perceptual.of("squeezenet1_0", state)
    x = pictures(1)
    with torch.no_grad():
        theirs = published.eval().trunk((x - published.mean) / published.deviation)
    assert torch.allclose(list(judge.features(x))[-1], theirs, atol=1e-5)
    with pytest.raises(ValueError, match="not vgg16's"):
        Perceptual.of("vgg16", state)
