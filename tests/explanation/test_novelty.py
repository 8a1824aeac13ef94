"""What was remembered is at home, what is far is a stranger, and the threshold lets through what it promises."""

import pytest
import torch
from torch import nn

from explanation.novelty import (
    FAMILIAR_SHARE,
    PASSING,
    REACH,
    KnnNovelty,
    SubspaceNovelty,
    energy,
    neighbour_distances,
)


def net() -> nn.Sequential:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3)).eval()


def pictures(n: int, *, low: int = 90, high: int = 160, seed: int = 0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    shade = torch.randint(low, high, (n, 3, 1, 1), generator=draw)
    return (shade + torch.randint(0, 20, (n, 3, 8, 8), generator=draw)).byte()


def test_strangers_are_far_and_kin_is_near() -> None:
    model, layers = net(), ["0", "2"]
    familiar = KnnNovelty.of(model, layers, pictures(300), pictures(100, seed=1))
    kin = familiar.distances(model, pictures(100, seed=2))
    strangers = familiar.distances(model, pictures(50, low=0, high=20, seed=3))
    assert strangers.min() > kin.max()
    assert (strangers > familiar.threshold).all()
    assert (kin <= familiar.threshold).double().mean().item() >= 0.95, "false alarms are at most one in twenty"


def test_the_threshold_lies_beyond_nearly_all_of_validation() -> None:
    """Not of what is remembered, which is near to itself."""
    model, train, valid = net(), pictures(300), pictures(200, low=60, high=190, seed=1)
    familiar = KnnNovelty.of(model, ["0"], train, valid)
    assert familiar.threshold == pytest.approx(REACH * familiar.distances(model, valid).quantile(FAMILIAR_SHARE).item())
    assert familiar.threshold > 1.5 * familiar.distances(model, train).quantile(FAMILIAR_SHARE)


def patients(n: int, *, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ten pictures each of `n` patients, every patient in a stain of his own, and whose they are."""
    draw = torch.Generator().manual_seed(seed)
    stain = torch.randint(60, 190, (n, 3, 1, 1), generator=draw).repeat_interleave(10, 0)
    noise = torch.randint(0, 4, (10 * n, 3, 8, 8), generator=draw)
    return (stain + noise).byte(), torch.arange(n).repeat_interleave(10)


def test_the_next_patients_are_let_through_when_each_was_left_out_in_turn() -> None:
    """Where patients differ more than their pictures do, their own pictures say nothing of the next one's."""
    model, (x_B, unit_B), (others_B, _) = net(), patients(40, seed=1), patients(40, seed=2)
    by_patient = KnnNovelty.leaving_out(model, ["0", "2"], x_B, unit_B)
    by_picture = KnnNovelty.leaving_out(model, ["0", "2"], x_B, torch.arange(len(x_B)))
    passing = by_patient.distances(model, others_B) <= by_patient.threshold
    assert passing.double().mean().item() >= 0.95
    assert by_picture.threshold < 0.7 * by_patient.threshold, "kin is nearer than anybody new"
    red_B = torch.tensor([255, 0, 0], dtype=torch.uint8).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    assert (by_patient.distances(model, red_B) > by_patient.threshold).all()


def test_that_share_of_what_was_left_out_passes() -> None:
    model, x_B = net(), pictures(200)
    familiar = KnnNovelty.leaving_out(model, ["0"], x_B, torch.arange(200))
    # The fifth nearest of all others is the sixth of all, itself among them.
    at_BD = (channel_roots(model, x_B) - familiar.mean_D) / familiar.scale_D
    left_out_B = torch.cdist(at_BD, at_BD).sort(1).values[:, 5]
    assert (left_out_B <= familiar.threshold).double().mean().item() == pytest.approx(PASSING, abs=0.011)


def channel_roots(model: nn.Sequential, x_B: torch.Tensor) -> torch.Tensor:
    """The signed roots of the first layer's channel means."""
    with torch.no_grad():
        mean_BC = model[0](x_B.float() / 255).mean((2, 3))
    return mean_BC.sign() * mean_BC.abs().sqrt()


def test_one_patient_alone_has_nobody_to_be_held_against() -> None:
    with pytest.raises(ValueError, match="nobody else"):
        KnnNovelty.leaving_out(net(), ["0"], pictures(20), torch.zeros(20))


def test_it_is_kept_and_comes_back() -> None:
    model = net()
    for familiar in (
        KnnNovelty.of(model, ["0", "2"], pictures(80), pictures(40, seed=1)),
        KnnNovelty.leaving_out(model, ["0", "2"], pictures(80), torch.arange(80)),
    ):
        again = KnnNovelty.kept(familiar.tensors(), ["0", "2"])
        x = pictures(9, seed=4)
        assert torch.equal(again.distances(model, x), familiar.distances(model, x))
        assert again.threshold == torch.tensor(familiar.threshold).item() and again.power == familiar.power


def test_a_channel_that_never_stirs_does_not_shout() -> None:
    model = net()
    with torch.no_grad():
        model[2].weight[0].mul_(1e-6)  # type: ignore[index]
    familiar = KnnNovelty.of(model, ["2"], pictures(200), pictures(100, seed=1))
    assert familiar.scale_D.max() / familiar.scale_D.min() < 30


def test_neighbours_by_direction_do_not_ask_how_bright_a_picture_is() -> None:
    reference_ND = torch.rand(20, 8, generator=torch.Generator().manual_seed(0)) + torch.eye(8)[0] * 5
    near, far = reference_ND[:3] * 7, torch.eye(8)[1:4]
    assert neighbour_distances(near, reference_ND).max() < neighbour_distances(far, reference_ND).min()
    assert torch.allclose(neighbour_distances(near, reference_ND), neighbour_distances(near / 7, reference_ND))
    few = torch.eye(8)[:2]
    assert torch.allclose(neighbour_distances(few[:1], few), torch.tensor([2.0]).sqrt()), "of two the farther"


def spread(n: int, *, seed: int) -> torch.Tensor:
    """Points `(n, 20)` that spread in three directions only, but for a little noise."""
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(n, 3, generator=draw) @ AXES_KD * 4 + 1 + 0.05 * torch.randn(n, 20, generator=draw)


AXES_KD = torch.linalg.qr(torch.randn(20, 3, generator=torch.Generator().manual_seed(5)))[0].T


def test_what_leads_out_of_the_familiar_directions_is_strange() -> None:
    familiar = SubspaceNovelty.of(spread(400, seed=1), spread(200, seed=2), passing=0.9)
    assert familiar.axes_DK.shape == (20, 3)
    passing = familiar.outside(spread(200, seed=2)) <= familiar.threshold
    assert passing.double().mean().item() == 0.9
    elsewhere = spread(50, seed=3) + torch.linalg.qr(torch.cat([AXES_KD, torch.eye(20)]).T)[0][:, 3] * 6
    assert (familiar.outside(elsewhere) > familiar.threshold).all()
    far = familiar.outside(1 + 100 * AXES_KD)
    assert (far < familiar.threshold).all(), "however far, the direction is what counts"


def test_a_subspace_is_kept_and_comes_back() -> None:
    familiar = SubspaceNovelty.of(spread(400, seed=1), spread(200, seed=2), passing=0.9)
    again, x = SubspaceNovelty.kept(familiar.tensors()), spread(9, seed=4)
    assert torch.equal(again.outside(x), familiar.outside(x)) and again.threshold == familiar.threshold


def test_energy_is_high_where_no_class_speaks() -> None:
    logit_BC = torch.tensor([[9.0, 0.0, 0.0], [0.0, 0.0, 0.0], [-4.0, -4.0, -4.0]])
    found_B = energy(logit_BC)
    assert found_B.tolist() == pytest.approx([-9.000247, -1.098612, 2.901388], abs=1e-4)
    assert torch.allclose(energy(logit_BC + 2), found_B - 2), "it is no function of the probabilities"
