"""What is bitten out of a volume, and what is worn off its surface, on scores whose answers are known."""

import math

import pytest
import torch
from torch import Tensor, nn

from explanation.attribution import integrated_gradients, occlusion
from explanation.gradcam import gradcam
from explanation.volume import MOST_BALLS, ball_occlusion, surface_probe
from signals.volume import ball, rotations, surface

SIDE = 24
X = ball((SIDE,) * 3, (11.5, 11.5, 11.5), 8).float()[None, None]


def mass(x_BX: Tensor) -> Tensor:
    """Class 0: how much there is; class 1: nothing that depends on it."""
    return torch.stack([x_BX.flatten(1).sum(1), torch.ones(len(x_BX))], 1)


def counted(score: object, calls: list[int]) -> object:
    return lambda x_BX: (calls.append(len(x_BX)), score(x_BX))[1]  # type: ignore[operator]


def test_a_ball_takes_with_it_what_it_holds() -> None:
    heat = ball_occlusion(mass, X, 0, radius=3, stride=1)
    volume = ball((9, 9, 9), (4, 4, 4), 3).sum().item()
    assert heat.shape == (1, SIDE, SIDE, SIDE)
    assert heat[0, 11, 11, 11].item() == volume and heat[0, 0, 0, 0] == 0
    assert not ball_occlusion(mass, X, 1, radius=3, stride=4).any(), "what does not depend on it is cold"
    both = ball_occlusion(mass, X.expand(2, -1, -1, -1, -1), torch.tensor([1, 0]), radius=3, stride=4)
    assert not both[0].any() and both[1].any()


def test_heat_lies_where_the_score_looks_and_turns_with_the_volume() -> None:
    place = (8, 12, 15)
    seen = ball((SIDE,) * 3, place, 2).float()
    look = lambda x: torch.stack([(x[:, 0] * seen).flatten(1).sum(1)], 1)  # noqa: E731
    heat = ball_occlusion(look, X, 0, radius=3, stride=2)[0]
    hottest = torch.stack(torch.where(heat == heat.max())).float().mean(1)
    assert (hottest - torch.tensor(place)).norm() < 1.8
    for i in (0, 7, 18):
        seen = rotations(ball((SIDE,) * 3, place, 2).float())[i]
        assert torch.allclose(ball_occlusion(look, X, 0, radius=3, stride=2)[0], rotations(heat)[i], atol=1e-5)


def test_only_what_a_ball_touches_costs_a_pass_and_there_are_never_too_many() -> None:
    calls: list[int] = []
    ball_occlusion(counted(mass, calls), X, 0, radius=2, stride=6)  # type: ignore[arg-type]
    touched = sum(
        bool((ball((SIDE,) * 3, (2.5 + 6 * i, 2.5 + 6 * j, 2.5 + 6 * k), 2) & (X[0, 0] > 0)).any())
        for i in range(4)
        for j in range(4)
        for k in range(4)
    )
    assert sum(calls) == touched + 1 < 64
    calls.clear()
    ball_occlusion(counted(mass, calls), torch.ones(1, 1, 32, 32, 32), 0, radius=3, stride=2)  # type: ignore[arg-type]
    assert MOST_BALLS / 3 < sum(calls) <= MOST_BALLS + 1 and max(calls) <= 16
    calls.clear()
    assert not ball_occlusion(counted(mass, calls), torch.zeros_like(X), 0).any()  # type: ignore[arg-type]
    assert not calls


def test_half_a_surface_that_counts_is_found_and_a_flat_score_is_not() -> None:
    shell = surface(X[:, 0] > 0)
    upper = shell.clone()
    upper[:, :12] = False
    look = lambda x: torch.stack([(x[:, 0] * upper).flatten(1).sum(1) / upper.sum()], 1)  # noqa: E731
    found = surface_probe(look, X, upper.float(), 0, share=0.5)
    assert found.before_B.item() == pytest.approx(1) and found.after_B.item() == pytest.approx(0, abs=0.02)
    assert found.random_B.item() > 0.25, "elsewhere half of it stays, on average"
    worn = surface_probe(mass, X, torch.rand(1, SIDE, SIDE, SIDE), 0, share=0.2)
    lost = round(0.2 * shell.sum().item())
    assert worn.after_B.item() == worn.random_B.item() == X.sum() - lost, "as many here as there, and only surface"


def test_the_inside_and_what_is_around_do_not_count_as_surface() -> None:
    heat = torch.full((1, SIDE, SIDE, SIDE), 9.0)
    shell = surface(X[:, 0] > 0)
    heat[shell] = torch.linspace(0, 1, int(shell.sum()))
    gone = []
    surface_probe(lambda x: (gone.append((X - x)[0, 0]), mass(x))[1], X, heat, 0, share=0.1)
    assert gone[0].sum() == round(0.1 * shell.sum().item()) and not (gone[0] * ~shell[0]).any()
    assert heat[0][gone[0] > 0].min() >= 0.9 - 2 / shell.sum()
    with pytest.raises(ValueError, match="no place within the mask"):
        surface_probe(mass, torch.zeros_like(X), heat, 0)


def test_all_methods_speak_of_a_volume() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = nn.Sequential(
            nn.Conv3d(1, 4, 3, stride=2), nn.ReLU(), nn.Conv3d(4, 4, 3), nn.ReLU(),
            nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(4, 2),
        ).eval()  # fmt: skip
    target = torch.tensor([1])
    assert gradcam(net, "2", X, target).shape == X[:, 0].shape
    found = integrated_gradients(net, X, target, steps=64)
    assert found.sum().item() == pytest.approx((net(X) - net(torch.zeros_like(X)))[0, 1].item(), rel=0.02)
    assert not found[X == 0].any(), "where nothing is, nothing is attributed"
    falls = occlusion(net, X, target, window=8, stride=8)
    one = X.clone()
    one[..., 8:16, 8:16, 8:16] = 0
    assert falls.shape == X.shape
    assert falls[0, 0, 10, 10, 10].item() == pytest.approx((net(X) - net(one))[0, 1].item(), abs=1e-5)
    assert math.isfinite(surface_probe(net, X, gradcam(net, "2", X, target), target).random_B.item())
