"""The checks on explanations, held to cases whose answer is known on paper, in one, two and three dimensions."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explanation.faithfulness import (
    blurred,
    cascading_randomization,
    deletion,
    displaced,
    energy_inside,
    hottest,
    insertion,
    probe,
    random_heat,
    randomized_cascade,
    spearman,
    spread,
)

PLACES = pytest.mark.parametrize("places", [1, 2, 3])
NOTHING = partial(torch.zeros_like)


def one_hot_score(x_BCX: Tensor) -> Tensor:
    """Class 0 scores what the first channel holds in its first place, class 1 the mean of everything."""
    return torch.stack([x_BCX[:, 0].flatten(1)[:, 0], x_BCX.flatten(1).mean(1)], 1)


def first_place(places: int, side: int = 4) -> Tensor:
    heat = torch.zeros(1, side**places)
    heat[0, 0] = 1.0
    return heat.view(1, *places * (side,))


@PLACES
def test_exactly_the_share_that_was_asked_for(places: int) -> None:
    heat = torch.rand(2, *places * (5,), generator=torch.Generator().manual_seed(0))
    marked = hottest(heat, 0.2)
    assert marked.flatten(1).sum(1).tolist() == 2 * [round(0.2 * 5**places)]
    assert heat[marked].min() >= heat[~marked][heat[~marked].argsort()[0]]
    assert hottest(torch.zeros(1, *places * (5,)), 0.2).sum() == round(0.2 * 5**places), "a flat map is no exception"


@PLACES
def test_removing_the_one_place_that_counts(places: int) -> None:
    x = torch.ones(1, 2, *places * (4,))
    found = probe(one_hot_score, x, first_place(places), 0, share=1 / 4**places, filling=NOTHING, rounds=200)
    assert found.before_B.item() == 1 and found.after_B.item() == 0
    assert found.random_B.item() == pytest.approx(1 - 1 / 4**places, abs=0.06)


@PLACES
def test_areas_of_the_best_and_the_worst_map(places: int) -> None:
    x, best = torch.ones(1, 2, *places * (4,)), first_place(places)
    steps = 4**places
    options = {"steps": steps, "filling": NOTHING}
    # The trapezoid of a score that falls from 1 to 0 within the first of n steps is 1 / (2 n).
    assert deletion(one_hot_score, x, best, 0, **options).area().item() == pytest.approx(0.5 / steps)
    assert deletion(one_hot_score, x, -best, 0, **options).area().item() == pytest.approx(1 - 0.5 / steps)
    assert insertion(one_hot_score, x, best, 0, **options).area().item() == pytest.approx(1 - 0.5 / steps)
    assert insertion(one_hot_score, x, -best, 0, **options).area().item() == pytest.approx(0.5 / steps)


def test_a_score_of_the_mean_falls_in_a_straight_line_whatever_the_map() -> None:
    x, heat = torch.ones(3, 1, 6, 6), torch.rand(3, 6, 6)
    curve = deletion(one_hot_score, x, heat, torch.tensor([1, 1, 1]), steps=6, filling=NOTHING)
    assert torch.allclose(curve.score_KB, 1 - curve.share_K[:, None].expand(-1, 3), atol=1e-6)
    assert torch.allclose(curve.area(), torch.full((3,), 0.5))


def test_each_input_is_asked_about_its_own_class() -> None:
    x = torch.ones(2, 1, 4, 4)
    found = probe(one_hot_score, x, first_place(2).expand(2, 4, 4), torch.tensor([0, 1]), share=1 / 16, filling=NOTHING)
    assert found.after_B.tolist() == [0.0, pytest.approx(15 / 16)]


def test_the_mean_fills_without_changing_the_mean() -> None:
    x = torch.full((1, 3, 5, 5), 0.4)
    assert probe(one_hot_score, x, torch.rand(1, 5, 5), 0).after_B.item() == pytest.approx(0.4)


@PLACES
def test_energy_inside_a_mask(places: int) -> None:
    heat = torch.zeros(2, *places * (4,))
    heat[0, ..., :2], heat[0, ..., 2:], heat[1] = 3.0, 1.0, -1.0
    mask = torch.zeros_like(heat, dtype=torch.bool)
    mask[..., :2] = True
    assert energy_inside(heat, mask).tolist() == [0.75, 0.5], "a map without positive heat has only the mask's area"
    heat[0, ..., :2], heat[0, ..., 2:] = 3.0, -1.0
    assert energy_inside(heat, mask)[0] == 1, "what spoke against is no heat"


def test_rank_correlation() -> None:
    a = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    assert spearman(a, a.exp()).item() == pytest.approx(1)
    assert spearman(a, -a).item() == pytest.approx(-1)
    assert spearman(a, torch.ones(1, 4)).item() == 0
    # 1 − 6 Σd² / (n (n² − 1)) with d = 0, 1, 1, 0
    assert spearman(a, torch.tensor([[1.0, 3.0, 2.0, 4.0]])).item() == pytest.approx(1 - 12 / 60)


def test_rank_correlation_with_ties_agrees_with_scipy() -> None:
    from scipy import stats

    theirs: Any = stats.spearmanr

    draw = torch.Generator().manual_seed(0)
    a, b = (torch.randint(5, (1, 7, 7), generator=draw).float() for _ in range(2))
    assert spearman(a, b).item() == pytest.approx(theirs(a.flatten(), b.flatten()).statistic)


@PLACES
def test_blurring_keeps_what_is_flat_and_spreads_what_is_not(places: int) -> None:
    flat = torch.full((1, 2, *places * (9,)), 0.3)
    assert torch.allclose(blurred(flat, radius=2), flat)
    point = torch.zeros(1, 1, *places * (9,))
    point[(0, 0, *places * (4,))] = 1.0
    assert blurred(point, radius=1).max() == pytest.approx(3.0**-places)


def test_random_maps_come_from_their_seed_alone() -> None:
    heat, state = torch.zeros(2, 9, 9), torch.get_rng_state()
    one, same, other = (random_heat(heat, seed=s, grain=3) for s in (1, 1, 2))
    assert torch.equal(one, same) and not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), state)
    assert (one[:, 1:] - one[:, :-1]).abs().mean() < (random_heat(heat, seed=1).diff(dim=1)).abs().mean(), "blobs"


def test_a_displaced_map_is_the_same_map_elsewhere() -> None:
    heat = torch.rand(2, 9, 7, generator=torch.Generator().manual_seed(0))
    moved = displaced(heat, seed=3)
    assert torch.equal(moved, displaced(heat, seed=3)) and not torch.equal(moved, heat)
    assert torch.equal(moved.flatten(1).sort().values, heat.flatten(1).sort().values)


@PLACES
def test_within_a_mask_a_share_is_of_the_mask(places: int) -> None:
    heat = torch.rand(2, *places * (6,), generator=torch.Generator().manual_seed(0))
    within = torch.zeros(2, *places * (6,), dtype=torch.bool)
    within[0, ..., 2:5], within[1, ..., :1] = True, True
    marked = hottest(heat, 0.5, within_BX=within)
    assert not (marked & ~within).any()
    assert marked.flatten(1).sum(1).tolist() == [round(0.5 * 3 * 6 ** (places - 1)), round(0.5 * 6 ** (places - 1))]
    assert heat[0][marked[0]].min() >= heat[0][within[0] & ~marked[0]].max()
    everywhere = torch.ones_like(within)
    assert torch.equal(hottest(heat, 0.3, within_BX=everywhere), hottest(heat, 0.3))


@PLACES
def test_within_a_mask_as_much_goes_elsewhere_in_it(places: int) -> None:
    side = 6
    within = torch.zeros(1, *places * (side,), dtype=torch.bool)
    within[..., 1:5] = True
    x, n = within[:, None].float(), within.sum().item()
    score = lambda x_BCX: x_BCX.flatten(1).sum(1, keepdim=True) / n  # noqa: E731
    for control in (displaced, random_heat):
        found = probe(
            score, x, torch.rand(1, *places * (side,)), 0, share=0.5, filling=NOTHING, within_BX=within, control=control
        )
        assert found.after_B.item() == found.random_B.item() == pytest.approx(0.5), "nothing beyond it is removed"


def test_within_a_mask_the_map_is_laid_down_all_over_it() -> None:
    within = torch.zeros(1, 12, 12, dtype=torch.bool)
    within[:, 3:9, 2:10] = True
    heat = torch.zeros(1, 12, 12)
    heat[:, 3:6, 2:6] = torch.rand(3, 4, generator=torch.Generator().manual_seed(0)) + 1
    one_place = lambda x: x[:, :, 4, 3]  # noqa: E731
    found = probe(
        one_place, torch.ones(1, 1, 12, 12), heat, 0, share=0.25, filling=NOTHING, within_BX=within, rounds=200
    )
    assert found.after_B.item() == 0
    assert 0.6 < found.random_B.item() < 0.85, "a quarter of the mask goes, so about three in four leave the place be"
    maps = [displaced(spread(heat, within), seed=i, within_BX=within) for i in range(200)]
    often = torch.stack([hottest(one, 0.25, within_BX=within) for one in maps]).float().mean(0)
    assert often[within].min() > 0.08, "no part of the mask is spared"


def test_what_is_known_in_a_mask_is_spread_to_the_nearest_around() -> None:
    within = torch.zeros(1, 9, dtype=torch.bool)
    within[0, 2], within[0, 6] = True, True
    found = spread(torch.arange(9.0)[None], within)[0]
    assert found[:4].tolist() == [2, 2, 2, 2] and found[5:].tolist() == [6, 6, 6, 6]
    with pytest.raises(ValueError, match="no place within the mask"):
        spread(torch.ones(1, 9), torch.zeros(1, 9, dtype=torch.bool))


def test_without_a_mask_the_controls_are_those_of_before() -> None:
    heat = torch.arange(20.0).reshape(1, 4, 5)
    # by hand: seed 3 draws the shifts and the mirrors of the numbers before masks were known
    draw = torch.Generator().manual_seed(3)
    shifts = [int(torch.randint(length, (), generator=draw)) for length in (4, 5)]
    mirrored = [place for place in (1, 2) if torch.rand((), generator=draw) < 0.5]
    assert torch.equal(displaced(heat, seed=3), heat.roll(shifts, (1, 2)).flip(mirrored))


def test_stages_go_whole() -> None:
    staged = nn.Sequential(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)), nn.Linear(2, 2))
    whole = [p.clone() for p in staged.parameters()]
    found = []
    for name, small in randomized_cascade(staged, stages=["0", "1"]):
        found.append((name, sum(not torch.equal(a, b) for a, b in zip(whole, small.parameters(), strict=True))))
    assert found == [("1", 2), ("0", 6)]


def net() -> nn.Sequential:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = [
            nn.Conv2d(1, 4, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(4, 4, 3, padding=1),
            nn.Flatten(),
            nn.Linear(64, 2),
        ]
        return nn.Sequential(*layers).eval()


def test_the_cascade_resets_from_the_head_backwards_and_leaves_the_net_alone() -> None:
    whole, state = net(), torch.get_rng_state()
    before = [p.clone() for p in whole.parameters()]
    lost = []
    for name, small in randomized_cascade(whole):
        same = {n for n, p in small.named_parameters() if torch.equal(p, whole.get_parameter(n))}
        lost.append((name, same))
    assert [name for name, _ in lost] == ["4", "2", "0"]
    assert lost[0][1] == {"0.weight", "0.bias", "2.weight", "2.bias"} and lost[-1][1] == set()
    assert all(torch.equal(a, b) for a, b in zip(before, whole.parameters(), strict=True))
    assert torch.equal(torch.get_rng_state(), state)


def test_a_map_of_the_picture_does_not_melt_and_a_map_of_the_weights_does() -> None:
    x = torch.rand(1, 1, 4, 4, generator=torch.Generator().manual_seed(1))
    kept = [alike.item() for *_, alike in cascading_randomization(net(), lambda _: x[:, 0])]
    assert kept == pytest.approx([1.0, 1.0, 1.0])
    weights = lambda model: model[4].weight.detach()[:1].view(1, 8, 8)  # noqa: E731
    assert all(abs(alike.item()) < 0.5 for *_, alike in cascading_randomization(net(), weights))
